//! Who is who, against a real database: links, providers, what a person sees of themselves, and machines.

use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::identities::{self, Seen};
use super::links::{self, MadeBy};
use super::model::NoMember;
use super::providers::{self, Registration, Subject};
use super::service::{self, ActAs};
use super::sessions::{self, SessionToken, Sessions};
use super::testing::{Scene, eventually, noon};
use crate::db::IdempotencyKey;
use crate::error::{Code, Failure};
use crate::ids::{IdSource, IdentityId, MemberId};
use crate::viewer::Viewer;

async fn viewer(replica: &Sessions, token: &SessionToken) -> Viewer {
    match replica.check(token).await {
        sessions::Check::Valid(state) => state.viewer.clone(),
        other @ (sessions::Check::Invalid | sessions::Check::Unknown(_)) => {
            panic!("not signed in: {other:?}")
        }
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Failure>) -> (Code, &'static str) {
    match result {
        Err(Failure::Refused(refusals)) => (refusals.first.code, refusals.first.reason.0),
        other @ (Ok(_) | Err(Failure::Internal(_))) => panic!("not refused: {other:?}"),
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey {
        key: IdSource.fresh::<IdentityId>().0,
        input_hash: [0; 32],
    }
}

#[tokio::test]
async fn an_identity_has_one_member_per_organisation_and_a_member_one_identity() {
    let scene = Scene::new().await;
    let (identity, organisation, member) = scene.linked_person("zhang").await;
    let (another_member, somebody) = (scene.member(organisation).await, scene.person("li").await);

    let mut tx = scene.begin().await;
    let twice = links::make(
        &mut tx,
        identity,
        organisation,
        another_member,
        MadeBy::Administrator,
    )
    .await;
    assert_eq!(reason(twice), (Code::Conflict, "IDENTITY_ALREADY_LINKED"));
    let mut tx = scene.begin().await;
    let shared = links::make(
        &mut tx,
        somebody,
        organisation,
        member,
        MadeBy::Administrator,
    )
    .await;
    assert_eq!(reason(shared), (Code::Conflict, "MEMBER_ALREADY_LINKED"));

    let mut tx = scene.begin().await;
    let linked = links::identities_of_members(&mut tx, &[member, another_member])
        .await
        .unwrap();
    assert_eq!(linked.into_iter().collect::<Vec<_>>(), [(member, identity)]);
    assert_eq!(
        links::of_identity(&mut tx, identity).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn an_ended_link_makes_room_for_another() {
    let scene = Scene::new().await;
    let (identity, organisation, member) = scene.linked_person("zhang").await;
    let mut tx = scene.begin().await;
    links::end_of_member(&mut tx, member).await.unwrap();
    assert_eq!(
        links::end_of_member(&mut tx, member).await.unwrap(),
        None,
        "it ends once"
    );
    links::make(
        &mut tx,
        identity,
        organisation,
        member,
        MadeBy::Administrator,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_sign_in_makes_and_changes_no_member_whatever_the_assertion_says() {
    let scene = Scene::new().await;
    let (_, _, member) = scene.linked_person("zhang").await;
    let counts = "SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM identity_links)";
    let mut owner = scene.test.connect("portico_owner").await;
    let before: (i64, i64) = sqlx::query_as(counts).fetch_one(&mut owner).await.unwrap();

    // The e-mail address of the member, at another subject: the wall holds (R-ORG-1).
    let email = format!("{}@example.com", member.0);
    let mut tx = scene.begin().await;
    let idp = providers::list_active(&mut tx).await.unwrap()[0].id;
    let seen = Seen {
        idp,
        subject: "somebody else",
        display_name: None,
        email: Some(&email),
    };
    let identity = identities::seen(&mut tx, seen).await.unwrap();
    tx.commit().await.unwrap();

    let after: (i64, i64) = sqlx::query_as(counts).fetch_one(&mut owner).await.unwrap();
    assert_eq!(before, after);
    let replica = scene.replica(None).await;
    assert!(matches!(
        viewer(&replica, &scene.sign_in(identity).await).await,
        Viewer::Federated(_)
    ));
}

#[tokio::test]
async fn a_subject_stays_the_same_person_and_what_is_said_of_them_is_renewed() {
    let scene = Scene::new().await;
    let first = scene.person("zhang").await;
    let mut tx = scene.begin().await;
    let idp = providers::list_active(&mut tx).await.unwrap()[0].id;
    let seen = Seen {
        idp,
        subject: "zhang",
        display_name: Some("New name"),
        email: None,
    };
    assert_eq!(identities::seen(&mut tx, seen).await.unwrap(), first);
    let known = identities::find_all(&mut tx, &[first]).await.unwrap();
    assert_eq!(known[&first].display_name.as_deref(), Some("New name"));
    assert_eq!(known[&first].email, None);
}

#[tokio::test]
async fn a_provider_is_found_while_it_is_active_and_a_new_registration_does_not_revive_it() {
    let scene = Scene::new().await;
    let registration = Registration {
        entity_id: "https://idp.example.org",
        display_name: "IAM",
        metadata: "<one/>",
        subject: Subject::Attribute("uid"),
    };
    let mut tx = scene.begin().await;
    let id = providers::register(&mut tx, registration.clone())
        .await
        .unwrap();
    let found = providers::find_by_entity_id(&mut tx, "https://idp.example.org")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.id, found.subject_attribute.as_deref()),
        (id, Some("uid"))
    );
    tx.commit().await.unwrap();

    scene
        .execute(
            "UPDATE identity_providers SET state = 'DISABLED' WHERE id = $1",
            id.0,
        )
        .await;
    let mut tx = scene.begin().await;
    let renewed = Registration {
        metadata: "<two/>",
        ..registration
    };
    assert_eq!(providers::register(&mut tx, renewed).await.unwrap(), id);
    assert!(
        providers::find_by_entity_id(&mut tx, "https://idp.example.org")
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        providers::list_active(&mut tx)
            .await
            .unwrap()
            .iter()
            .all(|provider| provider.id != id)
    );
}

#[tokio::test]
async fn a_person_reads_why_they_are_no_member_and_nobody_elses_reasons() {
    let scene = Scene::new().await;
    let (identity, _, member) = scene.linked_person("Acme").await;
    let mut tx = scene.begin().await;
    links::end_of_member(&mut tx, member).await.unwrap();
    tx.commit().await.unwrap();
    let replica = scene.replica(None).await;
    let viewer = viewer(&replica, &scene.sign_in(identity).await).await;
    let snapshot = scene.db.snapshot(viewer.read_scope());

    let own = service::person(&viewer, &snapshot, identity)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        own.no_member(),
        NoMember::LinkEnded {
            with: "Acme".to_owned()
        }
    );
    let stranger = scene.person("li").await;
    assert!(
        service::person(&viewer, &snapshot, stranger)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn an_invitation_to_a_persons_address_is_their_reason_until_it_expires() {
    let scene = Scene::new().await;
    let organisation = scene.organisation("Acme").await;
    let administrator = scene.member(organisation).await;
    let identity = scene.person("zhang").await;
    let mut owner = scene.test.connect("portico_owner").await;
    sqlx::query(
        "INSERT INTO invitations (id, organisation_id, email, name, account_name, roles, token_hash, state,
             sent_at, expires_at, invited_by)
         VALUES ($1, $2, 'Zhang@Example.com', 'Z', 'z', '{FINANCE}', decode(repeat('00', 32), 'hex'), 'SENT',
             $3, $4, $5)",
    )
    .bind(IdSource.fresh::<MemberId>().0)
    .bind(organisation.0)
    .bind(noon())
    .bind(noon() + TimeDelta::days(7))
    .bind(administrator.0)
    .execute(&mut owner)
    .await
    .unwrap();
    let replica = scene.replica(None).await;
    let viewer = viewer(&replica, &scene.sign_in(identity).await).await;
    let read = async || {
        let snapshot = scene.db.snapshot(viewer.read_scope());
        service::person(&viewer, &snapshot, identity)
            .await
            .unwrap()
            .unwrap()
            .no_member()
    };

    assert_eq!(
        read().await,
        NoMember::Invited {
            by: "Acme".to_owned()
        }
    );
    scene.clock.advance(TimeDelta::days(7));
    assert_eq!(read().await, NoMember::NeverLinked);
}

#[tokio::test]
async fn acting_as_another_member_makes_a_new_session_once() {
    let scene = Scene::new().await;
    let (identity, _, _) = scene.linked_person("first").await;
    scene.clock.advance(TimeDelta::minutes(1));
    let second = scene.organisation("second").await;
    let other = scene.member(second).await;
    scene.link(identity, second, other).await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    let before = viewer(&replica, &token).await;

    let (key, change) = (key(), ActAs::new(&before, other).unwrap());
    let applied = scene.db.apply(&before, "c", key, &change).await.unwrap();
    assert!(!applied.replayed && applied.outcome == other);
    let after = viewer(&replica, &change.token).await;
    assert_eq!(after.organisation(), Some(second));
    let is_dead = async || matches!(replica.check(&token).await, sessions::Check::Invalid);
    eventually(Duration::from_secs(1), is_dead).await;

    let again = ActAs::new(&after, other).unwrap();
    assert!(
        scene
            .db
            .apply(&after, "c", key, &again)
            .await
            .unwrap()
            .replayed,
        "the person has one key space"
    );
    assert!(matches!(
        replica.check(&again.token).await,
        sessions::Check::Invalid
    ));
}

#[tokio::test]
async fn acting_as_a_member_of_somebody_else_is_refused_like_one_that_nobody_is() {
    let scene = Scene::new().await;
    let (identity, _, _) = scene.linked_person("zhang").await;
    let (_, _, stranger) = scene.linked_person("li").await;
    let token = scene.sign_in(identity).await;
    let replica = scene.replica(None).await;
    let before = viewer(&replica, &token).await;

    for member in [stranger, MemberId(Uuid::nil())] {
        let change = ActAs::new(&before, member).unwrap();
        let refused = scene.db.apply(&before, "c", key(), &change).await;
        assert_eq!(reason(refused), (Code::NotFound, "MEMBERSHIP_NOT_FOUND"));
    }
    assert_eq!(
        viewer(&replica, &token).await,
        before,
        "the session goes on"
    );
}
