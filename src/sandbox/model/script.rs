//! What the vendor of a sandbox answers by itself, and when. Pure: no SQL, GraphQL or clock.

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

use super::super::error::ScriptFault;
use crate::calendar::WorkCalendar;
use crate::error::{Failure, Faults};
use crate::rules::PROGRAMME_ZONE;

/// The most rules of a script.
const RULES: usize = 50;
/// The longest text of a condition or a reason.
const TEXT_LENGTH: usize = 500;
const WORKING_DAYS: std::ops::RangeInclusive<i32> = 0..=250;
const MINUTES: std::ops::RangeInclusive<i32> = 0..=525_600;

/// What the vendor answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Occasion {
    /// The partner submitted it; the review waits.
    Submission,
    /// The review passed; the validation waits.
    ReviewPassed,
    /// It was validated, or the partner accepted it.
    Settled,
}

/// What the vendor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Answer {
    Approve,
    Reject,
    Validate,
    RejectValidation,
    Cancel,
    /// Nothing: deadlines lapse, or a person answers.
    Ignore,
}

impl Answer {
    fn fits(self, occasion: Occasion) -> bool {
        match self {
            Self::Approve | Self::Reject => occasion == Occasion::Submission,
            Self::Validate | Self::RejectValidation => occasion == Occasion::ReviewPassed,
            Self::Cancel => occasion == Occasion::Settled,
            Self::Ignore => true,
        }
    }

    fn needs_reason(self) -> bool {
        match self {
            Self::Reject | Self::RejectValidation | Self::Cancel => true,
            Self::Approve | Self::Validate | Self::Ignore => false,
        }
    }
}

/// One rule of a script; the first whose conditions hold answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScriptRule {
    pub(crate) on: Occasion,
    /// A part of the opportunity's name, in any case.
    pub(crate) name_contains: Option<String>,
    /// A part of the customer's name, in any case.
    pub(crate) customer_contains: Option<String>,
    pub(crate) after_working_days: Option<i32>,
    pub(crate) after_minutes: Option<i32>,
    pub(crate) answer: Answer,
    pub(crate) reason: Option<String>,
}

/// What the vendor of a sandbox does unless a partner says otherwise.
pub(crate) fn by_default() -> Vec<ScriptRule> {
    let rule = |on, days, answer| ScriptRule {
        on,
        name_contains: None,
        customer_contains: None,
        after_working_days: Some(days),
        after_minutes: None,
        answer,
        reason: None,
    };
    vec![
        rule(Occasion::Submission, 1, Answer::Approve),
        rule(Occasion::ReviewPassed, 2, Answer::Validate),
    ]
}

/// Everything that is wrong with a script, rule by rule.
pub(crate) fn check(rules: &[ScriptRule]) -> Result<(), Failure> {
    let mut faults = Faults::default();
    if rules.len() > RULES {
        faults.add(ScriptFault::TooManyRules { limit: RULES }.at("rules"));
    }
    for (index, rule) in rules.iter().enumerate().take(RULES) {
        let path = |field: &str| format!("rules.{index}.{field}");
        if !rule.answer.fits(rule.on) {
            faults.add(ScriptFault::AnswerDoesNotFit.at(&path("answer")));
        }
        if let Some((fault, field)) = rule.delay_fault() {
            faults.add(fault.at(&path(field)));
        }
        let reason = rule.reason.as_deref().unwrap_or_default().trim();
        if rule.answer.needs_reason() && reason.is_empty() {
            faults.add(ScriptFault::ReasonRequired.at(&path("reason")));
        }
        for (field, text) in [
            ("nameContains", &rule.name_contains),
            ("customerContains", &rule.customer_contains),
            ("reason", &rule.reason),
        ] {
            if text
                .as_deref()
                .is_some_and(|text| text.chars().count() > TEXT_LENGTH)
            {
                faults.add(ScriptFault::TextTooLong { limit: TEXT_LENGTH }.at(&path(field)));
            }
        }
    }
    faults.check()
}

/// An opportunity on which the vendor can act.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) occasion: Occasion,
    pub(crate) name: &'a str,
    pub(crate) customer: &'a str,
    /// When the occasion came.
    pub(crate) since: DateTime<Utc>,
}

impl ScriptRule {
    fn delay_fault(&self) -> Option<(ScriptFault, &'static str)> {
        let out_of = |range: &std::ops::RangeInclusive<i32>| ScriptFault::DelayOutOfRange {
            from: *range.start(),
            to: *range.end(),
        };
        match (self.after_working_days, self.after_minutes) {
            (Some(days), None) if !WORKING_DAYS.contains(&days) => {
                Some((out_of(&WORKING_DAYS), "afterWorkingDays"))
            }
            (None, Some(minutes)) if !MINUTES.contains(&minutes) => {
                Some((out_of(&MINUTES), "afterMinutes"))
            }
            (Some(_), None) | (None, Some(_)) => None,
            (None, None) if self.answer == Answer::Ignore => None,
            (None, None) | (Some(_), Some(_)) => Some((ScriptFault::OneDelay, "afterWorkingDays")),
        }
    }

    fn matches(&self, case: &Case<'_>) -> bool {
        let holds = |part: &Option<String>, text: &str| {
            part.as_ref()
                .is_none_or(|part| text.to_lowercase().contains(&part.trim().to_lowercase()))
        };
        self.on == case.occasion
            && holds(&self.name_contains, case.name)
            && holds(&self.customer_contains, case.customer)
    }

    /// When the vendor answers: so many working days later at the same time of day, or so many minutes later.
    fn answers_at(&self, since: DateTime<Utc>, calendar: &WorkCalendar) -> DateTime<Utc> {
        let working_days = self.after_working_days.unwrap_or_default();
        if working_days > 0 {
            let day = calendar.due(since, working_days).last_day_on;
            let time = since.with_timezone(&PROGRAMME_ZONE).time();
            let local = PROGRAMME_ZONE.from_local_datetime(&day.and_time(time));
            return local.earliest().map_or(since, |at| at.with_timezone(&Utc));
        }
        since + TimeDelta::minutes(self.after_minutes.unwrap_or_default().into())
    }
}

/// Which rule answers a case, and when; `None` when the script leaves it to people.
pub(crate) fn answer<'a>(
    rules: &'a [ScriptRule],
    case: &Case<'_>,
    calendar: &WorkCalendar,
) -> Option<(&'a ScriptRule, DateTime<Utc>)> {
    let rule = rules.iter().find(|rule| rule.matches(case))?;
    (rule.answer != Answer::Ignore).then(|| (rule, rule.answers_at(case.since, calendar)))
}

#[cfg(test)]
mod tests {
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
}
