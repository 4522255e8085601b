//! People, organisations and sessions for the tests of this domain.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::identities::{self, Seen};
use super::links::{self, MadeBy};
use super::providers::{self, Registration, Subject};
use super::sessions::{self, NewSession, SessionSettings, SessionToken, Sessions, SharedCopies};
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Db, Pool, PoolSettings, Scope, Tx};
use crate::ids::{IdSource, IdentityId, MemberId, OrganisationId};

/// One test's database, with a clock that stands still.
pub(super) struct Scene {
    pub(super) test: TestDb,
    pub(super) clock: Clock,
    pub(super) db: Db,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let test = TestDb::new().await;
        let clock = Clock::fixed(noon());
        let db = open(&test, clock.clone());
        Self { test, clock, db }
    }

    /// The database as another process sees it.
    pub(super) fn another_db(&self) -> Db {
        open(&self.test, self.clock.clone())
    }

    pub(super) async fn begin(&self) -> Tx {
        self.open(&Scope::Nobody).await
    }

    /// In the name of an organisation, whose history is written.
    pub(super) async fn begin_for(&self, organisation: OrganisationId) -> Tx {
        self.open(&Scope::Own(organisation)).await
    }

    async fn open(&self, scope: &Scope) -> Tx {
        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "test".to_owned(),
        };
        self.db.begin(scope, &acting).await.unwrap()
    }

    pub(super) async fn execute(&self, sql: &'static str, id: Uuid) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(sql).bind(id).execute(&mut owner).await.unwrap();
    }

    pub(super) async fn organisation(&self, name: &str) -> OrganisationId {
        let id: OrganisationId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, $2, 'PARTNER', $2, 'North', $3)",
        )
        .bind(id.0)
        .bind(name)
        .bind(noon())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    /// A member with the role FINANCE.
    pub(super) async fn member(&self, organisation: OrganisationId) -> MemberId {
        let id: MemberId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO members (organisation_id, id, account_name, name, email, created_at)
             VALUES ($1, $2, left($2::text, 64), 'A member', $2::text || '@example.com', $3)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(noon())
        .execute(&mut owner)
        .await
        .unwrap();
        sqlx::query("INSERT INTO member_roles (organisation_id, member_id, role) VALUES ($1, $2, 'FINANCE')")
            .bind(organisation.0)
            .bind(id.0)
            .execute(&mut owner)
            .await
            .unwrap();
        id
    }

    /// Somebody whom IAM knows.
    pub(super) async fn person(&self, subject: &str) -> IdentityId {
        let mut tx = self.begin().await;
        let registration = Registration {
            entity_id: "https://idp.example.com",
            display_name: "IAM",
            metadata: "<EntityDescriptor/>",
            subject: Subject::PersistentNameId,
        };
        let idp = providers::register(&mut tx, registration).await.unwrap();
        let email = format!("{subject}@example.com");
        let seen = Seen {
            idp,
            subject,
            display_name: Some("A person"),
            email: Some(&email),
        };
        let identity = identities::seen(&mut tx, seen).await.unwrap();
        tx.commit().await.unwrap();
        identity
    }

    pub(super) async fn link(
        &self,
        identity: IdentityId,
        organisation: OrganisationId,
        member: MemberId,
    ) {
        let mut tx = self.begin().await;
        links::make(&mut tx, identity, organisation, member, MadeBy::Invitation)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Somebody who is a member of an organisation made for this.
    pub(super) async fn linked_person(
        &self,
        subject: &str,
    ) -> (IdentityId, OrganisationId, MemberId) {
        let organisation = self.organisation(subject).await;
        let member = self.member(organisation).await;
        let identity = self.person(subject).await;
        self.link(identity, organisation, member).await;
        (identity, organisation, member)
    }

    pub(super) async fn sign_in(&self, identity: IdentityId) -> SessionToken {
        let token = SessionToken::fresh().unwrap();
        let mut tx = self.begin().await;
        let new = NewSession {
            identity,
            authenticated_at: tx.now(),
            idp_session_index: None,
            user_agent: None,
            settings: SessionSettings::default(),
        };
        sessions::start(&mut tx, new, &token).await.unwrap();
        tx.commit().await.unwrap();
        token
    }

    /// A process that checks sessions, once it listens.
    pub(super) async fn replica(&self, shared: Option<SharedCopies>) -> Sessions {
        let replica = Sessions::start(self.another_db(), SessionSettings::default(), shared);
        eventually(Duration::from_secs(20), async || replica.trusts_copies()).await;
        replica
    }
}

pub(super) fn noon() -> DateTime<Utc> {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

fn open(test: &TestDb, clock: Clock) -> Db {
    let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
    Db::new(pool("portico_app"), pool("portico_staff"), clock)
}

/// Waits for a condition, and fails when it does not come true in time. How long it took.
pub(super) async fn eventually(
    within: Duration,
    mut condition: impl AsyncFnMut() -> bool,
) -> Duration {
    let start = Instant::now();
    while !condition().await {
        assert!(
            start.elapsed() < within,
            "the condition did not come true within {within:?}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    start.elapsed()
}
