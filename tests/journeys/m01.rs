//! m01: a partner's opportunity from a draft with six faults to validation, by a salesperson and the vendor's reviewer.
//! Exercises R-OPP-10, R-OPP-11, R-OPP-12, R-OPP-14 to R-OPP-20, R-OPP-23, R-OPP-26, R-OPP-31, R-GEN-4.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::{Answer, Person};
use crate::support::process::Portico;

const OFFERINGS: &str =
    "{ viewer { ... on Member { organisation { offerings(first: 1) { nodes { id } } } } } }";

const CREATE: &str =
    "mutation($input: OpportunityCreateInput!) { opportunityCreate(input: $input) {
    opportunity { id version reviewState } errors { reason } } }";

const UPDATE: &str =
    "mutation($input: OpportunityUpdateInput!) { opportunityUpdate(input: $input) {
    opportunity { id version reviewState } errors { reason path } } }";

const SUBMIT: &str =
    "mutation($input: OpportunitySubmitInput!) { opportunitySubmit(input: $input) {
    opportunity { id version reviewState reviewRound } errors { code reason path message } } }";

const REJECT: &str =
    "mutation($input: OpportunityReviewRejectInput!) { opportunityReviewReject(input: $input) {
    opportunity { id version reviewState } errors { reason path message } } }";

const APPROVE: &str =
    "mutation($input: OpportunityReviewApproveInput!) { opportunityReviewApprove(input: $input) {
    opportunity { id version reviewState } errors { reason } } }";

const VALIDATE: &str = "mutation($input: OpportunityValidationApproveInput!) { opportunityValidationApprove(input: $input) {
    opportunity { id version reviewState progressStage } errors { reason } } }";

const READ: &str = "query($id: ID!) { node(id: $id) { ... on Opportunity {
    version reviewState reviewRound rejectionReason } } }";

/// What six faults lack, each under its own path.
const FAULTS: [(&str, &str); 6] = [
    ("expectedRevenue", "PO_INCOMPLETE"),
    ("decisionMaker", "PO_NOT_BANT"),
    ("need", "PO_NOT_BANT"),
    ("budget", "PO_NO_BUDGET_OR_TIME"),
    ("contacts", "PO_NO_CONTACT"),
    ("customerConsentConfirmed", "CONSENT_NOT_CONFIRMED"),
];

fn input(id: &str, version: &str) -> Value {
    json!({ "opportunityId": id, "expectedVersion": version, "idempotencyKey": Uuid::now_v7() })
}

fn with(mut input: Value, more: &Value) -> Value {
    for (field, value) in more.as_object().unwrap() {
        input[field] = value.clone();
    }
    input
}

/// The path and the sentence of each fault, in the order of the answer.
fn faults(answer: &Answer) -> Vec<(String, String, String)> {
    let errors = answer.at("/opportunitySubmit/errors").as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|error| {
            let path: Vec<String> = error["path"].as_array().unwrap().iter().map(text).collect();
            (
                path.join("."),
                text(&error["reason"]),
                text(&error["message"]),
            )
        })
        .collect()
}

async fn change(person: &Person, mutation: &str, name: &str, input: Value) -> (String, String) {
    let answer = person.ask(mutation, json!({ "input": input })).await;
    assert_eq!(answer.at(&format!("/{name}/errors")), &json!([]), "{name}");
    (
        answer.text(&format!("/{name}/opportunity/id")),
        answer.text(&format!("/{name}/opportunity/version")),
    )
}

/// What a complete opportunity has beyond the draft's own fields.
fn what_is_missing() -> Value {
    json!({
        "expectedRevenue": { "amount": "500000", "currency": "CNY" },
        "budget": { "amount": "800000", "currency": "CNY" },
        "decisionMaker": "信息部负责人",
        "need": "Peak season brings the warehouse system down; it has to hold ten times the load.",
        "contacts": [{ "name": "王工", "email": "wang@customer.example" }],
        "customerConsentConfirmed": true
    })
}

#[tokio::test]
async fn m01_an_opportunity_goes_from_six_faults_to_validation() {
    let portico = Portico::start("m01").await;
    let seller = portico.person("admin@partner").await.speaking("zh-CN");
    let outsider = portico.person("admin@reseller").await;
    let reviewer = portico.person("reviewer@vendor").await;

    let offering = seller
        .ask(OFFERINGS, json!({}))
        .await
        .text("/viewer/organisation/offerings/nodes/0/id");
    let draft = json!({
        "idempotencyKey": Uuid::now_v7(), "name": "仓储系统上云", "description": "Moves the warehouse system into the cloud.",
        "customerName": "江州衡岳智能装备有限公司", "customerRegion": "上海", "customerIndustry": "装备制造",
        "purchaseOn": "2027-06-30", "offeringIds": [offering], "preSalesActivities": ["CUSTOMER_VISIT"]
    });
    let (id, version) = change(&seller, CREATE, "opportunityCreate", draft).await;
    let unseen = |answer: Answer| assert!(answer.at("/node").is_null(), "R-OPP-10, R-OPP-31");
    unseen(outsider.ask(READ, json!({ "id": id })).await);
    unseen(reviewer.ask(READ, json!({ "id": id })).await);

    // Six faults come back at once, in either language, and nothing changes.
    let submit = json!({ "input": input(&id, &version) });
    let chinese = faults(&seller.ask(SUBMIT, submit.clone()).await);
    let seller = seller.speaking("en");
    let english = faults(&seller.ask(SUBMIT, submit).await);
    let of = |all: &[(String, String, String)]| -> Vec<(String, String)> {
        let mut found: Vec<_> = all
            .iter()
            .map(|one| (one.0.clone(), one.1.clone()))
            .collect();
        found.sort();
        found
    };
    let mut expected: Vec<_> = FAULTS
        .map(|(path, reason)| (path.to_owned(), reason.to_owned()))
        .to_vec();
    expected.sort();
    assert_eq!(of(&chinese), expected);
    assert_eq!(of(&english), expected);
    for (zh, en) in chinese.iter().zip(&english) {
        assert!(!zh.2.is_ascii() && en.2.is_ascii(), "{} / {}", zh.2, en.2);
    }
    let still = seller.ask(READ, json!({ "id": id })).await;
    assert_eq!(
        (still.text("/node/version"), still.text("/node/reviewState")),
        (version.clone(), "DRAFT".to_owned())
    );

    let (_, version) = change(
        &seller,
        UPDATE,
        "opportunityUpdate",
        with(input(&id, &version), &what_is_missing()),
    )
    .await;
    let (_, version) = change(&seller, SUBMIT, "opportunitySubmit", input(&id, &version)).await;
    unseen(outsider.ask(READ, json!({ "id": id })).await);

    // Handed in, it is out of the partner's hands (R-OPP-11), and validation does not come first (R-OPP-14).
    let edit = with(input(&id, &version), &json!({ "need": "Something else" }));
    let refused = seller.ask(UPDATE, json!({ "input": edit })).await;
    assert_eq!(
        refused.text("/opportunityUpdate/errors/0/reason"),
        "PO_NOT_WITHDRAWABLE"
    );
    let early = reviewer
        .ask(VALIDATE, json!({ "input": input(&id, &version) }))
        .await;
    assert_eq!(
        early.text("/opportunityValidationApprove/errors/0/reason"),
        "NOT_UNDER_VALIDATION"
    );

    // A refusal needs a reason, and the partner reads it (R-OPP-26, R-GEN-4).
    let blank = with(input(&id, &version), &json!({ "reason": "  " }));
    let refused = reviewer.ask(REJECT, json!({ "input": blank })).await;
    assert_eq!(
        refused.text("/opportunityReviewReject/errors/0/reason"),
        "REASON_REQUIRED"
    );
    let because = with(
        input(&id, &version),
        &json!({ "reason": "Say when the peak season is." }),
    );
    let (_, version) = change(&reviewer, REJECT, "opportunityReviewReject", because).await;
    let read = seller.ask(READ, json!({ "id": id })).await;
    assert_eq!(read.text("/node/reviewState"), "REVIEW_REJECTED");
    assert_eq!(
        read.text("/node/rejectionReason"),
        "Say when the peak season is."
    );

    let mended = json!({ "need": "From October to December the load is tenfold; the system has to hold it." });
    let (_, version) = change(
        &seller,
        UPDATE,
        "opportunityUpdate",
        with(input(&id, &version), &mended),
    )
    .await;
    let (_, version) = change(&seller, SUBMIT, "opportunitySubmit", input(&id, &version)).await;
    let (_, version) = change(
        &reviewer,
        APPROVE,
        "opportunityReviewApprove",
        input(&id, &version),
    )
    .await;
    change(
        &reviewer,
        VALIDATE,
        "opportunityValidationApprove",
        input(&id, &version),
    )
    .await;

    let settled = seller.ask(READ, json!({ "id": id })).await;
    assert_eq!(settled.text("/node/reviewState"), "VALIDATED");
    assert_eq!(settled.at("/node/reviewRound"), &json!(2));
    unseen(outsider.ask(READ, json!({ "id": id })).await);
    println!(
        "m01 exercised R-OPP-10 R-OPP-11 R-OPP-12 R-OPP-14 R-OPP-15 R-OPP-16 R-OPP-17 R-OPP-18 R-OPP-19 R-OPP-23 R-OPP-26 R-OPP-31 R-GEN-4"
    );
}
