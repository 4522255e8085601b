//! What the partner may write, and what a submission has to bring.

use super::*;

/// R-OPP-15, R-OPP-16, R-OPP-23: nothing that is mandatory may be missing, consent included; all of it comes at once.
#[test]
fn a_blank_draft_may_be_kept_and_answers_everything_that_it_misses_when_submitted() {
    let (content, _) = Content::blank(IdSource.fresh())
        .edited(&named("n"))
        .unwrap();
    let mut opportunity = Opportunity {
        content,
        ..a_draft()
    };
    let refused = refusals(opportunity.submit((&rule(), &catalogued()), now()));
    let expected = [
        ("PO_INCOMPLETE", "description"),
        ("PO_INCOMPLETE", "customerName"),
        ("PO_INCOMPLETE", "customerRegion"),
        ("PO_INCOMPLETE", "customerIndustry"),
        ("PO_INCOMPLETE", "expectedRevenue"),
        ("PO_NOT_BANT", "decisionMaker"),
        ("PO_NOT_BANT", "need"),
        ("PO_NO_BUDGET_OR_TIME", "budget"),
        ("PO_NO_BUDGET_OR_TIME", "purchaseOn"),
        ("PO_NO_CONTACT", "contacts"),
        ("PO_NO_OFFERING", "offeringIds"),
        ("PO_INCOMPLETE", "preSalesActivities"),
        ("CONSENT_NOT_CONFIRMED", "customerConsentConfirmed"),
    ];
    assert_eq!(
        refused,
        expected.map(|(reason, path)| (reason, path.to_owned()))
    );
    assert_eq!(opportunity.review, Review::Draft);
}

/// R-OPP-17: on both sides of the minimum.
#[test]
fn the_expected_revenue_has_to_reach_the_minimum_of_the_rule_set() {
    let with = |amount: &str| ContentEdit {
        expected_revenue: Edit::Set(yuan(amount)),
        ..ContentEdit::default()
    };
    for amount in ["0", "0.0000", "999.9999"] {
        assert_eq!(
            submitting(&with(amount)),
            one("PO_REVENUE_TOO_SMALL", "expectedRevenue"),
            "R-OPP-17: {amount}"
        );
    }
    let mut opportunity = a_draft();
    opportunity.edit(&with("1000.0000"), now()).unwrap();
    assert!(opportunity.submit((&rule(), &catalogued()), now()).is_ok());
}

#[test]
fn a_revenue_of_nothing_is_too_small_even_without_a_minimum() {
    let mut opportunity = a_draft();
    opportunity.content.expected_revenue = Some(yuan("0"));
    let rule = OpportunitySubmission {
        minimum_revenue: Decimal::ZERO,
        ..rule()
    };
    assert_eq!(
        refusals(opportunity.submit((&rule, &catalogued()), now())),
        one("PO_REVENUE_TOO_SMALL", "expectedRevenue")
    );
}

/// R-OPP-18: a name and a way to reach the person.
#[test]
fn a_contact_counts_with_a_name_and_a_way_to_reach_the_person() {
    let with = |contact| ContentEdit {
        contacts: Edit::Set(vec![contact]),
        ..ContentEdit::default()
    };
    for useless in [contact("王", None, None), contact(" ", Some("12345"), None)] {
        assert_eq!(
            submitting(&with(useless)),
            one("PO_NO_CONTACT", "contacts"),
            "R-OPP-18"
        );
    }
    let mut opportunity = a_draft();
    opportunity
        .edit(&with(contact("王", None, Some("w@example.test"))), now())
        .unwrap();
    assert!(opportunity.submit((&rule(), &catalogued()), now()).is_ok());
}

/// R-OPP-19: a budget of nothing is none.
#[test]
fn a_budget_of_nothing_is_not_definite() {
    let edit = ContentEdit {
        budget: Edit::Set(yuan("0")),
        ..ContentEdit::default()
    };
    assert_eq!(
        submitting(&edit),
        one("PO_NO_BUDGET_OR_TIME", "budget"),
        "R-OPP-19"
    );
}

#[test]
fn a_name_has_1_to_100_characters() {
    assert_eq!(edited(&named(&"名".repeat(100))).unwrap(), ["name"]);
    assert_eq!(
        refusals(edited(&named(&"名".repeat(101)))),
        one("TEXT_TOO_LONG", "name")
    );
    assert_eq!(
        refusals(edited(&named(" \u{3000} "))),
        one("NAME_REQUIRED", "name")
    );
    let cleared = ContentEdit {
        name: Edit::Clear,
        ..ContentEdit::default()
    };
    assert_eq!(refusals(edited(&cleared)), one("NAME_REQUIRED", "name"));
}

#[test]
fn every_fault_of_form_comes_back_at_once() {
    let dollars = Money {
        amount: Decimal::ONE,
        currency: Currency::parse("USD").unwrap(),
    };
    let edit = ContentEdit {
        name: Edit::Set("a\0b".to_owned()),
        description: Edit::Set("长".repeat(2001)),
        expected_revenue: Edit::Set(yuan("-0.01")),
        budget: Edit::Set(dollars),
        purchase_on: Edit::Set("1999-12-31".parse().unwrap()),
        contacts: Edit::Set(vec![contact("王", Some("none"), Some("@"))]),
        owner: Edit::Clear,
        ..ContentEdit::default()
    };
    let expected = [
        ("OWNER_REQUIRED", "ownerId"),
        ("TEXT_UNREADABLE", "name"),
        ("TEXT_TOO_LONG", "description"),
        ("AMOUNT_NEGATIVE", "expectedRevenue.amount"),
        ("CURRENCIES_DIFFER", "budget.currency"),
        ("DAY_OUT_OF_RANGE", "purchaseOn"),
        ("PHONE_NUMBER_UNREADABLE", "contacts.0.phone"),
        ("EMAIL_UNREADABLE", "contacts.0.email"),
    ];
    assert_eq!(
        refusals(edited(&edit)),
        expected.map(|(reason, path)| (reason, path.to_owned()))
    );
}

#[test]
fn what_is_cleared_is_gone_and_what_is_left_out_stays() {
    let mut opportunity = a_draft();
    let edit = ContentEdit {
        budget: Edit::Clear,
        need: Edit::Clear,
        external_reference: Edit::Set("  ".to_owned()),
        ..ContentEdit::default()
    };
    assert_eq!(opportunity.edit(&edit, now()).unwrap(), ["budget", "need"]);
    assert_eq!(
        (
            opportunity.content.budget,
            opportunity.content.need.as_str()
        ),
        (None, "")
    );
    assert_eq!(opportunity.content.external_reference, None);
    assert_eq!(opportunity.content.expected_revenue, Some(yuan("1000")));
}
