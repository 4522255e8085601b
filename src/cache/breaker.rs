//! Keeps a peer that does not answer from slowing down each request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many failures in a row open the circuit.
const FAILURES: u32 = 3;
/// So long nobody asks; then one request tries.
const OPEN: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    closed_again_at: Option<Instant>,
}

impl Breaker {
    /// Whether to ask the peer now. After a pause one caller is let through, the others wait for what it finds.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.closed_again_at {
            None => true,
            Some(at) if now < at => false,
            Some(_) => {
                state.closed_again_at = Some(now + OPEN);
                true
            }
        }
    }

    pub(super) fn succeeded(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// Whether this failure is the one that opened the circuit.
    pub(super) fn failed(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.closed_again_at = Some(now + OPEN);
        }
        state.failures == FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_open_it_and_one_probe_closes_it() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        assert!(!breaker.failed(start) && !breaker.failed(start));
        assert!(breaker.admits(start));
        assert!(breaker.failed(start));
        assert!(!breaker.admits(start + OPEN / 2));

        let later = start + OPEN;
        assert!(breaker.admits(later), "one caller tries");
        assert!(!breaker.admits(later), "the others do not");
        breaker.failed(later);
        assert!(!breaker.admits(later + OPEN / 2));
        breaker.succeeded();
        assert!(breaker.admits(later + OPEN / 2));
    }

    #[test]
    fn a_success_in_between_starts_the_count_again() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        breaker.failed(start);
        breaker.failed(start);
        breaker.succeeded();
        breaker.failed(start);
        breaker.failed(start);
        assert!(breaker.admits(start));
    }
}
