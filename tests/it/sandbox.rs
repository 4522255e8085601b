//! The sandbox through the graph: who may move its clock, and that nowhere else anything of it works.

use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, offering_of, the_vendor};

const TRAVEL: &str = "travel { before after stops deadlinesExpired vendorAnswers noticesMade }";

async fn a_member(app: &TestApp, name: &str, roles: &[&'static str]) -> Caller {
    let organisation = a_partner(name).insert(&mut app.owner().await).await;
    app.member(organisation, name, roles).await
}

/// Every mutation whose name begins with `sandbox`, and its input with each required field filled by its type.
fn sandbox_mutations() -> Vec<(String, Value)> {
    let sdl = portico::graphql::sdl();
    let body = |head: &str| {
        let start = sdl.find(&format!("\n{head} {{\n")).unwrap() + head.len();
        sdl[start..].split("\n}").next().unwrap().to_owned()
    };
    let fields = |text: &str| -> Vec<(String, String)> {
        text.lines()
            .filter(|line| {
                line.starts_with('\t') && line.contains(": ") && !line.contains("\"\"\"")
            })
            .filter_map(|line| line.trim().split_once(": "))
            .filter(|(name, _)| name.chars().all(char::is_alphanumeric))
            .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
            .collect()
    };
    body("type Mutation")
        .lines()
        .filter_map(|line| line.trim().split_once("(input: "))
        .filter(|(name, _)| name.starts_with("sandbox"))
        .map(|(name, rest)| {
            let input = rest.split('!').next().unwrap();
            let mut value = json!({});
            for (field, kind) in fields(&body(&format!("input {input}"))) {
                match kind.as_str() {
                    "DateTime!" => value[field] = json!("2030-01-01T00:00:00Z"),
                    kind if kind.starts_with('[') && kind.ends_with(']') => {
                        value[field] = json!([]);
                    }
                    "UUID!" => {}
                    kind => assert!(
                        !kind.ends_with('!'),
                        "say here what {input}.{field}: {kind} may be"
                    ),
                }
            }
            (name.to_owned(), value)
        })
        .collect()
}

#[tokio::test]
async fn outside_a_sandbox_every_mutation_of_it_answers_that_and_changes_nothing() {
    let app = TestApp::start().await;
    let caller = a_member(&app, "outside", &["SYSTEM_ADMIN"]).await;
    let mutations = sandbox_mutations();
    assert!(!mutations.is_empty());

    for (mutation, input) in mutations {
        let payload = caller.change(&mutation, "__typename", input).await;
        assert_eq!(reasons(&payload), ["SANDBOX_ONLY"], "{mutation}");
        assert_eq!(payload["errors"][0]["code"], "PRECONDITION");
    }
    let shown = caller.ask("{ sandbox { now } }", json!({})).await;
    assert!(shown.at("/sandbox").is_null());
    for untouched in [
        "SELECT count(*) FROM sandbox_clock",
        "SELECT count(*) FROM sandbox_travels",
        "SELECT count(*) FROM sandbox_scripts",
        "SELECT count(*) FROM idempotency_keys",
    ] {
        assert_eq!(app.count(untouched).await, 0, "{untouched}");
    }
}

#[tokio::test]
async fn a_member_of_a_sandbox_moves_its_clock_and_stays_signed_in() {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let caller = a_member(&app, "traveller", &["OPERATOR"]).await;
    let key = uuid::Uuid::now_v7();

    let input = json!({ "at": "2028-01-01T00:00:00Z", "pace": "STANDS" });
    let done = caller
        .change_under(key, "sandboxAdvanceTo", TRAVEL, input.clone())
        .await;
    assert_eq!(done["errors"], json!([]));
    assert_eq!(done["travel"]["after"], "2028-01-01T00:00:00+00:00");
    // Sixteen months begin on the way, and the target is one more.
    assert_eq!(done["travel"]["stops"], 17);

    // Fifteen months are past the absolute end of any session, were it not for the real time that they live by.
    let shown = caller
        .ask(
            "{ sandbox { now pace offsetSeconds } viewer { __typename } }",
            json!({}),
        )
        .await;
    assert_eq!(shown.text("/sandbox/now"), "2028-01-01T00:00:00+00:00");
    assert_eq!(shown.text("/sandbox/pace"), "STANDS");
    assert_eq!(shown.text("/viewer/__typename"), "Member");

    let again = caller
        .change_under(key, "sandboxAdvanceTo", TRAVEL, input)
        .await;
    assert_eq!(again["replayed"], true);
    assert_eq!(again["travel"], done["travel"]);

    let back = json!({ "at": "2027-12-31T23:59:59Z" });
    let refused = caller.change("sandboxAdvanceTo", TRAVEL, back).await;
    assert_eq!(reasons(&refused), ["SANDBOX_TIME_PAST"]);
    assert_eq!(refused["errors"][0]["path"], json!(["at"]));
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("2028-01-01T00:00:00")
    );
    let far = json!({ "at": "2033-01-01T00:00:01Z" });
    let refused = caller.change("sandboxAdvanceTo", TRAVEL, far).await;
    assert_eq!(reasons(&refused), ["SANDBOX_TIME_TOO_FAR"]);
    assert_eq!(app.count("SELECT count(*) FROM sandbox_travels").await, 1);
}

#[tokio::test]
async fn a_person_whom_no_organisation_knows_moves_no_clock() {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let stranger = app.stranger("stranger").await;

    let input = json!({ "at": "2026-10-01T00:00:00Z" });
    let refused = stranger.change("sandboxAdvanceTo", TRAVEL, input).await;

    assert_eq!(reasons(&refused), ["NOT_A_MEMBER"]);
    assert_eq!(app.count("SELECT moves FROM sandbox_clock").await, 0);
}

#[tokio::test]
async fn what_is_done_after_a_travel_bears_the_time_of_the_sandbox() {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let caller = a_member(&app, "writer", &["OPERATOR"]).await;
    let input = json!({ "at": "2027-03-01T00:00:00Z", "pace": "STANDS" });
    caller.change("sandboxAdvanceTo", TRAVEL, input).await;

    let made = caller
        .change(
            "opportunityCreate",
            "opportunity { number createdAt }",
            json!({ "name": "Later" }),
        )
        .await;

    assert_eq!(made["errors"], json!([]));
    let opportunity = &made["opportunity"];
    assert_eq!(opportunity["createdAt"], "2027-03-01T00:00:00+00:00");
    assert!(
        opportunity["number"]
            .as_str()
            .unwrap()
            .starts_with("OPP-2027-")
    );
}

#[tokio::test]
async fn a_script_is_refused_rule_by_rule_and_holds_for_its_own_organisation() {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let caller = a_member(&app, "scripted", &["OPERATOR"]).await;
    let other = a_member(&app, "unscripted", &["OPERATOR"]).await;
    let script = "script { on answer afterWorkingDays afterMinutes nameContains reason }";
    let shown = format!("{{ sandbox {{ {script} }} }}");
    let usual = caller
        .ask(&shown, json!({}))
        .await
        .at("/sandbox/script")
        .clone();
    assert_eq!(usual[0]["answer"], "APPROVE");

    let wrong = json!({ "rules": [
        { "on": "SUBMISSION", "answer": "VALIDATE", "afterWorkingDays": 1 },
        { "on": "SUBMISSION", "answer": "REJECT", "afterMinutes": -1 },
    ] });
    let refused = caller.change("sandboxVendorScript", script, wrong).await;
    assert_eq!(
        reasons(&refused),
        [
            "SANDBOX_ANSWER_MISMATCH",
            "SANDBOX_DELAY_RANGE",
            "SANDBOX_REASON_REQUIRED"
        ]
    );
    assert_eq!(
        refused["errors"][1]["path"],
        json!(["rules", "1", "afterMinutes"])
    );
    assert_eq!(app.count("SELECT count(*) FROM sandbox_scripts").await, 0);

    let rules = json!({ "rules": [
        { "on": "SUBMISSION", "answer": "REJECT", "afterMinutes": 5, "nameContains": "bad", "reason": "Too vague" },
        { "on": "SUBMISSION", "answer": "APPROVE", "afterWorkingDays": 0 },
    ] });
    let set = caller.change("sandboxVendorScript", script, rules).await;
    assert_eq!(set["errors"], json!([]));
    assert_eq!(set["script"][0]["reason"], "Too vague");
    let theirs = other.ask(&shown, json!({})).await;
    assert_eq!(theirs.at("/sandbox/script"), &usual);

    let reset = caller
        .change("sandboxVendorScript", script, json!({}))
        .await;
    assert_eq!(reset["script"], usual);
    assert_eq!(app.count("SELECT count(*) FROM sandbox_scripts").await, 0);
}

/// A partner's salesperson in a sandbox whose vendor has people, with an opportunity that was submitted.
async fn a_submission(rules: Value) -> (TestApp, Caller, Value) {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let vendor = the_vendor().insert(&mut app.owner().await).await;
    app.member(vendor, "reviewer", &["VENDOR_REVIEWER", "VENDOR_BD"])
        .await;
    let caller = a_member(&app, "seller", &["ACCOUNT_MANAGER"]).await;
    let script = json!({ "rules": rules });
    let set = caller
        .change("sandboxVendorScript", "__typename", script)
        .await;
    assert_eq!(set["errors"], json!([]));
    let deal = json!({
        "name": "A shop in the cloud",
        "description": "A shop that moves to the cloud.",
        "customerName": "Great Lake Shipping",
        "customerRegion": "华东",
        "customerIndustry": "零售",
        "expectedRevenue": { "amount": "800000", "currency": "CNY" },
        "budget": { "amount": "900000", "currency": "CNY" },
        "decisionMaker": "The owner",
        "need": "A shop that stays up.",
        "purchaseOn": "2027-12-01",
        "contacts": [{ "name": "Robin", "email": "robin@lake.example" }],
        "customerConsentConfirmed": true,
        "offeringIds": [offering_of(caller.organisation).global()],
        "preSalesActivities": ["CUSTOMER_VISIT"],
    });
    let made = caller
        .change("opportunityCreate", "opportunity { id version }", deal)
        .await;
    let id = made["opportunity"]["id"].clone();
    let submit = json!({ "opportunityId": id, "expectedVersion": made["opportunity"]["version"] });
    let submitted = caller
        .change("opportunitySubmit", "opportunity { id }", submit)
        .await;
    assert_eq!(submitted["errors"], json!([]));
    (app, caller, id)
}

async fn state_at(caller: &Caller, id: &Value, at: &str) -> (String, Value) {
    let travel = json!({ "at": at, "pace": "STANDS" });
    let done = caller.change("sandboxAdvanceTo", TRAVEL, travel).await;
    assert_eq!(done["errors"], json!([]));
    let read = "query($id: ID!) { opportunity(id: $id) { reviewState } }";
    let read = caller.ask(read, json!({ "id": id })).await;
    (
        read.text("/opportunity/reviewState"),
        done["travel"].clone(),
    )
}

#[tokio::test]
async fn the_scripted_vendor_answers_in_its_own_time_as_one_of_its_people() {
    let rules = json!([
        { "on": "SUBMISSION", "answer": "APPROVE", "afterWorkingDays": 1 },
        { "on": "REVIEW_PASSED", "answer": "VALIDATE", "afterWorkingDays": 2 },
    ]);
    let (app, caller, id) = a_submission(rules).await;

    // The National Day holiday lasts until the 7th; the 8th is the first working day, and the 10th the third.
    let (state, _) = state_at(&caller, &id, "2026-10-08T01:59:00Z").await;
    assert_eq!(state, "UNDER_REVIEW");
    let (state, travel) = state_at(&caller, &id, "2026-10-08T09:00:00Z").await;
    assert_eq!(state, "UNDER_VALIDATION");
    assert_eq!(travel["vendorAnswers"], 1);
    let (state, travel) = state_at(&caller, &id, "2027-01-01T00:00:00Z").await;
    assert_eq!(state, "VALIDATED");
    assert_eq!(travel["vendorAnswers"], 1);
    assert_eq!(travel["deadlinesExpired"], 0);

    let by_people =
        "SELECT count(*) FROM timeline_entries WHERE object_kind = 'opp' AND actor LIKE 'mem%'";
    assert_eq!(app.count(by_people).await, 4);
    let in_time = "SELECT count(*) FROM timeline_entries
        WHERE action = 'opportunity.validated' AND at::date = '2026-10-10'";
    assert_eq!(app.count(in_time).await, 1);
}

#[tokio::test]
async fn a_vendor_that_ignores_lets_the_deadline_pass() {
    let rules = json!([
        { "on": "SUBMISSION", "answer": "APPROVE", "afterMinutes": 60 },
        { "on": "REVIEW_PASSED", "answer": "IGNORE" },
    ]);
    let (_app, caller, id) = a_submission(rules).await;

    let (state, travel) = state_at(&caller, &id, "2026-12-01T00:00:00Z").await;

    assert_eq!(state, "VALIDATION_REJECTED");
    assert_eq!(travel["vendorAnswers"], 1);
    assert_eq!(travel["deadlinesExpired"], 1);
}

/// R-OPP-3: what the scripted vendor shares, it shares once, at its time, as one of its people.
#[tokio::test]
async fn the_scripted_vendor_shares_an_opportunity_at_its_time_and_once() {
    let app = TestApp::sandbox("2026-09-30T02:00:00Z").await;
    let vendor = the_vendor().insert(&mut app.owner().await).await;
    app.member(vendor, "bd", &["VENDOR_REVIEWER", "VENDOR_BD"])
        .await;
    let caller = a_member(&app, "receiver", &["SYSTEM_ADMIN"]).await;
    let rival = a_member(&app, "rival", &["SYSTEM_ADMIN"]).await;
    let offering = offering_of(caller.organisation);
    sqlx::query(
        "INSERT INTO path_memberships (organisation_id, id, path, stage, state)
         VALUES ($1, $2, 'SERVICE', 'DIFFERENTIATED', 'ACTIVE')",
    )
    .bind(caller.organisation.0)
    .bind(offering.0)
    .execute(&mut app.owner().await)
    .await
    .unwrap();
    let rules = |offering: String| {
        let deal = json!({ "name": "A warehouse", "customerName": "Great Lake Shipping",
            "customerRegion": "华东", "offeringId": offering });
        json!({ "rules": [{ "on": "SCRIPT_SET", "answer": "SHARE", "afterWorkingDays": 2, "deal": deal }] })
    };
    let script = "script { on answer afterWorkingDays deal { name customerName customerRegion offeringId } }";
    let foreign = rules(offering_of(rival.organisation).global());
    let refused = caller.change("sandboxVendorScript", script, foreign).await;
    assert_eq!(reasons(&refused), ["OFFERING_NOT_FOUND"]);
    assert_eq!(app.count("SELECT count(*) FROM sandbox_scripts").await, 0);

    let set = caller
        .change("sandboxVendorScript", script, rules(offering.global()))
        .await;
    assert_eq!(set["errors"], json!([]));
    assert_eq!(set["script"][0]["deal"]["offeringId"], offering.global());
    let listed = async |at: &str| {
        let travel = json!({ "at": at, "pace": "STANDS" });
        let done = caller.change("sandboxAdvanceTo", TRAVEL, travel).await;
        assert_eq!(done["errors"], json!([]));
        let list = "{ opportunities(first: 10) { nodes { name origin reviewState customerName createdAt } } }";
        let list = caller.ask(list, json!({})).await;
        (
            list.at("/opportunities/nodes").clone(),
            done["travel"].clone(),
        )
    };
    // The National Day holiday lasts until the 7th: the second working day is the 9th.
    let (before, _) = listed("2026-10-09T01:59:00Z").await;
    assert_eq!(before, json!([]));
    let (shared, travel) = listed("2026-10-09T03:00:00Z").await;
    assert_eq!(travel["vendorAnswers"], 1);
    assert_eq!(shared[0]["reviewState"], "PENDING_ACCEPTANCE");
    assert_eq!(shared[0]["origin"], "VENDOR");
    assert_eq!(shared[0]["name"], "A warehouse");
    assert!(
        shared[0]["createdAt"]
            .as_str()
            .unwrap()
            .starts_with("2026-10-09T02:0")
    );
    let (later, travel) = listed("2026-12-01T00:00:00Z").await;
    assert_eq!(later.as_array().unwrap().len(), 1);
    assert_eq!(later[0]["reviewState"], "AUTO_REJECTED");
    assert_eq!(travel["vendorAnswers"], 0);
    assert_eq!(travel["deadlinesExpired"], 1);
    let by_people = "SELECT count(*) FROM timeline_entries WHERE action = 'opportunity.shared' AND actor LIKE 'mem%'";
    assert_eq!(app.count(by_people).await, 1);

    // Set again, it is shared again.
    caller
        .change("sandboxVendorScript", script, rules(offering.global()))
        .await;
    let (again, _) = listed("2027-01-01T00:00:00Z").await;
    assert_eq!(again.as_array().unwrap().len(), 2);
}
