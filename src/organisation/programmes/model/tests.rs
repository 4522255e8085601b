use super::*;
use crate::ids::IdSource;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn membership() -> ProgrammeMembership {
    ProgrammeMembership {
        id: IdSource.fresh(),
        organisation: IdSource.fresh(),
        programme: Programme::CoSell,
        state: MembershipState::Active,
        valid_from: day("2026-03-01"),
        valid_until: Some(day("2026-11-24")),
        tier: None,
        applied_at: None,
        decided_at: None,
        reason: None,
        version: 1,
    }
}

/// R-PRG-14: by date, whether or not a job has recorded it.
#[test]
fn r_prg_14_a_membership_holds_from_its_first_day_to_the_one_before_its_end() {
    let mut membership = membership();
    for (on, holds) in [
        ("2026-02-28", false),
        ("2026-03-01", true),
        ("2026-11-23", true),
        ("2026-11-24", false),
    ] {
        assert_eq!(membership.holds_on(day(on)), holds, "{on}");
    }
    assert_eq!(
        membership.state_on(day("2026-11-24")),
        MembershipState::Expired
    );
    membership.valid_until = None;
    assert!(membership.holds_on(day("2099-01-01")));
    for state in [MembershipState::Left, MembershipState::Suspended] {
        membership.state = state;
        assert!(!membership.holds_on(day("2026-03-01")), "{state:?}");
    }
}

#[test]
fn a_target_is_read_as_it_is_written() {
    let programmes = Programme::ALL.iter().map(|one| Target::Programme(*one));
    let paths = Path::ALL.iter().map(|one| Target::Path(*one));
    for target in programmes.chain(paths) {
        let (kind, code) = target.spelled();
        assert_eq!(Target::parse(kind, code), Some(target));
    }
    assert_eq!(Target::parse("PROGRAMME", "SOFTWARE"), None);
    assert_eq!(Target::parse("ELSE", "CSP"), None);
}
