//! A flag foretells its mutation: nothing stands in the way if and only if it is not refused, and what stands first is
//! what it answers. Over generated states and roles.

use std::collections::BTreeSet;

use super::super::super::policy::{self, Action};
use super::*;
use crate::db::Applied;
use crate::explain::Verdict;
use crate::standing;

/// Everybody holds something whom this is asked of, unless roles remain.
struct Everybody;

impl DutyHolder for Everybody {
    fn kind(&self) -> DutyKind {
        DutyKind::OpenOpportunities
    }

    fn held<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _scope: &'a Scope,
        members: &'a [MemberId],
        remaining: &'a Remaining,
    ) -> BoxFuture<'a, Result<HashMap<MemberId, Held>, StoreError>> {
        let goes = remaining.roles.is_empty();
        let held = members.iter().filter(|_| goes);
        let held = held.map(|&it| (it, three())).collect();
        Box::pin(async move { Ok(held) })
    }

    fn hand_over<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _scope: &'a Scope,
        _handover: &'a Handover<'a>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        unreachable!("nobody is named to take over")
    }
}

/// One state of a member and of whoever asks, read off the digits of a number.
struct Case(usize);

impl Case {
    fn digit(&self, place: u32, base: usize) -> usize {
        (self.0 / 2_usize.pow(place)) % base
    }

    fn is(&self, place: u32) -> bool {
        self.digit(place, 2) == 1
    }

    async fn member(&self, world: &World) -> Person {
        let roles = if self.is(0) {
            [R::SystemAdmin]
        } else {
            [R::Operator]
        };
        let name = format!("case{}", self.0);
        let member = world.person(world.partner, &roles, &name).await;
        let mut statements = Vec::new();
        if self.is(1) {
            statements.push(
                "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1",
            );
        }
        if self.is(2) {
            statements.push("UPDATE identity_links SET ended_at = linked_at, ended_by = 'test' WHERE member_id = $1");
        }
        // The database itself keeps the main account from a disabled member.
        if self.is(3) && !self.is(1) {
            statements.push("UPDATE organisations SET main_account_id = $1 WHERE id = (SELECT organisation_id FROM members WHERE id = $1)");
        }
        world.change_behind(&statements, member.member.0).await;
        member
    }

    fn duties(&self) -> Duties {
        if self.is(4) {
            Duties::new(vec![Box::new(Everybody)])
        } else {
            Duties::default()
        }
    }

    fn viewer(&self, world: &World, member: Person) -> Viewer {
        match self.digit(5, 8) {
            0 => member.viewer(),
            1 => world.rivals_admin.viewer(),
            2 => world.finance.with(&[Permission::ReadMembers]),
            3 => world.rivals_admin.with(&[]),
            _ => world.admin.viewer(),
        }
    }
}

async fn foretold(
    world: &World,
    (action, viewer): (Action, &Viewer),
    member: MemberId,
    duties: &Duties,
) -> Verdict {
    let owner = world.admin.viewer();
    let snapshot = world.db.snapshot(owner.read_scope());
    let found = read(&owner, &snapshot, &[member]).await.unwrap();
    let snapshot = world.db.snapshot(viewer.read_scope());
    let facts = super::super::facts(viewer, &snapshot, &[member], duties).await;
    let facts = facts.unwrap().remove(&member);
    let own = viewer.organisation().unwrap();
    let mut reading = snapshot.read().await.unwrap();
    let standing = standing::of(&mut reading, own).await.unwrap().unwrap();
    policy::verdict(action, viewer, &found[0], facts.as_ref()).under(&standing)
}

async fn done(
    world: &World,
    (action, viewer): (Action, &Viewer),
    member: MemberId,
    (roles, duties): (BTreeSet<R>, Duties),
) -> Result<Applied<MemberId>, Failure> {
    match action {
        Action::Link => {
            let visitor = world.visitor(None).await;
            world.apply(viewer, &link(member, visitor.identity)).await
        }
        Action::Unlink => {
            let change = Unlink {
                duties,
                ..unlink(member)
            };
            world.apply(viewer, &change).await
        }
        Action::AssignDirector => {
            let change = AssignDirector {
                member,
                director: None,
                expected_version: 1,
            };
            world.apply(viewer, &change).await
        }
        Action::Disable => {
            let change = Disable {
                duties,
                ..disable(member)
            };
            world.apply(viewer, &change).await
        }
        Action::ChangeRoles => {
            let change = ChangeRoles {
                roles,
                duties,
                ..change_roles(member, &[])
            };
            world.apply(viewer, &change).await
        }
    }
}

/// What one case came to: the first refusal, or nothing.
async fn agree(world: &World, number: usize) -> Option<&'static str> {
    let case = Case(number);
    let member = case.member(world).await;
    let viewer = case.viewer(world, member);
    let action = Action::ALL[case.digit(8, Action::ALL.len())];
    let verdict = foretold(world, (action, &viewer), member.member, &case.duties()).await;
    let roles = roles(if case.is(0) {
        &[R::SystemAdmin]
    } else {
        &[R::Operator]
    });

    let given = (roles, case.duties());
    let answer = done(world, (action, &viewer), member.member, given).await;

    let first = verdict.blockers.first().map(|it| it.refusal.clone());
    match answer {
        Ok(_) => assert!(
            verdict.is_allowed(),
            "case {number}: {action:?} {verdict:?}"
        ),
        refused @ Err(_) => {
            let first = first.as_ref().map(|first| first.reason.0);
            assert_eq!(
                first,
                Some(reasons(refused)[0]),
                "case {number}: {action:?}"
            );
        }
    }
    // The next case decides for itself whether there is another administrator.
    let gone = "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1";
    let free = "UPDATE organisations SET main_account_id = NULL WHERE main_account_id = $1";
    world.change_behind(&[free, gone], member.member.0).await;
    first.map(|first| first.reason.0)
}

#[tokio::test]
async fn the_flags_of_a_member_and_its_mutations_agree_in_generated_states() {
    let mut seen = BTreeSet::new();
    for (start, state) in [(0, "ACTIVE"), (3, "LONELY"), (7, "FROZEN"), (11, "CLOSED")] {
        let world = World::new().await;
        match state {
            "FROZEN" => world.freeze(world.partner).await,
            "CLOSED" => {
                let close = "UPDATE organisations SET state = 'CLOSED' WHERE id = $1";
                world.change_behind(&[close], world.partner.0).await;
            }
            "LONELY" => {
                let end = "UPDATE identity_links SET ended_at = linked_at, ended_by = 'test' WHERE member_id = $1";
                world.change_behind(&[end], world.admin.member.0).await;
            }
            _ => {}
        }
        // A stride that has no factor in common with the digits' bases visits all combinations alike.
        for number in (start..1280).step_by(if start < 7 { 13 } else { 41 }) {
            seen.insert(agree(&world, number).await.unwrap_or("ALLOWED"));
        }
    }

    let expected = [
        "ALLOWED",
        "HOLDS_MAIN_ACCOUNT",
        "LAST_ADMINISTRATOR",
        "MEMBER_ALREADY_LINKED",
        "MEMBER_HAS_DUTIES",
        "MEMBER_NOT_ACTIVE",
        "MEMBER_NOT_FOUND",
        "MEMBER_NOT_LINKED",
        "NOT_ACCOUNT_MANAGER",
        "ORGANISATION_CLOSED",
        "ORGANISATION_FROZEN",
        "OWN_MEMBERSHIP",
        "PERMISSION_MISSING",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}

#[tokio::test]
async fn who_is_asked_is_of_the_own_organisation_and_has_the_permission() {
    let world = World::new().await;
    for name in ["bea", "cid", "dan", "eve", "fox"] {
        world.member(world.partner, &[R::SystemAdmin], name).await;
    }
    let asked = [Permission::ManageMembers, Permission::ReviewOpportunities];
    let holders = async |viewer: &Viewer| {
        let snapshot = world.db.snapshot(viewer.read_scope());
        super::super::holders(viewer, &snapshot, &asked)
            .await
            .unwrap()
    };

    let found = holders(&world.finance.with(&[Permission::ReadMembers])).await;

    let names =
        |at: usize| -> Vec<&str> { found[at].1.iter().map(|it| it.name.as_str()).collect() };
    assert_eq!(names(0), ["ada", "bea", "cid", "dan", "eve"]);
    assert_eq!(names(1), [""; 0]);
    assert!(holders(&world.finance.with(&[])).await.is_empty());
}
