//! Letters to who is invited, and news to the partner (R-DED-17, R-GEN-5).

use std::path::PathBuf;

use super::*;
use crate::db::{Acting, Tx};
use crate::ids::TimelineEntryId;
use crate::jobs::Job as _;
use crate::notices::{
    Announces as _, Audience, Happening, Mail, MailTransport, NoticeDraft, NoticeKind,
};
use crate::organisation::personnel::{MailingInvitations, PersonnelNews};

/// A folder of this test alone, which is gone when the test is.
struct Letters(PathBuf);

impl Letters {
    fn new() -> Self {
        let name = format!("portico-letters-{}", IdSource.fresh::<DocumentId>().0);
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn job(&self) -> MailingInvitations {
        MailingInvitations {
            mail: Some(Mail {
                transport: MailTransport::folder(&self.0),
                from: "portico@vendor.example".parse().unwrap(),
                host: "portal.example".to_owned(),
            }),
            portal: "https://portal.example/".to_owned(),
        }
    }

    fn read(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.0).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let letters = files.filter(|path| path.extension().is_some_and(|it| it == "eml"));
        letters
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }
}

impl Drop for Letters {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn who_is_invited_gets_one_letter_without_the_secret() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    let (person, token) = sent_by(&world, &world.admin, "lihua").await;
    let letters = Letters::new();
    let job = letters.job();

    job.run(&world.db).await.unwrap();
    job.run(&world.db).await.unwrap();

    let read = letters.read();
    assert_eq!(read.len(), 1);
    assert!(read[0].contains("To: lihua@home.example"), "{}", read[0]);
    assert!(!read[0].contains(&token));
    let left = "SELECT count(*) FROM personnel_sendings WHERE mail_after IS NOT NULL";
    assert_eq!(world.count(left).await, 0);
    let again = Resend {
        target: target(person),
        token: RandomToken::fresh().unwrap(),
    };
    world.apply(&world.admin.viewer(), &again).await.unwrap();
    job.run(&world.db).await.unwrap();
    assert_eq!(letters.read().len(), 2, "a letter for each sending");
}

#[tokio::test]
async fn nobody_is_written_to_about_an_invitation_that_is_answered_or_over() {
    let world = World::new().await;
    bound(&world, "lihua").await;
    individual(&world, "late", "PERSONAL").await;
    sent_by(&world, &world.admin, "late").await;
    world.clock.advance(chrono::TimeDelta::days(7));
    let letters = Letters::new();

    letters.job().run(&world.db).await.unwrap();

    assert!(letters.read().is_empty());
    let left = "SELECT count(*) FROM personnel_sendings WHERE mail_after IS NOT NULL";
    assert_eq!(world.count(left).await, 0);
}

/// A letter that cannot go now goes later, and its holder's crash leaves it to another.
#[tokio::test]
async fn a_letter_that_could_not_be_sent_is_tried_again() {
    let world = World::new().await;
    individual(&world, "lihua", "PERSONAL").await;
    sent_by(&world, &world.admin, "lihua").await;
    let letters = Letters::new();
    let mut job = letters.job();
    let missing = letters.0.join("missing");
    job.mail.as_mut().unwrap().transport = MailTransport::folder(&missing);

    job.run(&world.db).await.unwrap();
    assert!(letters.read().is_empty());
    letters.job().run(&world.db).await.unwrap();
    assert!(letters.read().is_empty(), "not before its time");
    world.clock.advance(chrono::TimeDelta::minutes(10));
    letters.job().run(&world.db).await.unwrap();

    assert_eq!(letters.read().len(), 1);
}

async fn staff(world: &World) -> Tx {
    let acting = Acting {
        actor: "job:test".to_owned(),
        correlation_id: "c".to_owned(),
    };
    world.db.begin(&Scope::Job("test"), &acting).await.unwrap()
}

async fn news(world: &World, person: PersonId, action: &str) -> Vec<NoticeDraft> {
    let happened = Happening {
        entry: TimelineEntryId(uuid::Uuid::nil()),
        organisation: world.partner,
        object_kind: PersonId::TAG.to_owned(),
        object: person.0,
        object_version: 1,
        at: world.now(),
        actor: "fid".to_owned(),
        action: action.to_owned(),
        details: serde_json::json!({}),
    };
    let mut tx = staff(world).await;
    PersonnelNews.announce(&mut tx, &happened).await.unwrap()
}

#[tokio::test]
async fn r_ded_17_the_partner_is_told_when_the_person_goes_and_of_every_decision() {
    let world = World::new().await;
    let (_, person) = dedicated(&world, "lihua").await;
    let told = news(&world, person.id, "dedicated_person.left").await;
    let audiences: Vec<Audience> = told.iter().map(|draft| draft.audience).collect();

    assert!(audiences.contains(&Audience::Member(world.admin.member)));
    assert!(audiences.contains(&Audience::MainAccount(world.partner)));
    assert!(
        told.iter()
            .all(|draft| draft.kind == NoticeKind::DedicatedPersonLeft)
    );
    let params = serde_json::to_string(&told[0].params).unwrap();
    assert!(
        !params.contains("lihua") && !params.contains("李"),
        "{params}"
    );
    for (action, kind) in [
        ("dedicated_person.bound", NoticeKind::DedicatedPersonBound),
        (
            "dedicated_person.approved",
            NoticeKind::DedicatedPersonApproved,
        ),
        (
            "dedicated_person.rejected",
            NoticeKind::DedicatedPersonRejected,
        ),
        (
            "dedicated_person.cancel_approved",
            NoticeKind::DedicatedPersonCancelApproved,
        ),
        (
            "dedicated_person.cancel_rejected",
            NoticeKind::DedicatedPersonCancelRejected,
        ),
        (
            "dedicated_person.disqualified",
            NoticeKind::DedicatedPersonDisqualified,
        ),
    ] {
        assert_eq!(news(&world, person.id, action).await[0].kind, kind);
    }
    assert!(
        news(&world, person.id, "dedicated_person.updated")
            .await
            .is_empty()
    );
    let unknown: PersonId = IdSource.fresh();
    assert!(
        news(&world, unknown, "dedicated_person.left")
            .await
            .is_empty()
    );
}
