//! A flag foretells its mutation: over every state and kind of an organisation, and for everybody who may ask.

use std::collections::BTreeSet;

use super::*;
use crate::organisation::service::read;
use crate::organisation::testing::{World, reasons};
use crate::standing;
use crate::viewer::{ActingService, Permission, SignedInIdentity};

/// Brings an organisation into one of its states.
const STATES: [&str; 3] = [
    "UPDATE organisations SET state = 'ACTIVE', frozen_reason = NULL, frozen_release = NULL WHERE id = $1",
    "UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.',
         frozen_release = 'The bills are paid.' WHERE id = $1",
    "UPDATE organisations SET state = 'CLOSED', frozen_reason = NULL, frozen_release = NULL WHERE id = $1",
];

struct Scene {
    world: World,
    viewers: Vec<Viewer>,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let vic = world.person(world.vendor, &[], "vic").await;
        let Viewer::Member(member) = vic.viewer() else {
            unreachable!()
        };
        let viewers = vec![
            vic.viewer(),
            vic.with(&[Permission::ReadOrganisations]),
            world.admin.viewer(),
            world.rivals_admin.viewer(),
            Viewer::Service(ActingService {
                account: crate::ids::IdSource.fresh(),
                acting_for: member.acting_for,
                permissions: member.permissions,
                expires_at: world.now(),
            }),
            Viewer::Federated(SignedInIdentity {
                identity: member.identity,
                session: member.session,
            }),
        ];
        Self { world, viewers }
    }

    async fn organisation(&self, id: OrganisationId) -> Organisation {
        let all = &self.viewers[0];
        let snapshot = self.world.db.snapshot(all.read_scope());
        read(all, &snapshot, &[id]).await.unwrap().remove(0)
    }

    async fn foretold(
        &self,
        (action, viewer): (Action, &Viewer),
        organisation: &Organisation,
    ) -> Option<&'static str> {
        let mut verdict = policy::verdict(action, viewer, organisation);
        if let Some(own) = viewer.organisation() {
            let snapshot = self.world.db.snapshot(viewer.read_scope());
            let mut tx = snapshot.read().await.unwrap();
            let standing = standing::of(&mut tx, own).await.unwrap().unwrap();
            verdict = verdict.under(&standing);
        }
        let first = verdict.blockers.first();
        first.map(|blocker| blocker.refusal.reason.0)
    }

    async fn done(
        &self,
        (action, viewer): (Action, &Viewer),
        organisation: &Organisation,
    ) -> Option<&'static str> {
        let (organisation, expected_version) = (organisation.id, organisation.version);
        let answer = match action {
            Action::Freeze => {
                let freeze = Freeze {
                    organisation,
                    expected_version,
                    cause: "Bills are overdue.".to_owned(),
                    release: "The bills are paid.".to_owned(),
                };
                self.world.apply(viewer, &freeze).await
            }
            Action::Release => {
                let release = Release {
                    organisation,
                    expected_version,
                };
                self.world.apply(viewer, &release).await
            }
        };
        answer.is_err().then(|| reasons(answer)[0])
    }
}

/// R-GEN-9: what the flags say of freezing and releasing is what the mutations do.
#[tokio::test]
async fn r_gen_9_the_flags_of_freezing_and_the_mutations_agree_in_every_state() {
    let scene = Scene::new().await;
    let mut seen = BTreeSet::new();
    for id in [scene.world.partner, scene.world.vendor] {
        for state in STATES {
            for (number, viewer) in scene.viewers.iter().enumerate() {
                for action in [Action::Freeze, Action::Release] {
                    scene.world.change_behind(&[state], id.0).await;
                    let organisation = scene.organisation(id).await;
                    let foretold = scene.foretold((action, viewer), &organisation).await;

                    let answered = scene.done((action, viewer), &organisation).await;

                    let case = format!("{action:?} {state} viewer {number}");
                    assert_eq!(foretold, answered, "{case}");
                    let left = scene.organisation(id).await;
                    assert_eq!(answered.is_some(), left == organisation, "{case}");
                    seen.insert(answered.unwrap_or("ALLOWED"));
                }
            }
            scene.world.change_behind(&[STATES[0]], id.0).await;
        }
    }

    let expected = [
        "ALLOWED",
        "NOT_A_MEMBER",
        "ORGANISATION_CLOSED",
        "ORGANISATION_FROZEN",
        "ORGANISATION_NOT_ACTIVE",
        "ORGANISATION_NOT_FROZEN",
        "PERMISSION_MISSING",
        "VENDOR_NEVER_FROZEN",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}
