//! The flag of a notice foretells its mutation: for everybody who may ask, however their organisation stands.

use std::collections::BTreeSet;

use super::super::service::{MarkRead, find, mark_read_verdict};
use super::*;
use crate::db::IdempotencyKey;
use crate::error::Failure;
use crate::ids::NoticeId;
use crate::standing;
use crate::viewer::{
    ActingFor, ActingMember, ActingService, OrganisationKind, OrganisationState, SignedInIdentity,
    Viewer,
};

const STANDINGS: [&str; 3] = [
    "UPDATE organisations SET state = 'ACTIVE' WHERE kind = 'PARTNER'",
    "UPDATE organisations SET state = 'FROZEN', frozen_reason = 'Bills are overdue.',
         frozen_release = 'The bills are paid.' WHERE kind = 'PARTNER'",
    "UPDATE organisations SET state = 'CLOSED', frozen_reason = NULL, frozen_release = NULL WHERE kind = 'PARTNER'",
];

impl Deal {
    fn viewers(&self) -> Vec<Viewer> {
        let acting_for = ActingFor {
            organisation: self.partner,
            kind: OrganisationKind::Partner,
            state: OrganisationState::Active,
        };
        let owner = ActingMember {
            member: self.owner,
            identity: id(),
            session: id(),
            acting_for,
            // One's own notices need no permission.
            visibility: crate::viewer::Visibility::All,
            permissions: BTreeSet::new(),
        };
        vec![
            Viewer::Member(owner.clone()),
            Viewer::Service(ActingService {
                account: id(),
                acting_for,
                permissions: BTreeSet::new(),
                expires_at: self.now(),
            }),
            Viewer::Federated(SignedInIdentity {
                identity: owner.identity,
                session: owner.session,
            }),
        ]
    }

    async fn foretold(&self, db: &Db, viewer: &Viewer) -> Option<&'static str> {
        let mut verdict = mark_read_verdict(viewer);
        if let Some(own) = viewer.organisation() {
            let snapshot = db.snapshot(viewer.read_scope());
            let mut tx = snapshot.read().await.unwrap();
            let standing = standing::of(&mut tx, own).await.unwrap().unwrap();
            verdict = verdict.under(&standing);
        }
        let first = verdict.blockers.first();
        first.map(|blocker| blocker.refusal.reason.0)
    }
}

async fn mark(db: &Db, viewer: &Viewer, notice: NoticeId) -> Option<&'static str> {
    let change = MarkRead {
        ids: Some(vec![notice]),
    };
    let key = IdempotencyKey {
        key: id::<NoticeId>().0,
        input_hash: [7; 32],
    };
    match db.apply(viewer, "test", key, &change).await {
        Ok(_) => None,
        Err(Failure::Refused(refusals)) => Some(refusals.first.reason.0),
        Err(failure @ Failure::Internal(_)) => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn the_flag_of_a_notice_and_its_mutation_agree_for_everybody() {
    let deal = Deal::refused().await;
    let db = deal.replica();
    deal.make(&db).await;
    let notice = deal
        .texts("SELECT notices.id::text FROM notices JOIN members ON members.id = member_id WHERE account_name = 'owner'")
        .await;
    let notice = NoticeId(notice[0].parse().unwrap());
    let mut seen = BTreeSet::new();
    for standing in STANDINGS {
        for was_read in [false, true] {
            for (number, viewer) in deal.viewers().iter().enumerate() {
                let mut owner = deal.test.connect("portico_owner").await;
                sqlx::query(standing).execute(&mut owner).await.unwrap();
                sqlx::query("UPDATE notices SET read_at = CASE WHEN $1 THEN at END")
                    .bind(was_read)
                    .execute(&mut owner)
                    .await
                    .unwrap();
                let foretold = deal.foretold(&db, viewer).await;

                let answered = mark(&db, viewer, notice).await;

                let case = format!("{standing} viewer {number} read before: {was_read}");
                assert_eq!(foretold, answered, "{case}");
                let reader = &deal.viewers()[0];
                let snapshot = db.snapshot(reader.read_scope());
                let left = find(reader, &snapshot, &[notice]).await.unwrap().remove(0);
                let is_read = was_read || answered.is_none();
                assert_eq!(left.read_at.is_some(), is_read, "{case}");
                seen.insert(answered.unwrap_or("ALLOWED"));
            }
        }
    }

    let expected = ["ALLOWED", "NOT_A_MEMBER", "ORGANISATION_CLOSED"];
    assert_eq!(seen, BTreeSet::from(expected));
}
