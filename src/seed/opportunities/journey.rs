//! The steps by which an opportunity came into its state.

mod kept;

use chrono::{DateTime, TimeDelta, Utc};

use super::Row;
use crate::ids::{MemberId, OpportunityId, Tagged as _};
use crate::seed::history::Entry;
use crate::seed::random::Random;
use crate::seed::words::Language;

/// One step: what happened, who did it, and from which state to which.
#[derive(Clone, Copy)]
struct Step {
    action: &'static str,
    by: Actor,
    from: Option<&'static str>,
    to: &'static str,
}

#[derive(Clone, Copy)]
enum Actor {
    Owner,
    Vendor,
    Clock,
}

const CREATED: Step = first("opportunity.created", Actor::Owner, "DRAFT");
const SUBMITTED: Step = step(SUBMIT, Actor::Owner, ("DRAFT", "UNDER_REVIEW"));
const REFUSED: Step = step(REFUSE, Actor::Vendor, ("UNDER_REVIEW", "REVIEW_REJECTED"));
const RESUBMITTED: Step = step(SUBMIT, Actor::Owner, ("REVIEW_REJECTED", "UNDER_REVIEW"));
const APPROVED: Step = step(APPROVE, Actor::Vendor, ("UNDER_REVIEW", "UNDER_VALIDATION"));
const VALIDATED: Step = step(
    "opportunity.validated",
    Actor::Vendor,
    ("UNDER_VALIDATION", "VALIDATED"),
);
const DOUBTED: Step = step(
    "opportunity.validation_rejected",
    Actor::Vendor,
    ("UNDER_VALIDATION", "VALIDATION_REJECTED"),
);
const SHARED: Step = first("opportunity.shared", Actor::Vendor, "PENDING_ACCEPTANCE");
const ACCEPTED: Step = step(
    "opportunity.accepted",
    Actor::Owner,
    ("PENDING_ACCEPTANCE", "ACCEPTED"),
);
const REJECTED: Step = step(
    "opportunity.rejected",
    Actor::Owner,
    ("PENDING_ACCEPTANCE", "REJECTED"),
);
const TIMED_OUT: Step = step(
    "opportunity.auto_rejected",
    Actor::Clock,
    ("PENDING_ACCEPTANCE", "AUTO_REJECTED"),
);

const SUBMIT: &str = "opportunity.submitted";
const REFUSE: &str = "opportunity.review_rejected";
const APPROVE: &str = "opportunity.review_approved";

const fn first(action: &'static str, by: Actor, to: &'static str) -> Step {
    Step {
        action,
        by,
        from: None,
        to,
    }
}

const fn step(action: &'static str, by: Actor, (from, to): (&'static str, &'static str)) -> Step {
    Step {
        action,
        by,
        from: Some(from),
        to,
    }
}

/// Every way that an opportunity can have gone so far, and how many of a hundred went it. They end in all ten states,
/// in the order in which the demo user meets them.
const PATHS: &[(usize, &[Step])] = &[
    (24, &[CREATED, SUBMITTED, APPROVED, VALIDATED]),
    (14, &[CREATED]),
    (12, &[CREATED, SUBMITTED]),
    (7, &[CREATED, SUBMITTED, REFUSED]),
    (12, &[SHARED, ACCEPTED]),
    (8, &[CREATED, SUBMITTED, APPROVED]),
    (5, &[SHARED]),
    (5, &[CREATED, SUBMITTED, APPROVED, DOUBTED]),
    (4, &[SHARED, REJECTED]),
    (3, &[SHARED, TIMED_OUT]),
    (
        6,
        &[
            CREATED,
            SUBMITTED,
            REFUSED,
            RESUBMITTED,
            APPROVED,
            VALIDATED,
        ],
    ),
];
/// Where somebody has to act next: an old one would have run into its deadline.
const WAITING: &[&str] = &[
    "DRAFT",
    "UNDER_REVIEW",
    "PENDING_ACCEPTANCE",
    "UNDER_VALIDATION",
];
const STAGES: &[&str] = &[
    "QUALIFYING",
    "SOLUTION",
    "NEGOTIATION",
    "SIGNED",
    "DELIVERING",
    "DELIVERED",
    "LOST",
];
const REASONS: &[(&str, &str)] = &[
    (
        "客户联系人信息不完整，请补充决策人和采购时间。",
        "The customer's contact is incomplete; please add who decides and when they buy.",
    ),
    (
        "预计收入与所述规模不符，请说明测算依据。",
        "The expected revenue does not fit the size described; please explain how it was reckoned.",
    ),
    (
        "该客户已由厂商直接跟进。",
        "The vendor is already working with this customer directly.",
    ),
];

pub(super) struct Journey {
    steps: &'static [Step],
    pub(super) state: &'static str,
    pub(super) progress: Option<&'static str>,
    pub(super) created_at: DateTime<Utc>,
    /// From one step to the next.
    pace: TimeDelta,
    reason: (&'static str, &'static str),
}

impl Journey {
    /// One of each kind for the first turns, then as often as each occurs.
    pub(super) fn new(turn: usize, random: &mut Random, now: DateTime<Utc>) -> Self {
        let chance = random.below(100);
        let steps = PATHS
            .get(turn)
            .map_or_else(|| likely(chance), |&(_, path)| path);
        let state = steps.last().map_or("DRAFT", |step| step.to);
        let settled_days = if WAITING.contains(&state) {
            0
        } else {
            random.between(20, 400)
        };
        // What the partner has to answer within three working days must still be open.
        let young = if state == "PENDING_ACCEPTANCE" {
            44
        } else {
            9 * 24
        };
        let hours = settled_days * 24 + random.between(10, young);
        let age = TimeDelta::hours(hours) + TimeDelta::seconds(random.between(0, 3_599));
        Self {
            steps,
            state,
            progress: matches!(state, "VALIDATED" | "ACCEPTED").then(|| random.word(STAGES)),
            created_at: now - age,
            pace: age / i32::try_from(steps.len()).unwrap_or(1),
            reason: random.pick(REASONS).unwrap_or_default(),
        }
    }

    /// How often it was submitted.
    pub(super) fn round(&self) -> i32 {
        self.count(|step| step.action == SUBMIT)
    }

    pub(super) fn refused_rounds(&self) -> i32 {
        self.count(|step| matches!(step.to, "REVIEW_REJECTED" | "VALIDATION_REJECTED"))
    }

    fn count(&self, condition: impl Fn(&Step) -> bool) -> i32 {
        let steps = self.steps.iter().filter(|step| condition(step));
        i32::try_from(steps.count()).unwrap_or(0)
    }

    pub(super) fn origin(&self) -> &'static str {
        if self
            .steps
            .first()
            .is_some_and(|step| step.action == "opportunity.created")
        {
            "PARTNER"
        } else {
            "VENDOR"
        }
    }

    pub(super) fn version(&self) -> i64 {
        i64::try_from(self.steps.len() + self.reports().len()).unwrap_or(1)
    }

    /// When it was last submitted.
    pub(super) fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.last_at(SUBMIT)
    }

    fn at(&self, step: usize) -> DateTime<Utc> {
        self.created_at + self.pace * i32::try_from(step).unwrap_or(0)
    }

    pub(super) fn updated_at(&self) -> DateTime<Utc> {
        let last = self.reports().last().map(|(_, at)| *at);
        last.unwrap_or_else(|| self.stepped_at())
    }

    fn last_at(&self, action: &str) -> Option<DateTime<Utc>> {
        let step = self.steps.iter().rposition(|step| step.action == action)?;
        Some(self.at(step))
    }

    /// When the review of the last round was decided; an open round has no such time yet.
    pub(super) fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        let rejected = self.last_at(REFUSE);
        let decided = self.last_at(APPROVE).max(rejected);
        decided.filter(|_| self.state != "UNDER_REVIEW")
    }

    /// When the last step was taken, reports not counted.
    fn stepped_at(&self) -> DateTime<Utc> {
        self.at(self.steps.len().saturating_sub(1))
    }

    /// When what follows the review was decided: its last step, where there was one.
    pub(super) fn settled_at(&self) -> Option<DateTime<Utc>> {
        let settled = matches!(
            self.state,
            "VALIDATED" | "VALIDATION_REJECTED" | "ACCEPTED" | "REJECTED" | "AUTO_REJECTED"
        );
        settled.then(|| self.stepped_at())
    }

    pub(super) fn loss_reason(&self) -> Option<&'static str> {
        (self.progress == Some("LOST")).then_some("COMPETITOR")
    }

    /// Why the last decision was a refusal.
    pub(super) fn reason(&self, language: Language) -> Option<&'static str> {
        let refused = matches!(
            self.state,
            "REVIEW_REJECTED" | "VALIDATION_REJECTED" | "REJECTED"
        );
        refused.then_some(match language {
            Language::Chinese => self.reason.0,
            Language::English => self.reason.1,
        })
    }

    pub(super) fn history(&self, row: &Row, reviewer: uuid::Uuid) -> impl Iterator<Item = Entry> {
        let steps = self.steps.iter().enumerate().map(move |(index, step)| {
            let version = i64::try_from(index + 1).unwrap_or(1);
            let mut entry = Entry::new(
                row.organisation_id,
                (OpportunityId::TAG, row.id),
                (version, self.at(index)),
                step.action,
            );
            match step.by {
                Actor::Owner => entry.actor = MemberId(row.owner_member_id).global(),
                Actor::Vendor => entry.actor = MemberId(reviewer).global(),
                Actor::Clock => {}
            }
            (entry.from_state, entry.to_state) = (step.from, Some(step.to));
            if step.action.ends_with("rejected") && step.to == self.state {
                entry.reason = row.review_reason;
            }
            entry
        });
        steps.chain(self.reported(row))
    }

    /// The entries of the reports, which follow those of the steps.
    fn reported(&self, row: &Row) -> Vec<Entry> {
        let mut from = "NONE";
        let mut entries = Vec::new();
        for (index, (stage, at)) in self.reports().into_iter().enumerate() {
            let version = i64::try_from(self.steps.len() + index + 1).unwrap_or(1);
            let action = match stage {
                "LOST" => "opportunity.lost",
                _ => "opportunity.progress_added",
            };
            let mut entry = Entry::new(
                row.organisation_id,
                (OpportunityId::TAG, row.id),
                (version, at),
                action,
            );
            entry.actor = MemberId(row.owner_member_id).global();
            (entry.from_state, entry.to_state) = (Some(from), Some(stage));
            from = stage;
            entries.push(entry);
        }
        entries
    }
}

/// The path that so many of a hundred have gone, or fewer.
fn likely(mut chance: usize) -> &'static [Step] {
    for &(share, path) in PATHS {
        if chance < share {
            return path;
        }
        chance -= share;
    }
    &[CREATED]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_are_all_of_a_hundred_and_each_step_begins_where_the_last_ended() {
        assert_eq!(PATHS.iter().map(|(share, _)| share).sum::<usize>(), 100);
        for (_, path) in PATHS {
            for pair in path.windows(2) {
                assert_eq!(pair[1].from, Some(pair[0].to));
            }
        }
    }
}
