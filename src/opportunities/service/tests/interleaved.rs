//! Three clients who act in turns on what they read some time ago, against a model of what must come of it.

use super::super::super::model::{LossReason, ProgressStage};
use super::property::report;
use super::*;

/// Chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Edit,
    Submit,
    Delete,
    ReviewApprove,
    ReviewReject,
    ValidationApprove,
    ValidationReject,
    Report(ProgressStage),
    Lose,
    Cancel,
    /// Time passes beyond the deadline of a validation.
    Wait,
}

const STEPS: [Step; 14] = [
    Step::Edit,
    Step::Submit,
    Step::Submit,
    Step::Delete,
    Step::ReviewApprove,
    Step::ReviewApprove,
    Step::ReviewReject,
    Step::ValidationApprove,
    Step::ValidationReject,
    Step::Report(ProgressStage::Solution),
    Step::Report(ProgressStage::Signed),
    Step::Lose,
    Step::Cancel,
    Step::Wait,
];

/// Written from the rules of domain.md alone, and from nothing of the code that it is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    state: &'static str,
    stage: Option<ProgressStage>,
    version: i64,
    refused: i32,
    timed_out: bool,
    exists: bool,
}

impl Model {
    /// The reason of the refusal, or the state afterwards.
    #[expect(clippy::too_many_lines, reason = "the rules, one after the other")]
    fn act(&mut self, step: Step, expected: i64) -> Result<(), &'static str> {
        if step == Step::Wait {
            if self.state == "UNDER_VALIDATION" {
                self.become_("VALIDATION_REJECTED")?;
                self.timed_out = true;
            }
            return Ok(());
        }
        let vendors = matches!(
            step,
            Step::ReviewApprove
                | Step::ReviewReject
                | Step::ValidationApprove
                | Step::ValidationReject
                | Step::Cancel
        );
        if !self.exists || (vendors && self.state == "DRAFT") {
            return Err("OPPORTUNITY_NOT_FOUND");
        }
        let validates = matches!(step, Step::ValidationApprove | Step::ValidationReject);
        if validates && self.state == "VALIDATION_REJECTED" && self.timed_out {
            return Err("DEADLINE_PASSED");
        }
        if self.version != expected {
            return Err("VERSION_CONFLICT");
        }
        let open = ["DRAFT", "REVIEW_REJECTED", "VALIDATION_REJECTED"].contains(&self.state);
        let settled = self.state == "VALIDATED";
        let over = matches!(
            self.stage,
            Some(ProgressStage::Lost | ProgressStage::Delivered)
        );
        match step {
            Step::Edit if !open => Err("PO_NOT_WITHDRAWABLE"),
            Step::Edit => {
                self.version += 1;
                Ok(())
            }
            Step::Delete if self.state != "DRAFT" => Err("PO_NOT_WITHDRAWABLE"),
            Step::Delete => {
                self.exists = false;
                Ok(())
            }
            Step::Submit if !open => Err("PO_NOT_SUBMITTABLE"),
            Step::Submit if self.refused >= 3 => Err("ROUND_LIMIT"),
            Step::Submit => self.become_("UNDER_REVIEW"),
            Step::ReviewApprove | Step::ReviewReject if self.state != "UNDER_REVIEW" => {
                Err("NOT_UNDER_REVIEW")
            }
            Step::ReviewApprove => self.become_("UNDER_VALIDATION"),
            Step::ReviewReject => self.refuse("REVIEW_REJECTED"),
            Step::ValidationApprove | Step::ValidationReject
                if self.state != "UNDER_VALIDATION" =>
            {
                Err("NOT_UNDER_VALIDATION")
            }
            Step::ValidationApprove => self.become_("VALIDATED"),
            Step::ValidationReject => self.refuse("VALIDATION_REJECTED"),
            Step::Report(_) | Step::Lose if !settled => Err("PROGRESS_NOT_ALLOWED"),
            Step::Report(_) | Step::Lose if over => Err("PROGRESS_ENDED"),
            Step::Report(ProgressStage::Solution) if self.stage == Some(ProgressStage::Signed) => {
                Err("PROGRESS_BACKWARD")
            }
            Step::Report(stage) => {
                self.stage = Some(stage);
                self.version += 1;
                Ok(())
            }
            Step::Lose => {
                self.stage = Some(ProgressStage::Lost);
                self.version += 1;
                Ok(())
            }
            Step::Cancel if !settled => Err("OPPORTUNITY_NOT_CANCELLABLE"),
            Step::Cancel if over || self.stage == Some(ProgressStage::Signed) => {
                Err("OPPORTUNITY_SIGNED")
            }
            Step::Cancel => self.become_("CANCELLED_BY_VENDOR"),
            Step::Wait => unreachable!("time is no client"),
        }
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the answer of the step that leads there"
    )]
    fn become_(&mut self, state: &'static str) -> Result<(), &'static str> {
        (self.state, self.timed_out) = (state, false);
        self.version += 1;
        Ok(())
    }

    fn refuse(&mut self, state: &'static str) -> Result<(), &'static str> {
        self.refused += 1;
        self.become_(state)
    }
}

impl World {
    async fn act(&self, step: Step, viewer: &Viewer, target: Target) -> Result<(), Failure> {
        let reason = "Because".to_owned();
        let done = match step {
            Step::Edit => {
                let id: OpportunityId = IdSource.fresh();
                let content = ContentEdit {
                    need: text(&id.0.to_string()),
                    ..ContentEdit::default()
                };
                self.apply(viewer, &Update { target, content }).await
            }
            Step::Submit => self.apply(viewer, &Submit { target }).await,
            Step::Delete => self.apply(viewer, &Delete { target }).await,
            Step::ReviewApprove => self.apply(viewer, &ReviewApprove { target }).await,
            Step::ReviewReject => self.apply(viewer, &ReviewReject { target, reason }).await,
            Step::ValidationApprove => self.apply(viewer, &ValidationApprove { target }).await,
            Step::ValidationReject => {
                self.apply(viewer, &ValidationReject { target, reason })
                    .await
            }
            Step::Report(stage) => {
                let report = report(stage);
                self.apply(viewer, &ProgressAdd { target, report }).await
            }
            Step::Lose => {
                let lose = Lose {
                    target,
                    reason: LossReason::Price,
                    note: None,
                };
                self.apply(viewer, &lose).await
            }
            Step::Cancel => self.apply(viewer, &Cancel { target, reason }).await,
            Step::Wait => {
                self.clock.advance(chrono::TimeDelta::days(30));
                return Ok(());
            }
        };
        done.map(|_| ())
    }
}

/// R-OPP-10 to R-OPP-14, R-OPP-26, R-OPP-34, R-OPP-35: whatever the three do in whatever order.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one turn and what is held of it")]
async fn three_interleaved_clients_meet_what_the_rules_say() {
    let world = World::new().await;
    let mut chance = Chance(7);
    let (mut done, mut refused) = (0, 0);
    for sequence in 0..40 {
        let id = world.draft(complete()).await.id;
        let mut model = Model {
            state: "DRAFT",
            stage: None,
            version: 1,
            refused: 0,
            timed_out: false,
            exists: true,
        };
        // What each of them read last: the seller, a colleague, the vendor.
        let mut read = [1_i64; 3];
        for turn in 0..25 {
            let step = STEPS[chance.below(STEPS.len())];
            // A draft that is gone at once tells little.
            if step == Step::Delete && chance.below(3) > 0 {
                continue;
            }
            let client = match step {
                Step::ReviewApprove
                | Step::ReviewReject
                | Step::ValidationApprove
                | Step::ValidationReject
                | Step::Cancel => 2,
                Step::Edit
                | Step::Submit
                | Step::Delete
                | Step::Report(_)
                | Step::Lose
                | Step::Wait => chance.below(2),
            };
            let viewer = match client {
                0 => world.seller(),
                1 => viewer(world.colleague, world.partner, OrganisationKind::Partner),
                _ => world.reviewer(),
            };
            if chance.below(4) > 0 {
                read[client] = model.version;
            }
            let target = Target {
                id,
                expected_version: read[client],
            };
            let expected = model.act(step, read[client]);
            let answer = world.act(step, &viewer, target).await;
            let answered = match answer {
                Ok(()) => Ok(()),
                Err(Failure::Refused(refusals)) => Err(refusals.first.reason.0),
                Err(Failure::Internal(error)) => panic!("{error}"),
            };
            assert_eq!(
                answered, expected,
                "{sequence}.{turn}: {step:?} by {client}"
            );
            match answered {
                Ok(()) => done += 1,
                Err(_) => refused += 1,
            }
            if model.exists {
                let stored = world.read(&world.seller(), id).await;
                assert_eq!(
                    (
                        stored.review.state().as_str(),
                        stored.version,
                        stored.progress,
                        stored.refused_rounds
                    ),
                    (model.state, model.version, model.stage, model.refused),
                    "{sequence}.{turn}: after {step:?}"
                );
            }
        }
        let history = world.history(id).await;
        let versions: Vec<i64> = history.iter().map(|(_, version)| *version).collect();
        let newest = versions.last().copied().unwrap();
        assert_eq!(
            versions,
            (1..=newest).collect::<Vec<_>>(),
            "one entry for each version"
        );
    }
    assert!(
        done > 200 && refused > 200,
        "{done} done, {refused} refused"
    );
}
