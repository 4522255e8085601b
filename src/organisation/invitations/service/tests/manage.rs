//! What who manages members sends, reads and is refused.

use super::*;

#[tokio::test]
async fn another_organisations_invitation_answers_like_an_unknown_one() {
    let world = World::new().await;
    let (foreign, _) = sent(&world).await;
    let stranger = world.rivals_admin.viewer();
    let revoke = |invitation| Revoke {
        invitation,
        expected_version: 1,
    };
    let before = world.everything().await;

    let of_foreign = refusals(world.apply(&stranger, &revoke(foreign)).await);
    let of_unknown = refusals(world.apply(&stranger, &revoke(IdSource.fresh())).await);

    assert_eq!(of_foreign, of_unknown);
    assert_eq!(of_foreign[0].code, Code::NotFound);
    assert_eq!(world.everything().await, before);
    let snapshot = world.db.snapshot(stranger.read_scope());
    assert!(
        read(&stranger, &snapshot, &[foreign])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_vendors_people_see_no_partners_invitation() {
    let world = World::new().await;
    let (foreign, _) = sent(&world).await;
    let vendors = world
        .person(world.vendor, &[R::VendorAdmin], "vic")
        .await
        .viewer();
    let snapshot = world.db.snapshot(vendors.read_scope());
    assert_eq!(*snapshot.scope(), Scope::Vendor);

    assert!(
        read(&vendors, &snapshot, &[foreign])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(count(&vendors, &snapshot).await.unwrap(), 0);
}

#[tokio::test]
async fn who_manages_members_reads_what_became_of_invitations() {
    let world = World::new().await;
    let (invitation, _) = sent(&world).await;
    let viewer = world.admin.viewer();
    let state = async || {
        let snapshot = world.db.snapshot(viewer.read_scope());
        let (found, now) = read(&viewer, &snapshot, &[invitation])
            .await
            .unwrap()
            .remove(0);
        found.state(now)
    };

    assert_eq!(state().await, InvitationState::Open);
    world.clock.advance(TimeDelta::days(7));
    assert_eq!(state().await, InvitationState::Expired);
    let reader = world.finance.with(&[Permission::ReadMembers]);
    let snapshot = world.db.snapshot(reader.read_scope());
    assert_eq!(
        reasons(read(&reader, &snapshot, &[invitation]).await),
        ["PERMISSION_MISSING"]
    );
}

#[tokio::test]
async fn a_form_learns_everything_that_is_wrong_at_once() {
    let world = World::new().await;
    let mut wrong = invite("not an address", "two words");
    wrong.invitee.name = String::new();
    wrong.invitee.roles = roles(&[R::SystemAdmin, R::Finance]);
    let before = world.everything().await;

    let found: Vec<Refusal> = refusals(world.apply(&world.admin.viewer(), &wrong).await);

    let places: Vec<_> = found
        .iter()
        .map(|fault| (fault.reason.0, fault.path.join(".")))
        .collect();
    let expected = [
        ("EMAIL_INVALID", "email"),
        ("NAME_INVALID", "name"),
        ("ACCOUNT_NAME_INVALID", "accountName"),
        ("ROLE_CONFLICT", "roles"),
    ];
    assert_eq!(
        places,
        expected.map(|(reason, path)| (reason, path.to_owned()))
    );
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn names_in_use_are_refused() {
    let world = World::new().await;
    sent(&world).await;
    let viewer = world.admin.viewer();
    let refused = async |change: Invite| reasons(world.apply(&viewer, &change).await);

    assert_eq!(
        refused(invite("new@x.example", "fay")).await,
        ["ACCOUNT_NAME_TAKEN"]
    );
    assert_eq!(
        refused(invite("new@x.example", "lihua")).await,
        ["ACCOUNT_NAME_TAKEN"]
    );
    assert_eq!(
        refused(invite("FAY@corp.example", "new")).await,
        ["EMAIL_OF_MEMBER"]
    );
    assert_eq!(
        refused(invite("Fay@IAM.example", "new")).await,
        ["EMAIL_IN_IAM"]
    );
    // The same names are free in another organisation, and an identity without a member blocks nothing.
    world.visitor(Some("fay@corp.example")).await;
    let elsewhere = world
        .apply(
            &world.rivals_admin.viewer(),
            &invite("fay@corp.example", "fay"),
        )
        .await;
    assert!(elsewhere.is_ok());
}

#[tokio::test]
async fn the_flag_of_an_invitation_and_its_mutation_agree_in_every_state() {
    let states = [
        "UPDATE invitations SET expires_at = expires_at WHERE id = $1",
        "UPDATE invitations SET state = 'REVOKED' WHERE id = $1",
        "UPDATE invitations SET expires_at = sent_at WHERE id = $1",
        "UPDATE invitations SET state = 'ACCEPTED', accepted_member_id = invited_by,
             accepted_by = (SELECT id FROM federated_identities LIMIT 1) WHERE id = $1",
    ];
    let mut seen = std::collections::BTreeSet::new();
    for frozen in [false, true] {
        for (viewer, state) in (0..3).flat_map(|who| states.iter().map(move |state| (who, *state)))
        {
            let world = World::new().await;
            let (id, _) = sent(&world).await;
            world.change_behind(&[state], id.0).await;
            if frozen {
                world.freeze(world.partner).await;
            }
            let viewer = match viewer {
                0 => world.admin.viewer(),
                1 => world.finance.with(&[Permission::ReadMembers]),
                _ => world.rivals_admin.viewer(),
            };
            let owner = world.admin.viewer();
            let snapshot = world.db.snapshot(owner.read_scope());
            let (invitation, _) = read(&owner, &snapshot, &[id]).await.unwrap().remove(0);
            let own = viewer.organisation().unwrap();
            let snapshot = world.db.snapshot(viewer.read_scope());
            let mut reading = snapshot.read().await.unwrap();
            let standing = crate::standing::of(&mut reading, own)
                .await
                .unwrap()
                .unwrap();
            drop(reading);
            let verdict =
                super::super::super::policy::revoke(&viewer, &invitation).under(&standing);

            let change = Revoke {
                invitation: id,
                expected_version: invitation.version,
            };
            let answer = world.apply(&viewer, &change).await;

            let first = verdict.blockers.first().map(|it| it.refusal.reason.0);
            assert_eq!(
                first,
                answer
                    .err()
                    .map(|failure| reasons(Err::<(), _>(failure))[0])
            );
            seen.insert(first.unwrap_or("ALLOWED"));
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}
