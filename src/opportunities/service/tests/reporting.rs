//! Progress: when it can be reported, in which order, with what proof, and what happens without it.

use super::super::super::model::{ProgressReport, ProgressStage};
use super::property::report;
use super::*;
use crate::ids::{DocumentId, Tagged as _};

impl World {
    async fn report(
        &self,
        viewer: &Viewer,
        target: Target,
        report: ProgressReport,
    ) -> Result<Written, Failure> {
        let change = ProgressAdd { target, report };
        let done = self.apply(viewer, &change).await?;
        Ok(done.outcome)
    }

    async fn document(&self, organisation: OrganisationId) -> DocumentId {
        let id: DocumentId = IdSource.fresh();
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO documents (organisation_id, id, file_name, media_type, size, sha256, state, prepared_by,
                 prepared_at, upload_until, completed_at)
             VALUES ($1, $2, 'proof.pdf', 'application/pdf', 3, decode(repeat('00', 32), 'hex'), 'COMPLETE', 'test',
                 $3, $3, $3)",
        )
        .bind(organisation.0)
        .bind(id.0)
        .bind(now())
        .execute(&mut owner)
        .await
        .unwrap();
        id
    }

    async fn entries(
        &self,
        viewer: &Viewer,
        id: OpportunityId,
    ) -> Vec<(String, ProgressStage, i32)> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        let sort = crate::paging::Sort {
            name: "AT",
            column: "at",
            direction: crate::paging::Direction::Descending,
        };
        let window = Window::First {
            count: 100,
            after: None,
        };
        let page = entries(viewer, &snapshot, id, (sort, &window))
            .await
            .unwrap();
        let items = page.items.into_iter();
        items
            .map(|entry| {
                (
                    entry.author,
                    entry.report.stage,
                    entry.report.win_probability,
                )
            })
            .collect()
    }

    async fn stalled(&self, viewer: &Viewer, condition: Condition) -> i64 {
        let filter = Filter {
            conditions: vec![condition],
            ..Filter::default()
        };
        let snapshot = self.db.snapshot(viewer.read_scope());
        count(viewer, &snapshot, &filter).await.unwrap()
    }
}

#[tokio::test]
async fn r_opp_7_r_opp_8_progress_waits_until_both_have_settled() {
    let world = World::new().await;
    let waiting = [
        world.draft(complete()).await,
        world.submitted().await,
        world.in_validation().await,
        world.shared().await,
    ];
    for written in waiting {
        let early = world
            .report(
                &world.seller(),
                written.target(),
                report(ProgressStage::Qualifying),
            )
            .await;
        assert_eq!(refusals(early), one("PROGRESS_NOT_ALLOWED", ""));
        assert_eq!(world.stored(written.id).await.version, written.version);
    }
    let validated = world.validated().await;
    world
        .report(
            &world.seller(),
            validated.target(),
            report(ProgressStage::Qualifying),
        )
        .await
        .unwrap();
    let accept = Accept {
        target: waiting[3].target(),
        owner: None,
    };
    let accepted = world.apply(&world.seller(), &accept).await.unwrap().outcome;
    world
        .report(
            &world.seller(),
            accepted.target(),
            report(ProgressStage::Solution),
        )
        .await
        .unwrap();
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one deal from the first report to the last"
)]
async fn r_opp_9_r_opp_30_reports_go_forward_to_a_proved_delivery_and_no_further() {
    let world = World::new().await;
    let validated = world.validated().await;
    let colleague = viewer(world.colleague, world.partner, OrganisationKind::Partner);
    let mut target = validated.target();
    let early = world
        .report(&colleague, target, report(ProgressStage::Delivering))
        .await;
    assert_eq!(refusals(early), one("PROGRESS_NOT_SIGNED", "stage"));
    for (viewer, stage) in [
        (world.seller(), ProgressStage::Negotiation),
        (colleague.clone(), ProgressStage::Negotiation),
        (world.seller(), ProgressStage::Signed),
    ] {
        target = world
            .report(&viewer, target, report(stage))
            .await
            .unwrap()
            .target();
    }
    let back = world
        .report(&colleague, target, report(ProgressStage::Solution))
        .await;
    assert_eq!(refusals(back), one("PROGRESS_BACKWARD", "stage"));
    let lost = world
        .report(&colleague, target, report(ProgressStage::Lost))
        .await;
    assert_eq!(refusals(lost), one("PROGRESS_LOST", "stage"));
    let bare = world
        .report(&colleague, target, report(ProgressStage::Delivered))
        .await;
    assert_eq!(refusals(bare), one("EVIDENCE_REQUIRED", "documentIds"));
    let proved = |documents| ProgressReport {
        documents,
        ..report(ProgressStage::Delivered)
    };
    for foreign in [world.document(world.rival).await, IdSource.fresh()] {
        let refused = world
            .report(&colleague, target, proved(vec![foreign]))
            .await;
        assert_eq!(refusals(refused)[0].0, "DOCUMENT_NOT_FOUND");
    }
    assert_eq!(
        world.stored(target.id).await.version,
        target.expected_version
    );

    let proof = world.document(world.partner).await;
    target = world
        .report(&colleague, target, proved(vec![proof]))
        .await
        .unwrap()
        .target();

    let after = world
        .report(&world.seller(), target, report(ProgressStage::Delivered))
        .await;
    assert_eq!(refusals(after), one("PROGRESS_ENDED", ""));
    let (seller, colleague) = (world.seller.global(), world.colleague.global());
    let expected = [
        (colleague.clone(), ProgressStage::Delivered, 50),
        (seller.clone(), ProgressStage::Signed, 50),
        (colleague, ProgressStage::Negotiation, 50),
        (seller, ProgressStage::Negotiation, 50),
    ];
    assert_eq!(world.entries(&world.reviewer(), target.id).await, expected);
    assert!(
        world.entries(&world.rival(), target.id).await.is_empty(),
        "R-OPP-31"
    );
    let mut app = world.test.connect("portico_app").await;
    for statement in [
        "UPDATE opportunity_progress SET note = 'changed'",
        "DELETE FROM opportunity_progress",
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn a_report_answers_everything_that_is_wrong_with_it() {
    let world = World::new().await;
    let target = world.validated().await.target();
    let wrong = ProgressReport {
        win_probability: 101,
        note: "  ".to_owned(),
        test_details: Some("x".repeat(2001)),
        occurred_on: Some("2026-11-24".parse().unwrap()),
        ..report(ProgressStage::Signed)
    };
    assert_eq!(
        refusals(world.report(&world.seller(), target, wrong).await),
        [
            ("NOT_A_PERCENTAGE", "winProbability".to_owned()),
            ("NOTE_REQUIRED", "note".to_owned()),
            ("TEXT_TOO_LONG", "testDetails".to_owned()),
            ("DAY_NOT_PAST", "occurredOn".to_owned()),
        ]
    );
    let today = ProgressReport {
        win_probability: 100,
        occurred_on: Some("2026-11-23".parse().unwrap()),
        ..report(ProgressStage::Signed)
    };
    world.report(&world.seller(), target, today).await.unwrap();
}

/// Settled on Monday 23 November 2026: the twentieth working day after it is Monday 21 December.
#[tokio::test]
async fn r_opp_33_a_deal_without_a_word_is_stalled_after_its_twentieth_working_day() {
    let world = World::new().await;
    let validated = world.validated().await;
    let since = |at: &str| at.parse::<DateTime<Utc>>().unwrap();
    for (at, stalled) in [
        ("2026-12-21T15:59:59.999999Z", false),
        ("2026-12-21T16:00:00Z", true),
        ("2027-01-02T00:00:00Z", true),
    ] {
        world.at(at);
        for viewer in [world.seller(), world.reviewer()] {
            let count = world.stalled(&viewer, Condition::Stalled(true)).await;
            assert_eq!(count, i64::from(stalled), "{at}");
            let silent = world
                .stalled(&viewer, Condition::SilentForWorkingDays(20))
                .await;
            assert_eq!(silent, i64::from(stalled), "{at}");
            let others = world.stalled(&viewer, Condition::Stalled(false)).await;
            assert_eq!(others, i64::from(!stalled), "{at}");
            let snapshot = world.db.snapshot(viewer.read_scope());
            let times = times(&snapshot).await.unwrap();
            let read = world.read(&viewer, validated.id).await;
            let expected = stalled.then(|| since("2026-12-21T16:00:00Z"));
            assert_eq!(times.stalled_since(&read), expected);
            assert_eq!(
                read.review.state(),
                ReviewState::Validated,
                "its state stays"
            );
        }
    }
    world
        .report(
            &world.seller(),
            validated.target(),
            report(ProgressStage::Qualifying),
        )
        .await
        .unwrap();
    assert_eq!(
        world
            .stalled(&world.seller(), Condition::Stalled(true))
            .await,
        0
    );
}
