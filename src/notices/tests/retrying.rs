//! Dead letters: the flag foretells the mutation, in every state and for everybody, and a retry sends again.

use std::collections::BTreeSet;

use super::super::retrying::{Retry, verdict};
use super::*;
use crate::db::IdempotencyKey;
use crate::error::Failure;
use crate::ids::{NoticeDeliveryId, NoticeId};
use crate::notices::model::Delivery;
use crate::viewer::{
    ActingFor, ActingMember, OrganisationKind, OrganisationState, Permission, SignedInIdentity,
    Viewer,
};

const STATES: [&str; 3] = [
    "UPDATE notice_deliveries SET state = 'FAILED', next_attempt_at = NULL, ended_at = made_at,
         last_error = 'REFUSED_BY_SERVER', attempts = 9",
    "UPDATE notice_deliveries SET state = 'SENT', next_attempt_at = NULL, ended_at = made_at",
    "UPDATE notice_deliveries SET state = 'PENDING', next_attempt_at = made_at, ended_at = NULL",
];

impl Deal {
    /// The vendor's operator, its auditor, the reader himself with every permission, and a person without a member.
    fn askers(&self) -> Vec<Viewer> {
        let member = |organisation, kind, permissions: &[Permission]| ActingMember {
            member: self.owner,
            identity: id(),
            session: id(),
            acting_for: ActingFor {
                organisation,
                kind,
                state: OrganisationState::Active,
            },
            visibility: crate::viewer::Visibility::All,
            permissions: permissions.iter().copied().collect(),
        };
        let vendor =
            |permissions: &[Permission]| member(id(), OrganisationKind::Vendor, permissions);
        let reader = member(self.partner, OrganisationKind::Partner, Permission::ALL);
        vec![
            Viewer::Member(vendor(&[Permission::RetryNotices])),
            Viewer::Member(vendor(&[Permission::ReadAudit])),
            Viewer::Federated(SignedInIdentity {
                identity: reader.identity,
                session: reader.session,
            }),
            Viewer::Member(reader),
        ]
    }

    async fn delivery(&self, db: &Db, id: NoticeDeliveryId) -> Delivery {
        let mut tx = crate::jobs::begin(db, "test").await.unwrap();
        let found = store::find_delivery(&mut tx, &Scope::Vendor, id).await;
        found.unwrap().unwrap()
    }

    async fn first_delivery(&self) -> NoticeDeliveryId {
        let ids = self
            .texts("SELECT id::text FROM notice_deliveries ORDER BY id LIMIT 1")
            .await;
        NoticeDeliveryId(ids[0].parse().unwrap())
    }
}

async fn retry(
    db: &Db,
    viewer: &Viewer,
    (id, version): (NoticeDeliveryId, i64),
) -> Option<&'static str> {
    let change = Retry {
        id,
        expected_version: version,
    };
    let key = IdempotencyKey {
        key: super::id::<NoticeId>().0,
        input_hash: [7; 32],
    };
    match db.apply(viewer, "test", key, &change).await {
        Ok(_) => None,
        Err(Failure::Refused(refusals)) => Some(refusals.first.reason.0),
        Err(failure @ Failure::Internal(_)) => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn the_flag_of_a_delivery_and_its_mutation_agree_in_every_state() {
    let deal = Deal::refused().await;
    let db = deal.replica();
    deal.make(&db).await;
    let id = deal.first_delivery().await;
    let mut owner = deal.test.connect("portico_owner").await;
    let mut seen = BTreeSet::new();
    for state in STATES {
        for (number, viewer) in deal.askers().iter().enumerate() {
            sqlx::query(state).execute(&mut owner).await.unwrap();
            let before = deal.delivery(&db, id).await;
            let foretold = verdict(viewer, &before);
            let foretold = foretold.blockers.first();
            let foretold = foretold.map(|blocker| blocker.refusal.reason.0);

            let answered = retry(&db, viewer, (id, before.version)).await;

            let case = format!("{state} viewer {number}");
            assert_eq!(foretold, answered, "{case}");
            let left = deal.delivery(&db, id).await;
            assert_eq!(answered.is_some(), left == before, "{case}");
            seen.insert(answered.unwrap_or("ALLOWED"));
        }
    }

    let expected = [
        "ALLOWED",
        "NOTICE_DELIVERY_NOT_FAILED",
        "NOT_A_MEMBER",
        "PERMISSION_MISSING",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}

#[tokio::test]
async fn a_dead_letter_that_is_tried_again_is_sent_once_and_stands_in_the_history() {
    let deal = Deal::refused().await;
    let db = deal.replica();
    deal.make(&db).await;
    let mut owner = deal.test.connect("portico_owner").await;
    sqlx::query(STATES[0]).execute(&mut owner).await.unwrap();
    let id = deal.first_delivery().await;
    let operator = &deal.askers()[0];
    let office = PostOffice::open(&[]).await;

    assert_eq!(
        retry(&db, operator, (id, 2)).await,
        Some("VERSION_CONFLICT")
    );
    let unknown = retry(&db, operator, (super::id(), 1)).await;
    assert_eq!(unknown, Some("NOTICE_DELIVERY_NOT_FOUND"));
    assert_eq!(retry(&db, operator, (id, 1)).await, None);
    assert_eq!(
        retry(&db, operator, (id, 1)).await,
        Some("VERSION_CONFLICT")
    );
    // A refused change gives its locks back when its connection goes home, and a job passes over what is locked.
    sqlx::query("SELECT FROM notice_deliveries FOR UPDATE")
        .execute(&mut owner)
        .await
        .unwrap();
    delivering(&office).run(&db).await.unwrap();

    let sent = deal.delivery(&db, id).await;
    assert_eq!((sent.state.as_str(), sent.attempts), ("SENT", 1));
    let mut states = deal
        .texts("SELECT state FROM notice_deliveries ORDER BY state")
        .await;
    states.dedup();
    assert_eq!(states, ["FAILED", "SENT"]);
    let history = deal
        .texts(
            "SELECT object_version || ' ' || action || ' ' || from_state || ' ' || to_state FROM timeline_entries
             WHERE object_kind = 'ndl'",
        )
        .await;
    assert_eq!(history, ["2 notice_delivery.retried FAILED PENDING"]);
}
