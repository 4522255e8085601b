use super::*;
use crate::clock::Clock;
use crate::db::testing::TestDb;
use crate::db::{Acting, Db, Pool, PoolSettings, Scope};
use crate::feed;
use crate::ids::{IdSource, MemberId, OrganisationId, Tagged as _};
use crate::timeline::Event;

struct Scene {
    test: TestDb,
    db: Db,
    partner: OrganisationId,
    member: MemberId,
    other: MemberId,
}

impl Scene {
    /// Two members of a partner with four entries each, numbered in the feed.
    async fn new() -> Self {
        let test = TestDb::new().await;
        let pool = |role| Pool::lazy(&test.url(role), PoolSettings::default()).unwrap();
        let db = Db::new(pool("portico_app"), pool("portico_staff"), Clock::default());
        let scene = Self {
            test,
            db,
            partner: IdSource.fresh(),
            member: IdSource.fresh(),
            other: IdSource.fresh(),
        };
        let organisation =
            "INSERT INTO organisations (id, number, kind, name, business_area, created_at)
            VALUES ($1, 'P', 'PARTNER', 'P', 'North', '2026-01-01Z')";
        scene.forge(organisation, scene.partner.0).await;
        for version in 1..=4 {
            scene.record(scene.member, version).await;
            scene.record(scene.other, version).await;
        }
        feed::relay(&scene.db).await.unwrap();
        scene
    }

    async fn record(&self, object: MemberId, version: i64) {
        let acting = Acting {
            actor: "job:test".to_owned(),
            correlation_id: "c".to_owned(),
        };
        let scope = Scope::Own(self.partner);
        let mut tx = self.db.begin(&scope, &acting).await.unwrap();
        let event = Event::new(self.partner, object, version, "member.tested")
            .moved("A", "Ä")
            .because("因为")
            .detail(serde_json::json!({ "round": version, "b": [1, null], "aa": "x" }))
            .personal("email", format!("{version}@example.com"));
        tx.record(event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// One statement as a superuser; $1 is the id.
    async fn forge(&self, sql: &'static str, id: Uuid) {
        let mut superuser = self.test.connect("postgres").await;
        sqlx::query("SET session_replication_role = replica")
            .execute(&mut superuser)
            .await
            .unwrap();
        sqlx::query(sql)
            .bind(id)
            .execute(&mut superuser)
            .await
            .unwrap();
    }

    async fn findings(&self, object: Option<Uuid>) -> Vec<Finding> {
        let mut owner = self.test.connect("portico_owner").await;
        let mut findings = Vec::new();
        let tell = |finding: &Finding| findings.push(finding.clone());
        let walked = verify(&mut owner, object, tell).await.unwrap();
        assert_eq!(walked.findings, findings.len() as u64);
        findings
    }

    fn object(&self) -> String {
        self.member.global()
    }
}

#[tokio::test]
async fn r_gen_2_what_the_application_wrote_is_found_whole() {
    let scene = Scene::new().await;
    let mut owner = scene.test.connect("portico_owner").await;
    let walked = verify(&mut owner, None, |finding| panic!("{finding}"))
        .await
        .unwrap();
    let expected = Walked {
        objects: 2,
        entries: 8,
        findings: 0,
    };
    assert_eq!(walked, expected);
}

#[tokio::test]
async fn r_gen_2_an_altered_entry_is_found_whichever_column_it_is() {
    for column in [
        "at = at + interval '1 microsecond'",
        "actor = 'mem_other'",
        "actor_kind = 'MEMBER'",
        "on_behalf_of = organisation_id",
        "source = 'UI'",
        "action = 'member.loved'",
        "from_state = NULL",
        "to_state = ''",
        "reason = reason || ' '",
        "correlation_id = 'd'",
        "details = details - 'b'",
        "personal = '{}'",
    ] {
        let scene = Scene::new().await;
        let sql = format!(
            "UPDATE timeline_entries SET {column} WHERE object_id = $1 AND object_version = 2"
        );
        scene.forge(sql.leak(), scene.member.0).await;
        let altered = Finding::Altered {
            object: scene.object(),
            version: 2,
        };
        assert!(scene.findings(None).await.contains(&altered), "{column}");
        assert_eq!(scene.findings(Some(scene.other.0)).await, [], "{column}");
    }
}

/// Who alters an entry and its hash is found at the entry after it, or at the head.
#[tokio::test]
async fn r_gen_2_an_entry_with_a_new_hash_does_not_fit_the_next_one() {
    let scene = Scene::new().await;
    let forgery = "UPDATE timeline_entries SET hash = sha256('x') WHERE object_id = $1 AND object_version = 4";
    scene.forge(forgery, scene.member.0).await;
    let (object, version) = (scene.object(), 4);
    let expected = [
        Finding::Altered {
            object: object.clone(),
            version,
        },
        Finding::CutAtEnd { object, version },
    ];
    assert_eq!(scene.findings(None).await, expected);
}

#[tokio::test]
async fn r_gen_2_a_removed_entry_is_found_at_the_start_in_the_middle_and_at_the_end() {
    for (removed, expected) in [(1, "disordered"), (3, "disordered"), (4, "cut")] {
        let scene = Scene::new().await;
        let sql = format!(
            "DELETE FROM timeline_entries WHERE object_id = $1 AND object_version = {removed}"
        );
        scene.forge(sql.leak(), scene.member.0).await;
        let object = scene.object();
        let finding = match expected {
            "cut" => Finding::CutAtEnd {
                object,
                version: removed - 1,
            },
            _ => Finding::Disordered {
                object,
                version: removed + 1,
            },
        };
        let findings = scene.findings(None).await;
        assert!(findings.contains(&finding), "{findings:?}");
        let missing = |finding: &Finding| matches!(finding, Finding::Missing { .. });
        assert!(findings.iter().any(missing), "the feed still names it");
        assert!(
            scene
                .findings(Some(scene.member.0))
                .await
                .contains(&finding)
        );
    }
}

#[tokio::test]
async fn r_gen_2_two_entries_that_changed_places_are_found() {
    let scene = Scene::new().await;
    for step in [
        "UPDATE timeline_entries SET object_version = object_version - 5
         WHERE object_id = $1 AND object_version IN (2, 3)",
        "UPDATE timeline_entries SET object_version = -object_version WHERE object_id = $1 AND object_version < 0",
    ] {
        scene.forge(step, scene.member.0).await;
    }
    let findings = scene.findings(None).await;
    for version in [2, 3] {
        let object = scene.object();
        assert!(findings.contains(&Finding::Disordered { object, version }));
    }
}

/// Whoever removes the last entry and mends the head is given away by the feed, and whoever empties a chain by its head.
#[tokio::test]
async fn r_gen_2_a_history_that_is_gone_as_a_whole_is_found() {
    let scene = Scene::new().await;
    let empty = "DELETE FROM timeline_entries WHERE object_id = $1";
    scene.forge(empty, scene.member.0).await;
    let emptied = Finding::Emptied {
        object: scene.object(),
        version: 4,
    };
    assert!(scene.findings(None).await.contains(&emptied));

    let head = "DELETE FROM timeline_heads WHERE object_id = $1";
    scene.forge(head, scene.member.0).await;
    let missing: Vec<_> = [1, 3, 5, 7].map(|seq| Finding::Missing { seq }).into();
    assert_eq!(scene.findings(None).await, missing);
}

/// P3: a person's values can go, and the record that something happened stays provable.
#[tokio::test]
async fn r_gen_3_an_erased_personal_value_leaves_the_chain_whole_and_a_changed_one_is_found() {
    let scene = Scene::new().await;
    let change = "UPDATE timeline_personal_values SET value = 'x' FROM timeline_entries AS entries
        WHERE entry_id = entries.id AND object_id = $1 AND object_version = 2";
    scene.forge(change, scene.member.0).await;
    let altered = Finding::PersonalAltered {
        object: scene.object(),
        version: 2,
        field: "email".to_owned(),
    };
    assert_eq!(scene.findings(None).await, [altered]);

    let erase = "DELETE FROM timeline_personal_values USING timeline_entries AS entries
        WHERE entry_id = entries.id AND object_id = $1";
    scene.forge(erase, scene.member.0).await;
    assert_eq!(scene.findings(None).await, []);
}

/// The chain is the database's work: what a writer says of the hashes counts for nothing, and nobody rewrites them.
#[tokio::test]
async fn r_gen_2_the_roles_of_the_application_cannot_write_a_hash() {
    let scene = Scene::new().await;
    let mut app = scene.test.connect("portico_app").await;
    sqlx::query("SELECT set_config('portico.organisation_id', $1, false)")
        .bind(scene.partner.0.to_string())
        .execute(&mut app)
        .await
        .unwrap();
    let forged = "INSERT INTO timeline_entries (organisation_id, id, object_kind, object_id, object_version, at, actor,
            action, correlation_id, previous_hash, hash)
        VALUES ($1, $2, 'mem', $2, 1, '2026-01-01Z', 'x', 'x', 'x', 'x', 'x')";
    sqlx::query(forged)
        .bind(scene.partner.0)
        .bind(IdSource.fresh::<MemberId>().0)
        .execute(&mut app)
        .await
        .unwrap();
    assert_eq!(scene.findings(None).await, []);
    let rewrite = sqlx::query("UPDATE timeline_heads SET entries = 0");
    assert!(rewrite.execute(&mut app).await.is_err());
}

#[tokio::test]
async fn a_version_that_has_its_entry_sends_the_second_writer_back() {
    let scene = Scene::new().await;
    let acting = Acting {
        actor: "job:test".to_owned(),
        correlation_id: "c".to_owned(),
    };
    let scope = Scope::Own(scene.partner);
    let mut tx = scene.db.begin(&scope, &acting).await.unwrap();
    let again = Event::new(scene.partner, scene.member, 4, "member.tested");
    assert!(tx.record(again).await.unwrap_err().is_retryable());
}
