//! m02: an opportunity of each side is reported by two authors until it is delivered with proof, and one that is left
//! alone waits in its owner's inbox. Exercises R-OPP-7, R-OPP-8, R-OPP-9, R-OPP-30, R-OPP-33.

use chrono::{DateTime, TimeDelta, Utc};
use openssl::sha::sha256;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::{Person, report_what_stalled};
use crate::support::process::Portico;

const PROOF: &[u8] =
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";

/// Carries a change out and answers its payload, whatever came of it.
async fn change(person: &Person, mutation: &str, selection: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = json!(Uuid::now_v7());
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let text = format!(
        "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} errors {{ reason path }} }} }}"
    );
    let answer = person.ask(&text, json!({ "input": input })).await;
    answer.at(&format!("/{mutation}")).clone()
}

/// The opportunity after a change against which nothing speaks.
async fn moved(person: &Person, mutation: &str, input: Value) -> Value {
    let selection = "opportunity { id version reviewState progressStage }";
    let payload = change(person, mutation, selection, input).await;
    assert_eq!(payload["errors"], json!([]), "{mutation}");
    payload["opportunity"].clone()
}

fn of(opportunity: &Value) -> Value {
    json!({ "opportunityId": opportunity["id"], "expectedVersion": opportunity["version"] })
}

fn report(opportunity: &Value, stage: &str, documents: &[Value]) -> Value {
    let mut input = of(opportunity);
    input["stage"] = json!(stage);
    input["winProbability"] = json!(80);
    input["note"] = json!(format!("Reached {stage}"));
    input["documentIds"] = json!(documents);
    input
}

fn deal(customer: &str, offering: &str) -> Value {
    json!({
        "name": "A plant in the cloud", "description": "Moves the plant's planning into the cloud.",
        "customerName": customer, "customerRegion": "上海", "customerIndustry": "装备制造",
        "expectedRevenue": { "amount": "500000", "currency": "CNY" }, "budget": { "amount": "800000", "currency": "CNY" },
        "decisionMaker": "Head of IT", "need": "Planning that holds tenfold load from October to December.",
        "purchaseOn": "2028-06-30", "contacts": [{ "name": "Robin", "email": "robin@customer.example" }],
        "customerConsentConfirmed": true, "offeringIds": [offering]
    })
}

/// A file that is announced, sent and completed.
async fn uploaded(person: &Person) -> Value {
    let digest: String = sha256(PROOF)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let announced = json!({ "fileName": "acceptance.pdf", "mediaType": "application/pdf", "size": PROOF.len(), "sha256": digest });
    let selection = "document { id } upload { url }";
    let payload = change(person, "documentUploadPrepare", selection, announced).await;
    assert_eq!(payload["errors"], json!([]));
    let url = payload["upload"]["url"].as_str().unwrap();
    assert_eq!(person.put(url, PROOF).await, 204);
    let id = payload["document"]["id"].clone();
    let completed = json!({ "documentId": id });
    let payload = change(
        person,
        "documentUploadComplete",
        "document { id }",
        completed,
    )
    .await;
    assert_eq!(payload["errors"], json!([]));
    id
}

/// Submitted by the partner and passed in review.
async fn in_validation(
    partner: &Person,
    reviewer: &Person,
    customer: &str,
    offering: &str,
) -> Value {
    let mut content = deal(customer, offering);
    content["preSalesActivities"] = json!(["CUSTOMER_VISIT"]);
    let draft = moved(partner, "opportunityCreate", content).await;
    let submitted = moved(partner, "opportunitySubmit", of(&draft)).await;
    moved(reviewer, "opportunityReviewApprove", of(&submitted)).await
}

/// Five reports by two authors, the last one with proof; none after it.
async fn delivered(authors: [&Person; 2], settled: &Value) {
    let mut now = settled.clone();
    for (turn, stage) in ["QUALIFYING", "SOLUTION", "NEGOTIATION", "SIGNED"]
        .iter()
        .enumerate()
    {
        now = moved(
            authors[turn % 2],
            "opportunityProgressAdd",
            report(&now, stage, &[]),
        )
        .await;
        assert_eq!(now["progressStage"], *stage);
    }
    let bare = report(&now, "DELIVERED", &[]);
    let refused = change(authors[0], "opportunityProgressAdd", "__typename", bare).await;
    assert_eq!(refused["errors"][0]["reason"], "EVIDENCE_REQUIRED");
    let proof = uploaded(authors[0]).await;
    now = moved(
        authors[0],
        "opportunityProgressAdd",
        report(&now, "DELIVERED", &[proof]),
    )
    .await;
    assert_eq!(now["progressStage"], "DELIVERED");
    let late = report(&now, "DELIVERED", &[]);
    let refused = change(authors[1], "opportunityProgressAdd", "__typename", late).await;
    assert_eq!(refused["errors"][0]["reason"], "PROGRESS_ENDED", "R-OPP-9");

    let read = "query($id: ID!) { opportunity(id: $id) { progress(first: 10) { nodes { stage author { __typename } documents { fileName } } } } }";
    let read = authors[1].ask(read, json!({ "id": settled["id"] })).await;
    let entries = read.at("/opportunity/progress/nodes").as_array().unwrap();
    assert_eq!(entries.len(), 5, "R-OPP-30");
    assert_eq!(entries[0]["documents"][0]["fileName"], "acceptance.pdf");
}

#[tokio::test]
async fn m02_two_deals_are_reported_until_delivered_and_one_is_left_alone() {
    let portico = Portico::sandbox("m02", &[], &[]).await;
    let administrator = portico.person("admin@partner").await;
    let manager = portico.person("manager@partner").await;
    let reviewer = portico.person("reviewer@vendor").await;
    let bd = portico.person("bd@vendor").await;
    report_what_stalled(&administrator).await;
    let me = "{ sandbox { now } viewer { ... on Member { organisation { id offerings(first: 1, state: ACTIVE) { nodes { id } } } } } }";
    let me = administrator.ask(me, json!({})).await;
    let offering = me.text("/viewer/organisation/offerings/nodes/0/id");

    // Alone, the role of an account manager would show him his own deals only (R-ORG-7, R-ORG-8).
    let own = "{ viewer { ... on Member { id version } } }";
    let own = manager.ask(own, json!({})).await;
    let both = json!({ "memberId": own.at("/viewer/id"), "expectedVersion": own.at("/viewer/version"),
        "roles": ["ACCOUNT_MANAGER", "OPERATOR"] });
    let both = change(&administrator, "memberRolesChange", "__typename", both).await;
    assert_eq!(both["errors"], json!([]));

    // One of the partner's: no report while it is validated, then five (R-OPP-8).
    let passed = in_validation(&administrator, &reviewer, "Great Lake Foundry", &offering).await;
    let early = report(&passed, "QUALIFYING", &[]);
    let refused = change(&manager, "opportunityProgressAdd", "__typename", early).await;
    assert_eq!(refused["errors"][0]["reason"], "PROGRESS_NOT_ALLOWED");
    let valid = moved(&reviewer, "opportunityValidationApprove", of(&passed)).await;
    delivered([&administrator, &manager], &valid).await;

    // One of the vendor's: no report before it is accepted, then five (R-OPP-7).
    let mut handed = deal("Hill Top Foods", &offering);
    handed["organisationId"] = me.at("/viewer/organisation/id").clone();
    let shared = moved(&bd, "opportunityShare", handed).await;
    let early = report(&shared, "QUALIFYING", &[]);
    let refused = change(&manager, "opportunityProgressAdd", "__typename", early).await;
    assert_eq!(refused["errors"][0]["reason"], "PROGRESS_NOT_ALLOWED");
    let accepted = moved(&manager, "opportunityAccept", of(&shared)).await;
    delivered([&manager, &administrator], &accepted).await;

    // One that is left alone for longer than 20 working days (R-OPP-33).
    let passed = in_validation(&manager, &reviewer, "Old Harbour Works", &offering).await;
    let alone = moved(&reviewer, "opportunityValidationApprove", of(&passed)).await;
    let waiting = "query { inbox(scope: MINE, kinds: [UPDATE_STALLED_OPPORTUNITY], first: 50) { nodes { object { id } } } }";
    let is_waiting = |answer: crate::support::person::Answer| {
        let nodes = answer.at("/inbox/nodes").as_array().unwrap().clone();
        nodes.iter().any(|node| node["object"]["id"] == alone["id"])
    };
    assert!(!is_waiting(manager.ask(waiting, json!({})).await));
    let now: DateTime<Utc> = me.text("/sandbox/now").parse().unwrap();
    let later = (now + TimeDelta::days(45)).to_rfc3339();
    let travel = change(
        &manager,
        "sandboxAdvanceTo",
        "travel { after }",
        json!({ "at": later }),
    )
    .await;
    assert_eq!(travel["errors"], json!([]));
    assert!(
        is_waiting(manager.ask(waiting, json!({})).await),
        "R-OPP-33"
    );
    let state = "query($id: ID!) { opportunity(id: $id) { reviewState stalled } }";
    let state = manager.ask(state, json!({ "id": alone["id"] })).await;
    assert_eq!(
        state.at("/opportunity"),
        &json!({ "reviewState": "VALIDATED", "stalled": true }),
        "its state stays"
    );
    println!("m02 exercised R-OPP-7 R-OPP-8 R-OPP-9 R-OPP-30 R-OPP-33");
}
