//! Lists of customers and invitations, and what whoever has a link is shown. Translation only.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};

use super::super::model::{self, Customer, Invitation};
use super::super::policy;
use super::super::service::{self, Filter};
use super::CustomerObject;
use super::accept::CustomerOffer;
use super::invitation::CustomerInvitationObject;
use super::words::{
    CustomerAccountKind, CustomerAssociationType, CustomerInvitationState, CustomerState,
};
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, SortDirection, Totals, answer,
    connection, global_id, loaded,
};
use crate::ids::CustomerId;
use crate::paging::{Direction, Position, Sort, SortKey};

/// Which customers to list; a condition that is left out does not narrow the list.
#[derive(Debug, InputObject)]
pub(crate) struct CustomerWhere {
    /// In one of these states.
    state: Option<Vec<CustomerState>>,
    /// With one of these association types.
    association_type: Option<Vec<CustomerAssociationType>>,
    /// Associated with one of these kinds of account.
    account_kind: Option<Vec<CustomerAccountKind>>,
    /// Of this partner; for the vendor, whose list has the customers of all.
    partner_id: Option<ID>,
    /// Looked after by this member.
    account_manager_id: Option<ID>,
    /// Whether anybody looks after it.
    has_account_manager: Option<bool>,
    /// With exactly this account identifier.
    #[graphql(validator(max_length = 64))]
    account_id: Option<String>,
    /// With this text anywhere in the account's name, in upper or lower case.
    #[graphql(validator(max_length = 200))]
    name_contains: Option<String>,
}

impl From<CustomerWhere> for Filter {
    fn from(condition: CustomerWhere) -> Self {
        let states = condition.state;
        let associations = condition.association_type;
        let kinds = condition.account_kind;
        Self {
            states: states.map(|words| words.into_iter().map(Into::into).collect()),
            associations: associations.map(|words| words.into_iter().map(Into::into).collect()),
            kinds: kinds.map(|words| words.into_iter().map(Into::into).collect()),
            partner: condition.partner_id.as_ref().map(global_id),
            account_manager: condition.account_manager_id.as_ref().map(global_id),
            managed: condition.has_account_manager,
            account: condition.account_id,
            name_part: condition.name_contains,
        }
    }
}

/// By what customers are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum CustomerSortField {
    /// When the relation began.
    AssociatedAt,
    /// The account's name.
    Name,
    /// The number that people use.
    Number,
}

/// The order of a list of customers.
#[derive(Debug, InputObject)]
pub(crate) struct CustomerSort {
    /// By what.
    field: CustomerSortField,
    /// Which way.
    direction: SortDirection,
}

/// The newest first, unless the client says otherwise.
impl Default for CustomerSort {
    fn default() -> Self {
        Self {
            field: CustomerSortField::AssociatedAt,
            direction: SortDirection::Descending,
        }
    }
}

impl From<CustomerSort> for Sort {
    fn from(sort: CustomerSort) -> Self {
        let (name, column) = match sort.field {
            CustomerSortField::AssociatedAt => ("ASSOCIATED_AT", "associated_at"),
            CustomerSortField::Name => ("NAME", "account_name"),
            CustomerSortField::Number => ("NUMBER", "number"),
        };
        Self {
            name,
            column,
            direction: sort.direction.into(),
        }
    }
}

fn position(field: CustomerSortField) -> impl Fn(&Customer) -> Position {
    move |customer| Position {
        key: match field {
            CustomerSortField::AssociatedAt => SortKey::Instant(customer.associated_at),
            CustomerSortField::Name => SortKey::Text(customer.account.name.clone()),
            CustomerSortField::Number => SortKey::Text(customer.number.clone()),
        },
        id: customer.id.0,
    }
}

/// The newest first.
const BY_SENDING: Sort = Sort {
    name: "SENT_AT",
    column: "sent_at",
    direction: Direction::Descending,
};

type CustomerConnection = Connection<String, CustomerObject, Totals, EmptyFields>;
type InvitationConnection = Connection<String, CustomerInvitationObject, Totals, EmptyFields>;

#[derive(Default)]
pub(crate) struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// One customer; null when it is unknown or not the viewer's.
    async fn customer(&self, ctx: &Context<'_>, id: ID) -> Result<Option<CustomerObject>> {
        let found = loaded(ctx, global_id::<CustomerId>(&id)).await?;
        Ok(found.map(CustomerObject))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and a sort"
    )]
    /// A partner's customers (经销商子客户); for a customer its own relation, for the vendor all. A member with the role
    /// Account Manager and no other sees those that are assigned to him (R-ORG-7). Needs customer.read. At most 100 at a
    /// time.
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] condition: Option<CustomerWhere>,
        sort: Option<CustomerSort>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<CustomerConnection>> {
        let sort = sort.unwrap_or_default();
        let position = position(sort.field);
        let sort = Sort::from(sort);
        let page = PageInput::of(first, after, last, before);
        let window = page.window(ctx, sort)?;
        let filter = condition.map(Filter::from).unwrap_or_default();
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let page = service::list(viewer, snapshot, &filter, (sort, &window)).await;
        let page = answer(ctx, page)?;
        let total = if Totals::are_selected(ctx) {
            let count = service::count(viewer, snapshot, &filter).await;
            Some(answer(ctx, count)?)
        } else {
            None
        };
        let page = (page, sort, Totals::of(total));
        Ok(Some(connection(ctx, page, position, CustomerObject)))
    }

    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    /// The invitations of customers by the viewer's organisation, the newest first; needs customer.invite.
    async fn customer_invitations(
        &self,
        ctx: &Context<'_>,
        state: Option<Vec<CustomerInvitationState>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<InvitationConnection>> {
        let states: Option<Vec<model::InvitationState>> =
            state.map(|states| states.into_iter().map(Into::into).collect());
        let page = PageInput::of(first, after, last, before);
        let window = page.window(ctx, BY_SENDING)?;
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let states = states.as_deref();
        let page = service::invitations(viewer, snapshot, states, (BY_SENDING, &window)).await;
        let page = answer(ctx, page)?;
        let total = if Totals::are_selected(ctx) {
            let count = service::count_invitations(viewer, snapshot, states).await;
            Some(answer(ctx, count)?)
        } else {
            None
        };
        let place = |(invitation, _): &(Invitation, DateTime<Utc>)| Position {
            key: SortKey::Instant(invitation.sent_at),
            id: invitation.id.0,
        };
        let object = |(invitation, now)| CustomerInvitationObject(invitation, now);
        let page = (page, BY_SENDING, Totals::of(total));
        Ok(Some(connection(ctx, page, place, object)))
    }

    /// Whether the viewer may invite a customer now, and why not.
    async fn can_invite_customer(&self, ctx: &Context<'_>) -> ActionPermission {
        ActionPermission::new(ctx, policy::invite(ctx.viewer()))
    }

    /// What the signed-in person is shown who has an invitation's link; refused when the link is no good, with the reason.
    /// For whoever is signed in, member or not.
    async fn customer_offer(
        &self,
        ctx: &Context<'_>,
        token: String,
    ) -> Result<Option<CustomerOffer>> {
        let offer = answer(ctx, service::offer(ctx.db(), &token).await)?;
        let choices = service::choices(ctx.db(), ctx.viewer(), &offer).await;
        Ok(Some(CustomerOffer {
            choices: answer(ctx, choices)?,
            texts: answer(ctx, service::texts(ctx.db()).await)?,
            offer,
        }))
    }
}
