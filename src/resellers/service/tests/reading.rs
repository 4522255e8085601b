//! Who reads which resellers, and what narrows a list.

use super::*;

#[tokio::test]
async fn an_ended_relation_is_read_and_not_changed() {
    let world = World::new().await;
    let distributor = partner(world.distributor);
    world
        .run(
            "UPDATE resellers SET state = 'ENDED', ended_at = associated_at WHERE id = $1",
            world.reseller.0,
        )
        .await;

    let refusal = refusal(world.assign(&distributor, world.manager, 1).await);

    assert_eq!(refusal.reason.0, "RESELLER_ENDED");
    assert_eq!(world.stored().await, (None, 1, 0));
    assert_eq!(
        world.listed(&distributor, &Filter::default()).await,
        [world.reseller]
    );
}

#[tokio::test]
async fn without_the_permission_nothing_is_read_or_assigned() {
    let world = World::new().await;
    let Viewer::Member(mut member) = partner(world.distributor) else {
        unreachable!()
    };
    member.permissions.clear();
    let viewer = Viewer::Member(member);

    let refusal = refusal(world.assign(&viewer, world.manager, 1).await);
    assert_eq!(refusal.reason.0, "PERMISSION_MISSING");
    let snapshot = world.db.snapshot(viewer.read_scope());
    let read = by_id(&viewer, &snapshot, &[world.reseller]).await.unwrap();
    assert!(read.is_empty());
    assert!(count(&viewer, &snapshot, &Filter::default()).await.is_err());
}

#[tokio::test]
async fn both_parties_and_the_vendor_read_the_relation_and_nobody_else() {
    let world = World::new().await;
    let vendor = viewer(world.vendor, OrganisationKind::Vendor);
    for (viewer, sees) in [
        (partner(world.distributor), true),
        (partner(world.company), true),
        (vendor, true),
        (partner(world.rival), false),
    ] {
        let snapshot = world.db.snapshot(viewer.read_scope());
        let read = by_id(&viewer, &snapshot, &[world.reseller]).await.unwrap();
        assert_eq!(read.contains_key(&world.reseller), sees, "{viewer:?}");
        let listed = world.listed(&viewer, &Filter::default()).await;
        assert_eq!(listed.contains(&world.reseller), sees, "{viewer:?}");
    }
}

#[tokio::test]
async fn each_condition_of_a_list_narrows_it() {
    let world = World::new().await;
    let distributor = partner(world.distributor);
    let second: OrganisationId = IdSource.fresh();
    world
        .organisation(second, "PARTNER", "100% Sky_Cloud")
        .await;
    let second = world.relation(second, world.distributor).await;
    world.assign(&distributor, world.manager, 1).await.unwrap();
    world
        .run(
            "UPDATE resellers SET state = 'SUSPENDED' WHERE id = $1",
            second.0,
        )
        .await;

    let by_name = |part: &str| Filter {
        name_part: Some(part.to_owned()),
        ..Filter::default()
    };
    let of_manager = Filter {
        account_manager: Some(world.manager),
        ..Filter::default()
    };
    let suspended = Filter {
        states: Some(vec![State::Suspended, State::Ended]),
        ..Filter::default()
    };
    let elsewhere = Filter {
        business_area: Some("华南".to_owned()),
        ..Filter::default()
    };

    // In the order of their names.
    assert_eq!(
        world.listed(&distributor, &Filter::default()).await,
        [second, world.reseller]
    );
    assert_eq!(
        world.listed(&distributor, &by_name("long RIVER")).await,
        [world.reseller]
    );
    assert_eq!(
        world.listed(&distributor, &by_name("长河")).await,
        [world.reseller]
    );
    assert!(world.listed(&distributor, &by_name("\0")).await.is_empty());
    assert_eq!(world.listed(&distributor, &by_name("%")).await, [second]);
    assert_eq!(world.listed(&distributor, &by_name("_")).await, [second]);
    assert_eq!(
        world.listed(&distributor, &of_manager).await,
        [world.reseller]
    );
    assert_eq!(world.listed(&distributor, &suspended).await, [second]);
    assert!(world.listed(&distributor, &elsewhere).await.is_empty());
}
