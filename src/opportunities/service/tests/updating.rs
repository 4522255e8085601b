//! Who keeps deals up to date, and whose turn it is when nobody can move one (R-OPP-28, R-OPP-33, R-OPP-35).

use super::super::super::model::{ProgressStage, Side, Validation};
use super::property::report;
use super::*;
use crate::explain::Remover;
use crate::opportunities::service::eligibility;
use crate::organisation::members::{DutyHolder as _, Remaining};

/// Settled on Monday 23 November: the twentieth working day after it is Monday 21 December.
const LAST_INSTANT: &str = "2026-12-21T15:59:59.999999Z";
const STALLED: &str = "2026-12-21T16:00:00Z";

impl World {
    async fn stands_in_the_way(&self) -> Vec<(&'static str, Remover, Vec<(&'static str, String)>)> {
        let snapshot = self.db.snapshot(Scope::Vendor);
        let verdict = eligibility::read(&self.reviewer(), &snapshot, self.partner).await;
        let blockers = verdict.unwrap().unwrap().blockers.into_iter();
        blockers
            .map(|it| {
                let params = it.refusal.params.into_iter().collect();
                (it.refusal.reason.0, it.removable_by, params)
            })
            .collect()
    }

    async fn share_again(&self) -> Result<Applied<Written>, Failure> {
        let share = Share {
            partner: self.partner,
            content: ContentEdit {
                customer_name: text("青山医药"),
                ..complete()
            },
        };
        self.apply(&self.reviewer(), &share).await
    }

    async fn waiting_on(&self, side: Side) -> i64 {
        let filter = Filter {
            conditions: vec![Condition::WaitingOn(side)],
            ..Filter::default()
        };
        let viewer = self.seller();
        let snapshot = self.db.snapshot(viewer.read_scope());
        count(&viewer, &snapshot, &filter).await.unwrap()
    }

    async fn left_behind(&self) -> i64 {
        let scope = Scope::Own(self.partner);
        let snapshot = self.db.snapshot(scope.clone());
        let mut tx = snapshot.read().await.unwrap();
        let (members, none) = ([self.seller], Remaining::default());
        let held = OwnedOpportunities.held(&mut tx, &scope, &members, &none);
        held.await
            .unwrap()
            .get(&self.seller)
            .map_or(0, |held| held.count)
    }
}

/// R-OPP-28, R-OPP-33: a partner with a stalled deal of either kind gets none of the vendor's until it reports; the last
/// instant still counts as kept up to date.
#[tokio::test]
async fn r_opp_28_r_opp_33_who_lets_a_deal_stall_gets_no_other() {
    let world = World::new().await;
    let shared = world.shared().await;
    let accept = Accept {
        target: shared.target(),
        owner: None,
    };
    let accepted = world.apply(&world.seller(), &accept).await.unwrap().outcome;
    let own = world.validated().await;
    world.at(LAST_INSTANT);
    assert_eq!(world.stands_in_the_way().await, []);
    world.at(STALLED);
    let stalled = |count: &str| {
        let params = vec![
            ("maximum", "0".to_owned()),
            ("stalled", count.to_owned()),
            ("workingDays", "20".to_owned()),
        ];
        [("HO_PARTNER_NOT_UPDATING", Remover::Partner, params)]
    };
    assert_eq!(world.stands_in_the_way().await, stalled("2"));
    let before = world.versions().await;
    assert_eq!(
        refusals(world.share_again().await),
        one("HO_PARTNER_NOT_UPDATING", "organisationId")
    );
    assert_eq!(world.versions().await, before);

    for (settled, left) in [(accepted, Some("1")), (own, None)] {
        let add = ProgressAdd {
            target: settled.target(),
            report: report(ProgressStage::Qualifying),
        };
        world.apply(&world.seller(), &add).await.unwrap();
        match left {
            Some(left) => assert_eq!(world.stands_in_the_way().await, stalled(left)),
            None => assert_eq!(world.stands_in_the_way().await, []),
        }
    }
    assert!(world.share_again().await.is_ok());
}

/// R-OPP-28: how many may be stalled is a number of the rule set from a day on.
#[tokio::test]
async fn r_opp_28_the_rule_set_says_how_many_may_be_stalled() {
    let world = World::new().await;
    world.validated().await;
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query(
        "INSERT INTO rules (id, name, site, programme, effective_from, value, source)
         VALUES (gen_random_uuid(), 'opportunity.updating', 'CN', 'CO_SELL', '2026-12-23', '{\"maximum_stalled\": 1}', 'R-OPP-28')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    world.at(STALLED);
    assert_eq!(world.stands_in_the_way().await.len(), 1);
    world.at("2026-12-22T16:00:00Z");
    assert_eq!(world.stands_in_the_way().await, []);
}

/// The eligibility costs as many statements for many stalled deals as for none.
#[tokio::test]
async fn the_statements_of_eligibility_do_not_grow_with_the_deals() {
    let world = World::new().await;
    // What a process reads once is read.
    world.stands_in_the_way().await;
    let mut costs = Vec::new();
    for _ in 0..2 {
        let snapshot = world.db.snapshot(Scope::Vendor);
        let before = world.db.statements();
        eligibility::read(&world.reviewer(), &snapshot, world.partner)
            .await
            .unwrap();
        costs.push(world.db.statements() - before);
        for _ in 0..5 {
            world.validated().await;
        }
        world.at(STALLED);
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(world.stands_in_the_way().await.len(), 1);
}

/// R-OPP-35: what was refused as often as it may be waits for nobody: not as one opportunity, not in a list.
#[tokio::test]
async fn r_opp_35_what_is_used_up_waits_for_nobody() {
    let world = World::new().await;
    let mut target = world.submitted().await.target();
    for round in 1..=3 {
        let reject = ReviewReject {
            target,
            reason: "Not this one".to_owned(),
        };
        let refused = world
            .apply(&world.reviewer(), &reject)
            .await
            .unwrap()
            .outcome;
        target = refused.target();
        let stored = world.stored(refused.id).await;
        let side = stored.court((Validation::Follows, 3)).side;
        if round < 3 {
            assert_eq!(
                (side, world.waiting_on(Side::Partner).await),
                (Some(Side::Partner), 1)
            );
            target = world
                .apply(&world.seller(), &Submit { target })
                .await
                .unwrap()
                .outcome
                .target();
            assert_eq!(
                (
                    world.waiting_on(Side::Partner).await,
                    world.waiting_on(Side::Vendor).await
                ),
                (0, 1)
            );
        } else {
            assert_eq!((side, world.waiting_on(Side::Partner).await), (None, 0));
        }
    }
    world.draft(complete()).await;
    world.shared().await;
    assert_eq!(
        world.waiting_on(Side::Partner).await,
        2,
        "the draft and what was shared"
    );
    world
        .execute("UPDATE rules SET value = jsonb_set(value, '{round_limit}', '4') WHERE name = 'opportunity.submission'")
        .await;
    assert_eq!(
        world.waiting_on(Side::Partner).await,
        3,
        "another limit moves it again"
    );
}

/// R-ORG-21, R-OPP-3: what was not answered in time keeps nobody, whether or not the job has recorded it; what the vendor
/// let pass is the partner's to hand in again, and keeps its owner.
#[tokio::test]
async fn r_org_21_a_share_that_lapsed_keeps_its_owner_no_longer() {
    let world = World::new().await;
    world.shared().await;
    world.in_validation().await;
    world.at("2026-11-26T15:59:59.999999Z");
    assert_eq!(world.left_behind().await, 2);
    world.at("2026-11-26T16:00:00Z");
    assert_eq!(world.left_behind().await, 1);
    assert_eq!(world.tick().await, 1);
    assert_eq!(world.left_behind().await, 1);
    world.at("2026-12-07T16:00:00Z");
    assert_eq!(world.left_behind().await, 1);
}
