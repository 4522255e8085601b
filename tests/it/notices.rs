//! Notices through `POST /graphql` and in the mail folder of a development gateway.

use std::path::PathBuf;

use portico::ids::{OpportunityId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, an_opportunity, fresh, the_vendor};
use crate::support::mail::Received;

/// A partner's owner, a colleague, somebody of another partner, and the vendor's people.
struct World {
    app: TestApp,
    folder: PathBuf,
    owner: Caller,
    colleague: Caller,
    rival: Caller,
    reviewer: Caller,
    auditor: Caller,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl World {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "portico-mail-{}",
            fresh::<OpportunityId>().global()
        ));
        std::fs::create_dir(&folder).unwrap();
        let app = TestApp::with(&format!(
            "mail.transport = \"file\"\nmail.folder = '{}'\nmail.from = \"Portal <no-reply@portal.example>\"\n",
            folder.display()
        ))
        .await;
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let other = a_partner("另一伙伴").insert(&mut owner).await;
        let vendor = the_vendor().insert(&mut owner).await;
        Self {
            owner: app.member(partner, "owner", &["ACCOUNT_MANAGER"]).await,
            colleague: app.member(partner, "colleague", &["SYSTEM_ADMIN"]).await,
            rival: app.member(other, "rival", &["SYSTEM_ADMIN"]).await,
            reviewer: app.member(vendor, "reviewer", &["VENDOR_REVIEWER"]).await,
            auditor: app.member(vendor, "auditor", &["VENDOR_ADMIN"]).await,
            app,
            folder,
        }
    }

    /// An opportunity of the owner's that the reviewer refuses, by its global id; the jobs have run.
    async fn refused(&self) -> String {
        let builder =
            an_opportunity(self.owner.organisation, self.owner.member).state("UNDER_REVIEW");
        let id = builder.insert(&mut self.app.owner().await).await.global();
        let input = json!({ "opportunityId": id, "expectedVersion": "v1", "reason": "请补充预算" });
        let payload = self
            .reviewer
            .change("opportunityReviewReject", "opportunity { id }", input)
            .await;
        assert_eq!(reasons(&payload), [""; 0]);
        assert_eq!(self.app.app.tick().await, [""; 0]);
        id
    }

    /// The mail in the folder, the oldest first.
    fn mail(&self) -> Vec<Received> {
        let mut files: Vec<_> = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .map(|path| (std::fs::metadata(&path).unwrap().modified().unwrap(), path))
            .collect();
        files.sort();
        let read = |(_, path): &(_, PathBuf)| Received(std::fs::read_to_string(path).unwrap());
        files.iter().map(read).collect()
    }
}

const NOTICES: &str = "{ unreadNotices notices { nodes {
    id kind topic message reason objectId readAt deliveries { channel state attempts lastError } } } }";

async fn notices(caller: &Caller) -> Value {
    caller.ask(NOTICES, json!({})).await.at("").clone()
}

/// R-GEN-5: the owner reads the result in the portal and by mail, in the language that was chosen.
#[tokio::test]
async fn r_gen_5_a_refusal_reaches_the_owner_in_the_portal_and_by_mail_in_chinese_and_in_english() {
    let world = World::new().await;
    let id = world.refused().await;

    let told = notices(&world.owner).await;
    assert_eq!(told["unreadNotices"], 1);
    let notice = &told["notices"]["nodes"][0];
    assert_eq!(notice["kind"], "OPPORTUNITY_REVIEW_REJECTED");
    assert_eq!(notice["topic"], "REVIEWS");
    assert_eq!(notice["reason"], "请补充预算");
    assert_eq!(notice["objectId"], json!(id));
    assert_eq!(notice["readAt"], Value::Null);
    let delivery =
        json!([{ "channel": "EMAIL", "state": "SENT", "attempts": 1, "lastError": null }]);
    assert_eq!(notice["deliveries"], delivery);
    let message = notice["message"].as_str().unwrap();
    assert!(
        message.starts_with("The vendor's review refused opportunity OPP-"),
        "{message}"
    );

    let mail = world.mail();
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].header("To"), "owner@partner.example");
    let subject = mail[0].header("Subject");
    assert!(
        subject.starts_with("机会点 OPP-") && subject.ends_with("被审核驳回"),
        "{subject}"
    );
    for part in ["请补充预算", &format!("{}?id={id}", world.app.base)] {
        assert!(mail[0].body("text/plain").contains(part), "{part}");
    }

    let input = json!({ "language": "EN" });
    let selection = "preferences { language topics { topic email sms } }";
    let said = world
        .owner
        .change("noticePreferencesUpdate", selection, input)
        .await;
    assert_eq!(said["preferences"]["language"], "EN");
    world.refused().await;
    let mail = world.mail();
    let subject = mail[1].header("Subject");
    assert!(subject.ends_with("was refused in review"), "{subject}");
    assert!(mail[1].body("text/html").contains("lang=\"en\""));
}

#[tokio::test]
async fn notices_are_their_readers_own_whoever_else_asks() {
    let world = World::new().await;
    world.refused().await;
    let id = notices(&world.owner).await["notices"]["nodes"][0]["id"].clone();

    for other in [
        &world.colleague,
        &world.rival,
        &world.reviewer,
        &world.auditor,
    ] {
        let told = notices(other).await;
        assert_eq!(
            (&told["unreadNotices"], &told["notices"]["nodes"]),
            (&json!(0), &json!([]))
        );
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let found = other.ask(node, json!({ "id": id })).await;
        assert_eq!(found.at("/node"), &Value::Null);
        let marked = other
            .change(
                "noticesMarkRead",
                "notices { id }",
                json!({ "noticeIds": [id] }),
            )
            .await;
        assert_eq!(reasons(&marked), ["NOTICE_NOT_FOUND"]);
        assert_eq!(marked["errors"][0]["path"], json!(["noticeIds", "0"]));
    }
    assert_eq!(
        world
            .app
            .count("SELECT count(*) FROM notices WHERE read_at IS NOT NULL")
            .await,
        0
    );
    let node = "query($id: ID!) { node(id: $id) { ... on Notice { kind } } }";
    let found = world.owner.ask(node, json!({ "id": id })).await;
    assert_eq!(found.at("/node/kind"), "OPPORTUNITY_REVIEW_REJECTED");
}

#[tokio::test]
async fn notices_are_marked_read_one_by_one_or_all_and_keep_their_first_time() {
    let world = World::new().await;
    for _ in 0..3 {
        world.refused().await;
    }
    let told = notices(&world.owner).await;
    let ids: Vec<Value> = (0..3)
        .map(|index| told["notices"]["nodes"][index]["id"].clone())
        .collect();
    let selection = "unreadNotices notices { id readAt }";

    let marked = world
        .owner
        .change(
            "noticesMarkRead",
            selection,
            json!({ "noticeIds": [ids[0]] }),
        )
        .await;

    assert_eq!(marked["unreadNotices"], 2);
    let read_at = marked["notices"][0]["readAt"].clone();
    assert_ne!(read_at, Value::Null);
    let query = "{ notices(first: 1, unreadOnly: true) { nodes { id } pageInfo { hasNextPage endCursor } } }";
    let page = world.owner.ask(query, json!({})).await;
    assert_eq!(page.at("/notices/nodes/0/id"), &ids[1]);
    let next =
        "query($after: String) { notices(first: 1, after: $after, unreadOnly: true) { nodes { id }
        pageInfo { hasNextPage } } }";
    let after = page.at("/notices/pageInfo/endCursor");
    let page = world.owner.ask(next, json!({ "after": after })).await;
    assert_eq!(page.at("/notices/nodes/0/id"), &ids[2]);
    assert_eq!(page.at("/notices/pageInfo/hasNextPage"), false);

    // One that is nobody's refuses all of them.
    let input = json!({ "noticeIds": [ids[1], "ntc_AAAAAAAAAAAAAAAAAAAAAA"] });
    let refused = world
        .owner
        .change("noticesMarkRead", selection, input)
        .await;
    assert_eq!(refused["errors"][0]["path"], json!(["noticeIds", "1"]));
    assert_eq!(notices(&world.owner).await["unreadNotices"], 2);

    world.app.clock.advance(chrono::TimeDelta::minutes(10));
    let all = world
        .owner
        .change("noticesMarkRead", selection, json!({}))
        .await;
    assert_eq!(
        (&all["unreadNotices"], &all["notices"]),
        (&json!(0), &json!([]))
    );
    let told = notices(&world.owner).await;
    assert_eq!(told["notices"]["nodes"][0]["readAt"], read_at);
}

#[tokio::test]
async fn what_a_member_does_not_want_by_mail_stands_in_the_portal_only() {
    let world = World::new().await;
    let unasked = "{ noticePreferences { language topics { topic email sms } } }";
    let before = world.owner.ask(unasked, json!({})).await;
    let expected = json!({ "language": "ZH_CN", "topics": [
        { "topic": "REVIEWS", "email": true, "sms": false },
        { "topic": "DEADLINES", "email": true, "sms": false },
        { "topic": "ASSIGNMENTS", "email": false, "sms": false },
        { "topic": "DEALS", "email": false, "sms": false },
        { "topic": "PEOPLE", "email": false, "sms": false },
        { "topic": "CUSTOMERS", "email": true, "sms": false },
    ] });
    assert_eq!(before.at("/noticePreferences"), &expected);

    let input = json!({ "topics": [{ "topic": "REVIEWS", "email": false }] });
    let selection = "preferences { language topics { topic email sms } }";
    let said = world
        .owner
        .change("noticePreferencesUpdate", selection, input)
        .await;

    assert_eq!(
        said["preferences"]["topics"][0],
        json!({ "topic": "REVIEWS", "email": false, "sms": false })
    );
    world.refused().await;
    let told = notices(&world.owner).await;
    assert_eq!(told["unreadNotices"], 1);
    assert_eq!(told["notices"]["nodes"][0]["deliveries"], json!([]));
    assert_eq!(world.mail().len(), 0);
}

/// Dead letters are for the vendor's auditors to see, without anybody's address; for nobody else.
#[tokio::test]
async fn dead_letters_are_seen_by_the_vendors_auditors_only() {
    let world = World::new().await;
    sqlx::query("UPDATE members SET email = 'nobody' WHERE id = $1")
        .bind(world.owner.member.0)
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    world.refused().await;
    let query = "{ noticeDeliveries(states: [FAILED]) { totalCount nodes {
        memberId organisationId kind channel state attempts nextAttemptAt lastError } } }";

    let seen = world.auditor.ask(query, json!({})).await;

    assert_eq!(seen.at("/noticeDeliveries/totalCount"), 1);
    let expected = json!({
        "memberId": world.owner.member.global(), "organisationId": world.owner.organisation.global(),
        "kind": "OPPORTUNITY_REVIEW_REJECTED", "channel": "EMAIL", "state": "FAILED", "attempts": 1,
        "nextAttemptAt": null, "lastError": "ADDRESS_INVALID",
    });
    assert_eq!(seen.at("/noticeDeliveries/nodes/0"), &expected);
    assert_eq!(world.app.app.outstanding.failed(), 1);
    for other in [
        &world.owner,
        &world.colleague,
        &world.rival,
        &world.reviewer,
    ] {
        let refused = other.ask(query, json!({})).await;
        assert_eq!(refused.body["data"]["noticeDeliveries"], Value::Null);
        assert_eq!(
            refused.body["errors"][0]["extensions"]["reason"],
            "PERMISSION_MISSING"
        );
    }
}

#[tokio::test]
async fn a_dead_letter_is_tried_again_by_the_vendors_administrator_and_by_nobody_else() {
    let world = World::new().await;
    let readdress = "UPDATE members SET email = $2 WHERE id = $1";
    let mut owner = world.app.owner().await;
    for address in ["nobody", "owner@partner.example"] {
        sqlx::query(readdress)
            .bind(world.owner.member.0)
            .bind(address)
            .execute(&mut owner)
            .await
            .unwrap();
        if address == "nobody" {
            world.refused().await;
        }
    }
    let query = "{ noticeDeliveries(states: [FAILED]) { nodes { id version viewerPermissions { canRetry { allowed } } } } }";
    let seen = world.auditor.ask(query, json!({})).await;
    let dead = seen.at("/noticeDeliveries/nodes/0").clone();
    assert_eq!(dead["viewerPermissions"]["canRetry"]["allowed"], true);
    let input = json!({ "noticeDeliveryId": dead["id"], "expectedVersion": dead["version"] });
    let selection =
        "delivery { state attempts version viewerPermissions { canRetry { allowed } } }";
    for other in [&world.owner, &world.rival, &world.reviewer] {
        let refused = other
            .change("noticeDeliveryRetry", selection, input.clone())
            .await;
        assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    }

    let retried = world
        .auditor
        .change("noticeDeliveryRetry", selection, input.clone())
        .await;
    let again = world
        .auditor
        .change("noticeDeliveryRetry", selection, input)
        .await;
    assert_eq!(world.app.app.tick().await, [""; 0]);

    let expected = json!({ "state": "PENDING", "attempts": 0, "version": "v2",
        "viewerPermissions": { "canRetry": { "allowed": false } } });
    assert_eq!(retried["delivery"], expected);
    assert_eq!(reasons(&again), ["VERSION_CONFLICT"]);
    assert_eq!(world.mail().len(), 1);
    let entries = "SELECT count(*) FROM timeline_entries WHERE action = 'notice_delivery.retried'";
    assert_eq!(world.app.count(entries).await, 1);
    assert_eq!(world.app.app.outstanding.failed(), 0);
}
