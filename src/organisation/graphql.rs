//! How organisations look to a client. Translation only; a rule here is in the wrong file.

mod filter;
mod freezing;
pub(in crate::organisation) mod site_hint;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

pub(crate) use freezing::OrganisationMutation;
pub(crate) use site_hint::SiteHintMutation;

use super::contacts::{self, ShownContact};
use super::main_account::{self, MainAccountOfferObject};
use super::members::{MemberConnection, MemberObject, MemberSort, MemberWhere};
use filter::{OrganisationSort, OrganisationWhere, position};
use freezing::{OrganisationFreeze, OrganisationViewerPermissions};

use super::model::{Condition, Organisation, Site};
use super::personnel::{PersonnelConnection, PersonnelWhere};
use super::policy;
use super::programmes::{
    self, OrganisationIdentity, PathMembershipObject, ProgrammeMembershipObject,
    PurchaseEligibility, VendorContactObject,
};
use super::service::{self, Filter, Listing};
use crate::catalogue::{self, OfferingConnection, OfferingListState};
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, PageInput, Read, Result, Totals, Transition, Version, answer, connection,
    global_id, loaded,
};
use crate::ids::{OrganisationId, Tagged as _};
use crate::paging::Sort;
use crate::timeline::{self, TimelineEntryConnection};
use crate::viewer;

/// What an organisation is to the network. Distributor and reseller are not kinds: they are relations of partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "viewer::OrganisationKind")]
pub(in crate::organisation) enum OrganisationKind {
    /// The cloud vendor; there is one.
    Vendor,
    /// Works with the vendor: sells, serves, distributes.
    Partner,
    /// Buys the vendor's services, through a partner or directly.
    Customer,
}

/// Whether an organisation can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "viewer::OrganisationState")]
pub(super) enum OrganisationState {
    /// Reads and acts.
    Active,
    /// Reads everything and changes nothing until the vendor releases it.
    Frozen,
    /// Can do nothing any more; nobody can sign in for it.
    Closed,
}

/// The vendor's site that an organisation contracts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "Site", remote = "Site")]
enum SiteValue {
    /// Mainland China.
    Cn,
    /// All other regions.
    Intl,
}

pub(crate) struct OrganisationObject(pub(crate) Organisation);

/// A company in the partner network (组织).
#[Object(name = "Organisation")]
impl OrganisationObject {
    /// Opaque and global; `node` finds it by this id.
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

    /// The number for people, such as ORG-2026-7F3K9Q.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The name that people read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What part it plays in the network.
    async fn kind(&self) -> OrganisationKind {
        self.0.kind.into()
    }

    /// What it can be used for now.
    async fn state(&self) -> OrganisationState {
        self.0.state().into()
    }

    /// Why it is frozen and what releases it; null unless it is frozen and the viewer's own, or the viewer works for the
    /// vendor.
    async fn freeze(&self, ctx: &Context<'_>) -> Option<OrganisationFreeze> {
        let inside = super::members::is_insider(ctx.viewer(), self.0.id);
        match &self.0.condition {
            Condition::Frozen { cause, release } if inside => Some(OrganisationFreeze {
                cause: cause.clone(),
                release: release.clone(),
            }),
            Condition::Frozen { .. } | Condition::Active | Condition::Closed => None,
        }
    }

    /// The site that it contracts with.
    async fn site(&self) -> SiteValue {
        self.0.site.into()
    }

    /// The area in which it does business; a reseller and its distributor share one.
    async fn business_area(&self) -> &str {
        &self.0.business_area
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }

    /// The member who holds the main account; null when the viewer may not see that person.
    async fn main_account(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.main_account {
            Some(member) => Ok(loaded(ctx, member).await?.map(MemberObject)),
            None => Ok(None),
        }
    }

    /// Whom customers of this organisation turn to: its contacts, at most five; while there are none, its administrator
    /// (R-ORG-15). Empty for who may not see the administrator.
    async fn customer_contacts(&self, ctx: &Context<'_>) -> Result<Vec<ShownContact>> {
        contacts::contacts_of(ctx, self.0.id).await
    }

    /// The offer of the main account that can still be accepted; null when there is none, and unless the viewer is of this
    /// organisation or works for the vendor.
    async fn main_account_offer(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<MainAccountOfferObject>> {
        main_account::open_offer(ctx, self.0.id).await
    }

    /// What the viewer may do with this organisation now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> OrganisationViewerPermissions {
        freezing::permissions(ctx, &self.0)
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Vec<Transition> {
        let moves = policy::moves(ctx.viewer(), &self.0).into_iter();
        moves.map(Transition::from).collect()
    }

    /// The people of this organisation; null unless it is the viewer's own, or the viewer works for the vendor and may
    /// read members.
    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and a sort"
    )]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] filter: Option<MemberWhere>,
        sort: Option<MemberSort>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MemberConnection>> {
        let page = PageInput::of(first, after, last, before);
        super::members::connection_of(ctx, self.0.id, (filter, sort, page)).await
    }

    /// The dedicated personnel (项目专员), those whose state changed last first; null unless it is the viewer's own, or the
    /// viewer works for the vendor, and the viewer has personnel.read.
    #[expect(clippy::too_many_arguments, reason = "four of them are for paging")]
    async fn personnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] filter: Option<PersonnelWhere>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<PersonnelConnection>> {
        let page = PageInput::of(first, after, last, before);
        super::personnel::of_organisation(ctx, self.0.id, (filter, page)).await
    }

    /// The programmes that it has joined or asked to join; null unless it is the viewer's own, or the viewer works for
    /// the vendor and may read organisations.
    async fn programme_memberships(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Vec<ProgrammeMembershipObject>>> {
        programmes::programmes_of(ctx, self.0.id).await
    }

    /// The development paths that it is on or was on; null for whom programmeMemberships is null.
    async fn paths(&self, ctx: &Context<'_>) -> Result<Option<Vec<PathMembershipObject>>> {
        programmes::paths_of(ctx, self.0.id).await
    }

    /// What it is to the vendor's shop now (R-PRG-3); null for whom programmeMemberships is null, and for others than
    /// partners.
    async fn identity(&self, ctx: &Context<'_>) -> Result<Option<OrganisationIdentity>> {
        programmes::identity_of(ctx, self.0.id).await
    }

    /// Whether it can buy cloud services for itself now (R-PRG-17); null for whom identity is null.
    async fn purchase_eligibility(&self, ctx: &Context<'_>) -> Result<Option<PurchaseEligibility>> {
        programmes::purchase_eligibility_of(ctx, self.0.id).await
    }

    /// Whom of the vendor it asks: its ecosystem manager (生态经理), else the vendor's partner desk (R-PRG-16); null for
    /// whom identity is null.
    async fn ecosystem_manager(&self, ctx: &Context<'_>) -> Result<Option<VendorContactObject>> {
        programmes::contact_of(ctx, self.0.id).await
    }

    /// What it sells and delivers, by code; null for whom programmeMemberships is null.
    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection and a filter"
    )]
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        state: Option<OfferingListState>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OfferingConnection>> {
        let page = PageInput::of(first, after, last, before);
        catalogue::offerings_of(ctx, self.0.id, (state, page)).await
    }
}

#[derive(Default)]
pub(crate) struct OrganisationQuery;

#[Object]
impl OrganisationQuery {
    /// An organisation by id, or the viewer's own when no id is given. Null when there is none that the viewer may see:
    /// partners see their own and the other party of their reseller relations.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
    ) -> Result<Option<OrganisationObject>> {
        let wanted = id.map_or_else(|| ctx.viewer().organisation(), |id| Some(global_id(&id)));
        match wanted {
            Some(wanted) => Ok(loaded::<OrganisationId>(ctx, wanted)
                .await?
                .map(OrganisationObject)),
            None => Ok(None),
        }
    }

    /// All organisations of the network, for the vendor's people; needs organisation.read.
    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and a sort"
    )]
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] filter: Option<OrganisationWhere>,
        sort: Option<OrganisationSort>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<Connection<String, OrganisationObject, Totals, EmptyFields>>> {
        let sort = Sort::from(sort.unwrap_or_default());
        let window = PageInput::of(first, after, last, before).window(ctx, sort)?;
        let filter = Filter::from(filter.unwrap_or_default());
        let listing = Listing {
            filter,
            sort,
            window,
        };
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let page = answer(ctx, service::list(viewer, snapshot, &listing).await)?;
        let total = if Totals::are_selected(ctx) {
            Some(answer(
                ctx,
                service::count(viewer, snapshot, &listing.filter).await,
            )?)
        } else {
            None
        };
        let place = |organisation: &Organisation| position(sort, organisation);
        Ok(Some(connection(
            ctx,
            (page, sort, Totals::of(total)),
            place,
            OrganisationObject,
        )))
    }
}

impl Loader<OrganisationId> for Read {
    type Value = Organisation;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[OrganisationId],
    ) -> std::result::Result<HashMap<OrganisationId, Organisation>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids)
            .await
            .map_err(Arc::new)?;
        Ok(found
            .into_iter()
            .map(|organisation| (organisation.id, organisation))
            .collect())
    }
}
