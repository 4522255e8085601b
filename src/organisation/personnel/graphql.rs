//! How dedicated personnel look to a client. Translation only; a rule here is in the wrong file.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, Object};

use super::model::{DedicatedPerson, PersonState, Profile};
use super::service;
use crate::error::Failure;
use crate::graphql::{Date, Read, Result, loaded};
use crate::ids::{PersonId, Tagged as _};
use crate::organisation::OrganisationObject;

impl Loader<PersonId> for Read {
    type Value = DedicatedPerson;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[PersonId],
    ) -> std::result::Result<HashMap<PersonId, DedicatedPerson>, Arc<Failure>> {
        service::by_id(&self.viewer, &self.snapshot, ids)
            .await
            .map_err(Arc::new)
    }
}

/// How far the association of a person with the partner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "PersonState")]
pub(crate) enum DedicatedPersonState {
    /// The invitation was sent.
    Invited,
    /// The invitation was not accepted in time.
    Expired,
    /// Associated with the partner, not dedicated.
    Bound,
    /// The association is over.
    Unbound,
    /// The partner applied for the person's dedicated status.
    ApplyUnderReview,
    /// The vendor refused the application.
    ApplyRejected,
    /// Approved by the vendor; incentives can be paid for the person.
    Dedicated,
    /// The partner asked to end the dedicated status.
    CancelUnderReview,
    /// The dedicated status has ended; the association goes on.
    CancelApproved,
    /// The vendor took the dedicated status away.
    Disqualified,
}

pub(crate) struct DedicatedPersonObject(pub(crate) DedicatedPerson);

/// An individual who works for a partner with the vendor's approval (专职人员). Not a member: cannot act here.
///
/// What the person shares is null before the invitation is accepted and after the association has ended.
#[Object(name = "DedicatedPerson")]
impl DedicatedPersonObject {
    /// Global and opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// How far the association is.
    async fn state(&self) -> DedicatedPersonState {
        self.0.state.into()
    }

    /// The partner; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let organisation = loaded(ctx, self.0.organisation).await?;
        Ok(organisation.map(OrganisationObject))
    }

    /// The person's name.
    async fn name(&self) -> Option<&str> {
        self.profile().map(|profile| profile.name.as_str())
    }

    /// What the person works as, such as Solution Architect.
    async fn position(&self) -> Option<&str> {
        self.profile().map(|profile| profile.position.as_str())
    }

    /// The usual workplace.
    async fn base_location(&self) -> Option<&str> {
        self.profile()?.base_location.as_deref()
    }

    /// Since when the person works with the vendor's cloud.
    async fn started_on(&self) -> Option<Date> {
        self.profile()?.started_on.map(Date)
    }
}

impl DedicatedPersonObject {
    fn profile(&self) -> Option<&Profile> {
        self.0.profile.as_ref()
    }
}
