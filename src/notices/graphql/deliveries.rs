//! The way of a notice out of the portal, as its reader and the vendor's operators see it. Translation only.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::super::model::Delivery;
use super::super::retrying;
use super::{NoticeChannel, NoticeDeliveryState, NoticeKind};
use crate::graphql::{ActionPermission, ContextExt as _, Version};
use crate::ids::Tagged as _;

/// What the viewer may do with a delivery now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct NoticeDeliveryViewerPermissions {
    /// Trying it again after it was given up.
    can_retry: ActionPermission,
}

pub(super) struct NoticeDeliveryObject(pub(super) Delivery);

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

    /// How often it was tried since it began, or since it was last told to begin again.
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

    /// What the viewer may do with this delivery now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> NoticeDeliveryViewerPermissions {
        let verdict = retrying::verdict(ctx.viewer(), &self.0);
        NoticeDeliveryViewerPermissions {
            can_retry: ActionPermission::new(ctx, verdict),
        }
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}
