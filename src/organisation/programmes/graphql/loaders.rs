//! What is loaded in batches: one statement for all memberships of a page.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::super::model::{
    Agreement, Contact, Memberships, PathMembership, ProgrammeInvitation, ProgrammeMembership,
};
use super::super::service;
use super::super::store::Signature;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::{OrganisationId, PathMembershipId, ProgrammeInvitationId, ProgrammeMembershipId};

type LoadResult<K, V> = Result<HashMap<K, V>, Arc<Failure>>;

impl Loader<ProgrammeMembershipId> for Read {
    type Value = (ProgrammeMembership, NaiveDate);
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[ProgrammeMembershipId],
    ) -> LoadResult<ProgrammeMembershipId, Self::Value> {
        let found = service::programmes(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.0.id, one)).collect())
    }
}

impl Loader<PathMembershipId> for Read {
    type Value = PathMembership;
    type Error = Arc<Failure>;

    async fn load(&self, ids: &[PathMembershipId]) -> LoadResult<PathMembershipId, PathMembership> {
        let found = service::paths(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.id, one)).collect())
    }
}

impl Loader<ProgrammeInvitationId> for Read {
    type Value = (ProgrammeInvitation, DateTime<Utc>);
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[ProgrammeInvitationId],
    ) -> LoadResult<ProgrammeInvitationId, Self::Value> {
        let found = service::invitations(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.0.id, one)).collect())
    }
}

/// Asks for all programme memberships of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ProgrammesOf(pub(super) OrganisationId);

impl Loader<ProgrammesOf> for Read {
    type Value = Vec<(ProgrammeMembership, NaiveDate)>;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[ProgrammesOf]) -> LoadResult<ProgrammesOf, Self::Value> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::programmes_of(&self.viewer, &self.snapshot, &organisations).await;
        let mut grouped: HashMap<_, Vec<_>> = HashMap::new();
        for one in found.map_err(Arc::new)? {
            let key = ProgrammesOf(one.0.organisation);
            grouped.entry(key).or_default().push(one);
        }
        Ok(grouped)
    }
}

/// Asks for all paths of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PathsOf(pub(super) OrganisationId);

impl Loader<PathsOf> for Read {
    type Value = Vec<PathMembership>;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[PathsOf]) -> LoadResult<PathsOf, Vec<PathMembership>> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::paths_of(&self.viewer, &self.snapshot, &organisations).await;
        let mut grouped: HashMap<_, Vec<_>> = HashMap::new();
        for one in found.map_err(Arc::new)? {
            let key = PathsOf(one.organisation);
            grouped.entry(key).or_default().push(one);
        }
        Ok(grouped)
    }
}

/// Asks what a partner is a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MembershipsOf(pub(super) OrganisationId);

impl Loader<MembershipsOf> for Read {
    type Value = Memberships;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[MembershipsOf]) -> LoadResult<MembershipsOf, Memberships> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::memberships(&self.viewer, &self.snapshot, &organisations).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(id, memberships)| (MembershipsOf(id), memberships))
            .collect())
    }
}

/// Asks whom of the vendor a partner asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ContactOf(pub(super) OrganisationId);

impl Loader<ContactOf> for Read {
    type Value = Contact;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[ContactOf]) -> LoadResult<ContactOf, Contact> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::contacts(&self.viewer, &self.snapshot, &organisations).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(id, contact)| (ContactOf(id), contact))
            .collect())
    }
}

/// An agreement by its code: the version that holds now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AgreementCode(pub(super) String);

impl Loader<AgreementCode> for Read {
    type Value = Agreement;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[AgreementCode]) -> LoadResult<AgreementCode, Agreement> {
        let codes: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = service::agreement(&self.snapshot, &codes).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|one| (AgreementCode(one.code.clone()), one))
            .collect())
    }
}

/// The latest signature under a membership that the viewer has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SignatureOf(pub(super) Uuid);

impl Loader<SignatureOf> for Read {
    type Value = Signature;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[SignatureOf]) -> LoadResult<SignatureOf, Signature> {
        let objects: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::signatures(&self.snapshot, &objects).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (SignatureOf(one.object), one)).collect())
    }
}
