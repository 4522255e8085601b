//! What a viewer can do with programmes and paths: who may, in which order. Each change is a file of its own.

mod inviting;
mod joining;
mod reading;
mod reviewing;

use chrono::NaiveDate;

pub(super) use inviting::{Invite, RevokeInvitation};
pub(super) use joining::{Consent, Join, JoinPath, Withdraw};
pub(super) use reading::{
    Standing, agreement, contacts, invitations, may_read, memberships, paths, paths_of, programmes,
    programmes_of, signatures, standing, standing_of,
};
pub(crate) use reading::{has_joined, highest_stage, joined};
pub(super) use reviewing::{Approve, Reject};

use super::error::ProgrammeRefusal;
use super::model::ProgrammeMembership;
use super::store;
use crate::db::{Scope, Tx};
use crate::error::Failure;
use crate::ids::{ProgrammeMembershipId, Tagged as _};
use crate::rules::day_of;
use crate::viewer::{Permission, Viewer};
use crate::waiting::{Bounds, Kind, Source};

/// The longest reason that is given to a partner.
const REASON_LENGTH: usize = 500;

/// The day of a transaction, as programmes reckon it.
fn today(tx: &Tx) -> NaiveDate {
    day_of(tx.now())
}

/// A membership as somebody saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) membership: ProgrammeMembershipId,
    pub(super) expected_version: i64,
}

/// Reads a membership within the scope, holds it and refuses when it changed.
async fn lock(tx: &mut Tx, scope: &Scope, target: Target) -> Result<ProgrammeMembership, Failure> {
    let membership = store::lock_programme(tx, scope, target.membership)
        .await?
        .ok_or(ProgrammeRefusal::MembershipNotFound)?;
    if membership.version != target.expected_version {
        let current = membership.version;
        return Err(ProgrammeRefusal::VersionConflict { current }.into());
    }
    Ok(membership)
}

/// A refusal without a reason helps nobody (R-GEN-4).
fn check_reason(reason: &str) -> Result<&str, ProgrammeRefusal> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LENGTH {
        return Err(ProgrammeRefusal::ReasonInvalid);
    }
    Ok(reason)
}

/// Applications that wait for the vendor.
pub(crate) fn waiting(viewer: &Viewer, tx: &Tx) -> Vec<Source> {
    if !viewer.is_vendor() {
        return Vec::new();
    }
    vec![Source {
        kind: Kind::ReviewProgrammeApplication,
        object_kind: ProgrammeMembershipId::TAG,
        read: Permission::ReadOrganisations,
        act: Permission::ReviewProgrammes,
        rows: store::push_applications,
        bounds: Bounds {
            organisation: None,
            now: tx.now(),
            limit: tx.now(),
            number: 0,
        },
    }]
}
