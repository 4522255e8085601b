//! What an object says of itself is what the mutations do, and nobody's decision is made twice.

use super::super::super::model::{
    Action, Beginning, LossReason, Origin, ProgressReport, ProgressStage, Refused,
};
use super::*;
use crate::deadlines::{self, NewDeadline, Outcome};
use crate::rules::{self, OpportunityChecks, Site};

/// What one generated opportunity is in.
#[derive(Debug, Clone)]
struct Case {
    origin: Origin,
    review: Review,
    refused_rounds: i32,
    progress: Option<ProgressStage>,
    deadline: Option<DeadlineKind>,
    is_complete: bool,
}

#[expect(clippy::too_many_lines, reason = "one of each state")]
fn cases() -> Vec<Case> {
    let submission = Submission {
        round: 3,
        at: now(),
    };
    let (reviewed_at, validated_at, at) = (now(), now(), now());
    let reason = || "No".to_owned();
    let validation = Some(DeadlineKind::ValidateOpportunity);
    let acceptance = Some(DeadlineKind::AcceptSharedOpportunity);
    let partner = |review, deadline| Case {
        origin: Origin::Partner,
        review,
        refused_rounds: 0,
        progress: None,
        deadline,
        is_complete: true,
    };
    let vendor = |review, deadline| Case {
        origin: Origin::Vendor,
        ..partner(review, deadline)
    };
    let review_rejected = Review::ReviewRejected {
        submission,
        reviewed_at,
        reason: reason(),
    };
    let in_validation = Review::UnderValidation {
        submission,
        reviewed_at,
    };
    let refused = |refused| Review::ValidationRejected {
        submission,
        reviewed_at,
        validated_at,
        refused,
    };
    let validated = Review::Validated {
        submission,
        reviewed_at,
        validated_at,
    };
    let mut cases = vec![
        partner(Review::Draft, None),
        Case {
            is_complete: false,
            ..partner(Review::Draft, None)
        },
        partner(Review::UnderReview(submission), None),
        partner(review_rejected.clone(), None),
        Case {
            refused_rounds: 3,
            ..partner(review_rejected, None)
        },
        partner(in_validation, validation),
        partner(refused(Refused::Because(reason())), None),
        partner(refused(Refused::TimedOut), None),
        vendor(Review::PendingAcceptance, acceptance),
        vendor(
            Review::Rejected {
                at,
                reason: reason(),
            },
            None,
        ),
        vendor(Review::AutoRejected { at }, None),
    ];
    for &stage in ProgressStage::ALL {
        let progress = Some(stage);
        cases.push(Case {
            progress,
            ..partner(validated.clone(), None)
        });
        cases.push(Case {
            progress,
            ..vendor(Review::Accepted { at }, None)
        });
    }
    cases.push(partner(validated, None));
    cases
}

impl World {
    async fn insert(&self, case: &Case) -> OpportunityId {
        let acting = crate::db::Acting {
            actor: "job:test".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let scope = Scope::Own(self.partner);
        let mut tx = self.db.begin(&scope, &acting).await.unwrap();
        let edit = if case.is_complete {
            complete()
        } else {
            named("Incomplete")
        };
        let (content, _) = Content::blank(self.seller).edited(&edit).unwrap();
        let id: OpportunityId = IdSource.fresh();
        let beginning = Beginning {
            id,
            organisation: self.partner,
            site: Site::Cn,
            number: id.0.to_string(),
            content,
            at: now(),
        };
        let mut opportunity = match case.origin {
            Origin::Partner => Opportunity::draft(beginning),
            Origin::Vendor => Opportunity::shared(beginning),
        };
        store::insert(&mut tx, &opportunity).await.unwrap();
        opportunity.review = case.review.clone();
        opportunity.refused_rounds = case.refused_rounds;
        opportunity.progress = case.progress;
        if case.progress == Some(ProgressStage::Lost) {
            opportunity.loss = Some((LossReason::Price, None));
        }
        store::record_state(&mut tx, &opportunity).await.unwrap();
        if let Some(kind) = case.deadline {
            let rule = rules::of_site::<OpportunityChecks>(&mut tx, Site::Cn, now());
            let rule = rule.await.unwrap();
            let begun = NewDeadline {
                organisation: self.partner,
                object: id.into(),
                kind,
                outcome: Outcome::AutoReject,
                working_days: 3,
                rule: rule.id,
            };
            deadlines::begin(&mut tx, begun).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    /// What the mutation answers, without a trace: the transaction is dropped.
    #[expect(clippy::too_many_lines, reason = "one arm for each action")]
    async fn attempt(
        &self,
        action: Action,
        viewer: &Viewer,
        target: Target,
    ) -> Result<(), Failure> {
        let reason = || "Because".to_owned();
        match action {
            Action::Update => {
                let content = named("Another name");
                self.try_out(viewer, &Update { target, content }).await
            }
            Action::Delete => self.try_out(viewer, &Delete { target }).await,
            Action::Submit => self.try_out(viewer, &Submit { target }).await,
            Action::ReviewApprove => self.try_out(viewer, &ReviewApprove { target }).await,
            Action::ReviewReject => {
                let reason = reason();
                self.try_out(viewer, &ReviewReject { target, reason }).await
            }
            Action::ValidationApprove => self.try_out(viewer, &ValidationApprove { target }).await,
            Action::ValidationReject => {
                let reason = reason();
                let reject = ValidationReject { target, reason };
                self.try_out(viewer, &reject).await
            }
            Action::Accept => {
                let accept = Accept {
                    target,
                    owner: None,
                };
                self.try_out(viewer, &accept).await
            }
            Action::Reject => {
                let reason = reason();
                self.try_out(viewer, &Reject { target, reason }).await
            }
            Action::ProgressAdd => {
                let stage = self.stored(target.id).await.progress;
                let report = report(stage.unwrap_or(ProgressStage::Qualifying));
                self.try_out(viewer, &ProgressAdd { target, report }).await
            }
            Action::Lose => {
                let lose = Lose {
                    target,
                    reason: LossReason::Price,
                    note: None,
                };
                self.try_out(viewer, &lose).await
            }
            Action::Cancel => {
                let reason = reason();
                self.try_out(viewer, &Cancel { target, reason }).await
            }
            Action::AssignOwner => {
                let owner = self.colleague;
                self.try_out(viewer, &AssignOwner { target, owner }).await
            }
            Action::ReviewerAssign => {
                let reviewer = Some(self.reviewer);
                let assign = ReviewerAssign { target, reviewer };
                self.try_out(viewer, &assign).await
            }
            Action::VendorViewUpdate => {
                let edit = VendorViewEdit {
                    next_step: text("Call the customer"),
                    ..VendorViewEdit::default()
                };
                self.try_out(viewer, &VendorViewUpdate { target, edit })
                    .await
            }
            Action::OfferingChange => {
                let offerings = vec![OFFERING];
                self.try_out(viewer, &OfferingChange { target, offerings })
                    .await
            }
        }
    }

    async fn try_out<C: Change>(&self, viewer: &Viewer, change: &C) -> Result<(), Failure> {
        let scope = change.scope(viewer)?;
        let acting = crate::db::Acting {
            actor: viewer.actor(),
            correlation_id: "c".to_owned(),
        };
        let mut tx = self.db.begin(&scope, &acting).await?;
        change.apply(&mut tx, &scope).await.map(|_| ())
    }
}

pub(super) fn report(stage: ProgressStage) -> ProgressReport {
    ProgressReport {
        stage,
        win_probability: 50,
        note: "Met the customer".to_owned(),
        technical_exchange: None,
        test_details: None,
        occurred_on: None,
        documents: Vec::new(),
    }
}

fn with_only(viewer: Viewer, permissions: &[Permission]) -> Viewer {
    let Viewer::Member(member) = viewer else {
        unreachable!("the viewers of these tests are members")
    };
    let permissions = permissions.iter().copied().collect();
    Viewer::Member(ActingMember {
        permissions,
        ..member
    })
}

/// For every state, role and action: nothing stands in the way exactly when the mutation does it, and the first thing
/// that does is what the mutation answers first.
#[tokio::test]
async fn what_an_object_allows_is_what_the_mutation_does() {
    let world = World::new().await;
    world.grant_roles().await;
    let reads = Permission::ReadOpportunities;
    let viewers = [
        with_all_permissions(world.seller()),
        with_only(world.seller(), &[reads]),
        with_only(world.seller(), &[reads, Permission::WriteOpportunities]),
        with_all_permissions(world.reviewer()),
        with_only(world.reviewer(), &[reads]),
        with_only(world.reviewer(), &[reads, Permission::ReviewOpportunities]),
    ];
    let (mut asked, mut open) = (0, 0);
    let mut ids = Vec::new();
    for case in cases() {
        ids.push((world.insert(&case).await, case));
    }
    for late in [false, true] {
        if late {
            world.at("2026-11-26T16:00:00Z");
        }
        for (id, case) in ids
            .iter()
            .filter(|(_, case)| !late || case.deadline.is_some())
        {
            for viewer in &viewers {
                let snapshot = world.db.snapshot(viewer.read_scope());
                let Some(opportunity) = find(viewer, &snapshot, &[*id]).await.unwrap().pop() else {
                    assert!(
                        viewer.is_vendor() && case.review == Review::Draft,
                        "R-OPP-10"
                    );
                    continue;
                };
                let wanted = Wanted::from(&opportunity);
                let facts = facts::read(&snapshot, &[wanted]).await.unwrap();
                let facts = facts.into_values().next().unwrap();
                let target = Written::from(&opportunity).target();
                for &action in Action::ALL {
                    let verdict = policy::verdict(action, viewer, &opportunity, &facts);
                    let answer = world.attempt(action, viewer, target).await;
                    let told = verdict.blockers.first().map(|it| it.refusal.reason.0);
                    let mut answered = match &answer {
                        Ok(()) => None,
                        Err(Failure::Refused(refusals)) => Some(refusals.first.reason.0),
                        Err(Failure::Internal(error)) => panic!("{action:?} on {case:?}: {error}"),
                    };
                    // The proof of a delivery is of the input and not of the object.
                    if answered == Some("EVIDENCE_REQUIRED") {
                        answered = None;
                    }
                    assert_eq!(told, answered, "{action:?} on {case:?}, late: {late}");
                    asked += 1;
                    open += usize::from(answer.is_ok());
                }
            }
        }
    }
    assert!(asked >= 200 && open > 50, "{asked} asked, {open} open");
}

/// Two reviewers decide at once, a thousand times: one decision each, and the other learns of it.
#[tokio::test]
async fn of_two_decisions_at_once_one_is_made() {
    const ROUNDS: i64 = 1_000;
    let world = World::new().await;
    let mut owner = world.test.connect("portico_owner").await;
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "INSERT INTO opportunities (organisation_id, id, number, origin, name, owner_member_id, review_state,
             review_round, submitted_at, created_at, updated_at)
         SELECT $1, gen_random_uuid(), 'OPP-' || n, 'PARTNER', 'N', $2, 'UNDER_REVIEW', 1, $3, $3, $3
         FROM generate_series(1, $4) AS n RETURNING id",
    )
    .bind(world.partner.0)
    .bind(world.seller.0)
    .bind(now())
    .bind(ROUNDS)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let (one, other) = (world.reviewer(), with_all_permissions(world.reviewer()));
    let mut approved = 0;
    for id in ids {
        let target = Target {
            id: OpportunityId(id),
            expected_version: 1,
        };
        let approve = ReviewApprove { target };
        let reject = ReviewReject {
            target,
            reason: "No".to_owned(),
        };
        let (left, right) = tokio::join!(world.apply(&one, &approve), world.apply(&other, &reject));
        let lost = match (left, right) {
            (Ok(_), Err(lost)) => {
                approved += 1;
                lost
            }
            (Err(lost), Ok(_)) => lost,
            both => panic!("one decision each: {both:?}"),
        };
        let Failure::Refused(refused) = lost else {
            panic!("refused, not failed: {lost:?}")
        };
        assert_eq!(refused.first.reason.0, "VERSION_CONFLICT");
    }
    let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM timeline_entries")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(entries, ROUNDS);
    let passed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM opportunities WHERE review_state = 'UNDER_VALIDATION' AND version = 2",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(passed, approved);
}
