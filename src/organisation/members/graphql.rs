//! How members look to a client. Translation only; a rule here is in the wrong file.

mod filter;
mod handover;
mod mutations;
mod permissions;
mod profile;
mod reveal;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use filter::position;
pub(crate) use filter::{MemberSort, MemberWhere};
pub(crate) use mutations::MemberMutation;
pub(crate) use permissions::HoldersOf;
use permissions::MemberViewerPermissions;
pub(crate) use profile::ProfileMutation;
pub(crate) use reveal::MemberRevealMutation;

use super::model::{self, Member};
use super::service::{self, Filter, Listing};
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, PageInput, Read, Result, Totals, Transition, Version, answer, connection,
    loaded, loaded_all,
};
use crate::ids::{MemberId, OrganisationId, RoleId, Tagged as _};
use crate::organisation::OrganisationObject;
use crate::organisation::graphql::site_hint::{self, SiteHint};
use crate::organisation::roles::RoleObject;
use crate::paging::Sort;
use crate::timeline::{self, TimelineEntryConnection};
use crate::viewer::{Permission, Viewer};

/// Whether a member can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::MemberState")]
enum MemberState {
    /// Can sign in once linked, and act.
    Active,
    /// Kept for the history; nobody signs in as this member.
    Disabled,
}

/// A preset role. The first six are for partners and customers, those of the vendor for the vendor's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::MemberRole")]
pub(in crate::organisation) enum MemberRole {
    /// Manages members; cannot be combined with any other role (系统管理员).
    SystemAdmin,
    /// Looks after incentives, invoices and payments (财务).
    Finance,
    /// Looks after the customers or resellers assigned to him; not together with the director (客户经理).
    AccountManager,
    /// Directs the account managers (客户经理主管).
    AccountManagerDirector,
    /// A solution architect; reads opportunities and incentives.
    SaSpecialist,
    /// Works on opportunities for the organisation (操作员).
    Operator,
    /// Manages the vendor's members.
    VendorAdmin,
    /// Reviews what partners submit.
    VendorReviewer,
    /// Develops business: validates opportunities with customers.
    VendorBd,
    /// Looks after partners.
    VendorEcosystemManager,
    /// Runs the incentive programmes.
    VendorIncentiveOperator,
    /// Pays incentives.
    VendorFinance,
    /// Reads everything and changes nothing.
    VendorAuditor,
}

pub(crate) struct MemberObject(pub(crate) Member);

/// A person of one organisation (组织人员), made in this portal only: a user of IAM is in no list of members.
#[Object(name = "Member")]
impl MemberObject {
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

    /// The name that stands for the member in the organisation; it never changes (账号名).
    async fn account_name(&self) -> &str {
        &self.0.account_name
    }

    /// The name that people read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address; masked, such as li***@example.com, unless it is the viewer's own or the viewer manages the
    /// members of this organisation. memberReveal shows it in full, and records that it did.
    async fn email(&self, ctx: &Context<'_>) -> String {
        service::disclosure(ctx.viewer(), &self.0).email(&self.0.email)
    }

    /// The mobile number; masked like the e-mail address.
    async fn mobile(&self, ctx: &Context<'_>) -> Option<String> {
        let disclosure = service::disclosure(ctx.viewer(), &self.0);
        self.0
            .mobile
            .as_deref()
            .map(|mobile| disclosure.mobile(mobile))
    }

    /// What it can be used for now.
    async fn state(&self) -> MemberState {
        self.0.state.into()
    }

    /// One to three roles; null when the viewer is not of this organisation.
    async fn roles(&self, ctx: &Context<'_>) -> Option<Vec<MemberRole>> {
        let inside = service::is_insider(ctx.viewer(), self.0.organisation);
        inside.then(|| self.0.roles.iter().copied().map(Into::into).collect())
    }

    /// The roles that the organisation made itself and that this member has; null when the viewer is not of this
    /// organisation.
    async fn custom_roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<RoleObject>>> {
        if !service::is_insider(ctx.viewer(), self.0.organisation) {
            return Ok(None);
        }
        let ids: Vec<RoleId> = self.0.custom_roles.iter().copied().collect();
        let roles = loaded_all(ctx, &ids).await?.into_iter();
        Ok(Some(roles.map(RoleObject).collect()))
    }

    /// Of an account manager: the member who directs him; null for everybody else, and when the viewer is not of this
    /// organisation.
    async fn director(&self, ctx: &Context<'_>) -> Result<Option<MemberObject>> {
        match self.0.director {
            Some(director) if service::is_insider(ctx.viewer(), self.0.organisation) => {
                Ok(loaded(ctx, director).await?.map(MemberObject))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Whether an identity of IAM is linked, so that somebody can sign in as this member; null when the viewer is not
    /// of this organisation. Which identity it is, is not told.
    async fn is_linked(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !service::is_insider(ctx.viewer(), self.0.organisation) {
            return Ok(None);
        }
        let key = LinkOf(self.0.organisation, self.0.id);
        Ok(Some(loaded(ctx, key).await?.is_some()))
    }

    /// The member's organisation; null when the viewer may not see it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        let organisation = loaded(ctx, self.0.organisation).await?;
        Ok(organisation.map(OrganisationObject))
    }

    /// That the account belongs to another site than the visited one, with that site's address; null when it does not,
    /// when the person has dismissed the hint, and for every member but the viewer.
    async fn site_hint(&self, ctx: &Context<'_>) -> Result<Option<SiteHint>> {
        let oneself = matches!(ctx.viewer(), Viewer::Member(acting) if acting.member == self.0.id);
        if oneself {
            site_hint::of_viewer(ctx).await
        } else {
            Ok(None)
        }
    }

    /// What the viewer may do with this member now, and why not.
    async fn viewer_permissions(&self, ctx: &Context<'_>) -> Result<MemberViewerPermissions> {
        permissions::of(ctx, &self.0).await
    }

    /// The moves out of the state that it is in.
    async fn transitions(&self, ctx: &Context<'_>) -> Result<Vec<Transition>> {
        permissions::transitions(ctx, &self.0).await
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The version to send as expectedVersion with a change.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

pub(crate) type MemberConnection = Connection<String, MemberObject, Totals, EmptyFields>;
/// The arguments of a list of members: filter, sort and page.
pub(crate) type MemberArguments = (Option<MemberWhere>, Option<MemberSort>, PageInput);

/// The people of an organisation, where the viewer may list them.
pub(crate) async fn connection_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
    (filter, sort, page): MemberArguments,
) -> Result<Option<MemberConnection>> {
    let filter = filter.unwrap_or_default().within(organisation);
    listed(ctx, (filter, Sort::from(sort.unwrap_or_default())), page).await
}

/// The active people of an organisation whose roles give a permission, where the viewer may list them; by name.
pub(crate) async fn workers_of(
    ctx: &Context<'_>,
    organisation: OrganisationId,
    (permission, page): (Permission, PageInput),
) -> Result<Option<MemberConnection>> {
    let filter = Filter {
        states: Some(vec![super::model::MemberState::Active]),
        permission: Some(permission),
        ..MemberWhere::default().within(organisation)
    };
    listed(ctx, (filter, Sort::from(MemberSort::default())), page).await
}

async fn listed(
    ctx: &Context<'_>,
    (filter, sort): (Filter, Sort),
    page: PageInput,
) -> Result<Option<MemberConnection>> {
    if !service::may_list(ctx.viewer(), filter.organisation) {
        return Ok(None);
    }
    let listing = Listing {
        filter,
        sort,
        window: page.window(ctx, sort)?,
    };
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let page = answer(ctx, service::list(viewer, snapshot, &listing).await)?;
    let total = if Totals::are_selected(ctx) {
        let count = service::count(viewer, snapshot, &listing.filter).await;
        Some(answer(ctx, count)?)
    } else {
        None
    };
    let place = |member: &Member| position(sort, member);
    let page = (page, sort, Totals::of(total));
    Ok(Some(connection(ctx, page, place, MemberObject)))
}

#[derive(Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The people of the viewer's organisation; needs member.read. Users of IAM who are no members are not in it.
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
        let acting = answer(ctx, ctx.viewer().require(Permission::ReadMembers))?;
        connection_of(ctx, acting.organisation, (filter, sort, page)).await
    }
}

impl Loader<MemberId> for Read {
    type Value = Member;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        ids: &[MemberId],
    ) -> std::result::Result<HashMap<MemberId, Member>, Arc<Failure>> {
        let found = service::read(&self.viewer, &self.snapshot, ids).await;
        let found = found.map_err(Arc::new)?;
        Ok(found
            .into_iter()
            .map(|member| (member.id, member))
            .collect())
    }
}

/// Asks whether anybody can sign in as a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct LinkOf(OrganisationId, MemberId);

impl Loader<LinkOf> for Read {
    type Value = ();
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[LinkOf],
    ) -> std::result::Result<HashMap<LinkOf, ()>, Arc<Failure>> {
        let members: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let linked = service::linked(&self.viewer, &self.snapshot, &members).await;
        let linked = linked.map_err(Arc::new)?;
        let linked = keys.iter().filter(|key| linked.contains(&key.1));
        Ok(linked.map(|&key| (key, ())).collect())
    }
}
