//! Why something was not done: [`Failure`], and what a client may know of it: [`Code`] and [`Reason`].
//!
//! No sentence is in here: the edge makes it from the reason, the parameters and the reader's language.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::db::StoreError;

/// What kind of refusal it is. Closed, part of the API: clients branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    NotFound,
    InvalidInput,
    Conflict,
    Precondition,
    Limited,
    Timeout,
    Unavailable,
    Internal,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::Conflict => "CONFLICT",
            Self::Precondition => "PRECONDITION",
            Self::Limited => "LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// The exact cause, in `SCREAMING_SNAKE_CASE`. Open, stable, and the key of the sentence in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(pub &'static str);

/// What a refusal carries beside its sentence, for clients that act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalData {
    /// The object changed since the caller read it.
    VersionConflict { current: i64 },
    /// The object's state does not allow the move.
    Transition {
        from: &'static str,
        allowed: Vec<&'static str>,
    },
    /// A permission that the caller's roles do not give.
    Permission(&'static str),
    /// It had to be done before `due_until`; `outcome` is what happened instead.
    DeadlinePassed {
        due_until: DateTime<Utc>,
        last_day_on: NaiveDate,
        outcome: &'static str,
    },
    /// The same thing is there already; its global id, if the caller may read it.
    Duplicate { existing: Option<String> },
    /// The organisation is frozen: why, and what has to happen before it is released.
    Frozen { cause: String, release: String },
    /// Only the vendor can lift it: who there, and how to reach them (R-PRG-16).
    AskVendor { name: String, contact: String },
    /// What has to pass to somebody else first: the kind of each, how many there are, and the global ids of the first.
    Duties(Vec<(&'static str, i64, Vec<String>)>),
    /// More than is allowed in all.
    Quota { limit: i64, used: i64 },
}

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub reason: Reason,
    /// The input field at fault, from the input object down; empty when it is not about one field.
    pub path: Vec<String>,
    /// Values for the sentence.
    pub params: BTreeMap<&'static str, String>,
    pub data: Option<RefusalData>,
}

impl Refusal {
    pub fn new(code: Code, reason: &'static str) -> Self {
        Self {
            code,
            reason: Reason(reason),
            path: Vec::new(),
            params: BTreeMap::new(),
            data: None,
        }
    }

    /// The refusal of a change to an object that is no longer at `expectedVersion`.
    pub fn version_conflict(current: i64) -> Self {
        Self::new(Code::Conflict, "VERSION_CONFLICT")
            .at("expectedVersion")
            .with("current", format!("v{current}"))
            .data(RefusalData::VersionConflict { current })
    }

    /// Names the input field at fault: `at("contacts.0.email")` is a path of three.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = path.split('.').map(str::to_owned).collect();
        self
    }

    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "at the call a value reads better than a reference to one"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    #[must_use]
    pub fn data(mut self, data: RefusalData) -> Self {
        self.data = Some(data);
        self
    }
}

/// Everything that is wrong at once; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals {
    pub first: Refusal,
    pub rest: Vec<Refusal>,
}

impl Refusals {
    pub fn iter(&self) -> impl Iterator<Item = &Refusal> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Why a use case did not do what was asked.
///
/// Deliberately without `Display`: async-graphql turns everything that has it into text for the client.
#[derive(Debug)]
pub enum Failure {
    /// The caller's side: everything that is wrong, at once.
    Refused(Refusals),
    /// Ours: logged once with its sources, never shown.
    Internal(StoreError),
}

impl<R: Into<Refusal>> From<R> for Failure {
    fn from(refusal: R) -> Self {
        Self::Refused(Refusals {
            first: refusal.into(),
            rest: Vec::new(),
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Internal(error)
    }
}

/// Collects all faults of an input before it answers.
#[derive(Debug, Default)]
pub struct Faults(Vec<Refusal>);

impl Faults {
    pub fn add(&mut self, refusal: impl Into<Refusal>) {
        self.0.push(refusal.into());
    }

    /// `Ok` when nothing was added.
    pub fn check(self) -> Result<(), Failure> {
        let mut faults = self.0.into_iter();
        match faults.next() {
            None => Ok(()),
            Some(first) => Err(Failure::Refused(Refusals {
                first,
                rest: faults.collect(),
            })),
        }
    }
}
