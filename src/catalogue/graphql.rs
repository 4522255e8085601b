//! How the vendor's facts look to a client. Translation only; a rule here is in the wrong file.

mod mutation;
mod objects;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Enum, Object};

pub(crate) use mutation::CatalogueMutation;
pub(crate) use objects::{CloudServiceObject, OfferingListState, OfferingObject, OfficeObject};

use super::model::{CloudService, ListState, Offering, Office};
use super::service;
use crate::error::Failure;
use crate::graphql::{ContextExt as _, PageInput, Read, Result, Totals, answer, connection};
use crate::ids::{OfferingId, OrganisationId};
use crate::paging::{Direction, Position, Sort, SortKey};

type LoadResult<K, V> = std::result::Result<HashMap<K, V>, Arc<Failure>>;

impl Loader<OfferingId> for Read {
    type Value = Offering;
    type Error = Arc<Failure>;

    async fn load(&self, ids: &[OfferingId]) -> LoadResult<OfferingId, Offering> {
        let found = service::read_offerings(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found.map(|one| (one.id, one)).collect())
    }
}

/// An office by its code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OfficeCode(pub(crate) String);

impl Loader<OfficeCode> for Read {
    type Value = Office;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[OfficeCode]) -> LoadResult<OfficeCode, Office> {
        let codes: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = service::read_offices(&self.snapshot, &codes).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|one| (OfficeCode(one.code.clone()), one))
            .collect())
    }
}

/// The office that looks after a region, as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OfficeOfRegion(pub(crate) String);

impl Loader<OfficeOfRegion> for Read {
    type Value = Office;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[OfficeOfRegion]) -> LoadResult<OfficeOfRegion, Office> {
        let regions: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = service::offices_of(&self.snapshot, &regions).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(region, one)| (OfficeOfRegion(region), one))
            .collect())
    }
}

/// A cloud service by its code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CloudServiceCode(pub(crate) String);

impl Loader<CloudServiceCode> for Read {
    type Value = CloudService;
    type Error = Arc<Failure>;

    async fn load(&self, keys: &[CloudServiceCode]) -> LoadResult<CloudServiceCode, CloudService> {
        let codes: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = service::read_services(&self.snapshot, &codes).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|one| (CloudServiceCode(one.code.clone()), one))
            .collect())
    }
}

pub(crate) type OfferingConnection = Connection<String, OfferingObject, Totals, EmptyFields>;

/// A page of an organisation's offerings by their codes; null when the viewer may not read them.
pub(crate) async fn offerings_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
    (state, page): (Option<OfferingListState>, PageInput),
) -> Result<Option<OfferingConnection>> {
    if !service::may_read(ctx.viewer(), organisation) {
        return Ok(None);
    }
    let sort = Sort {
        name: "CODE",
        column: "code",
        direction: Direction::Ascending,
    };
    let window = page.window(ctx, sort)?;
    let wanted = (organisation, state.map(ListState::from));
    let loaders = ctx.loaders();
    let Read { snapshot, .. } = loaders.loader();
    let page = service::list_offerings(snapshot, wanted, (sort, &window)).await;
    let page = answer(ctx, page)?;
    let total = if Totals::are_selected(ctx) {
        let count = service::count_offerings(snapshot, wanted).await;
        Some(answer(ctx, count)?)
    } else {
        None
    };
    let place = |offering: &Offering| Position {
        key: SortKey::Text(offering.code.clone()),
        id: offering.id.0,
    };
    let page = (page, sort, Totals::of(total));
    Ok(Some(connection(ctx, page, place, OfferingObject)))
}

#[derive(Default)]
pub(crate) struct CatalogueQuery;

#[Object]
impl CatalogueQuery {
    /// The vendor's representative offices, by code; each region of an end customer belongs to one. At most 1,000.
    async fn offices(&self, ctx: &Context<'_>) -> Result<Option<Vec<OfficeObject>>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let found = answer(ctx, service::list_offices(viewer, snapshot).await)?;
        Ok(Some(found.into_iter().map(OfficeObject).collect()))
    }

    /// The vendor's cloud services that an opportunity can name, by code. At most 1,000.
    async fn cloud_services(&self, ctx: &Context<'_>) -> Result<Option<Vec<CloudServiceObject>>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let found = answer(ctx, service::list_services(viewer, snapshot).await)?;
        Ok(Some(found.into_iter().map(CloudServiceObject).collect()))
    }
}

/// What a table of facts is about, and its columns. Any order of columns will do; partners are named by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "super::import::FactKind")]
pub(crate) enum FactKind {
    /// Who has joined which programme: organisation, programme, state, `valid_from`, `valid_until` (the first day on which
    /// it does not hold any more; may be empty).
    ProgrammeMemberships,
    /// How far partners are on their paths: organisation, path, stage, state.
    PathMemberships,
    /// What the vendor states of accounts: organisation, `real_name` (NONE, `PERSONAL_PENDING`, PERSONAL or ENTERPRISE),
    /// `credit_code` (may be empty), flags (with semicolons between them; may be empty), `manager_name` and
    /// `manager_contact` (both or neither).
    Accounts,
    /// What partners sell and deliver: organisation, code, name, kind, `joint_operation` (true or false), `demand_tags`
    /// (with semicolons between them; may be empty), state.
    Offerings,
    /// The vendor's offices: code, `name_zh`, `name_en`.
    Offices,
    /// Which office looks after which region: region, office.
    OfficeRegions,
    /// The vendor's cloud services: code, `name_zh`, `name_en`, state.
    CloudServices,
    /// The vendor's personal accounts: `account_name`, `identity_provider`, subject, name, email, mobile, `real_name`. The
    /// identity provider is named by its entity id, the mobile number in digits with its country; e-mail and mobile may be
    /// empty. Nobody reads them but who knows a number, an address or a name already.
    PersonalAccounts,
    /// Accounts of people at the vendor: account, name, kind (CLOUD, PERSONAL), site (CN, INTL), status (ACTIVE, FROZEN,
    /// CLOSED), country, issuer and subject (who holds it, as the identity provider asserts), email, mobile, and
    /// circumstances that matter to partners, separated by semicolons.
    CustomerAccounts,
    /// The users of partners' IAM tenants, who are no members: organisation, `user_name`, email, state (`PRESENT` or
    /// `REMOVED`).
    IamUsers,
    /// Whose qualification for a role the vendor reviews: organisation, `account_name`, role (`ACCOUNT_MANAGER` or
    /// `SA_SPECIALIST`), state (`UNDER_REVIEW` or `DECIDED`). Until it is decided the member keeps the role.
    QualificationReviews,
}
