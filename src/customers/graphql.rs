//! How customers look to a client. Translation only; a rule here is in the wrong file.

mod accept;
mod invitation;
mod inviting;
mod loaders;
mod mutations;
mod query;
mod words;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

pub(crate) use invitation::CustomerInvitationObject;
pub(crate) use inviting::CustomerInvitationMutation;
pub(crate) use mutations::CustomerMutation;
pub(crate) use query::CustomerQuery;

use self::loaders::{ConsentOf, EndFactsOf};
use self::words::{
    CustomerAccountKind, CustomerAccountStatus, CustomerAssociationType, CustomerAttribute,
    CustomerState,
};
use super::model::{Account, Consent, Customer, EndFacts, Standing};
use super::policy::{self, Action};
use super::service;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Result, Transition, Version, loaded,
};
use crate::ids::Tagged as _;
use crate::masking;
use crate::organisation::{MemberObject, OrganisationObject};
use crate::timeline::{self, TimelineEntryConnection};

/// The account with which a customer was associated.
#[derive(SimpleObject)]
struct CustomerAccount {
    /// By which the vendor knows it.
    account_id: String,
    /// Its name.
    name: String,
    /// An account of the vendor's cloud itself, or a person's account of the identity service.
    kind: CustomerAccountKind,
    /// How it stood at the association; null for a cloud account, of which nothing is released.
    status: Option<CustomerAccountStatus>,
    /// Where it was registered; null for a cloud account.
    country: Option<String>,
    /// Masked for everybody but the customer's own people; null for a cloud account, or when there is none.
    email: Option<String>,
    /// Masked for everybody but the customer's own people; null for a cloud account, or when there is none.
    mobile: Option<String>,
}

impl CustomerAccount {
    fn new(account: &Account, discloses: bool) -> Self {
        let released = account.released.as_ref();
        let shown = |value: &str, mask: fn(&str) -> String| {
            if discloses {
                value.to_owned()
            } else {
                mask(value)
            }
        };
        Self {
            account_id: account.id.clone(),
            name: account.name.clone(),
            kind: account.kind.into(),
            status: released.map(|released| released.status.into()),
            country: released.map(|released| released.country.clone()),
            email: released
                .and_then(|released| released.email.as_deref())
                .map(|email| shown(email, masking::email)),
            mobile: released
                .and_then(|released| released.mobile.as_deref())
                .map(|mobile| shown(mobile, masking::phone)),
        }
    }
}

/// What a person agreed to before a personal account was associated; never changed (R-CUS-3).
#[derive(SimpleObject)]
struct CustomerConsent {
    /// The version of the user agreement that was shown.
    user_agreement_version: i32,
    /// The version of the privacy statement that was shown.
    privacy_statement_version: i32,
    /// The version of the sentence that was agreed to.
    release_version: i32,
    /// What that sentence names, and so what was released.
    attributes: Vec<CustomerAttribute>,
    /// In which language it was shown: zh-CN or en.
    language: &'static str,
    /// When it was given.
    given_at: DateTime<Utc>,
    /// The global id of the identity of the person who gave it.
    given_by: ID,
}

impl From<Consent> for CustomerConsent {
    fn from(consent: Consent) -> Self {
        Self {
            user_agreement_version: consent.given.user_agreement,
            privacy_statement_version: consent.given.privacy_statement,
            release_version: consent.given.release,
            attributes: consent.attributes.into_iter().map(Into::into).collect(),
            language: consent.locale.tag(),
            given_at: consent.given_at,
            given_by: ID(consent.person.global()),
        }
    }
}

/// What the viewer may do with a customer now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
#[expect(
    clippy::struct_field_names,
    reason = "each is a question that clients ask in these words"
)]
struct CustomerViewerPermissions {
    /// Naming the account manager, or another one. Who can be it is refused with the input.
    can_assign_account_manager: ActionPermission,
    /// Leaving the customer without one.
    can_withdraw_account_manager: ActionPermission,
    /// Ending the relation: the administrator's alone, with everything that stands in the way (R-CUS-8, R-CUS-9).
    can_dissociate: ActionPermission,
    /// Reading masked values in full.
    can_reveal: ActionPermission,
}

pub(crate) struct CustomerObject(pub(crate) Customer);

/// A customer of a partner (经销商子客户): the relation between the two, not the company itself.
#[Object(name = "Customer")]
impl CustomerObject {
    /// Global and opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// What happened to it, the newest first, back to its beginning: at most 100 entries at a time. Who looked after the
    /// customer before stands here too.
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
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// The number that people use, such as CUS-2026-7F3K9Q.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// How the relation stands.
    async fn state(&self) -> CustomerState {
        self.0.state().into()
    }

    /// Who bills the customer (关联类型).
    async fn association_type(&self) -> CustomerAssociationType {
        self.0.association.into()
    }

    /// The customer's organisation; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let organisation = loaded(ctx, self.0.organisation).await?;
        Ok(organisation.map(OrganisationObject))
    }

    /// The one partner of the customer (R-CUS-4); null when the viewer may not see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let partner = loaded(ctx, self.0.partner).await?;
        Ok(partner.map(OrganisationObject))
    }

    /// The account with which it was associated.
    async fn account(&self, ctx: &Context<'_>) -> CustomerAccount {
        CustomerAccount::new(&self.0.account, service::discloses(ctx.viewer(), &self.0))
    }

    /// What the person agreed to; null for a cloud account, which needs no consent (R-CUS-1).
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<CustomerConsent>> {
        let consent = loaded(ctx, ConsentOf(self.0.id)).await?;
        Ok(consent.map(CustomerConsent::from))
    }

    /// The version of the notice "customer association with a partner" that was shown before.
    async fn notice_version(&self) -> i32 {
        self.0.notice_version
    }

    /// The invitation that the customer accepted; null when the viewer may not see it.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<CustomerInvitationObject>> {
        let found = loaded(ctx, self.0.invitation).await?;
        Ok(found.map(|(invitation, now)| CustomerInvitationObject(invitation, now)))
    }

    /// The partner's member who looks after the customer (客户经理); null when nobody is assigned.
    async fn account_manager(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.account_manager {
            Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// Since when it is the partner's customer.
    async fn associated_at(&self) -> DateTime<Utc> {
        self.0.associated_at
    }

    /// When the relation ended; null while it has not.
    async fn dissociated_at(&self) -> Option<DateTime<Utc>> {
        match self.0.standing {
            Standing::Dissociated { at, .. } => Some(at),
            Standing::Associated => None,
        }
    }

    /// Why the partner ended it; null while it has not.
    async fn dissociation_reason(&self) -> Option<&str> {
        match &self.0.standing {
            Standing::Dissociated { reason, .. } => Some(reason),
            Standing::Associated => None,
        }
    }

    /// What the viewer may do with this customer now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> Result<CustomerViewerPermissions> {
        let facts = end_facts(ctx, &self.0).await?;
        let permission = |action| {
            let verdict = policy::verdict(action, ctx.viewer(), (&self.0, facts.as_ref()));
            ActionPermission::new(ctx, verdict)
        };
        Ok(CustomerViewerPermissions {
            can_assign_account_manager: permission(Action::AssignAccountManager),
            can_withdraw_account_manager: permission(Action::WithdrawAccountManager),
            can_dissociate: permission(Action::Dissociate),
            can_reveal: permission(Action::Reveal),
        })
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Result<Vec<Transition>> {
        let facts = end_facts(ctx, &self.0).await?;
        let moves = policy::moves(ctx.viewer(), &self.0, facts.as_ref()).into_iter();
        Ok(moves.map(Transition::from).collect())
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

async fn end_facts(ctx: &Context<'_>, customer: &Customer) -> Result<Option<EndFacts>> {
    loaded(ctx, EndFactsOf(customer.account.id.clone())).await
}
