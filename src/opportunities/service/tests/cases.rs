//! One opportunity of each state, alone and against another partner's for the same customer need.

use super::super::super::model::{Beginning, LossReason, Origin, ProgressStage, Refused};
use super::*;
use crate::deadlines::{self, NewDeadline, Outcome};
use crate::rules::{self, OpportunityChecks, Site};

/// What one generated opportunity is in.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) origin: Origin,
    pub(super) review: Review,
    pub(super) refused_rounds: i32,
    pub(super) progress: Option<ProgressStage>,
    pub(super) deadline: Option<DeadlineKind>,
    pub(super) is_complete: bool,
    pub(super) against: Against,
}

/// What another deal for the same customer need is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    Nothing,
    /// A rival's, past its review.
    UnderValidation,
    /// A rival's, validated after this one passed its review.
    Validated(Option<ProgressStage>),
    /// One that the vendor shared so many minutes after this one passed its review; it waits for an answer.
    Shared(i64),
    /// One that it shared before, and that was accepted.
    Accepted,
    /// One that it shared before, and that was declined.
    Declined,
}

#[expect(clippy::too_many_lines, reason = "one of each state")]
pub(super) fn cases() -> Vec<Case> {
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
        against: Against::Nothing,
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
        partner(in_validation.clone(), validation),
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
    for against in AGAINST {
        for case in [
            partner(Review::UnderReview(submission), None),
            partner(in_validation.clone(), validation),
        ] {
            cases.push(Case { against, ..case });
        }
    }
    cases
}

const AGAINST: [Against; 9] = [
    Against::UnderValidation,
    Against::Validated(None),
    Against::Validated(Some(ProgressStage::Signed)),
    Against::Validated(Some(ProgressStage::Delivered)),
    Against::Validated(Some(ProgressStage::Lost)),
    Against::Shared(-1),
    Against::Shared(1),
    Against::Accepted,
    Against::Declined,
];

impl Against {
    /// The other deal, and how many minutes after this one passed its review it was begun.
    fn case(self) -> Option<(Case, i64)> {
        let submission = Submission {
            round: 1,
            at: now(),
        };
        let (reviewed_at, validated_at, at) = (now(), now(), now());
        let case = |origin, review, deadline, progress| Case {
            origin,
            review,
            refused_rounds: 0,
            progress,
            deadline,
            is_complete: true,
            against: Self::Nothing,
        };
        let (partner, vendor) = (Origin::Partner, Origin::Vendor);
        let validated = Review::Validated {
            submission,
            reviewed_at,
            validated_at,
        };
        let in_validation = Review::UnderValidation {
            submission,
            reviewed_at,
        };
        let declined = Review::Rejected {
            at,
            reason: "No".to_owned(),
        };
        let acceptance = Some(DeadlineKind::AcceptSharedOpportunity);
        match self {
            Self::Nothing => None,
            Self::UnderValidation => Some((case(partner, in_validation, None, None), 0)),
            Self::Validated(stage) => Some((case(partner, validated, None, stage), 0)),
            Self::Shared(minutes) => {
                let pending = Review::PendingAcceptance;
                Some((case(vendor, pending, acceptance, None), minutes))
            }
            Self::Accepted => Some((case(vendor, Review::Accepted { at }, None, None), -1)),
            Self::Declined => Some((case(vendor, declined, None, None), -1)),
        }
    }
}

impl World {
    /// Inserts the case, and the rival's deal that it is against, both of a customer of their own.
    pub(super) async fn insert(&self, case: &Case) -> OpportunityId {
        let customer: OpportunityId = IdSource.fresh();
        let customer = format!("客户{}", customer.0.simple());
        if let Some((other, minutes)) = case.against.case() {
            let id = self
                .insert_of((self.rival, self.rivals_seller), &other, &customer)
                .await;
            let mut owner = self.test.connect("portico_owner").await;
            sqlx::query("UPDATE opportunities SET created_at = $2 WHERE id = $1")
                .bind(id.0)
                .bind(now() + chrono::TimeDelta::minutes(minutes))
                .execute(&mut owner)
                .await
                .unwrap();
        }
        self.insert_of((self.partner, self.seller), case, &customer)
            .await
    }

    async fn insert_of(
        &self,
        (organisation, owner): (OrganisationId, MemberId),
        case: &Case,
        customer: &str,
    ) -> OpportunityId {
        let acting = crate::db::Acting {
            actor: "job:test".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let scope = Scope::Own(organisation);
        let mut tx = self.db.begin(&scope, &acting).await.unwrap();
        let edit = match (case.is_complete, organisation == self.rival) {
            (false, _) => named("Incomplete"),
            (true, false) => complete(),
            (true, true) => Self::rivals(),
        };
        let edit = ContentEdit {
            customer_name: text(customer),
            ..edit
        };
        let (content, _) = Content::blank(owner).edited(&edit).unwrap();
        let id: OpportunityId = IdSource.fresh();
        let beginning = Beginning {
            id,
            organisation,
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
                organisation,
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
}
