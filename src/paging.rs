//! Keyset paging: where a page begins, which way it runs, and the signed cursor that says so to a client.
//!
//! A list is sorted by one column that is never null and then by id, both in one direction.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::error::{Code, Refusal};

/// Rows of a page at most (`first` and `last`).
pub const LARGEST_PAGE: u32 = 100;
/// `totalCount` stops counting here and says so.
pub const LARGEST_COUNT: i64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The value of the sort column in one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortKey {
    Instant(DateTime<Utc>),
    Text(String),
}

/// A place in a sorted list: just after (or before) this row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub key: SortKey,
    pub id: Uuid,
}

/// Which end of the list a page is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    First {
        count: u32,
        after: Option<Position>,
    },
    Last {
        count: u32,
        before: Option<Position>,
    },
}

impl Window {
    fn count(&self) -> u32 {
        match self {
            Self::First { count, .. } | Self::Last { count, .. } => *count,
        }
    }
}

/// A sort: the column as a literal of ours, and the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The name that clients know, part of the cursor.
    pub name: &'static str,
    /// The SQL column, never text from outside.
    pub column: &'static str,
    pub direction: Direction,
}

/// One page, in the order that was asked for.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl Sort {
    /// Appends `AND (column, id) > (…)`, `ORDER BY` and `LIMIT` to a query that already has a `WHERE`.
    pub fn push(self, query: &mut QueryBuilder<Postgres>, window: &Window) {
        let (direction, position) = match window {
            Window::First { after, .. } => (self.direction, after.as_ref()),
            Window::Last { before, .. } => (self.direction.reversed(), before.as_ref()),
        };
        let (operator, order) = match direction {
            Direction::Ascending => (") > (", " ASC"),
            Direction::Descending => (") < (", " DESC"),
        };
        if let Some(position) = position {
            query
                .push(" AND (")
                .push(self.column)
                .push(", id")
                .push(operator);
            match &position.key {
                SortKey::Instant(at) => query.push_bind(*at),
                SortKey::Text(text) => query.push_bind(text.clone()),
            };
            query.push(", ").push_bind(position.id).push(")");
        }
        query
            .push(" ORDER BY ")
            .push(self.column)
            .push(order)
            .push(", id")
            .push(order);
        query
            .push(" LIMIT ")
            .push_bind(i64::from(window.count()) + 1);
    }
}

impl<T> Page<T> {
    /// Makes a page of the rows that [`Sort::push`] asked for: one more than the page holds tells that it goes on.
    pub fn of(mut rows: Vec<T>, window: &Window) -> Self {
        let more = rows.len() > window.count() as usize;
        rows.truncate(window.count() as usize);
        match window {
            Window::First { after, .. } => Self {
                items: rows,
                has_next: more,
                has_previous: after.is_some(),
            },
            Window::Last { before, .. } => {
                rows.reverse();
                Self {
                    items: rows,
                    has_next: before.is_some(),
                    has_previous: more,
                }
            }
        }
    }

    pub fn map<U>(self, function: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(function).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

/// Signs cursors, so that a client cannot make one up or use it under another sort.
pub struct CursorKey(PKey<Private>);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CursorKey")
    }
}

/// What a cursor says beside its signature.
#[derive(Serialize, Deserialize)]
struct Payload {
    sort: String,
    direction: Direction,
    at: Position,
}

impl CursorKey {
    pub fn new(secret: &[u8]) -> Result<Self, openssl::error::ErrorStack> {
        Ok(Self(PKey::hmac(secret)?))
    }

    pub fn encode(&self, sort: Sort, at: Position) -> String {
        let payload = Payload {
            sort: sort.name.to_owned(),
            direction: sort.direction,
            at,
        };
        let body = serde_json::to_vec(&payload).unwrap_or_default();
        let tag = self.tag(&body).unwrap_or_default();
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&body),
            URL_SAFE_NO_PAD.encode(tag)
        )
    }

    /// Reads a cursor made under the same sort; anything else is refused by name.
    pub fn decode(&self, sort: Sort, cursor: &str, argument: &str) -> Result<Position, Refusal> {
        self.open(cursor)
            .filter(|payload| payload.sort == sort.name && payload.direction == sort.direction)
            .map(|payload| payload.at)
            .ok_or_else(|| Refusal::new(Code::InvalidInput, "CURSOR_INVALID").at(argument))
    }

    fn open(&self, cursor: &str) -> Option<Payload> {
        let (body, tag) = cursor.split_once('.')?;
        let (body, tag) = (
            URL_SAFE_NO_PAD.decode(body).ok()?,
            URL_SAFE_NO_PAD.decode(tag).ok()?,
        );
        let expected = self.tag(&body)?;
        (expected.len() == tag.len() && openssl::memcmp::eq(&expected, &tag))
            .then(|| serde_json::from_slice(&body).ok())
            .flatten()
    }

    fn tag(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0).ok()?;
        signer.update(body).ok()?;
        let mut tag = signer.sign_to_vec().ok()?;
        tag.truncate(16);
        Some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_NAME: Sort = Sort {
        name: "NAME",
        column: "name",
        direction: Direction::Ascending,
    };

    fn position() -> Position {
        Position {
            key: SortKey::Text("云".to_owned()),
            id: Uuid::nil(),
        }
    }

    #[test]
    fn a_cursor_returns_to_its_position() {
        let key = CursorKey::new(b"a secret of this test").unwrap();
        let cursor = key.encode(BY_NAME, position());
        assert_eq!(key.decode(BY_NAME, &cursor, "after"), Ok(position()));
    }

    #[test]
    fn a_cursor_of_another_sort_key_or_signature_is_refused() {
        let key = CursorKey::new(b"a secret of this test").unwrap();
        let cursor = key.encode(BY_NAME, position());
        let downwards = Sort {
            direction: Direction::Descending,
            ..BY_NAME
        };
        assert!(key.decode(downwards, &cursor, "after").is_err());
        let other = CursorKey::new(b"another secret").unwrap();
        assert!(other.decode(BY_NAME, &cursor, "after").is_err());
        assert!(key.decode(BY_NAME, "e30.", "after").is_err());
        assert!(key.decode(BY_NAME, "", "after").is_err());
    }

    #[test]
    fn one_row_too_many_tells_that_the_list_goes_on() {
        let first = Window::First {
            count: 2,
            after: None,
        };
        let page = Page::of(vec![1, 2, 3], &first);
        assert_eq!(
            (page.items, page.has_next, page.has_previous),
            (vec![1, 2], true, false)
        );
        let last = Window::Last {
            count: 2,
            before: Some(position()),
        };
        let page = Page::of(vec![3, 2, 1], &last);
        assert_eq!(
            (page.items, page.has_next, page.has_previous),
            (vec![2, 3], true, true)
        );
    }
}
