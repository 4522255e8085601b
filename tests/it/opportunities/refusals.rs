//! Who may not, and what came too late; nothing changes by it.

use super::*;

#[tokio::test]
async fn the_vendor_never_submits_and_the_partner_never_reviews() {
    let world = World::new().await;
    let (draft, submitted) = (
        world.opportunity("DRAFT").await,
        world.opportunity("UNDER_REVIEW").await,
    );
    let before = world.written().await;
    let missing = one("PERMISSION_MISSING", "");
    let submit = of(&json!(draft), &json!("v1"));
    let approve = of(&json!(submitted), &json!("v1"));
    let reject = with(approve.clone(), "reason", json!("No"));

    let payload = world.reviewer.change("opportunitySubmit", ID, submit).await;
    assert_eq!(refused(&payload), missing);
    assert_eq!(payload["errors"][0]["__typename"], "PermissionMissing");
    assert_eq!(
        refused(
            &world
                .seller
                .change("opportunityReviewApprove", ID, approve)
                .await
        ),
        missing,
        "R-OPP-12"
    );
    assert_eq!(
        refused(
            &world
                .seller
                .change("opportunityReviewReject", ID, reject)
                .await
        ),
        missing,
        "R-OPP-12"
    );
    assert_eq!(world.written().await, before);
}

#[tokio::test]
async fn a_submitted_opportunity_is_closed_to_its_partner() {
    let world = World::new().await;
    let id = json!(world.opportunity("UNDER_REVIEW").await);
    let before = world.written().await;
    let update = with(of(&id, &json!("v1")), "name", json!("Other"));
    let query = "mutation($input: OpportunityUpdateInput!) { opportunityUpdate(input: $input) {
        errors { reason ... on TransitionNotAllowed { from allowed } } } }";
    let input = with(update, "idempotencyKey", json!(fresh_key()));
    let answer = world.seller.ask(query, json!({ "input": input })).await;
    let expected = json!([{
        "reason": "PO_NOT_WITHDRAWABLE",
        "from": "UNDER_REVIEW",
        "allowed": ["DRAFT", "REVIEW_REJECTED", "VALIDATION_REJECTED"]
    }]);
    assert_eq!(
        answer.at("/opportunityUpdate/errors"),
        &expected,
        "R-OPP-11"
    );
    assert_eq!(world.written().await, before);
}

#[tokio::test]
async fn another_organisations_opportunity_answers_like_one_that_nobody_has() {
    let world = World::new().await;
    let draft = world.opportunity("DRAFT").await;
    let random = fresh::<OpportunityId>().global();
    let before = world.written().await;
    let mut answers = Vec::new();
    for id in [draft.as_str(), &random, "opp_", "mem_AAAA", "", "垃圾"] {
        let update = with(of(&json!(id), &json!("v1")), "name", json!("Mine"));
        let by_rival = world.rival.change("opportunityUpdate", ID, update).await;
        let submitted = world
            .rival
            .change("opportunitySubmit", ID, of(&json!(id), &json!("v1")))
            .await;
        let by_vendor = world
            .reviewer
            .change("opportunityReviewApprove", ID, of(&json!(id), &json!("v1")))
            .await;
        assert_eq!(
            refused(&by_rival),
            one("OPPORTUNITY_NOT_FOUND", "opportunityId")
        );
        answers.push([by_rival, submitted, by_vendor]);
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "R-OPP-31, R-OPP-10: {answers:#?}"
    );
    assert_eq!(world.written().await, before);
}

#[tokio::test]
async fn a_stale_version_comes_back_with_the_current_one() {
    let world = World::new().await;
    let id = world.opportunity("DRAFT").await;
    let before = world.written().await;
    let query = "mutation($input: OpportunitySubmitInput!) { opportunitySubmit(input: $input) {
        errors { code reason path ... on VersionConflict { currentVersion } } } }";
    for version in ["v0", "v2", "1", "", "vv1"] {
        let input = with(
            of(&json!(id), &json!(version)),
            "idempotencyKey",
            json!(fresh_key()),
        );
        let answer = world.seller.ask(query, json!({ "input": input })).await;
        let expected = json!([{
            "code": "CONFLICT", "reason": "VERSION_CONFLICT", "path": ["expectedVersion"], "currentVersion": "v1"
        }]);
        assert_eq!(answer.at("/opportunitySubmit/errors"), &expected);
    }
    assert_eq!(world.written().await, before);
}

#[tokio::test]
async fn of_two_reviewers_who_decide_at_once_one_does() {
    let world = World::new().await;
    let id = json!(world.opportunity("UNDER_REVIEW").await);
    let vendor = world.reviewer.organisation;
    let colleague = world.app.member(vendor, "bd", &["VENDOR_BD"]).await;
    let approve = of(&id, &json!("v1"));
    let reject = with(approve.clone(), "reason", json!("No"));

    let (approved, rejected) = tokio::join!(
        world
            .reviewer
            .change("opportunityReviewApprove", ID, approve),
        colleague.change("opportunityReviewReject", ID, reject),
    );

    let mut reasons = [reasons(&approved), reasons(&rejected)];
    reasons.sort();
    assert_eq!(reasons, [vec![], vec!["VERSION_CONFLICT"]]);
    assert_eq!(world.written().await, (2, 1));
}

#[tokio::test]
async fn a_key_is_for_one_input_and_absent_is_not_null() {
    let world = World::new().await;
    let id = json!(world.opportunity("DRAFT").await);
    let key = fresh_key();
    let rename = with(of(&id, &json!("v1")), "name", json!("Other"));
    world
        .seller
        .change_under(key, "opportunityUpdate", ID, rename.clone())
        .await;
    let before = world.written().await;

    for other in [
        with(rename.clone(), "name", json!("Third")),
        with(rename, "need", Value::Null),
    ] {
        let payload = world
            .seller
            .change_under(key, "opportunityUpdate", ID, other)
            .await;
        assert_eq!(
            refused(&payload),
            one("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
        );
    }
    assert_eq!(world.written().await, before);
}

#[tokio::test]
async fn an_external_reference_is_used_once_in_an_organisation() {
    let world = World::new().await;
    let input = || with(complete(), "externalReference", json!("CRM-1"));
    world.seller.change("opportunityCreate", ID, input()).await;
    let payload = world.seller.change("opportunityCreate", ID, input()).await;
    assert_eq!(
        refused(&payload),
        one("EXTERNAL_REFERENCE_TAKEN", "externalReference")
    );
    assert_eq!(
        world
            .rival
            .change(
                "opportunityCreate",
                ID,
                with(input(), "offeringIds", json!([]))
            )
            .await["errors"],
        json!([])
    );
}
