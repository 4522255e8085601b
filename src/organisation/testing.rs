//! Two partners and the vendor with their people, for the tests of this domain's services under the real roles.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::members::MemberRole;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Applied, Change, Db, IdempotencyKey, Pool, PoolSettings};
use crate::error::{Failure, Refusal};
use crate::ids::{IdSource, IdentityId, IdpId, MemberId, OrganisationId, SessionId, Tagged};
use crate::viewer::{
    ActingFor, ActingMember, OrganisationKind, OrganisationState, Permission, SignedInIdentity,
    Viewer,
};

pub(in crate::organisation) struct World {
    pub(in crate::organisation) test: TestDb,
    pub(in crate::organisation) db: Db,
    pub(in crate::organisation) clock: Clock,
    idp: IdpId,
    pub(in crate::organisation) vendor: OrganisationId,
    pub(in crate::organisation) partner: OrganisationId,
    pub(in crate::organisation) rival: OrganisationId,
    /// `SYSTEM_ADMIN` of the partner, linked, with a session.
    pub(in crate::organisation) admin: Person,
    /// FINANCE of the partner, linked, with a session.
    pub(in crate::organisation) finance: Person,
    /// `SYSTEM_ADMIN` of the rival, linked, with a session.
    pub(in crate::organisation) rivals_admin: Person,
}

/// A member with the identity and the session of whoever signs in as it.
#[derive(Debug, Clone, Copy)]
pub(in crate::organisation) struct Person {
    pub(in crate::organisation) organisation: OrganisationId,
    pub(in crate::organisation) kind: OrganisationKind,
    pub(in crate::organisation) member: MemberId,
    pub(in crate::organisation) identity: IdentityId,
    pub(in crate::organisation) session: SessionId,
}

impl Person {
    /// The member with every permission: what roles give is the database's business, not that of these tests.
    pub(in crate::organisation) fn viewer(&self) -> Viewer {
        self.with(Permission::ALL)
    }

    pub(in crate::organisation) fn with(&self, permissions: &[Permission]) -> Viewer {
        Viewer::Member(ActingMember {
            member: self.member,
            identity: self.identity,
            session: self.session,
            acting_for: ActingFor {
                organisation: self.organisation,
                kind: self.kind,
                state: OrganisationState::Active,
            },
            permissions: permissions.iter().copied().collect(),
            visibility: crate::viewer::Visibility::All,
        })
    }
}

fn id<I: Tagged>() -> I {
    IdSource.fresh()
}

impl World {
    pub(in crate::organisation) async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let clock = Clock::fixed(DateTime::from_timestamp(1_795_500_000, 0).unwrap());
        let db = Db::new(pool("portico_app"), pool("portico_staff"), clock.clone());
        let nobody = Person {
            organisation: id(),
            kind: OrganisationKind::Partner,
            member: id(),
            identity: id(),
            session: id(),
        };
        let mut world = Self {
            idp: id(),
            vendor: id(),
            partner: id(),
            rival: id(),
            admin: nobody,
            finance: nobody,
            rivals_admin: nobody,
            test,
            db,
            clock,
        };
        world.execute("INSERT INTO identity_providers (id, entity_id, display_name, metadata, created_at) VALUES ($1, 'iam', 'IAM', '', $2)", &[world.idp.0]).await;
        world.organisation(world.vendor, "VENDOR").await;
        world.organisation(world.partner, "PARTNER").await;
        world.organisation(world.rival, "PARTNER").await;
        world.admin = world
            .person(world.partner, &[MemberRole::SystemAdmin], "ada")
            .await;
        world.finance = world
            .person(world.partner, &[MemberRole::Finance], "fay")
            .await;
        world.rivals_admin = world
            .person(world.rival, &[MemberRole::SystemAdmin], "rob")
            .await;
        world
    }

    pub(in crate::organisation) fn now(&self) -> DateTime<Utc> {
        self.clock.process()
    }

    /// A connection as the owner of all rows.
    pub(in crate::organisation) async fn owner(&self) -> sqlx::PgConnection {
        self.test.connect("portico_owner").await
    }

    /// One statement as the owner; the time follows the ids.
    async fn execute(&self, sql: &'static str, ids: &[Uuid]) {
        let mut owner = self.test.connect("portico_owner").await;
        let mut query = sqlx::query(sql);
        for id in ids {
            query = query.bind(*id);
        }
        query.bind(self.now()).execute(&mut owner).await.unwrap();
    }

    async fn organisation(&self, organisation: OrganisationId, kind: &'static str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $2, $3, $2, 'NORTH', $4)",
        )
        .bind(organisation.0)
        .bind(organisation.global())
        .bind(kind)
        .bind(self.now())
        .execute(&mut owner)
        .await
        .unwrap();
    }

    /// A member, by whom somebody signed in.
    pub(in crate::organisation) async fn person(
        &self,
        organisation: OrganisationId,
        roles: &[MemberRole],
        name: &str,
    ) -> Person {
        let member = self.member(organisation, roles, name).await;
        let visitor = self.visitor(Some(&format!("{name}@iam.example"))).await;
        self.execute(
            "INSERT INTO identity_links (id, identity_id, organisation_id, member_id, made_by, actor, linked_at)
             VALUES ($1, $2, $3, $4, 'BOOTSTRAP', 'test', $5)",
            &[Uuid::from_u128(member.0.as_u128() ^ 1), visitor.identity.0, organisation.0, member.0],
        )
        .await;
        self.execute(
            "UPDATE sessions SET organisation_id = $2, member_id = $3 WHERE id = $1 AND created_at = $4",
            &[visitor.session.0, organisation.0, member.0],
        )
        .await;
        Person {
            organisation,
            kind: if organisation == self.vendor {
                OrganisationKind::Vendor
            } else {
                OrganisationKind::Partner
            },
            member,
            identity: visitor.identity,
            session: visitor.session,
        }
    }

    /// A member to whom nobody is linked.
    pub(in crate::organisation) async fn member(
        &self,
        organisation: OrganisationId,
        roles: &[MemberRole],
        name: &str,
    ) -> MemberId {
        let (member, mut owner): (MemberId, _) = (id(), self.test.connect("portico_owner").await);
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, mobile, created_at)
             VALUES ($1, $2, $3, $3, $3 || '@corp.example', '13812345678', $4)",
        )
        .bind(organisation.0)
        .bind(member.0)
        .bind(name)
        .bind(self.now())
        .execute(&mut owner)
        .await
        .unwrap();
        for role in roles {
            sqlx::query("INSERT INTO member_roles VALUES ($1, $2, $3)")
                .bind(organisation.0)
                .bind(member.0)
                .bind(role.as_str())
                .execute(&mut owner)
                .await
                .unwrap();
        }
        member
    }

    /// A signed-in person without a member.
    pub(in crate::organisation) async fn visitor(&self, email: Option<&str>) -> SignedInIdentity {
        let (identity, session): (IdentityId, SessionId) = (id(), id());
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO federated_identities (id, idp_id, subject, email, first_seen_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $5)",
        )
        .bind(identity.0)
        .bind(self.idp.0)
        .bind(identity.global())
        .bind(email)
        .bind(self.now())
        .execute(&mut owner)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO sessions (id_hash, id, identity_id, created_at, authenticated_at, last_seen_at, idle_until, absolute_until)
             VALUES (sha256($1::text::bytea), $1, $2, $3, $3, $3, $4, $4)",
        )
        .bind(session.0)
        .bind(identity.0)
        .bind(self.now())
        .bind(self.now() + TimeDelta::hours(8))
        .execute(&mut owner)
        .await
        .unwrap();
        SignedInIdentity { identity, session }
    }

    /// Carries out a change under a fresh key.
    pub(in crate::organisation) async fn apply<C: Change>(
        &self,
        viewer: &Viewer,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        self.apply_under(id::<SessionId>().0, viewer, change).await
    }

    pub(in crate::organisation) async fn apply_under<C: Change>(
        &self,
        key: Uuid,
        viewer: &Viewer,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        let key = IdempotencyKey {
            key,
            input_hash: [7; 32],
        };
        self.db.apply(viewer, "test", key, change).await
    }

    /// One number of the database, seen as its superuser.
    pub(in crate::organisation) async fn count(&self, sql: &'static str) -> i64 {
        let mut all = self.test.connect("postgres").await;
        sqlx::query_scalar(sql).fetch_one(&mut all).await.unwrap()
    }

    /// Everything that a change of this domain could write: two equal answers mean that nothing was changed.
    pub(in crate::organisation) async fn everything(&self) -> String {
        let mut all = self.test.connect("postgres").await;
        sqlx::query_scalar(
            "SELECT concat_ws(' | ',
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM organisations t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM members t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM member_roles t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM invitations t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM dedicated_personnel t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM personnel_sendings t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM personnel_consents t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM personnel_records t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM personnel_applications t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM personnel_dedications t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM identity_links t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM sessions t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM timeline_entries t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM idempotency_keys t))",
        )
        .fetch_one(&mut all)
        .await
        .unwrap()
    }

    /// Freezes an organisation behind the back of whoever read it a moment ago.
    pub(in crate::organisation) async fn freeze(&self, organisation: OrganisationId) {
        self.execute(
            "UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.',
                 frozen_release = 'The bills are paid.' WHERE id = $1 AND created_at = $2",
            &[organisation.0],
        )
        .await;
    }

    /// Statements as the owner of all rows, each with the one id.
    pub(in crate::organisation) async fn change_behind(
        &self,
        statements: &[&'static str],
        of: Uuid,
    ) {
        let mut owner = self.test.connect("portico_owner").await;
        for statement in statements {
            let query = sqlx::query(*statement).bind(of);
            query.execute(&mut owner).await.unwrap();
        }
    }

    pub(in crate::organisation) async fn give_main_account(&self, person: Person) {
        self.execute(
            "UPDATE organisations SET main_account_id = $2 WHERE id = $1 AND created_at = $3",
            &[person.organisation.0, person.member.0],
        )
        .await;
    }
}

/// The reasons of a refusal, in their order.
pub(in crate::organisation) fn reasons<T: std::fmt::Debug>(
    result: Result<T, Failure>,
) -> Vec<&'static str> {
    refusals(result)
        .into_iter()
        .map(|refusal| refusal.reason.0)
        .collect()
}

pub(in crate::organisation) fn refusals<T: std::fmt::Debug>(
    result: Result<T, Failure>,
) -> Vec<Refusal> {
    match result {
        Err(Failure::Refused(refusals)) => refusals.iter().cloned().collect(),
        other => panic!("not refused: {other:?}"),
    }
}

pub(in crate::organisation) fn roles(roles: &[MemberRole]) -> BTreeSet<MemberRole> {
    roles.iter().copied().collect()
}
