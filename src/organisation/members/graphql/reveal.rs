//! Reading a member's masked values in full. Translation only.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::super::model;
use super::super::service::RevealMember;
use crate::graphql::{ContextExt as _, Result, UserError, global_id, loaded, payload};
use crate::ids::MemberId;

/// A value of a member that is masked by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::PersonalField")]
enum MemberPersonalField {
    /// The e-mail address.
    Email,
    /// The mobile number.
    Mobile,
}

/// Reads values of a member in full.
#[derive(InputObject)]
struct MemberRevealInput {
    /// The member that it is about.
    member_id: ID,
    /// Which values; at least one.
    fields: Vec<MemberPersonalField>,
    /// What for; stands in the member's history. 1 to 500 characters that are not only spaces.
    purpose: String,
    /// A fresh UUID for each reading; the same one again records nothing and shows nothing.
    idempotency_key: Uuid,
}

/// What was asked for, once.
#[derive(SimpleObject)]
struct MemberRevealPayload {
    /// The e-mail address; null when it was not asked for, or when this is a repetition.
    email: Option<String>,
    /// The mobile number; null when it was not asked for, when there is none, or when this is a repetition.
    mobile: Option<String>,
    /// Why nothing is shown; empty when it is.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: the values were shown then and are not shown again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct MemberRevealMutation;

#[Object]
impl MemberRevealMutation {
    /// Reads masked values of a member in full, and records who read which and what for. Needs personal.reveal.
    async fn member_reveal(
        &self,
        ctx: &Context<'_>,
        input: MemberRevealInput,
    ) -> Result<MemberRevealPayload> {
        let member: MemberId = global_id(&input.member_id);
        let change = RevealMember {
            member,
            fields: input.fields.iter().map(|&field| field.into()).collect(),
            purpose: input.purpose,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (revealed, errors, replayed) = payload(ctx, applied)?;
        let member = match revealed {
            Some(_) if !replayed => loaded(ctx, member).await?,
            Some(_) | None => None,
        };
        let asks = |field| input.fields.contains(&field);
        let (email, mobile) = match member {
            Some(member) => (Some(member.email), member.mobile),
            None => (None, None),
        };
        Ok(MemberRevealPayload {
            email: email.filter(|_| asks(MemberPersonalField::Email)),
            mobile: mobile.filter(|_| asks(MemberPersonalField::Mobile)),
            errors,
            replayed,
        })
    }
}
