//! The working-day calendar as clients of the graph and operators meet it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use portico::ids::Tagged as _;
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, keys, reasons};
use crate::support::builders::{a_partner, an_incentive, the_vendor};
use crate::support::database::TestDb;

const CALENDAR: &str =
    "query($year: Int!, $start: DateTime!, $days: Int!) { workCalendar { version timeZone
    year(year: $year) { year status days { day kind name } } warning { year message }
    simulate(start: $start, days: $days) { dueUntil lastDayOn provisional warning { year message }
        steps { day counted cause name } } } }";
const DIFF: &str = "version workCalendar { version year(year: 2027) { status } } diff { baseVersion
    years { year before after } days { day change before { kind } after { kind name } }
    deadlinesMovedCount deadlinesMoved { objectId } }";
const NOTICE: &str = "day,kind,name\n2027,OFFICIAL,\n2027-01-01,OFF,元旦\n2027-01-02,WORK,元旦\n";

async fn a_partners_member(app: &TestApp) -> Caller {
    let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
    app.member(partner, "finance", &["FINANCE"]).await
}

async fn the_vendors(app: &TestApp, role: &'static str) -> Caller {
    let vendor = the_vendor().insert(&mut app.owner().await).await;
    app.member(vendor, "vendor", &[role]).await
}

async fn simulated(caller: &Caller, start: &str, days: i32) -> crate::support::person::Answer {
    let variables = json!({ "year": 2026, "start": start, "days": days });
    caller.ask(CALENDAR, variables).await
}

/// R-GEN-1: the graph says of each day why it is counted or skipped.
#[tokio::test]
async fn r_gen_1_a_simulation_explains_each_day_to_a_partner() {
    let app = TestApp::start().await;
    let caller = a_partners_member(&app).await;
    let answer = simulated(&caller, "2026-09-30T23:59:59.999+08:00", 3).await;
    let calendar = answer.at("/workCalendar");
    assert_eq!(calendar["version"], 1);
    assert_eq!(calendar["year"]["status"], "OFFICIAL");
    assert_eq!(calendar["year"]["days"].as_array().unwrap().len(), 39);
    assert_eq!(calendar["warning"], Value::Null);
    let simulation = &calendar["simulate"];
    assert_eq!(simulation["lastDayOn"], "2026-10-10");
    assert_eq!(simulation["dueUntil"], "2026-10-10T16:00:00+00:00");
    assert_eq!(
        (&simulation["provisional"], &simulation["warning"]),
        (&json!(false), &Value::Null)
    );
    let steps = simulation["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 11);
    assert_eq!(
        steps[0],
        json!({ "day": "2026-09-30", "counted": false, "cause": "START_DAY", "name": null })
    );
    assert_eq!(
        steps[1],
        json!({ "day": "2026-10-01", "counted": false, "cause": "HOLIDAY", "name": "国庆节" })
    );
    assert_eq!(
        steps[10],
        json!({ "day": "2026-10-10", "counted": true, "cause": "MAKE_UP_DAY", "name": "国庆节" })
    );
    // One millisecond later the start is a day later.
    let answer = simulated(&caller, "2026-10-01T00:00:00+08:00", 3).await;
    assert_eq!(answer.at("/workCalendar/simulate/lastDayOn"), "2026-10-10");
    assert_eq!(
        answer
            .at("/workCalendar/simulate/steps")
            .as_array()
            .unwrap()
            .len(),
        10
    );
}

#[tokio::test]
async fn a_simulation_out_of_bounds_is_refused_with_what_is_allowed() {
    let app = TestApp::start().await;
    let caller = a_partners_member(&app).await;
    for (start, days, reason) in [
        ("2026-09-30T00:00:00Z", 0, "SIMULATION_DAYS_OUT_OF_RANGE"),
        ("2026-09-30T00:00:00Z", 401, "SIMULATION_DAYS_OUT_OF_RANGE"),
        ("1999-06-01T00:00:00Z", 3, "SIMULATION_START_OUT_OF_RANGE"),
        ("9999-06-01T00:00:00Z", 3, "SIMULATION_START_OUT_OF_RANGE"),
    ] {
        let answer = simulated(&caller, start, days).await;
        assert_eq!(answer.body["errors"][0]["extensions"]["reason"], reason);
    }
    let answer = simulated(&caller, "2024-09-30T00:00:00Z", 400).await;
    assert_eq!(answer.at("/workCalendar/simulate/lastDayOn"), "2026-05-18");
}

/// R-GEN-8: from 1 December in Shanghai the graph warns until the next year is imported.
#[tokio::test]
async fn r_gen_8_the_next_year_is_missed_from_the_first_of_december_until_it_is_imported() {
    let app = TestApp::start().await;
    let december: DateTime<Utc> = "2026-11-30T16:00:00Z".parse().unwrap();
    app.clock
        .advance(december - app.now() - TimeDelta::seconds(1));
    let vendor = the_vendors(&app, "VENDOR_ADMIN").await;
    let answer = simulated(&vendor, "2026-12-30T02:00:00Z", 3).await;
    assert_eq!(answer.at("/workCalendar/warning"), &Value::Null);
    assert_eq!(answer.at("/workCalendar/simulate/provisional"), true);
    assert_eq!(answer.at("/workCalendar/simulate/warning/year"), 2027);

    app.clock.advance(TimeDelta::seconds(1));
    let answer = simulated(&vendor, "2026-12-30T02:00:00Z", 3).await;
    assert_eq!(answer.at("/workCalendar/warning/year"), 2027);
    assert!(
        answer
            .text("/workCalendar/warning/message")
            .contains("2027")
    );
    assert!(app.app.tick().await.is_empty());

    let input = json!({ "csv": NOTICE, "source": "the notice" });
    let done = vendor.change("workCalendarImport", DIFF, input).await;
    assert_eq!(reasons(&done), [] as [&str; 0]);
    let answer = simulated(&vendor, "2026-12-30T02:00:00Z", 3).await;
    assert_eq!(answer.at("/workCalendar/warning"), &Value::Null);
    assert_eq!(answer.at("/workCalendar/simulate/warning"), &Value::Null);
    assert_eq!(answer.at("/workCalendar/simulate/lastDayOn"), "2027-01-04");
    assert!(app.app.tick().await.is_empty());
}

/// R-GEN-8: dry first, then real; the same key again imports nothing and answers the same.
#[tokio::test]
async fn r_gen_8_an_import_shows_its_diff_before_and_after() {
    let app = TestApp::start().await;
    let vendor = the_vendors(&app, "VENDOR_ADMIN").await;
    let dry = json!({ "csv": NOTICE, "source": "the notice", "dryRun": true });
    let told = vendor.change("workCalendarImport", DIFF, dry).await;
    assert_eq!(told["version"], Value::Null);
    assert_eq!(
        told["workCalendar"],
        json!({ "version": 1, "year": { "status": "PROVISIONAL" } })
    );
    let diff = json!({
        "baseVersion": 1,
        "years": [{ "year": 2027, "before": "PROVISIONAL", "after": "OFFICIAL" }],
        "days": [
            { "day": "2027-01-01", "change": "ADDED", "before": null, "after": { "kind": "OFF", "name": "元旦" } },
            { "day": "2027-01-02", "change": "ADDED", "before": null, "after": { "kind": "WORK", "name": "元旦" } },
        ],
        "deadlinesMovedCount": 0,
        "deadlinesMoved": [],
    });
    assert_eq!(told["diff"], diff);
    assert_eq!(app.count("SELECT count(*) FROM calendar_versions").await, 1);

    let key = uuid::Uuid::from_u128(7);
    for replayed in [false, true] {
        let real = json!({ "csv": NOTICE, "source": "the notice" });
        let done = vendor
            .change_under(key, "workCalendarImport", DIFF, real)
            .await;
        assert_eq!(
            (&done["version"], &done["replayed"]),
            (&json!(2), &json!(replayed))
        );
        assert_eq!(
            done["workCalendar"],
            json!({ "version": 2, "year": { "status": "OFFICIAL" } })
        );
        assert_eq!(done["diff"], diff);
    }
    assert_eq!(app.count("SELECT count(*) FROM calendar_versions").await, 2);
    let audited = "SELECT count(*) FROM timeline_entries WHERE action = 'calendar.imported'";
    assert_eq!(app.count(audited).await, 1);
}

#[tokio::test]
async fn an_import_with_five_faults_answers_five_and_a_partner_is_refused() {
    let app = TestApp::start().await;
    let vendor = the_vendors(&app, "VENDOR_ADMIN").await;
    let csv = "day,kind,name\n2027,OFFICIAL,\n2027-02-30,OFF,春节\n2027-01-01,HOLIDAY,元旦\n2027-01-02,OFF,\n\
               2028-01-01,OFF,元旦\n2027-01-04,WORK,元旦\n";
    let input = json!({ "csv": csv, "source": "the notice" });
    let refused = vendor.change("workCalendarImport", DIFF, input).await;
    assert_eq!(refused["diff"], Value::Null);
    let paths: Vec<&Value> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["path"])
        .collect();
    assert_eq!(
        json!(paths),
        json!([
            ["csv", "3"],
            ["csv", "4"],
            ["csv", "5"],
            ["csv", "6"],
            ["csv", "7"]
        ])
    );

    let input = json!({ "csv": NOTICE, "source": "the notice" });
    let partner = a_partners_member(&app).await;
    let refused = partner
        .change("workCalendarImport", DIFF, input.clone())
        .await;
    assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    let auditor = app
        .member(vendor.organisation, "auditor", &["VENDOR_AUDITOR"])
        .await;
    let refused = auditor.change("workCalendarImport", DIFF, input).await;
    assert_eq!(reasons(&refused), ["PERMISSION_MISSING"]);
    assert_eq!(app.count("SELECT count(*) FROM calendar_versions").await, 1);
}

/// R-GEN-1: what remains of a deadline goes down by one with each working day, to nothing on the last.
#[tokio::test]
async fn r_gen_1_a_deadline_says_what_remains_of_it() {
    let app = TestApp::start().await;
    let caller = a_partners_member(&app).await;
    let due: DateTime<Utc> = "2026-11-27T16:00:00Z".parse().unwrap();
    let id = an_incentive(&mut app.owner().await, caller.organisation, due, &[]).await;
    let query = "query($id: ID!) { incentive(id: $id) { deadline { kind startsAt remaining state
        outcomeOnExpiry calendar { version provisional } } } }";
    // From Monday the 23rd to Friday the 27th, and the instant after it.
    for (remaining, state) in [
        (4, "RUNNING"),
        (3, "RUNNING"),
        (2, "RUNNING"),
        (1, "RUNNING"),
        (0, "RUNNING"),
        (0, "EXPIRED"),
    ] {
        let caller = app
            .signed_in(caller.identity, caller.organisation, caller.member)
            .await;
        let answer = caller.ask(query, json!({ "id": id.global() })).await;
        let deadline = answer.at("/incentive/deadline");
        assert_eq!(
            (&deadline["remaining"], &deadline["state"]),
            (&json!(remaining), &json!(state))
        );
        assert_eq!(deadline["kind"], "CONFIRM_INCENTIVE");
        assert_eq!(
            deadline["calendar"],
            json!({ "version": 1, "provisional": false })
        );
        app.clock.advance(TimeDelta::days(1));
    }
}

fn portico(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portico"))
        .args(arguments)
        .env_remove("PORTICO_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// R-GEN-1: an operator without a database reads the same count, day by day.
#[test]
fn r_gen_1_the_command_line_simulates_by_the_shipped_calendar() {
    let output = portico(
        &[
            "calendar",
            "simulate",
            "--start",
            "2026-09-30",
            "--days",
            "3",
        ],
        "",
    );
    assert!(output.status.success());
    let said = text(&output.stdout);
    assert!(
        said.contains("2026-10-01  Thu    -  HOLIDAY       国庆节\n"),
        "{said}"
    );
    assert!(
        said.contains("2026-10-10  Sat    3  MAKE_UP_DAY   国庆节\n"),
        "{said}"
    );
    assert!(
        said.contains(
            "The last day is 2026-10-10; from 2026-10-11T00:00:00+08:00 on it is too late."
        ),
        "{said}"
    );
    let output = portico(
        &[
            "calendar",
            "simulate",
            "--start",
            "2026-12-30",
            "--days",
            "3",
        ],
        "",
    );
    assert!(text(&output.stderr).contains("WARNING"));
    let output = portico(
        &[
            "calendar",
            "simulate",
            "--start",
            "2026-09-30",
            "--days",
            "401",
        ],
        "",
    );
    assert!(!output.status.success() && text(&output.stderr).contains("1 to 400"));
}

/// R-GEN-8: an operator imports what the mutation imports, dry first.
#[tokio::test]
async fn r_gen_8_the_command_line_imports_with_a_dry_run() {
    let database = TestDb::new().await;
    let settings = format!(
        "server.public_url = 'https://portal.example'\nserver.listen = '127.0.0.1:0'\n\
         server.trusted_proxies = ['127.0.0.1']\ndocuments.folder = '/nonexistent/documents'\n\
         database.url = {:?}\ndatabase.staff_url = {:?}\n{}",
        database.url("portico_app"),
        database.url("portico_staff"),
        keys(),
    );
    let file = std::env::temp_dir().join(format!("portico-calendar-{}.toml", std::process::id()));
    std::fs::write(&file, settings).unwrap();
    let config = file.to_str().unwrap();
    let import = [
        "calendar",
        "import",
        "--config",
        config,
        "--file",
        "-",
        "--source",
        "the notice",
    ];
    let dry = [&import[..], &["--dry-run"]].concat();

    let output = portico(&dry, NOTICE);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("2027: PROVISIONAL -> OFFICIAL"), "{said}");
    assert!(
        said.contains("2027-01-01: an ordinary day -> OFF 元旦"),
        "{said}"
    );
    assert!(said.contains("Nothing was changed."), "{said}");

    let output = portico(
        &import,
        "day,kind,name\n2027,OFFICIAL,\n2027-13-01,OFF,元旦\n2027-01-01,ON,元旦\n",
    );
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("Line 3") && said.contains("Line 4"), "{said}");

    let output = portico(&import, NOTICE);
    assert!(
        text(&output.stdout).contains("Version 2 is in force"),
        "{}",
        text(&output.stderr)
    );
    let output = portico(&import, NOTICE);
    assert!(!output.status.success());
    let output = portico(&["calendar", "status", "--config", config], "");
    assert!(
        text(&output.stdout).contains("2027  OFFICIAL"),
        "{}",
        text(&output.stderr)
    );
    let simulate = [
        "calendar",
        "simulate",
        "--config",
        config,
        "--start",
        "2026-12-30",
        "--days",
        "2",
    ];
    let said = text(&portico(&simulate, "").stdout);
    assert!(
        said.contains("By version 2") && said.contains("The last day is 2027-01-02"),
        "{said}"
    );
    std::fs::remove_file(&file).ok();
}
