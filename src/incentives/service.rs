//! What a viewer can read of incentives. A reseller's amounts are its own and the vendor's, never its distributor's.

mod expiry;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

pub(crate) use self::expiry::ExpiringIncentives;
use super::error::IncentiveRefusal;
use super::model::{Incentive, State, Variant};
use super::store;
use crate::db::{Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{IncentiveId, Tagged as _};
use crate::paging::{Page, Sort, Window};
use crate::viewer::{ActingFor, Permission, Viewer};
use crate::waiting::{Bounds, Kind, Source};

/// Which incentives a list shows; what is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// By the state at the time of the request, not the stored one.
    pub(super) states: Option<Vec<State>>,
    pub(super) variants: Option<Vec<Variant>>,
    pub(super) from_month: Option<NaiveDate>,
    pub(super) to_month: Option<NaiveDate>,
    pub(super) due_before: Option<DateTime<Utc>>,
}

impl Filter {
    fn check(&self) -> Result<(), IncentiveRefusal> {
        match (self.from_month, self.to_month) {
            (Some(from), Some(to)) if from > to => Err(IncentiveRefusal::MonthsReversed),
            _ => Ok(()),
        }
    }
}

/// The incentives that the viewer may see; without the permission there are none.
pub(super) async fn by_id(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[IncentiveId],
) -> Result<HashMap<IncentiveId, Incentive>, Failure> {
    if !viewer.may(Permission::ReadIncentives) {
        return Ok(HashMap::new());
    }
    let mut tx = snapshot.read().await?;
    let found = store::find(&mut tx, snapshot.scope(), ids).await?;
    Ok(found
        .into_iter()
        .map(|incentive| (incentive.id, incentive))
        .collect())
}

/// A partner sees its own, the vendor all.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
    (sort, window): (Sort, &Window),
) -> Result<Page<Incentive>, Failure> {
    viewer.require(Permission::ReadIncentives)?;
    filter.check()?;
    let mut tx = snapshot.read().await?;
    Ok(store::list(&mut tx, snapshot.scope(), filter, (sort, window)).await?)
}

/// Incentives to be confirmed, for the partner whose they are. Nobody in particular has them in hand.
pub(crate) fn waiting(viewer: &Viewer, tx: &Tx) -> Vec<Source> {
    let source = |own: ActingFor| Source {
        kind: Kind::ConfirmIncentive,
        object_kind: IncentiveId::TAG,
        read: Permission::ReadIncentives,
        act: Permission::ReadIncentives,
        rows: store::push_unconfirmed,
        bounds: Bounds {
            organisation: Some(own.organisation.0),
            now: tx.now(),
            limit: tx.now(),
            number: 0,
        },
    };
    viewer.acting_for().map(source).into_iter().collect()
}

/// How many [`list`] would show in all.
pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadIncentives)?;
    filter.check()?;
    let mut tx = snapshot.read().await?;
    Ok(store::count(&mut tx, snapshot.scope(), filter).await?)
}

#[cfg(test)]
mod tests;
