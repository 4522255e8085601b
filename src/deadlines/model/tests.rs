use super::*;

#[test]
fn every_name_is_read_back() {
    for kind in DeadlineKind::ALL {
        assert_eq!(DeadlineKind::parse(kind.as_str()), Some(*kind));
    }
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::parse(outcome.as_str()), Some(*outcome));
    }
    for state in DeadlineState::ALL {
        assert_eq!(DeadlineState::parse(state.as_str()), Some(*state));
    }
    assert_eq!(Unit::parse("working_day"), None);
}

/// R-GEN-7: only a running deadline passes; a paused one waits, and what was met stays met.
#[test]
fn r_gen_7_only_a_running_deadline_passes() {
    let due_until = DateTime::from_timestamp(1_796_054_400, 0).unwrap();
    let later = due_until + TimeDelta::days(400);
    assert_eq!(
        DeadlineState::Running.at(due_until, due_until),
        DeadlineState::Expired
    );
    for state in [
        DeadlineState::Paused,
        DeadlineState::Met,
        DeadlineState::Expired,
    ] {
        assert_eq!(state.at(later, due_until), state);
    }
}
