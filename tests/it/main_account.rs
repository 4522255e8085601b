//! The main account: one for each organisation, an active member's, and passed on by an offer and its acceptance.

use chrono::TimeDelta;
use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, the_vendor};

const OFFER: &str =
    "offer { id state version offeredBy reason from { name } to { name } expiresAt }";

struct World {
    app: TestApp,
    holder: Caller,
    admin: Caller,
    vendor: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let vendor = the_vendor().insert(&mut owner).await;
        let holder = app.member(partner, "holder", &["FINANCE"]).await;
        sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
            .bind(partner.0)
            .bind(holder.member.0)
            .execute(&mut owner)
            .await
            .unwrap();
        Self {
            holder,
            admin: app.member(partner, "admin", &["SYSTEM_ADMIN"]).await,
            vendor: app.member(vendor, "vic", &["VENDOR_ADMIN"]).await,
            app,
        }
    }

    async fn organisation(&self) -> Value {
        let query = "{ organisation { version mainAccount { name } mainAccountOffer { id } } }";
        self.admin
            .ask(query, json!({}))
            .await
            .at("/organisation")
            .clone()
    }

    async fn offer(&self, by: &Caller, to: &Caller, reason: Value) -> Value {
        let version = self.organisation().await["version"].take();
        let input =
            json!({ "memberId": to.member.global(), "reason": reason, "expectedVersion": version });
        by.change("mainAccountOffer", OFFER, input).await
    }

    async fn holder_name(&self) -> String {
        self.organisation().await["mainAccount"]["name"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

async fn answer(by: &Caller, mutation: &str, offer: &Value) -> Value {
    let input = json!({ "mainAccountOfferId": offer["id"], "expectedVersion": offer["version"] });
    by.change(mutation, OFFER, input).await
}

/// R-ORG-20: offered by the holder, accepted by the new one; until then the holder stays and cannot be disabled.
#[tokio::test]
async fn r_org_20_the_main_account_passes_when_its_new_holder_accepts() {
    let world = World::new().await;
    let disable = async |version: &str| {
        let input = json!({ "memberId": world.holder.member.global(), "expectedVersion": version });
        world
            .admin
            .change("memberDisable", "member { state }", input)
            .await
    };

    let offered = world.offer(&world.holder, &world.admin, Value::Null).await;
    assert_eq!(reasons(&offered), [""; 0], "{offered:#}");
    let offer = &offered["offer"];
    assert_eq!(
        (&offer["offeredBy"], &offer["from"]["name"]),
        (&json!("HOLDER"), &json!("holder"))
    );
    assert_eq!(
        world.organisation().await["mainAccountOffer"]["id"],
        offer["id"]
    );
    assert_eq!(world.holder_name().await, "holder");
    assert_eq!(reasons(&disable("v1").await), ["HOLDS_MAIN_ACCOUNT"]);
    assert_eq!(
        reasons(&answer(&world.holder, "mainAccountAccept", offer).await),
        ["MAIN_ACCOUNT_OFFER_FOR_ANOTHER"]
    );
    let inbox = "{ inbox(first: 5, kinds: [ACCEPT_MAIN_ACCOUNT]) { nodes { action object { ... on MainAccountOffer { id } } } } }";
    let inbox = world.admin.ask(inbox, json!({})).await;
    let waiting = json!([{ "action": "mainAccountAccept", "object": { "id": offer["id"] } }]);
    assert_eq!(inbox.at("/inbox/nodes"), &waiting);

    let accepted = answer(&world.admin, "mainAccountAccept", offer).await;

    assert_eq!(accepted["offer"]["state"], "ACCEPTED", "{accepted:#}");
    assert_eq!(world.holder_name().await, "admin");
    assert_eq!(world.organisation().await["mainAccountOffer"], Value::Null);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM timeline_entries")
            .await,
        3,
        "offer, acceptance, organisation"
    );
    assert_eq!(reasons(&disable("v1").await), [""; 0]);
    assert_eq!(
        reasons(&answer(&world.admin, "mainAccountAccept", &accepted["offer"]).await),
        ["MAIN_ACCOUNT_OFFER_OVER"]
    );
}

/// R-ORG-20: neither an administrator nor a reader offers it, and another organisation's member is unknown.
#[tokio::test]
async fn r_org_20_only_the_holder_and_the_vendor_offer_it_and_only_to_a_member() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let rival = a_partner("对手").insert(&mut owner).await;
    let rob = world.app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;
    let gone = a_member(world.admin.organisation, "gone")
        .disabled()
        .insert(&mut owner)
        .await;

    let by_admin = world.offer(&world.admin, &world.admin, Value::Null).await;
    let to_stranger = world.offer(&world.holder, &rob, Value::Null).await;
    let by_stranger = world.offer(&rob, &world.admin, Value::Null).await;
    let to_itself = world.offer(&world.holder, &world.holder, Value::Null).await;
    let unexplained = world.offer(&world.vendor, &world.admin, json!("  ")).await;
    let input = json!({ "memberId": gone.global(), "expectedVersion": "v1" });
    let to_gone = world.holder.change("mainAccountOffer", OFFER, input).await;

    assert_eq!(reasons(&by_admin), ["MAIN_ACCOUNT_HOLDER_ONLY"]);
    assert_eq!(reasons(&to_stranger), ["MEMBER_NOT_FOUND"]);
    assert_eq!(reasons(&by_stranger), ["MEMBER_NOT_FOUND"]);
    assert_eq!(reasons(&to_itself), ["MAIN_ACCOUNT_HELD_ALREADY"]);
    assert_eq!(reasons(&unexplained), ["MAIN_ACCOUNT_REASON_REQUIRED"]);
    assert_eq!(reasons(&to_gone), ["MEMBER_NOT_ACTIVE"]);
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM main_account_offers")
            .await,
        0
    );
    let flags = "{ organisation { viewerPermissions { canOfferMainAccount { allowed blockers { error { reason } } } } } }";
    let of_admin = world.admin.ask(flags, json!({})).await;
    let flag = of_admin.at("/organisation/viewerPermissions/canOfferMainAccount");
    assert_eq!(
        flag["blockers"][0]["error"]["reason"],
        "MAIN_ACCOUNT_HOLDER_ONLY"
    );
    let of_holder = world.holder.ask(flags, json!({})).await;
    assert_eq!(
        of_holder.at("/organisation/viewerPermissions/canOfferMainAccount/allowed"),
        &json!(true)
    );
}

/// R-ORG-20: within seven days; the last second counts, the one after does not.
#[tokio::test]
async fn r_org_20_an_offer_is_open_for_seven_days() {
    for (late, expected) in [
        (TimeDelta::seconds(-1), ""),
        (TimeDelta::zero(), "MAIN_ACCOUNT_OFFER_EXPIRED"),
    ] {
        let world = World::new().await;
        let offered = world
            .offer(&world.vendor, &world.admin, json!("The holder has left."))
            .await;
        assert_eq!(offered["offer"]["offeredBy"], "VENDOR", "{offered:#}");
        world.app.clock.advance(TimeDelta::days(7) + late);
        // Sessions do not outlive the days.
        let (identity, own) = (world.admin.identity, world.admin.organisation);
        let admin = world.app.signed_in(identity, own, world.admin.member).await;

        let accepted = answer(&admin, "mainAccountAccept", &offered["offer"]).await;

        let reason = reasons(&accepted).first().copied().unwrap_or_default();
        assert_eq!(reason, expected);
        let holder = "SELECT count(*) FROM organisations JOIN members ON members.id = main_account_id WHERE account_name = 'admin'";
        assert_eq!(
            world.app.count(holder).await,
            i64::from(expected.is_empty())
        );
    }
}

/// R-ORG-20: an offer is revocable, and there is one at a time.
#[tokio::test]
async fn r_org_20_an_offer_is_taken_back_by_whoever_may_and_replaced_by_a_newer_one() {
    let world = World::new().await;
    let first = world.offer(&world.holder, &world.admin, Value::Null).await;
    let second = world.offer(&world.holder, &world.admin, Value::Null).await;
    let revoke = "mainAccountOfferRevoke";

    let replaced = json!({ "id": first["offer"]["id"], "version": "v2" });
    assert_eq!(
        reasons(&answer(&world.admin, "mainAccountAccept", &replaced).await),
        ["MAIN_ACCOUNT_OFFER_OVER"]
    );
    assert_eq!(
        reasons(&answer(&world.admin, revoke, &second["offer"]).await),
        ["MAIN_ACCOUNT_HOLDER_ONLY"]
    );
    let revoked = answer(&world.holder, revoke, &second["offer"]).await;
    assert_eq!(revoked["offer"]["state"], "REVOKED");

    let vendors = world
        .offer(&world.vendor, &world.admin, json!("The holder has left."))
        .await;
    let own = world.offer(&world.holder, &world.admin, Value::Null).await;
    assert_eq!(reasons(&own), ["MAIN_ACCOUNT_OFFER_OF_VENDOR"]);
    assert_eq!(
        reasons(&answer(&world.holder, revoke, &vendors["offer"]).await),
        ["MAIN_ACCOUNT_OFFER_OF_VENDOR"]
    );
    let revoked = answer(&world.vendor, revoke, &vendors["offer"]).await;
    assert_eq!(revoked["offer"]["state"], "REVOKED");
    assert_eq!(world.holder_name().await, "holder");
    let versions = "SELECT sum(version)::bigint FROM main_account_offers";
    let entries = "SELECT count(*) FROM timeline_entries";
    assert_eq!(
        world.app.count(versions).await,
        world.app.count(entries).await
    );
}

/// R-ORG-20: of an acceptance and a revocation at the same moment one is refused, and the holder is who won.
#[tokio::test]
async fn r_org_20_accepting_and_taking_back_at_once_leave_one_holder() {
    for _ in 0..10 {
        let world = World::new().await;
        let offered = world.offer(&world.holder, &world.admin, Value::Null).await;

        let (accepted, revoked) = tokio::join!(
            answer(&world.admin, "mainAccountAccept", &offered["offer"]),
            answer(&world.holder, "mainAccountOfferRevoke", &offered["offer"]),
        );

        let done = [&accepted, &revoked].map(|payload| reasons(payload).is_empty());
        assert_eq!(
            done.iter().filter(|&&done| done).count(),
            1,
            "{accepted:#} {revoked:#}"
        );
        let winner = if done[0] { "admin" } else { "holder" };
        assert_eq!(world.holder_name().await, winner);
    }
}

/// R-ORG-20: a hand-typed UPDATE disables no holder, and gives the main account to nobody who is disabled.
#[tokio::test]
async fn r_org_20_the_database_keeps_the_main_account_with_an_active_member() {
    let world = World::new().await;
    let mut owner = world.app.owner().await;
    let gone = a_member(world.admin.organisation, "gone")
        .disabled()
        .insert(&mut owner)
        .await;
    let refused = async |sql: &'static str, id: uuid::Uuid| {
        let query = sqlx::query(sql).bind(id);
        let error = query
            .execute(&mut world.app.owner().await)
            .await
            .unwrap_err();
        error
            .as_database_error()
            .unwrap()
            .constraint()
            .map(str::to_owned)
    };
    let constraint = Some("organisations_main_account".to_owned());

    let disable = "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1";
    assert_eq!(refused(disable, world.holder.member.0).await, constraint);
    let give = "UPDATE organisations SET main_account_id = $1 WHERE kind = 'PARTNER'";
    assert_eq!(refused(give, gone.0).await, constraint);
    assert_eq!(world.holder_name().await, "holder");
}
