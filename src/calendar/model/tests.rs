use super::super::shipped;
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// R-GEN-1: every start day from 2004 to 2026 whose period ends by 2026-12-31, in lengths of 3, 10, 14 and 40, against
/// a table that the npm package chinese-days made.
#[test]
fn r_gen_1_every_start_day_has_the_last_days_of_an_independent_source() {
    const LENGTHS: [i32; 4] = [3, 10, 14, 40];
    let calendar = shipped::calendar();
    let table = include_str!("../../../tests/fixtures/calendar/china-last-days.txt");
    let mut compared = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (month, days) = line.split_once(' ').unwrap();
        let mut start = day(&format!("{month}-01"));
        for distances in days.split(' ') {
            for (length, distance) in LENGTHS.into_iter().zip(distances.split('/')) {
                if distance == "-" {
                    continue;
                }
                let expected = start + Days::new(distance.parse().unwrap());
                let due = calendar.due(midnight(start), length);
                assert_eq!(due.last_day_on, expected, "{length} days from {start}");
                assert_eq!(due.due_until, midnight(expected + Days::new(1)));
                assert!(!due.provisional, "{length} days from {start}");
                compared += 1;
            }
            start = start + Days::new(1);
        }
    }
    // 8,401 days of 23 years in four lengths, less those that end in 2027.
    assert_eq!(compared, 33_513);
}

/// R-GEN-1, and the case of journey m03: shared on the eve of National Day, which 2026 works for on 20 September and
/// 10 October.
#[test]
fn r_gen_1_three_working_days_from_the_eve_of_national_day() {
    let calendar = shipped::calendar();
    let simulation = calendar.simulate(at("2026-09-30T03:00:00Z"), 3);
    assert_eq!(simulation.due.last_day_on, day("2026-10-10"));
    assert_eq!(simulation.due.due_until, at("2026-10-10T16:00:00Z"));
    let steps: Vec<(String, &str)> = simulation
        .steps
        .iter()
        .map(|step| (step.day.format("%m-%d").to_string(), step.cause.as_str()))
        .collect();
    let expected = [
        ("09-30", "START_DAY"),
        ("10-01", "HOLIDAY"),
        ("10-02", "HOLIDAY"),
        ("10-03", "HOLIDAY"),
        ("10-04", "HOLIDAY"),
        ("10-05", "HOLIDAY"),
        ("10-06", "HOLIDAY"),
        ("10-07", "HOLIDAY"),
        ("10-08", "WORKING_DAY"),
        ("10-09", "WORKING_DAY"),
        ("10-10", "MAKE_UP_DAY"),
    ];
    assert_eq!(steps, expected.map(|(day, cause)| (day.to_owned(), cause)));
    assert_eq!(
        simulation.steps.last().unwrap().name.as_deref(),
        Some("国庆节")
    );
}

/// R-GEN-7: the day of an instant is Shanghai's, so the last millisecond of a day and the next instant start a day apart.
#[test]
fn r_gen_7_the_day_of_the_start_is_the_programmes_and_ends_at_its_midnight() {
    let calendar = shipped::calendar();
    // 23:59:59.999 on Monday, 2 November 2026, and 00:00 on Tuesday.
    let (late, next) = (at("2026-11-02T15:59:59.999Z"), at("2026-11-02T16:00:00Z"));
    assert_eq!(calendar.due(late, 3).last_day_on, day("2026-11-05"));
    assert_eq!(calendar.due(next, 3).last_day_on, day("2026-11-06"));
    assert_eq!(calendar.due(next, 3).due_until, at("2026-11-06T16:00:00Z"));
}

#[test]
fn r_gen_8_a_deadline_through_a_year_that_is_not_published_is_provisional() {
    let calendar = shipped::calendar();
    let due = calendar.due(at("2026-12-28T02:00:00Z"), 3);
    assert!(!due.provisional && due.last_day_on == day("2026-12-31"));
    let due = calendar.due(at("2026-12-28T02:00:00Z"), 4);
    // Nobody has said that New Year's Day is a holiday: weekends alone are known.
    assert!(due.provisional && due.last_day_on == day("2027-01-01"));
    // A year of which nothing is known is no better.
    assert!(calendar.due(at("2031-05-05T02:00:00Z"), 3).provisional);
}

#[test]
fn what_remains_goes_down_by_one_with_each_working_day() {
    let calendar = shipped::calendar();
    for length in [1, 3, 10, 14, 40] {
        let start = at("2026-01-20T05:00:00Z");
        let due = calendar.due(start, length);
        let last = due.due_until - chrono::TimeDelta::microseconds(1);
        let mut left = calendar.working_days_between(start, last);
        assert_eq!(left, i64::from(length));
        for today in day_of(start).iter_days().skip(1) {
            if calendar.is_working_day(today) {
                left -= 1;
            }
            let noon = midnight(today) + chrono::TimeDelta::hours(12);
            assert_eq!(calendar.working_days_between(noon, last), left, "{today}");
            if today == due.last_day_on {
                break;
            }
        }
        assert_eq!(left, 0);
        assert_eq!(calendar.working_days_between(last, start), 0);
    }
}

#[test]
fn from_december_on_the_next_year_has_to_be_published() {
    let calendar = shipped::calendar();
    assert_eq!(calendar.unpublished(at("2026-11-30T15:59:59Z")), None);
    assert_eq!(calendar.unpublished(at("2026-11-30T16:00:00Z")), Some(2027));
    assert_eq!(calendar.unpublished(at("2027-05-01T00:00:00Z")), Some(2027));
    assert_eq!(calendar.unpublished(at("2025-12-15T00:00:00Z")), None);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Any second of 2004 to 2026.
    fn instants() -> impl Strategy<Value = DateTime<Utc>> {
        (1_072_886_400_i64..1_798_732_800)
            .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
    }

    proptest! {
        /// R-GEN-1: who starts later is never due earlier, and more days never end earlier.
        #[test]
        fn r_gen_1_due_is_monotone_in_start_and_length(
            one in instants(), other in instants(), short in 1..60_i32, more in 0..40_i32,
        ) {
            let calendar = shipped::calendar();
            let (first, second) = (one.min(other), one.max(other));
            prop_assert!(calendar.due(first, short).due_until <= calendar.due(second, short).due_until);
            let (near, far) = (calendar.due(one, short), calendar.due(one, short + more));
            prop_assert!(near.due_until <= far.due_until);
            prop_assert_eq!(near.due_until == far.due_until, more == 0);
        }

        #[test]
        fn a_simulation_counts_as_many_days_as_were_asked_for_and_ends_with_one(start in instants(), days in 1..60_i32) {
            let calendar = shipped::calendar();
            let simulation = calendar.simulate(start, days);
            prop_assert_eq!(simulation.due, calendar.due(start, days));
            let counted = simulation.steps.iter().filter(|step| step.cause.counts()).count();
            prop_assert_eq!(i32::try_from(counted).unwrap(), days);
            let last = simulation.steps.last().unwrap();
            prop_assert!(last.cause.counts() && last.day == simulation.due.last_day_on);
            let remaining = calendar.working_days_between(start, simulation.due.due_until - chrono::TimeDelta::microseconds(1));
            prop_assert_eq!(remaining, i64::from(days));
        }
    }
}
