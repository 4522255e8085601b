//! Linking and unlinking by an administrator.

use super::*;

#[tokio::test]
async fn an_administrator_links_and_unlinks() {
    let world = World::new().await;
    let member = world.member(world.partner, &[R::Operator], "oz").await;
    let (visitor, viewer) = (world.visitor(None).await, world.admin.viewer());

    let unknown = world.apply(&viewer, &link(member, IdSource.fresh())).await;
    assert_eq!(reasons(unknown), ["IDENTITY_NOT_FOUND"]);
    let of_colleague = world
        .apply(&viewer, &link(member, world.finance.identity))
        .await;
    assert_eq!(reasons(of_colleague), ["IDENTITY_ALREADY_LINKED"]);

    world
        .apply(&viewer, &link(member, visitor.identity))
        .await
        .unwrap();

    let second = Link {
        expected_version: 2,
        ..link(member, world.visitor(None).await.identity)
    };
    assert_eq!(
        reasons(world.apply(&viewer, &second).await),
        ["MEMBER_ALREADY_LINKED"]
    );
    world
        .apply(
            &viewer,
            &Unlink {
                expected_version: 2,
                ..unlink(member)
            },
        )
        .await
        .unwrap();
    let again = world
        .apply(
            &viewer,
            &Unlink {
                expected_version: 3,
                ..unlink(member)
            },
        )
        .await;
    assert_eq!(reasons(again), ["MEMBER_NOT_LINKED"]);
    let trace = "SELECT count(*) FROM timeline_entries WHERE action IN ('member.linked', 'member.unlinked')";
    assert_eq!(world.count(trace).await, 2);
}

#[tokio::test]
async fn one_person_can_be_a_member_of_two_organisations() {
    let world = World::new().await;
    let member = world.member(world.rival, &[R::Operator], "oz").await;

    let linked = world
        .apply(
            &world.rivals_admin.viewer(),
            &link(member, world.finance.identity),
        )
        .await;

    assert!(linked.is_ok());
}
