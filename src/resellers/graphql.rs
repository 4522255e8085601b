//! How resellers look to a client. Translation only; a rule here is in the wrong file.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{Reseller, Standing, State};
use super::policy::{self, Action};
use super::service::{self, AssignAccountManager, Changed, Filter, WithdrawAccountManager};
use crate::db::Applied;
use crate::error::Failure;
use crate::graphql::{
    ActionPermission, ContextExt as _, PageInput, Read, Result, SortDirection, Totals, UserError,
    Version, answer, connection, global_id, loaded, payload,
};
use crate::ids::{ResellerId, Tagged as _};
use crate::organisation::{MemberObject, OrganisationObject};
use crate::paging::{Position, Sort, SortKey};
use crate::timeline::{self, TimelineEntryConnection};

impl Loader<ResellerId> for Read {
    type Value = Reseller;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[ResellerId],
    ) -> std::result::Result<HashMap<ResellerId, Reseller>, Arc<Failure>> {
        service::by_id(&self.viewer, &self.snapshot, ids)
            .await
            .map_err(Arc::new)
    }
}

/// How the relation between a reseller and its distributor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub(crate) enum ResellerState {
    /// The reseller sells through the distributor.
    Active,
    /// The distributor is frozen or left its programme; the reseller needs another one.
    Suspended,
    /// The relation is over; it is kept as history.
    Ended,
}

/// What the viewer may do with a reseller now. Each answer is the one that the mutation would give.
#[derive(SimpleObject)]
struct ResellerViewerPermissions {
    /// Naming the account manager, or another one. Who can be it is refused with the input.
    can_assign_account_manager: ActionPermission,
    /// Leaving the reseller without one.
    can_withdraw_account_manager: ActionPermission,
}

pub(crate) struct ResellerObject(pub(crate) Reseller);

/// A partner that sells through a distributor: the relation between the two, not the company itself (云经销商).
#[Object(name = "Reseller")]
impl ResellerObject {
    /// Global and opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.global())
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
        timeline::connection_of(ctx, self.0.id, page).await
    }

    /// The number that people use, such as RSL-2026-7F3K9Q.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// How the relation stands.
    async fn state(&self) -> ResellerState {
        self.0.state().into()
    }

    /// The reseller's company; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let organisation = loaded(ctx, self.0.organisation).await?;
        Ok(organisation.map(OrganisationObject))
    }

    /// The distributor (总经销商) through whom the reseller buys; null when the viewer may not see it.
    async fn distributor(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let distributor = loaded(ctx, self.0.distributor).await?;
        Ok(distributor.map(OrganisationObject))
    }

    /// The distributor's member who looks after the reseller (客户经理); null when nobody is assigned.
    async fn account_manager(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.account_manager {
            Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// The business area (业务开展地区) that reseller and distributor share.
    async fn business_area(&self) -> &str {
        &self.0.business_area
    }

    /// Since when the reseller sells through this distributor.
    async fn associated_at(&self) -> DateTime<Utc> {
        self.0.associated_at
    }

    /// When the relation ended; null while it has not.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self.0.standing {
            Standing::Ended { at } => Some(at),
            Standing::Active | Standing::Suspended => None,
        }
    }

    /// What the viewer may do with this reseller now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> ResellerViewerPermissions {
        let permission = |action| {
            let verdict = policy::verdict(action, ctx.viewer(), &self.0);
            ActionPermission::new(ctx, verdict)
        };
        ResellerViewerPermissions {
            can_assign_account_manager: permission(Action::AssignAccountManager),
            can_withdraw_account_manager: permission(Action::WithdrawAccountManager),
        }
    }

    /// Send it as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

/// Which resellers to list; a condition that is left out does not narrow the list.
#[derive(Debug, InputObject)]
pub(crate) struct ResellerWhere {
    /// In one of these states.
    state: Option<Vec<ResellerState>>,
    /// In exactly this business area.
    #[graphql(validator(max_length = 200))]
    business_area: Option<String>,
    /// Looked after by this member.
    account_manager_id: Option<ID>,
    /// With this text anywhere in the company's name, in upper or lower case.
    #[graphql(validator(max_length = 200))]
    name_contains: Option<String>,
}

impl From<ResellerWhere> for Filter {
    fn from(condition: ResellerWhere) -> Self {
        Self {
            states: condition
                .state
                .map(|states| states.into_iter().map(State::from).collect()),
            business_area: condition.business_area,
            account_manager: condition.account_manager_id.as_ref().map(global_id),
            name_part: condition.name_contains,
        }
    }
}

/// By what resellers are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ResellerSortField {
    /// When the relation began.
    AssociatedAt,
    /// The reseller's company name.
    Name,
    /// The number that people use.
    Number,
}

/// The order of a list of resellers.
#[derive(Debug, InputObject)]
pub(crate) struct ResellerSort {
    /// By what.
    field: ResellerSortField,
    /// Which way.
    direction: SortDirection,
}

/// The newest first, unless the client says otherwise.
impl Default for ResellerSort {
    fn default() -> Self {
        Self {
            field: ResellerSortField::AssociatedAt,
            direction: SortDirection::Descending,
        }
    }
}

impl From<ResellerSort> for Sort {
    fn from(sort: ResellerSort) -> Self {
        let (name, column) = match sort.field {
            ResellerSortField::AssociatedAt => ("ASSOCIATED_AT", "associated_at"),
            ResellerSortField::Name => ("NAME", "company_name"),
            ResellerSortField::Number => ("NUMBER", "number"),
        };
        Self {
            name,
            column,
            direction: sort.direction.into(),
        }
    }
}

fn position(field: ResellerSortField) -> impl Fn(&Reseller) -> Position {
    move |reseller| Position {
        key: match field {
            ResellerSortField::AssociatedAt => SortKey::Instant(reseller.associated_at),
            ResellerSortField::Name => SortKey::Text(reseller.company_name.clone()),
            ResellerSortField::Number => SortKey::Text(reseller.number.clone()),
        },
        id: reseller.id.0,
    }
}

type ResellerConnection = Connection<String, ResellerObject, Totals, EmptyFields>;

#[derive(Default)]
pub(crate) struct ResellerQuery;

#[Object]
impl ResellerQuery {
    /// One reseller; null when it is unknown or not the viewer's.
    async fn reseller(&self, ctx: &Context<'_>, id: ID) -> Result<Option<ResellerObject>> {
        let found = loaded(ctx, global_id::<ResellerId>(&id)).await?;
        Ok(found.map(ResellerObject))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and a sort"
    )]
    /// A distributor's resellers; for a reseller its own relations, for the vendor all. At most 100 at a time.
    async fn resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] condition: Option<ResellerWhere>,
        sort: Option<ResellerSort>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ResellerConnection>> {
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
            Some(answer(
                ctx,
                service::count(viewer, snapshot, &filter).await,
            )?)
        } else {
            None
        };
        Ok(Some(connection(
            ctx,
            (page, sort, Totals::of(total)),
            position,
            ResellerObject,
        )))
    }
}

/// Assigns a reseller's account manager.
#[derive(Debug, InputObject)]
pub(crate) struct ResellerAccountManagerAssignInput {
    /// The reseller; the viewer's organisation must be its distributor.
    reseller_id: ID,
    /// An active member of the viewer's organisation who has the role Account Manager.
    account_manager_id: ID,
    /// The version of the reseller that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// Withdraws a reseller's account manager.
#[derive(Debug, InputObject)]
pub(crate) struct ResellerAccountManagerWithdrawInput {
    /// The reseller; the viewer's organisation must be its distributor.
    reseller_id: ID,
    /// The version of the reseller that the viewer saw.
    expected_version: Version,
    /// A new UUID for each intention; the same one repeats it safely.
    idempotency_key: Uuid,
}

/// What came of it.
#[derive(SimpleObject)]
pub(crate) struct ResellerAccountManagerAssignPayload {
    /// The reseller as it is now; null when the change was refused.
    reseller: Option<ResellerObject>,
    /// Why it was refused; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

/// What came of it.
#[derive(SimpleObject)]
pub(crate) struct ResellerAccountManagerWithdrawPayload {
    /// The reseller as it is now; null when the change was refused.
    reseller: Option<ResellerObject>,
    /// Why it was refused; empty when it was done.
    errors: Vec<UserError>,
    /// Whether this key had done it before; nothing was done again.
    replayed: bool,
}

#[derive(Default)]
pub(crate) struct ResellerMutation;

#[Object]
impl ResellerMutation {
    /// Makes a member of the distributor the reseller's account manager, in place of any other.
    async fn reseller_account_manager_assign(
        &self,
        ctx: &Context<'_>,
        input: ResellerAccountManagerAssignInput,
    ) -> Result<ResellerAccountManagerAssignPayload> {
        let change = AssignAccountManager {
            reseller: global_id(&input.reseller_id),
            account_manager: global_id(&input.account_manager_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (reseller, errors, replayed) = changed(ctx, applied).await?;
        Ok(ResellerAccountManagerAssignPayload {
            reseller,
            errors,
            replayed,
        })
    }

    /// Leaves the reseller without an account manager.
    async fn reseller_account_manager_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ResellerAccountManagerWithdrawInput,
    ) -> Result<ResellerAccountManagerWithdrawPayload> {
        let change = WithdrawAccountManager {
            reseller: global_id(&input.reseller_id),
            expected_version: input.expected_version.0,
        };
        let applied = ctx.apply(input.idempotency_key, &change).await;
        let (reseller, errors, replayed) = changed(ctx, applied).await?;
        Ok(ResellerAccountManagerWithdrawPayload {
            reseller,
            errors,
            replayed,
        })
    }
}

/// The parts of a payload, with the reseller read as it is after the change.
async fn changed(
    ctx: &Context<'_>,
    applied: std::result::Result<Applied<Changed>, Failure>,
) -> Result<(Option<ResellerObject>, Vec<UserError>, bool)> {
    let (outcome, errors, replayed) = payload(ctx, applied)?;
    let reseller = match outcome {
        Some(outcome) => loaded(ctx, outcome.reseller).await?.map(ResellerObject),
        None => None,
    };
    Ok((reseller, errors, replayed))
}
