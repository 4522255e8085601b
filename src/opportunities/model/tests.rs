//! The moves of an opportunity, each with its boundary.

mod content;
mod customer;
mod particulars;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::*;
use crate::catalogue::ListState;
use crate::error::Refusals;
use crate::ids::IdSource;
use crate::money::{Currency, Money};
use crate::rules::OpportunitySubmission;

fn now() -> DateTime<Utc> {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

fn yuan(amount: &str) -> Money {
    Money {
        amount: amount.parse().unwrap(),
        currency: Currency::CNY,
    }
}

fn rule() -> OpportunitySubmission {
    OpportunitySubmission {
        minimum_revenue: Decimal::from(1000),
        round_limit: 3,
    }
}

/// The offering that complete deals are about.
const OFFERING: OfferingId = OfferingId(uuid::Uuid::from_u128(0x0ff));

/// A catalogue with that offering and one service.
fn catalogued() -> Catalogued {
    Catalogued {
        offerings: [(OFFERING, ListState::Active)].into(),
        services: [("ECS".to_owned(), ListState::Active)].into(),
    }
}

/// Everything that a submission needs.
fn complete() -> ContentEdit {
    let text = |text: &str| Edit::Set(text.to_owned());
    ContentEdit {
        name: text("仓储系统上云"),
        description: text("Moves the warehouse system into the cloud."),
        customer_name: text("长河物流"),
        customer_region: text("华东"),
        customer_industry: text("物流"),
        expected_revenue: Edit::Set(yuan("1000")),
        budget: Edit::Set(yuan("5000.50")),
        decision_maker: text("Head of IT"),
        need: text("A warehouse that is never down"),
        purchase_on: Edit::Set("2027-03-31".parse().unwrap()),
        contacts: Edit::Set(vec![contact("王", Some("+86 10 1234 5678"), None)]),
        customer_consent_confirmed: Edit::Set(true),
        particulars: ParticularsEdit {
            offerings: Edit::Set(vec![OFFERING]),
            pre_sales: Edit::Set(vec![PreSalesActivity::CustomerVisit]),
            ..ParticularsEdit::default()
        },
        ..ContentEdit::default()
    }
}

fn contact(name: &str, phone: Option<&str>, email: Option<&str>) -> Contact {
    Contact {
        name: name.to_owned(),
        phone: phone.map(str::to_owned),
        email: email.map(str::to_owned),
    }
}

fn a_draft() -> Opportunity {
    let (content, _) = Content::blank(IdSource.fresh())
        .edited(&complete())
        .unwrap();
    let number = "OPP-2026-7F3K9Q".to_owned();
    Opportunity::draft(Beginning {
        id: IdSource.fresh(),
        organisation: IdSource.fresh(),
        site: Site::Cn,
        number,
        content,
        at: now(),
    })
}

fn submitted() -> Opportunity {
    let mut opportunity = a_draft();
    opportunity.submit((&rule(), &catalogued()), now()).unwrap();
    opportunity
}

/// In every state in which the partner's hands are off it.
fn closed_to_partner() -> Vec<Opportunity> {
    let submission = Submission {
        round: 1,
        at: now(),
    };
    let reviewed_at = now();
    let reason = "no".to_owned();
    let reviews = [
        Review::UnderReview(submission),
        Review::UnderValidation {
            submission,
            reviewed_at,
        },
        Review::Validated {
            submission,
            reviewed_at,
            validated_at: now(),
        },
        Review::PendingAcceptance,
        Review::Accepted { at: now() },
        Review::Rejected { at: now(), reason },
        Review::AutoRejected { at: now() },
    ];
    reviews
        .into_iter()
        .map(|review| Opportunity {
            review,
            ..a_draft()
        })
        .collect()
}

/// The reason and the path of each refusal.
fn refusals<T: std::fmt::Debug>(
    result: Result<T, impl Into<Failure>>,
) -> Vec<(&'static str, String)> {
    match result.map_err(Into::into) {
        Err(Failure::Refused(refusals)) => listed(&refusals),
        other => panic!("not refused: {other:?}"),
    }
}

fn listed(refusals: &Refusals) -> Vec<(&'static str, String)> {
    refusals
        .iter()
        .map(|refusal| (refusal.reason.0, refusal.path.join(".")))
        .collect()
}

fn one(reason: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(reason, path.to_owned())]
}

fn edited(edit: &ContentEdit) -> Result<Vec<&'static str>, Failure> {
    a_draft().edit(edit, now())
}

fn named(name: &str) -> ContentEdit {
    ContentEdit {
        name: Edit::Set(name.to_owned()),
        ..ContentEdit::default()
    }
}

/// The refusals of submitting a complete draft after one more edit.
fn submitting(edit: &ContentEdit) -> Vec<(&'static str, String)> {
    let mut opportunity = a_draft();
    opportunity.edit(edit, now()).unwrap();
    let before = opportunity.clone();
    let refused = refusals(opportunity.submit((&rule(), &catalogued()), now()));
    assert_eq!(opportunity, before);
    refused
}

#[test]
fn a_submitted_opportunity_is_closed_to_the_partner() {
    for mut opportunity in closed_to_partner() {
        let before = opportunity.clone();
        assert_eq!(
            refusals(opportunity.edit(&named("Other"), now())),
            one("PO_NOT_WITHDRAWABLE", ""),
            "R-OPP-11"
        );
        assert_eq!(
            refusals(opportunity.submit((&rule(), &catalogued()), now())),
            one("PO_NOT_SUBMITTABLE", "")
        );
        assert_eq!(opportunity, before);
    }
}

#[test]
fn a_complete_draft_is_submitted_as_the_first_round() {
    let mut opportunity = a_draft();
    let later = now() + TimeDelta::hours(1);
    let submission = opportunity.submit((&rule(), &catalogued()), later).unwrap();
    assert_eq!(
        submission,
        Submission {
            round: 1,
            at: later
        }
    );
    assert_eq!(opportunity.review, Review::UnderReview(submission));
    assert_eq!((opportunity.version, opportunity.updated_at), (2, later));
}

#[test]
fn a_refused_opportunity_shows_why_and_comes_again_as_a_new_round() {
    let mut opportunity = submitted();
    opportunity.reject_review("  Too vague  ", now()).unwrap();
    assert_eq!(opportunity.review.reason(), Some("Too vague"));
    assert_eq!(opportunity.refused_rounds, 1);

    let later = now() + TimeDelta::days(1);
    assert_eq!(
        opportunity.edit(&named("Clearer"), later).unwrap(),
        ["name"],
        "R-OPP-26"
    );
    let submission = opportunity.submit((&rule(), &catalogued()), later).unwrap();
    assert_eq!(
        submission,
        Submission {
            round: 2,
            at: later
        },
        "R-OPP-35"
    );
    assert_eq!(
        (
            opportunity.review.reason(),
            opportunity.review.reviewed_at()
        ),
        (None, None)
    );
}

#[test]
fn after_three_refused_rounds_there_is_no_fourth() {
    let mut opportunity = a_draft();
    for round in 1..=3 {
        assert_eq!(
            opportunity
                .submit((&rule(), &catalogued()), now())
                .unwrap()
                .round,
            round
        );
        opportunity.reject_review("No", now()).unwrap();
    }
    assert_eq!(
        refusals(opportunity.submit((&rule(), &catalogued()), now())),
        one("ROUND_LIMIT", ""),
        "R-OPP-35"
    );
}

#[test]
fn a_round_that_the_vendor_let_lapse_is_not_counted() {
    let submission = Submission {
        round: 3,
        at: now(),
    };
    let review = Review::ValidationRejected {
        submission,
        reviewed_at: now(),
        validated_at: now(),
        refused: Refused::TimedOut,
    };
    let mut opportunity = Opportunity {
        review,
        refused_rounds: 2,
        ..a_draft()
    };
    assert_eq!(
        opportunity
            .submit((&rule(), &catalogued()), now())
            .unwrap()
            .round,
        4
    );
}

#[test]
fn an_approved_review_leads_to_validation() {
    let mut opportunity = submitted();
    let submission = opportunity.review.submission().unwrap();
    opportunity
        .approve_review(Validation::Follows, (now(), now()))
        .unwrap();
    assert_eq!(
        opportunity.review,
        Review::UnderValidation {
            submission,
            reviewed_at: now()
        },
        "R-OPP-14"
    );
    assert_eq!(opportunity.version, 3);
}

#[test]
fn only_what_is_under_review_can_be_decided() {
    let mut others = closed_to_partner();
    others.retain(|opportunity| opportunity.review.state() != ReviewState::UnderReview);
    others.push(a_draft());
    for mut opportunity in others {
        let before = opportunity.clone();
        assert_eq!(
            refusals(opportunity.approve_review(Validation::Follows, (now(), now()))),
            one("NOT_UNDER_REVIEW", "")
        );
        assert_eq!(
            refusals(opportunity.reject_review("No", now())),
            one("NOT_UNDER_REVIEW", "")
        );
        assert_eq!(opportunity, before);
    }
}

#[test]
fn a_refusal_needs_a_reason_of_at_most_500_characters() {
    for blank in ["", "   ", "\u{3000}\n\t"] {
        assert_eq!(
            refusals(submitted().reject_review(blank, now())),
            one("REASON_REQUIRED", "reason"),
            "R-OPP-5"
        );
    }
    let long = "理".repeat(501);
    assert_eq!(
        refusals(submitted().reject_review(&long, now())),
        one("TEXT_TOO_LONG", "reason")
    );
    assert_eq!(
        refusals(submitted().reject_review("N\0", now())),
        one("TEXT_UNREADABLE", "reason")
    );
    assert!(submitted().reject_review(&"理".repeat(500), now()).is_ok());
}

#[test]
fn an_edit_that_changes_nothing_makes_no_version() {
    let mut opportunity = a_draft();
    let before = opportunity.clone();
    let later = now() + TimeDelta::days(1);
    assert!(opportunity.edit(&complete(), later).unwrap().is_empty());
    assert_eq!(opportunity, before);
}

#[test]
fn a_stale_version_is_refused_with_the_current_one() {
    let opportunity = submitted();
    assert_eq!(opportunity.at_version(2), Ok(()));
    assert_eq!(
        opportunity.at_version(1),
        Err(OpportunityRefusal::VersionConflict { current: 2 })
    );
}

#[test]
fn a_filter_nests_3_deep_and_has_20_conditions_at_most() {
    let nested = |depth| {
        (0..depth).fold(Filter::default(), |inner, _| Filter {
            none: Some(Box::new(inner)),
            ..Filter::default()
        })
    };
    assert_eq!(nested(3).check(), Ok(()));
    assert!(nested(4).check().is_err());
    let wide = |count| {
        let leaf = Filter {
            conditions: vec![Condition::Origin(Origin::Partner)],
            ..Filter::default()
        };
        Filter {
            any: Some(vec![leaf; count]),
            ..Filter::default()
        }
    };
    assert_eq!(wide(20).check(), Ok(()));
    assert!(wide(21).check().is_err());
}
