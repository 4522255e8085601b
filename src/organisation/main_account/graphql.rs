//! How the main account's passing looks to a client. Translation only.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{self, MainAccountOffer};
use super::policy::{self, Action};
use super::service::{self, Accept, Offer, Revoke};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, Transition, UserError, Version,
    global_id, loaded, payload,
};
use crate::ids::{MainAccountOfferId, OrganisationId, Tagged as _};
use crate::organisation::MemberObject;
use crate::organisation::model::Organisation;
use crate::timeline::{self, TimelineEntryConnection};

/// What an offer of the main account is worth at the time of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "MainAccountOfferState", remote = "model::OfferState")]
enum OfferState {
    /// Can be accepted until it expires.
    Open,
    /// Nobody accepted it in time; the holder is still the holder.
    Expired,
    /// The main account passed by it.
    Accepted,
    /// Taken back, or replaced by a newer one.
    Revoked,
}

/// Who offers the main account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "MainAccountOfferedBy", remote = "model::OfferedBy")]
enum OfferedBy {
    /// The member who held it.
    Holder,
    /// The vendor, which says why.
    Vendor,
}

/// What the viewer may do with an offer now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct MainAccountOfferViewerPermissions {
    /// Taking the main account over.
    can_accept: ActionPermission,
    /// Taking the offer back.
    can_revoke: ActionPermission,
}

pub(crate) struct MainAccountOfferObject(pub(crate) service::Read);

impl MainAccountOfferObject {
    fn offer(&self) -> &MainAccountOffer {
        &self.0.0
    }
}

/// An offer of an organisation's main account (主账号) to one of its members; it passes when that member accepts.
#[Object(name = "MainAccountOffer")]
impl MainAccountOfferObject {
    /// Opaque and global; `node` finds it by this id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.offer().id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<TimelineEntryConnection> {
        let page = PageInput::of(first, after, last, before);
        timeline::connection_of(ctx, self.offer().id, page).await
    }

    /// Who held it when it was offered; null when nobody did.
    async fn from(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.offer().from {
            Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// To whom it is offered.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        Ok(loaded(ctx, self.offer().to).await?.map(MemberObject))
    }

    /// By whom.
    async fn offered_by(&self) -> OfferedBy {
        self.offer().by.into()
    }

    /// Why; always there when the vendor offers it.
    async fn reason(&self) -> Option<&str> {
        self.offer().reason.as_deref()
    }

    /// What it is worth now.
    async fn state(&self) -> OfferState {
        self.offer().state(self.0.2).into()
    }

    /// When it was made.
    async fn offered_at(&self) -> DateTime<Utc> {
        self.offer().offered_at
    }

    /// The first instant at which it is too late.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.offer().expires_at
    }

    /// What the viewer may do with this offer now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> MainAccountOfferViewerPermissions {
        let (offer, holder, now) = &self.0;
        let permission = |action| {
            let verdict = policy::verdict(action, ctx.viewer(), (offer, *holder), *now);
            ActionPermission::new(ctx, verdict)
        };
        MainAccountOfferViewerPermissions {
            can_accept: permission(Action::Accept),
            can_revoke: permission(Action::Revoke),
        }
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        let (offer, holder, now) = &self.0;
        let moves = policy::moves(ctx.viewer(), (offer, *holder), *now);
        moves.into_iter().map(Transition::from).collect()
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.offer().version)
    }
}

/// Whether the viewer may offer this organisation's main account.
pub(in crate::organisation) fn may_offer(
    ctx: &Context<'_>,
    organisation: &Organisation,
) -> ActionPermission {
    ActionPermission::new(ctx, policy::offer(ctx.viewer(), organisation))
}

/// The offer of an organisation that can still be accepted, for who sees the organisation from within.
pub(in crate::organisation) async fn open_offer(
    ctx: &Context<'_>,
    organisation: OrganisationId,
) -> Result<Option<MainAccountOfferObject>> {
    let open = loaded(ctx, OpenOfferOf(organisation)).await?;
    object(ctx, open).await
}

/// Asks for the offer of an organisation that can still be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OpenOfferOf(OrganisationId);

impl Loader<OpenOfferOf> for Read {
    type Value = MainAccountOfferId;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[OpenOfferOf],
    ) -> std::result::Result<HashMap<OpenOfferOf, MainAccountOfferId>, Arc<Failure>> {
        let organisations: Vec<OrganisationId> = keys.iter().map(|key| key.0).collect();
        let found = service::open(&self.viewer, &self.snapshot, &organisations).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|(of, offer)| (OpenOfferOf(of), offer)).collect())
    }
}

/// Offers the main account to a member.
#[derive(InputObject)]
struct MainAccountOfferInput {
    /// To whom: an active member of the organisation.
    member_id: ID,
    /// Why, in 1 to 500 characters; the vendor has to say it.
    reason: Option<String>,
    /// The organisation's version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Accepts an offer.
#[derive(InputObject)]
struct MainAccountAcceptInput {
    /// The offer that it is about.
    main_account_offer_id: ID,
    /// The offer's version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes an offer back.
#[derive(InputObject)]
struct MainAccountOfferRevokeInput {
    /// The offer that it is about.
    main_account_offer_id: ID,
    /// The offer's version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject)]
            struct $name {
                /// The offer as it is now; null when nothing was done.
                offer: Option<MainAccountOfferObject>,
                /// Why nothing was done; empty when it was.
                errors: Vec<UserError>,
                /// Whether the idempotency key was used before: then nothing was done again.
                replayed: bool,
            }

            impl $name {
                async fn of(
                    ctx: &Context<'_>,
                    result: std::result::Result<Applied<MainAccountOfferId>, Failure>,
                ) -> Result<Self> {
                    let (offer, errors, replayed) = payload(ctx, result)?;
                    let offer = object(ctx, offer).await?;
                    Ok(Self { offer, errors, replayed })
                }
            }
        )*
    };
}

payloads! {
    /// What came of offering.
    MainAccountOfferPayload;
    /// What came of accepting.
    MainAccountAcceptPayload;
    /// What came of taking back.
    MainAccountOfferRevokePayload;
}

async fn object(
    ctx: &Context<'_>,
    id: Option<MainAccountOfferId>,
) -> Result<Option<MainAccountOfferObject>> {
    match id {
        Some(id) => Ok(loaded(ctx, id).await?.map(MainAccountOfferObject)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub(crate) struct MainAccountMutation;

#[Object]
impl MainAccountMutation {
    /// Offers an organisation's main account to one of its active members: by the holder, or by the vendor with a reason
    /// and organisation.manage. The holder stays the holder until the offer is accepted, for which there are seven days.
    /// A new offer replaces the open one; the holder cannot replace the vendor's (R-ORG-20).
    async fn main_account_offer(
        &self,
        ctx: &Context<'_>,
        input: MainAccountOfferInput,
    ) -> Result<MainAccountOfferPayload> {
        let change = Offer {
            to: global_id(&input.member_id),
            reason: input.reason,
            expected_version: input.expected_version.0,
        };
        MainAccountOfferPayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Takes the main account over, by the member to whom it is offered and before the offer expires (R-ORG-20).
    async fn main_account_accept(
        &self,
        ctx: &Context<'_>,
        input: MainAccountAcceptInput,
    ) -> Result<MainAccountAcceptPayload> {
        let change = Accept {
            offer: global_id(&input.main_account_offer_id),
            expected_version: input.expected_version.0,
        };
        MainAccountAcceptPayload::of(ctx, ctx.apply(input.idempotency_key, &change).await).await
    }

    /// Takes an unanswered offer back: the holder his own, the vendor any (R-ORG-20).
    async fn main_account_offer_revoke(
        &self,
        ctx: &Context<'_>,
        input: MainAccountOfferRevokeInput,
    ) -> Result<MainAccountOfferRevokePayload> {
        let change = Revoke {
            offer: global_id(&input.main_account_offer_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        MainAccountOfferRevokePayload::of(ctx, applied).await
    }
}

impl Loader<MainAccountOfferId> for Read {
    type Value = service::Read;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[MainAccountOfferId],
    ) -> std::result::Result<HashMap<MainAccountOfferId, service::Read>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|read| (read.0.id, read)).collect())
    }
}
