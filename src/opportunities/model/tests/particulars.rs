//! What the partner offers and asks for, and what a reviewer would say before the submission.

use super::*;

fn with(particulars: ParticularsEdit) -> ContentEdit {
    ContentEdit {
        particulars,
        ..ContentEdit::default()
    }
}

/// R-OPP-20, R-OPP-15: a deal is about at least one active offering of the partner's, and something was done before.
#[test]
fn a_submission_names_an_active_offering_of_the_partners() {
    let other: OfferingId = IdSource.fresh();
    for (offerings, expected) in [
        (vec![], one("PO_NO_OFFERING", "offeringIds")),
        (
            vec![OFFERING, other],
            one("OFFERING_NOT_FOUND", "offeringIds.1"),
        ),
    ] {
        let edit = with(ParticularsEdit {
            offerings: Edit::Set(offerings),
            ..ParticularsEdit::default()
        });
        assert_eq!(submitting(&edit), expected);
    }
    let mut opportunity = a_draft();
    let retired = Catalogued {
        offerings: [(OFFERING, ListState::Retired)].into(),
        ..Catalogued::default()
    };
    assert_eq!(
        refusals(opportunity.submit((&rule(), &retired), now())),
        one("OFFERING_RETIRED", "offeringIds.0")
    );
}

/// R-OPP-21: activities and services take several values, each once.
#[test]
fn activities_and_services_take_several_values() {
    let mut opportunity = a_draft();
    let edit = with(ParticularsEdit {
        pre_sales: Edit::Set(vec![
            PreSalesActivity::Demonstration,
            PreSalesActivity::CustomerVisit,
            PreSalesActivity::Demonstration,
        ]),
        cloud_services: Edit::Set(vec!["ECS".to_owned(), "ECS".to_owned()]),
        support: Edit::Set(SupportKind::ALL.to_vec()),
        ..ParticularsEdit::default()
    });
    assert_eq!(
        opportunity.edit(&edit, now()).unwrap(),
        ["preSalesActivities", "cloudServices", "requestedSupport"]
    );
    let particulars = &opportunity.content.particulars;
    assert_eq!(particulars.pre_sales.len(), 2);
    assert_eq!(particulars.cloud_services, ["ECS"]);
    assert_eq!(particulars.support, SupportKind::ALL);
    let unknown = with(ParticularsEdit {
        cloud_services: Edit::Set(vec!["ECS".to_owned(), "NONE".to_owned()]),
        ..ParticularsEdit::default()
    });
    assert_eq!(
        submitting(&unknown),
        one("CLOUD_SERVICE_NOT_FOUND", "cloudServices.1")
    );
}

#[test]
fn a_code_and_a_domain_are_kept_in_their_one_spelling_or_refused() {
    let written = |code: &str, domain: &str| {
        with(ParticularsEdit {
            credit_code: Edit::Set(code.to_owned()),
            customer_domain: Edit::Set(domain.to_owned()),
            ..ParticularsEdit::default()
        })
    };
    let mut opportunity = a_draft();
    opportunity
        .edit(
            &written(" 91350100m000100y43 ", "https://WWW.Customer.example/a"),
            now(),
        )
        .unwrap();
    let particulars = &opportunity.content.particulars;
    assert_eq!(
        particulars.credit_code.as_deref(),
        Some("91350100M000100Y43")
    );
    assert_eq!(
        particulars.customer_domain.as_deref(),
        Some("customer.example")
    );
    assert_eq!(
        refusals(edited(&written("91350100M000100Y44", "customer"))),
        [
            ("CREDIT_CODE_INVALID", "unifiedSocialCreditCode".to_owned()),
            ("DOMAIN_UNREADABLE", "customerDomain".to_owned()),
        ]
    );
    opportunity.edit(&written(" ", ""), now()).unwrap();
    assert_eq!(opportunity.content.particulars.credit_code, None);
}

/// R-OPP-22: the vendor puts other offerings in after the submission, and not before it.
#[test]
fn the_vendor_changes_offerings_after_the_submission() {
    let other: OfferingId = IdSource.fresh();
    let mut draft = a_draft();
    assert_eq!(
        refusals(draft.change_offerings(&[other], now())),
        one("OPPORTUNITY_CLOSED", "")
    );
    let mut opportunity = submitted();
    assert!(opportunity.change_offerings(&[other], now()).unwrap());
    assert_eq!(opportunity.content.particulars.offerings, [other]);
    assert_eq!(opportunity.version, 3);
    assert!(!opportunity.change_offerings(&[other], now()).unwrap());
    assert_eq!(opportunity.version, 3);
}

#[test]
fn words_that_tell_nothing_are_doubted() {
    let today = "2026-11-23".parse().unwrap();
    let asked = |edit: &ContentEdit| {
        let mut opportunity = a_draft();
        opportunity.edit(edit, now()).unwrap();
        listed_all(&doubts(&opportunity.content, today))
    };
    let text = |text: &str| Edit::Set(text.to_owned());
    assert_eq!(asked(&ContentEdit::default()), []);
    let vague = ContentEdit {
        need: text("上云"),
        description: text("待定"),
        decision_maker: text("-"),
        purchase_on: Edit::Set("2026-11-22".parse().unwrap()),
        ..ContentEdit::default()
    };
    assert_eq!(
        asked(&vague),
        [
            ("PREFLIGHT_PLACEHOLDER", "description".to_owned()),
            ("PREFLIGHT_PLACEHOLDER", "decisionMaker".to_owned()),
            ("PREFLIGHT_TOO_VAGUE", "need".to_owned()),
            ("PREFLIGHT_PURCHASE_PAST", "purchaseOn".to_owned()),
        ]
    );
    let copied = ContentEdit {
        need: text("Moves the warehouse system into the cloud."),
        ..ContentEdit::default()
    };
    assert_eq!(asked(&copied), one("PREFLIGHT_COPIED", "need"));
}

fn listed_all(refusals: &[crate::error::Refusal]) -> Vec<(&'static str, String)> {
    refusals
        .iter()
        .map(|refusal| (refusal.reason.0, refusal.path.join(".")))
        .collect()
}

#[test]
fn what_was_refused_before_weighs_more() {
    let budget = [crate::opportunities::error::Fault::NoBudgetOrTime.at("budget")];
    let never = grade(&budget, &[], &[]);
    let often = grade(
        &budget,
        &[],
        &["请补充预算依据".to_owned(), "No budget".to_owned()],
    );
    assert_eq!(grade(&[], &[], &[]).score, 100);
    assert!(often.score < never.score && never.score < 100);
    let graded = often
        .fields
        .iter()
        .find(|one| one.field == "budget")
        .unwrap();
    assert_eq!((graded.finish, graded.past_refusals), (Finish::Missing, 2));
}
