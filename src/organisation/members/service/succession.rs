//! What has to stay in somebody's hands when a member goes or loses a role (R-ORG-20, R-ORG-21).

use std::collections::BTreeSet;

use super::super::duties::Duties;
use super::super::error::MemberRefusal;
use super::super::model::{Member, MemberRole, MemberState};
use super::super::store;
use crate::db::{Scope, Tx};
use crate::error::Failure;
use crate::identity::links;
use crate::organisation::model::Organisation;

/// Refuses to take the last administrator who can sign in from an organisation. The caller holds its row, so of two who
/// remove each other at the same moment one comes second and is refused.
pub(super) async fn expect_another_administrator(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, leaving): (&Organisation, &Member),
) -> Result<(), Failure> {
    let role = MemberRole::administrator_of(organisation.kind);
    if leaving.state != MemberState::Active || !leaving.roles.contains(&role) {
        return Ok(());
    }
    let mut others = store::active(tx, scope, organisation.id, Some(role)).await?;
    others.retain(|&member| member != leaving.id);
    // An administrator to whom no identity is linked cannot sign in and would lock everybody out.
    if links::identities_of_members(tx, &others).await?.is_empty() {
        return Err(MemberRefusal::LastAdministrator.into());
    }
    Ok(())
}

/// Refuses while the member holds what nobody would hold with only `remaining` roles.
pub(super) async fn expect_no_duties(
    tx: &mut Tx,
    scope: &Scope,
    member: &Member,
    (duties, remaining): (&Duties, &BTreeSet<MemberRole>),
) -> Result<(), Failure> {
    let duties = duties.of(tx, scope, member.id, remaining).await?;
    if duties.is_empty() {
        Ok(())
    } else {
        Err(MemberRefusal::HasDuties { duties }.into())
    }
}
