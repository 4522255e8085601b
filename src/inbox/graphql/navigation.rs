//! How the menu looks to a client. Translation only.

use async_graphql::{Context, Enum, Object};

use crate::graphql::{Blocker, ContextExt as _, Read, Result, answer};
use crate::inbox::navigation::{self, Open};
use crate::paging::LARGEST_COUNT;

/// A part of the portal. New ones may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "navigation::Area")]
enum NavigationArea {
    /// Deals shared between partner and vendor (机会点).
    Opportunities,
    /// Customers of the partner (客户).
    Customers,
    /// Resellers and their distributors (云经销商).
    Resellers,
    /// Money for partners' work (激励).
    Incentives,
    /// People of the organisation (组织成员).
    Members,
    /// People with the vendor's approval who work for the partner (项目专员).
    DedicatedPersonnel,
    /// Programmes and paths of the vendor (伙伴计划).
    Programmes,
    /// All organisations of the network.
    Organisations,
    /// Machines of the organisation.
    ServiceAccounts,
    /// Numbers of programmes.
    Rules,
    /// Working days.
    Calendar,
    /// The vendor's facts about partners and its catalogue.
    Facts,
}

struct NavigationItem(Open);

/// One entry of the menu: an area, whether it is open, and how much of it waits on the viewer.
#[Object]
impl NavigationItem {
    /// Which area it is.
    async fn area(&self) -> NavigationArea {
        self.0.area.into()
    }

    /// The root field that shows it, such as opportunities.
    async fn field(&self) -> &'static str {
        self.0.verdict.action
    }

    /// Whether the viewer may read it.
    async fn allowed(&self) -> bool {
        self.0.verdict.is_allowed()
    }

    /// Why not, and who can change that; empty when it is open.
    async fn blockers(&self) -> Vec<Blocker> {
        let blockers = self.0.verdict.blockers.iter().cloned();
        blockers.map(Blocker::from).collect()
    }

    /// How much of it waits on the viewer: the items of the inbox that are the viewer's or nobody's, up to 1,000.
    async fn waiting_count(&self) -> i64 {
        self.0.waiting.min(LARGEST_COUNT)
    }
}

#[derive(Default)]
pub(crate) struct NavigationQuery;

#[Object]
impl NavigationQuery {
    /// The menu of an application: the areas that are of use to the viewer's kind of organisation, open or not, in order.
    /// Empty for a person who acts for no organisation.
    async fn navigation(&self, ctx: &Context<'_>) -> Result<Option<Vec<NavigationItem>>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let areas = answer(ctx, navigation::areas(viewer, snapshot).await)?;
        Ok(Some(areas.into_iter().map(NavigationItem).collect()))
    }
}
