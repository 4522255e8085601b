//! A flag foretells its mutation, in every state of the relation and for everybody who may ask.

use super::super::super::policy::{self, Action};
use super::*;
use crate::standing;

/// Brings the relation into one of its states; the first leaves it as it is.
const STATES: [&[&str]; 4] = [
    &[],
    &["UPDATE resellers SET state = 'SUSPENDED' WHERE id = $1"],
    &["UPDATE resellers SET state = 'ENDED', ended_at = associated_at WHERE id = $1"],
    &["UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.',
           frozen_release = 'The bills are paid.' WHERE id = (SELECT distributor_id FROM resellers WHERE id = $1)"],
];

async fn done(world: &World, action: Action, viewer: &Viewer) -> Result<Applied<Changed>, Failure> {
    match action {
        Action::AssignAccountManager => world.assign(viewer, world.manager, 1).await,
        Action::WithdrawAccountManager => {
            let change = WithdrawAccountManager {
                reseller: world.reseller,
                expected_version: 1,
            };
            world.db.apply(viewer, "c-1", fresh_key(), &change).await
        }
    }
}

/// Whether flag and mutation agree in one state; what stands first.
async fn agree(viewer: usize, state: &[&'static str], action: Action) -> Option<&'static str> {
    let world = World::new().await;
    for statement in state {
        world.run(statement, world.reseller.0).await;
    }
    if action == Action::WithdrawAccountManager && viewer != 1 {
        let look_after = "UPDATE resellers SET account_manager_id = (SELECT id FROM members
            WHERE organisation_id = distributor_id LIMIT 1) WHERE id = $1";
        world.run(look_after, world.reseller.0).await;
    }
    let viewer = match viewer {
        0 | 1 => partner(world.distributor),
        2 => partner(world.rival),
        3 => partner(world.company),
        _ => {
            let Viewer::Member(mut member) = partner(world.distributor) else {
                unreachable!()
            };
            member
                .permissions
                .remove(&Permission::AssignAccountManagers);
            Viewer::Member(member)
        }
    };
    let seen_by = world.db.snapshot(Scope::Vendor);
    let mut reading = seen_by.read().await.unwrap();
    let ids = [world.reseller];
    let found = store::find(&mut reading, &Scope::Vendor, &ids).await;
    let reseller = found.unwrap().remove(0);
    let own = viewer.organisation().unwrap();
    let standing = standing::of(&mut reading, own).await;
    let standing = standing.unwrap().unwrap();
    drop(reading);
    let verdict = policy::verdict(action, &viewer, &reseller).under(&standing);

    let answer = done(&world, action, &viewer).await;

    let first = verdict.blockers.first().map(|it| it.refusal.reason.0);
    let answered = answer.err().map(|failure| refusal(Err(failure)).reason.0);
    assert_eq!(first, answered, "{action:?} {state:?} {viewer:?}");
    first
}

#[tokio::test]
async fn the_flags_of_a_reseller_and_its_mutations_agree_in_every_state() {
    let mut seen = BTreeSet::new();
    for viewer in 0..5 {
        for state in STATES {
            for action in Action::ALL {
                seen.insert(agree(viewer, state, action).await.unwrap_or("ALLOWED"));
            }
        }
    }

    let expected = [
        "ACCOUNT_MANAGER_NOT_ASSIGNED",
        "ALLOWED",
        "ORGANISATION_FROZEN",
        "PERMISSION_MISSING",
        "RESELLER_ENDED",
        "RESELLER_NOT_FOUND",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}
