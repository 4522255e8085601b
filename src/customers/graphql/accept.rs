//! What the customer is shown and sends. Translation only.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::model::{Choice, ConsentGiven, Offer, Remedy, Shown, Text, Texts, remedy_of};
use super::super::service::{self, Acceptance, Accepting};
use super::words::{
    CustomerAccountKind, CustomerAssociationType, CustomerAttribute, CustomerInvitationRemedy,
};
use crate::db::Applied;
use crate::error::{Failure, Refusal};
use crate::graphql::{ContextExt as _, Result, SessionChange, UserError, payload};
use crate::i18n;
use crate::ids::Tagged as _;

/// One version of a text, in the language of the request.
#[derive(SimpleObject)]
struct CustomerConsentText {
    /// Send it back with the acceptance.
    version: i32,
    /// What it is called.
    title: String,
    /// The whole text.
    text: String,
}

impl CustomerConsentText {
    fn new(ctx: &Context<'_>, text: &Text) -> Self {
        let locale = ctx.locale();
        Self {
            version: text.version,
            title: text.title(locale).to_owned(),
            text: text.text(locale).to_owned(),
        }
    }
}

/// One of the signed-in person's accounts.
#[derive(SimpleObject)]
struct CustomerAccountChoice {
    /// Send it as accountId.
    account_id: String,
    /// Its name.
    name: String,
    /// An account of the vendor's cloud itself, or a person's account of the identity service.
    kind: CustomerAccountKind,
    /// Whether it is the one to take unless the person wants another.
    preselected: bool,
    /// Why this one comes first, where the person has two accounts of one name (R-CUS-11); null for all others.
    preselected_because: Option<String>,
    /// What stops its association; empty when nothing does.
    causes: Vec<UserError>,
}

impl CustomerAccountChoice {
    fn new(ctx: &Context<'_>, choice: Choice) -> Self {
        let explains = choice.preselected && choice.has_namesake;
        let params = [("name", choice.account.name.clone())].into();
        let because = i18n::sentence("CUSTOMER_CLOUD_ACCOUNT_FIRST", &params, ctx.locale());
        let causes = choice.causes.into_iter().map(Refusal::from);
        Self {
            account_id: choice.account.id,
            name: choice.account.name,
            kind: choice.account.kind.into(),
            preselected: choice.preselected,
            preselected_because: because.filter(|_| explains),
            causes: causes
                .map(|refusal| UserError::new(&refusal, ctx.locale()))
                .collect(),
        }
    }
}

/// What whoever has the link is shown.
pub(super) struct CustomerOffer {
    pub(super) offer: Offer,
    pub(super) texts: Texts,
    pub(super) choices: Vec<Choice>,
}

/// What whoever has the link is shown: who invites, the texts that hold now, and the own accounts.
#[Object]
impl CustomerOffer {
    /// The name of the partner that invites.
    async fn partner_name(&self) -> &str {
        &self.offer.inviter.name
    }

    /// Who will bill the customer.
    async fn association_type(&self) -> CustomerAssociationType {
        self.offer.invitation.association.into()
    }

    /// The first instant at which it is too late.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.offer.invitation.expires_at
    }

    /// What an association with a partner means; for every customer.
    async fn notice(&self, ctx: &Context<'_>) -> CustomerConsentText {
        CustomerConsentText::new(ctx, &self.texts.notice)
    }

    /// The user agreement, for a personal account.
    async fn user_agreement(&self, ctx: &Context<'_>) -> CustomerConsentText {
        CustomerConsentText::new(ctx, &self.texts.user_agreement)
    }

    /// The privacy statement, for a personal account.
    async fn privacy_statement(&self, ctx: &Context<'_>) -> CustomerConsentText {
        CustomerConsentText::new(ctx, &self.texts.privacy_statement)
    }

    /// The one sentence that is agreed to, for a personal account.
    async fn release(&self, ctx: &Context<'_>) -> CustomerConsentText {
        CustomerConsentText::new(ctx, &self.texts.release)
    }

    /// What that sentence names, and so what is released.
    async fn attributes(&self) -> Vec<CustomerAttribute> {
        let attributes = self.texts.attributes.iter().copied();
        attributes.map(Into::into).collect()
    }

    /// The accounts that the signed-in person holds, cloud accounts first (R-CUS-11).
    async fn accounts(&self, ctx: &Context<'_>) -> Vec<CustomerAccountChoice> {
        let choices = self.choices.iter().cloned();
        choices
            .map(|choice| CustomerAccountChoice::new(ctx, choice))
            .collect()
    }
}

/// Agrees to the one sentence, under the texts that were shown.
#[derive(InputObject)]
#[expect(
    clippy::struct_field_names,
    reason = "clients read the names without their struct"
)]
struct CustomerConsentInput {
    /// The version of the user agreement that was shown.
    user_agreement_version: i32,
    /// The version of the privacy statement that was shown.
    privacy_statement_version: i32,
    /// The version of the sentence that was shown.
    release_version: i32,
}

/// Accepts an invitation with one of the own accounts.
#[derive(InputObject)]
pub(super) struct CustomerInvitationAcceptInput {
    /// What stands behind the # of the link.
    token: String,
    /// The account, as customerOffer names it.
    account_id: String,
    /// The version of the notice that was shown.
    notice_version: i32,
    /// The tick; needed for a personal account and without meaning for a cloud account.
    consent: Option<CustomerConsentInput>,
    /// A fresh UUID for each change; the same one again changes nothing and answers what came of it.
    idempotency_key: Uuid,
}

/// What came of accepting. The session is the customer's from the next request on: ask for `viewer` and `customers` then.
#[derive(SimpleObject)]
pub(super) struct CustomerInvitationAcceptPayload {
    /// The customer that the account is from now on; null when nothing was done.
    customer_id: Option<ID>,
    /// The customer's organisation; null when nothing was done.
    organisation_id: Option<ID>,
    /// What helps; null when it was done.
    remedy: Option<CustomerInvitationRemedy>,
    /// Why nothing was done, every cause at once; empty when it was.
    errors: Vec<UserError>,
    /// Whether the idempotency key was used before: then nothing was done again.
    replayed: bool,
}

pub(super) async fn accept(
    ctx: &Context<'_>,
    input: CustomerInvitationAcceptInput,
) -> Result<CustomerInvitationAcceptPayload> {
    let accepting = Accepting {
        token: &input.token,
        account: &input.account_id,
        shown: Shown {
            notice: input.notice_version,
            consent: input.consent.map(|consent| ConsentGiven {
                user_agreement: consent.user_agreement_version,
                privacy_statement: consent.privacy_statement_version,
                release: consent.release_version,
            }),
            locale: ctx.locale(),
        },
    };
    let key = ctx.idempotency_key(input.idempotency_key);
    let who = (ctx.viewer(), ctx.correlation_id());
    let accepted = service::accept(ctx.db(), who, key, accepting).await;
    ctx.renew();
    let remedy = remedy(&accepted);
    let (token, accepted) = match accepted {
        Ok(Acceptance {
            applied,
            session_token,
        }) => (Some(session_token), Ok(applied)),
        Err(failure) => (None, Err(failure)),
    };
    let rotated =
        matches!(&accepted, Ok(Applied { outcome, replayed: false }) if outcome.member.is_some());
    if let Some(token) = token.filter(|_| rotated) {
        let token = token.text();
        ctx.change_session(SessionChange { token });
    }
    let (accepted, errors, replayed) = payload(ctx, accepted)?;
    Ok(CustomerInvitationAcceptPayload {
        customer_id: accepted.map(|accepted| ID(accepted.customer.global())),
        organisation_id: accepted.map(|accepted| ID(accepted.organisation.global())),
        remedy: remedy.map(Into::into),
        errors,
        replayed,
    })
}

/// What helps after the first of the refusals, which is told first because it has to go first.
fn remedy(accepted: &std::result::Result<Acceptance, Failure>) -> Option<Remedy> {
    match accepted {
        Err(Failure::Refused(refusals)) => remedy_of(refusals.first.reason.0),
        Ok(_) | Err(Failure::Internal(_)) => None,
    }
}
