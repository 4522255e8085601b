//! Which organisations a list shows, and in which order. Translation only.

use async_graphql::{Enum, InputObject};

use super::{OrganisationKind, OrganisationState};
use crate::graphql::SortDirection;
use crate::organisation::model::Organisation;
use crate::organisation::service::Filter;
use crate::paging::{Position, Sort, SortKey};

/// Which organisations are wanted. Conditions narrow together; an absent one does not narrow.
#[derive(InputObject, Default)]
pub(super) struct OrganisationWhere {
    /// Any of these kinds.
    kind: Option<Vec<OrganisationKind>>,
    /// Any of these states.
    state: Option<Vec<OrganisationState>>,
    /// A part of the name, in upper or lower case.
    #[graphql(validator(max_length = 200))]
    name_contains: Option<String>,
}

impl From<OrganisationWhere> for Filter {
    fn from(wanted: OrganisationWhere) -> Self {
        Self {
            kinds: wanted
                .kind
                .map(|kinds| kinds.into_iter().map(Into::into).collect()),
            states: wanted
                .state
                .map(|states| states.into_iter().map(Into::into).collect()),
            name_contains: wanted.name_contains,
        }
    }
}

/// What organisations can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum OrganisationSortField {
    /// By name.
    Name,
    /// By the time of founding.
    CreatedAt,
}

/// The order of a list of organisations; equals stand in the order of their ids.
#[derive(InputObject)]
pub(super) struct OrganisationSort {
    /// What to sort by.
    field: OrganisationSortField,
    /// In which direction.
    #[graphql(default_with = "SortDirection::Ascending")]
    direction: SortDirection,
}

impl Default for OrganisationSort {
    fn default() -> Self {
        Self {
            field: OrganisationSortField::Name,
            direction: SortDirection::Ascending,
        }
    }
}

impl From<OrganisationSort> for Sort {
    fn from(wanted: OrganisationSort) -> Self {
        let (name, column) = match wanted.field {
            OrganisationSortField::Name => ("NAME", "name"),
            OrganisationSortField::CreatedAt => ("CREATED_AT", "created_at"),
        };
        Self {
            name,
            column,
            direction: wanted.direction.into(),
        }
    }
}

pub(super) fn position(sort: Sort, organisation: &Organisation) -> Position {
    let key = match sort.column {
        "created_at" => SortKey::Instant(organisation.created_at),
        _ => SortKey::Text(organisation.name.clone()),
    };
    Position {
        key,
        id: organisation.id.0,
    }
}
