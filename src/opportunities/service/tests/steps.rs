//! What many tests begin with, and how they look at what came of it.

use super::*;

impl World {
    /// Passed its review at the time of the clock.
    pub(super) async fn in_validation(&self) -> Written {
        let submitted = self.submitted().await;
        let target = submitted.target();
        let approve = ReviewApprove { target };
        let approved = self.apply(&self.reviewer(), &approve).await;
        approved.unwrap().outcome
    }

    pub(super) async fn validated(&self) -> Written {
        let target = self.in_validation().await.target();
        let approve = ValidationApprove { target };
        let approved = self.apply(&self.reviewer(), &approve).await;
        approved.unwrap().outcome
    }

    /// Shared by the vendor with the partner, whose main account the seller holds.
    pub(super) async fn shared(&self) -> Written {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
            .bind(self.partner.0)
            .bind(self.seller.0)
            .execute(&mut owner)
            .await
            .unwrap();
        let share = Share {
            partner: self.partner,
            // Of another customer than what the partner shares itself: that would be a duplicate.
            content: ContentEdit {
                customer_name: text("远山制造"),
                ..complete()
            },
        };
        let shared = self.apply(&self.reviewer(), &share).await;
        shared.unwrap().outcome
    }

    /// Gives the seller and the colleague a role that works on opportunities, and the reviewer one that decides.
    pub(super) async fn grant_roles(&self) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(
            "INSERT INTO member_roles (organisation_id, member_id, role)
             SELECT organisation_id, id, CASE WHEN id = $3 THEN 'VENDOR_REVIEWER' ELSE 'ACCOUNT_MANAGER' END
             FROM members WHERE id IN ($1, $2, $3)",
        )
        .bind(self.seller.0)
        .bind(self.colleague.0)
        .bind(self.reviewer.0)
        .execute(&mut owner)
        .await
        .unwrap();
    }

    /// Sets the clock to an instant that has not come yet.
    pub(super) fn at(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        self.clock.advance(instant - self.clock.process());
    }

    /// Runs what the clock starts, as every replica does.
    pub(super) async fn tick(&self) -> usize {
        let expiries = Expiries::new(vec![
            Box::new(ExpiringOpportunities(DeadlineKind::AcceptSharedOpportunity)),
            Box::new(ExpiringOpportunities(DeadlineKind::ValidateOpportunity)),
        ]);
        let expired = expire_due(&self.db, &expiries).await.unwrap();
        assert_eq!(expired.failed, 0);
        expired.carried_out
    }

    /// As the viewer reads it.
    pub(super) async fn read(&self, viewer: &Viewer, id: OpportunityId) -> Opportunity {
        let snapshot = self.db.snapshot(viewer.read_scope());
        find(viewer, &snapshot, &[id]).await.unwrap().remove(0)
    }

    /// How many the viewer finds in one of the states.
    pub(super) async fn count_in(&self, viewer: &Viewer, states: &[ReviewState]) -> i64 {
        let filter = Filter {
            conditions: vec![Condition::ReviewStateIn(states.to_vec())],
            ..Filter::default()
        };
        let snapshot = self.db.snapshot(viewer.read_scope());
        count(viewer, &snapshot, &filter).await.unwrap()
    }
}
