//! What an object says of itself is what the mutations do, and nobody's decision is made twice.

use super::super::super::model::{Action, LossReason, ProgressReport, ProgressStage};
use super::cases::{Against, Case, cases};
use super::*;
use crate::error::Refusal;

impl World {
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
    let mut ids = Vec::new();
    for case in cases() {
        ids.push((world.insert(&case).await, case));
    }
    let mut seen = Seen::default();
    for (id, case) in &ids {
        world.compare(&viewers, (*id, case), &mut seen).await;
    }
    world.leave_validation_out(true).await;
    for (id, case) in ids
        .iter()
        .filter(|(_, case)| case.review.state() == ReviewState::UnderReview)
    {
        world.compare(&viewers, (*id, case), &mut seen).await;
    }
    world.leave_validation_out(false).await;
    world.at("2026-11-26T16:00:00Z");
    for (id, case) in ids
        .iter()
        .filter(|(_, case)| case.deadline.is_some() || case.against != Against::Nothing)
    {
        world.compare(&viewers, (*id, case), &mut seen).await;
    }
    assert!(
        seen.asked >= 200 && seen.open > 50 && seen.duplicates > 15,
        "{seen:?}"
    );
}

/// How much was compared.
#[derive(Debug, Default)]
struct Seen {
    asked: usize,
    open: usize,
    duplicates: usize,
}

impl World {
    pub(super) async fn leave_validation_out(&self, out: bool) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query("UPDATE rules SET value = jsonb_set(value, '{validation}', to_jsonb($1)) WHERE name = 'opportunity.checks'")
            .bind(!out)
            .execute(&mut owner)
            .await
            .unwrap();
    }

    /// Asks each viewer's flags for one object, and tries each action.
    async fn compare(
        &self,
        viewers: &[Viewer],
        (id, case): (OpportunityId, &Case),
        seen: &mut Seen,
    ) {
        for viewer in viewers {
            let snapshot = self.db.snapshot(viewer.read_scope());
            let Some(opportunity) = find(viewer, &snapshot, &[id]).await.unwrap().pop() else {
                assert!(
                    viewer.is_vendor() && case.review == Review::Draft,
                    "R-OPP-10"
                );
                continue;
            };
            let wanted = Wanted::by(viewer, &opportunity);
            let facts = facts::read(&snapshot, &[wanted]).await.unwrap();
            let facts = facts.into_values().next().unwrap();
            let target = Written::from(&opportunity).target();
            for &action in Action::ALL {
                let verdict = policy::verdict(action, viewer, &opportunity, &facts);
                let answer = self.attempt(action, viewer, target).await;
                let told = verdict.blockers.first().map(|it| &it.refusal);
                let mut answered = match &answer {
                    Ok(()) => None,
                    Err(Failure::Refused(refusals)) => Some(&refusals.first),
                    Err(Failure::Internal(error)) => panic!("{action:?} on {case:?}: {error}"),
                };
                // The proof of a delivery is of the input and not of the object.
                if answered.is_some_and(|it| it.reason.0 == "EVIDENCE_REQUIRED") {
                    answered = None;
                }
                let reason = |refusal: Option<&Refusal>| refusal.map(|it| it.reason.0);
                assert_eq!(reason(told), reason(answered), "{action:?} on {case:?}");
                if reason(told) == Some("PO_DUPLICATE") {
                    assert_eq!(told, answered, "it names the same deal: {case:?}");
                    seen.duplicates += 1;
                }
                seen.asked += 1;
                seen.open += usize::from(answer.is_ok());
            }
        }
    }
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
