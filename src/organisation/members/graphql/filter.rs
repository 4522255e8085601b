//! Which members a list shows, and in which order. Translation only.

use async_graphql::{Enum, ID, InputObject};

use super::super::model::Member;
use super::super::service::Filter;
use super::{MemberRole, MemberState};
use crate::graphql::{SortDirection, global_id};
use crate::ids::OrganisationId;
use crate::paging::{Position, Sort, SortKey};

/// Which members are wanted. Conditions narrow together; an absent one does not narrow.
#[derive(InputObject, Default)]
pub(crate) struct MemberWhere {
    /// Any of these states.
    state: Option<Vec<MemberState>>,
    /// With at least one of these roles.
    role: Option<Vec<MemberRole>>,
    /// Directed by this member.
    director_id: Option<ID>,
    /// A part of the name, in upper or lower case.
    #[graphql(validator(max_length = 100))]
    name_contains: Option<String>,
}

impl MemberWhere {
    pub(super) fn within(self, organisation: OrganisationId) -> Filter {
        Filter {
            organisation,
            states: self
                .state
                .map(|states| states.into_iter().map(Into::into).collect()),
            roles: self
                .role
                .map(|roles| roles.into_iter().map(Into::into).collect()),
            director: self.director_id.as_ref().map(global_id),
            name_contains: self.name_contains,
            permission: None,
        }
    }
}

/// What members can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum MemberSortField {
    /// By name.
    Name,
    /// By the time of joining.
    CreatedAt,
}

/// The order of a list of members; equals stand in the order of their ids.
#[derive(InputObject)]
pub(crate) struct MemberSort {
    /// What to sort by.
    field: MemberSortField,
    /// In which direction.
    #[graphql(default_with = "SortDirection::Ascending")]
    direction: SortDirection,
}

impl Default for MemberSort {
    fn default() -> Self {
        Self {
            field: MemberSortField::Name,
            direction: SortDirection::Ascending,
        }
    }
}

impl From<MemberSort> for Sort {
    fn from(wanted: MemberSort) -> Self {
        let (name, column) = match wanted.field {
            MemberSortField::Name => ("NAME", "name"),
            MemberSortField::CreatedAt => ("CREATED_AT", "created_at"),
        };
        Self {
            name,
            column,
            direction: wanted.direction.into(),
        }
    }
}

pub(super) fn position(sort: Sort, member: &Member) -> Position {
    let key = match sort.column {
        "created_at" => SortKey::Instant(member.created_at),
        _ => SortKey::Text(member.name.clone()),
    };
    Position {
        key,
        id: member.id.0,
    }
}
