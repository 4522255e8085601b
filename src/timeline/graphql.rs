//! How a history looks to a client. Translation only; a rule here is in the wrong file.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::digest::hex;
use super::model::{self, Entry};
use super::{NEWEST_FIRST, ObjectRef, service};
use crate::error::Failure;
use crate::graphql::{
    ContextExt as _, PageInput, Read, Result, Version, answer, loaded, plain_connection,
};
use crate::ids::{MemberId, Tagged as _, parse_any};
use crate::masking;
use crate::organisation::{MemberObject, OrganisationObject};
use crate::paging::{Page, Position, SortKey, Window};

/// What kind of actor did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ActorKind")]
pub(crate) enum TimelineActorKind {
    /// A member of the organisation whose record it is, or of the other party that the record names.
    Member,
    /// The vendor, by one of its people.
    VendorStaff,
    /// A person of IAM who was no member yet.
    Identity,
    /// A machine of an organisation.
    ServiceAccount,
    /// The portal itself, when the time had come.
    Job,
    /// Whoever set the portal up.
    System,
}

/// What a change came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Source")]
pub(crate) enum TimelineSource {
    /// A person's session.
    Ui,
    /// A service account's token.
    Api,
    /// Work that the clock starts.
    Job,
}

/// Who did it.
#[derive(SimpleObject)]
struct TimelineActor {
    /// What kind of actor.
    kind: TimelineActorKind,
    /// The actor's id, or the job's name; null for the vendor's people unless the viewer is one of them.
    id: Option<ID>,
    /// The member; null when the viewer may not see who it was.
    member: Option<MemberObject>,
}

/// A personal value that the event set, masked. Reading it in full is a mutation of its own and is recorded.
#[derive(SimpleObject)]
struct TimelinePersonalValue {
    /// Which value, such as email.
    field: String,
    /// Masked, such as li***@example.com; null when it was erased or is not the viewer's to read.
    masked: Option<String>,
}

pub(crate) struct EntryObject(Entry);

/// Something that happened to an object: who did what, when and why. Entries are never changed and never cut.
#[Object(name = "TimelineEntry")]
impl EntryObject {
    /// Opaque and global.
    async fn id(&self) -> ID {
        ID(self.0.id.global())
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who did it.
    async fn actor(&self, ctx: &Context<'_>) -> Result<TimelineActor> {
        let kind = self.0.actor_kind.into();
        if !service::names_actor(ctx.viewer(), &self.0) {
            return Ok(TimelineActor {
                kind,
                id: None,
                member: None,
            });
        }
        let member = match MemberId::parse(&self.0.actor) {
            Some(member) => loaded(ctx, member).await?.map(MemberObject),
            None => None,
        };
        Ok(TimelineActor {
            kind,
            id: Some(ID(self.0.actor.clone())),
            member,
        })
    }

    /// The organisation for which the actor acted, where it is not the one whose record it is; null also when the viewer
    /// may not see it.
    async fn on_behalf_of(&self, ctx: &Context<'_>) -> Result<Option<OrganisationObject>> {
        match self.0.on_behalf_of {
            Some(organisation) => Ok(loaded(ctx, organisation).await?.map(OrganisationObject)),
            None => Ok(None),
        }
    }

    /// What happened, stable, such as opportunity.submitted. New ones may come.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The state before; null when the state did not change.
    async fn from(&self) -> Option<&str> {
        self.0.from.as_deref()
    }

    /// The state after; null when the state did not change.
    async fn to(&self) -> Option<&str> {
        self.0.to.as_deref()
    }

    /// Why, as the actor wrote it; null when no reason was given.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The names of the fields that changed.
    async fn changed(&self) -> Vec<&str> {
        let changed = self.0.details.get("changed").and_then(Value::as_array);
        let names = changed.into_iter().flatten().filter_map(Value::as_str);
        names.collect()
    }

    /// What personal values it set, masked.
    async fn personal(&self) -> Vec<TimelinePersonalValue> {
        let values = self.0.personal.iter();
        values
            .map(|(field, value)| TimelinePersonalValue {
                field: field.clone(),
                masked: value.as_deref().map(masking::any),
            })
            .collect()
    }

    /// Everything else that was recorded, as JSON text; null without audit.read.
    async fn details(&self, ctx: &Context<'_>) -> Option<String> {
        let reads = service::reads_audit(ctx.viewer(), &self.0);
        reads.then(|| self.0.details.to_string())
    }

    /// Joins the entry with the answer and the log lines of its request; null unless the record is the viewer's
    /// organisation's, or the viewer has audit.read.
    async fn correlation_id(&self, ctx: &Context<'_>) -> Option<&str> {
        let reads = service::reads_correlation(ctx.viewer(), &self.0);
        reads.then_some(&self.0.correlation_id)
    }

    /// What the change came through.
    async fn source(&self) -> TimelineSource {
        self.0.source.into()
    }

    /// The version of the object that it made; 1 for a reveal, which makes no version of the object.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }
}

pub(crate) type TimelineEntryConnection = Connection<String, EntryObject, EmptyFields, EmptyFields>;

/// The newest entries of an object, as many as the key says: the histories of a list are one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct FirstPage(ObjectRef, u32);

impl Loader<FirstPage> for Read {
    type Value = Page<Entry>;
    type Error = Arc<Failure>;

    async fn load(
        &self,
        keys: &[FirstPage],
    ) -> std::result::Result<HashMap<FirstPage, Page<Entry>>, Arc<Failure>> {
        let mut by_count: HashMap<u32, Vec<ObjectRef>> = HashMap::new();
        for FirstPage(object, count) in keys {
            by_count.entry(*count).or_default().push(*object);
        }
        let mut pages = HashMap::new();
        for (count, objects) in by_count {
            let found = service::first_pages(&self.viewer, &self.snapshot, (&objects, count)).await;
            let found = found.map_err(Arc::new)?.into_iter();
            pages.extend(found.map(|(object, page)| (FirstPage(object, count), page)));
        }
        Ok(pages)
    }
}

/// The history of an object that the viewer sees, the newest first.
pub(crate) async fn connection_of(
    ctx: &Context<'_>,
    object: impl Into<ObjectRef>,
    page: PageInput,
) -> Result<TimelineEntryConnection> {
    let object = object.into();
    let window = page.window(ctx, NEWEST_FIRST)?;
    let page = match window {
        Window::First { count, after: None } => {
            let empty = || Page::of(Vec::new(), &window);
            loaded(ctx, FirstPage(object, count))
                .await?
                .unwrap_or_else(empty)
        }
        Window::First { .. } | Window::Last { .. } => {
            let loaders = ctx.loaders();
            let Read { snapshot, viewer } = loaders.loader();
            answer(
                ctx,
                service::page(viewer, snapshot, (object, &window)).await,
            )?
        }
    };
    let place = |entry: &Entry| Position {
        key: SortKey::Instant(entry.at),
        id: entry.id.0,
    };
    Ok(plain_connection(
        ctx,
        (page, NEWEST_FIRST),
        place,
        EntryObject,
    ))
}

/// Where an object's history ends. Kept elsewhere, it proves later that nothing before it was changed or removed.
#[derive(SimpleObject)]
struct TimelineProof {
    /// The object.
    object_id: ID,
    /// How many entries its history has.
    entries: i64,
    /// The version of its last entry.
    version: Version,
    /// SHA-256 over the last entry and the hash of the one before, in hexadecimal.
    hash: String,
}

#[derive(Default)]
pub(crate) struct TimelineQuery;

#[Object]
impl TimelineQuery {
    /// Where the history of an object ends; null when it is unknown, without a history, or not the viewer's to audit.
    /// Needs audit.read, of the vendor or of the organisation whose record it is.
    async fn timeline_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any object with a history.")] object_id: ID,
    ) -> Result<Option<TimelineProof>> {
        let loaders = ctx.loaders();
        let Read { snapshot, viewer } = loaders.loader();
        let Some((_, id)) = parse_any(&object_id) else {
            return Ok(None);
        };
        let head = answer(ctx, service::proof(viewer, snapshot, id).await)?;
        Ok(head.map(|head| TimelineProof {
            object_id,
            entries: head.entries,
            version: Version(head.version),
            hash: hex(&head.hash),
        }))
    }
}
