//! A specialist with a personal account leaves a partner, is invited again by account name, accepts through the link,
//! keeps the record, and is unbound. Exercises R-DED-1, R-DED-3, R-DED-4, R-DED-8, R-DED-9, R-DED-15, R-DED-17.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::Person;
use crate::support::process::Portico;

const OWN: &str =
    "{ dedicatedPersonConsent { version sentence } viewer { __typename ... on FederatedIdentity {
    dedicatedPersonnel { id state version partnerName email baseLocation } } } }";
const SEEN: &str = "query($id: ID!) { node(id: $id) { ... on DedicatedPerson { state name email baseLocation } } }";

async fn change(person: &Person, mutation: &str, mut input: Value) -> Value {
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let link = if mutation == "dedicatedPersonInvite" {
        "acceptUrl"
    } else {
        ""
    };
    let query = format!(
        "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{
            {link} dedicatedPerson {{ id state version }} errors {{ reason message }} }} }}"
    );
    input["idempotencyKey"] = json!(Uuid::now_v7());
    let answer = person.ask(&query, json!({ "input": input })).await;
    let payload = answer.at(&format!("/{mutation}")).clone();
    assert_eq!(payload["errors"], json!([]), "{mutation}: {payload}");
    payload
}

fn at(person: &Value) -> Value {
    json!({ "dedicatedPersonId": person["id"], "expectedVersion": person["version"] })
}

#[tokio::test]
async fn a_specialist_leaves_comes_back_and_is_unbound() {
    let portico = Portico::start("personnel").await;
    let specialist = portico.person("specialist@home").await;
    let administrator = portico.person("admin@partner").await;

    let own = specialist.ask(OWN, json!({})).await;
    assert_eq!(
        own.text("/viewer/__typename"),
        "FederatedIdentity",
        "no member"
    );
    let association = own.at("/viewer/dedicatedPersonnel/0").clone();
    assert_eq!(association["state"], "BOUND");
    assert_eq!(association["partnerName"], "杭州澜岫数字科技有限公司");
    let left = change(&specialist, "dedicatedPersonLeave", at(&association)).await;
    assert_eq!(left["dedicatedPerson"]["state"], "UNBOUND");
    let id = json!({ "id": association["id"] });
    let seen = administrator.ask(SEEN, id.clone()).await;
    assert_eq!(
        seen.at("/node"),
        &json!({ "state": "UNBOUND", "name": null, "email": null, "baseLocation": null })
    );

    let invitee = json!({ "invitee": { "accountName": "gu.nanqiao" } });
    let sent = change(&administrator, "dedicatedPersonInvite", invitee).await;
    assert_eq!(
        sent["dedicatedPerson"]["id"], association["id"],
        "the same record"
    );
    let url = sent["acceptUrl"].as_str().unwrap();
    let (page, token) = url.split_once('#').unwrap();
    assert!(page.ends_with("/dedicated-invitation"));
    let shown = Person::new(&portico.base)
        .open("/dedicated-invitation")
        .await;
    assert!(shown.text.contains("/pages/dedicated-invitation.js"));
    let consent = own.at("/dedicatedPersonConsent/version").clone();
    let accept = json!({ "invitation": { "token": token }, "consentVersion": consent });
    let bound = change(&specialist, "dedicatedPersonInvitationAccept", accept).await;
    let place = json!({ "baseLocation": "宁波" });
    let mut update = at(&bound["dedicatedPerson"]);
    update
        .as_object_mut()
        .unwrap()
        .extend(place.as_object().unwrap().clone());
    let kept = change(&specialist, "dedicatedPersonUpdate", update).await;
    let seen = administrator.ask(SEEN, id.clone()).await;
    assert_eq!(seen.text("/node/baseLocation"), "宁波");
    assert_eq!(seen.text("/node/email"), "gu***@home.example");

    change(
        &administrator,
        "dedicatedPersonUnbind",
        at(&kept["dedicatedPerson"]),
    )
    .await;
    let seen = administrator.ask(SEEN, id).await;
    assert!(seen.at("/node/baseLocation").is_null());
    let own = specialist.ask(OWN, json!({})).await;
    assert_eq!(
        own.text("/viewer/dedicatedPersonnel/0/baseLocation"),
        "宁波"
    );
}
