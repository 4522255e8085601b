//! An entry as it is read back.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Scope;
use crate::ids::{OrganisationId, TimelineEntryId};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum $name {
            $($variant,)*
        }

        impl $name {
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// What kind of actor did something.
    ActorKind {
        Member = "MEMBER",
        VendorStaff = "VENDOR_STAFF",
        Identity = "IDENTITY",
        ServiceAccount = "SERVICE_ACCOUNT",
        Job = "JOB",
        System = "SYSTEM",
    }
}

words! {
    /// What a change came through.
    Source {
        Ui = "UI",
        Api = "API",
        Job = "JOB",
    }
}

impl ActorKind {
    /// Reads it off whom a transaction names and whose rows it may touch. A vendor's member is staff where the record
    /// is somebody else's, which only that scope reaches.
    pub(super) fn of(actor: &str, scope: &Scope) -> Self {
        if actor.starts_with("job:") {
            return Self::Job;
        }
        match (actor.split('_').next(), scope) {
            (Some("mem"), Scope::Vendor) => Self::VendorStaff,
            (Some("mem"), _) => Self::Member,
            (Some("fid"), _) => Self::Identity,
            (Some("sva"), _) => Self::ServiceAccount,
            (_, _) => Self::System,
        }
    }

    pub(super) fn source(self) -> Source {
        match self {
            Self::Member | Self::VendorStaff | Self::Identity => Source::Ui,
            Self::ServiceAccount => Source::Api,
            Self::Job | Self::System => Source::Job,
        }
    }
}

/// What happened to one version of an object.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: TimelineEntryId,
    /// Whose record it is.
    pub(crate) organisation: OrganisationId,
    /// The tag of the object's ids, and its id.
    pub(crate) object_kind: String,
    pub(crate) object_id: Uuid,
    pub(crate) version: i64,
    pub(crate) at: DateTime<Utc>,
    /// A global id, or `job:<name>`.
    pub(crate) actor: String,
    pub(crate) actor_kind: ActorKind,
    /// The organisation for which the actor acted, where it is not the record's.
    pub(crate) on_behalf_of: Option<OrganisationId>,
    pub(crate) source: Source,
    pub(crate) action: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) details: Value,
    /// The personal values of the event: field and value, which is `None` when it was erased or is not the reader's.
    pub(crate) personal: Vec<(String, Option<String>)>,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) entries: i64,
    pub(crate) version: i64,
    pub(crate) hash: Vec<u8>,
}
