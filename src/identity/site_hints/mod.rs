//! What a person has put aside of the hint that the account belongs to another site (R-GEN-10).
//!
//! Kept for the person, not for the browser and not for one membership.

mod store;

use crate::db::{Change, Scope, StoreError, Tx};
use crate::error::Failure;
use crate::identity::IdentityRefusal;
use crate::ids::{IdentityId, Tagged as _};
use crate::viewer::Viewer;

/// Whether the person wants to read no more that the account belongs to `site`.
pub(crate) async fn is_dismissed(
    tx: &mut Tx,
    identity: IdentityId,
    site: &str,
) -> Result<bool, StoreError> {
    store::is_dismissed(tx, identity, site).await
}

/// Puts the hint of one site aside, for good. Doing it again changes nothing.
#[derive(Debug, Clone)]
pub(crate) struct Dismiss {
    identity: IdentityId,
    site: &'static str,
}

impl Dismiss {
    pub(crate) fn new(viewer: &Viewer, site: &'static str) -> Result<Self, Failure> {
        Ok(Self {
            identity: person(viewer)?,
            site,
        })
    }
}

fn person(viewer: &Viewer) -> Result<IdentityId, Failure> {
    match viewer {
        Viewer::Member(member) => Ok(member.identity),
        Viewer::Federated(person) => Ok(person.identity),
        Viewer::Service(_) => Err(IdentityRefusal::NoSession.into()),
    }
}

impl Change for Dismiss {
    type Outcome = ();
    const NAME: &'static str = "site_hints.dismiss";
    const ACTION: &'static str = "siteHintDismiss";

    /// Nothing of any organisation is touched, so a frozen one has no say in it.
    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        person(viewer)?;
        Ok(Scope::Nobody)
    }

    /// The person, as whatever member the session acts.
    fn actor(&self, _viewer: &Viewer) -> String {
        self.identity.global()
    }

    async fn apply(&self, tx: &mut Tx, _scope: &Scope) -> Result<(), Failure> {
        store::dismiss(tx, self.identity, self.site).await?;
        Ok(())
    }
}
