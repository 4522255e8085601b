//! Importing facts: the input as a change, and what came of it.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::import::{Import, Mode};
use super::FactKind;
use crate::graphql::{ContextExt as _, Result, UserError, payload};

/// A table of facts as CSV.
#[derive(Debug, InputObject)]
pub(crate) struct FactsImportInput {
    /// What the table is about, and so which columns it has.
    kind: FactKind,
    /// The table in UTF-8, the names of its columns in the first line; at most 10,000 rows, and not more than the
    /// gateway takes in one request. Cells that begin with = + - or @ are refused: spreadsheets would compute them.
    csv: String,
    /// Only counts what would be written, and finds every fault.
    #[graphql(default)]
    dry_run: bool,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of an import.
#[derive(SimpleObject)]
pub(crate) struct FactsImportPayload {
    /// Rows about what was not known before; null when the table was refused.
    added: Option<i32>,
    /// Rows that say something else than before; null when the table was refused.
    changed: Option<i32>,
    /// Rows that say what is known already; null when the table was refused.
    unchanged: Option<i32>,
    /// Everything that is wrong, up to 200 faults at once, each with csv, row and column as its path. Any wrong row
    /// refuses the whole table: nothing of it is written.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct CatalogueMutation;

#[Object]
impl CatalogueMutation {
    /// Takes over what the vendor's own systems know of partners and of its catalogue; needs fact.import. The whole
    /// table is written or nothing of it. What a table does not mention stays as it is.
    async fn facts_import(
        &self,
        ctx: &Context<'_>,
        input: FactsImportInput,
    ) -> Result<FactsImportPayload> {
        let change = Import {
            kind: input.kind.into(),
            csv: input.csv,
            mode: if input.dry_run {
                Mode::DryRun
            } else {
                Mode::Write
            },
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (imported, errors, replayed) = payload(ctx, applied)?;
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(FactsImportPayload {
            added: imported.map(|imported| count(imported.added)),
            changed: imported.map(|imported| count(imported.changed)),
            unchanged: imported.map(|imported| count(imported.unchanged)),
            errors,
            replayed,
        })
    }
}
