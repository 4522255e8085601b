//! What has to stay in somebody's hands when a member goes, loses a role or cannot sign in any more (R-ORG-20, R-ORG-21).

use std::collections::HashMap;

use super::super::duties::{Duties, Remaining};
use super::super::model::{Member, MemberRole, MemberState};
use super::super::policy::Facts;
use super::super::store;
use crate::db::{Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::identity::links;
use crate::ids::{MemberId, Tagged as _};
use crate::organisation::model::Organisation;
use crate::viewer::Viewer;

/// The facts about members of one organisation, in a number of statements that does not grow with them.
///
/// A change asks while it holds the organisation's row, so of two administrators who remove each other at the same
/// moment one comes second and is refused.
pub(super) async fn of(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, members): (&Organisation, &[Member]),
    (actor, duties): (&str, &Duties),
) -> Result<HashMap<MemberId, Facts>, Failure> {
    let role = MemberRole::administrator_of(organisation.kind);
    let administrators = store::active(tx, scope, organisation.id, Some(role)).await?;
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let all = [administrators.as_slice(), ids.as_slice()].concat();
    let linked = links::identities_of_members(tx, &all).await?;
    let asks = MemberId::parse(actor);
    let beyond = store::beyond(tx, (organisation.id, role), (asks, &ids)).await?;
    let mut duties = duties.of(tx, scope, &ids, &Remaining::default()).await?;
    // An administrator to whom no identity is linked cannot sign in and would lock everybody out.
    let can_sign_in = |other: &&MemberId| linked.contains_key(*other);
    let facts = |member: &Member| {
        let administers = member.state == MemberState::Active && member.roles.contains(&role);
        let mut others = administrators.iter().filter(|&&other| other != member.id);
        Facts {
            is_linked: linked.contains_key(&member.id),
            holds_main_account: organisation.main_account == Some(member.id),
            is_last_administrator: administers && !others.any(|other| can_sign_in(&other)),
            is_beyond: beyond.contains(&member.id),
            duties: duties.remove(&member.id).unwrap_or_default(),
        }
    };
    let mut facts = facts;
    Ok(members.iter().map(|it| (it.id, facts(it))).collect())
}

/// The same for the flags of those of `ids` who are of the viewer's own organisation; of others nothing is told.
pub(in super::super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[MemberId],
    duties: &Duties,
) -> Result<HashMap<MemberId, Facts>, Failure> {
    let Some(own) = viewer.organisation() else {
        return Ok(HashMap::new());
    };
    let scope = Scope::Own(own);
    let mut reading = snapshot.read().await?;
    let Some(organisation) = crate::organisation::service::own(&mut reading, own).await? else {
        return Ok(HashMap::new());
    };
    let mut members = store::find(&mut reading, &scope, ids).await?;
    members.retain(|member| member.organisation == own);
    let actor = viewer.actor();
    let asked = (actor.as_str(), duties);
    of(&mut reading, &scope, (&organisation, &members), asked).await
}
