//! Which copies of sessions may still be believed.
//!
//! A copy counts while three things hold: the connection that listens for revocations answered within the last
//! second, the copy was read after that connection began to listen, and nothing was announced about the session since
//! the copy was read. So it does not matter what a cache forgot to drop, or what Redis lost, kept or was frozen with:
//! an old copy is known by its age. All times are the database's own, whatever the business's clock says.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::SessionHash;

/// How long silence is believed to mean that nothing happened; the bound on a revocation that is not heard.
const BELIEF: Duration = Duration::from_secs(1);
/// No copy is older, wherever it is kept.
pub(super) const COPY_LIFETIME: TimeDelta = TimeDelta::seconds(60);
/// Covers the drift between the two machines' clocks since the last answer.
const SLACK: TimeDelta = TimeDelta::milliseconds(10);
/// More announcements than this within the life of a copy, and all copies are dropped instead of some.
const MOST: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Revocations(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    link: Option<Link>,
    announced: HashMap<SessionHash, DateTime<Utc>>,
}

/// The connection that listens, as long as it answers.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// What was read before this may have been revoked unheard.
    since: DateTime<Utc>,
    server: Server,
    /// When the last question that was answered was asked.
    asked: Instant,
    answer: DateTime<Utc>,
}

/// Which start of which server it is; another one may have lost what this one announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) started_at: DateTime<Utc>,
}

impl Link {
    /// The database's time, never too early: the answer was given after the question was asked.
    fn now(&self) -> DateTime<Utc> {
        self.answer + TimeDelta::from_std(self.asked.elapsed()).unwrap_or(TimeDelta::MAX)
    }
}

impl Revocations {
    /// A new connection listens from now on; whatever was read before does not count any more.
    pub(super) fn listening(&self, server: Server, asked: Instant, answer: DateTime<Utc>) {
        self.state().link = Some(Link {
            since: answer,
            server,
            asked,
            answer,
        });
    }

    /// The connection answered; everything announced before the answer was heard.
    pub(super) fn answered(&self, asked: Instant, answer: DateTime<Utc>) {
        let mut state = self.state();
        if let Some(link) = &mut state.link {
            (link.asked, link.answer) = (asked, answer);
            let oldest = link.now() - COPY_LIFETIME - SLACK;
            state.announced.retain(|_, at| *at > oldest);
        }
    }

    pub(super) fn lost(&self) {
        self.state().link = None;
    }

    /// A session was ended, or what it may do changed.
    pub(super) fn announced(&self, session: SessionHash) {
        let mut state = self.state();
        let Some(now) = state.link.map(|link| link.now() + SLACK) else {
            return;
        };
        if state.announced.len() < MOST {
            state.announced.insert(session, now);
        } else if let Some(link) = &mut state.link {
            link.since = now;
            state.announced.clear();
        }
    }

    /// Everything that was announced is unreadable: nothing read until now counts.
    pub(super) fn announced_all(&self) {
        if let Some(link) = &mut self.state().link {
            link.since = link.now() + SLACK;
        }
    }

    /// The database's time and the server, while copies may be believed at all.
    pub(super) fn belief(&self) -> Option<(DateTime<Utc>, Server)> {
        let state = self.state();
        let link = state.link.filter(|link| link.asked.elapsed() < BELIEF)?;
        Some((link.now(), link.server))
    }

    /// The database's time, if a copy of this session that was read at this time counts.
    pub(super) fn believes(
        &self,
        session: &SessionHash,
        read_at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let state = self.state();
        let link = state.link.filter(|link| link.asked.elapsed() < BELIEF)?;
        let now = link.now();
        let newer = |at: &DateTime<Utc>| *at >= read_at;
        let counts = read_at > link.since
            && now - read_at < COPY_LIFETIME
            && !state.announced.get(session).is_some_and(newer);
        counts.then_some(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionHash = SessionHash([7; 32]);
    const OTHER: SessionHash = SessionHash([8; 32]);

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn listening() -> Revocations {
        let revocations = Revocations::default();
        let server = Server {
            started_at: start(),
        };
        revocations.listening(server, Instant::now(), start());
        revocations
    }

    fn after(milliseconds: i64) -> DateTime<Utc> {
        start() + TimeDelta::milliseconds(milliseconds)
    }

    #[test]
    fn nothing_is_believed_before_somebody_listens() {
        let revocations = Revocations::default();
        assert_eq!(revocations.believes(&SESSION, start()), None);
        assert_eq!(revocations.belief(), None);
    }

    #[test]
    fn a_copy_counts_that_was_read_after_listening_began() {
        let revocations = listening();
        assert!(revocations.believes(&SESSION, after(1)).is_some());
        assert!(revocations.believes(&SESSION, after(0)).is_none());
    }

    #[test]
    fn an_announcement_outdates_the_copies_of_that_session_only() {
        let revocations = listening();
        revocations.announced(SESSION);
        assert!(revocations.believes(&SESSION, after(1)).is_none());
        assert!(revocations.believes(&OTHER, after(1)).is_some());
        assert!(
            revocations.believes(&SESSION, after(5_000)).is_some(),
            "read afterwards"
        );
    }

    #[test]
    fn after_a_lost_connection_all_older_copies_are_outdated() {
        let revocations = listening();
        revocations.lost();
        assert!(revocations.believes(&SESSION, after(1)).is_none());
        let server = Server {
            started_at: start(),
        };
        revocations.listening(server, Instant::now(), after(3_000));
        assert!(revocations.believes(&SESSION, after(1)).is_none());
        assert!(revocations.believes(&SESSION, after(3_001)).is_some());
    }

    #[test]
    fn silence_is_believed_for_a_second() {
        let revocations = listening();
        let Some(asked) = Instant::now().checked_sub(BELIEF) else {
            return;
        };
        revocations.answered(asked, start());
        assert!(revocations.believes(&SESSION, after(1)).is_none());
        assert!(revocations.belief().is_none());
    }

    #[test]
    fn a_copy_lives_for_a_minute() {
        let revocations = listening();
        revocations.answered(Instant::now(), after(50_000));
        assert!(revocations.believes(&SESSION, after(1)).is_some());
        revocations.answered(Instant::now(), after(60_001));
        assert!(revocations.believes(&SESSION, after(1)).is_none());
    }
}
