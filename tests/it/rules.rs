//! The rule set: read by everybody, scheduled by the vendor's people for days to come, and never rewritten (R-GEN-6).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, the_vendor};

const RULE: &str =
    "rule { id name site programme effectiveFrom effectiveUntil value source version withdrawnAt }";
const RULES: &str =
    "query($site: RuleSite, $on: Date) { rules(site: $site, programme: \"PORTAL\", on: $on) {
    id name site value description effectiveFrom effectiveUntil } }";
const HISTORY: &str = "{ rules(site: CN, programme: \"PORTAL\") { name history { effectiveFrom value withdrawnAt } } }";

/// Midnight in Shanghai after the day on which tests begin.
fn midnight() -> DateTime<Utc> {
    "2026-11-23T16:00:00Z".parse().unwrap()
}

async fn people(app: &TestApp) -> (Caller, Caller) {
    let vendor = the_vendor().insert(&mut app.owner().await).await;
    let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
    (
        app.member(vendor, "root", &["VENDOR_ADMIN"]).await,
        app.member(partner, "admin", &["SYSTEM_ADMIN"]).await,
    )
}

fn input(day: &str, value: &str) -> Value {
    json!({ "name": "member.roles", "site": "CN", "programme": "PORTAL", "effectiveFrom": day, "value": value,
        "source": "Terms 2027, 4.2" })
}

async fn value_of(caller: &Caller, site: &str, on: Option<&str>) -> Value {
    let answer = caller.ask(RULES, json!({ "site": site, "on": on })).await;
    let all = answer.at("/rules").as_array().unwrap().clone();
    let mut roles = all.iter().filter(|rule| rule["name"] == "member.roles");
    let found = roles.next().unwrap().clone();
    assert!(roles.next().is_none());
    found
}

async fn rows(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM rules").await
}

#[tokio::test]
async fn r_gen_6_a_rule_begins_at_midnight_and_what_was_decided_before_keeps_its_row() {
    let app = TestApp::start().await;
    let (vendor, partner) = people(&app).await;
    let scheduled = vendor
        .change(
            "ruleSchedule",
            RULE,
            input("2026-11-24", r#"{"minimum":1,"maximum":1}"#),
        )
        .await;
    assert_eq!(scheduled["errors"], json!([]), "{scheduled:#}");
    let before = value_of(&partner, "CN", None).await;
    assert_eq!(before["effectiveUntil"], "2026-11-24");
    let invite = async |caller: &Caller, name: &str| {
        let input = json!({ "accountName": name, "name": name, "email": format!("{name}@example.com"),
            "roles": ["FINANCE", "OPERATOR"] });
        reasons(
            &caller
                .change("memberInvite", "invitation { id }", input)
                .await,
        )
        .join(" ")
    };

    app.clock
        .advance(midnight() - app.now() - TimeDelta::microseconds(1));
    let partner = app
        .member(partner.organisation, "late", &["SYSTEM_ADMIN"])
        .await;
    assert_eq!(value_of(&partner, "CN", None).await["id"], before["id"]);
    assert_eq!(invite(&partner, "one").await, "");

    app.clock.advance(TimeDelta::microseconds(1));
    let after = value_of(&partner, "CN", None).await;
    assert_eq!(after["id"], scheduled["rule"]["id"]);
    assert_eq!(invite(&partner, "two").await, "TOO_MANY_ROLES");
    // The other site has its own, and the day before reads as it was.
    assert_ne!(value_of(&partner, "INTL", None).await["id"], after["id"]);
    assert_eq!(
        value_of(&partner, "CN", Some("2026-11-23")).await["id"],
        before["id"]
    );
    assert!(after["description"].as_str().unwrap().contains("roles"));
}

#[tokio::test]
async fn r_gen_6_nothing_that_has_begun_can_be_scheduled_or_withdrawn() {
    let app = TestApp::start().await;
    let (vendor, _) = people(&app).await;
    let value = r#"{"minimum":1,"maximum":2}"#;
    let before = rows(&app).await;
    let schedule = async |input: Value| {
        let payload = vendor.change("ruleSchedule", RULE, input).await;
        reasons(&payload).join(" ")
    };

    for day in ["2026-11-23", "2026-11-22", "2020-01-01"] {
        assert_eq!(
            schedule(input(day, value)).await,
            "RULE_RETROACTIVE",
            "{day}"
        );
    }
    let wrong = json!({ "name": "member.rolls", "site": "CN", "programme": "PORTAL", "effectiveFrom": "2026-11-23",
        "value": "{}", "source": " " });
    assert_eq!(
        schedule(wrong).await,
        "RULE_UNKNOWN RULE_SOURCE_REQUIRED RULE_RETROACTIVE"
    );
    assert_eq!(
        schedule(input("2026-11-24", r#"{"minimum":2,"maximum":1}"#)).await,
        "RULE_VALUE_UNREADABLE"
    );
    let in_force = value_of(&vendor, "CN", None).await;
    let withdraw = json!({ "ruleId": in_force["id"], "expectedVersion": "v1", "reason": "wrong" });
    let refused = vendor.change("ruleWithdraw", RULE, withdraw).await;
    assert_eq!(reasons(&refused), ["RULE_IN_FORCE"]);
    assert_eq!(rows(&app).await, before);

    // Scheduled in the last second before midnight, and too late to withdraw in the first one after.
    app.clock
        .advance(midnight() - app.now() - TimeDelta::microseconds(1));
    let vendor = app
        .member(vendor.organisation, "late", &["VENDOR_ADMIN"])
        .await;
    let payload = vendor
        .change("ruleSchedule", RULE, input("2026-11-24", value))
        .await;
    assert_eq!(payload["errors"], json!([]));
    app.clock.advance(TimeDelta::microseconds(1));
    let withdraw =
        json!({ "ruleId": payload["rule"]["id"], "expectedVersion": "v1", "reason": "wrong" });
    let refused = vendor.change("ruleWithdraw", RULE, withdraw).await;
    assert_eq!(reasons(&refused), ["RULE_IN_FORCE"]);
    assert_eq!(
        app.count("SELECT count(*) FROM rules WHERE withdrawn_at IS NOT NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn a_scheduled_rule_is_withdrawn_before_another_takes_its_day_and_its_history_stays() {
    let app = TestApp::start().await;
    let (vendor, partner) = people(&app).await;
    let first = vendor
        .change(
            "ruleSchedule",
            RULE,
            input("2027-01-01", r#"{"minimum":1,"maximum":2}"#),
        )
        .await;
    let second = input("2027-01-01", r#"{"minimum":1,"maximum":4}"#);
    let taken = vendor.change("ruleSchedule", RULE, second.clone()).await;
    assert_eq!(reasons(&taken), ["RULE_ALREADY_SCHEDULED"]);
    assert_eq!(taken["errors"][0]["__typename"], "DuplicateOf");

    let withdraw =
        json!({ "ruleId": first["rule"]["id"], "expectedVersion": "v1", "reason": "A slip" });
    let withdrawn = vendor.change("ruleWithdraw", RULE, withdraw).await;
    assert_eq!(withdrawn["errors"], json!([]));
    let again =
        json!({ "ruleId": first["rule"]["id"], "expectedVersion": "v2", "reason": "A slip" });
    let again = vendor.change("ruleWithdraw", RULE, again).await;
    assert_eq!(reasons(&again), ["RULE_ALREADY_WITHDRAWN"]);
    let now_free = vendor.change("ruleSchedule", RULE, second).await;
    assert_eq!(now_free["errors"], json!([]));

    let read = partner.ask(HISTORY, json!({})).await;
    let all = read.at("/rules").as_array().unwrap().clone();
    let roles = all
        .iter()
        .find(|rule| rule["name"] == "member.roles")
        .unwrap();
    let days: Vec<(&str, bool)> = roles["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["effectiveFrom"].as_str().unwrap(),
                entry["withdrawnAt"].is_null(),
            )
        })
        .collect();
    assert_eq!(days.len(), 3);
    assert_eq!(
        days.iter()
            .filter(|(day, holds)| *day == "2027-01-01" && *holds)
            .count(),
        1
    );
    let actions: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT action, reason FROM timeline_entries WHERE object_kind = 'rul' ORDER BY at, object_version, action",
    )
    .fetch_all(&mut app.owner().await)
    .await
    .unwrap();
    assert_eq!(actions.len(), 3);
    assert!(actions.contains(&("rule.withdrawn".to_owned(), Some("A slip".to_owned()))));
}

#[tokio::test]
async fn only_the_vendors_people_with_the_permission_change_rules() {
    let app = TestApp::start().await;
    let (vendor, partner) = people(&app).await;
    let reviewer = app
        .member(vendor.organisation, "rev", &["VENDOR_REVIEWER"])
        .await;
    let before = rows(&app).await;

    for caller in [&partner, &reviewer] {
        let payload = caller
            .change(
                "ruleSchedule",
                RULE,
                input("2027-01-01", r#"{"minimum":1,"maximum":2}"#),
            )
            .await;
        assert_eq!(reasons(&payload), ["PERMISSION_MISSING"]);
    }
    let stranger = app.stranger("nobody").await;
    let answer = stranger.ask(RULES, json!({})).await;
    assert_eq!(answer.body["data"]["rules"], Value::Null);
    assert_eq!(rows(&app).await, before);
}
