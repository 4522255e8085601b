use super::*;
use crate::calendar::shipped;
use crate::error::Failure;

fn rule(on: Occasion, answer: Answer) -> ScriptRule {
    ScriptRule {
        on,
        name_contains: None,
        customer_contains: None,
        after_working_days: Some(1),
        after_minutes: None,
        answer,
        reason: Some("No".to_owned()),
        deal: None,
    }
}

fn faults(rules: &[ScriptRule]) -> Vec<(&'static str, String)> {
    match check(rules) {
        Ok(()) => Vec::new(),
        Err(Failure::Refused(refusals)) => refusals
            .iter()
            .map(|one| (one.reason.0, one.path.join(".")))
            .collect(),
        Err(Failure::Internal(error)) => panic!("{error}"),
    }
}

#[test]
fn every_rule_is_told_all_its_faults() {
    let wrong = [
        rule(Occasion::Submission, Answer::Validate),
        ScriptRule {
            after_minutes: Some(3),
            reason: Some("  ".to_owned()),
            ..rule(Occasion::Submission, Answer::Reject)
        },
        ScriptRule {
            after_working_days: Some(251),
            ..rule(Occasion::Settled, Answer::Cancel)
        },
        ScriptRule {
            after_working_days: None,
            ..rule(Occasion::ReviewPassed, Answer::Ignore)
        },
    ];

    let expected = [
        ("SANDBOX_ANSWER_MISMATCH", "rules.0.answer"),
        ("SANDBOX_ONE_DELAY", "rules.1.afterWorkingDays"),
        ("SANDBOX_REASON_REQUIRED", "rules.1.reason"),
        ("SANDBOX_DELAY_RANGE", "rules.2.afterWorkingDays"),
    ];
    let found = faults(&wrong);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(reason, path)| (*reason, &**path))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        faults(&vec![rule(Occasion::Settled, Answer::Cancel); 51])[0].0,
        "SANDBOX_RULES_TOO_MANY"
    );
    assert_eq!(faults(&by_default()), []);
}

#[test]
fn a_rule_that_shares_says_what_and_no_other_does() {
    let deal = |name: &str| {
        Some(ScriptDeal {
            name: name.to_owned(),
            customer_name: "Great Lake Shipping".to_owned(),
            customer_region: "华东".to_owned(),
            offering: OfferingId(uuid::Uuid::nil()),
        })
    };
    let share = |name: &str| ScriptRule {
        deal: deal(name),
        ..rule(Occasion::ScriptSet, Answer::Share)
    };
    let wrong = [
        rule(Occasion::ScriptSet, Answer::Share),
        ScriptRule {
            deal: deal("A shop"),
            ..rule(Occasion::Submission, Answer::Share)
        },
        ScriptRule {
            deal: deal("A shop"),
            ..rule(Occasion::Submission, Answer::Approve)
        },
        ScriptRule {
            name_contains: Some("x".to_owned()),
            ..share(" ")
        },
        share(&"x".repeat(101)),
    ];
    let expected = [
        ("SANDBOX_DEAL_REQUIRED", "rules.0.deal"),
        ("SANDBOX_ANSWER_MISMATCH", "rules.1.answer"),
        ("SANDBOX_DEAL_UNUSED", "rules.2.deal"),
        ("SANDBOX_CONDITION_UNUSED", "rules.3.nameContains"),
        ("SANDBOX_TEXT_REQUIRED", "rules.3.deal.name"),
        ("SANDBOX_TEXT_TOO_LONG", "rules.4.deal.name"),
    ];
    let found = faults(&wrong);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(reason, path)| (*reason, &**path))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(faults(&[share(&"x".repeat(100))]), []);
}

#[test]
fn every_rule_that_shares_does_so_in_its_own_time() {
    let calendar = shipped::calendar();
    let deal = ScriptDeal {
        name: "A shop".to_owned(),
        customer_name: "Great Lake Shipping".to_owned(),
        customer_region: "华东".to_owned(),
        offering: OfferingId(uuid::Uuid::nil()),
    };
    let share = |days| ScriptRule {
        after_working_days: Some(days),
        deal: Some(deal.clone()),
        ..rule(Occasion::ScriptSet, Answer::Share)
    };
    let rules = [
        share(2),
        rule(Occasion::Submission, Answer::Approve),
        share(1),
    ];
    let since = "2026-09-30T02:00:00Z".parse().unwrap();
    let found: Vec<_> = shares(&rules, since, &calendar)
        .map(|(place, _, at)| (place, at.to_rfc3339()))
        .collect();
    let expected = [
        (0, "2026-10-09T02:00:00+00:00".to_owned()),
        (2, "2026-10-08T02:00:00+00:00".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_first_rule_that_fits_answers_after_working_days_at_the_same_time_of_day() {
    let calendar = shipped::calendar();
    let only_lake = ScriptRule {
        customer_contains: Some("LAKE".to_owned()),
        ..rule(Occasion::Submission, Answer::Reject)
    };
    let rules = [only_lake, rule(Occasion::Submission, Answer::Approve)];
    // Wednesday before the National Day holiday, which ends on the 7th; the 8th is a Thursday.
    let since = "2026-09-30T09:30:00Z".parse().unwrap();
    let case = |customer| Case {
        occasion: Occasion::Submission,
        name: "A deal",
        customer,
        since,
    };

    let (rule, at) = answer(&rules, &case("Great Lake Shipping"), &calendar).unwrap();
    assert_eq!(rule.answer, Answer::Reject);
    assert_eq!(at, "2026-10-08T09:30:00Z".parse::<DateTime<Utc>>().unwrap());
    let (rule, _) = answer(&rules, &case("Hill"), &calendar).unwrap();
    assert_eq!(rule.answer, Answer::Approve);
    let settled = Case {
        occasion: Occasion::Settled,
        ..case("Hill")
    };
    assert_eq!(answer(&rules, &settled, &calendar), None);
}
