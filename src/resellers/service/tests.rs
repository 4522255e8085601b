//! Use cases of resellers against PostgreSQL, under the roles and policies of production.

mod explained;
mod reading;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Applied, Db, IdempotencyKey, Pool, PoolSettings};
use crate::error::{Code, Refusal, RefusalData};
use crate::ids::{IdSource, IdentityId, OrganisationId, SessionId};
use crate::organisation::members::{DutyHolder as _, MemberRole, Remaining};
use crate::paging::Direction;
use crate::viewer::{ActingFor, ActingMember, OrganisationKind, OrganisationState};

const BY_NAME: Sort = Sort {
    name: "NAME",
    column: "company_name",
    direction: Direction::Ascending,
};

/// Two distributors, each with an account manager, and one reseller under the first.
struct World {
    test: TestDb,
    db: Db,
    vendor: OrganisationId,
    distributor: OrganisationId,
    manager: MemberId,
    rival: OrganisationId,
    rivals_manager: MemberId,
    company: OrganisationId,
    reseller: ResellerId,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_500_000, 0).unwrap()
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(now());
        let db = Db::new(pool("portico_app"), pool("portico_staff"), clock);
        let mut world = Self {
            db,
            vendor: IdSource.fresh(),
            distributor: IdSource.fresh(),
            manager: IdSource.fresh(),
            rival: IdSource.fresh(),
            rivals_manager: IdSource.fresh(),
            company: IdSource.fresh(),
            reseller: IdSource.fresh(),
            test,
        };
        world.organisation(world.vendor, "VENDOR", "Vendor").await;
        for (id, name) in [
            (world.distributor, "Distributor"),
            (world.rival, "Rival"),
            (world.company, "Long River Cloud 长河云"),
        ] {
            world.organisation(id, "PARTNER", name).await;
        }
        world.manager = world.member(world.distributor, "ACCOUNT_MANAGER").await;
        world.rivals_manager = world.member(world.rival, "ACCOUNT_MANAGER").await;
        world.reseller = world.relation(world.company, world.distributor).await;
        world
    }

    async fn organisation(&self, id: OrganisationId, kind: &str, name: &str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $1::text, $2, $3, '华北', $4)",
        )
        .bind(id.0)
        .bind(kind)
        .bind(name)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
    }

    async fn member(&self, organisation: OrganisationId, role: &str) -> MemberId {
        let id: MemberId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, created_at)
             VALUES ($1, $2, $2::text, 'A Member', $2::text || '@example.test', $3)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO member_roles (organisation_id, member_id, role) VALUES ($1, $2, $3)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(role)
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn relation(&self, company: OrganisationId, distributor: OrganisationId) -> ResellerId {
        let id: ResellerId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO resellers (organisation_id, id, number, distributor_id, state, business_area, associated_at)
             VALUES ($1, $2, $2::text, $3, 'ACTIVE', '华北', $4)",
        )
        .bind(company.0)
        .bind(id.0)
        .bind(distributor.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn run(&self, statement: &'static str, id: Uuid) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(statement)
            .bind(id)
            .execute(&mut owner)
            .await
            .unwrap();
    }

    async fn assign(
        &self,
        viewer: &Viewer,
        account_manager: MemberId,
        expected_version: i64,
    ) -> Result<Applied<Changed>, Failure> {
        let change = AssignAccountManager {
            reseller: self.reseller,
            account_manager,
            expected_version,
        };
        self.db.apply(viewer, "c-1", fresh_key(), &change).await
    }

    /// The relation's account manager, its version, and how many entries its history has.
    async fn stored(&self) -> (Option<Uuid>, i64, i64) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query_as(
            "SELECT account_manager_id, version, (SELECT count(*) FROM timeline_entries WHERE object_id = resellers.id)
             FROM resellers WHERE id = $1",
        )
        .bind(self.reseller.0)
        .fetch_one(&mut owner)
        .await
        .unwrap()
    }

    async fn listed(&self, viewer: &Viewer, filter: &Filter) -> Vec<ResellerId> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        let window = Window::First {
            count: 10,
            after: None,
        };
        let page = list(viewer, &snapshot, filter, (BY_NAME, &window)).await;
        let listed: Vec<ResellerId> = page.unwrap().items.iter().map(|it| it.id).collect();
        let counted = count(viewer, &snapshot, filter).await.unwrap();
        assert_eq!(counted, i64::try_from(listed.len()).unwrap());
        listed
    }
}

fn fresh_key() -> IdempotencyKey {
    let id: ResellerId = IdSource.fresh();
    IdempotencyKey {
        key: id.0,
        input_hash: [7; 32],
    }
}

fn viewer(organisation: OrganisationId, kind: OrganisationKind) -> Viewer {
    Viewer::Member(ActingMember {
        member: IdSource.fresh(),
        identity: IdSource.fresh::<IdentityId>(),
        session: IdSource.fresh::<SessionId>(),
        acting_for: ActingFor {
            organisation,
            kind,
            state: OrganisationState::Active,
        },
        permissions: BTreeSet::from([Permission::ReadResellers, Permission::AssignAccountManagers]),
        visibility: crate::viewer::Visibility::All,
    })
}

fn partner(organisation: OrganisationId) -> Viewer {
    viewer(organisation, OrganisationKind::Partner)
}

fn refusal(result: Result<Applied<Changed>, Failure>) -> Refusal {
    match result {
        Err(Failure::Refused(refusals)) => refusals.first,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn r_res_10_assigning_and_withdrawing_keeps_the_history() {
    let world = World::new().await;
    let distributor = partner(world.distributor);

    let assigned = world.assign(&distributor, world.manager, 1).await.unwrap();
    let withdraw = WithdrawAccountManager {
        reseller: world.reseller,
        expected_version: 2,
    };
    let withdrawn = world
        .db
        .apply(&distributor, "c-2", fresh_key(), &withdraw)
        .await
        .unwrap();

    assert_eq!(
        (assigned.outcome.version, withdrawn.outcome.version),
        (2, 3)
    );
    assert_eq!(world.stored().await, (None, 3, 2));
    let mut owner = world.test.connect("portico_owner").await;
    let history: Vec<(Uuid, String, serde_json::Value)> = sqlx::query_as(
        "SELECT organisation_id, action, details FROM timeline_entries ORDER BY object_version",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let manager = world.manager.global();
    assert_eq!(
        history,
        [
            (
                world.company.0,
                "reseller.account_manager_assigned".to_owned(),
                json!({"from": null, "to": manager}),
            ),
            (
                world.company.0,
                "reseller.account_manager_withdrawn".to_owned(),
                json!({"from": manager, "to": null}),
            ),
        ]
    );
}

#[tokio::test]
async fn r_res_9_anyone_but_the_named_distributor_gets_the_answer_of_an_unknown_id() {
    let world = World::new().await;
    let unknown = AssignAccountManager {
        reseller: IdSource.fresh(),
        account_manager: world.manager,
        expected_version: 1,
    };
    let distributor = partner(world.distributor);
    let unknown = refusal(
        world
            .db
            .apply(&distributor, "c", fresh_key(), &unknown)
            .await,
    );
    assert_eq!(unknown.code, Code::NotFound);

    let rival = partner(world.rival);
    assert_eq!(
        refusal(world.assign(&rival, world.rivals_manager, 1).await),
        unknown
    );
    // The reseller itself reads the relation and still does not choose who looks after it.
    let own = world.member(world.company, "ACCOUNT_MANAGER").await;
    let reseller = partner(world.company);
    assert_eq!(refusal(world.assign(&reseller, own, 1).await), unknown);
    let vendor = viewer(world.vendor, OrganisationKind::Vendor);
    assert_eq!(
        refusal(world.assign(&vendor, world.manager, 1).await),
        unknown
    );

    assert_eq!(world.stored().await, (None, 1, 0));
}

#[tokio::test]
async fn r_res_11_only_an_active_account_manager_of_the_distributor_is_accepted() {
    let world = World::new().await;
    let distributor = partner(world.distributor);
    let finance = world.member(world.distributor, "FINANCE").await;
    let disabled = world.member(world.distributor, "ACCOUNT_MANAGER").await;
    world
        .run(
            "UPDATE members SET state = 'DISABLED', disabled_at = created_at WHERE id = $1",
            disabled.0,
        )
        .await;

    for (candidate, reason) in [
        (finance, "ACCOUNT_MANAGER_ROLE_MISSING"),
        (disabled, "ACCOUNT_MANAGER_DISABLED"),
        (world.rivals_manager, "ACCOUNT_MANAGER_UNKNOWN"),
        (IdSource.fresh(), "ACCOUNT_MANAGER_UNKNOWN"),
    ] {
        let refusal = refusal(world.assign(&distributor, candidate, 1).await);
        assert_eq!(
            (refusal.reason.0, refusal.path.as_slice()),
            (reason, &["accountManagerId".to_owned()][..])
        );
    }

    assert_eq!(world.stored().await, (None, 1, 0));
}

#[tokio::test]
async fn a_stale_version_changes_nothing_and_tells_the_current_one() {
    let world = World::new().await;
    let distributor = partner(world.distributor);
    world.assign(&distributor, world.manager, 1).await.unwrap();
    let other = world.member(world.distributor, "ACCOUNT_MANAGER").await;

    let refusal = refusal(world.assign(&distributor, other, 1).await);

    assert_eq!(
        refusal.data,
        Some(RefusalData::VersionConflict { current: 2 })
    );
    assert_eq!(world.stored().await, (Some(world.manager.0), 2, 1));
}

#[tokio::test]
async fn r_org_21_whoever_looks_after_resellers_keeps_the_role() {
    let world = World::new().await;
    let distributor = partner(world.distributor);
    world.assign(&distributor, world.manager, 1).await.unwrap();
    let acting = Acting {
        actor: "job:test".to_owned(),
        correlation_id: "c".to_owned(),
    };
    let scope = Scope::Own(world.distributor);
    let mut tx = world.db.begin(&scope, &acting).await.unwrap();
    let remaining = |roles: &[MemberRole]| Remaining {
        roles: roles.iter().copied().collect(),
        ..Remaining::default()
    };

    let duties = [
        (remaining(&[MemberRole::AccountManager]), 0),
        (remaining(&[MemberRole::Finance]), 1),
        (remaining(&[]), 1),
    ];
    for (remaining, count) in duties {
        let held = ManagedResellers
            .held(&mut tx, &scope, &[world.manager], &remaining)
            .await
            .unwrap();
        let held = held.get(&world.manager).map_or(0, |held| held.count);
        assert_eq!(held, count);
    }
}
