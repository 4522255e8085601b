//! Who is told what of an opportunity (R-GEN-5, domain.md 8.4). The job reads as the vendor does: of drafts nobody is
//! told anything.

use futures_util::future::BoxFuture;

use super::store::{self, Past};
use crate::db::{StoreError, Tx};
use crate::ids::{MemberId, OpportunityId, OrganisationId, Tagged};
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// The announcer of this domain.
pub(crate) struct OpportunityNews;

/// What a sentence and its audience need of an opportunity.
pub(super) struct Subject {
    pub(super) organisation: OrganisationId,
    pub(super) number: String,
    pub(super) owner: MemberId,
}

impl Announces for OpportunityNews {
    fn object_kind(&self) -> &'static str {
        OpportunityId::TAG
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let id = OpportunityId(happened.object);
            match store::subject(tx, id).await? {
                Some(subject) => drafts(tx, happened, &subject).await,
                None => Ok(Vec::new()),
            }
        })
    }

    fn remind<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let id = OpportunityId(deadline.object);
            let Some(subject) = store::subject(tx, id).await? else {
                return Ok(Vec::new());
            };
            let params = subject.params().with("lastDay", deadline.last_day_on);
            let audiences = subject.owner_and_main_account();
            Ok(to(&audiences, NoticeKind::DeadlineNear, &params))
        })
    }
}

impl Subject {
    fn params(&self) -> Params {
        Params::default().with("number", &self.number)
    }

    fn owner(&self) -> Audience {
        Audience::Member(self.owner)
    }

    fn owner_and_main_account(&self) -> Vec<Audience> {
        vec![self.owner(), Audience::MainAccount(self.organisation)]
    }
}

fn to(audiences: &[Audience], kind: NoticeKind, params: &Params) -> Vec<NoticeDraft> {
    let draft = |&audience| NoticeDraft {
        audience,
        kind,
        params: params.clone(),
    };
    audiences.iter().map(draft).collect()
}

async fn drafts(
    tx: &mut Tx,
    happened: &Happening,
    subject: &Subject,
) -> Result<Vec<NoticeDraft>, StoreError> {
    use NoticeKind as K;
    let params = subject.params();
    // A result goes to whoever answers for the deal and to whoever handed it in.
    let result = match happened.action.as_str() {
        "opportunity.review_approved" => Some(K::OpportunityReviewApproved),
        "opportunity.review_rejected" => Some(K::OpportunityReviewRejected),
        "opportunity.validated" => Some(K::OpportunityValidated),
        "opportunity.validation_rejected" => Some(K::OpportunityValidationRejected),
        "opportunity.validation_timed_out" => Some(K::OpportunityValidationTimedOut),
        "opportunity.cancelled" => Some(K::OpportunityCancelledByVendor),
        _ => None,
    };
    if let Some(kind) = result {
        let mut audiences = vec![subject.owner()];
        audiences.extend(actor_of(tx, happened, "opportunity.submitted").await?);
        if kind == K::OpportunityCancelledByVendor {
            audiences.extend(actor_of(tx, happened, "opportunity.shared").await?);
        }
        return Ok(to(&audiences, kind, &params));
    }
    Ok(match happened.action.as_str() {
        "opportunity.submitted" => resubmitted(tx, happened, &params).await?,
        "opportunity.shared" => to(
            &subject.owner_and_main_account(),
            K::OpportunityShared,
            &params,
        ),
        "opportunity.accepted" => {
            let sharer = actor_of(tx, happened, "opportunity.shared").await?;
            to(sharer.as_slice(), K::OpportunityAccepted, &params)
        }
        "opportunity.rejected" => {
            let sharer = actor_of(tx, happened, "opportunity.shared").await?;
            to(sharer.as_slice(), K::OpportunityRejected, &params)
        }
        "opportunity.auto_rejected" => {
            let mut audiences = subject.owner_and_main_account();
            audiences.extend(actor_of(tx, happened, "opportunity.shared").await?);
            to(&audiences, K::OpportunityAutoRejected, &params)
        }
        "opportunity.lost" => lost(tx, happened, subject).await?,
        "opportunity.progress_added" => to(&[subject.owner()], K::OpportunityProgressed, &params),
        "opportunity.owner_assigned" => {
            let owner = assigned_in(&happened.details);
            to(owner.as_slice(), K::OpportunityOwnerAssigned, &params)
        }
        "opportunity.offering_changed" => {
            to(&[subject.owner()], K::OpportunityOfferingChanged, &params)
        }
        "opportunity.reviewer_assigned" => {
            let reviewer = assigned_in(&happened.details);
            to(reviewer.as_slice(), K::OpportunityReviewerAssigned, &params)
        }
        _ => moved_deadline(happened, subject),
    })
}

/// The vendor's person who shared the deal or let it pass last has to know that it is lost; so has its owner.
async fn lost(
    tx: &mut Tx,
    happened: &Happening,
    subject: &Subject,
) -> Result<Vec<NoticeDraft>, StoreError> {
    let passed = [
        "opportunity.shared",
        "opportunity.review_approved",
        "opportunity.validated",
    ];
    let passed = past(tx, happened, &passed).await?;
    let mut audiences = vec![subject.owner()];
    audiences.extend(passed.as_ref().and_then(actor));
    let kind = NoticeKind::OpportunityLost;
    Ok(to(&audiences, kind, &subject.params()))
}

/// From the second round on there is somebody of the vendor who knows the opportunity.
async fn resubmitted(
    tx: &mut Tx,
    happened: &Happening,
    params: &Params,
) -> Result<Vec<NoticeDraft>, StoreError> {
    let round = happened
        .details
        .get("round")
        .and_then(serde_json::Value::as_i64);
    let Some(round) = round.filter(|round| *round > 1) else {
        return Ok(Vec::new());
    };
    let assigned = past(tx, happened, &["opportunity.reviewer_assigned"]).await?;
    let refusals = [
        "opportunity.review_rejected",
        "opportunity.validation_rejected",
    ];
    let reviewer = match assigned.and_then(|past| assigned_in(&past.details)) {
        Some(assigned) => Some(assigned),
        // Nobody was assigned: who refused it last waits for it.
        None => past(tx, happened, &refusals)
            .await?
            .as_ref()
            .and_then(actor),
    };
    let params = params.clone().with("round", round);
    let kind = NoticeKind::OpportunityResubmitted;
    Ok(to(reviewer.as_slice(), kind, &params))
}

/// A correction of the calendar is written into the history of whatever it gave more time.
fn moved_deadline(happened: &Happening, subject: &Subject) -> Vec<NoticeDraft> {
    let last_day = happened.details.pointer("/lastDayOn/to");
    let Some(last_day) = last_day.and_then(serde_json::Value::as_str) else {
        return Vec::new();
    };
    let params = subject.params().with("lastDay", last_day);
    let audiences = subject.owner_and_main_account();
    to(&audiences, NoticeKind::DeadlineMoved, &params)
}

/// To whom something was handed; nobody when it was taken back.
fn assigned_in(details: &serde_json::Value) -> Option<Audience> {
    let member = details.get("to")?.as_str()?;
    MemberId::parse(member).map(Audience::Member)
}

fn actor(past: &Past) -> Option<Audience> {
    MemberId::parse(&past.actor).map(Audience::Member)
}

async fn past(
    tx: &mut Tx,
    happened: &Happening,
    actions: &[&str],
) -> Result<Option<Past>, StoreError> {
    let before = (OpportunityId(happened.object), happened.object_version);
    store::latest(tx, before, actions).await
}

/// Who did this last before it came to what happened.
async fn actor_of(
    tx: &mut Tx,
    happened: &Happening,
    action: &str,
) -> Result<Option<Audience>, StoreError> {
    let past = past(tx, happened, &[action]).await?;
    Ok(past.as_ref().and_then(actor))
}
