//! The record, kept by the person and by the partner's administrator.

use super::record::{Line, LineEdit, RecordEdit, RecordKind};
use super::*;

fn certificate(name: &str, until: Option<&str>, document: Option<DocumentId>) -> LineEdit {
    LineEdit {
        id: None,
        line: Line {
            name: name.to_owned(),
            detail: None,
            from: "2025-01-01".parse().unwrap(),
            until: until.map(|day| day.parse().unwrap()),
            document,
        },
    }
}

fn certificates(lines: Vec<LineEdit>) -> RecordEdit {
    RecordEdit {
        lines: vec![(RecordKind::Certificate, lines)],
        ..RecordEdit::default()
    }
}

async fn update(
    world: &World,
    viewer: &Viewer,
    (written, edit): (Written, RecordEdit),
) -> Result<Written, Failure> {
    let change = Update::prepare(&world.db, viewer, (target(written), edit)).await?;
    Ok(world.apply(viewer, &change).await?.outcome)
}

#[tokio::test]
async fn both_the_person_and_the_administrator_write_and_each_version_has_its_entry() {
    let world = World::new().await;
    let (person, now) = bound(&world, "lihua").await;
    let position = RecordEdit {
        position: Some("架构师".to_owned()),
        ..RecordEdit::default()
    };
    let now = update(&world, &person.viewer(), (now, position.clone()))
        .await
        .unwrap();
    let same = update(&world, &person.viewer(), (now, position))
        .await
        .unwrap();
    assert_eq!(same, now, "nothing changed, so there is no version");
    let proof = document(&world, world.partner).await;
    let lines = vec![
        certificate("A", Some("2026-11-24"), Some(proof)),
        certificate("B", None, None),
    ];
    let admin = world.admin.viewer();
    let now = update(&world, &admin, (now, certificates(lines)))
        .await
        .unwrap();

    let entries = "SELECT count(*) FROM timeline_entries WHERE action = 'dedicated_person.updated'";
    assert_eq!(world.count(entries).await, 2);
    let by_person =
        "SELECT count(*) FROM timeline_entries WHERE action = 'dedicated_person.updated'
        AND actor LIKE 'fid\\_%' AND details -> 'changed' = '[\"position\"]'";
    assert_eq!(world.count(by_person).await, 1);
    // The person keeps the administrator's proof and takes the other line out.
    let snapshot = world.db.snapshot(person.viewer().read_scope());
    let held = records(&person.viewer(), &snapshot, &[now.id])
        .await
        .unwrap();
    let kept = held[&now.id].iter().find(|it| it.line.name == "A").unwrap();
    let kept = LineEdit {
        id: Some(kept.id),
        line: kept.line.clone(),
    };
    update(&world, &person.viewer(), (now, certificates(vec![kept])))
        .await
        .unwrap();
    let left = "SELECT count(*) FROM personnel_records WHERE removed_at IS NULL";
    let all = "SELECT count(*) FROM personnel_records";
    assert_eq!((world.count(left).await, world.count(all).await), (1, 2));
}

#[tokio::test]
async fn a_person_attaches_no_document_of_the_partners_and_a_partner_none_of_another() {
    let world = World::new().await;
    let (person, now) = bound(&world, "lihua").await;
    let own = document(&world, world.partner).await;
    let foreign = document(&world, world.rival).await;
    let before = world.everything().await;

    let edit = certificates(vec![certificate("A", None, Some(own))]);
    let refused = update(&world, &person.viewer(), (now, edit)).await;
    assert_eq!(reasons(refused), ["DOCUMENT_NOT_FOUND"]);
    let edit = certificates(vec![certificate("A", None, Some(foreign))]);
    let refused = update(&world, &world.admin.viewer(), (now, edit)).await;
    assert_eq!(reasons(refused), ["DOCUMENT_NOT_FOUND"]);
    assert_eq!(world.everything().await, before);
}

/// A certificate of somebody else is no line of this record, whoever's it is.
#[tokio::test]
async fn the_line_of_another_person_cannot_be_taken() {
    let world = World::new().await;
    let (_, one) = bound(&world, "lihua").await;
    let (_, other) = bound(&world, "wangfang").await;
    let admin = world.admin.viewer();
    let edit = certificates(vec![certificate("A", None, None)]);
    update(&world, &admin, (one, edit)).await.unwrap();
    let snapshot = world.db.snapshot(admin.read_scope());
    let held = records(&admin, &snapshot, &[one.id]).await.unwrap();
    let taken = LineEdit {
        id: Some(held[&one.id][0].id),
        ..certificate("A", None, None)
    };
    let before = world.everything().await;

    let refused = update(&world, &admin, (other, certificates(vec![taken]))).await;

    assert_eq!(reasons(refused), ["RECORD_NOT_FOUND"]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn of_two_who_write_at_once_one_learns_of_the_other() {
    let world = World::new().await;
    let (person, now) = bound(&world, "lihua").await;
    let position = |text: &str| RecordEdit {
        position: Some(text.to_owned()),
        ..RecordEdit::default()
    };
    let (viewer, admin) = (person.viewer(), world.admin.viewer());

    let both = tokio::join!(
        update(&world, &viewer, (now, position("A"))),
        update(&world, &admin, (now, position("B"))),
    );

    let lost = match both {
        (Ok(_), lost @ Err(_)) | (lost @ Err(_), Ok(_)) => lost,
        both => panic!("one of them: {both:?}"),
    };
    assert_eq!(reasons(lost), ["VERSION_CONFLICT"]);
}
