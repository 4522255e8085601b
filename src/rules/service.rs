//! The rule set as people read it, and as the vendor's operators change it: only days to come, and never a row.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::error::RuleRefusal;
use super::{Site, day_of, registry, store};
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::{Code, Failure, Faults, Refusal};
use crate::explain::{Remover, Verdict};
use crate::ids::{OrganisationId, RuleId};
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// Characters of a source or a reason.
const LONGEST_TEXT: usize = 500;
/// Characters of a value: rules are numbers and short lists.
const LONGEST_VALUE: usize = 4_000;

/// One value of a rule and the days on which it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: RuleId,
    pub(crate) line: Line,
    pub(crate) effective_from: NaiveDate,
    /// The day from which the next one holds.
    pub(crate) effective_until: Option<NaiveDate>,
    pub(crate) value: Value,
    pub(crate) source: String,
    pub(crate) scheduled_at: Option<DateTime<Utc>>,
    pub(crate) withdrawn_at: Option<DateTime<Utc>>,
    pub(crate) version: i64,
}

/// Entries of one line follow each other day by day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) site: Site,
    pub(crate) programme: String,
}

/// Schedules the value of a rule from a day to come on.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// Whose history tells of it; the viewer's own.
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) line: Line,
    pub(crate) effective_from: NaiveDate,
    /// JSON.
    pub(crate) value: String,
    pub(crate) source: String,
}

impl Change for Schedule {
    type Outcome = RuleId;
    const NAME: &'static str = "rules.schedule";
    const ACTION: &'static str = "ruleSchedule";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<RuleId, Failure> {
        let organisation = self.organisation.ok_or(RuleRefusal::PersonRequired)?;
        let entry = self.check(tx)?;
        if let Some(existing) = store::insert(tx, &entry).await? {
            return Err(RuleRefusal::AlreadyScheduled { existing }.into());
        }
        let details = json!({
            "name": entry.line.name,
            "site": entry.line.site.as_str(),
            "programme": entry.line.programme,
            "effectiveFrom": entry.effective_from,
            "value": entry.value,
            "source": entry.source,
        });
        let scheduled = Event::new(organisation, entry.id, entry.version, "rule.scheduled");
        tx.record(scheduled.detail(details)).await?;
        Ok(entry.id)
    }
}

impl Schedule {
    /// Everything that is wrong at once.
    fn check(&self, tx: &Tx) -> Result<Entry, Failure> {
        let mut faults = Faults::default();
        let kind = registry::find(&self.line.name, &self.line.programme);
        let value = match kind {
            None => {
                faults.add(RuleRefusal::Unknown);
                None
            }
            Some(kind) => {
                let is_short = self.value.chars().count() <= LONGEST_VALUE;
                let value = kind.read(&self.value).filter(|_| is_short);
                if value.is_none() {
                    let example = kind.example;
                    faults.add(RuleRefusal::Unreadable { example });
                }
                value
            }
        };
        let source = self.source.trim();
        if source.is_empty() {
            faults.add(RuleRefusal::SourceRequired);
        }
        if let Some(fault) = too_long("source", source) {
            faults.add(fault);
        }
        let today = day_of(tx.now());
        if self.effective_from <= today {
            faults.add(RuleRefusal::Retroactive { today });
        }
        faults.check()?;
        Ok(Entry {
            id: tx.fresh_id(),
            line: self.line.clone(),
            effective_from: self.effective_from,
            effective_until: None,
            value: value.ok_or(RuleRefusal::Unknown)?,
            source: source.to_owned(),
            scheduled_at: Some(tx.now()),
            withdrawn_at: None,
            version: 1,
        })
    }
}

fn too_long(field: &'static str, text: &str) -> Option<RuleRefusal> {
    let maximum = LONGEST_TEXT;
    (text.chars().count() > maximum).then_some(RuleRefusal::TooLong { field, maximum })
}

/// A rule is changed by a person of the vendor, who answers for it.
fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    let scope = viewer.vendor(Permission::ManageRules)?;
    match viewer {
        Viewer::Member(_) => Ok(scope),
        Viewer::Service(_) | Viewer::Federated(_) => Err(RuleRefusal::PersonRequired.into()),
    }
}

/// Takes back what was scheduled and has not begun; another value can then be scheduled for that day.
#[derive(Debug, Clone)]
pub(crate) struct Withdraw {
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) id: RuleId,
    pub(crate) expected_version: i64,
    pub(crate) reason: String,
}

impl Change for Withdraw {
    type Outcome = RuleId;
    const NAME: &'static str = "rules.withdraw";
    const ACTION: &'static str = "ruleWithdraw";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<RuleId, Failure> {
        let organisation = self.organisation.ok_or(RuleRefusal::PersonRequired)?;
        let entry = store::lock(tx, self.id)
            .await?
            .ok_or(RuleRefusal::NotFound)?;
        let current = entry.version;
        if current != self.expected_version {
            return Err(RuleRefusal::VersionConflict { current }.into());
        }
        expect_withdrawable(&entry, tx.now())?;
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(RuleRefusal::ReasonRequired.into());
        }
        if let Some(fault) = too_long("reason", reason) {
            return Err(fault.into());
        }
        let version = current + 1;
        store::record_withdrawn(tx, entry.id, version).await?;
        let withdrawn = Event::new(organisation, entry.id, version, "rule.withdrawn");
        tx.record(withdrawn.because(reason)).await?;
        Ok(entry.id)
    }
}

/// Refuses what is withdrawn already or has begun to hold.
fn expect_withdrawable(entry: &Entry, now: DateTime<Utc>) -> Result<(), RuleRefusal> {
    if entry.withdrawn_at.is_some() {
        return Err(RuleRefusal::AlreadyWithdrawn);
    }
    let since = entry.effective_from;
    if since <= day_of(now) {
        return Err(RuleRefusal::InForce { since });
    }
    Ok(())
}

/// Whether the viewer may withdraw it at the time of this read, by what the mutation asks.
pub(super) async fn withdraw_verdict(
    viewer: &Viewer,
    snapshot: &Snapshot,
    entry: &Entry,
) -> Result<Verdict, Failure> {
    let now = snapshot.read().await?.now();
    let verdict = Verdict::new(Withdraw::ACTION)
        .granted(
            access(viewer),
            Remover::VendorColleague(Permission::ManageRules),
        )
        .unless(expect_withdrawable(entry, now).err(), Remover::Nobody);
    Ok(verdict)
}

/// What a reader narrows the rule set by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) site: Option<Site>,
    pub(crate) programme: Option<String>,
    /// Today, if it is left out.
    pub(crate) on: Option<NaiveDate>,
}

/// The entries that hold on a day, one for each line. Rules hold for partners: whoever acts for an organisation reads
/// them.
pub(crate) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<Vec<Entry>, Failure> {
    if viewer.acting_for().is_none() {
        return Err(Refusal::new(Code::Forbidden, "NOT_A_MEMBER").into());
    }
    let mut tx = snapshot.read().await?;
    let day = filter.on.unwrap_or_else(|| day_of(tx.now()));
    Ok(store::list(&mut tx, filter, day).await?)
}

pub(crate) async fn find(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[RuleId],
) -> Result<Vec<Entry>, Failure> {
    if viewer.acting_for().is_none() {
        return Ok(Vec::new());
    }
    let mut tx = snapshot.read().await?;
    Ok(store::by_id(&mut tx, ids).await?)
}

/// All entries of these lines, the newest day first.
pub(crate) async fn histories(
    viewer: &Viewer,
    snapshot: &Snapshot,
    lines: &[Line],
) -> Result<Vec<Entry>, Failure> {
    if viewer.acting_for().is_none() {
        return Ok(Vec::new());
    }
    let mut tx = snapshot.read().await?;
    Ok(store::histories(&mut tx, lines).await?)
}
