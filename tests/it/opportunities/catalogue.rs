//! What a deal is about, whether it would be refused, and with whom the vendor shares, through `POST /graphql`.

use super::*;

const PREFLIGHT: &str = "query ($id: ID!) { opportunityPreflight(opportunityId: $id) {
    isClean score doubts { reason path } submission { allowed blockers { removableBy error { reason path } } }
    fields { field finish pastRefusals } } }";

impl World {
    async fn created(&self, input: Value) -> Value {
        let payload = self
            .seller
            .change("opportunityCreate", "opportunity { id version }", input)
            .await;
        assert_eq!(payload["errors"], json!([]), "{payload:#}");
        payload["opportunity"].clone()
    }

    async fn office(&self) {
        let mut owner = self.app.owner().await;
        for statement in [
            "INSERT INTO offices VALUES ('EAST', '华东代表处', 'East office')",
            "INSERT INTO office_regions VALUES ('华东', 'EAST')",
            "INSERT INTO cloud_services VALUES ('ECS', '云服务器', 'Servers', 'ACTIVE')",
        ] {
            sqlx::query(statement).execute(&mut owner).await.unwrap();
        }
    }
}

/// R-OPP-20, R-OPP-21, R-OPP-27: the tags follow the offering, the lists take several values, the region has an office.
#[tokio::test]
async fn what_a_deal_is_about_comes_back_with_its_tags_and_its_office() {
    let world = World::new().await;
    world.office().await;
    let input = with(
        with(complete(), "cloudServices", json!(["ECS"])),
        "requestedSupport",
        json!(["BUSINESS_DEMO", "TECHNICAL_CONSULTING"]),
    );
    let created = world.created(input).await;
    let read =
        "query ($id: ID!) { opportunity(id: $id) { demandTags offerings { code } preSalesActivities
        cloudServices { code name } requestedSupport office { code name } } }";
    let answer = world.seller.ask(read, json!({ "id": created["id"] })).await;
    assert_eq!(
        answer.at("/opportunity"),
        &json!({
            "demandTags": ["migration"],
            "offerings": [{ "code": "OFF-1" }],
            "preSalesActivities": ["CUSTOMER_VISIT", "SOLUTION_TALK"],
            "cloudServices": [{ "code": "ECS", "name": "Servers" }],
            "requestedSupport": ["BUSINESS_DEMO", "TECHNICAL_CONSULTING"],
            "office": { "code": "EAST", "name": "East office" },
        })
    );
    let submit = of(&created["id"], &created["version"]);
    world.seller.change("opportunitySubmit", ID, submit).await;
    let list = "query ($where: OpportunityWhere) { opportunities(where: $where) { nodes { id } } }";
    for (filter, found) in [
        (json!({ "officeCode": "EAST" }), true),
        (json!({ "officeCode": "WEST" }), false),
        (json!({ "offeringId": OFFERING.global() }), true),
        (
            json!({ "offeringId": fresh::<OfferingId>().global() }),
            false,
        ),
        (json!({ "cloudService": "ECS" }), true),
        (json!({ "cloudService": "\0" }), false),
        (json!({ "customerRegion": "华东" }), true),
    ] {
        let answer = world.seller.ask(list, json!({ "where": filter })).await;
        let count = answer.at("/opportunities/nodes").as_array().unwrap().len();
        assert_eq!(count == 1, found, "{filter}");
    }
}

/// R-OPP-20: another partner's offering answers like one that nobody has.
#[tokio::test]
async fn a_foreign_offering_is_unknown() {
    let world = World::new().await;
    let before = world.written().await;
    let foreign = crate::support::builders::offering_of(world.rival.organisation);
    for id in [foreign, fresh()] {
        let input = with(complete(), "offeringIds", json!([id.global()]));
        let payload = world.seller.change("opportunityCreate", ID, input).await;
        assert_eq!(
            refused(&payload),
            one("OFFERING_NOT_FOUND", "offeringIds.0")
        );
    }
    assert_eq!(world.written().await, before);
}

/// R-OPP-22: the vendor's change is visible to the partner at once, and the tags follow.
#[tokio::test]
async fn the_vendors_change_of_the_offering_is_seen_at_once() {
    let world = World::new().await;
    let created = world.created(complete()).await;
    let submit = of(&created["id"], &created["version"]);
    let selection = "opportunity { version demandTags }";
    let submitted = world
        .seller
        .change("opportunitySubmit", selection, submit)
        .await;
    let other = crate::support::builders::offering_of(world.partner()).global();
    let version = &submitted["opportunity"]["version"];
    let input = with(of(&created["id"], version), "offeringIds", json!([other]));
    let refused_to_partner = world
        .seller
        .change("opportunityOfferingChange", ID, input.clone())
        .await;
    assert_eq!(reasons(&refused_to_partner), ["PERMISSION_MISSING"]);
    let changed = world
        .reviewer
        .change("opportunityOfferingChange", selection, input)
        .await;
    assert_eq!(changed["errors"], json!([]));
    let read = "query ($id: ID!) { opportunity(id: $id) { demandTags version } }";
    let seen = world.seller.ask(read, json!({ "id": created["id"] })).await;
    assert_eq!(seen.at("/opportunity/demandTags"), &json!(["backup"]));
    let entries =
        "SELECT count(*) FROM timeline_entries WHERE action = 'opportunity.offering_changed'";
    assert_eq!(world.app.count(entries).await, 1);
}

/// R-OPP-15: everything that a submission would refuse is told before, and a clean one is not refused.
#[tokio::test]
async fn a_preflight_tells_what_would_be_refused() {
    let world = World::new().await;
    world.office().await;
    let vague = with(
        with(complete(), "need", json!("待定")),
        "budget",
        Value::Null,
    );
    let created = world.created(vague).await;
    let answer = world
        .seller
        .ask(PREFLIGHT, json!({ "id": created["id"] }))
        .await;
    let preflight = answer.at("/opportunityPreflight");
    assert_eq!(preflight["isClean"], false);
    assert_eq!(
        preflight["submission"]["blockers"],
        json!([{ "removableBy": "VIEWER", "error": { "reason": "PO_NO_BUDGET_OR_TIME", "path": ["budget"] } }])
    );
    assert_eq!(
        preflight["doubts"],
        json!([{ "reason": "PREFLIGHT_PLACEHOLDER", "path": ["need"] }])
    );
    let theirs = world
        .rival
        .ask(PREFLIGHT, json!({ "id": created["id"] }))
        .await;
    assert_eq!(theirs.at("/opportunityPreflight"), &Value::Null);

    let clean = world.created(complete()).await;
    let answer = world
        .seller
        .ask(PREFLIGHT, json!({ "id": clean["id"] }))
        .await;
    assert_eq!(
        answer.at("/opportunityPreflight/isClean"),
        &json!(true),
        "{:#}",
        answer.body
    );
    assert_eq!(answer.at("/opportunityPreflight/score"), &json!(100));
    let submit = of(&clean["id"], &clean["version"]);
    let payload = world.seller.change("opportunitySubmit", ID, submit).await;
    assert_eq!(payload["errors"], json!([]));
}

/// R-OPP-28: the vendor and the partner itself read why deals cannot be shared; nobody else does.
#[tokio::test]
async fn eligibility_is_told_to_the_vendor_and_to_the_partner() {
    let world = World::new().await;
    let read = "query ($id: ID!) { opportunitySharingEligibility(organisationId: $id) { allowed blockers { removableBy error { reason } } } }";
    let id = world.partner().global();
    let expected = json!({
        "allowed": false,
        "blockers": [{ "removableBy": "VENDOR", "error": { "reason": "HO_STAGE_TOO_LOW" } }],
    });
    for caller in [&world.reviewer, &world.seller] {
        let answer = caller.ask(read, json!({ "id": id })).await;
        assert_eq!(answer.at("/opportunitySharingEligibility"), &expected);
    }
    let theirs = world.rival.ask(read, json!({ "id": id })).await;
    assert_eq!(theirs.at("/opportunitySharingEligibility"), &Value::Null);
}

/// A partner finds its own deal by the name that it has in its own system, and never another's.
#[tokio::test]
async fn a_deal_is_found_by_its_external_reference() {
    let world = World::new().await;
    let created = world
        .created(with(complete(), "externalReference", json!("CRM-7")))
        .await;
    let read = "query ($reference: String!) { opportunityByExternalReference(reference: $reference) { id } }";
    let found = world
        .seller
        .ask(read, json!({ "reference": "CRM-7" }))
        .await;
    assert_eq!(
        found.at("/opportunityByExternalReference/id"),
        &created["id"]
    );
    for (caller, reference) in [
        (&world.rival, "CRM-7"),
        (&world.seller, "CRM-8"),
        (&world.seller, "\0"),
    ] {
        let missing = caller.ask(read, json!({ "reference": reference })).await;
        assert_eq!(missing.at("/opportunityByExternalReference"), &Value::Null);
    }
}
