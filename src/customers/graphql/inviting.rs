//! Inviting a customer, sending the link again, and taking it back. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::super::qr;
use super::super::service::{Invite, Resend, Revoke};
use super::accept::{CustomerInvitationAcceptInput, CustomerInvitationAcceptPayload, accept};
use super::invitation::CustomerInvitationObject;
use super::words::CustomerAssociationType;
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, Portal, Result, UserError, Version, answer, global_id, loaded, payload,
};
use crate::identity::RandomToken;
use crate::ids::CustomerInvitationId;

/// Invites a customer.
#[derive(InputObject)]
struct CustomerInviteInput {
    /// Who will bill the customer.
    association_type: CustomerAssociationType,
    /// For whom it is, in the partner's own words: 1 to 100 characters on one line. The customer does not see it.
    label: String,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Makes a new link for an unanswered invitation.
#[derive(InputObject)]
struct CustomerInvitationResendInput {
    /// The invitation, open or expired.
    customer_invitation_id: ID,
    /// The version of it that the decision was made on.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Takes an invitation back.
#[derive(InputObject)]
struct CustomerInvitationRevokeInput {
    /// The invitation, open or expired.
    customer_invitation_id: ID,
    /// The version of it that the decision was made on.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

macro_rules! linked {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        struct $name {
            /// The invitation as it is now; null when nothing was done.
            invitation: Option<CustomerInvitationObject>,
            /// The link that the customer opens. It holds a secret and is told this once: null when the request is
            /// repeated. Whoever has it can accept.
            join_url: Option<String>,
            /// The same link as a QR code: an SVG picture. Told once, like the link.
            qr_code_svg: Option<String>,
            /// Why nothing was done; empty when it was.
            errors: Vec<UserError>,
            /// Whether the idempotency key was used before: then nothing was done again.
            replayed: bool,
        }

        impl From<Linked> for $name {
            fn from(linked: Linked) -> Self {
                Self {
                    invitation: linked.invitation,
                    qr_code_svg: linked.join_url.as_deref().and_then(qr::svg),
                    join_url: linked.join_url,
                    errors: linked.errors,
                    replayed: linked.replayed,
                }
            }
        }
    };
}

linked! {
    /// What came of inviting.
    CustomerInvitePayload
}
linked! {
    /// What came of sending the link again.
    CustomerInvitationResendPayload
}

/// What came of taking back.
#[derive(SimpleObject)]
struct CustomerInvitationRevokePayload {
    /// The invitation as it is now; null when nothing was done.
    invitation: Option<CustomerInvitationObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// An invitation with its secret, if it was made just now.
struct Linked {
    invitation: Option<CustomerInvitationObject>,
    join_url: Option<String>,
    errors: Vec<UserError>,
    replayed: bool,
}

type Changed = std::result::Result<Applied<CustomerInvitationId>, Failure>;

async fn linked(ctx: &Context<'_>, applied: Changed, token: &RandomToken) -> Result<Linked> {
    let (id, errors, replayed) = payload(ctx, applied)?;
    let join_url = (id.is_some() && !replayed).then(|| {
        let portal = ctx.data_unchecked::<Portal>();
        portal.page("join", token.text().expose_secret())
    });
    Ok(Linked {
        invitation: object(ctx, id).await?,
        join_url,
        errors,
        replayed,
    })
}

async fn object(
    ctx: &Context<'_>,
    id: Option<CustomerInvitationId>,
) -> Result<Option<CustomerInvitationObject>> {
    let Some(id) = id else { return Ok(None) };
    let found = loaded(ctx, id).await?;
    Ok(found.map(|(invitation, now)| CustomerInvitationObject(invitation, now)))
}

#[derive(Default)]
pub(crate) struct CustomerInvitationMutation;

#[Object]
impl CustomerInvitationMutation {
    /// Invites a customer to be associated with the viewer's organisation; needs customer.invite. The answer has the link
    /// and its QR code, once. It is used once, within the days of the rule set.
    async fn customer_invite(
        &self,
        ctx: &Context<'_>,
        input: CustomerInviteInput,
    ) -> Result<CustomerInvitePayload> {
        let change = Invite {
            association: input.association_type.into(),
            label: input.label,
            token: answer(ctx, RandomToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        Ok(linked(ctx, applied, &change.token).await?.into())
    }

    /// Makes a new link for an invitation that nobody accepted yet, with a new term; the older link is refused from then
    /// on. Needs customer.invite.
    async fn customer_invitation_resend(
        &self,
        ctx: &Context<'_>,
        input: CustomerInvitationResendInput,
    ) -> Result<CustomerInvitationResendPayload> {
        let change = Resend {
            invitation: global_id(&input.customer_invitation_id),
            expected_version: input.expected_version.0,
            token: answer(ctx, RandomToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        Ok(linked(ctx, applied, &change.token).await?.into())
    }

    /// Takes an unanswered invitation back: its link is refused from now on; needs customer.invite.
    async fn customer_invitation_revoke(
        &self,
        ctx: &Context<'_>,
        input: CustomerInvitationRevokeInput,
    ) -> Result<CustomerInvitationRevokePayload> {
        let change = Revoke {
            invitation: global_id(&input.customer_invitation_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        Ok(CustomerInvitationRevokePayload {
            invitation: object(ctx, id).await?,
            errors,
            replayed,
        })
    }

    /// Associates one of the signed-in person's accounts with the inviting partner. A cloud account is associated at once
    /// (R-CUS-1); a personal account needs the consent (R-CUS-2). The session is the customer's from then on.
    async fn customer_invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: CustomerInvitationAcceptInput,
    ) -> Result<CustomerInvitationAcceptPayload> {
        accept(ctx, input).await
    }
}
