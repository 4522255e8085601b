//! Inviting, accepting and taking back. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::super::model::Invitee;
use super::super::service::{Accept, Invite, Revoke};
use super::InvitationObject;
use crate::graphql::{
    ContextExt as _, Portal, Result, SessionChange, UserError, Version, answer, global_id, loaded,
    payload,
};
use crate::identity::RandomToken;
use crate::ids::{InvitationId, Tagged as _};
use crate::organisation::members::MemberRoleValue;

/// Invites a person to become a member.
#[derive(InputObject)]
struct MemberInviteInput {
    /// Where the person is known at IAM; of plain ASCII.
    email: String,
    /// 1 to 100 characters.
    name: String,
    /// 1 to 64 characters without spaces, unique in the organisation, never changed later.
    account_name: String,
    /// One to three roles.
    roles: Vec<MemberRoleValue>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of inviting.
#[derive(SimpleObject)]
struct MemberInvitePayload {
    /// The invitation; null when nothing was done.
    invitation: Option<InvitationObject>,
    /// Where the person accepts it. It holds a secret and is told this once: null when the request is repeated. Send it
    /// to nobody but the invited person.
    accept_url: Option<String>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// Accepts an invitation.
#[derive(InputObject)]
struct MemberInvitationAcceptInput {
    /// What stands behind the # of the link.
    token: String,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of accepting. The session is the new member's from the next request on: ask for `viewer` then.
#[derive(SimpleObject)]
struct MemberInvitationAcceptPayload {
    /// The member that the viewer is from now on; null when nothing was done.
    member_id: Option<ID>,
    /// The organisation that the viewer acts for from now on; null when nothing was done.
    organisation_id: Option<ID>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

/// Takes an invitation back.
#[derive(InputObject)]
struct MemberInvitationRevokeInput {
    /// The invitation that it is about.
    invitation_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of taking an invitation back.
#[derive(SimpleObject)]
struct MemberInvitationRevokePayload {
    /// The invitation as it is now; null when nothing was done.
    invitation: Option<InvitationObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

async fn object(ctx: &Context<'_>, id: Option<InvitationId>) -> Result<Option<InvitationObject>> {
    let Some(id) = id else { return Ok(None) };
    let found = loaded(ctx, id).await?;
    Ok(found.map(|(invitation, now)| InvitationObject(invitation, now)))
}

#[derive(Default)]
pub(crate) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites a person to become a member of the viewer's organisation; needs member.manage. The link is valid for seven
    /// days and for one acceptance. A new invitation to the same address voids the older one.
    async fn member_invite(
        &self,
        ctx: &Context<'_>,
        input: MemberInviteInput,
    ) -> Result<MemberInvitePayload> {
        let change = Invite {
            invitee: Invitee {
                email: input.email,
                name: input.name,
                account_name: input.account_name,
                roles: input.roles.into_iter().map(Into::into).collect(),
            },
            token: answer(ctx, RandomToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        let secret = (id.is_some() && !replayed).then(|| change.token.text());
        Ok(MemberInvitePayload {
            invitation: object(ctx, id).await?,
            accept_url: secret.map(|token| {
                ctx.data_unchecked::<Portal>()
                    .page("invitation", token.expose_secret())
            }),
            errors,
            replayed,
        })
    }

    /// Makes the signed-in person a member, in the organisation and with the roles of the invitation. For a person whom
    /// IAM knows; refused when IAM gives another e-mail address than the invited one. The session changes with it.
    async fn member_invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationAcceptInput,
    ) -> Result<MemberInvitationAcceptPayload> {
        let prepared = Accept::prepare(ctx.db(), ctx.viewer(), &input.token).await;
        let change = match prepared {
            Ok(change) => change,
            Err(refused) => {
                let (_, errors, replayed) = payload::<()>(ctx, Err(refused))?;
                return Ok(MemberInvitationAcceptPayload {
                    member_id: None,
                    organisation_id: None,
                    errors,
                    replayed,
                });
            }
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (accepted, errors, replayed) = payload(ctx, applied)?;
        if accepted.is_some() && !replayed {
            let token = change.session_token.text();
            ctx.change_session(SessionChange { token });
        }
        Ok(MemberInvitationAcceptPayload {
            member_id: accepted.map(|accepted| ID(accepted.member.global())),
            organisation_id: accepted.map(|accepted| ID(accepted.organisation.global())),
            errors,
            replayed,
        })
    }

    /// Takes an unanswered invitation back: its link is refused from now on; needs member.manage.
    async fn member_invitation_revoke(
        &self,
        ctx: &Context<'_>,
        input: MemberInvitationRevokeInput,
    ) -> Result<MemberInvitationRevokePayload> {
        let change = Revoke {
            invitation: global_id(&input.invitation_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (id, errors, replayed) = payload(ctx, applied)?;
        Ok(MemberInvitationRevokePayload {
            invitation: object(ctx, id).await?,
            errors,
            replayed,
        })
    }
}
