//! An upload that is killed between its steps, against PostgreSQL and a folder, under the roles of production.

mod explained;

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::transfer::{check, keep};
use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Applied, Db, IdempotencyKey, Pool, PoolSettings};
use crate::documents::disk::Whole;
use crate::ids::{IdSource, MemberId, SessionId, Tagged};
use crate::viewer::{ActingFor, ActingMember, OrganisationKind, OrganisationState, Permission};

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

struct World {
    test: TestDb,
    db: Db,
    files: Files,
    folder: PathBuf,
    partner: OrganisationId,
}

impl Drop for World {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn id<I: Tagged>() -> I {
    IdSource.fresh()
}

fn now() -> DateTime<Utc> {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let MemberId(name) = id();
        let folder = std::env::temp_dir().join(format!("portico-documents-{}", name.simple()));
        let portal = "http://portal.test".parse().unwrap();
        let world = Self {
            db: Db::new(
                pool("portico_app"),
                pool("portico_staff"),
                Clock::fixed(now()),
            ),
            files: Files::new(folder.clone(), b"secret", portal).unwrap(),
            folder,
            partner: id(),
            test,
        };
        let mut owner = world.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
             VALUES ($1, 'ORG-1', 'PARTNER', 'P', 'NORTH', $2)",
        )
        .bind(world.partner.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
        world
    }

    fn viewer(&self) -> Viewer {
        Viewer::Member(ActingMember {
            member: id(),
            identity: id(),
            session: id(),
            acting_for: ActingFor {
                organisation: self.partner,
                kind: OrganisationKind::Partner,
                state: OrganisationState::Active,
            },
            permissions: Permission::ALL.iter().copied().collect(),
            visibility: crate::viewer::Visibility::All,
        })
    }

    fn scope(&self) -> Scope {
        Scope::Own(self.partner)
    }

    async fn begin(&self) -> Tx {
        let acting = Acting {
            actor: "test".to_owned(),
            correlation_id: "test".to_owned(),
        };
        self.db.begin(&self.scope(), &acting).await.unwrap()
    }

    async fn apply<C: Change>(&self, change: &C) -> Result<Applied<C::Outcome>, Failure> {
        self.apply_as(&self.viewer(), change).await
    }

    async fn apply_as<C: Change>(
        &self,
        viewer: &Viewer,
        change: &C,
    ) -> Result<Applied<C::Outcome>, Failure> {
        let SessionId(key) = id();
        let key = IdempotencyKey {
            key,
            input_hash: [7; 32],
        };
        self.db.apply(viewer, "test", key, change).await
    }

    async fn prepared(&self) -> Document {
        let sha256 = openssl::sha::sha256(PDF);
        let sha256 = sha256
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
        let announcement = Announcement {
            file_name: "a.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: i64::try_from(PDF.len()).unwrap(),
            sha256,
        };
        let written = self.apply(&Prepare { announcement }).await.unwrap().outcome;
        self.document(written.id).await
    }

    async fn document(&self, id: DocumentId) -> Document {
        let mut tx = self.begin().await;
        let found = store::find(&mut tx, &self.scope(), &[id]).await.unwrap();
        found.into_iter().next().unwrap()
    }

    /// The bytes on the disk, without a name.
    async fn whole(&self, document: &Document) -> Whole {
        let mut partial = self
            .files
            .begin(document.id, id::<MemberId>().0)
            .await
            .unwrap();
        partial.write(PDF).await.unwrap();
        let whole = partial.finish().await.unwrap();
        check(&whole, document).await.unwrap();
        whole
    }

    async fn complete(&self, id: DocumentId) -> Result<Applied<Written>, Failure> {
        let files = self.files.clone();
        let expected_version = None;
        self.apply(&Complete {
            id,
            expected_version,
            files,
        })
        .await
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Failure>) -> &'static str {
    match result {
        Err(Failure::Refused(refusals)) => refusals.first.reason.0,
        other => panic!("not refused: {other:?}"),
    }
}

/// R6: killed between the file's name and the row's commit.
#[tokio::test]
async fn r6_a_kill_between_name_and_commit_leaves_a_file_that_the_next_attempt_replaces() {
    let world = World::new().await;
    let document = world.prepared().await;
    let whole = world.whole(&document).await;

    let mut killed = world.begin().await;
    keep(&mut killed, &world.scope(), (document.id, whole))
        .await
        .unwrap();
    drop(killed);

    assert!(
        world
            .files
            .has(document.id, document.file.size)
            .await
            .unwrap()
    );
    assert_eq!(world.document(document.id).await, document);
    assert_eq!(
        reason(world.complete(document.id).await),
        "DOCUMENT_NOT_STORED"
    );

    let again = world.whole(&document).await;
    let mut tx = world.begin().await;
    keep(&mut tx, &world.scope(), (document.id, again))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.complete(document.id).await.unwrap();
    let completed = world.document(document.id).await;
    assert_eq!(
        (completed.state, completed.version),
        (DocumentState::Complete, 3)
    );
    assert_eq!(std::fs::read(world.files.path(document.id)).unwrap(), PDF);
}

/// R6: killed between the bytes and the name.
#[tokio::test]
async fn r6_a_kill_before_the_name_leaves_no_file_under_it() {
    let world = World::new().await;
    let document = world.prepared().await;

    let whole = world.whole(&document).await;
    // A kill runs no destructor: the file stays, under a name that nobody takes for a document.
    std::mem::forget(whole);

    assert!(
        !world
            .files
            .has(document.id, document.file.size)
            .await
            .unwrap()
    );
    assert_eq!(world.document(document.id).await, document);
    let folder = world.files.path(document.id).parent().unwrap().to_owned();
    let left: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].extension().unwrap(), "part");
}

#[tokio::test]
async fn a_file_on_the_disk_is_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    let document = world.prepared().await;

    world.whole(&document).await.place().await.unwrap();

    let path = world.files.path(document.id);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[tokio::test]
async fn only_complete_documents_of_the_own_organisation_can_be_attached() {
    let world = World::new().await;
    let document = world.prepared().await;
    let attach = async |scope: Scope, ids: &[DocumentId]| {
        let mut tx = world.begin().await;
        let held = hold_complete(&mut tx, &scope, ids, "input.documentIds").await;
        held.map(|documents| documents.len())
    };

    assert_eq!(
        reason(attach(world.scope(), &[document.id]).await),
        "DOCUMENT_NOT_FOUND"
    );
    let mut tx = world.begin().await;
    let whole = world.whole(&document).await;
    keep(&mut tx, &world.scope(), (document.id, whole))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        reason(attach(world.scope(), &[document.id]).await),
        "DOCUMENT_NOT_FOUND"
    );
    world.complete(document.id).await.unwrap();

    assert_eq!(attach(world.scope(), &[document.id]).await.unwrap(), 1);
    let rival = Scope::Own(id());
    assert_eq!(
        reason(attach(rival, &[document.id]).await),
        "DOCUMENT_NOT_FOUND"
    );
    assert_eq!(
        reason(attach(world.scope(), &[document.id, id()]).await),
        "DOCUMENT_NOT_FOUND"
    );
}
