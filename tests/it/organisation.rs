//! Organisations through the graph: who sees which, and what the other party of a relation shows.

use serde_json::json;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{a_member, a_partner, a_reseller, an_identity, the_vendor};

use portico::ids::{IdSource, OrganisationId, Tagged as _};

const ORGANISATION: &str = "query($id: ID) { organisation(id: $id) {
    id number name kind state site businessArea createdAt version mainAccount { name }
    members(first: 10) { totalCount nodes { name email roles isLinked organisation { name } } } } }";

async fn sees(caller: &Caller, id: OrganisationId) -> serde_json::Value {
    let answer = caller.ask(ORGANISATION, json!({ "id": id.global() })).await;
    answer.at("/organisation").clone()
}

#[tokio::test]
async fn a_member_reads_its_own_organisation_without_naming_it() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let partner = a_partner("伙伴").insert(&mut owner).await;
    let admin = app.member(partner, "admin", &["SYSTEM_ADMIN"]).await;
    a_member(partner, "clerk")
        .roles(&["OPERATOR"])
        .insert(&mut owner)
        .await;
    an_identity(&mut owner, "nobody").await;

    let answer = admin.ask(ORGANISATION, json!({})).await;

    assert_eq!(answer.text("/organisation/id"), partner.global());
    assert_eq!(answer.text("/organisation/kind"), "PARTNER");
    assert_eq!(answer.text("/organisation/businessArea"), "华北");
    let people = json!([
        { "name": "admin", "email": "admin@partner.example", "roles": ["SYSTEM_ADMIN"], "isLinked": true,
          "organisation": { "name": "伙伴" } },
        { "name": "clerk", "email": "clerk@partner.example", "roles": ["OPERATOR"], "isLinked": false,
          "organisation": { "name": "伙伴" } },
    ]);
    assert_eq!(*answer.at("/organisation/members/nodes"), people, "R-ORG-1");
    assert_eq!(*answer.at("/organisation/members/totalCount"), json!(2));
}

#[tokio::test]
async fn the_other_party_of_a_relation_is_seen_and_its_people_are_not() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let (one, other) = (
        a_partner("经销商").insert(&mut owner).await,
        a_partner("总经销").insert(&mut owner).await,
    );
    a_reseller(&mut owner, one, other).await;
    let admin = app.member(one, "admin", &["SYSTEM_ADMIN"]).await;
    app.member(other, "boss", &["SYSTEM_ADMIN"]).await;

    let seen = sees(&admin, other).await;

    assert_eq!(seen["name"], "总经销");
    assert!(seen["members"].is_null() && seen["mainAccount"].is_null());
}

#[tokio::test]
async fn a_stranger_answers_like_an_organisation_that_nobody_has() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let (one, other) = (
        a_partner("甲").insert(&mut owner).await,
        a_partner("乙").insert(&mut owner).await,
    );
    let admin = app.member(one, "admin", &["SYSTEM_ADMIN"]).await;
    let unlinked = app.stranger("li").await;

    for caller in [&admin, &unlinked] {
        assert!(sees(caller, other).await.is_null());
        assert!(sees(caller, IdSource.fresh()).await.is_null());
    }
    let another_kind = admin
        .ask(ORGANISATION, json!({ "id": admin.member.global() }))
        .await;
    assert!(another_kind.at("/organisation").is_null());
}

#[tokio::test]
async fn the_vendor_lists_the_network_page_by_page() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let vendor = the_vendor().insert(&mut owner).await;
    let auditor = app.member(vendor, "auditor", &["VENDOR_AUDITOR"]).await;
    for name in ["c", "a", "b"] {
        a_partner(name).insert(&mut owner).await;
    }
    let page =
        "query($after: String) { organisations(first: 2, after: $after, where: { kind: [PARTNER] },
        sort: { field: NAME, direction: DESCENDING }) {
          totalCount pageInfo { hasNextPage endCursor } nodes { name } } }";

    let first = auditor.ask(page, json!({})).await;
    let cursor = first.text("/organisations/pageInfo/endCursor");
    let second = auditor.ask(page, json!({ "after": cursor })).await;

    assert_eq!(
        *first.at("/organisations/nodes"),
        json!([{ "name": "c" }, { "name": "b" }])
    );
    assert_eq!(*first.at("/organisations/totalCount"), json!(3));
    assert_eq!(*second.at("/organisations/nodes"), json!([{ "name": "a" }]));
    assert_eq!(
        *second.at("/organisations/pageInfo/hasNextPage"),
        json!(false)
    );
}

#[tokio::test]
async fn a_partner_lists_no_organisations() {
    let app = TestApp::start().await;
    let partner = a_partner("伙伴").insert(&mut app.owner().await).await;
    let admin = app.member(partner, "admin", &["SYSTEM_ADMIN"]).await;

    let refused = admin
        .ask("{ organisations { nodes { name } } }", json!({}))
        .await
        .body;

    assert!(refused["data"]["organisations"].is_null());
    assert_eq!(
        refused["errors"][0]["extensions"]["reason"],
        "PERMISSION_MISSING"
    );
}
