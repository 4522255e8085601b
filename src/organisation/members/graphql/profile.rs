//! A member's own particulars. Translation only.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use uuid::Uuid;

use super::super::service::{Mobile, UpdateProfile};
use super::MemberObject;
use crate::graphql::{ContextExt as _, Result, UserError, Version, loaded, payload};

/// Changes the acting member's own particulars. What is left out stays; e-mail address and account name are not in it.
#[derive(InputObject)]
struct MemberProfileUpdateInput {
    /// 1 to 100 characters.
    name: Option<String>,
    /// 5 to 32 digits, spaces, + and -; null takes it away.
    mobile: MaybeUndefined<String>,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of it.
#[derive(SimpleObject)]
struct MemberProfileUpdatePayload {
    /// The member as it is now; null when nothing was done.
    member: Option<MemberObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Changes the acting member's own name and mobile number; nobody changes another member's (R-ORG-18). Language and
    /// ways of being told are in noticePreferencesUpdate.
    async fn member_profile_update(
        &self,
        ctx: &Context<'_>,
        input: MemberProfileUpdateInput,
    ) -> Result<MemberProfileUpdatePayload> {
        let mobile = match input.mobile {
            MaybeUndefined::Undefined => Mobile::Keep,
            MaybeUndefined::Null => Mobile::Remove,
            MaybeUndefined::Value(mobile) => Mobile::Set(mobile),
        };
        let given = (input.name, mobile);
        let change = UpdateProfile::of(ctx.viewer(), input.expected_version.0, given);
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (member, errors, replayed) = payload(ctx, applied)?;
        let member = match member {
            Some(member) => loaded(ctx, member).await?.map(MemberObject),
            None => None,
        };
        Ok(MemberProfileUpdatePayload {
            member,
            errors,
            replayed,
        })
    }
}
