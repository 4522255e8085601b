//! What is kept beside the opportunity itself: its reports, its rounds and its deadline.

use chrono::{DateTime, Utc};

use super::{APPROVE, Actor, Journey, REFUSE, STAGES, SUBMIT, Step};

/// A submission.
pub(in crate::seed::opportunities) struct Round {
    pub(in crate::seed::opportunities) submitted_at: DateTime<Utc>,
    pub(in crate::seed::opportunities) reviewed_at: Option<DateTime<Utc>>,
    pub(in crate::seed::opportunities) validated_at: Option<DateTime<Utc>>,
    pub(in crate::seed::opportunities) outcome: &'static str,
}

impl Round {
    fn begun(at: DateTime<Utc>) -> Self {
        Self {
            submitted_at: at,
            reviewed_at: None,
            validated_at: None,
            outcome: "RUNNING",
        }
    }
}

/// What somebody had to do in time.
pub(in crate::seed::opportunities) struct Deadline {
    pub(in crate::seed::opportunities) kind: &'static str,
    pub(in crate::seed::opportunities) starts_at: DateTime<Utc>,
    /// When and how it ended.
    pub(in crate::seed::opportunities) ended: Option<(DateTime<Utc>, &'static str)>,
}

impl Journey {
    /// What was reported since both settled to work on it: each stage up to the present one, evenly until now.
    pub(in crate::seed::opportunities) fn reports(&self) -> Vec<(&'static str, DateTime<Utc>)> {
        let Some(stage) = self.progress else {
            return Vec::new();
        };
        let reached = match STAGES.iter().position(|&one| one == stage) {
            // A deal is lost while it is negotiated.
            Some(_) if stage == "LOST" => vec!["QUALIFYING", "NEGOTIATION", "LOST"],
            Some(place) => STAGES.iter().copied().take(place + 1).collect(),
            None => Vec::new(),
        };
        let count = i32::try_from(reached.len()).unwrap_or(1);
        let step = self.pace / (count + 1);
        let begun = self.at(self.steps.len().saturating_sub(1));
        let reports = reached.into_iter().zip(1..);
        reports
            .map(|(stage, place)| (stage, begun + step * place))
            .collect()
    }

    /// Each submission, with what was decided on it.
    pub(in crate::seed::opportunities) fn rounds(&self) -> Vec<Round> {
        let mut rounds: Vec<Round> = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let at = self.at(index);
            match (step.action, rounds.last_mut()) {
                (SUBMIT, _) => rounds.push(Round::begun(at)),
                (REFUSE, Some(round)) => {
                    (round.reviewed_at, round.outcome) = (Some(at), "REVIEW_REJECTED");
                }
                (APPROVE, Some(round)) => round.reviewed_at = Some(at),
                ("opportunity.validated", Some(round)) => {
                    (round.validated_at, round.outcome) = (Some(at), "VALIDATED");
                }
                ("opportunity.validation_rejected", Some(round)) => {
                    (round.validated_at, round.outcome) = (Some(at), "VALIDATION_REJECTED");
                }
                _ => {}
            }
        }
        rounds
    }

    /// The deadline that began with a step, when it was met if it was, and how it stands.
    pub(in crate::seed::opportunities) fn deadline(&self) -> Option<Deadline> {
        let begins = |step: &&Step| step.action == APPROVE || step.action == "opportunity.shared";
        let index = self.steps.iter().rposition(|step| begins(&step))?;
        let kind = match self.steps.get(index)?.action {
            APPROVE => "VALIDATE_OPPORTUNITY",
            _ => "ACCEPT_SHARED_OPPORTUNITY",
        };
        let ended = self.steps.get(index + 1).map(|step| {
            let state = match step.by {
                Actor::Clock => "EXPIRED",
                Actor::Owner | Actor::Vendor => "MET",
            };
            (self.at(index + 1), state)
        });
        Some(Deadline {
            kind,
            starts_at: self.at(index),
            ended,
        })
    }
}
