//! Lists, single members, and how much of a person is shown.

use super::*;
use crate::paging::Direction;

const BY_NAME: Sort = Sort {
    name: "NAME",
    column: "name",
    direction: Direction::Ascending,
};

async fn names(world: &World, viewer: &Viewer, filter: Filter) -> Vec<String> {
    let snapshot = world.db.snapshot(viewer.read_scope());
    let window = Window::First {
        count: 10,
        after: None,
    };
    let listing = Listing {
        filter,
        sort: BY_NAME,
        window,
    };
    let page = list(viewer, &snapshot, &listing).await.unwrap();
    assert_eq!(
        count(viewer, &snapshot, &listing.filter).await.unwrap(),
        i64::try_from(page.items.len()).unwrap()
    );
    page.items.into_iter().map(|member| member.name).collect()
}

fn everybody(organisation: OrganisationId) -> Filter {
    Filter {
        organisation,
        states: None,
        roles: None,
        director: None,
        name_contains: None,
        permission: None,
    }
}

#[tokio::test]
async fn a_list_holds_the_people_of_one_organisation_by_filter() {
    let world = World::new().await;
    world.visitor(Some("nobody@iam.example")).await;
    let vendors = world.person(world.vendor, &[R::VendorAuditor], "vic").await;
    let (viewer, all) = (world.finance.viewer(), everybody(world.partner));

    assert_eq!(names(&world, &viewer, all.clone()).await, ["ada", "fay"]);
    let administrators = Filter {
        roles: Some(vec![R::SystemAdmin]),
        ..all.clone()
    };
    assert_eq!(names(&world, &viewer, administrators).await, ["ada"]);
    let part = Filter {
        name_contains: Some("AY".to_owned()),
        ..all.clone()
    };
    assert_eq!(names(&world, &viewer, part).await, ["fay"]);
    let wild = Filter {
        name_contains: Some("%".to_owned()),
        ..all.clone()
    };
    assert_eq!(names(&world, &viewer, wild).await, [""; 0]);
    let gone = Filter {
        states: Some(vec![MemberState::Disabled]),
        ..all.clone()
    };
    assert_eq!(names(&world, &viewer, gone).await, [""; 0]);
    assert_eq!(
        names(&world, &viewer, everybody(world.rival)).await,
        [""; 0]
    );
    assert_eq!(names(&world, &vendors.viewer(), all).await, ["ada", "fay"]);
}

#[tokio::test]
async fn a_partner_reads_no_member_of_another_organisation() {
    let world = World::new().await;
    let (viewer, stranger) = (world.finance.viewer(), world.rivals_admin.member);
    let snapshot = world.db.snapshot(viewer.read_scope());

    let found = read(&viewer, &snapshot, &[stranger, world.admin.member])
        .await
        .unwrap();

    let found: Vec<_> = found.into_iter().map(|member| member.id).collect();
    assert_eq!(found, [world.admin.member]);
    assert!(!may_list(&viewer, world.rival) && may_list(&viewer, world.partner));
    let nobody = Viewer::Federated(world.visitor(None).await);
    let snapshot = world.db.snapshot(nobody.read_scope());
    assert!(
        read(&nobody, &snapshot, &[stranger, world.admin.member])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_persons_own_data_is_for_the_person_and_who_manages_the_members() {
    let world = World::new().await;
    let snapshot = world.db.snapshot(world.admin.viewer().read_scope());
    let found = read(&world.admin.viewer(), &snapshot, &[world.finance.member])
        .await
        .unwrap();
    let colleague = world.person(world.partner, &[R::Operator], "oz").await;
    let vendors = world.person(world.vendor, &[R::VendorAdmin], "vic").await;
    let to = |viewer: Viewer| disclosure(&viewer, &found[0]);

    assert_eq!(to(world.admin.viewer()), Disclosure::Full);
    assert_eq!(to(world.finance.with(&[])), Disclosure::Full);
    assert_eq!(
        to(colleague.with(&[Permission::ReadMembers])),
        Disclosure::Masked
    );
    assert_eq!(to(vendors.viewer()), Disclosure::Masked);
    assert_eq!(to(world.rivals_admin.viewer()), Disclosure::Masked);
}

#[tokio::test]
async fn whether_a_member_is_linked_is_told_to_insiders() {
    let world = World::new().await;
    let unlinked = world.member(world.partner, &[R::Operator], "oz").await;
    let asked = [
        (world.partner, unlinked),
        (world.partner, world.admin.member),
        (world.rival, world.rivals_admin.member),
    ];
    let viewer = world.finance.viewer();
    let snapshot = world.db.snapshot(viewer.read_scope());

    let found = linked(&viewer, &snapshot, &asked).await.unwrap();

    assert_eq!(found, HashSet::from([world.admin.member]));
}
