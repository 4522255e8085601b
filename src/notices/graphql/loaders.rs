//! Loads notices and their deliveries for one request.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use super::super::model::{Delivery, Notice};
use super::super::service;
use crate::error::Failure;
use crate::graphql::Read;
use crate::ids::NoticeId;

impl Loader<NoticeId> for Read {
    type Value = Notice;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[NoticeId],
    ) -> std::result::Result<HashMap<NoticeId, Notice>, Arc<Failure>> {
        let found = service::find(&self.viewer, &self.snapshot, ids).await?;
        Ok(found
            .into_iter()
            .map(|notice| (notice.id, notice))
            .collect())
    }
}

/// The deliveries of one notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DeliveriesOf(pub(super) NoticeId);

impl Loader<DeliveriesOf> for Read {
    type Value = Vec<Delivery>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[DeliveriesOf],
    ) -> std::result::Result<HashMap<DeliveriesOf, Vec<Delivery>>, Arc<Failure>> {
        let notices: Vec<NoticeId> = keys.iter().map(|key| key.0).collect();
        let found = service::deliveries_of(&self.viewer, &self.snapshot, &notices).await?;
        let mut by_notice: HashMap<_, Vec<_>> = HashMap::new();
        for delivery in found {
            let of = DeliveriesOf(delivery.notice);
            by_notice.entry(of).or_default().push(delivery);
        }
        Ok(by_notice)
    }
}
