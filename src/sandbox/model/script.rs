//! What the vendor of a sandbox answers by itself, and when. Pure: no SQL, GraphQL or clock.

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

use super::super::error::ScriptFault;
use crate::calendar::WorkCalendar;
use crate::error::{Failure, Faults};
use crate::ids::OfferingId;
use crate::rules::PROGRAMME_ZONE;

/// The most rules of a script.
const RULES: usize = 50;
/// The longest text of a condition or a reason.
const TEXT_LENGTH: usize = 500;
/// The longest name, as opportunities have it.
const DEAL_TEXT_LENGTH: usize = 100;
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
    /// The partner set the script: what the vendor does of its own accord.
    ScriptSet,
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
    /// Shares an opportunity of the vendor's with the partner.
    Share,
    /// Nothing: deadlines lapse, or a person answers.
    Ignore,
}

impl Answer {
    fn fits(self, occasion: Occasion) -> bool {
        match self {
            Self::Approve | Self::Reject => occasion == Occasion::Submission,
            Self::Validate | Self::RejectValidation => occasion == Occasion::ReviewPassed,
            Self::Cancel => occasion == Occasion::Settled,
            Self::Share => occasion == Occasion::ScriptSet,
            Self::Ignore => true,
        }
    }

    fn needs_reason(self) -> bool {
        match self {
            Self::Reject | Self::RejectValidation | Self::Cancel => true,
            Self::Approve | Self::Validate | Self::Share | Self::Ignore => false,
        }
    }
}

/// What an opportunity is about that the scripted vendor shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScriptDeal {
    pub(crate) name: String,
    pub(crate) customer_name: String,
    pub(crate) customer_region: String,
    pub(crate) offering: OfferingId,
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
    /// What is shared, by a rule that shares.
    #[serde(default)]
    pub(crate) deal: Option<ScriptDeal>,
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
        deal: None,
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
        rule.check_deal(&mut faults, &path);
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
    /// A rule that shares says what, and no other does; nothing is there yet that it could be narrowed to.
    fn check_deal(&self, faults: &mut Faults, path: &impl Fn(&str) -> String) {
        match (&self.deal, self.answer == Answer::Share) {
            (None, true) => faults.add(ScriptFault::DealRequired.at(&path("deal"))),
            (Some(_), false) => faults.add(ScriptFault::DealUnused.at(&path("deal"))),
            (Some(_), true) | (None, false) => {}
        }
        if self.on == Occasion::ScriptSet {
            for (field, condition) in [
                ("nameContains", &self.name_contains),
                ("customerContains", &self.customer_contains),
            ] {
                if condition.is_some() {
                    faults.add(ScriptFault::ConditionUnused.at(&path(field)));
                }
            }
        }
        for (field, text) in self.deal.iter().flat_map(|deal| {
            [
                ("name", &deal.name),
                ("customerName", &deal.customer_name),
                ("customerRegion", &deal.customer_region),
            ]
        }) {
            let field = path(&format!("deal.{field}"));
            if text.trim().is_empty() {
                faults.add(ScriptFault::TextRequired.at(&field));
            }
            if text.chars().count() > DEAL_TEXT_LENGTH {
                let limit = DEAL_TEXT_LENGTH;
                faults.add(ScriptFault::TextTooLong { limit }.at(&field));
            }
        }
    }

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

/// What the vendor shares of its own accord, and when: the places of the rules that say so, from 0. Such a rule does
/// without an opportunity, so each of them holds.
pub(crate) fn shares<'a>(
    rules: &'a [ScriptRule],
    since: DateTime<Utc>,
    calendar: &'a WorkCalendar,
) -> impl Iterator<Item = (i32, &'a ScriptDeal, DateTime<Utc>)> {
    (0..).zip(rules).filter_map(move |(place, rule)| {
        let deal = rule.deal.as_ref()?;
        (rule.answer == Answer::Share).then(|| (place, deal, rule.answers_at(since, calendar)))
    })
}
