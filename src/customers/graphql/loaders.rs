//! What is looked up once for all customers of a request.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};

use super::super::model::{Consent, Customer, EndFacts, Invitation};
use super::super::service;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::{CustomerId, CustomerInvitationId};

type Found<K, V> = std::result::Result<HashMap<K, V>, Arc<Failure>>;

impl Loader<CustomerId> for Read {
    type Value = Customer;
    type Error = Arc<Failure>;

    async fn load(&self, ids: &[CustomerId]) -> Found<CustomerId, Customer> {
        let found = service::by_id(&self.viewer, &self.snapshot, ids).await;
        found.map_err(Arc::new)
    }
}

impl Loader<CustomerInvitationId> for Read {
    type Value = (Invitation, DateTime<Utc>);
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[CustomerInvitationId],
    ) -> Found<CustomerInvitationId, (Invitation, DateTime<Utc>)> {
        let found = service::invitations_by_id(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(one, now)| (one.id, (one, now))).collect())
    }
}

/// Asks what a customer, whom the viewer sees, agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ConsentOf(pub(super) CustomerId);

impl Loader<ConsentOf> for Read {
    type Value = Consent;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[ConsentOf]) -> Found<ConsentOf, Consent> {
        let ids: Vec<CustomerId> = keys.iter().map(|key| key.0).collect();
        let found = service::consents(&self.snapshot, &ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(id, one)| (ConsentOf(id), one)).collect())
    }
}

/// Asks what stands in the way of the end of the relation of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct EndFactsOf(pub(super) String);

impl Loader<EndFactsOf> for Read {
    type Value = EndFacts;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[EndFactsOf]) -> Found<EndFactsOf, EndFacts> {
        let accounts: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = service::end_facts(&self.viewer, &self.snapshot, &accounts).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(id, one)| (EndFactsOf(id), one)).collect())
    }
}
