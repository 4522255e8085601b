//! Of two deals for one customer need the earlier one stands, however close they come (R-OPP-24, R-OPP-25, R-OPP-35).

mod at_once;

use super::super::super::model::{Action, LossReason};
use super::catalogue::target;
use super::*;
use crate::explain::Remover;

impl World {
    /// The partner and the rival have somebody to share deals with.
    async fn with_owners() -> Self {
        let world = Self::new().await;
        world
            .execute(
                "INSERT INTO member_roles SELECT organisation_id, members.id, 'SYSTEM_ADMIN' FROM members
                 JOIN organisations o ON o.id = organisation_id WHERE o.kind = 'PARTNER'",
            )
            .await;
        world
    }

    async fn share(&self, share: &Share) -> Result<Applied<Written>, Failure> {
        self.apply(&self.reviewer(), share).await
    }

    async fn submitted_for(&self, customer: &str) -> Written {
        let content = of(customer, complete());
        let draft = self.draft(content).await;
        let submit = Submit {
            target: target(draft),
        };
        self.apply(&self.seller(), &submit).await.unwrap().outcome
    }

    fn to_partner(&self, customer: &str) -> Share {
        Share {
            partner: self.partner,
            content: of(customer, complete()),
        }
    }

    fn to_rival(&self, customer: &str) -> Share {
        Share {
            partner: self.rival,
            content: of(customer, Self::rivals()),
        }
    }

    async fn begun(&self, scope: &Scope, viewer: &Viewer) -> Tx {
        let acting = crate::db::Acting {
            actor: viewer.actor(),
            correlation_id: "c".to_owned(),
        };
        self.db.begin(scope, &acting).await.unwrap()
    }

    /// What stands in the way of the validation, as the vendor's people are told, and who can remove it.
    async fn told(&self, viewer: &Viewer, id: OpportunityId) -> Vec<(&'static str, Remover)> {
        let snapshot = self.db.snapshot(viewer.read_scope());
        let opportunity = find(viewer, &snapshot, &[id]).await.unwrap().remove(0);
        let wanted = Wanted::by(viewer, &opportunity);
        let facts = facts::read(&snapshot, std::slice::from_ref(&wanted))
            .await
            .unwrap();
        let action = Action::ValidationApprove;
        let verdict = policy::verdict(action, viewer, &opportunity, &facts[&wanted]);
        let blockers = verdict.blockers.into_iter();
        blockers
            .map(|blocker| (blocker.refusal.reason.0, blocker.removable_by))
            .collect()
    }
}

fn of(customer: &str, content: ContentEdit) -> ContentEdit {
    ContentEdit {
        customer_name: text(customer),
        ..content
    }
}

fn duplicate<T: std::fmt::Debug>(result: Result<T, Failure>) -> (&'static str, Option<String>) {
    match result {
        Err(Failure::Refused(refusals)) => match refusals.first.data {
            Some(RefusalData::Duplicate { existing }) => (refusals.first.reason.0, existing),
            _ => panic!("not for a duplicate: {refusals:?}"),
        },
        other => panic!("not refused: {other:?}"),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "compared with the name in a refusal, which may hold none"
)]
fn named_by(written: Written) -> Option<String> {
    Some(crate::ids::Tagged::global(written.id))
}

/// R-OPP-25: the vendor shares one customer need with one partner at a time; the refusal names the first one.
#[tokio::test]
async fn r_opp_25_a_need_that_is_shared_with_one_partner_is_not_shared_with_another() {
    let world = World::with_owners().await;
    let first = world
        .share(&world.to_partner("长河物流"))
        .await
        .unwrap()
        .outcome;
    let before = world.versions().await;
    let second = world.share(&world.to_rival("长河物流有限公司")).await;
    assert_eq!(duplicate(second), ("HO_SHARED_ALREADY", named_by(first)));
    assert_eq!(world.versions().await, before, "nothing was written");
    let elsewhere = world.share(&world.to_rival("远山制造")).await;
    assert!(elsewhere.is_ok(), "another customer");
    let again = world.share(&world.to_partner("长河物流")).await;
    assert!(again.is_ok(), "the same partner has no rival in it");
}

/// R-OPP-25, R-OPP-34: what was declined, let pass, cancelled or lost stands in nobody's way, recorded or not.
#[tokio::test]
async fn r_opp_25_a_share_that_has_ended_stands_in_nobodys_way() {
    let world = World::with_owners().await;
    let seller = world.seller();
    for end in ["declined", "let pass", "cancelled", "lost"] {
        let shared = world.share(&world.to_partner(end)).await.unwrap().outcome;
        let waiting = of(end, World::rivals());
        let waiting = world.under_validation(&world.rival(), waiting).await;
        assert_eq!(
            duplicate(world.validate(waiting).await),
            ("PO_DUPLICATE", named_by(shared))
        );
        let accept = Accept {
            target: target(shared),
            owner: None,
        };
        let reason = "Because".to_owned();
        match end {
            "declined" => {
                let reject = Reject {
                    target: target(shared),
                    reason,
                };
                world.apply(&seller, &reject).await.unwrap();
            }
            "let pass" => world.at("2026-11-26T16:00:00Z"),
            "cancelled" => {
                let accepted = world.apply(&seller, &accept).await.unwrap().outcome;
                let cancel = Cancel {
                    target: target(accepted),
                    reason,
                };
                world.apply(&world.reviewer(), &cancel).await.unwrap();
            }
            _ => {
                let accepted = world.apply(&seller, &accept).await.unwrap().outcome;
                let lose = Lose {
                    target: target(accepted),
                    reason: LossReason::Price,
                    note: None,
                };
                world.apply(&seller, &lose).await.unwrap();
            }
        }
        assert!(world.validate(waiting).await.is_ok(), "{end}");
    }
}

/// R-OPP-25: a validation that the vendor let pass leaves the need free, before the job has recorded it.
#[tokio::test]
async fn r_opp_25_a_need_is_free_once_its_validation_has_timed_out() {
    let world = World::with_owners().await;
    let waiting = world.under_validation(&world.seller(), complete()).await;
    let share = world.to_rival("长河物流");
    assert_eq!(
        duplicate(world.share(&share).await),
        ("HO_DUPLICATE", named_by(waiting))
    );
    world.at("2026-12-07T15:59:59.999999Z");
    assert_eq!(duplicate(world.share(&share).await).0, "HO_DUPLICATE");
    world.at("2026-12-07T16:00:00Z");
    assert!(world.share(&share).await.is_ok());
}

/// R-OPP-25, R-OPP-35: the place in time is that of the round that runs, so a deal that had to be handed in again comes
/// after what was shared in between.
#[tokio::test]
async fn r_opp_35_a_new_round_takes_a_new_place() {
    let world = World::with_owners().await;
    let first = world.submitted_for("长河物流").await;
    let approve = ReviewApprove {
        target: target(first),
    };
    let reviewed = world
        .apply(&world.reviewer(), &approve)
        .await
        .unwrap()
        .outcome;
    let reject = ValidationReject {
        target: target(reviewed),
        reason: "Ask the customer again".to_owned(),
    };
    let refused = world
        .apply(&world.reviewer(), &reject)
        .await
        .unwrap()
        .outcome;
    world.clock.advance(chrono::TimeDelta::minutes(5));
    let shared = world
        .share(&world.to_rival("长河物流"))
        .await
        .unwrap()
        .outcome;
    world.clock.advance(chrono::TimeDelta::minutes(5));
    let submit = Submit {
        target: target(refused),
    };
    let again = world.apply(&world.seller(), &submit).await.unwrap().outcome;
    let approve = ReviewApprove {
        target: target(again),
    };
    let reviewed = world
        .apply(&world.reviewer(), &approve)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        duplicate(world.validate(reviewed).await),
        ("PO_DUPLICATE", named_by(shared))
    );
}

/// R-OPP-24, R-OPP-25: the flag foretells the refusal, and says who can end the deal that was first.
#[tokio::test]
async fn r_opp_24_the_flag_says_who_can_end_the_deal_that_was_first() {
    let world = World::with_owners().await;
    let waiting = world
        .under_validation(&world.rival(), World::rivals())
        .await;
    let first = world.under_validation(&world.seller(), complete()).await;
    let first = world.validate(first).await.unwrap().outcome;
    let reviewer = world.reviewer();
    let Viewer::Member(mut member) = world.reviewer() else {
        unreachable!("a member")
    };
    member.permissions.remove(&Permission::CancelOpportunities);
    let validator = Viewer::Member(member.clone());
    let told = world.told(&reviewer, waiting.id).await;
    assert_eq!(told, [("PO_DUPLICATE", Remover::Viewer)]);
    let colleague = Remover::VendorColleague(Permission::CancelOpportunities);
    let told = world.told(&validator, waiting.id).await;
    assert_eq!(told, [("PO_DUPLICATE", colleague)]);
    member
        .permissions
        .remove(&Permission::ValidateOpportunities);
    let reader = Viewer::Member(member);
    let told = world.told(&reader, waiting.id).await;
    assert_eq!(told.len(), 1, "it is not his to decide: {told:?}");
    assert_eq!(told[0].0, "PERMISSION_MISSING");

    for (stage, remover) in [("SIGNED", Remover::Partner), ("DELIVERED", Remover::Nobody)] {
        let mut owner = world.test.connect("portico_owner").await;
        sqlx::query("UPDATE opportunities SET progress_stage = $2 WHERE id = $1")
            .bind(first.id.0)
            .bind(stage)
            .execute(&mut owner)
            .await
            .unwrap();
        assert_eq!(
            world.told(&reviewer, waiting.id).await,
            [("PO_DUPLICATE", remover)]
        );
    }
    world
        .execute("UPDATE opportunities SET progress_stage = 'LOST', loss_reason = 'PRICE' WHERE review_state = 'VALIDATED'")
        .await;
    assert_eq!(world.told(&reviewer, waiting.id).await, []);
}

/// The flags of a page of deals, each with its duplicate, cost as many statements as those of one.
#[tokio::test]
async fn duplicates_are_looked_up_once_for_a_page() {
    let world = World::with_owners().await;
    let mut page = Vec::new();
    for number in 0..12 {
        let customer = format!("客户 {number}");
        world.share(&world.to_rival(&customer)).await.unwrap();
        world.clock.advance(chrono::TimeDelta::seconds(1));
        let waiting = of(&customer, complete());
        page.push(world.under_validation(&world.seller(), waiting).await.id);
    }
    let reviewer = world.reviewer();
    let mut costs = Vec::new();
    for ids in [&page[..1], &page[..]] {
        let snapshot = world.db.snapshot(Scope::Vendor);
        let found = find(&reviewer, &snapshot, ids).await.unwrap();
        let wanted: Vec<Wanted> = found.iter().map(|one| Wanted::by(&reviewer, one)).collect();
        let before = world.db.statements();
        let facts = facts::read(&snapshot, &wanted).await.unwrap();
        costs.push(world.db.statements() - before);
        assert!(facts.values().all(|facts| facts.duplicate.is_some()));
        assert_eq!(facts.len(), ids.len());
    }
    assert_eq!(costs[0], costs[1]);
}
