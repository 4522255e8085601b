//! Whose session a token is: yes, no, or nobody could be asked.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio_util::task::AbortOnDropHandle;

use super::revocations::{COPY_LIFETIME, Revocations};
use super::shared::SharedCopies;
use super::{SessionHash, SessionSettings, SessionState, SessionToken, listener, store};
use crate::db::{Db, Scope, StoreError};
use crate::identity::checking;

/// The sessions that one process keeps at hand.
const MOST_COPIES: u64 = 50_000;

/// What came of a cookie.
#[derive(Debug)]
pub enum Check {
    Valid(Arc<SessionState>),
    /// There is no such session, or it is over: the cookie can go.
    Invalid,
    /// Neither yes nor no. The cookie stays, or an outage would sign everybody out (reliability F14).
    Unknown(Arc<StoreError>),
}

/// Checks sessions. One per process; cheap to clone.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    db: Db,
    settings: SessionSettings,
    copies: Cache<SessionHash, Arc<SessionState>>,
    shared: Option<SharedCopies>,
    revocations: Arc<Revocations>,
    _listener: AbortOnDropHandle<()>,
}

/// Why a load gave no session.
#[derive(Clone)]
enum Miss {
    NoSession,
    Failed(Arc<StoreError>),
}

impl From<StoreError> for Miss {
    fn from(error: StoreError) -> Self {
        Self::Failed(Arc::new(error))
    }
}

impl Sessions {
    /// Begins to listen for revocations. Must run inside the runtime.
    pub fn start(db: Db, settings: SessionSettings, shared: Option<SharedCopies>) -> Self {
        let revocations = Arc::new(Revocations::default());
        let listener = listener::run(db.clone(), Arc::clone(&revocations));
        let listener = AbortOnDropHandle::new(tokio::spawn(listener));
        let lifetime = COPY_LIFETIME.to_std().unwrap_or(Duration::ZERO);
        Self(Arc::new(Inner {
            db,
            settings,
            copies: Cache::builder()
                .max_capacity(MOST_COPIES)
                .time_to_live(lifetime)
                .build(),
            shared,
            revocations,
            _listener: listener,
        }))
    }

    pub async fn check(&self, token: &SessionToken) -> Check {
        match self.0.find(token.hash()).await {
            Ok(state) => Check::Valid(state),
            Err(Miss::NoSession) => Check::Invalid,
            Err(Miss::Failed(error)) => Check::Unknown(error),
        }
    }

    pub fn settings(&self) -> SessionSettings {
        self.0.settings
    }

    /// Whether copies count at the moment; else every check asks the database. For metrics and tests.
    pub fn trusts_copies(&self) -> bool {
        self.0.revocations.belief().is_some()
    }
}

impl Inner {
    async fn find(&self, session: SessionHash) -> Result<Arc<SessionState>, Miss> {
        if let Some(state) = self.copies.get(&session).await
            && self.counts(&session, &state)
        {
            return Ok(state);
        }
        if self.revocations.belief().is_none() {
            return self.load(session).await.map(Arc::new);
        }
        self.copies.invalidate(&session).await;
        // Parallel requests of one session wait for one look-up.
        let found = self.copies.try_get_with(session, self.fetch(session)).await;
        let state = found.map_err(|miss| Miss::clone(&miss))?;
        if self.counts(&session, &state) {
            Ok(state)
        } else {
            // It was announced while we waited for somebody else's look-up.
            self.load(session).await.map(Arc::new)
        }
    }

    async fn fetch(&self, session: SessionHash) -> Result<Arc<SessionState>, Miss> {
        let Some((shared, (_, server))) = self.shared.as_ref().zip(self.revocations.belief())
        else {
            return self.load(session).await.map(Arc::new);
        };
        if let Some(state) = shared.find(server, session).await
            && self.counts(&session, &state)
        {
            return Ok(Arc::new(state));
        }
        let state = self.load(session).await?;
        shared.keep(server, session, &state);
        Ok(Arc::new(state))
    }

    /// Whether a copy is as good as the row: not outdated, not over, and not due to be seen.
    ///
    /// A copy that is over is no answer: another replica may have moved the idle end since.
    fn counts(&self, session: &SessionHash, state: &SessionState) -> bool {
        self.revocations
            .believes(session, state.read_at)
            .map(|database| self.db.clock().read_unmoved(database))
            .is_some_and(|now| !state.facts.is_over(now) && !state.is_due(now))
    }

    /// The truth.
    async fn load(&self, session: SessionHash) -> Result<SessionState, Miss> {
        let mut tx = self.db.begin(&Scope::Nobody, &checking()).await?;
        let now = tx.unmoved_now();
        let found = store::find(&mut tx, session).await?;
        let mut state = found
            .filter(|state| !state.facts.is_over(now))
            .ok_or(Miss::NoSession)?;
        if state.is_due(now) {
            let idle_until = state.facts.absolute_until.min(now + self.settings.idle);
            match store::record_seen(&mut tx, session, (state.last_seen_at, idle_until)).await {
                Ok(()) => tx.commit().await?,
                // A database that only reads still knows who is signed in.
                Err(error) => {
                    tracing::warn!(%error, "a session's last use could not be noted");
                    return Ok(state);
                }
            }
            (state.last_seen_at, state.facts.idle_until) = (now, idle_until);
        }
        Ok(state)
    }
}

#[cfg(test)]
impl Sessions {
    pub(super) fn statements(&self) -> u64 {
        self.0.db.statements()
    }

    /// As after a restart of the process.
    pub(super) fn forget_copies(&self) {
        self.0.copies.invalidate_all();
    }
}
