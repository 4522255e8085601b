//! Reads of incentives against PostgreSQL, under the roles and policies of production.

mod expiry;

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Db, Pool, PoolSettings};
use crate::ids::{IdSource, IdentityId, MemberId, OrganisationId, PersonId, SessionId};
use crate::paging::Direction;
use crate::viewer::{ActingFor, ActingMember, OrganisationKind, OrganisationState};

const BY_DUE: Sort = Sort {
    name: "DUE_UNTIL",
    column: "due_until",
    direction: Direction::Ascending,
};

fn due() -> DateTime<Utc> {
    // 2026-11-30 00:00 in Shanghai: the last working day was the 27th.
    DateTime::from_timestamp(1_795_968_000, 0).unwrap()
}

/// Monday, 9 November 2026, 10:00 in Shanghai: fourteen working days end with the 27th.
fn generated() -> DateTime<Utc> {
    DateTime::from_timestamp(1_794_189_600, 0).unwrap()
}

struct World {
    test: TestDb,
    db: Db,
    clock: Clock,
    partner: OrganisationId,
}

impl World {
    async fn at(now: DateTime<Utc>) -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(now);
        let db = Db::new(pool("portico_app"), pool("portico_staff"), clock.clone());
        let mut world = Self {
            test,
            db,
            clock,
            partner: IdSource.fresh(),
        };
        world.partner = world.organisation().await;
        world
    }

    async fn organisation(&self) -> OrganisationId {
        let id: OrganisationId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $1::text, 'PARTNER', 'P', '华北', $2)",
        )
        .bind(id.0)
        .bind(due())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn incentive(
        &self,
        organisation: OrganisationId,
        state: &str,
        month: &str,
    ) -> IncentiveId {
        let id: IncentiveId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO incentives (organisation_id, id, number, variant, service_month, amount, currency, state,
                 generated_at, due_until)
             VALUES ($1, $2, $2::text, 'SERVICE_EXPERT', $3::date, 18500.5, 'CNY', $4, $5, $6)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(month.parse::<NaiveDate>().unwrap())
        .bind(state)
        .bind(generated())
        .bind(due())
        .execute(&mut owner)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO deadlines (organisation_id, id, object_kind, object_id, kind, outcome, starts_at, unit, length,
                 due_until, last_day_on, calendar_version, checked_version, provisional, state, ended_at)
             SELECT $1, gen_random_uuid(), 'inc', $2, 'CONFIRM_INCENTIVE', 'LAPSE', $4, 'WORKING_DAY', 14, $5,
                 '2026-11-27', version, version, false,
                 CASE $3 WHEN 'PENDING_CONFIRM' THEN 'RUNNING' WHEN 'LAPSED' THEN 'EXPIRED' ELSE 'MET' END,
                 CASE $3 WHEN 'PENDING_CONFIRM' THEN NULL WHEN 'LAPSED' THEN $5 ELSE $4 END
             FROM (SELECT max(version) AS version FROM calendar_versions) AS newest",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(state)
        .bind(generated())
        .bind(due())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn listed(&self, viewer: &Viewer, filter: &Filter) -> Vec<Incentive> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        let window = Window::First {
            count: 10,
            after: None,
        };
        let page = list(viewer, &snapshot, filter, (BY_DUE, &window)).await;
        let items = page.unwrap().items;
        let counted = count(viewer, &snapshot, filter).await.unwrap();
        assert_eq!(counted, i64::try_from(items.len()).unwrap());
        items
    }

    async fn in_state(&self, viewer: &Viewer, state: State) -> Vec<IncentiveId> {
        let filter = Filter {
            states: Some(vec![state]),
            ..Filter::default()
        };
        let items = self.listed(viewer, &filter).await;
        assert!(items.iter().all(|incentive| incentive.state == state));
        items.iter().map(|incentive| incentive.id).collect()
    }
}

fn viewer(organisation: OrganisationId, kind: OrganisationKind) -> Viewer {
    Viewer::Member(ActingMember {
        member: IdSource.fresh::<MemberId>(),
        identity: IdSource.fresh::<IdentityId>(),
        session: IdSource.fresh::<SessionId>(),
        acting_for: ActingFor {
            organisation,
            kind,
            state: OrganisationState::Active,
        },
        permissions: BTreeSet::from([Permission::ReadIncentives]),
        visibility: crate::viewer::Visibility::All,
    })
}

#[tokio::test]
async fn r_fh_7_filter_and_object_agree_on_both_sides_of_the_last_moment() {
    let world = World::at(due() - TimeDelta::microseconds(1)).await;
    let viewer = viewer(world.partner, OrganisationKind::Partner);
    let pending = world
        .incentive(world.partner, "PENDING_CONFIRM", "2026-10-01")
        .await;
    let lapsed = world.incentive(world.partner, "LAPSED", "2026-10-01").await;
    let review = world
        .incentive(world.partner, "FIRST_REVIEW", "2026-10-01")
        .await;

    assert_eq!(
        world.in_state(&viewer, State::PendingConfirm).await,
        [pending]
    );
    assert_eq!(world.in_state(&viewer, State::Lapsed).await, [lapsed]);

    world.clock.advance(TimeDelta::microseconds(1));

    assert!(
        world
            .in_state(&viewer, State::PendingConfirm)
            .await
            .is_empty()
    );
    assert_eq!(
        world.in_state(&viewer, State::Lapsed).await,
        [pending, lapsed]
    );
    assert_eq!(world.in_state(&viewer, State::FirstReview).await, [review]);
    let snapshot = world.db.snapshot(viewer.read_scope());
    let read = by_id(&viewer, &snapshot, &[pending]).await.unwrap();
    assert_eq!(read[&pending].state, State::Lapsed);
}

#[tokio::test]
async fn only_the_owner_and_the_vendor_read_an_incentive() {
    let world = World::at(due()).await;
    let other = world.organisation().await;
    let own = world
        .incentive(world.partner, "FINALISED", "2026-10-01")
        .await;
    let foreign = world.incentive(other, "FINALISED", "2026-10-01").await;

    let partner = viewer(world.partner, OrganisationKind::Partner);
    let snapshot = world.db.snapshot(partner.read_scope());
    let read = by_id(&partner, &snapshot, &[own, foreign]).await.unwrap();
    assert_eq!(read.keys().copied().collect::<Vec<_>>(), [own]);
    assert_eq!(world.listed(&partner, &Filter::default()).await.len(), 1);

    let vendor = viewer(IdSource.fresh(), OrganisationKind::Vendor);
    assert_eq!(world.listed(&vendor, &Filter::default()).await.len(), 2);
}

#[tokio::test]
async fn without_the_permission_nothing_is_read() {
    let world = World::at(due()).await;
    let own = world
        .incentive(world.partner, "FINALISED", "2026-10-01")
        .await;
    let Viewer::Member(mut member) = viewer(world.partner, OrganisationKind::Partner) else {
        unreachable!()
    };
    member.permissions.clear();
    let viewer = Viewer::Member(member);

    let snapshot = world.db.snapshot(viewer.read_scope());
    assert!(by_id(&viewer, &snapshot, &[own]).await.unwrap().is_empty());
    assert!(count(&viewer, &snapshot, &Filter::default()).await.is_err());
}

#[tokio::test]
async fn months_and_deadlines_narrow_a_list() {
    let world = World::at(due()).await;
    let viewer = viewer(world.partner, OrganisationKind::Partner);
    world
        .incentive(world.partner, "FINALISED", "2026-08-01")
        .await;
    let september = world
        .incentive(world.partner, "FINALISED", "2026-09-01")
        .await;
    let months = |from: Option<&str>, to: Option<&str>| Filter {
        from_month: from.map(|day| day.parse().unwrap()),
        to_month: to.map(|day| day.parse().unwrap()),
        ..Filter::default()
    };
    let due_before = |instant| Filter {
        due_before: Some(instant),
        ..Filter::default()
    };

    let found = world
        .listed(&viewer, &months(Some("2026-09-01"), Some("2026-09-01")))
        .await;
    assert_eq!(
        found.iter().map(|it| it.id).collect::<Vec<_>>(),
        [september]
    );
    assert_eq!(
        world
            .listed(&viewer, &months(None, Some("2026-08-31")))
            .await
            .len(),
        1
    );
    assert!(world.listed(&viewer, &due_before(due())).await.is_empty());
    let later = due_before(due() + TimeDelta::microseconds(1));
    assert_eq!(world.listed(&viewer, &later).await.len(), 2);
    let snapshot = world.db.snapshot(viewer.read_scope());
    let reversed = months(Some("2026-09-02"), Some("2026-09-01"));
    assert!(count(&viewer, &snapshot, &reversed).await.is_err());
}

#[tokio::test]
async fn an_incentive_names_its_specialists() {
    let world = World::at(due()).await;
    let id = world
        .incentive(world.partner, "FINALISED", "2026-10-01")
        .await;
    let person: PersonId = IdSource.fresh();
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query(
        "INSERT INTO dedicated_personnel (organisation_id, id, name, position, state)
         VALUES ($1, $2, 'Somebody', 'Architect', 'DEDICATED')",
    )
    .bind(world.partner.0)
    .bind(person.0)
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::query("INSERT INTO incentive_specialists (organisation_id, incentive_id, person_id) VALUES ($1, $2, $3)")
        .bind(world.partner.0)
        .bind(id.0)
        .bind(person.0)
        .execute(&mut owner)
        .await
        .unwrap();

    let viewer = viewer(world.partner, OrganisationKind::Partner);
    let found = world.listed(&viewer, &Filter::default()).await;

    assert_eq!(found[0].specialists, [person]);
    assert_eq!(found[0].amount.amount.to_string(), "18500.5000");
}
