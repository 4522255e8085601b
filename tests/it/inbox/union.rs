//! The inbox against the ordinary lists of all domains, over generated data: no more, no less, and each under its kind.

use std::collections::BTreeSet;

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use super::{Caller, DateTime, Deals, TimeDelta, Utc, World, a_partner, at, the_vendor};

/// Something that waits: what is to be done, and with what.
type Item = (String, String);

/// One kind of what waits: the list that holds it, and what is true of a node that waits.
struct Queue {
    kind: &'static str,
    list: &'static str,
    query: &'static str,
    waits: Box<dyn Fn(&Value) -> bool>,
}

fn queue(
    kind: &'static str,
    (list, query): (&'static str, &'static str),
    waits: impl Fn(&Value) -> bool + 'static,
) -> Queue {
    Queue {
        kind,
        list,
        query,
        waits: Box::new(waits),
    }
}

const SHARED: &str = "{ opportunities(where: { reviewState: [PENDING_ACCEPTANCE] }, first: 40) { pageInfo { hasNextPage }
    nodes { id owner { id } } } }";
const REFUSED: &str =
    "{ opportunities(where: { reviewState: [REVIEW_REJECTED, VALIDATION_REJECTED] }, first: 40) { pageInfo { hasNextPage }
    nodes { id owner { id } viewerPermissions { action blockers { error { reason } } } } } }";
const STALLED: &str = "{ opportunities(where: { stalled: true }, first: 100) { pageInfo { hasNextPage } nodes { id owner { id } } } }";
const INCENTIVES: &str = "{ incentives(where: { state: [PENDING_CONFIRM] }, first: 100) { pageInfo { hasNextPage } nodes { id } } }";
const RESELLERS: &str = "{ resellers(first: 100) { pageInfo { hasNextPage } nodes { id state accountManager { id } } } }";
const INVITATIONS: &str = "{ memberInvitations(first: 100) { pageInfo { hasNextPage } nodes { id state expiresAt invitedBy { id } } } }";
const IN_REVIEW: &str = "{ opportunities(where: { reviewState: [UNDER_REVIEW] }, first: 100) { pageInfo { hasNextPage } nodes { id } } }";
const IN_VALIDATION: &str = "{ opportunities(where: { reviewState: [UNDER_VALIDATION] }, first: 100) { pageInfo { hasNextPage } nodes { id } } }";

/// What waits on a partner, found without the inbox.
fn of_partner(now: DateTime<Utc>) -> Vec<Queue> {
    let deals = "opportunities";
    let near = now + TimeDelta::days(2);
    let expires = move |node: &Value| {
        node["state"] == "OPEN" && at(node["expiresAt"].as_str().unwrap()) <= near
    };
    let unmanaged = |node: &Value| node["state"] != "ENDED" && node["accountManager"].is_null();
    vec![
        queue("ANSWER_SHARED_OPPORTUNITY", (deals, SHARED), |_| true),
        queue("MEND_OPPORTUNITY", (deals, REFUSED), has_rounds_left),
        queue("UPDATE_STALLED_OPPORTUNITY", (deals, STALLED), |_| true),
        queue("CONFIRM_INCENTIVE", ("incentives", INCENTIVES), |_| true),
        queue(
            "ASSIGN_ACCOUNT_MANAGER",
            ("resellers", RESELLERS),
            unmanaged,
        ),
        queue(
            "RENEW_INVITATION",
            ("memberInvitations", INVITATIONS),
            expires,
        ),
    ]
}

/// What waits on the vendor.
fn of_vendor() -> Vec<Queue> {
    let deals = "opportunities";
    vec![
        queue("REVIEW_OPPORTUNITY", (deals, IN_REVIEW), |_| true),
        queue("VALIDATE_OPPORTUNITY", (deals, IN_VALIDATION), |_| true),
    ]
}

/// R-OPP-35: whoever used up all rounds cannot mend it any more.
fn has_rounds_left(node: &Value) -> bool {
    let permissions = node["viewerPermissions"].as_array().unwrap();
    let submit = permissions
        .iter()
        .find(|it| it["action"] == "opportunitySubmit");
    let blockers = submit.unwrap()["blockers"].as_array().unwrap();
    !blockers
        .iter()
        .any(|blocker| blocker["error"]["reason"] == "ROUND_LIMIT")
}

/// The member in whose hands a node of any list is.
fn holder(node: &Value) -> &Value {
    let holders = ["/owner/id", "/invitedBy/id"];
    let found = holders.iter().find_map(|path| node.pointer(path));
    found.unwrap_or(&Value::Null)
}

fn id(node: &Value) -> String {
    node["id"].as_str().unwrap().to_owned()
}

async fn union(caller: &Caller, queues: &[Queue], mine: Option<&str>) -> BTreeSet<Item> {
    let mut union = BTreeSet::new();
    for queue in queues {
        let answer = caller.ask(queue.query, json!({})).await;
        let list = answer.at(&format!("/{}", queue.list));
        assert_eq!(list["pageInfo"]["hasNextPage"], false);
        let nodes = list["nodes"].as_array().unwrap();
        let in_hand =
            |node: &&Value| mine.is_none_or(|mine| holder(node).is_null() || holder(node) == mine);
        let waiting = nodes.iter().filter(|node| (queue.waits)(node));
        union.extend(
            waiting
                .filter(in_hand)
                .map(|node| (queue.kind.to_owned(), id(node))),
        );
    }
    union
}

async fn inbox(world: &World, caller: &Caller, scope: &str) -> BTreeSet<Item> {
    let mut nodes = Vec::new();
    let mut after = Value::Null;
    let counts = loop {
        let page = json!({ "scope": scope, "first": 100, "after": after });
        let page = world.ask(caller, page).await;
        nodes.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break page["counts"].as_array().unwrap().clone();
        }
    };
    let kind = |node: &Value| node["kind"].as_str().unwrap().to_owned();
    let items: BTreeSet<Item> = nodes
        .iter()
        .map(|node| (kind(node), id(&node["object"])))
        .collect();
    assert_eq!(
        items.len(),
        nodes.len(),
        "something stands in the inbox twice"
    );
    for count in counts {
        let of_kind = items.iter().filter(|(found, _)| count["kind"] == **found);
        assert_eq!(count["count"], of_kind.count(), "{count}");
    }
    items
}

impl World {
    /// Things of every kind around the instants that decide, in an order that the seed shuffles.
    async fn generate(&self, seed: i64, colleague: &Caller) {
        let now = self.app.now();
        let mut owner = self.app.owner().await;
        let mut deals = Deals::of(self).await;
        for number in 0..12 {
            let mixed = (number * seed + number / 3) % 17;
            // Some are over, one ends now, the others run.
            let due = now + TimeDelta::hours((mixed - 6) * 11);
            deals.member = if mixed % 3 == 0 {
                colleague.member
            } else {
                self.admin.member
            };
            self.incentive(due, mixed).await;
            self.invitation(&mut owner, due).await;
            deals.shared(due).await;
            deals.in_validation(due).await;
            deals.in_state("DRAFT").await;
            deals.in_state("UNDER_REVIEW").await;
            // Rounds up to the limit and over it.
            let refused = deals.in_state("REVIEW_REJECTED").await;
            sqlx::query(
                "UPDATE opportunities SET review_round = 6, refused_rounds = $2::int WHERE id = $1",
            )
            .bind(refused.0)
            .bind(i32::try_from(mixed % 6).unwrap())
            .execute(&mut owner)
            .await
            .unwrap();
            // The last word of a settled deal, on both sides of the 20 working days.
            let settled = deals.in_state("VALIDATED").await;
            sqlx::query("UPDATE opportunities SET last_progress_at = $2 WHERE id = $1")
                .bind(settled.0)
                .bind(now - TimeDelta::days(22 + mixed))
                .execute(&mut owner)
                .await
                .unwrap();
            self.reseller(&mut owner, &format!("云 {seed} {number}"))
                .await;
            if mixed % 2 == 0 {
                let manage = "UPDATE resellers SET account_manager_id = $1 WHERE id = (SELECT max(id::text)::uuid FROM resellers)";
                sqlx::query(manage)
                    .bind(self.admin.member.0)
                    .execute(&mut owner)
                    .await
                    .unwrap();
            }
        }
    }
}

#[tokio::test]
async fn the_inbox_is_the_union_of_what_the_lists_of_all_domains_hold() {
    let mut seen = BTreeSet::new();
    for seed in [3, 5, 11] {
        let world = World::new().await;
        let partner = world.admin.organisation;
        let colleague = world.app.member(partner, "col", &["OPERATOR"]).await;
        let vendor = the_vendor().insert(&mut world.app.owner().await).await;
        let reviewer = world.app.member(vendor, "rev", &["VENDOR_REVIEWER"]).await;
        world.generate(seed, &colleague).await;
        let (partners, vendors) = (of_partner(world.app.now()), of_vendor());

        let whole = inbox(&world, &world.admin, "ORGANISATION").await;
        let mine = inbox(&world, &world.admin, "MINE").await;
        let queues = inbox(&world, &reviewer, "ORGANISATION").await;

        let all = union(&world.admin, &partners, None).await;
        assert_eq!(whole, all, "seed {seed}");
        let me = world.admin.member.global();
        let in_hand = union(&world.admin, &partners, Some(&me)).await;
        assert_eq!(mine, in_hand, "seed {seed}");
        assert!(mine.len() < whole.len(), "seed {seed}");
        let of_vendor = union(&reviewer, &vendors, None).await;
        assert_eq!(queues, of_vendor, "seed {seed}");
        seen.extend(whole.into_iter().chain(queues).map(|(kind, _)| kind));
    }
    let queues = of_partner(DateTime::UNIX_EPOCH).into_iter();
    let kinds = queues.chain(of_vendor()).map(|queue| queue.kind.to_owned());
    assert_eq!(seen, kinds.collect());
}

#[tokio::test]
async fn no_deal_of_another_organisation_is_in_an_inbox() {
    let world = World::new().await;
    world.fill_deals(2).await;
    let mut owner = world.app.owner().await;
    let rival = a_partner("对手").insert(&mut owner).await;
    let rival = world.app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;
    let vendor = the_vendor().insert(&mut owner).await;
    let operator = world
        .app
        .member(vendor, "ops", &["VENDOR_INCENTIVE_OPERATOR"])
        .await;

    for caller in [&rival, &operator] {
        assert_eq!(inbox(&world, caller, "ORGANISATION").await, BTreeSet::new());
    }
    let own = inbox(&world, &world.admin, "ORGANISATION").await;
    assert_eq!(own.len(), 6);
}
