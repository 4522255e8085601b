//! What time it is: the database's, unless a test or the sandbox says otherwise.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// The clock of a deployment. A transaction reads the database's time once and asks this for what it means.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Kind>>);

#[derive(Debug)]
enum Kind {
    /// Stands still at this many microseconds since 1970 until it is moved.
    Fixed(AtomicI64),
    /// A sandbox's, as this process knows it; the truth is a row of the database.
    Sandbox(Mutex<Travelled>),
}

/// How far a sandbox's clock has travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Travelled {
    /// How often it was moved: of two that differ the one with more moves is newer.
    pub moves: i64,
    pub pace: Pace,
}

/// Whether a sandbox's clock goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the machine's, and this far ahead of it; behind it when negative.
    Runs(TimeDelta),
    /// Not at all: it stands at this instant until it is moved.
    Stands(DateTime<Utc>),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Runs(TimeDelta::zero())
    }
}

impl Pace {
    /// What the machine's time means at this pace.
    pub fn read(self, machine: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Runs(ahead) => machine.checked_add_signed(ahead).unwrap_or(machine),
            Self::Stands(at) => at,
        }
    }
}

impl Clock {
    /// A clock that a test moves by hand.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Kind::Fixed(AtomicI64::new(
            at.timestamp_micros(),
        )))))
    }

    /// The clock of a sandbox; each transaction tells it how far it has travelled ([`Clock::learn`]).
    pub fn sandbox() -> Self {
        Self(Some(Arc::new(Kind::Sandbox(Mutex::default()))))
    }

    pub fn is_sandbox(&self) -> bool {
        matches!(self.0.as_deref(), Some(Kind::Sandbox(_)))
    }

    /// What the database's time means on this clock.
    pub fn read(&self, database: DateTime<Utc>) -> DateTime<Utc> {
        match self.0.as_deref() {
            None => database,
            Some(Kind::Fixed(micros)) => fixed_at(micros).unwrap_or(database),
            Some(Kind::Sandbox(travelled)) => locked(travelled).pace.read(database),
        }
    }

    /// The same without the travels of a sandbox: what sign-ins, sessions, tokens and repeated requests live by, so
    /// that a travel ends none of them and an identity provider beside the sandbox agrees about the time.
    pub fn read_unmoved(&self, database: DateTime<Utc>) -> DateTime<Utc> {
        match self.0.as_deref() {
            None | Some(Kind::Sandbox(_)) => database,
            Some(Kind::Fixed(micros)) => fixed_at(micros).unwrap_or(database),
        }
    }

    /// Takes over what a transaction read; something older than what is known changes nothing.
    pub fn learn(&self, read: Travelled) {
        if let Some(Kind::Sandbox(travelled)) = self.0.as_deref() {
            let mut known = locked(travelled);
            if read.moves >= known.moves {
                *known = read;
            }
        }
    }

    /// Moves a fixed clock; any other stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(Kind::Fixed(micros)) = self.0.as_deref() {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// The time of this process, for what has no transaction: a link that is signed, a log line.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the process clock"
    )]
    pub fn process(&self) -> DateTime<Utc> {
        self.read(Utc::now())
    }

    /// The same without the travels of a sandbox, for an AuthnRequest and what answers it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the process clock"
    )]
    pub fn process_unmoved(&self) -> DateTime<Utc> {
        self.read_unmoved(Utc::now())
    }
}

fn fixed_at(micros: &AtomicI64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst))
}

fn locked(travelled: &Mutex<Travelled>) -> std::sync::MutexGuard<'_, Travelled> {
    travelled.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_sandboxs_clock_goes_by_the_newest_move_it_heard_of_and_sign_ins_do_not() {
        let clock = Clock::sandbox();
        assert_eq!(clock.read(at(0)), at(0));

        let ahead = Pace::Runs(TimeDelta::days(3));
        clock.learn(Travelled {
            moves: 2,
            pace: ahead,
        });
        let older = Pace::Stands(at(50));
        clock.learn(Travelled {
            moves: 1,
            pace: older,
        });
        assert_eq!(clock.read(at(5)), at(5) + TimeDelta::days(3));
        assert_eq!(clock.read_unmoved(at(5)), at(5));

        let standing = Pace::Stands(at(9_999_999));
        clock.learn(Travelled {
            moves: 3,
            pace: standing,
        });
        assert_eq!(clock.read(at(6)), at(9_999_999));
        assert_eq!(clock.read(at(7)), at(9_999_999));
        assert!(clock.is_sandbox());
    }

    #[test]
    fn no_other_clock_can_be_told_to_travel() {
        let told = Travelled {
            moves: 1,
            pace: Pace::Stands(at(77)),
        };
        for clock in [Clock::default(), Clock::fixed(at(1))] {
            let before = clock.read(at(1));
            clock.learn(told);
            assert_eq!(clock.read(at(1)), before);
            assert!(!clock.is_sandbox());
        }
    }
}
