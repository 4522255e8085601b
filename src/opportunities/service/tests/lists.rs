//! Reading: who sees what, filters, sorts and pages.

use super::super::super::model::{Condition, Origin, SortField};
use super::*;
use crate::paging::Direction;

fn first(count: u32) -> Window {
    Window::First { count, after: None }
}

impl World {
    async fn page(
        &self,
        viewer: &Viewer,
        filter: &Filter,
        (sort, window): (Sort, &Window),
    ) -> Page<Opportunity> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        list(viewer, &snapshot, filter, (sort, window))
            .await
            .unwrap()
    }

    /// The names that a filter finds, in alphabetical order; the count agrees.
    async fn names(&self, viewer: &Viewer, filter: &Filter) -> Vec<String> {
        let by_name = SortField::Name.sort(Direction::Ascending);
        let names = names(&self.page(viewer, filter, (by_name, &first(100))).await);
        let snapshot = self.db.snapshot(viewer.read_scope());
        let counted = count(viewer, &snapshot, filter).await.unwrap();
        assert_eq!(counted, i64::try_from(names.len()).unwrap());
        names
    }
}

fn names(page: &Page<Opportunity>) -> Vec<String> {
    page.items
        .iter()
        .map(|one| one.content.name.clone())
        .collect()
}

fn is(condition: Condition) -> Filter {
    Filter {
        conditions: vec![condition],
        ..Filter::default()
    }
}

#[tokio::test]
async fn everybody_sees_their_own_and_the_vendor_all_but_drafts() {
    let world = World::new().await;
    let draft = world.draft(named("Draft")).await;
    let submitted = world.submitted().await;
    world
        .apply(
            &world.rival(),
            &Create {
                content: named("Rival's"),
            },
        )
        .await
        .unwrap();
    let all = Filter::default();

    assert_eq!(
        world.names(&world.seller(), &all).await,
        ["Draft", "仓储系统上云"]
    );
    assert_eq!(
        world.names(&world.rival(), &all).await,
        ["Rival's"],
        "R-OPP-31"
    );
    assert_eq!(
        world.names(&world.reviewer(), &all).await,
        ["仓储系统上云"],
        "R-OPP-10"
    );
    assert!(world.found(&world.seller(), draft.id).await);
    assert!(!world.found(&world.reviewer(), draft.id).await);
    assert!(!world.found(&world.rival(), submitted.id).await);
}

#[tokio::test]
async fn without_the_permission_nothing_is_found_and_lists_are_refused() {
    let world = World::new().await;
    let draft = world.draft(named("Draft")).await;
    let Viewer::Member(member) = world.seller() else {
        unreachable!()
    };
    let permissions = BTreeSet::from([Permission::WriteOpportunities]);
    let blind = Viewer::Member(ActingMember {
        permissions,
        ..member
    });
    let snapshot = world.db.snapshot(blind.read_scope());
    let by_name = SortField::Name.sort(Direction::Ascending);

    assert!(!world.found(&blind, draft.id).await);
    let all = Filter::default();
    let missing = one("PERMISSION_MISSING", "");
    assert_eq!(
        refusals(list(&blind, &snapshot, &all, (by_name, &first(1))).await),
        missing
    );
    assert_eq!(refusals(count(&blind, &snapshot, &all).await), missing);
}

/// One deal of the seller's in yuan, and a day later one of the colleague's in dollars, through a reseller.
async fn two_deals() -> (World, ResellerId) {
    let world = World::new().await;
    let reseller = world.relation(world.rival, world.partner).await;
    world.submitted().await;
    world.clock.advance(chrono::TimeDelta::days(1));
    let dollars = Money {
        amount: "500".parse().unwrap(),
        currency: Currency::parse("USD").unwrap(),
    };
    let content = ContentEdit {
        customer_name: text("100% River_Cloud \\ Ltd"),
        expected_revenue: Edit::Set(dollars),
        owner: Edit::Set(world.colleague),
        reseller: Edit::Set(reseller),
        ..named("B")
    };
    world.draft(content).await;
    (world, reseller)
}

#[tokio::test]
async fn each_condition_narrows_the_list() {
    let (world, reseller) = two_deals().await;
    let (a, b, none) = (vec!["仓储系统上云"], vec!["B"], vec![]);
    let both = [b.clone(), a.clone()].concat();
    let (draft, under_review) = (ReviewState::Draft, ReviewState::UnderReview);
    let amount = || "500".parse().unwrap();
    let far = "9999-12-31T23:59:59Z".parse().unwrap();
    let tomorrow = now() + chrono::TimeDelta::days(1);

    for (condition, expected) in [
        (Condition::ReviewStateIn(vec![draft]), &b),
        (Condition::ReviewStateIn(vec![draft, under_review]), &both),
        (Condition::ReviewStateIn(vec![]), &none),
        (Condition::ProgressStageIn(vec![]), &none),
        (Condition::Origin(Origin::Partner), &both),
        (Condition::Origin(Origin::Vendor), &none),
        (Condition::Owner(world.seller), &a),
        (Condition::Reseller(reseller), &b),
        (Condition::CreatedSince(tomorrow), &b),
        (Condition::CreatedBefore(tomorrow), &a),
        (Condition::CreatedSince(DateTime::<Utc>::MIN_UTC), &both),
        (Condition::CreatedBefore(DateTime::<Utc>::MAX_UTC), &both),
        (Condition::UpdatedSince(far), &none),
        (Condition::RevenueIn(Currency::CNY), &a),
        (Condition::RevenueAtLeast(amount()), &both),
        (Condition::RevenueAtMost(amount()), &b),
    ] {
        let found = world.names(&world.seller(), &is(condition.clone())).await;
        assert_eq!(&found, expected, "{condition:?}");
    }
}

#[tokio::test]
async fn a_customers_name_is_searched_as_it_is_written() {
    let (world, _) = two_deals().await;
    let (a, b, none) = (vec!["仓储系统上云"], vec!["B"], vec![]);
    let both = [b.clone(), a.clone()].concat();

    for (part, expected) in [
        ("river_cloud", &b),
        ("100%", &b),
        ("\\ l", &b),
        ("%", &b),
        ("_", &b),
        ("river cloud", &none),
        ("长河", &a),
        ("\0", &none),
        ("' OR TRUE --", &none),
        ("", &both),
    ] {
        let condition = Condition::CustomerNameContains(part.to_owned());
        let found = world.names(&world.seller(), &is(condition)).await;
        assert_eq!(&found, expected, "{part:?}");
    }
}

#[tokio::test]
async fn conditions_combine_by_and_or_and_not() {
    let world = World::new().await;
    for (name, revenue) in [("A", Some("10")), ("B", Some("20")), ("C", None)] {
        let expected_revenue = revenue.map_or(Edit::Leave, |amount| Edit::Set(yuan(amount)));
        world
            .draft(ContentEdit {
                expected_revenue,
                ..named(name)
            })
            .await;
    }
    let least = |amount: &str| is(Condition::RevenueAtLeast(amount.parse().unwrap()));
    let most = |amount: &str| is(Condition::RevenueAtMost(amount.parse().unwrap()));
    let seller = world.seller();

    let all = Filter {
        all: vec![least("10"), most("15")],
        ..Filter::default()
    };
    assert_eq!(world.names(&seller, &all).await, ["A"]);
    let any = Filter {
        any: Some(vec![most("15"), least("20")]),
        ..Filter::default()
    };
    assert_eq!(world.names(&seller, &any).await, ["A", "B"]);
    let nothing = Filter {
        any: Some(vec![]),
        ..Filter::default()
    };
    assert!(world.names(&seller, &nothing).await.is_empty());
    let not = Filter {
        none: Some(Box::new(most("15"))),
        ..Filter::default()
    };
    assert_eq!(
        world.names(&seller, &not).await,
        ["B", "C"],
        "without a revenue it is not below 15 either"
    );
    let mixed = Filter {
        any: Some(vec![not, all]),
        conditions: least("1").conditions,
        ..Filter::default()
    };
    assert_eq!(world.names(&seller, &mixed).await, ["A", "B"]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let world = World::new().await;
    for name in ["A", "B", "B", "B", "C"] {
        world.draft(named(name)).await;
    }
    let (seller, all) = (world.seller(), Filter::default());
    for field in [SortField::Name, SortField::CreatedAt, SortField::UpdatedAt] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let sort = field.sort(direction);
            let whole = world.page(&seller, &all, (sort, &first(5))).await;
            assert!(!whole.has_next && !whole.has_previous);

            let mut forwards = Vec::new();
            let mut after = None;
            loop {
                let page = world
                    .page(&seller, &all, (sort, &Window::First { count: 2, after }))
                    .await;
                after = page.items.last().map(|last| field.position(last));
                let has_next = page.has_next;
                forwards.extend(page.items);
                if !has_next {
                    break;
                }
            }
            assert_eq!(forwards, whole.items);

            let before = whole.items.last().map(|last| field.position(last));
            let page = world
                .page(&seller, &all, (sort, &Window::Last { count: 2, before }))
                .await;
            assert_eq!(page.items, whole.items[2..4]);
            assert!(page.has_next && page.has_previous);
        }
    }
}

#[tokio::test]
async fn a_count_stops_above_a_thousand() {
    let world = World::new().await;
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query(
        "INSERT INTO opportunities (organisation_id, id, number, origin, name, owner_member_id, review_state, created_at,
             updated_at)
         SELECT $1, gen_random_uuid(), 'OPP-' || n, 'PARTNER', 'N', $2, 'DRAFT', $3, $3 FROM generate_series(1, 1005) AS n",
    )
    .bind(world.partner.0)
    .bind(world.seller.0)
    .bind(now())
    .execute(&mut owner)
    .await
    .unwrap();
    let snapshot = world.db.snapshot(world.seller().read_scope());
    assert_eq!(
        count(&world.seller(), &snapshot, &Filter::default())
            .await
            .unwrap(),
        1001
    );
}
