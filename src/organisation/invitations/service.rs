//! Who invites whom, and what a manager of members reads of it. Each change is a file of its own.

mod accept;
mod invite;
mod revoke;
#[cfg(test)]
mod tests;

pub(super) use accept::Accept;
pub(super) use invite::Invite;
pub(super) use revoke::Revoke;

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{Invitation, InvitationState};
use super::store;
use crate::db::{Snapshot, Tx};
use crate::error::Failure;
use crate::ids::{InvitationId, OrganisationId, Tagged as _};
use crate::paging::{Page, Sort, Window};
use crate::rules::{self, InboxAttention, Ruled};
use crate::viewer::{Permission, Viewer};
use crate::waiting::{Bounds, Kind, Source};

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

/// Invitations that expire soon, for who manages members: the person is reminded, or gets a new one.
pub(crate) async fn waiting(viewer: &Viewer, tx: &mut Tx) -> Result<Vec<Source>, Failure> {
    let Some(own) = viewer.organisation() else {
        return Ok(Vec::new());
    };
    let now = tx.now();
    let attention: Ruled<InboxAttention> = rules::of_organisation(tx, own, now).await?;
    Ok(vec![Source {
        kind: Kind::RenewInvitation,
        object_kind: InvitationId::TAG,
        read: Permission::ManageMembers,
        act: Permission::ManageMembers,
        rows: store::push_expiring,
        bounds: Bounds {
            organisation: Some(own.0),
            now,
            limit: now + TimeDelta::days(attention.value.invitation_days),
            number: 0,
        },
    }])
}

/// The latest one of an organisation to this name or address, and what it is worth.
pub(in crate::organisation) async fn latest(
    tx: &mut Tx,
    (organisation, names): (OrganisationId, (Option<&str>, Option<&str>)),
    now: DateTime<Utc>,
) -> Result<Option<(InvitationId, InvitationState)>, Failure> {
    let found = store::latest(tx, organisation, names).await?;
    Ok(found.map(|found| (found.id, found.state(now))))
}

pub(super) async fn count(viewer: &Viewer, snapshot: &Snapshot) -> Result<i64, Failure> {
    let own = viewer.require(Permission::ManageMembers)?.organisation;
    let mut reading = snapshot.read().await?;
    Ok(store::count(&mut reading, own).await?)
}
