//! Who is told what of an incentive (domain.md 8.4): whoever holds the main account of the partner that is paid.

use futures_util::future::BoxFuture;

use super::store;
use crate::db::{StoreError, Tx};
use crate::ids::{IncentiveId, OrganisationId, Tagged};
use crate::notices::{
    Announces, Audience, Happening, NearDeadline, NoticeDraft, NoticeKind, Params,
};

/// The announcer of this domain.
pub(crate) struct IncentiveNews;

impl Announces for IncentiveNews {
    fn object_kind(&self) -> &'static str {
        IncentiveId::TAG
    }

    fn announce<'a>(
        &'a self,
        tx: &'a mut Tx,
        happened: &'a Happening,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let (kind, last_day) = match happened.action.as_str() {
                "incentive.lapsed" => (NoticeKind::IncentiveLapsed, None),
                "incentive.deadline_moved" => {
                    let last_day = happened.details.pointer("/lastDayOn/to");
                    let last_day = last_day.and_then(serde_json::Value::as_str);
                    (NoticeKind::IncentiveDeadlineMoved, last_day)
                }
                _ => return Ok(Vec::new()),
            };
            let about = (happened.organisation, IncentiveId(happened.object));
            tell(tx, about, (kind, last_day)).await
        })
    }

    fn remind<'a>(
        &'a self,
        tx: &'a mut Tx,
        deadline: &'a NearDeadline,
    ) -> BoxFuture<'a, Result<Vec<NoticeDraft>, StoreError>> {
        Box::pin(async move {
            let about = (deadline.organisation, IncentiveId(deadline.object));
            let last_day = deadline.last_day_on.to_string();
            let kind = NoticeKind::IncentiveDeadlineNear;
            tell(tx, about, (kind, Some(&last_day))).await
        })
    }
}

async fn tell(
    tx: &mut Tx,
    (organisation, id): (OrganisationId, IncentiveId),
    (kind, last_day): (NoticeKind, Option<&str>),
) -> Result<Vec<NoticeDraft>, StoreError> {
    let Some(number) = store::number(tx, id).await? else {
        return Ok(Vec::new());
    };
    let params = Params::default()
        .with("number", number)
        .with("lastDay", last_day.unwrap_or_default());
    Ok(vec![NoticeDraft {
        audience: Audience::MainAccount(organisation),
        kind,
        params,
    }])
}
