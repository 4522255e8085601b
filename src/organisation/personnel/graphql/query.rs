//! Reading dedicated personnel: an organisation's list, the viewer's own, and the text that is agreed to.

use std::collections::BTreeMap;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::service::{self, Readable};
use super::super::store::list::Filter;
use super::super::{CONSENT_TEXT, CONSENT_VERSION, SHARED};
use super::{DedicatedPersonObject, DedicatedPersonState};
use crate::graphql::{
    ContextExt as _, PageInput, Read, Result, SortDirection, Totals, answer, connection,
};
use crate::i18n;
use crate::ids::OrganisationId;
use crate::paging::{Direction, Position, Sort, SortKey};
use crate::viewer::Permission;

/// Which persons are wanted; an absent condition does not narrow.
#[derive(Debug, Default, InputObject)]
pub(crate) struct PersonnelWhere {
    /// In one of these states; an empty list matches nothing.
    state: Option<Vec<DedicatedPersonState>>,
}

pub(crate) type PersonnelConnection =
    Connection<String, DedicatedPersonObject, Totals, EmptyFields>;

/// Whose state changed last comes first.
const BY_CHANGE: Sort = Sort {
    name: "CHANGED_AT",
    column: "changed_at",
    direction: Direction::Descending,
};

/// An organisation's persons, where the viewer may list them.
pub(crate) async fn of_organisation(
    ctx: &Context<'_>,
    organisation: OrganisationId,
    (wanted, page): (Option<PersonnelWhere>, PageInput),
) -> Result<Option<PersonnelConnection>> {
    if !service::may_list(ctx.viewer(), organisation) {
        return Ok(None);
    }
    let states = wanted.unwrap_or_default().state;
    let filter = Filter {
        organisation: Some(organisation),
        states: states.map(|states| states.into_iter().map(Into::into).collect()),
    };
    Ok(Some(listed(ctx, (filter, BY_CHANGE), page).await?))
}

async fn listed(
    ctx: &Context<'_>,
    (filter, sort): (Filter, Sort),
    page: PageInput,
) -> Result<PersonnelConnection> {
    let window = page.window(ctx, sort)?;
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let listing = (&filter, sort, &window);
    let page = answer(ctx, service::list(viewer, snapshot, listing).await)?;
    let total = if Totals::are_selected(ctx) {
        Some(answer(
            ctx,
            service::count(viewer, snapshot, &filter).await,
        )?)
    } else {
        None
    };
    let place = |readable: &Readable| Position {
        key: SortKey::Instant(readable.person.changed_at),
        id: readable.person.id.0,
    };
    let page = (page, sort, Totals::of(total));
    Ok(connection(ctx, page, place, DedicatedPersonObject))
}

/// The viewer's own associations and invitations, the latest first, at most 100.
pub(crate) async fn own_of(ctx: &Context<'_>) -> Result<Vec<DedicatedPersonObject>> {
    let loaders = ctx.loaders();
    let Read { snapshot, viewer } = loaders.loader();
    let own = answer(ctx, service::own(viewer, snapshot).await)?;
    Ok(own.into_iter().map(DedicatedPersonObject).collect())
}

/// The text to which a person agrees when an invitation is accepted.
#[derive(SimpleObject)]
struct PersonnelConsentText {
    /// Which text it is.
    text_id: &'static str,
    /// Its version, to send as consentVersion.
    version: i32,
    /// The text, in the language of the request (zh-CN or en).
    sentence: String,
    /// What is shared with the partner by it (R-DED-8).
    attributes: Vec<&'static str>,
}

#[derive(Default)]
pub(crate) struct PersonnelQuery;

#[Object]
impl PersonnelQuery {
    /// The dedicated personnel of the viewer's organisation, for the vendor of all partners: with direction ASCENDING and
    /// the two states under review it is the vendor's queue, the longest wait first. Null without personnel.read.
    #[expect(
        clippy::too_many_arguments,
        reason = "the four paging arguments of a connection, a filter and an order"
    )]
    async fn dedicated_personnel(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] filter: Option<PersonnelWhere>,
        #[graphql(
            desc = "By the last change of the state; newest first unless it is given.",
            default_with = "SortDirection::Descending"
        )]
        direction: SortDirection,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<PersonnelConnection>> {
        if !ctx.viewer().may(Permission::ReadPersonnel) {
            return Ok(None);
        }
        let states = filter.unwrap_or_default().state;
        let filter = Filter {
            organisation: None,
            states: states.map(|states| states.into_iter().map(Into::into).collect()),
        };
        let sort = Sort {
            direction: direction.into(),
            ..BY_CHANGE
        };
        let page = PageInput::of(first, after, last, before);
        Ok(Some(listed(ctx, (filter, sort), page).await?))
    }

    /// The text to which a person agrees now when an invitation is accepted.
    async fn dedicated_person_consent(&self, ctx: &Context<'_>) -> PersonnelConsentText {
        let key = format!("CONSENT_PERSONNEL_SHARING_V{CONSENT_VERSION}");
        PersonnelConsentText {
            text_id: CONSENT_TEXT,
            version: CONSENT_VERSION,
            sentence: i18n::sentence(&key, &BTreeMap::new(), ctx.locale()).unwrap_or(key),
            attributes: SHARED.to_vec(),
        }
    }
}
