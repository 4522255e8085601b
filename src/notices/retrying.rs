//! Dead letters: who may have one sent again, and what that does.

use super::error::NoticeRefusal;
use super::model::{Delivery, DeliveryState};
use super::store;
use crate::db::{Change, Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::explain::{Remover, Verdict};
use crate::ids::NoticeDeliveryId;
use crate::timeline::Event;
use crate::viewer::{Permission, Viewer};

/// Has a delivery that was given up tried again, from its first attempt on. Its letter is the same one, under the same
/// Message-ID.
pub(super) struct Retry {
    pub(super) id: NoticeDeliveryId,
    pub(super) expected_version: i64,
}

impl Change for Retry {
    type Outcome = NoticeDeliveryId;
    const NAME: &'static str = "notices.retry_delivery";
    const ACTION: &'static str = "noticeDeliveryRetry";

    fn scope(&self, viewer: &Viewer) -> Result<Scope, Failure> {
        access(viewer)
    }

    async fn apply(&self, tx: &mut Tx, scope: &Scope) -> Result<NoticeDeliveryId, Failure> {
        let found = store::lock_delivery(tx, scope, self.id).await?;
        let delivery = found.ok_or(NoticeRefusal::DeliveryNotFound)?;
        let current = delivery.version;
        if current != self.expected_version {
            return Err(NoticeRefusal::VersionConflict { current }.into());
        }
        expect_failed(&delivery)?;
        let version = store::record_retried(tx, self.id).await?;
        let action = "notice_delivery.retried";
        let retried = Event::new(delivery.organisation, self.id, version, action);
        let (from, to) = (DeliveryState::Failed, DeliveryState::Pending);
        tx.record(retried.moved(from.as_str(), to.as_str())).await?;
        Ok(self.id)
    }
}

/// The vendor's people who look after the deployment.
fn access(viewer: &Viewer) -> Result<Scope, Failure> {
    viewer.vendor(Permission::RetryNotices)
}

fn expect_failed(delivery: &Delivery) -> Result<(), NoticeRefusal> {
    match delivery.state {
        DeliveryState::Failed => Ok(()),
        from @ (DeliveryState::Pending | DeliveryState::Sent) => {
            Err(NoticeRefusal::DeliveryNotFailed { from })
        }
    }
}

/// Whether the viewer may have it tried again, by what the mutation asks.
pub(super) fn verdict(viewer: &Viewer, delivery: &Delivery) -> Verdict {
    let operator = if viewer.is_vendor() {
        Remover::VendorColleague(Permission::RetryNotices)
    } else {
        Remover::Vendor
    };
    Verdict::new(Retry::ACTION)
        .granted(access(viewer), operator)
        .unless(expect_failed(delivery).err(), Remover::Nobody)
}

/// The delivery that a retry was about, for whoever may have made one.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    id: NoticeDeliveryId,
) -> Result<Option<Delivery>, Failure> {
    access(viewer)?;
    let mut tx = snapshot.read().await?;
    Ok(store::find_delivery(&mut tx, snapshot.scope(), id).await?)
}
