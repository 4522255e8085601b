use std::collections::BTreeSet;

use super::super::super::shipped;
use super::super::{current, version};
use super::*;
use crate::db::{Applied, IdempotencyKey};
use crate::deadlines::testing::{Things, World};
use crate::error::{Code, Refusals};
use crate::ids::{IdSource, MemberId};
use crate::viewer::{ActingFor, ActingMember, OrganisationKind, OrganisationState};

const NOTICE: &str = "day,kind,name\n2027,OFFICIAL,\n2027-01-01,OFF,元旦\n2027-01-02,WORK,元旦\n";

fn an_import(csv: &str, run: Run) -> Import {
    Import {
        csv: csv.to_owned(),
        source: "a notice".to_owned(),
        run,
        vendor: None,
    }
}

fn somebody(world: &World, kind: OrganisationKind, permissions: &[Permission]) -> Viewer {
    let permissions: BTreeSet<Permission> = permissions.iter().copied().collect();
    let member: MemberId = IdSource.fresh();
    Viewer::Member(ActingMember {
        member,
        identity: IdSource.fresh(),
        session: IdSource.fresh(),
        acting_for: ActingFor {
            organisation: world.partner,
            kind,
            state: OrganisationState::Active,
        },
        permissions,
        visibility: crate::viewer::Visibility::All,
    })
}

fn vendor(world: &World) -> Viewer {
    somebody(
        world,
        OrganisationKind::Vendor,
        &[Permission::ManageCalendar],
    )
}

async fn apply(
    world: &World,
    viewer: &Viewer,
    import: &Import,
) -> Result<Applied<Imported>, Failure> {
    let key = IdempotencyKey {
        key: IdSource.fresh::<MemberId>().0,
        input_hash: [0; 32],
    };
    world.db.apply(viewer, "test", key, import).await
}

fn reasons(failure: Failure) -> Vec<(&'static str, Vec<String>)> {
    let Failure::Refused(refusals) = failure else {
        panic!("a refusal, not {failure:?}");
    };
    let refusals: &Refusals = &refusals;
    refusals
        .iter()
        .map(|refusal| (refusal.reason.0, refusal.path.clone()))
        .collect()
}

async fn counts(world: &World) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM calendar_versions), (SELECT count(*) FROM calendar_days),
             (SELECT count(*) FROM timeline_entries)",
    )
    .fetch_one(&mut world.test.connect("postgres").await)
    .await
    .unwrap()
}

/// R-GEN-8: the year that becomes official is a new version, with who, when and from where, and in the vendor's history.
#[tokio::test]
async fn r_gen_8_a_provisional_year_becomes_official_by_an_audited_import() {
    let world = World::new().await;
    let viewer = vendor(&world);
    let mut import = an_import(NOTICE, Run::Real);
    import.vendor = Some(world.partner);
    let imported = apply(&world, &viewer, &import).await.unwrap().outcome;
    assert_eq!((imported.base, imported.version), (1, Some(2)));

    let mut tx = world.tx(&Scope::Nobody).await;
    let calendar = current(&mut tx).await.unwrap();
    assert!(calendar.is_official(2027) && calendar.is_official(2004));
    assert!(calendar.is_working_day("2027-01-02".parse().unwrap()));
    assert_eq!(calendar.year(2026), shipped::calendar().year(2026));
    let told = version(&mut tx, 2).await.unwrap();
    assert_eq!(
        (told.source.as_str(), told.imported_at),
        ("a notice", tx.now())
    );
    // What was said before is still known.
    assert!(!at(&mut tx, 1).await.unwrap().is_official(2027));
    drop(tx);
    let by: String = sqlx::query_scalar(
        "SELECT actor FROM timeline_entries JOIN calendar_versions ON imported_by = actor
         WHERE action = 'calendar.imported' AND object_version = 2 AND version = 2",
    )
    .fetch_one(&mut world.test.connect("postgres").await)
    .await
    .unwrap();
    assert_eq!(by, viewer.actor());
}

/// R-GEN-8: a dry run tells days and deadlines, and changes nothing.
#[tokio::test]
async fn r_gen_8_a_dry_run_tells_what_would_move_and_changes_nothing() {
    // 3 working days from Wednesday: Thursday the 31st, Friday the 1st, Monday the 4th of January.
    let world = World::at("2026-12-30T03:00:00Z").await;
    let running = world.begun(3).await;
    assert!(running.provisional);
    let before = counts(&world).await;
    // New Year's Day off, without a day worked for it.
    let csv = "day,kind,name\n2027,OFFICIAL,\n2027-01-01,OFF,元旦\n";
    let dry = an_import(csv, Run::Dry);
    let told = apply(&world, &vendor(&world), &dry).await.unwrap().outcome;
    assert_eq!((told.base, told.version, told.moves_in_all), (1, None, 1));
    assert_eq!(told.moves[0].object, running.object.id);
    assert_eq!(told.moves[0].from, running.due_until);
    assert_eq!(counts(&world).await, before);
    assert_eq!(world.stored(running.id).await, running);

    let real = an_import(csv, Run::Real);
    let done = apply(&world, &vendor(&world), &real).await.unwrap().outcome;
    assert_eq!(done.moves, told.moves);
    follow(&world.db, &Things::default().registered()).await;
    let moved = world.stored(running.id).await;
    assert_eq!(moved.due_until, told.moves[0].to);
    assert!(!moved.provisional);
}

#[tokio::test]
async fn all_faults_are_answered_at_once_with_their_lines_and_nothing_is_imported() {
    let world = World::new().await;
    let before = counts(&world).await;
    let csv = "day,kind,name\n2027,OFFICIAL,\n2027-02-30,OFF,春节\n2027-01-01,HOLIDAY,元旦\n2027-01-02,OFF,\n\
               2028-01-01,OFF,元旦\n2027-01-04,WORK,元旦\n";
    let failure = apply(&world, &vendor(&world), &an_import(csv, Run::Real)).await;
    let path = |line: &str| vec!["csv".to_owned(), line.to_owned()];
    assert_eq!(
        reasons(failure.unwrap_err()),
        [
            ("CALENDAR_DAY_INVALID", path("3")),
            ("CALENDAR_KIND_INVALID", path("4")),
            ("CALENDAR_NAME_INVALID", path("5")),
            ("CALENDAR_YEAR_MISSING", path("6")),
            ("CALENDAR_WORK_ON_WEEKDAY", path("7")),
        ]
    );
    assert_eq!(counts(&world).await, before);
}

#[tokio::test]
async fn what_says_nothing_new_or_takes_a_notice_back_is_refused() {
    let world = World::new().await;
    let viewer = vendor(&world);
    let before = counts(&world).await;
    let same = an_import(shipped::CSV, Run::Real);
    let failure = apply(&world, &viewer, &same).await.unwrap_err();
    assert_eq!(reasons(failure)[0].0, "CALENDAR_UNCHANGED");
    // Asked for dry it is an answer: nothing differs.
    let same = an_import(shipped::CSV, Run::Dry);
    let told = apply(&world, &viewer, &same).await.unwrap().outcome;
    assert_eq!((told.version, told.moves_in_all), (None, 0));
    let back = an_import("day,kind,name\n2026,PROVISIONAL,\n", Run::Real);
    let failure = apply(&world, &viewer, &back).await.unwrap_err();
    assert_eq!(reasons(failure)[0].0, "CALENDAR_YEAR_IS_OFFICIAL");
    let mut nameless = an_import(NOTICE, Run::Real);
    nameless.source = "  ".to_owned();
    let failure = apply(&world, &viewer, &nameless).await.unwrap_err();
    assert_eq!(reasons(failure)[0].0, "CALENDAR_SOURCE_MISSING");
    assert_eq!(counts(&world).await, before);
}

#[tokio::test]
async fn only_the_vendors_people_with_the_permission_import() {
    let world = World::new().await;
    let before = counts(&world).await;
    let import = an_import(NOTICE, Run::Real);
    for viewer in [
        somebody(&world, OrganisationKind::Partner, Permission::ALL),
        somebody(&world, OrganisationKind::Customer, Permission::ALL),
        somebody(&world, OrganisationKind::Vendor, &[Permission::ManageRules]),
    ] {
        let Err(Failure::Refused(refusals)) = apply(&world, &viewer, &import).await else {
            panic!("only the vendor imports");
        };
        assert_eq!(refusals.first.code, Code::Forbidden);
    }
    assert_eq!(counts(&world).await, before);
    // Nor does the role under which partners run, whatever the code did.
    let mut tx = world.tx(&Scope::Own(world.partner)).await;
    super::import(&mut tx, &import).await.unwrap_err();
}

/// Two imports at once get two numbers, and the second one is compared with the first.
#[tokio::test]
async fn two_imports_at_once_make_two_versions() {
    let world = World::new().await;
    let viewer = vendor(&world);
    let one = an_import(NOTICE, Run::Real);
    let other = an_import("day,kind,name\n2028,PROVISIONAL,\n", Run::Real);
    let twin = an_import(NOTICE, Run::Real);
    let (one, other, twin) = tokio::join!(
        apply(&world, &viewer, &one),
        apply(&world, &viewer, &other),
        apply(&world, &viewer, &twin)
    );
    let (one, twin) = match (one, twin) {
        (Ok(one), Err(twin)) => (one, twin),
        (Err(one), Ok(twin)) => (twin, one),
        both => panic!("one of two equal imports is made, not {both:?}"),
    };
    assert_eq!(reasons(twin)[0].0, "CALENDAR_UNCHANGED");
    let mut versions = [one.outcome.version, other.unwrap().outcome.version];
    versions.sort_unstable();
    assert_eq!(versions, [Some(2), Some(3)]);
    let mut tx = world.tx(&Scope::Vendor).await;
    let calendar = current(&mut tx).await.unwrap();
    assert!(calendar.is_official(2027) && calendar.year(2028).is_some());
}
