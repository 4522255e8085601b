//! Programme, main account, duplicates and eligibility: what has to hold beside the deal itself.

use super::*;
use crate::opportunities::service::eligibility;

impl World {
    /// A submitted deal of one side, past its review.
    pub(super) async fn under_validation(&self, viewer: &Viewer, content: ContentEdit) -> Written {
        let create = Create { content };
        let draft = self.apply(viewer, &create).await.unwrap().outcome;
        let submitted = self
            .apply(
                viewer,
                &Submit {
                    target: target(draft),
                },
            )
            .await
            .unwrap()
            .outcome;
        let approve = ReviewApprove {
            target: target(submitted),
        };
        self.apply(&self.reviewer(), &approve)
            .await
            .unwrap()
            .outcome
    }

    pub(super) async fn validate(&self, written: Written) -> Result<Applied<Written>, Failure> {
        let approve = ValidationApprove {
            target: target(written),
        };
        self.apply(&self.reviewer(), &approve).await
    }

    pub(super) fn rivals() -> ContentEdit {
        ContentEdit {
            customer_name: text("长河物流有限公司"),
            particulars: ParticularsEdit {
                offerings: Edit::Set(vec![RIVALS_OFFERING]),
                pre_sales: Edit::Set(vec![PreSalesActivity::Demonstration]),
                ..ParticularsEdit::default()
            },
            ..complete()
        }
    }

    pub(super) async fn execute(&self, statement: &'static str) {
        let mut owner = self.test.connect("portico_owner").await;
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }

    pub(super) async fn versions(&self) -> i64 {
        let mut all = self.test.connect("postgres").await;
        sqlx::query_scalar("SELECT coalesce(sum(version), 0)::bigint FROM opportunities")
            .fetch_one(&mut all)
            .await
            .unwrap()
    }
}

pub(super) fn target(written: Written) -> Target {
    Target {
        id: written.id,
        expected_version: written.version,
    }
}

/// R-OPP-1: without membership nothing is added and nothing accepted; the last day counts and the next one does not.
#[tokio::test]
async fn r_opp_1_without_membership_nothing_begins() {
    let world = World::new().await;
    let draft = world.draft(complete()).await;
    world
        .execute("UPDATE programme_memberships SET valid_until = '2026-11-23'")
        .await;
    let before = world.versions().await;
    let create = Create {
        content: complete(),
    };
    let created = world.apply(&world.seller(), &create).await;
    assert_eq!(refusals(created), one("PCE_NOT_JOINED", ""));
    let submit = Submit {
        target: target(draft),
    };
    let submitted = world.apply(&world.seller(), &submit).await;
    assert_eq!(refusals(submitted), one("PCE_NOT_JOINED", ""));
    assert_eq!(world.versions().await, before);

    world
        .execute("UPDATE programme_memberships SET valid_until = '2026-11-24'")
        .await;
    assert!(world.apply(&world.seller(), &submit).await.is_ok());
}

/// R-OPP-2: under the policy of the main account its holder alone reads and writes, administrators included.
#[tokio::test]
async fn r_opp_2_the_main_account_alone_works_with_opportunities() {
    let world = World::new().await;
    let draft = world.draft(complete()).await;
    world
        .execute("UPDATE rules SET value = '{\"policy\": \"MAIN_ACCOUNT_ONLY\"}' WHERE name = 'opportunity.access' AND site = 'CN'")
        .await;
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
        .bind(world.partner.0)
        .bind(world.colleague.0)
        .execute(&mut owner)
        .await
        .unwrap();
    let holder = viewer(world.colleague, world.partner, OrganisationKind::Partner);
    let submit = Submit {
        target: target(draft),
    };
    let refused = world.apply(&world.seller(), &submit).await;
    assert_eq!(refusals(refused), one("MAIN_ACCOUNT_ONLY", ""));
    assert!(!world.found(&world.seller(), draft.id).await);
    assert!(world.found(&holder, draft.id).await);
    assert!(world.apply(&holder, &submit).await.is_ok());
    assert!(world.found(&world.reviewer(), draft.id).await);
}

/// R-OPP-24: while one is validated, another partner's for the same customer need is not; the end of the first frees it.
#[tokio::test]
async fn r_opp_24_a_duplicate_is_not_validated_while_another_partners_is() {
    let world = World::new().await;
    let first = world.under_validation(&world.seller(), complete()).await;
    let second = world
        .under_validation(&world.rival(), World::rivals())
        .await;
    world.validate(first).await.unwrap();
    let before = world.versions().await;
    match world.validate(second).await {
        Err(Failure::Refused(refusals)) => {
            assert_eq!(refusals.first.reason.0, "PO_DUPLICATE");
            let existing = Some(crate::ids::Tagged::global(first.id));
            assert_eq!(
                refusals.first.data,
                Some(RefusalData::Duplicate { existing })
            );
        }
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(world.versions().await, before);
    world
        .execute("UPDATE opportunities SET progress_stage = 'LOST', loss_reason = 'PRICE' WHERE review_state = 'VALIDATED'")
        .await;
    assert!(world.validate(second).await.is_ok(), "R-OPP-34");
}

/// R-OPP-24: another need of the same customer, another customer and the partner's own deal are no duplicates.
#[tokio::test]
async fn r_opp_24_other_needs_and_other_customers_are_no_duplicates() {
    let world = World::new().await;
    let first = world.under_validation(&world.seller(), complete()).await;
    world.validate(first).await.unwrap();
    let own = world.under_validation(&world.seller(), complete()).await;
    assert!(world.validate(own).await.is_ok());
    let elsewhere = ContentEdit {
        customer_region: text("四川"),
        ..World::rivals()
    };
    let elsewhere = world.under_validation(&world.rival(), elsewhere).await;
    assert!(world.validate(elsewhere).await.is_ok());
    let mut owner = world.test.connect("portico_owner").await;
    sqlx::query("UPDATE offerings SET demand_tags = '{iot}' WHERE id = $1")
        .bind(RIVALS_OFFERING.0)
        .execute(&mut owner)
        .await
        .unwrap();
    let other = world
        .under_validation(&world.rival(), World::rivals())
        .await;
    assert!(world.validate(other).await.is_ok());
}

/// R-OPP-24: two validations at once for one customer: one is validated, the other is a duplicate.
#[tokio::test]
async fn r_opp_24_of_two_validations_at_once_one_wins() {
    let world = World::new().await;
    for _ in 0..10 {
        let first = world.under_validation(&world.seller(), complete()).await;
        let second = world
            .under_validation(&world.rival(), World::rivals())
            .await;
        let (one, other) = tokio::join!(world.validate(first), world.validate(second));
        let won = [one.is_ok(), other.is_ok()];
        assert_eq!(
            won.iter().filter(|won| **won).count(),
            1,
            "{one:?} {other:?}"
        );
        let lost = if one.is_ok() { other } else { one };
        assert_eq!(refusals(lost), [("PO_DUPLICATE", String::new())]);
        world
            .execute("UPDATE opportunities SET progress_stage = 'LOST', loss_reason = 'PRICE' WHERE review_state = 'VALIDATED'")
            .await;
        world
            .execute("UPDATE opportunities SET customer_keys = '{}' WHERE review_state = 'UNDER_VALIDATION'")
            .await;
    }
}

/// R-OPP-25: a deal that the vendor shared before the other passed its review wins, and one that was shared after loses.
#[tokio::test]
async fn r_opp_25_of_a_partners_and_a_vendors_deal_the_earlier_wins() {
    let world = World::new().await;
    world.execute("INSERT INTO member_roles SELECT organisation_id, members.id, 'SYSTEM_ADMIN' FROM members JOIN organisations o ON o.id = organisation_id WHERE o.kind = 'PARTNER'").await;
    let share = Share {
        partner: world.rival,
        content: World::rivals(),
    };
    let shared = world
        .apply(&world.reviewer(), &share)
        .await
        .unwrap()
        .outcome;
    world.clock.advance(chrono::TimeDelta::minutes(5));
    let late = world.under_validation(&world.seller(), complete()).await;
    assert_eq!(
        refusals(world.validate(late).await),
        one("PO_DUPLICATE", "")
    );

    world
        .run(
            "UPDATE opportunities SET created_at = created_at + interval '1 hour' WHERE id = $1",
            shared.id.0,
        )
        .await;
    assert!(world.validate(late).await.is_ok(), "the review was first");
    let again = world.apply(&world.reviewer(), &share).await;
    assert_eq!(refusals(again), one("HO_DUPLICATE", ""));
}

/// R-OPP-29: the vendor shares only for a baseline solution or a product under joint operation, of that partner.
#[tokio::test]
async fn r_opp_29_a_deal_is_shared_for_an_offering_on_the_list() {
    let world = World::new().await;
    world.execute("INSERT INTO member_roles SELECT organisation_id, members.id, 'SYSTEM_ADMIN' FROM members JOIN organisations o ON o.id = organisation_id WHERE o.kind = 'PARTNER'").await;
    let share = |offerings| Share {
        partner: world.partner,
        content: ContentEdit {
            particulars: ParticularsEdit {
                offerings: Edit::Set(offerings),
                ..ParticularsEdit::default()
            },
            ..complete()
        },
    };
    let before = world.versions().await;
    let none = world.apply(&world.reviewer(), &share(vec![])).await;
    assert_eq!(refusals(none), one("PO_NO_OFFERING", "offeringIds"));
    let foreign = world
        .apply(&world.reviewer(), &share(vec![RIVALS_OFFERING]))
        .await;
    assert_eq!(
        refusals(foreign),
        one("OFFERING_NOT_FOUND", "offeringIds.0")
    );
    world
        .execute("UPDATE offerings SET kind = 'MARKETPLACE_PRODUCT'")
        .await;
    let product = world.apply(&world.reviewer(), &share(vec![OFFERING])).await;
    assert_eq!(
        refusals(product),
        one("HO_OFFERING_NOT_ALLOWED", "offeringIds.0")
    );
    assert_eq!(world.versions().await, before);
    world
        .execute("UPDATE offerings SET joint_operation = true")
        .await;
    assert!(
        world
            .apply(&world.reviewer(), &share(vec![OFFERING]))
            .await
            .is_ok()
    );
}

/// R-OPP-28: differentiated, or role validated with three delivered deals; two are too few, and so are selected ones.
#[tokio::test]
async fn r_opp_28_eligibility_asks_for_a_stage_and_deliveries() {
    let world = World::new().await;
    let reasons = async || {
        let snapshot = world.db.snapshot(Scope::Vendor);
        let verdict = eligibility::read(&world.reviewer(), &snapshot, world.partner).await;
        let blockers = verdict.unwrap().unwrap().blockers.into_iter();
        blockers.map(|one| one.refusal.reason.0).collect::<Vec<_>>()
    };
    assert_eq!(reasons().await, [""; 0]);
    world
        .execute("UPDATE path_memberships SET stage = 'SELECTED'")
        .await;
    assert_eq!(reasons().await, ["HO_STAGE_TOO_LOW"]);
    world
        .execute("UPDATE path_memberships SET stage = 'ROLE_VALIDATED'")
        .await;
    assert_eq!(reasons().await, ["HO_TOO_FEW_DELIVERED"]);
    for delivered in 1..=3 {
        let deal = world.under_validation(&world.seller(), complete()).await;
        world.validate(deal).await.unwrap();
        world
            .run(
                "UPDATE opportunities SET progress_stage = 'DELIVERED' WHERE id = $1",
                deal.id.0,
            )
            .await;
        assert_eq!(reasons().await.is_empty(), delivered == 3, "{delivered}");
    }
    world
        .execute("UPDATE opportunities SET updated_at = updated_at - interval '1 year 1 day'")
        .await;
    assert_eq!(reasons().await, ["HO_TOO_FEW_DELIVERED"]);
    world
        .execute("UPDATE programme_memberships SET state = 'LEFT'")
        .await;
    assert_eq!(
        reasons().await,
        ["HO_PARTNER_NOT_JOINED", "HO_TOO_FEW_DELIVERED"]
    );
}
