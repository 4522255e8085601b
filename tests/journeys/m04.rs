//! m04: an administrator invites a colleague whom only IAM knows, a SimpleSAMLphp; the colleague accepts and is a member.
//! The administrator asks identityDoctor what is the matter, and follows its remedy.
//! Exercises R-ORG-1, R-ORG-2, R-ORG-3, R-ORG-4, R-ORG-22.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::person::Person;
use crate::support::process::Portico;
use crate::support::simplesamlphp::{Signs, SimpleSamlPhp};

const COLLEAGUE: &str = "wang.fang";
const PASSWORD: &str = "correct horse";

const WHO: &str = "{ viewer { __typename
    ... on FederatedIdentity { id email memberLink { state reason message } invitations { organisationName expiresAt } }
    ... on Member { name organisation { name } } } }";

const INVITE: &str = "mutation($input: MemberInviteInput!) { memberInvite(input: $input) {
    acceptUrl invitation { id } errors { reason path } replayed } }";

const ACCEPT: &str =
    "mutation($input: MemberInvitationAcceptInput!) { memberInvitationAccept(input: $input) {
    memberId errors { reason } replayed } }";

const DOCTOR: &str = "query($subject: IdentityDoctorSubject!) { identityDoctor(subject: $subject) {
    cause message remedy { mutation by } identity { identityId providerName } member { name } } }";

async fn asked(person: &Person, subject: &Value) -> Value {
    let answer = person.ask(DOCTOR, json!({ "subject": subject })).await;
    answer.at("/identityDoctor").clone()
}

/// The vendor takes over what IAM knows of the partner's tenant.
async fn know_colleague(portico: &Portico, administrator: &Person) {
    let own = administrator
        .ask("{ organisation { number } }", json!({}))
        .await;
    let number = own.text("/organisation/number");
    let csv = format!(
        "organisation,user_name,email,state\n{number},{COLLEAGUE},{COLLEAGUE}@partner.example,PRESENT\n"
    );
    let import = "mutation($input: FactsImportInput!) { factsImport(input: $input) { added errors { reason } } }";
    let input = json!({ "idempotencyKey": Uuid::now_v7(), "kind": "IAM_USERS", "csv": csv });
    let vendor = portico.person("admin@vendor").await;
    let imported = vendor.ask(import, json!({ "input": input })).await;
    assert_eq!(
        imported.at("/factsImport"),
        &json!({ "added": 1, "errors": [] })
    );
}

#[tokio::test]
async fn m04_an_administrator_invites_a_colleague_who_becomes_a_member() {
    let mut portico = Portico::start("m04").await;
    let service = Person::new(&portico.base).open("/saml/metadata").await.text;
    let iam = SimpleSamlPhp::start_for(&service, (COLLEAGUE, PASSWORD), Signs::Both).await;
    portico
        .restart_with_identity_provider("SimpleSAMLphp", &iam.metadata)
        .await;
    let administrator = portico.person("admin@partner").await;
    let colleague = Person::new(&portico.base);

    let choice = colleague
        .open("/saml/login?return_to=/schema.graphql")
        .await;
    let idp = choice
        .link_named("SimpleSAMLphp")
        .expect("a choice between the two providers");
    let landed = colleague.sign_in(&idp, COLLEAGUE, PASSWORD).await;
    assert_eq!(landed.url.path(), "/schema.graphql", "{}", landed.text);
    let before = colleague.ask(WHO, json!({})).await;
    assert_eq!(before.text("/viewer/__typename"), "FederatedIdentity");
    assert_eq!(
        before.text("/viewer/memberLink/state"),
        "NEVER_LINKED",
        "R-ORG-1: IAM makes no member"
    );
    assert!(!before.text("/viewer/memberLink/message").is_empty());
    let members = colleague
        .ask("{ members(first: 5) { nodes { name } } }", json!({}))
        .await;
    assert!(
        members.body["data"]["members"].is_null(),
        "sees nothing of any organisation: {:#}",
        members.body
    );

    let address = json!({ "email": format!("{COLLEAGUE}@partner.example") });
    assert_eq!(
        asked(&administrator, &address).await,
        asked(
            &administrator,
            &json!({ "email": "nobody@nowhere.example" })
        )
        .await,
        "R-ORG-22: nothing connects the administrator with the colleague yet"
    );
    know_colleague(&portico, &administrator).await;
    let never = asked(&administrator, &address).await;
    assert_eq!(never["cause"], "NEVER_LINKED");
    assert_eq!(
        never["remedy"],
        json!({ "mutation": "memberInvite", "by": "ADMINISTRATOR" })
    );

    let input = json!({ "idempotencyKey": Uuid::now_v7(), "email": format!("{COLLEAGUE}@partner.example"), "name": "王芳", "accountName": "wang.fang",
        "roles": ["OPERATOR"] });
    let invited = administrator.ask(INVITE, json!({ "input": input })).await;
    assert_eq!(invited.at("/memberInvite/errors"), &json!([]));
    let accept_url = invited.text("/memberInvite/acceptUrl");
    let repeated = administrator.ask(INVITE, json!({ "input": input })).await;
    assert_eq!(
        repeated.at("/memberInvite/acceptUrl"),
        &Value::Null,
        "the link is shown once"
    );

    let waiting = colleague.ask(WHO, json!({})).await;
    assert_eq!(waiting.text("/viewer/memberLink/state"), "INVITED");
    assert_eq!(
        waiting.at("/viewer/invitations").as_array().unwrap().len(),
        1
    );

    let pending = asked(&administrator, &address).await;
    assert_eq!(pending["cause"], "INVITATION_PENDING");
    assert_eq!(
        pending["remedy"],
        json!({ "mutation": "memberInvitationAccept", "by": "PERSON" })
    );

    let token = accept_url.split_once('#').expect("a token in the link").1;
    let input = json!({ "idempotencyKey": Uuid::now_v7(), "token": token });
    let accepted = colleague.ask(ACCEPT, json!({ "input": input })).await;
    assert_eq!(accepted.at("/memberInvitationAccept/errors"), &json!([]));

    let after = colleague.ask(WHO, json!({})).await;
    assert_eq!(
        after.text("/viewer/__typename"),
        "Member",
        "the next query is a member's"
    );
    assert_eq!(after.text("/viewer/name"), "王芳");
    let linked = asked(&administrator, &address).await;
    assert_eq!(linked["cause"], "LINKED");
    assert_eq!(linked["member"]["name"], "王芳");
    let reseller = portico.person("admin@reseller").await;
    let own = reseller
        .ask("{ session { identity { id } } }", json!({}))
        .await;
    let foreign = json!({ "identityId": own.at("/session/identity/id") });
    let unknown = json!({ "identityId": "fid_AAAAAAAAAAAAAAAAAAAAAA" });
    assert_eq!(
        asked(&administrator, &foreign).await,
        asked(&administrator, &unknown).await,
        "R-ORG-22: another organisation's identity answers as an unknown one"
    );

    let input = json!({ "idempotencyKey": Uuid::now_v7(), "token": token });
    let again = administrator.ask(ACCEPT, json!({ "input": input })).await;
    assert_eq!(
        again
            .at("/memberInvitationAccept/errors")
            .as_array()
            .unwrap()
            .len(),
        1,
        "one use"
    );
    println!("m04 exercised R-ORG-1 R-ORG-2 R-ORG-3 R-ORG-4 R-ORG-22");
}
