//! The inbox as a client of the graph meets it.

use chrono::{DateTime, TimeDelta, Utc};
use portico::ids::{IncentiveId, MemberId, OpportunityId, Tagged as _};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{
    a_partner, a_reseller, an_incentive, an_opportunity, fresh, the_vendor,
};

use crate::support::deadlines::a_deadline;

mod union;

const INBOX: &str = "query($scope: InboxScope!, $first: Int, $after: String, $kinds: [InboxKind!]) {
    inbox(scope: $scope, first: $first, after: $after, kinds: $kinds) {
        counts { kind count } pageInfo { hasNextPage endCursor }
        nodes { kind title dueUntil remainingWorkingDays moneyAtRisk { amount currency } since action
            owner { name } object { __typename id } } } }";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A distributor's people, with everything that waits on a partner.
struct World {
    app: TestApp,
    admin: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let partner = a_partner("总经销商").insert(&mut app.owner().await).await;
        let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
        Self { app, admin }
    }

    async fn incentive(&self, due: DateTime<Utc>, amount: i64) -> IncentiveId {
        let mut owner = self.app.owner().await;
        let id = an_incentive(&mut owner, self.admin.organisation, due, &[]).await;
        sqlx::query("UPDATE incentives SET amount = $2 WHERE id = $1")
            .bind(id.0)
            .bind(rust_decimal::Decimal::from(amount))
            .execute(&mut owner)
            .await
            .unwrap();
        id
    }

    async fn invitation(&self, owner: &mut PgConnection, expires: DateTime<Utc>) {
        let id = fresh::<IncentiveId>().0;
        sqlx::query(
            "INSERT INTO invitations (id, organisation_id, email, name, account_name, roles, token_hash, state, sent_at,
                 expires_at, invited_by)
             VALUES ($1, $2, $1::text || '@x.example', '李华', $1::text, '{FINANCE}', sha256($1::text::bytea), 'SENT', $3, $4, $5)",
        )
        .bind(id)
        .bind(self.admin.organisation.0)
        .bind(expires - TimeDelta::days(7))
        .bind(expires)
        .bind(self.admin.member.0)
        .execute(owner)
        .await
        .unwrap();
    }

    async fn reseller(&self, owner: &mut PgConnection, name: &str) {
        let company = a_partner(name).insert(owner).await;
        a_reseller(owner, company, self.admin.organisation).await;
    }

    async fn ask(&self, caller: &Caller, variables: Value) -> Value {
        caller.ask(INBOX, variables).await.at("/inbox").clone()
    }

    /// Some of every kind.
    async fn fill(&self, each: i64) {
        let mut owner = self.app.owner().await;
        for number in 0..each {
            self.incentive(
                at("2026-11-27T16:00:00Z") + TimeDelta::days(number),
                100 + number,
            )
            .await;
            self.invitation(&mut owner, self.app.now() + TimeDelta::minutes(60 + number))
                .await;
            self.reseller(&mut owner, &format!("云 {number}")).await;
        }
    }

    /// Deals of every kind that wait on the partner or on the vendor, so many of each.
    async fn fill_deals(&self, each: i64) {
        let mut deals = Deals::of(self).await;
        for number in 0..each {
            let due = self.app.now() + TimeDelta::hours(number + 1);
            deals.shared(due).await;
            deals.in_validation(due).await;
            deals.in_state("UNDER_REVIEW").await;
            deals.in_state("REVIEW_REJECTED").await;
            deals.in_state("VALIDATED").await;
        }
    }
}

/// Deals of the world's partner, put into the database in any state.
struct Deals<'a> {
    world: &'a World,
    owner: PgConnection,
    /// In whose hands the next one is.
    member: MemberId,
}

impl<'a> Deals<'a> {
    async fn of(world: &'a World) -> Self {
        Self {
            world,
            owner: world.app.owner().await,
            member: world.admin.member,
        }
    }

    async fn in_state(&mut self, state: &'static str) -> OpportunityId {
        let deal = an_opportunity(self.world.admin.organisation, self.member).state(state);
        deal.insert(&mut self.owner).await
    }

    /// Shared by the vendor, to be answered until then.
    async fn shared(&mut self, due: DateTime<Utc>) -> OpportunityId {
        let deal = self.in_state("DRAFT").await;
        sqlx::query("UPDATE opportunities SET origin = 'VENDOR', review_state = 'PENDING_ACCEPTANCE' WHERE id = $1")
            .bind(deal.0)
            .execute(&mut self.owner)
            .await
            .unwrap();
        let kind = ("ACCEPT_SHARED_OPPORTUNITY", "AUTO_REJECT");
        let organisation = self.world.admin.organisation;
        a_deadline(&mut self.owner, (organisation, deal.into()), kind, due).await;
        deal
    }

    /// Reviewed, to be validated until then.
    async fn in_validation(&mut self, due: DateTime<Utc>) -> OpportunityId {
        let deal = self.in_state("UNDER_VALIDATION").await;
        let kind = ("VALIDATE_OPPORTUNITY", "AUTO_REJECT");
        let organisation = self.world.admin.organisation;
        a_deadline(&mut self.owner, (organisation, deal.into()), kind, due).await;
        deal
    }
}

fn ids(inbox: &Value) -> Vec<String> {
    let nodes = inbox["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["object"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_least_time_comes_first_then_the_most_money_then_the_longest_wait() {
    let world = World::new().await;
    let monday = at("2026-11-30T16:00:00Z");
    let small = world.incentive(monday, 100).await;
    let large = world.incentive(monday, 900).await;
    let friday = world.incentive(at("2026-11-27T16:00:00Z"), 1).await;
    world.incentive(world.app.now(), 5_000).await;
    let mut owner = world.app.owner().await;
    world.reseller(&mut owner, "云").await;

    let inbox = world.ask(&world.admin, json!({ "scope": "MINE" })).await;

    let nodes = inbox["nodes"].as_array().unwrap();
    assert_eq!(
        ids(&inbox)[..3],
        [friday.global(), large.global(), small.global()]
    );
    assert_eq!(nodes.len(), 4);
    // From Monday, 23 November: four days of that week remain, and the Monday after it.
    let left = |at: usize| nodes[at]["remainingWorkingDays"].clone();
    assert_eq!(
        (left(0), left(1), left(3)),
        (json!(4), json!(5), Value::Null)
    );
    assert_eq!(
        nodes[1]["moneyAtRisk"],
        json!({ "amount": "900", "currency": "CNY" })
    );
    assert!(
        nodes[0]["title"]
            .as_str()
            .unwrap()
            .starts_with("Confirm the incentive INC-2026-")
    );
    assert_eq!(nodes[3]["action"], "resellerAccountManagerAssign");
}

#[tokio::test]
async fn pages_run_through_everything_once() {
    let world = World::new().await;
    world.fill(5).await;
    world.fill_deals(2).await;
    let whole = world
        .ask(
            &world.admin,
            json!({ "scope": "ORGANISATION", "first": 100 }),
        )
        .await;

    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = json!({ "scope": "ORGANISATION", "first": 4, "after": after });
        let page = world.ask(&world.admin, page).await;
        seen.extend(ids(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }

    assert_eq!(seen.len(), 21);
    assert_eq!(seen, ids(&whole));
    let forged = world
        .admin
        .ask(INBOX, json!({ "scope": "MINE", "after": "e30.e30" }))
        .await;
    assert!(
        forged.body.to_string().contains("CURSOR_INVALID"),
        "{}",
        forged.body
    );
}

#[tokio::test]
async fn the_number_of_statements_does_not_grow_with_the_data() {
    let measure = async |each: i64| {
        let world = World::new().await;
        world.fill(each / 2).await;
        world.fill_deals(each / 2).await;
        let vendor = the_vendor().insert(&mut world.app.owner().await).await;
        let reviewer = world.app.member(vendor, "rev", &["VENDOR_REVIEWER"]).await;
        let whole = json!({ "scope": "ORGANISATION", "first": 100 });
        let before = world.app.app.db.statements();
        let queues = world.ask(&reviewer, whole).await;
        let of_vendor = world.app.app.db.statements() - before;
        assert_eq!(
            queues["nodes"].as_array().unwrap().len(),
            usize::try_from(each).unwrap()
        );
        let before = world.app.app.db.statements();
        let inbox = world
            .ask(
                &world.admin,
                json!({ "scope": "ORGANISATION", "first": 100 }),
            )
            .await;
        let statements = world.app.app.db.statements() - before;
        assert_eq!(
            inbox["nodes"].as_array().unwrap().len(),
            usize::try_from(each * 3).unwrap()
        );
        ((statements, of_vendor), inbox["counts"].clone())
    };

    let (few, _) = measure(2).await;
    let (many, counts) = measure(30).await;

    assert_eq!(few, many);
    let counted = counts.as_array().unwrap();
    assert!(
        counted.contains(&json!({ "kind": "CONFIRM_INCENTIVE", "count": 15 })),
        "{counts}"
    );
}

#[tokio::test]
async fn an_inbox_holds_what_one_can_do_and_nothing_of_another_organisation() {
    let world = World::new().await;
    world.fill(2).await;
    let kinds = |inbox: &Value| -> Vec<String> {
        let mut kinds: Vec<String> = inbox["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["kind"].as_str().unwrap().to_owned())
            .collect();
        kinds.dedup();
        kinds
    };
    let partner = world.admin.organisation;
    let finance = world.app.member(partner, "fay", &["FINANCE"]).await;
    let director = world
        .app
        .member(partner, "dan", &["ACCOUNT_MANAGER_DIRECTOR"])
        .await;
    let rival = a_partner("对手").insert(&mut world.app.owner().await).await;
    let rival = world.app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;

    let whole = json!({ "scope": "ORGANISATION" });
    assert_eq!(
        kinds(&world.ask(&finance, whole.clone()).await),
        ["CONFIRM_INCENTIVE"]
    );
    assert_eq!(
        kinds(&world.ask(&director, whole.clone()).await),
        ["ASSIGN_ACCOUNT_MANAGER"]
    );
    assert_eq!(world.ask(&rival, whole).await["nodes"], json!([]));
    let only = json!({ "scope": "ORGANISATION", "kinds": ["RENEW_INVITATION"] });
    assert_eq!(
        kinds(&world.ask(&world.admin, only).await),
        ["RENEW_INVITATION"]
    );
}

#[tokio::test]
async fn the_vendors_queues_stand_in_its_inbox_and_drafts_do_not() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let reviewer = world.app.member(vendor, "rev", &["VENDOR_REVIEWER"]).await;
    let mut expected = Vec::new();
    for state in ["DRAFT", "UNDER_REVIEW", "REVIEW_REJECTED", "UNDER_REVIEW"] {
        let opportunity = an_opportunity(world.admin.organisation, world.admin.member);
        let id = opportunity.state(state).insert(&mut owner).await;
        if state == "UNDER_REVIEW" {
            expected.push(id.global());
        }
    }

    let mine = world.ask(&reviewer, json!({ "scope": "MINE" })).await;

    let mut found = ids(&mine);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(mine["nodes"][0]["kind"], "REVIEW_OPPORTUNITY");
    assert_eq!(mine["nodes"][0]["object"]["__typename"], "Opportunity");
}

/// R-OPP-33: a settled deal of which nothing was reported for 20 working days stands in its owner's inbox.
#[tokio::test]
async fn r_opp_33_a_deal_that_stands_still_is_in_its_owners_inbox_from_the_next_day_on() {
    let world = World::new().await;
    let (partner, mut owner) = (world.admin.organisation, world.app.owner().await);
    let seller = world.app.member(partner, "sel", &["OPERATOR"]).await;
    let other = world.app.member(partner, "oth", &["OPERATOR"]).await;
    // 20 working days before Monday, 23 November 2026 are over for the Friday of 23 October, and not for the Monday
    // after it.
    let mut settled = async |at: &str| {
        let deal = an_opportunity(partner, seller.member).state("VALIDATED");
        deal.at(self::at(at)).insert(&mut owner).await.global()
    };
    let still = settled("2026-10-23T15:59:59Z").await;
    settled("2026-10-26T00:00:00Z").await;
    let mine = json!({ "scope": "MINE" });

    let sellers = world.ask(&seller, mine.clone()).await;
    let others = world.ask(&other, mine).await;

    assert_eq!(ids(&sellers), [still]);
    assert_eq!(sellers["nodes"][0]["kind"], "UPDATE_STALLED_OPPORTUNITY");
    assert_eq!(sellers["nodes"][0]["owner"]["name"], "sel");
    assert_eq!(others["nodes"], json!([]));
}
