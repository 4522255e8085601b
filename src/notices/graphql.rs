//! How notices look to their reader. Translation only; sentences are made here, in the language of the request.

mod loaders;
mod mutations;
mod words;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

pub(crate) use mutations::NoticeMutation;

use self::loaders::DeliveriesOf;
use self::words::{Language, NoticeChannel, NoticeDeliveryState, NoticeKind, NoticeTopic};
use super::message;
use super::model::{self, Delivery, Notice};
use super::service::{self, Preferences};
use super::store::Which;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, Totals, answer, connection, loaded,
};
use crate::ids::Tagged as _;
use crate::paging::{Direction, LARGEST_COUNT, Position, Sort, SortKey};

/// What the viewer may do with a notice now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct NoticeViewerPermissions {
    /// Marking it as read.
    can_mark_read: ActionPermission,
}

pub(crate) struct NoticeObject(pub(crate) Notice);

/// Something that happened and concerns the reader. Nobody else reads it.
#[Object(name = "Notice")]
impl NoticeObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What it says, for programs.
    async fn kind(&self) -> NoticeKind {
        self.0.kind.into()
    }

    /// Under which topic it can be asked for or done without.
    async fn topic(&self) -> NoticeTopic {
        self.0.kind.topic().into()
    }

    /// What it says, as a sentence in the language of the request (zh-CN or en).
    async fn message(&self, ctx: &Context<'_>) -> String {
        message::sentence(&self.0, ctx.locale())
    }

    /// Why it was decided so, in the words of whoever decided; null where no reason belongs to it.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The object that it is about, for `node`.
    async fn object_id(&self) -> ID {
        ID(self.0.object.clone())
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What the viewer may do with this notice now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> NoticeViewerPermissions {
        let verdict = service::mark_read_verdict(ctx.viewer());
        NoticeViewerPermissions {
            can_mark_read: ActionPermission::new(ctx, verdict),
        }
    }

    /// When the reader said to have read it; null until then.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }

    /// Its ways outside of the portal, at most one per channel; empty when the reader wants it in the portal only.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<NoticeDeliveryObject>> {
        let found = loaded(ctx, DeliveriesOf(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(NoticeDeliveryObject)
            .collect())
    }
}

struct NoticeDeliveryObject(Delivery);

/// The way of one notice to its reader outside of the portal. It holds no address and no sentence.
#[Object(name = "NoticeDelivery")]
impl NoticeDeliveryObject {
    /// Part of the Message-ID of a mail: the same for each attempt.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// The notice that is delivered.
    async fn notice_id(&self) -> ID {
        ID(self.0.notice.global())
    }

    /// What the notice says.
    async fn kind(&self) -> NoticeKind {
        self.0.kind.into()
    }

    /// Whom it is for.
    async fn member_id(&self) -> ID {
        ID(self.0.member.global())
    }

    /// The organisation of that member.
    async fn organisation_id(&self) -> ID {
        ID(self.0.organisation.global())
    }

    /// Which way it takes.
    async fn channel(&self) -> NoticeChannel {
        self.0.channel.into()
    }

    /// How it stands.
    async fn state(&self) -> NoticeDeliveryState {
        self.0.state.into()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it began.
    async fn made_at(&self) -> DateTime<Utc> {
        self.0.made_at
    }

    /// When it is tried next; null at its end.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// What the last attempt met, such as `REFUSED_BY_SERVER` or `SERVER_UNREACHABLE`; null when it met nothing.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}

/// How a member wants to be told. In the portal every notice stands, whatever is said here.
#[derive(SimpleObject)]
struct NoticePreferences {
    /// The language of mail and text messages.
    language: Language,
    /// Every topic.
    topics: Vec<NoticeTopicPreference>,
}

/// By which ways a member wants to hear of a topic.
#[derive(SimpleObject)]
struct NoticeTopicPreference {
    /// What it is about.
    topic: NoticeTopic,
    /// Whether a mail is sent.
    email: bool,
    /// Whether a text message is sent, if the member has a mobile number and this deployment a way to send one.
    sms: bool,
}

impl From<Preferences> for NoticePreferences {
    fn from(preferences: Preferences) -> Self {
        let topics = preferences.topics.into_iter();
        Self {
            language: preferences.language.into(),
            topics: topics
                .map(|said| NoticeTopicPreference {
                    topic: said.topic.into(),
                    email: said.email,
                    sms: said.sms,
                })
                .collect(),
        }
    }
}

async fn preferences(ctx: &Context<'_>) -> Result<NoticePreferences> {
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let preferences = service::preferences(viewer, snapshot).await;
    Ok(answer(ctx, preferences)?.into())
}

async fn count_unread(ctx: &Context<'_>) -> Result<i32> {
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let count = answer(ctx, service::count_unread(viewer, snapshot).await)?;
    Ok(i32::try_from(count.min(LARGEST_COUNT)).unwrap_or(i32::MAX))
}

/// The newest first.
const BY_TIME: Sort = Sort {
    name: "AT",
    column: "at",
    direction: Direction::Descending,
};
const BY_AGE: Sort = Sort {
    name: "MADE_AT",
    column: "made_at",
    direction: Direction::Descending,
};

type NoticeConnection = Connection<String, NoticeObject, EmptyFields, EmptyFields>;
type NoticeDeliveryConnection = Connection<String, NoticeDeliveryObject, Totals, EmptyFields>;

#[derive(Default)]
pub(crate) struct NoticeQuery;

#[Object]
impl NoticeQuery {
    /// What the acting member was told, the newest first; at most 100 at a time.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        #[graphql(default)] unread_only: bool,
    ) -> Result<Option<NoticeConnection>> {
        let page = PageInput {
            first,
            after,
            ..PageInput::default()
        };
        let window = page.window(ctx, BY_TIME)?;
        let which = if unread_only {
            Which::Unread
        } else {
            Which::All
        };
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let page = service::list(viewer, snapshot, which, (BY_TIME, &window)).await;
        let page = answer(ctx, page)?;
        let mut made = Connection::new(page.has_previous, page.has_next);
        made.edges.extend(page.items.into_iter().map(|notice| {
            let position = Position {
                key: SortKey::Instant(notice.at),
                id: notice.id.0,
            };
            let cursor = ctx.cursors().encode(BY_TIME, position);
            async_graphql::connection::Edge::new(cursor, NoticeObject(notice))
        }));
        Ok(Some(made))
    }

    /// How many notices the acting member has not read, up to 1,000.
    async fn unread_notices(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        count_unread(ctx).await.map(Some)
    }

    /// How the acting member wants to be told.
    async fn notice_preferences(&self, ctx: &Context<'_>) -> Result<Option<NoticePreferences>> {
        preferences(ctx).await.map(Some)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection and a filter"
    )]
    /// All deliveries of this deployment, the newest first: `states: [FAILED]` are the dead letters. For the vendor's
    /// people with audit.read.
    async fn notice_deliveries(
        &self,
        ctx: &Context<'_>,
        states: Option<Vec<NoticeDeliveryState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<NoticeDeliveryConnection>> {
        let page = PageInput::of(first, after, last, before);
        let window = page.window(ctx, BY_AGE)?;
        let states: Option<Vec<model::DeliveryState>> =
            states.map(|states| states.into_iter().map(Into::into).collect());
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let sorted = (BY_AGE, &window);
        let page = service::list_deliveries(viewer, snapshot, states.as_deref(), sorted).await;
        let page = answer(ctx, page)?;
        let total = if Totals::are_selected(ctx) {
            let count = service::count_deliveries(viewer, snapshot, states.as_deref()).await;
            Some(answer(ctx, count)?)
        } else {
            None
        };
        Ok(Some(connection(
            ctx,
            (page, BY_AGE, Totals::of(total)),
            |delivery| Position {
                key: SortKey::Instant(delivery.made_at),
                id: delivery.id.0,
            },
            NoticeDeliveryObject,
        )))
    }
}
