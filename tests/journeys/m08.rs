//! m08: an enterprise that has nothing yet is told three blockers at once, removes them, applies and becomes a solution
//! provider; its twin is refused and may buy again at once. Exercises R-PRG-1, R-PRG-2, R-PRG-3, R-PRG-15, R-PRG-17.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::Person;
use crate::support::process::Portico;

const PROGRAMMES: &str = "{ programmes { programme agreement { version body } canJoin { allowed blockers { removableBy
    error { reason message } } } } organisation { number identity purchaseEligibility { allowed reasons } } }";

/// Carries a change out and answers its payload, whatever came of it.
async fn change(person: &Person, mutation: &str, selection: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = json!(Uuid::now_v7());
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let text = format!(
        "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} errors {{ reason message }} }} }}"
    );
    let answer = person.ask(&text, json!({ "input": input })).await;
    answer.at(&format!("/{mutation}")).clone()
}

/// What the solution provider programme says to the person's organisation, and what the shop does.
async fn csp(person: &Person) -> (Value, Value) {
    let answer = person.ask(PROGRAMMES, json!({})).await;
    let all = answer.at("/programmes").as_array().unwrap();
    let found = all.iter().find(|one| one["programme"] == "CSP");
    (found.unwrap().clone(), answer.at("/organisation").clone())
}

async fn join(person: &Person, programme: &str) -> Value {
    let input = json!({ "programme": programme, "agreementVersion": 1, "isCommitmentConfirmed": true, "isAgreementAccepted": true });
    change(
        person,
        "programmeJoin",
        "membership { id version state }",
        input,
    )
    .await
}

/// Removes what is in the way: the vendor's systems report real name and e-mail, the person joins the network.
async fn prepare(person: &Person, vendor: &Person) {
    let (offer, shop) = csp(person).await;
    assert_eq!(
        shop["purchaseEligibility"],
        json!({ "allowed": true, "reasons": [] })
    );
    let blockers = offer["canJoin"]["blockers"].as_array().unwrap();
    let told: Vec<&str> = blockers
        .iter()
        .map(|one| one["error"]["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "ENTERPRISE_REAL_NAME_REQUIRED",
            "EMAIL_NOT_BOUND",
            "NETWORK_NOT_JOINED"
        ],
        "R-PRG-1, R-PRG-2: all of them in one answer"
    );
    for blocker in blockers {
        assert_eq!(blocker["removableBy"], "VIEWER");
        assert!(
            blocker["error"]["message"]
                .as_str()
                .unwrap()
                .contains("first"),
            "a remedy"
        );
    }
    let refused = join(person, "CSP").await;
    assert_eq!(refused["errors"].as_array().unwrap().len(), 3);

    let number = shop["number"].as_str().unwrap();
    let csv = format!(
        "organisation,real_name,credit_code,flags,manager_name,manager_contact\n{number},ENTERPRISE,{number},EMAIL_BOUND,,\n"
    );
    let facts = json!({ "kind": "ACCOUNTS", "csv": csv });
    let imported = change(vendor, "factsImport", "changed", facts).await;
    assert_eq!(
        (&imported["errors"], &imported["changed"]),
        (&json!([]), &json!(1))
    );
    let (offer, _) = csp(person).await;
    assert_eq!(
        offer["canJoin"]["blockers"][0]["error"]["reason"],
        "NETWORK_NOT_JOINED"
    );
    assert_eq!(
        join(person, "NETWORK").await["membership"]["state"],
        "ACTIVE"
    );
    assert_eq!(csp(person).await.0["canJoin"]["allowed"], true);
}

async fn apply(person: &Person) -> Value {
    let applied = join(person, "CSP").await;
    assert_eq!(applied["errors"], json!([]));
    assert_eq!(applied["membership"]["state"], "UNDER_REVIEW");
    let closed = json!({ "allowed": false, "reasons": ["CSP_APPLICATION"] });
    assert_eq!(
        csp(person).await.1["purchaseEligibility"],
        closed,
        "R-PRG-17"
    );
    let membership = &applied["membership"];
    json!({ "programmeMembershipId": membership["id"], "expectedVersion": membership["version"] })
}

#[tokio::test]
async fn m08_an_enterprise_becomes_a_solution_provider_and_its_refused_twin_buys_again() {
    let portico = Portico::start("m08").await;
    let starter = portico.person("admin@starter").await;
    let twin = portico.person("admin@twin").await;
    let vendor = portico.person("admin@vendor").await;
    let reviewer = portico.person("reviewer@vendor").await;

    prepare(&starter, &vendor).await;
    prepare(&twin, &vendor).await;
    let (of_starter, mut of_twin) = (apply(&starter).await, apply(&twin).await);

    let early = change(
        &starter,
        "programmeApplicationApprove",
        "membership { id }",
        of_starter.clone(),
    )
    .await;
    assert_eq!(
        early["errors"][0]["reason"], "PERMISSION_MISSING",
        "nobody approves himself"
    );
    let foreign = change(
        &twin,
        "programmeApplicationWithdraw",
        "membership { id }",
        of_starter.clone(),
    )
    .await;
    assert_eq!(
        foreign["errors"][0]["reason"],
        "PROGRAMME_MEMBERSHIP_NOT_FOUND"
    );

    let approved = change(
        &reviewer,
        "programmeApplicationApprove",
        "membership { state }",
        of_starter,
    )
    .await;
    assert_eq!(approved["membership"]["state"], "ACTIVE");
    of_twin["reason"] = json!("Hire people who sell first.");
    let refused = change(
        &reviewer,
        "programmeApplicationReject",
        "membership { state }",
        of_twin,
    )
    .await;
    assert_eq!(refused["membership"]["state"], "REJECTED");

    let shop = csp(&starter).await.1;
    assert_eq!(shop["identity"], "RESELLER", "R-PRG-3");
    assert_eq!(
        shop["purchaseEligibility"],
        json!({ "allowed": false, "reasons": ["CSP_MEMBER"] })
    );
    let shop = csp(&twin).await.1;
    assert_eq!(shop["identity"], "CUSTOMER");
    assert_eq!(
        shop["purchaseEligibility"],
        json!({ "allowed": true, "reasons": [] }),
        "R-PRG-17: at once"
    );
    println!("m08 exercised R-PRG-1 R-PRG-2 R-PRG-3 R-PRG-15 R-PRG-17");
}
