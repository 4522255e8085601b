//! Who invites whom, and what a manager of members reads of it. Each change is a file of its own.

mod accept;
mod invite;
mod revoke;
#[cfg(test)]
mod tests;

pub(super) use accept::Accept;
pub(super) use invite::Invite;
pub(super) use revoke::Revoke;

use chrono::{DateTime, Utc};

use super::model::Invitation;
use super::store;
use crate::db::Snapshot;
use crate::error::Failure;
use crate::ids::InvitationId;
use crate::paging::{Page, Sort, Window};
use crate::viewer::{Permission, Viewer};

/// Those of `ids` that are of the viewer's own organisation, for who manages its members, and the instant of the read.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[InvitationId],
) -> Result<Vec<(Invitation, DateTime<Utc>)>, Failure> {
    let own = viewer.require(Permission::ManageMembers)?.organisation;
    let mut reading = snapshot.read().await?;
    let now = reading.now();
    let found = store::find(&mut reading, own, ids).await?;
    Ok(found
        .into_iter()
        .map(|invitation| (invitation, now))
        .collect())
}

/// The invitations of the viewer's own organisation, for who manages its members.
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    page: (Sort, &Window),
) -> Result<Page<(Invitation, DateTime<Utc>)>, Failure> {
    let own = viewer.require(Permission::ManageMembers)?.organisation;
    let mut reading = snapshot.read().await?;
    let now = reading.now();
    let found = store::list(&mut reading, own, page).await?;
    Ok(found.map(|invitation| (invitation, now)))
}

pub(super) async fn count(viewer: &Viewer, snapshot: &Snapshot) -> Result<i64, Failure> {
    let own = viewer.require(Permission::ManageMembers)?.organisation;
    let mut reading = snapshot.read().await?;
    Ok(store::count(&mut reading, own).await?)
}
