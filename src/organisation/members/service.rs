//! What a viewer can read of members, and what other use cases ask of them. Each change is a file of its own.

mod director;
mod disable;
mod facts;
mod link;
mod profile;
mod reveal;
mod roles;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};

pub(super) use director::AssignDirector;
pub(crate) use director::DirectedAccountManagers;
pub(super) use disable::Disable;
pub(super) use facts::read as facts;
pub(super) use link::{Link, Unlink};
pub(super) use profile::{Mobile, UpdateProfile};
pub(super) use reveal::RevealMember;
pub(super) use roles::ChangeRoles;

use super::duties::Duties;
use super::error::MemberRefusal;
use super::model::{Disclosure, Member, MemberRole, MemberState};
use super::policy::{self, Action, Facts};
use super::store;
use crate::db::{Scope, Snapshot, Tx};
use crate::error::Failure;
use crate::identity::links;
use crate::ids::{MemberId, OrganisationId, Tagged as _};
use crate::organisation::directory;
use crate::organisation::model::Organisation;
use crate::paging::{Page, Sort, Window};
use crate::timeline::Event;
use crate::viewer::{OrganisationKind, Permission, Viewer};

/// Which members are asked for. An absent condition does not narrow; an empty list matches nothing.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) organisation: OrganisationId,
    pub(super) states: Option<Vec<MemberState>>,
    pub(super) roles: Option<Vec<MemberRole>>,
    pub(super) director: Option<MemberId>,
    pub(super) name_contains: Option<String>,
    /// Whose roles give it.
    pub(super) permission: Option<Permission>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) filter: Filter,
    pub(super) sort: Sort,
    pub(super) window: Window,
}

/// Those of `ids` that the viewer may see; the rest is absent, like ids that nobody has.
pub(super) async fn read(
    viewer: &Viewer,
    snapshot: &Snapshot,
    ids: &[MemberId],
) -> Result<Vec<Member>, Failure> {
    let mut reading = snapshot.read().await?;
    Ok(store::find(&mut reading, &viewer.read_scope(), ids).await?)
}

/// One member of the acting organisation, who can be neither disabled nor given other roles before the transaction ends:
/// for a later domain that hands the member a duty.
pub(crate) async fn hold(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Option<Member>, Failure> {
    Ok(store::hold(tx, scope, member).await?)
}

/// Whether this member administers the partner, whatever its roles let it do besides (R-CUS-8).
pub(crate) async fn administers(
    tx: &mut Tx,
    organisation: OrganisationId,
    member: MemberId,
) -> Result<bool, Failure> {
    let found = store::find(tx, &Scope::Own(organisation), &[member]).await?;
    let administrator = MemberRole::administrator_of(OrganisationKind::Partner);
    Ok(found
        .iter()
        .any(|member| member.roles.contains(&administrator)))
}

/// Of which organisation the member is, as far as the scope sees him.
pub(in crate::organisation) async fn organisation_of(
    tx: &mut Tx,
    scope: &Scope,
    member: MemberId,
) -> Result<Option<OrganisationId>, Failure> {
    let found = store::find(tx, scope, &[member]).await?.pop();
    Ok(found.map(|found| found.organisation))
}

/// Whether the viewer may read the list of this organisation's people: its own, or everybody's for the vendor.
pub(super) fn may_list(viewer: &Viewer, organisation: OrganisationId) -> bool {
    viewer.may(Permission::ReadMembers) && is_insider(viewer, organisation)
}

/// Whether the viewer sees this organisation from within; the vendor's people see every one.
pub(in crate::organisation) fn is_insider(viewer: &Viewer, organisation: OrganisationId) -> bool {
    viewer.is_vendor() || viewer.organisation() == Some(organisation)
}

/// A page of an organisation's members; never an identity of IAM (R-ORG-1).
pub(super) async fn list(
    viewer: &Viewer,
    snapshot: &Snapshot,
    listing: &Listing,
) -> Result<Page<Member>, Failure> {
    viewer.require(Permission::ReadMembers)?;
    let mut reading = snapshot.read().await?;
    Ok(store::list(&mut reading, &viewer.read_scope(), listing).await?)
}

/// How many people are named as those to ask.
const MOST_HOLDERS: i64 = 5;

/// Some people of the viewer's own organisation whose roles give these permissions, for who may read members.
pub(super) async fn holders(
    viewer: &Viewer,
    snapshot: &Snapshot,
    permissions: &[Permission],
) -> Result<Vec<(Permission, Vec<Member>)>, Failure> {
    let Some(own) = viewer
        .organisation()
        .filter(|_| viewer.may(Permission::ReadMembers))
    else {
        return Ok(Vec::new());
    };
    let mut reading = snapshot.read().await?;
    let named = store::holders(&mut reading, own, (permissions, MOST_HOLDERS)).await?;
    let ids: Vec<MemberId> = named.iter().map(|&(_, member)| member).collect();
    let scope = viewer.read_scope();
    let members = store::find(&mut reading, &scope, &ids).await?;
    let of = |permission: Permission| {
        let mut wanted: Vec<Member> = members
            .iter()
            .filter(|member| named.contains(&(permission, member.id)))
            .cloned()
            .collect();
        wanted.sort_by(|left, right| (&left.name, left.id).cmp(&(&right.name, right.id)));
        (permission, wanted)
    };
    Ok(permissions.iter().copied().map(of).collect())
}

pub(super) async fn count(
    viewer: &Viewer,
    snapshot: &Snapshot,
    filter: &Filter,
) -> Result<i64, Failure> {
    viewer.require(Permission::ReadMembers)?;
    let mut reading = snapshot.read().await?;
    Ok(store::count(&mut reading, &viewer.read_scope(), filter).await?)
}

/// How much of a member's own data the viewer gets: all of it oneself and who manages the members there (R-GEN-3).
pub(super) fn disclosure(viewer: &Viewer, member: &Member) -> Disclosure {
    let manages =
        viewer.organisation() == Some(member.organisation) && viewer.may(Permission::ManageMembers);
    let oneself = matches!(viewer, Viewer::Member(acting) if acting.member == member.id);
    if manages || oneself {
        Disclosure::Full
    } else {
        Disclosure::Masked
    }
}

/// Which of these members somebody can sign in as. Only of members whom the viewer sees from within.
pub(super) async fn linked(
    viewer: &Viewer,
    snapshot: &Snapshot,
    members: &[(OrganisationId, MemberId)],
) -> Result<HashSet<MemberId>, Failure> {
    let visible: Vec<MemberId> = members
        .iter()
        .filter(|(organisation, _)| is_insider(viewer, *organisation))
        .map(|&(_, member)| member)
        .collect();
    let mut reading = snapshot.read().await?;
    let links = links::identities_of_members(&mut reading, &visible).await?;
    Ok(links.into_keys().collect())
}

/// Whether these roles would give more than whoever acts has, who is no administrator.
pub(in crate::organisation) async fn gives_beyond_own(
    tx: &mut Tx,
    organisation: &Organisation,
    roles: &BTreeSet<MemberRole>,
) -> Result<bool, Failure> {
    let wanted = store::permissions_of_roles(tx, roles).await?;
    let role = MemberRole::administrator_of(organisation.kind);
    let Some(actor) = MemberId::parse(&tx.acting().actor) else {
        return Ok(!wanted.is_empty());
    };
    if store::has_role(tx, (organisation.id, actor), role).await? {
        return Ok(false);
    }
    let own = store::permissions_of(tx, (organisation.id, actor)).await?;
    Ok(!wanted.is_subset(&own))
}

/// What a new member's names collide with.
pub(in crate::organisation) enum NameTaken {
    AccountName,
    /// An active member of the organisation has the address.
    Email,
    /// Somebody who signs in as an active member of the organisation has it at IAM, or another user of its IAM tenant
    /// (R-ORG-3).
    EmailInIam,
}

/// Every collision at once. The caller holds the organisation's row.
pub(in crate::organisation) async fn names_taken(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
    (account_name, email): (&str, &str),
) -> Result<Vec<NameTaken>, Failure> {
    let taken = store::taken(tx, organisation, account_name, email).await?;
    let mut found = Vec::new();
    if taken.account_name {
        found.push(NameTaken::AccountName);
    }
    if taken.email {
        found.push(NameTaken::Email);
    } else if belongs_to_a_linked_identity(tx, scope, organisation, email).await?
        || directory::other_user_of(tx, organisation, (account_name, email))
            .await?
            .is_some()
    {
        found.push(NameTaken::EmailInIam);
    }
    Ok(found)
}

async fn belongs_to_a_linked_identity(
    tx: &mut Tx,
    scope: &Scope,
    organisation: OrganisationId,
    email: &str,
) -> Result<bool, Failure> {
    let members = store::active(tx, scope, organisation, None).await?;
    let linked = links::identities_of_members(tx, &members).await?;
    let linked: Vec<_> = linked.into_values().collect();
    let identities = crate::identity::identities::find_all(tx, &linked).await?;
    Ok(identities.values().any(|identity| {
        let known = identity.email.as_deref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(email))
    }))
}

/// Makes a member, with the first entry of its history. The roles and names were checked under the organisation's row.
pub(in crate::organisation) async fn create(tx: &mut Tx, member: &Member) -> Result<(), Failure> {
    store::insert(tx, member).await?;
    let roles: Vec<&str> = member.roles.iter().map(|role| role.as_str()).collect();
    let mut created = Event::new(
        member.organisation,
        member.id,
        member.version,
        "member.created",
    );
    created.to = Some(member.state.as_str());
    let mut created = created
        .detail(serde_json::json!({ "roles": roles }))
        .personal("name", &member.name)
        .personal("email", &member.email);
    if let Some(mobile) = &member.mobile {
        created = created.personal("mobile", mobile);
    }
    tx.record(created).await?;
    Ok(())
}

/// Takes the organisation's turn, then the member's row, and refuses what was decided on an older version.
async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    (member, expected_version): (MemberId, i64),
) -> Result<(Organisation, Member), Failure> {
    let organisation = crate::organisation::service::lock_own(tx, scope).await?;
    let member = store::lock(tx, scope, member)
        .await?
        .ok_or(MemberRefusal::NotFound)?;
    member.expect_version(expected_version)?;
    Ok((organisation, member))
}

/// Refuses what the policy refuses of a locked member, and tells the facts that it was decided on.
async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    (organisation, member): (&Organisation, &Member),
    (action, duties): (Action, &Duties),
) -> Result<Facts, Failure> {
    let about = (organisation, std::slice::from_ref(member));
    let actor = tx.acting().actor.clone();
    let mut known = facts::of(tx, scope, about, (&actor, duties)).await?;
    let facts = known.remove(&member.id).unwrap_or_default();
    policy::of_member((action, &actor), member, &facts).check_first()?;
    Ok(facts)
}
