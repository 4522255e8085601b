//! What one request carries through the graph: who asks, the snapshot they see, and the loaders over it.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use secrecy::SecretString;
use uuid::Uuid;

use crate::db::{Applied, Change, Db, IdempotencyKey, Snapshot};
use crate::documents::Files;
use crate::error::Failure;
use crate::i18n::Locale;
use crate::paging::CursorKey;
use crate::viewer::Viewer;

/// What the HTTP layer knows of a request before it is executed.
#[derive(Debug, Clone)]
pub struct RequestParts {
    pub db: Db,
    pub viewer: Viewer,
    pub locale: Locale,
    pub correlation_id: String,
    pub cursors: Arc<CursorKey>,
    pub files: Files,
}

/// The state of one request. It lives exactly as long: nothing of it is shared between viewers.
#[derive(Clone)]
pub struct Request(Arc<Inner>);

struct Inner {
    parts: RequestParts,
    view: Mutex<Arc<DataLoader<Read>>>,
    session: Mutex<Option<SessionChange>>,
}

/// A mutation that changed what the session may do has made a new one; its cookie goes out with the answer.
#[derive(Debug, Clone)]
pub struct SessionChange {
    pub token: SecretString,
}

/// Where people reach this portal: links in answers begin with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Portal(pub(crate) String);

impl Portal {
    /// A link to a page, with a secret behind the `#`, which browsers keep out of requests and so out of logs.
    pub(crate) fn page(&self, path: &str, secret: &str) -> String {
        format!("{}/{path}#{secret}", self.0.trim_end_matches('/'))
    }
}

/// What loaders read with: one snapshot, one viewer. Every domain implements [`Loader`] for its own keys on it.
pub(crate) struct Read {
    pub(crate) snapshot: Snapshot,
    pub(crate) viewer: Viewer,
}

impl Read {
    fn loaders(db: &Db, viewer: &Viewer) -> Arc<DataLoader<Self>> {
        let read = Self {
            snapshot: db.snapshot_of(viewer),
            viewer: viewer.clone(),
        };
        // No waiting: a batch goes off as soon as the resolvers of one level have asked.
        Arc::new(
            DataLoader::new(read, TokioSpawner::current(), TokioTimer::default())
                .delay(Duration::ZERO),
        )
    }
}

impl Request {
    pub fn new(parts: RequestParts) -> Self {
        let view = Mutex::new(Read::loaders(&parts.db, &parts.viewer));
        Self(Arc::new(Inner {
            parts,
            view,
            session: Mutex::new(None),
        }))
    }

    /// The session that a mutation of this request made, for the HTTP layer to hand out.
    pub fn session_change(&self) -> Option<SessionChange> {
        self.0
            .session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// After a mutation the next read sees what it did: a new snapshot and empty loaders.
    fn renew(&self) {
        let fresh = Read::loaders(&self.0.parts.db, &self.0.parts.viewer);
        *self.0.view.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

/// What resolvers ask of the context.
pub(crate) trait ContextExt {
    fn request(&self) -> &Request;
    fn arguments_hash(&self) -> [u8; 32];

    fn db(&self) -> &Db {
        &self.request().0.parts.db
    }

    fn viewer(&self) -> &Viewer {
        &self.request().0.parts.viewer
    }

    fn locale(&self) -> Locale {
        self.request().0.parts.locale
    }

    fn correlation_id(&self) -> &str {
        &self.request().0.parts.correlation_id
    }

    fn cursors(&self) -> &CursorKey {
        &self.request().0.parts.cursors
    }

    /// Where documents are.
    fn files(&self) -> &Files {
        &self.request().0.parts.files
    }

    /// The loaders over the current snapshot.
    fn loaders(&self) -> Arc<DataLoader<Read>> {
        let view = self
            .request()
            .0
            .view
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&view)
    }

    fn change_session(&self, change: SessionChange) {
        *self
            .request()
            .0
            .session
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(change);
    }

    /// The caller's key with the digest of what it is used for.
    fn idempotency_key(&self, key: Uuid) -> IdempotencyKey {
        IdempotencyKey {
            key,
            input_hash: self.arguments_hash(),
        }
    }

    /// What is read from now on sees everything that was committed until now.
    fn renew(&self) {
        self.request().renew();
    }

    /// Carries out a change under the caller's key; what is read afterwards sees it.
    fn apply<C: Change>(
        &self,
        key: Uuid,
        change: &C,
    ) -> impl Future<Output = std::result::Result<Applied<C::Outcome>, Failure>> + Send
    where
        Self: Sync,
    {
        let key = self.idempotency_key(key);
        async move {
            let applied = self
                .db()
                .apply(self.viewer(), self.correlation_id(), key, change)
                .await;
            self.renew();
            applied
        }
    }
}

impl ContextExt for Context<'_> {
    fn request(&self) -> &Request {
        self.data_unchecked::<Request>()
    }

    fn arguments_hash(&self) -> [u8; 32] {
        digest::of(&self.field().arguments().unwrap_or_default())
    }
}

/// Loads one entity by key; what the viewer may not see is absent.
pub(crate) async fn loaded<K>(
    ctx: &Context<'_>,
    key: K,
) -> super::Result<Option<<Read as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Read: Loader<K, Error = Arc<Failure>>,
{
    ctx.loaders()
        .load_one(key)
        .await
        .map_err(|failure| super::error::top_level(ctx, &failure))
}

/// Loads several entities in one batch, in the order of their keys; what the viewer may not see is left out.
pub(crate) async fn loaded_all<K>(
    ctx: &Context<'_>,
    keys: &[K],
) -> super::Result<Vec<<Read as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Read: Loader<K, Error = Arc<Failure>>,
{
    let found = ctx.loaders().load_many(keys.iter().cloned()).await;
    let mut found = found.map_err(|failure| super::error::top_level(ctx, &failure))?;
    Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
}

/// The digest of a mutation's arguments: canonical, and absent is not null.
mod digest {
    use async_graphql::{Name, Value};
    use openssl::sha::Sha256;

    pub(super) fn of(arguments: &[(Name, Value)]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut sorted: Vec<_> = arguments.iter().collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        for (name, value) in sorted {
            text(&mut hash, name);
            feed(&mut hash, value);
        }
        hash.finish()
    }

    fn feed(hash: &mut Sha256, value: &Value) {
        match value {
            Value::Null => hash.update(b"n"),
            Value::Boolean(boolean) => hash.update(if *boolean { b"t" } else { b"f" }),
            Value::Number(number) => text(hash, &number.to_string()),
            Value::String(string) => text(hash, string),
            Value::Enum(name) => text(hash, name),
            Value::Binary(bytes) => {
                hash.update(&bytes.len().to_be_bytes());
                hash.update(bytes);
            }
            Value::List(items) => {
                hash.update(b"[");
                hash.update(&items.len().to_be_bytes());
                for item in items {
                    feed(hash, item);
                }
            }
            Value::Object(fields) => {
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_by(|left, right| left.0.cmp(right.0));
                hash.update(b"{");
                hash.update(&sorted.len().to_be_bytes());
                for (name, field) in sorted {
                    text(hash, name);
                    feed(hash, field);
                }
            }
        }
    }

    /// With its length in front, so that two texts never run into each other.
    fn text(hash: &mut Sha256, text: &str) {
        hash.update(b"s");
        hash.update(&text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
}
