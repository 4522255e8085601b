//! What a member can say about notices. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model::{self, Channel};
use super::super::retrying::{self, Retry};
use super::super::service::{MarkRead, Marked, UpdatePreferences};
use super::deliveries::NoticeDeliveryObject;
use super::{Language, NoticeObject, NoticePreferences, NoticeTopic, count_unread, preferences};
use crate::graphql::{
    ContextExt as _, Read, Result, UserError, Version, answer, global_id, loaded_all, payload,
};

/// Says that notices were read.
#[derive(InputObject)]
struct NoticesMarkReadInput {
    /// Up to 100 of the member's own; left out, all that are unread.
    notice_ids: Option<Vec<ID>>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of it.
#[derive(SimpleObject)]
struct NoticesMarkReadPayload {
    /// The notices that were named, as they are now; empty when all were meant or nothing was done.
    notices: Vec<NoticeObject>,
    /// How many are unread still, up to 1,000.
    unread_notices: Option<i32>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// How a member wants to hear of a topic; what is left out stays as it is.
#[derive(InputObject)]
struct NoticeTopicPreferenceInput {
    /// What it is about.
    topic: NoticeTopic,
    /// Whether a mail is sent.
    email: Option<bool>,
    /// Whether a text message is sent.
    sms: Option<bool>,
}

/// How a member wants to be told; what is left out stays as it is.
#[derive(InputObject)]
struct NoticePreferencesUpdateInput {
    /// The language of mail and text messages.
    language: Option<Language>,
    /// By topic.
    topics: Option<Vec<NoticeTopicPreferenceInput>>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of it.
#[derive(SimpleObject)]
struct NoticePreferencesUpdatePayload {
    /// Everything as it holds now; null when nothing was done.
    preferences: Option<NoticePreferences>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// Has a dead letter tried again.
#[derive(InputObject)]
struct NoticeDeliveryRetryInput {
    /// The delivery that was given up.
    notice_delivery_id: ID,
    /// The version that this change is based on; another one is refused.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of it.
#[derive(SimpleObject)]
struct NoticeDeliveryRetryPayload {
    /// The delivery as it is now; null when nothing was done.
    delivery: Option<NoticeDeliveryObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct NoticeMutation;

#[Object]
impl NoticeMutation {
    /// Says that the acting member has read notices.
    async fn notices_mark_read(
        &self,
        ctx: &Context<'_>,
        input: NoticesMarkReadInput,
    ) -> Result<NoticesMarkReadPayload> {
        let ids = input.notice_ids.as_ref();
        let change = MarkRead {
            ids: ids.map(|ids| ids.iter().map(global_id).collect()),
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (marked, errors, replayed) = payload(ctx, applied)?;
        let (notices, unread_notices) = match marked {
            Some(Marked(ids)) => (loaded_all(ctx, &ids).await?, Some(count_unread(ctx).await?)),
            None => (Vec::new(), None),
        };
        Ok(NoticesMarkReadPayload {
            notices: notices.into_iter().map(NoticeObject).collect(),
            unread_notices,
            errors,
            replayed,
        })
    }

    /// Has a delivery that was given up tried again, from its first attempt on. For the vendor's people with notice.retry.
    async fn notice_delivery_retry(
        &self,
        ctx: &Context<'_>,
        input: NoticeDeliveryRetryInput,
    ) -> Result<NoticeDeliveryRetryPayload> {
        let change = Retry {
            id: global_id(&input.notice_delivery_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (retried, errors, replayed) = payload(ctx, applied)?;
        let delivery = match retried {
            Some(id) => {
                let loaders = ctx.loaders();
                let Read { snapshot, viewer } = loaders.loader();
                answer(ctx, retrying::read(viewer, snapshot, id).await)?
            }
            None => None,
        };
        Ok(NoticeDeliveryRetryPayload {
            delivery: delivery.map(NoticeDeliveryObject),
            errors,
            replayed,
        })
    }

    /// Says how the acting member wants to be told.
    async fn notice_preferences_update(
        &self,
        ctx: &Context<'_>,
        input: NoticePreferencesUpdateInput,
    ) -> Result<NoticePreferencesUpdatePayload> {
        let topics = input.topics.unwrap_or_default();
        let change = UpdatePreferences {
            language: input.language.map(Into::into),
            wishes: topics.iter().flat_map(wishes).collect(),
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (done, errors, replayed) = payload(ctx, applied)?;
        let preferences = match done {
            Some(()) => Some(preferences(ctx).await?),
            None => None,
        };
        Ok(NoticePreferencesUpdatePayload {
            preferences,
            errors,
            replayed,
        })
    }
}

fn wishes(said: &NoticeTopicPreferenceInput) -> Vec<(model::Topic, Channel, bool)> {
    let topic = said.topic.into();
    let email = said.email.map(|wanted| (topic, Channel::Email, wanted));
    let sms = said.sms.map(|wanted| (topic, Channel::Sms, wanted));
    email.into_iter().chain(sms).collect()
}
