//! m03: a deal that the vendor shares is accepted in the last second, and a second later it is too late (R-OPP-3, R-GEN-1).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::{Person, report_what_stalled};
use crate::support::process::Portico;

/// A Wednesday at ten in the morning. The National Day holiday of 2026 is 1 to 7 October, and both 20 September and
/// 10 October, a Saturday, are worked for it: the working days after it are the 8th, the 9th and the 10th.
const SHARED: &str = "2026-09-30T02:00:00Z";
const LAST_SECOND: &str = "2026-10-10T15:59:59Z";
const TOO_LATE: &str = "2026-10-10T16:00:00Z";

const ERRORS: &str = "errors { __typename reason ... on DeadlinePassed { outcome dueUntil } }";

async fn change(person: &Person, mutation: &str, selection: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = json!(Uuid::now_v7());
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let text = format!(
        "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"
    );
    let answer = person.ask(&text, json!({ "input": input })).await;
    answer.at(&format!("/{mutation}")).clone()
}

async fn share(
    bd: &Person,
    (organisation, offering): (&str, &str),
    (name, customer): (&str, &str),
) -> Value {
    let deal = json!({
        "organisationId": organisation,
        "name": name,
        "description": "A shop that moves to the cloud",
        "customerName": customer,
        "customerRegion": "华东",
        "need": "A shop that stays up",
        "offeringIds": [offering],
    });
    let shared = change(
        bd,
        "opportunityShare",
        "opportunity { id version reviewState }",
        deal,
    )
    .await;
    assert_eq!(shared["errors"], json!([]));
    assert_eq!(shared["opportunity"]["reviewState"], "PENDING_ACCEPTANCE");
    shared["opportunity"].clone()
}

async fn accept(partner: &Person, shared: &Value) -> Value {
    let input = json!({ "opportunityId": shared["id"], "expectedVersion": shared["version"] });
    change(
        partner,
        "opportunityAccept",
        "opportunity { reviewState }",
        input,
    )
    .await
}

async fn travel(person: &Person, to: &str) {
    let input = json!({ "at": to, "pace": "STANDS" });
    let done = change(person, "sandboxAdvanceTo", "travel { after }", input).await;
    assert_eq!(done["errors"], json!([]));
    let after: DateTime<Utc> = done["travel"]["after"].as_str().unwrap().parse().unwrap();
    assert_eq!(after, to.parse::<DateTime<Utc>>().unwrap());
}

async fn journey(portico: &Portico) {
    let partner = portico.person("admin@partner").await;
    let bd = portico.person("bd@vendor").await;
    report_what_stalled(&partner).await;
    let me = "{ viewer { ... on Member { organisation {
        id offerings(first: 1, state: ACTIVE) { nodes { id } } } } } }";
    let me = partner.ask(me, json!({})).await;
    let organisation = me.text("/viewer/organisation/id");
    let offering = me.text("/viewer/organisation/offerings/nodes/0/id");
    let party = (&*organisation, &*offering);
    let in_time = share(&bd, party, ("In time", "Great Lake Shipping")).await;
    let twin = share(&bd, party, ("A second late", "Hill Top Foods")).await;

    travel(&partner, LAST_SECOND).await;
    let accepted = accept(&partner, &in_time).await;
    assert_eq!(accepted["errors"], json!([]));
    assert_eq!(accepted["opportunity"]["reviewState"], "ACCEPTED");

    travel(&partner, TOO_LATE).await;
    let refused = accept(&partner, &twin).await;
    let error = &refused["errors"][0];
    assert_eq!(error["__typename"], "DeadlinePassed", "{refused:#}");
    assert_eq!(error["outcome"], "AUTO_REJECT");
    let due: DateTime<Utc> = error["dueUntil"].as_str().unwrap().parse().unwrap();
    assert_eq!(due, TOO_LATE.parse::<DateTime<Utc>>().unwrap());
    for person in [&partner, &bd] {
        let read = "query($id: ID!) { opportunity(id: $id) { reviewState } }";
        let read = person.ask(read, json!({ "id": twin["id"] })).await;
        assert_eq!(read.text("/opportunity/reviewState"), "AUTO_REJECTED");
    }
}

#[tokio::test]
async fn m03_a_shared_opportunity_is_accepted_in_the_last_second_and_not_after() {
    let portico = Portico::sandbox("m03", &["--start", SHARED], &[]).await;
    journey(&portico).await;
    println!("m03 exercised R-GEN-1 R-GEN-8 R-OPP-3 R-OPP-4");
}

#[tokio::test]
async fn m03_the_same_with_all_job_workers_stopped() {
    let stopped = &[("PORTICO_JOBS__ENABLED", "false")];
    let portico = Portico::sandbox("m03-no-jobs", &["--start", SHARED], stopped).await;
    journey(&portico).await;
    println!("m03 exercised R-GEN-1 R-GEN-8 R-OPP-3 R-OPP-4");
}
