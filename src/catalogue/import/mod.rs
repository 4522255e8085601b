//! The import of facts: a CSV table of one kind, checked as a whole and written as a whole (`REJECT_ALL`).
//!
//! Any wrong row refuses the table, with every fault at once, so that what is in the database is always one state that
//! the vendor's systems had. Rows that are not in a table stay as they are: a membership that ended says so.

mod accounts;
mod customer_accounts;
mod facts;
mod members;
mod store;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openssl::sha::sha256;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub(crate) use facts::FactKind;

use super::error::FactFault;
use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::ids::{
    AccountFactsId, FactsImportId, IamUserId, OfferingId, OrganisationId, PathMembershipId,
    ProgrammeMembershipId, QualificationReviewId, Tagged,
};
use crate::organisation::directory::{self, IamUser};
use crate::organisation::founding;
use crate::timeline::{Event, ObjectRef};
use crate::viewer::{Permission, Viewer};
use accounts::AccountRow;
use customer_accounts::CustomerAccountRow;
use facts::{
    Fact, OfferingRow, OfficeRow, PathRow, PersonalAccountRow, ProgrammeRow, RegionRow, ServiceRow,
};
use members::{IamUserRow, ReviewRow};
use store::Written;
use table::Table;

/// Faults that are told at once.
const FAULTS: usize = 200;

/// Whether an import is for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Counts what would be written, and leaves everything as it is.
    DryRun,
    Write,
}

/// A table of facts.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) kind: FactKind,
    pub(crate) csv: String,
    pub(crate) mode: Mode,
}

/// What the rows of a table came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Imported {
    pub(crate) added: usize,
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
}

impl Change for Import {
    type Outcome = Imported;
    const NAME: &'static str = "catalogue.import_facts";
    const ACTION: &'static str = "factsImport";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        viewer.vendor(Permission::ImportFacts)
    }

    async fn apply(&self, tx: &mut Tx, _: &Scope) -> Result<Imported, Failure> {
        self.run(tx).await
    }
}

impl Import {
    /// Checks and writes, in the transaction of the vendor or of a job.
    pub(crate) async fn run(&self, tx: &mut Tx) -> Result<Imported, Failure> {
        match self.kind {
            FactKind::ProgrammeMemberships => {
                let rows = read::<ProgrammeRow>(&self.csv)?;
                let rows = owned(tx, rows, |row| &row.organisation).await?;
                let count = self.begin(tx, rows.len()).await?;
                let written = store::programmes(tx, &rows).await?;
                let tag = ProgrammeMembershipId::TAG;
                let subject = (Some(tag), "programme_membership.imported");
                self.end(tx, count, (&written, subject)).await
            }
            FactKind::PathMemberships => {
                let rows = read::<PathRow>(&self.csv)?;
                let rows = owned(tx, rows, |row| &row.organisation).await?;
                let count = self.begin(tx, rows.len()).await?;
                let written = store::paths(tx, &rows).await?;
                let subject = (Some(PathMembershipId::TAG), "path_membership.imported");
                self.end(tx, count, (&written, subject)).await
            }
            FactKind::Accounts => {
                let rows = read::<AccountRow>(&self.csv)?;
                let rows = owned(tx, rows, |row| &row.organisation).await?;
                let count = self.begin(tx, rows.len()).await?;
                let written = store::accounts(tx, &rows).await?;
                let subject = (Some(AccountFactsId::TAG), "account.imported");
                self.end(tx, count, (&written, subject)).await
            }
            FactKind::Offerings => {
                let rows = read::<OfferingRow>(&self.csv)?;
                let rows = owned(tx, rows, |row| &row.organisation).await?;
                let count = self.begin(tx, rows.len()).await?;
                let written = store::offerings(tx, &rows).await?;
                let subject = (Some(OfferingId::TAG), "offering.imported");
                self.end(tx, count, (&written, subject)).await
            }
            FactKind::Offices => {
                let rows = bare(read::<OfficeRow>(&self.csv)?);
                let count = self.begin(tx, rows.len()).await?;
                let written = store::offices_written(tx, &rows).await?;
                self.end(tx, count, (&written, (None, ""))).await
            }
            FactKind::OfficeRegions => self.regions(tx).await,
            FactKind::QualificationReviews => self.reviews(tx).await,
            FactKind::IamUsers => self.iam_users(tx).await,
            FactKind::CloudServices => {
                let rows = bare(read::<ServiceRow>(&self.csv)?);
                let count = self.begin(tx, rows.len()).await?;
                let written = store::services(tx, &rows).await?;
                self.end(tx, count, (&written, (None, ""))).await
            }
            FactKind::PersonalAccounts | FactKind::CustomerAccounts => self.people(tx).await,
        }
    }

    async fn regions(&self, tx: &mut Tx) -> Result<Imported, Failure> {
        let rows = read::<RegionRow>(&self.csv)?;
        check_offices(tx, &rows).await?;
        let rows = bare(rows);
        let count = self.begin(tx, rows.len()).await?;
        let written = store::regions(tx, &rows).await?;
        self.end(tx, count, (&written, (None, ""))).await
    }

    /// The same for tables about people's accounts, which are of no partner.
    async fn people(&self, tx: &mut Tx) -> Result<Imported, Failure> {
        let (count, written) = if self.kind == FactKind::PersonalAccounts {
            let rows = bare(read::<PersonalAccountRow>(&self.csv)?);
            let count = self.begin(tx, rows.len()).await?;
            (count, store::personal_accounts::written(tx, &rows).await?)
        } else {
            let rows = bare(read::<CustomerAccountRow>(&self.csv)?);
            let count = self.begin(tx, rows.len()).await?;
            (count, store::customer_accounts::written(tx, &rows).await?)
        };
        self.end(tx, count, (&written, (None, ""))).await
    }

    async fn reviews(&self, tx: &mut Tx) -> Result<Imported, Failure> {
        let rows = read::<ReviewRow>(&self.csv)?;
        let rows = owned(tx, rows, |row| &row.organisation).await?;
        let count = self.begin(tx, rows.len()).await?;
        let written = store::reviews(tx, &rows).await?;
        let subject = (
            Some(QualificationReviewId::TAG),
            "qualification_review.imported",
        );
        self.end(tx, count, (&written, subject)).await
    }

    async fn iam_users(&self, tx: &mut Tx) -> Result<Imported, Failure> {
        let rows = read::<IamUserRow>(&self.csv)?;
        let rows = owned(tx, rows, |row| &row.organisation).await?;
        let count = self.begin(tx, rows.len()).await?;
        let written = iam_users(tx, rows).await?;
        let subject = (Some(IamUserId::TAG), "iam_user.imported");
        self.end(tx, count, (&written, subject)).await
    }

    async fn begin(&self, tx: &mut Tx, rows: usize) -> Result<usize, StoreError> {
        store::take_turn(tx).await?;
        if self.mode == Mode::DryRun {
            store::rehearse(tx).await?;
        }
        Ok(rows)
    }

    /// Records what was written: one entry for each fact about a partner, and one for the table, with the vendor.
    async fn end(
        &self,
        tx: &mut Tx,
        rows: usize,
        (written, (tag, action)): (&[Written], (Option<&'static str>, &'static str)),
    ) -> Result<Imported, Failure> {
        let added = written.iter().filter(|row| row.is_new).count();
        let imported = Imported {
            added,
            changed: written.len() - added,
            unchanged: rows - written.len(),
        };
        if self.mode == Mode::DryRun {
            store::forget(tx).await?;
            return Ok(imported);
        }
        for row in written {
            let (Some(kind), Some((organisation, id, version))) = (tag, row.object) else {
                continue;
            };
            let object = ObjectRef { kind, id };
            let event = Event::new(OrganisationId(organisation), object, version, action);
            tx.record(event.detail(json!({ "key": row.key }))).await?;
        }
        let vendor = founding::find_vendor(tx).await?;
        let vendor = vendor.ok_or_else(|| Refusal::new(Code::Precondition, "NO_VENDOR"))?;
        let id: FactsImportId = tx.fresh_id();
        // Of persons there is no key: histories name nobody.
        let keys = written.iter().map(|row| row.key.as_str());
        let keys: Vec<&str> = keys.filter(|key| !key.is_empty()).collect();
        let event = Event::new(vendor, id, 1, "facts.imported");
        tx.record(event.detail(json!({
            "kind": self.kind.as_str(),
            "added": imported.added,
            "changed": imported.changed,
            "unchanged": imported.unchanged,
            // The vendor's own lists have no entries of their own.
            "keys": if tag.is_none() { keys } else { Vec::new() },
            "sha256": hex(&sha256(self.csv.as_bytes())),
        })))
        .await?;
        Ok(imported)
    }
}

/// The directory is the organisations' own; it says what was added or changed like any other table.
async fn iam_users(
    tx: &mut Tx,
    rows: Vec<(Uuid, Uuid, IamUserRow)>,
) -> Result<Vec<Written>, StoreError> {
    let rows: Vec<(Uuid, Uuid, IamUser)> = rows
        .into_iter()
        .map(|(organisation, id, row)| {
            let user = IamUser {
                is_present: row.state == facts::Presence::Present,
                user_name: row.user_name,
                email: row.email,
            };
            (organisation, id, user)
        })
        .collect();
    let written = directory::write(tx, &rows).await?;
    Ok(written
        .into_iter()
        .map(|row| Written {
            object: Some((row.organisation, row.id, row.version)),
            key: row.user_name,
            is_new: row.version == 1,
        })
        .collect())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The typed rows of a table with their lines; every fault of every row at once.
fn read<F: Fact>(csv: &str) -> Result<Vec<(u64, F)>, Failure> {
    let table = Table::read(csv, F::COLUMNS)?;
    let mut faults = Faults::default();
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut rows = Vec::new();
    for cells in table.rows() {
        let Some(row) = F::read(&cells, &mut faults) else {
            continue;
        };
        let (one, other) = row.key();
        if let Some(&first) = seen.get(&(one.to_owned(), other.to_owned())) {
            faults.add(FactFault::RowRepeated { first }.at(cells.place(F::KEY)));
            continue;
        }
        seen.insert((one.to_owned(), other.to_owned()), cells.row);
        rows.push((cells.row, row));
    }
    checked(faults)?;
    Ok(rows)
}

/// Refuses with the first of the faults and how many more there are.
fn checked(faults: Faults) -> Result<(), Failure> {
    let Err(Failure::Refused(mut refusals)) = faults.check() else {
        return Ok(());
    };
    let more = refusals.rest.len().saturating_sub(FAULTS - 1);
    if more > 0 {
        refusals.rest.truncate(FAULTS - 1);
        let count = more;
        refusals
            .rest
            .push(FactFault::MoreFaults { count }.of_table());
    }
    Err(Failure::Refused(refusals))
}

fn bare<F>(rows: Vec<(u64, F)>) -> Vec<F> {
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Each row with its organisation and a fresh id, in the order in which imports lock rows.
async fn owned<F>(
    tx: &mut Tx,
    rows: Vec<(u64, F)>,
    number: impl Fn(&F) -> &String,
) -> Result<Vec<(Uuid, Uuid, F)>, Failure> {
    let numbers: BTreeSet<String> = rows.iter().map(|(_, row)| number(row).clone()).collect();
    let numbers: Vec<String> = numbers.into_iter().collect();
    let known: HashMap<String, Uuid> = store::partners(tx, &numbers).await?.into_iter().collect();
    let mut faults = Faults::default();
    let mut owned = Vec::with_capacity(rows.len());
    for (line, row) in rows {
        if let Some(&organisation) = known.get(number(&row)) {
            owned.push((organisation, tx.fresh_id::<FactsImportId>().0, row));
        } else {
            let (row, column) = (line, "organisation");
            let place = super::error::Place { row, column };
            faults.add(FactFault::OrganisationUnknown.at(place));
        }
    }
    checked(faults)?;
    Ok(owned)
}

async fn check_offices(tx: &mut Tx, rows: &[(u64, RegionRow)]) -> Result<(), Failure> {
    let codes: Vec<String> = rows.iter().map(|(_, row)| row.office.clone()).collect();
    let known: BTreeSet<String> = store::offices(tx, &codes).await?.into_iter().collect();
    let mut faults = Faults::default();
    for (line, row) in rows {
        if !known.contains(&row.office) {
            let (row, column) = (*line, "office");
            let place = super::error::Place { row, column };
            faults.add(FactFault::OfficeUnknown.at(place));
        }
    }
    checked(faults)
}
