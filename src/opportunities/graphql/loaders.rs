//! What is looked up once for all opportunities of a request.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use super::super::model::Opportunity;
use super::super::service;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::OpportunityId;

impl Loader<OpportunityId> for Read {
    type Value = Opportunity;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[OpportunityId],
    ) -> std::result::Result<HashMap<OpportunityId, Opportunity>, Arc<Failure>> {
        let found = service::find(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.id, one)).collect())
    }
}

impl Loader<service::Wanted> for Read {
    type Value = service::Facts;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        wanted: &[service::Wanted],
    ) -> std::result::Result<HashMap<service::Wanted, service::Facts>, Arc<Failure>> {
        let facts = service::facts::read(&self.snapshot, wanted).await;
        facts.map_err(Arc::new)
    }
}
