//! Dedicated personnel through `POST /graphql`: a person's whole way, by the partner, the vendor and the person.

use portico::ids::{OrganisationId, Tagged as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, the_vendor};

struct World {
    app: TestApp,
    admin: Caller,
    finance: Caller,
    vendor: Caller,
    rival: Caller,
    person: Caller,
}

const SELECTION: &str = "dedicatedPerson { id state version }";

impl World {
    /// The person's account arrives as the vendor's fact.
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let vendor = the_vendor().insert(&mut owner).await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("另一伙伴").insert(&mut owner).await;
        sqlx::query(
            "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
             VALUES ($1, gen_random_uuid(), 'SERVICE', 'ROLE_VALIDATED', 'ACTIVE')",
        )
        .bind(partner.0)
        .execute(&mut owner)
        .await
        .unwrap();
        let world = Self {
            admin: app.member(partner, "ada", &["SYSTEM_ADMIN"]).await,
            finance: app.member(partner, "fay", &["FINANCE"]).await,
            vendor: app.member(vendor, "vic", &["VENDOR_ADMIN"]).await,
            rival: app.member(rival, "rob", &["SYSTEM_ADMIN"]).await,
            person: app.stranger("s-1").await,
            app,
        };
        let csv = "account_name,identity_provider,subject,name,email,mobile,real_name\n\
            lihua.home,https://iam.example,s-1,李华,li@home.example,8613812345678,PERSONAL\n";
        let input = json!({ "kind": "PERSONAL_ACCOUNTS", "csv": csv });
        let imported = world.vendor.change("factsImport", "added", input).await;
        assert_eq!(imported["added"], 1, "{imported}");
        world
    }

    async fn invited(&self) -> (Value, String) {
        let input = json!({ "invitee": { "mobile": "138 1234 5678" } });
        let selection = "acceptUrl candidates { accountId } dedicatedPerson { id state version name invitedAs }";
        let mut payload = self
            .admin
            .change("dedicatedPersonInvite", selection, input)
            .await;
        assert_eq!(reasons(&payload), [""; 0], "{payload}");
        let url = payload["acceptUrl"].as_str().unwrap().to_owned();
        (payload["dedicatedPerson"].take(), url)
    }

    async fn bound(&self) -> Value {
        let (_, url) = self.invited().await;
        let token = url.split_once('#').unwrap().1;
        let input = json!({ "invitation": { "token": token }, "consentVersion": 1 });
        let accepted = self
            .person
            .change("dedicatedPersonInvitationAccept", SELECTION, input);
        done(accepted.await)
    }

    async fn file(&self) -> String {
        a_document(&self.app, self.admin.organisation).await
    }
}

/// A complete document of the organisation's.
async fn a_document(app: &TestApp, organisation: OrganisationId) -> String {
    let id = portico::ids::DocumentId(Uuid::now_v7());
    sqlx::query(
        "INSERT INTO documents (organisation_id, id, file_name, media_type, size, sha256, state, prepared_by, prepared_at,
             upload_until, completed_at)
         VALUES ($1, $2, 'a.pdf', 'application/pdf', 1, sha256(''), 'COMPLETE', 'test', $3, $3, $3)",
    )
    .bind(organisation.0)
    .bind(id.0)
    .bind(app.now())
    .execute(&mut app.owner().await)
    .await
    .unwrap();
    id.global()
}

fn done(mut payload: Value) -> Value {
    assert_eq!(reasons(&payload), [""; 0], "{payload}");
    payload["dedicatedPerson"].take()
}

fn at(person: &Value) -> Value {
    json!({ "dedicatedPersonId": person["id"], "expectedVersion": person["version"] })
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

const READ: &str = "query($id: ID!) { node(id: $id) { ... on DedicatedPerson { state name accountName email mobile position
    baseLocation employment startedOn invitedAs partnerName path decisionReason endedBy workingDaysUnderReview
    certificates { name number validUntil isValid document { id } } trainings { name } projects { name part }
    applications { kind state reason documents { id } decisionReason }
    wasDedicated(path: SERVICE, at: \"2026-11-23T02:00:00Z\")
    timeline(first: 50) { nodes { action personal { field masked } details } }
    viewerPermissions { canUnbind { allowed } canLeave { allowed } canAccept { allowed } } transitions { action to } } } }";

async fn read(caller: &Caller, person: &Value) -> Value {
    let answer = caller.ask(READ, json!({ "id": person["id"] })).await;
    answer.at("/node").clone()
}

/// R-DED-1 to R-DED-16 in the order in which a person meets them.
#[tokio::test]
async fn a_person_is_invited_agrees_is_dedicated_cancelled_and_unbound() {
    let world = World::new().await;
    let (invited, url) = world.invited().await;
    assert_eq!(
        (&invited["state"], &invited["name"]),
        (&json!("INVITED"), &Value::Null)
    );
    assert_eq!(invited["invitedAs"], "138 1****5678");
    assert!(url.contains("/dedicated-invitation#"));
    let own = "{ viewer { ... on FederatedIdentity { dedicatedPersonnel { id state partnerName
        viewerPermissions { canAccept { allowed } canLeave { allowed } } } } }
        dedicatedPersonConsent { textId version sentence attributes } }";
    let page = world.person.ask(own, json!({})).await;
    assert_eq!(
        page.text("/viewer/dedicatedPersonnel/0/partnerName"),
        "伙伴"
    );
    let may = page.at("/viewer/dedicatedPersonnel/0/viewerPermissions");
    assert_eq!(
        may,
        &json!({ "canAccept": { "allowed": true }, "canLeave": { "allowed": true } })
    );
    assert!(
        page.text("/dedicatedPersonConsent/sentence")
            .contains("I agree")
    );

    let input =
        json!({ "invitation": { "dedicatedPersonId": invited["id"] }, "consentVersion": 1 });
    let bound = done(
        world
            .person
            .change("dedicatedPersonInvitationAccept", SELECTION, input)
            .await,
    );
    assert_eq!(bound["state"], "BOUND");
    let file = world.file().await;
    let edit = json!({ "position": "架构师", "baseLocation": "杭州", "employment": "LABOUR_CONTRACT",
        "certificates": [{ "name": "HCIE", "detail": "EC-1", "from": "2024-11-23", "until": "2026-11-22", "documentId": file }],
        "projects": [{ "name": "上云", "detail": "设计", "from": "2026-01-01" }] });
    let mut update = at(&bound);
    update
        .as_object_mut()
        .unwrap()
        .extend(edit.as_object().unwrap().clone());
    let kept = done(
        world
            .admin
            .change("dedicatedPersonUpdate", SELECTION, update)
            .await,
    );
    let seen = read(&world.admin, &kept).await;
    assert_eq!(
        seen["certificates"][0]["isValid"], false,
        "its last day was yesterday"
    );
    assert_eq!(seen["certificates"][0]["document"]["id"], file);
    assert_eq!(
        (&seen["email"], &seen["mobile"]),
        (&json!("l***@home.example"), &json!("86138****5678"))
    );

    let item = with(at(&kept), "documentIds", json!([file]));
    let apply = json!({ "path": "SERVICE", "items": [item] });
    let results = "results { dedicatedPerson { id state version } errors { reason } }";
    let applied = world
        .admin
        .change("dedicatedPersonApply", results, apply)
        .await;
    let applied = applied["results"][0]["dedicatedPerson"].clone();
    let queue = "{ inbox(first: 10) { nodes { kind } } }";
    let queue = world.vendor.ask(queue, json!({})).await;
    assert_eq!(queue.text("/inbox/nodes/0/kind"), "REVIEW_DEDICATED_PERSON");
    let seen = read(&world.vendor, &applied).await;
    assert_eq!(seen["workingDaysUnderReview"], 0);
    assert_eq!(seen["applications"][0]["documents"][0]["id"], file);
    let decide =
        |person: &Value| json!({ "items": [with(at(person), "decision", json!("APPROVE"))] });
    let decided = world
        .vendor
        .change("dedicatedPersonDecide", results, decide(&applied))
        .await;
    let dedicated = decided["results"][0]["dedicatedPerson"].clone();
    assert_eq!(dedicated["state"], "DEDICATED", "{decided}");
    assert_eq!(read(&world.admin, &dedicated).await["wasDedicated"], true);

    let refused = world
        .admin
        .change("dedicatedPersonUnbind", SELECTION, at(&dedicated))
        .await;
    assert_eq!(reasons(&refused), ["DEDICATED_MUST_CANCEL_FIRST"]);
    let cancel = with(
        with(at(&dedicated), "reason", json!("Left")),
        "documentIds",
        json!([file]),
    );
    let asked = done(
        world
            .admin
            .change("dedicatedPersonCancel", SELECTION, cancel)
            .await,
    );
    let decided = world
        .vendor
        .change("dedicatedPersonDecide", results, decide(&asked))
        .await;
    let cancelled = decided["results"][0]["dedicatedPerson"].clone();
    let unbound = done(
        world
            .admin
            .change("dedicatedPersonUnbind", SELECTION, at(&cancelled))
            .await,
    );
    assert_eq!(unbound["state"], "UNBOUND");
}

/// R-DED-9: over every field of the graph that has the person, lists, histories and the proof included.
#[tokio::test]
async fn r_ded_9_after_the_end_the_graph_tells_the_partner_and_the_vendor_nothing() {
    let world = World::new().await;
    let bound = world.bound().await;
    let file = world.file().await;
    let edit = json!({ "baseLocation": "杭州湾", "certificates": [{ "name": "秘密证书", "from": "2025-01-01", "documentId": file }] });
    let mut update = at(&bound);
    update
        .as_object_mut()
        .unwrap()
        .extend(edit.as_object().unwrap().clone());
    let kept = done(
        world
            .admin
            .change("dedicatedPersonUpdate", SELECTION, update)
            .await,
    );
    let list = "{ organisation { personnel(first: 10) { totalCount nodes { state name accountName email mobile baseLocation
        invitedAs certificates { name } } } } }";
    let everything = async |caller: &Caller| {
        let listed = caller.ask(list, json!({})).await;
        format!("{} {}", read(caller, &kept).await, listed.at(""))
    };
    let private = [
        "李华",
        "lihua.home",
        "l***@",
        "****5678",
        "杭州湾",
        "秘密证书",
    ];
    let before = everything(&world.admin).await;
    for secret in private {
        assert!(before.contains(secret), "{secret} in {before}");
    }
    let document = "query($id: ID!) { document(id: $id) { id } }";
    let proof = world.admin.ask(document, json!({ "id": file })).await;
    assert_eq!(proof.text("/document/id"), file);

    let left = world
        .person
        .change("dedicatedPersonLeave", SELECTION, at(&kept))
        .await;
    assert_eq!(done(left)["state"], "UNBOUND");

    for caller in [&world.admin, &world.finance, &world.vendor] {
        let after = everything(caller).await;
        for secret in private {
            assert!(!after.contains(secret), "{secret} in {after}");
        }
    }
    let proof = world.admin.ask(document, json!({ "id": file })).await;
    assert!(proof.at("/document").is_null(), "the proof is the person's");
    let reveal = json!({ "dedicatedPersonId": kept["id"], "fields": ["EMAIL", "MOBILE"], "purpose": "Call" });
    let revealed = world
        .admin
        .change("dedicatedPersonReveal", "email mobile", reveal)
        .await;
    assert_eq!(reasons(&revealed), ["DEDICATED_PERSON_NOT_FOUND"]);
    let own = read(&world.person, &kept).await;
    assert_eq!(
        (&own["email"], &own["baseLocation"]),
        (&json!("li@home.example"), &json!("杭州湾"))
    );
    assert_eq!(own["endedBy"], "PERSON");
}

#[tokio::test]
async fn another_partner_learns_nothing_of_a_person_and_a_stranger_neither() {
    let world = World::new().await;
    let bound = world.bound().await;
    let stranger = world.app.stranger("s-2").await;

    assert!(read(&world.rival, &bound).await.is_null());
    assert!(read(&stranger, &bound).await.is_null());
    let own = "{ viewer { ... on FederatedIdentity { dedicatedPersonnel { id } } } }";
    let own = stranger.ask(own, json!({})).await;
    assert_eq!(own.at("/viewer/dedicatedPersonnel"), &json!([]));
    let list = "query($id: ID!) { organisation(id: $id) { personnel(first: 5) { nodes { id } } } }";
    let partner = json!({ "id": world.admin.organisation.global() });
    let listed = world.rival.ask(list, partner).await;
    assert!(listed.at("/organisation").is_null());
}

/// The values come once, in full, for a purpose that stands in the history (R-GEN-3).
#[tokio::test]
async fn masked_values_are_revealed_for_a_purpose_and_recorded() {
    let world = World::new().await;
    let bound = world.bound().await;
    let reveal =
        json!({ "dedicatedPersonId": bound["id"], "fields": ["MOBILE"], "purpose": "Call back" });

    let denied = world
        .finance
        .change("dedicatedPersonReveal", "mobile", reveal.clone())
        .await;
    let foreign = world
        .rival
        .change("dedicatedPersonReveal", "mobile", reveal.clone())
        .await;
    let told = world
        .admin
        .change("dedicatedPersonReveal", "mobile email", reveal)
        .await;

    assert_eq!(reasons(&denied), ["PERMISSION_MISSING"]);
    assert_eq!(reasons(&foreign), ["DEDICATED_PERSON_NOT_FOUND"]);
    assert_eq!(
        (&told["mobile"], &told["email"]),
        (&json!("8613812345678"), &Value::Null)
    );
    let reveals = "SELECT count(*) FROM timeline_entries WHERE object_kind = 'rvl'";
    assert_eq!(world.app.count(reveals).await, 1);
}

/// Nothing in the pages' and letters' way leads past the sign-in.
#[tokio::test]
async fn several_accounts_are_candidates_without_their_names() {
    let world = World::new().await;
    let csv = "account_name,identity_provider,subject,name,email,mobile,real_name\n\
        lihua.work,https://iam.example,s-9,李华,li@home.example,,PERSONAL\n";
    let input = json!({ "kind": "PERSONAL_ACCOUNTS", "csv": csv });
    world.vendor.change("factsImport", "added", input).await;
    let selection = "candidates { accountId accountName } dedicatedPerson { id }";
    let family = json!({ "invitee": { "email": "li@home.example" } });

    let asked = world
        .admin
        .change("dedicatedPersonInvite", selection, family.clone())
        .await;
    assert_eq!(reasons(&asked), ["INVITEE_AMBIGUOUS"]);
    assert_eq!(asked["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(asked["candidates"][0]["accountName"], "lih***");
    let picked = with(
        family,
        "accountId",
        asked["candidates"][0]["accountId"].clone(),
    );
    let sent = world
        .admin
        .change("dedicatedPersonInvite", selection, picked)
        .await;
    assert!(sent["dedicatedPerson"]["id"].is_string(), "{sent}");
}

const INBOX: &str = "{ inbox(first: 10) { nodes { kind } } }";

async fn waiting(caller: &Caller) -> Vec<String> {
    let answer = caller.ask(INBOX, json!({})).await;
    let nodes = answer.at("/inbox/nodes").as_array().unwrap().clone();
    let kinds = nodes.iter().map(|node| node["kind"].as_str().unwrap());
    kinds.map(str::to_owned).collect()
}

/// What waits stands in the inbox of whoever can do it: an invitation that expires soon, what the vendor has to decide, and
/// what it refused.
#[tokio::test]
async fn what_waits_on_whom_stands_in_the_inbox() {
    let world = World::new().await;
    world.invited().await;
    assert_eq!(waiting(&world.admin).await, [""; 0], "seven days are long");
    let soon = "UPDATE dedicated_personnel SET expires_at = $1";
    sqlx::query(soon)
        .bind(world.app.now() + chrono::TimeDelta::days(1))
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    assert_eq!(waiting(&world.admin).await, ["RENEW_DEDICATED_INVITATION"]);
    assert_eq!(waiting(&world.finance).await, [""; 0]);
    assert_eq!(waiting(&world.rival).await, [""; 0]);
    sqlx::query(soon)
        .bind(world.app.now())
        .execute(&mut world.app.owner().await)
        .await
        .unwrap();
    assert_eq!(waiting(&world.admin).await, [""; 0], "it is over");

    let bound = world.bound().await;
    let place = with(at(&bound), "baseLocation", json!("杭州"));
    let placed = done(
        world
            .admin
            .change("dedicatedPersonUpdate", SELECTION, place)
            .await,
    );
    let item = with(at(&placed), "documentIds", json!([world.file().await]));
    let apply = json!({ "path": "SERVICE", "items": [item] });
    let results = "results { dedicatedPerson { id version } errors { reason } }";
    let applied = world
        .admin
        .change("dedicatedPersonApply", results, apply)
        .await;
    let applied = applied["results"][0]["dedicatedPerson"].clone();
    assert_eq!(waiting(&world.vendor).await, ["REVIEW_DEDICATED_PERSON"]);
    assert_eq!(waiting(&world.admin).await, [""; 0]);
    let queue = "{ dedicatedPersonnel(where: { state: [APPLY_UNDER_REVIEW, CANCEL_UNDER_REVIEW] }, direction: ASCENDING,
        first: 5) { totalCount nodes { id } } }";
    let queued = world.vendor.ask(queue, json!({})).await;
    assert_eq!(queued.at("/dedicatedPersonnel/nodes/0/id"), &applied["id"]);
    let rivals = world.rival.ask(queue, json!({})).await;
    assert_eq!(rivals.at("/dedicatedPersonnel/totalCount"), &json!(0));

    let no = with(
        with(at(&applied), "decision", json!("REJECT")),
        "reason",
        json!("No proof"),
    );
    let decided = world
        .vendor
        .change("dedicatedPersonDecide", results, json!({ "items": [no] }));
    assert_eq!(decided.await["results"][0]["errors"], json!([]));
    assert_eq!(waiting(&world.admin).await, ["MEND_DEDICATED_APPLICATION"]);
    assert_eq!(waiting(&world.vendor).await, [""; 0]);
}

/// However many persons a list has, it takes as many statements.
#[tokio::test]
async fn a_list_takes_a_fixed_number_of_statements() {
    let world = World::new().await;
    let list = "{ organisation { personnel(first: 50) { totalCount nodes { name state organisation { name } invitation {
        expiresAt } certificates { name } trainings { name } projects { name } applications { kind }
        wasDedicated(path: SERVICE, at: \"2026-11-23T02:00:00Z\") workingDaysUnderReview
        viewerPermissions { canApply { allowed } } transitions { to } } } } }";
    let mut owner = world.app.owner().await;
    for name in ["甲", "乙"] {
        crate::support::builders::a_person(&mut owner, world.admin.organisation, name).await;
    }
    world.admin.ask(list, json!({})).await;
    let before = world.app.app.db.statements();
    world.admin.ask(list, json!({})).await;
    let small = world.app.app.db.statements() - before;
    for number in 0..20 {
        let name = format!("专员{number}");
        crate::support::builders::a_person(&mut owner, world.admin.organisation, &name).await;
    }
    let before = world.app.app.db.statements();
    let listed = world.admin.ask(list, json!({})).await;
    let large = world.app.app.db.statements() - before;

    assert_eq!(listed.at("/organisation/personnel/totalCount"), &json!(22));
    assert_eq!(small, large);
}
