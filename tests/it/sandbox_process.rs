//! `portico sandbox` as a partner's developer starts it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::support::person::{Answer, Person};
use crate::support::process::Portico;

const ADVANCE: &str = "mutation($input: SandboxAdvanceToInput!) { sandboxAdvanceTo(input: $input) {
    travel { before after deadlinesExpired vendorAnswers } errors { reason message } } }";

async fn advance(person: &Person, to: DateTime<Utc>) -> Answer {
    let input = json!({ "at": to, "idempotencyKey": Uuid::now_v7() });
    person.ask(ADVANCE, json!({ "input": input })).await
}

async fn now(person: &Person) -> DateTime<Utc> {
    let shown = person.ask("{ sandbox { now } }", json!({})).await;
    shown.text("/sandbox/now").parse().unwrap()
}

#[tokio::test]
async fn a_sandbox_begins_when_it_is_told_travels_and_knows_the_time_after_a_crash() {
    let start = "2026-09-30T02:00:00Z";
    let mut portico = Portico::sandbox("sandbox", &["--start", start], &[]).await;
    let person = portico.person("sales@partner").await;
    let start: DateTime<Utc> = start.parse().unwrap();
    let begun = now(&person).await;
    assert!(
        begun >= start && begun < start + TimeDelta::hours(1),
        "{begun}"
    );

    let target = start + TimeDelta::days(200);
    let travelled = advance(&person, target).await;
    assert_eq!(travelled.at("/sandboxAdvanceTo/errors"), &json!([]));
    let arrived = now(&person).await;
    assert!(
        arrived >= target && arrived < target + TimeDelta::hours(1),
        "{arrived}"
    );

    portico.crash_and_restart().await;
    // The session is in the database and lives by the real time.
    let later = now(&person).await;
    assert!(
        later >= arrived && later < arrived + TimeDelta::hours(1),
        "{later}"
    );
    let back = advance(&person, target).await;
    assert_eq!(
        back.text("/sandboxAdvanceTo/errors/0/reason"),
        "SANDBOX_TIME_PAST"
    );
    // And a sign-in by SAML works at any time.
    let another = portico.person("reviewer@vendor").await;
    assert!(now(&another).await >= later);
}
