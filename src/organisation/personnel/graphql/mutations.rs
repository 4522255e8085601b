//! Inviting, accepting, keeping up to date, and ending. Translation only.

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::super::error::PersonnelRefusal;
use super::super::model::account::PersonalAccount;
use super::super::model::record::RecordEdit;
use super::super::service::{
    Accept, Cancel, CancelWithdraw, Disqualify, Found, Invite, Invited, Leave, Resend, Target,
    Unbind, Update, Written,
};
use super::DedicatedPersonObject;
use super::inputs::{DedicatedPersonInvitee, DedicatedPersonUpdateInput};
use super::loaders::Candidate;
use crate::db::{Applied, Change};
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, Portal, Result, UserError, Version, answer, global_id, loaded, loaded_all,
    payload,
};
use crate::identity::RandomToken;
use crate::ids::Tagged as _;
use crate::masking;

/// Invites a person to be associated with the viewer's organisation.
#[derive(InputObject)]
struct DedicatedPersonInviteInput {
    /// Whom.
    invitee: DedicatedPersonInvitee,
    /// Which of the candidates, where an earlier answer named several.
    account_id: Option<ID>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// One of several personal accounts with the same number or address.
#[derive(SimpleObject)]
struct PersonalAccountCandidate {
    /// What to send as accountId.
    account_id: ID,
    /// The account's name, masked to what its holder's acquaintances recognise.
    account_name: String,
}

/// What came of inviting.
#[derive(SimpleObject)]
struct DedicatedPersonInvitePayload {
    /// The person; null when nothing was sent.
    dedicated_person: Option<DedicatedPersonObject>,
    /// The accounts to choose from, where several have the number or the address; else empty.
    candidates: Vec<PersonalAccountCandidate>,
    /// Where the person accepts it. It holds a secret and is told this once: null when the request is repeated. Send it
    /// to nobody but the invited person.
    accept_url: Option<String>,
    /// Why nothing was sent; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was sent again.
    replayed: bool,
}

/// Names a person at the version that was read.
#[derive(InputObject)]
struct DedicatedPersonInvitationResendInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// By what the person found the invitation: exactly one of them.
#[derive(OneofObject)]
enum DedicatedPersonInvitationFound {
    /// What stands behind the # of the link.
    Token(String),
    /// One of those that `viewer` shows to the person who has signed in.
    DedicatedPersonId(ID),
}

/// Accepts an invitation.
#[derive(InputObject)]
struct DedicatedPersonInvitationAcceptInput {
    /// Which invitation.
    invitation: DedicatedPersonInvitationFound,
    /// The version of the text that the person has read and agrees to; see dedicatedPersonConsent.
    consent_version: i32,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Ends an association, by the partner.
#[derive(InputObject)]
struct DedicatedPersonUnbindInput {
    /// The person that it is about.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// Ends an association, by the person.
#[derive(InputObject)]
struct DedicatedPersonLeaveInput {
    /// The viewer's own association or invitation.
    dedicated_person_id: ID,
    /// The version that was read; another one in the meantime refuses the change.
    expected_version: Version,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of a change of a person.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "DedicatedPersonInvitationAcceptPayload", params(Accept)),
    concrete(name = "DedicatedPersonUpdatePayload", params(Update)),
    concrete(name = "DedicatedPersonUnbindPayload", params(Unbind)),
    concrete(name = "DedicatedPersonLeavePayload", params(Leave)),
    concrete(name = "DedicatedPersonCancelPayload", params(Cancel)),
    concrete(name = "DedicatedPersonCancelWithdrawPayload", params(CancelWithdraw)),
    concrete(name = "DedicatedPersonDisqualifyPayload", params(Disqualify))
)]
pub(super) struct PersonnelPayload<C: Send + Sync> {
    /// The person as it is now; null when nothing was done, or when it is not the viewer's to read any more.
    dedicated_person: Option<DedicatedPersonObject>,
    /// Why nothing was done; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
    #[graphql(skip)]
    change: std::marker::PhantomData<C>,
}

impl<C: Change<Outcome = Written>> PersonnelPayload<C> {
    /// Carries a change out that could be prepared, and reads the person as it is afterwards.
    pub(super) async fn of(
        ctx: &Context<'_>,
        key: Uuid,
        prepared: std::result::Result<C, Failure>,
    ) -> Result<Self> {
        let applied = match prepared {
            Ok(change) => ctx.apply(key, &change).await,
            Err(refused) => Err(refused),
        };
        Self::after(ctx, applied).await
    }

    async fn after(
        ctx: &Context<'_>,
        applied: std::result::Result<Applied<Written>, Failure>,
    ) -> Result<Self> {
        let (written, errors, replayed) = payload(ctx, applied)?;
        Ok(Self {
            dedicated_person: object(ctx, written).await?,
            errors,
            replayed,
            change: std::marker::PhantomData,
        })
    }
}

async fn object(
    ctx: &Context<'_>,
    written: Option<Written>,
) -> Result<Option<DedicatedPersonObject>> {
    match written {
        Some(written) => Ok(loaded(ctx, written.id).await?.map(DedicatedPersonObject)),
        None => Ok(None),
    }
}

pub(super) fn target(id: &ID, Version(expected_version): Version) -> Target {
    Target {
        id: global_id(id),
        expected_version,
    }
}

fn link(ctx: &Context<'_>, token: &RandomToken) -> String {
    let portal = ctx.data_unchecked::<Portal>();
    portal.page("dedicated-invitation", token.text().expose_secret())
}

impl From<PersonalAccount> for PersonalAccountCandidate {
    fn from(account: PersonalAccount) -> Self {
        Self {
            account_id: ID(account.id.global()),
            account_name: masking::account(&account.account_name),
        }
    }
}

/// What several accounts come to: nothing was sent, and the administrator is to choose.
fn to_choose(ctx: &Context<'_>) -> UserError {
    UserError::new(&PersonnelRefusal::InviteeAmbiguous.into(), ctx.locale())
}

#[derive(Default)]
pub(crate) struct PersonnelMutation;

#[Object]
impl PersonnelMutation {
    /// Invites a person to be associated with the viewer's organisation, by the administrator in person (R-DED-1);
    /// needs personnel.invite. Each administrator sends at most as many a day as the rule set allows, repeated ones
    /// included (R-DED-2). The link is valid for seven days and for one acceptance, and voids every older one (R-DED-3).
    async fn dedicated_person_invite(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonInviteInput,
    ) -> Result<DedicatedPersonInvitePayload> {
        let change = Invite {
            invitee: input.invitee.into(),
            account: input.account_id.map(|id| global_id(&id)),
            token: answer(ctx, RandomToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (invited, mut errors, replayed) = payload(ctx, applied)?;
        let (written, accounts) = match invited {
            Some(Invited::Sent(written)) => (Some(written), Vec::new()),
            Some(Invited::Choose(accounts)) => {
                errors.push(to_choose(ctx));
                (None, accounts)
            }
            None => (None, Vec::new()),
        };
        let accounts: Vec<Candidate> = accounts.into_iter().map(Candidate).collect();
        let candidates = loaded_all(ctx, &accounts).await?.into_iter();
        let accept_url = (written.is_some() && !replayed).then(|| link(ctx, &change.token));
        Ok(DedicatedPersonInvitePayload {
            dedicated_person: object(ctx, written).await?,
            candidates: candidates.map(Into::into).collect(),
            accept_url,
            errors,
            replayed,
        })
    }

    /// Sends an invitation again: to who did not answer yet, did not answer in time, or has gone (R-DED-4); needs
    /// personnel.invite. It counts like a new one, and voids every older link.
    async fn dedicated_person_invitation_resend(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonInvitationResendInput,
    ) -> Result<DedicatedPersonInvitationResendPayload> {
        let change = Resend {
            target: target(&input.dedicated_person_id, input.expected_version),
            token: answer(ctx, RandomToken::fresh().map_err(Into::into))?,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (written, errors, replayed) = payload(ctx, applied)?;
        let accept_url = (written.is_some() && !replayed).then(|| link(ctx, &change.token));
        Ok(DedicatedPersonInvitationResendPayload {
            dedicated_person: object(ctx, written).await?,
            accept_url,
            errors,
            replayed,
        })
    }

    /// Accepts an invitation, by the holder of the invited personal account, and agrees to what is shared by it (R-DED-8).
    /// Refused to an enterprise's account, to who is associated with another partner, and on the China site to an account
    /// without its holder's real name (R-DED-5, R-DED-6, R-DED-7).
    async fn dedicated_person_invitation_accept(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonInvitationAcceptInput,
    ) -> Result<PersonnelPayload<Accept>> {
        let found = match input.invitation {
            DedicatedPersonInvitationFound::Token(token) => Found::Token(token),
            DedicatedPersonInvitationFound::DedicatedPersonId(id) => Found::Own(global_id(&id)),
        };
        let consent = (input.consent_version, ctx.locale().tag());
        let change = Accept::prepare(ctx.db(), ctx.viewer(), &found, consent).await;
        PersonnelPayload::of(ctx, input.idempotency_key, change).await
    }

    /// Changes the record of a person, by the person or by the partner; needs personnel.manage of the partner.
    async fn dedicated_person_update(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonUpdateInput,
    ) -> Result<PersonnelPayload<Update>> {
        let key = input.idempotency_key;
        let target = target(&input.dedicated_person_id, input.expected_version);
        let edit = (target, RecordEdit::from(input));
        let change = Update::prepare(ctx.db(), ctx.viewer(), edit).await;
        PersonnelPayload::of(ctx, key, change).await
    }

    /// Ends the association, by the partner's administrator; needs personnel.invite. A dedicated status has to be cancelled
    /// before (R-DED-14, R-DED-15). From now on nothing of the person is the partner's to read (R-DED-9).
    async fn dedicated_person_unbind(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonUnbindInput,
    ) -> Result<PersonnelPayload<Unbind>> {
        let target = target(&input.dedicated_person_id, input.expected_version);
        PersonnelPayload::of(ctx, input.idempotency_key, Ok(Unbind { target })).await
    }

    /// Ends one's own association, at any time and in every state, or declines an invitation (R-DED-17). A dedicated status
    /// ends with it; claims that were generated or submitted keep what they have.
    async fn dedicated_person_leave(
        &self,
        ctx: &Context<'_>,
        input: DedicatedPersonLeaveInput,
    ) -> Result<PersonnelPayload<Leave>> {
        let target = target(&input.dedicated_person_id, input.expected_version);
        let change = Leave::prepare(ctx.db(), ctx.viewer(), target).await;
        PersonnelPayload::of(ctx, input.idempotency_key, change).await
    }
}

/// What came of sending an invitation again.
#[derive(SimpleObject)]
struct DedicatedPersonInvitationResendPayload {
    /// The person as it is now; null when nothing was sent.
    dedicated_person: Option<DedicatedPersonObject>,
    /// Where the person accepts it. It holds a secret and is told this once: null when the request is repeated. Send it
    /// to nobody but the invited person.
    accept_url: Option<String>,
    /// Why nothing was sent; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was sent again.
    replayed: bool,
}
