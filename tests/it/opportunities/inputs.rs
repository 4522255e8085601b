//! What is wrong with an input, by reason and path; nothing changes by it.

use super::*;

#[tokio::test]
async fn a_submission_answers_everything_that_is_missing_at_once() {
    let world = World::new().await;
    let created = world
        .seller
        .change("opportunityCreate", ID, json!({ "name": "n" }))
        .await;
    let before = world.written().await;

    let payload = world
        .seller
        .change(
            "opportunitySubmit",
            ID,
            of(&created["opportunity"]["id"], &json!("v1")),
        )
        .await;

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
        refused(&payload),
        expected.map(|(reason, path)| (reason.to_owned(), path.to_owned()))
    );
    assert_eq!(
        payload["errors"][9]["message"],
        "Name at least one contact with a phone number or an e-mail address."
    );
    assert_eq!(world.written().await, before);
}

impl World {
    /// What comes of opening a draft that is complete but for one field.
    async fn create_with(&self, field: &str, value: Value) -> Value {
        let input = with(complete(), field, value);
        self.seller.change("opportunityCreate", ID, input).await
    }
}

#[tokio::test]
async fn inputs_beyond_their_limits_are_refused_by_name() {
    let world = World::new().await;
    let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let person = |email: &str| json!({ "name": "王工", "email": email });
    for (field, value, reason, path) in [
        ("name", json!("名".repeat(101)), "TEXT_TOO_LONG", "name"),
        ("name", json!("  \u{3000} "), "NAME_REQUIRED", "name"),
        ("name", json!("a\u{0}b"), "TEXT_UNREADABLE", "name"),
        ("need", json!("长".repeat(2001)), "TEXT_TOO_LONG", "need"),
        (
            "budget",
            money("-1", "CNY"),
            "AMOUNT_NEGATIVE",
            "budget.amount",
        ),
        (
            "budget",
            money("1", "USD"),
            "CURRENCIES_DIFFER",
            "budget.currency",
        ),
        (
            "purchaseOn",
            json!("9999-01-01"),
            "DAY_OUT_OF_RANGE",
            "purchaseOn",
        ),
        (
            "contacts",
            json!([person("@")]),
            "EMAIL_UNREADABLE",
            "contacts.0.email",
        ),
        (
            "contacts",
            json!(vec![person("w@a.example"); 21]),
            "TOO_MANY_CONTACTS",
            "contacts",
        ),
    ] {
        let payload = world.create_with(field, value).await;
        assert_eq!(refused(&payload), one(reason, path));
    }
    assert_eq!(world.written().await, (0, 0));
    let longest = world.create_with("name", json!("名".repeat(100))).await;
    assert_eq!(longest["errors"], json!([]));
}

#[tokio::test]
async fn a_foreign_and_a_made_up_party_are_unknown() {
    let world = World::new().await;
    let rival = world.rival.member.global();
    for (field, id, reason) in [
        ("ownerId", rival.as_str(), "OWNER_NOT_FOUND"),
        ("ownerId", "no such id", "OWNER_NOT_FOUND"),
        ("resellerId", "rsl_AAAA", "RESELLER_NOT_FOUND"),
        ("resellerId", rival.as_str(), "RESELLER_NOT_FOUND"),
    ] {
        let payload = world.create_with(field, json!(id)).await;
        assert_eq!(refused(&payload), one(reason, field));
    }
    assert_eq!(world.written().await, (0, 0));
}

#[tokio::test]
async fn an_amount_is_a_decimal_text_with_4_decimals_at_most() {
    let world = World::new().await;
    for amount in [
        json!("1.00001"),
        json!("1000000000000"),
        json!(1.5),
        json!(1),
        json!("1e3"),
        json!("NaN"),
        json!(""),
    ] {
        let revenue = json!({ "amount": amount, "currency": "CNY" });
        let input = with(
            with(complete(), "expectedRevenue", revenue),
            "idempotencyKey",
            json!(fresh_key()),
        );
        let query = "mutation($input: OpportunityCreateInput!) { opportunityCreate(input: $input) { replayed } }";
        let answer = world.seller.ask(query, json!({ "input": input })).await;
        assert!(
            answer.body["errors"][0]["message"].is_string(),
            "{amount}: {:#}",
            answer.body
        );
    }
    assert_eq!(world.written().await, (0, 0));
}

#[tokio::test]
async fn a_revenue_of_nothing_may_stand_in_a_draft_and_not_be_submitted() {
    let world = World::new().await;
    let input = with(
        complete(),
        "expectedRevenue",
        json!({ "amount": "0", "currency": "CNY" }),
    );
    let created = world.seller.change("opportunityCreate", ID, input).await;
    let submit = of(&created["opportunity"]["id"], &json!("v1"));
    let payload = world.seller.change("opportunitySubmit", ID, submit).await;
    assert_eq!(
        refused(&payload),
        one("PO_REVENUE_TOO_SMALL", "expectedRevenue"),
        "R-OPP-17"
    );
}

#[tokio::test]
async fn a_review_is_refused_only_with_a_reason_of_1_to_500_characters() {
    let world = World::new().await;
    let id = json!(world.opportunity("UNDER_REVIEW").await);
    let before = world.written().await;
    for (reason, expected) in [
        (" \u{3000}\n".to_owned(), one("REASON_REQUIRED", "reason")),
        ("理".repeat(501), one("TEXT_TOO_LONG", "reason")),
    ] {
        let reject = with(of(&id, &json!("v1")), "reason", json!(reason));
        let payload = world
            .reviewer
            .change("opportunityReviewReject", ID, reject)
            .await;
        assert_eq!(refused(&payload), expected, "R-OPP-5");
    }
    assert_eq!(world.written().await, before);
    let reject = with(of(&id, &json!("v1")), "reason", json!("理".repeat(500)));
    assert_eq!(
        world
            .reviewer
            .change("opportunityReviewReject", ID, reject)
            .await["errors"],
        json!([])
    );
}
