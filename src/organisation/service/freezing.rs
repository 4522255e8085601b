//! The vendor freezes an organisation and releases it again (R-GEN-9).

use crate::db::{Change, Scope, Tx};
use crate::error::{Failure, Faults};
use crate::identity::sessions;
use crate::ids::OrganisationId;
use crate::organisation::error::OrganisationRefusal;
use crate::organisation::model::Organisation;
use crate::organisation::policy::{self, Action};
use crate::organisation::store;
use crate::timeline::Event;
use crate::viewer::Viewer;

/// The longest cause, and the longest condition of release.
const TEXT_LENGTH: usize = 500;

/// From its commit on the organisation's people read and do what the rule set lists, and nothing else.
#[derive(Debug, Clone)]
pub(in crate::organisation) struct Freeze {
    pub(in crate::organisation) organisation: OrganisationId,
    pub(in crate::organisation) expected_version: i64,
    pub(in crate::organisation) cause: String,
    pub(in crate::organisation) release: String,
}

impl Change for Freeze {
    type Outcome = OrganisationId;
    const NAME: &'static str = "organisations.freeze";
    const ACTION: &'static str = "organisationFreeze";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<OrganisationId, Failure> {
        let id = self.organisation;
        let organisation = lock(tx, scope, (id, self.expected_version)).await?;
        policy::of_organisation(Action::Freeze, &organisation).check_first()?;
        self.check_texts()?;
        let texts = Some((self.cause.as_str(), self.release.as_str()));
        let version = store::record_frozen(tx, id, texts).await?;
        let frozen = Event::new(id, id, version, "organisation.frozen").moved("ACTIVE", "FROZEN");
        let details = serde_json::json!({ "release": self.release });
        tx.record(frozen.because(&*self.cause).detail(details))
            .await?;
        sessions::forget_viewers_of_organisation(tx, id).await?;
        Ok(id)
    }
}

impl Freeze {
    /// What nobody says, nobody can remedy: both texts are needed.
    fn check_texts(&self) -> Result<(), Failure> {
        let is_text = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_LENGTH;
        let mut faults = Faults::default();
        if !is_text(&self.cause) {
            faults.add(OrganisationRefusal::CauseInvalid);
        }
        if !is_text(&self.release) {
            faults.add(OrganisationRefusal::ReleaseInvalid);
        }
        faults.check()
    }
}

/// From its commit on the organisation acts again.
#[derive(Debug, Clone)]
pub(in crate::organisation) struct Release {
    pub(in crate::organisation) organisation: OrganisationId,
    pub(in crate::organisation) expected_version: i64,
}

impl Change for Release {
    type Outcome = OrganisationId;
    const NAME: &'static str = "organisations.release";
    const ACTION: &'static str = "organisationRelease";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        policy::access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<OrganisationId, Failure> {
        let id = self.organisation;
        let organisation = lock(tx, scope, (id, self.expected_version)).await?;
        policy::of_organisation(Action::Release, &organisation).check_first()?;
        let version = store::record_frozen(tx, id, None).await?;
        let released = Event::new(id, id, version, "organisation.released");
        tx.record(released.moved("FROZEN", "ACTIVE")).await?;
        sessions::forget_viewers_of_organisation(tx, id).await?;
        Ok(id)
    }
}

async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    (id, expected_version): (OrganisationId, i64),
) -> Result<Organisation, Failure> {
    let organisation = store::lock(tx, scope, id)
        .await?
        .ok_or(OrganisationRefusal::NotFound)?;
    if organisation.version != expected_version {
        let current = organisation.version;
        return Err(OrganisationRefusal::VersionConflict { current }.into());
    }
    Ok(organisation)
}

#[cfg(test)]
mod tests;
