//! What is looked up once for all opportunities of a request.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use super::super::model::Opportunity;
use super::super::service;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::OpportunityId;
use crate::rules::Site;

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

/// What the policy needs to know of one site, looked up once a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SiteFacts(pub(crate) Site);

impl Loader<SiteFacts> for Read {
    type Value = service::Facts;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        sites: &[SiteFacts],
    ) -> std::result::Result<HashMap<SiteFacts, service::Facts>, Arc<Failure>> {
        let mut found = HashMap::with_capacity(sites.len());
        for site in sites {
            let facts = service::facts(&self.snapshot, site.0).await;
            found.insert(*site, facts.map_err(Arc::new)?);
        }
        Ok(found)
    }
}
