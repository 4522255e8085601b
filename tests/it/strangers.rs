//! Another organisation's ids, in every place of the contract that takes an id: each is answered as an id that there
//! never was, and nothing changes. A new argument without an entry here fails the test.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeDelta;
use portico::ids::{
    CustomerContactId, CustomerId, CustomerInvitationId, DocumentId, IdentityId, IncentiveId,
    InvitationId, MainAccountOfferId, MemberId, NoticeDeliveryId, NoticeId, OfferingId,
    OpportunityId, OrganisationId, PersonId, PersonalAccountId, PersonnelRecordId,
    ProgrammeInvitationId, ProgrammeMembershipId, ResellerId, RoleId, RuleId, ServiceAccountId,
    SessionId, Tagged,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{
    a_member, a_partner, a_person, a_reseller, an_incentive, an_opportunity, fresh, offering_of,
};
use crate::support::contract::{Contract, IdPlace};

/// Every role of a partner at once: what is refused then is refused for the id.
const ALL_ROLES: [&str; 6] = [
    "SYSTEM_ADMIN",
    "FINANCE",
    "ACCOUNT_MANAGER",
    "ACCOUNT_MANAGER_DIRECTOR",
    "SA_SPECIALIST",
    "OPERATOR",
];

/// What an argument names, by its own name or, where that is `id`, by the field's.
fn kind(place: &IdPlace) -> &'static str {
    let name = match place.name() {
        "id" | "ids" => place.field.as_str(),
        name => name,
    };
    match name {
        "organisationId" | "organisation" => "organisation",
        "memberId" | "ownerId" | "accountManagerId" | "reviewerId" | "customerOwnerId"
        | "directorId" => "member",
        "identityId" => "identity",
        "invitationId" => "invitation",
        "opportunityId" | "opportunity" | "node" | "nodes" | "objectId" => "opportunity",
        "offeringId" | "offeringIds" => "offering",
        "documentId" | "documentIds" | "document" => "document",
        "noticeIds" => "notice",
        "resellerId" | "reseller" => "reseller",
        "incentiveId" | "incentive" => "incentive",
        "ruleId" => "rule",
        "sessionId" => "session",
        "serviceAccountId" => "service account",
        "dedicatedPersonId" => "person",
        "customerId" | "customer" => "customer",
        "customerInvitationId" => "customer invitation",
        "programmeMembershipId" => "programme membership",
        "programmeInvitationId" => "programme invitation",
        "noticeDeliveryId" => "notice delivery",
        // A candidate's id is told to whom the invitation names several, and to nobody else.
        "accountId" => "personal account",
        "partnerId" => "organisation",
        "roleId" | "customRoleIds" => "role",
        "customerContactId" => "customer contact",
        "mainAccountOfferId" => "main account offer",
        // The line of a person's record.
        "dedicatedPersonUpdate" => "personnel record",
        _ => panic!("{place:?} takes an id: say here of what"),
    }
}

/// Not asked of: to know the id of a person as IAM knows him is what linking takes, whoever he acts for elsewhere.
const TOLD_BY_ITS_OWNER: [&str; 1] = ["memberLink"];

fn unknown(kind: &str) -> String {
    fn one<I: Tagged>() -> String {
        fresh::<I>().global()
    }
    match kind {
        "organisation" => one::<OrganisationId>(),
        "member" => one::<MemberId>(),
        "identity" => one::<IdentityId>(),
        "invitation" => one::<InvitationId>(),
        "opportunity" => one::<OpportunityId>(),
        "offering" => one::<OfferingId>(),
        "document" => one::<DocumentId>(),
        "notice" => one::<NoticeId>(),
        "reseller" => one::<ResellerId>(),
        "incentive" => one::<IncentiveId>(),
        "rule" => one::<RuleId>(),
        "session" => one::<SessionId>(),
        "service account" => one::<ServiceAccountId>(),
        "person" => one::<PersonId>(),
        "customer" => one::<CustomerId>(),
        "customer invitation" => one::<CustomerInvitationId>(),
        "programme membership" => one::<ProgrammeMembershipId>(),
        "programme invitation" => one::<ProgrammeInvitationId>(),
        "notice delivery" => one::<NoticeDeliveryId>(),
        "personal account" => one::<PersonalAccountId>(),
        "role" => one::<RoleId>(),
        "customer contact" => one::<CustomerContactId>(),
        "main account offer" => one::<MainAccountOfferId>(),
        "personnel record" => one::<PersonnelRecordId>(),
        other => panic!("there is no {other}"),
    }
}

/// One object of each kind, of one organisation.
async fn things(app: &TestApp, caller: &Caller) -> BTreeMap<&'static str, String> {
    let mut owner = app.owner().await;
    let own = caller.organisation;
    let colleague = a_member(own, "colleague")
        .roles(&["ACCOUNT_MANAGER"])
        .insert(&mut owner)
        .await;
    let company = a_partner("长河云").insert(&mut owner).await;
    let reseller = a_reseller(&mut owner, company, own).await;
    let opportunity = an_opportunity(own, caller.member).insert(&mut owner).await;
    let due = app.now() + TimeDelta::days(3);
    let incentive = an_incentive(&mut owner, own, due, &[]).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let email = format!("{}@partner.example", Uuid::now_v7());
    let colleague_to_be =
        json!({ "email": email, "name": "李华", "accountName": "lihua", "roles": ["OPERATOR"] });
    let promised = caller
        .change("memberInvite", "invitation { id }", colleague_to_be)
        .await;
    let file = json!({ "fileName": "a.pdf", "mediaType": "application/pdf", "size": 9, "sha256": "0".repeat(64) });
    let prepared = caller
        .change("documentUploadPrepare", "document { id }", file)
        .await;
    let machine =
        json!({ "name": "Export", "permissions": ["opportunity.read"], "expiresAt": due });
    let machine = caller
        .change("serviceAccountCreate", "serviceAccount { id }", machine)
        .await;
    let session = caller.ask("{ session { id } }", json!({})).await;
    let notice: NoticeId = fresh();
    sqlx::query(
        "INSERT INTO notices (organisation_id, id, member_id, kind, cause, object_kind, object_id, at, made_at)
         VALUES ($1, $2, $3, 'DEADLINE_NEAR', 'test', 'opp', $4, $5, $5)",
    )
    .bind(own.0)
    .bind(notice.0)
    .bind(caller.member.0)
    .bind(opportunity.0)
    .bind(app.now())
    .execute(&mut owner)
    .await
    .unwrap();
    let rows = rows(app, caller).await;
    let rule: Uuid = sqlx::query_scalar("SELECT id FROM rules LIMIT 1")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let mut things = BTreeMap::from([
        ("organisation", own.global()),
        ("member", colleague.global()),
        ("identity", caller.identity.global()),
        ("invitation", text(&promised["invitation"]["id"])),
        ("opportunity", opportunity.global()),
        ("offering", offering_of(own).global()),
        ("document", text(&prepared["document"]["id"])),
        ("notice", notice.global()),
        ("reseller", reseller.global()),
        ("incentive", incentive.global()),
        ("rule", RuleId(rule).global()),
        ("session", session.text("/session/id").clone()),
        ("service account", text(&machine["serviceAccount"]["id"])),
    ]);
    things.extend(rows);
    things
}

/// Makes a row of `table` for the caller's organisation and answers its global id.
async fn row<I: Tagged>(app: &TestApp, caller: &Caller, sql: &'static str) -> String {
    let id: I = fresh();
    sqlx::query(sql)
        .bind(caller.organisation.0)
        .bind(id.uuid())
        .bind(app.now())
        .execute(&mut app.owner().await)
        .await
        .unwrap();
    id.global()
}

/// What no mutation of the caller's own makes.
async fn rows(app: &TestApp, caller: &Caller) -> BTreeMap<&'static str, String> {
    let person = a_person(&mut app.owner().await, caller.organisation, "顾南乔").await;
    let membership = row::<ProgrammeMembershipId>(
        app,
        caller,
        "INSERT INTO programme_memberships (organisation_id, id, programme, state, valid_from)
         SELECT $1, $2, 'CSP', 'ACTIVE', '2026-01-01' WHERE $3::timestamptz IS NOT NULL",
    );
    let invited = row::<ProgrammeInvitationId>(
        app,
        caller,
        "INSERT INTO programme_invitations (organisation_id, id, target_kind, target, state, sent_at, expires_at, sent_by)
         VALUES ($1, $2, 'PATH', 'LEARNING', 'SENT', $3, $3::timestamptz + interval '1 day', 'test')",
    );
    let delivery = row::<NoticeDeliveryId>(
        app,
        caller,
        "INSERT INTO notice_deliveries (organisation_id, id, notice_id, channel, made_at, next_attempt_at)
         SELECT $1, $2, id, 'EMAIL', $3, $3 FROM notices WHERE organisation_id = $1 LIMIT 1",
    );
    let offered = row::<CustomerInvitationId>(
        app,
        caller,
        "INSERT INTO customer_invitations (id, organisation_id, association_type, label, token_hash, state, sent_at,
             expires_at, invited_by, customer_id)
         SELECT $2, $1, 'REFERRAL', 'test', sha256($2::text::bytea), 'ACCEPTED', $3, $3, id, $2
         FROM members WHERE organisation_id = $1 LIMIT 1",
    );
    let (membership, invited, delivery, offered) = (
        membership.await,
        invited.await,
        delivery.await,
        offered.await,
    );
    let customer = row::<CustomerId>(
        app,
        caller,
        "INSERT INTO customers (organisation_id, id, number, partner_id, account_id, account_name, account_kind,
             association_type, state, invitation_id, notice_version, associated_at)
         SELECT resellers.organisation_id, $2, $2::text, $1, $2::text, 'test', 'CLOUD', 'REFERRAL', 'ASSOCIATED',
             invitation.id, 1, $3
         FROM resellers JOIN customer_invitations AS invitation ON invitation.organisation_id = resellers.distributor_id
         WHERE resellers.distributor_id = $1 LIMIT 1",
    )
    .await;
    let account = row::<PersonalAccountId>(
        app,
        caller,
        "INSERT INTO personal_accounts (id, account_name, identity_provider, subject, name, real_name)
         SELECT $2, $2::text, 'https://iam.example', $2::text, 'A person', 'PERSONAL'
         WHERE $1::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL",
    )
    .await;
    let mut rows = rows_of_members(app, caller).await;
    rows.extend([
        ("person", person.global()),
        ("programme membership", membership),
        ("programme invitation", invited),
        ("notice delivery", delivery),
        ("customer invitation", offered),
        ("customer", customer),
        ("personal account", account),
    ]);
    rows
}

async fn rows_of_members(app: &TestApp, caller: &Caller) -> BTreeMap<&'static str, String> {
    let role = row::<RoleId>(
        app,
        caller,
        "INSERT INTO custom_roles (organisation_id, id, name, permissions, created_at)
         VALUES ($1, $2, 'Test', '{member.read}', $3)",
    );
    let contact = row::<CustomerContactId>(
        app,
        caller,
        "INSERT INTO customer_contacts (organisation_id, id, name, phone, created_at) VALUES ($1, $2, 'Test', '123', $3)",
    );
    let offer = row::<MainAccountOfferId>(
        app,
        caller,
        "INSERT INTO main_account_offers (organisation_id, id, to_member_id, offered_by, offered_at, expires_at, state)
         SELECT $1, $2, id, 'HOLDER', $3, $3, 'OPEN' FROM members WHERE organisation_id = $1 LIMIT 1",
    );
    let record = row::<PersonnelRecordId>(
        app,
        caller,
        "INSERT INTO personnel_records (organisation_id, id, person_id, kind, name, from_on, added_at)
         SELECT $1, $2, id, 'PROJECT', 'A project', '2026-01-01', $3 FROM dedicated_personnel
         WHERE organisation_id = $1 LIMIT 1",
    );
    BTreeMap::from([
        ("role", role.await),
        ("customer contact", contact.await),
        ("main account offer", offer.await),
        ("personnel record", record.await),
    ])
}

/// Everything that the database holds, but what asking alone leaves behind.
async fn everything(app: &TestApp) -> BTreeMap<String, String> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, md5(query_to_xml(format('SELECT * FROM %I AS one ORDER BY one::text', table_name),
             true, false, '')::text)
         FROM information_schema.tables
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
             AND table_name NOT IN ('sessions', 'idempotency_keys', 'jobs', 'job_runs')",
    )
    .fetch_all(&mut app.owner().await)
    .await
    .unwrap();
    rows.into_iter().collect()
}

/// What B is told, with the id taken out, and how many statements that took.
async fn told(
    app: &TestApp,
    caller: &Caller,
    (query, variables): &(String, Value),
    id: &str,
) -> (String, u64) {
    let before = app.app.db.statements();
    let answer = caller.ask(query, variables.clone()).await;
    let statements = app.app.db.statements() - before;
    let mut body = answer.body;
    if let Some(body) = body.as_object_mut() {
        body.remove("extensions");
    }
    (body.to_string().replace(id, "ID"), statements)
}

/// In a line: what an answer comes to.
fn short(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let Some(data) = answer["data"].as_object() else {
        return format!("{}", answer["errors"][0]["extensions"]["code"]);
    };
    let (_, first) = data.iter().next().unwrap();
    match first["errors"].as_array() {
        Some(errors) if errors.is_empty() => "done, and nothing changed".to_owned(),
        Some(errors) => {
            let reasons: Vec<&str> = errors
                .iter()
                .map(|it| it["reason"].as_str().unwrap())
                .collect();
            reasons.join(" ")
        }
        None => first.to_string(),
    }
}

#[tokio::test]
async fn another_organisations_id_is_answered_everywhere_like_one_that_there_never_was() {
    let app = TestApp::start().await;
    let mut owner = app.owner().await;
    let (ours, theirs) = (
        a_partner("乙").insert(&mut owner).await,
        a_partner("甲").insert(&mut owner).await,
    );
    let stranger = app.member(ours, "eve", &ALL_ROLES).await;
    let victim = app.member(theirs, "ada", &ALL_ROLES).await;
    let (own, foreign) = (things(&app, &stranger).await, things(&app, &victim).await);
    let contract = Contract::read();
    // What a process reads once is read.
    stranger
        .ask("{ inbox(first: 1) { nodes { kind } } }", json!({}))
        .await;
    let before = everything(&app).await;
    let mut register = String::new();

    for place in contract.id_places() {
        let kind = kind(&place);
        // Looked at where the member holds something: tests/it/succession.rs asks for another organisation's there.
        if place.path.iter().any(|step| step == "handover") {
            continue;
        }
        if kind == "identity" && TOLD_BY_ITS_OWNER.contains(&place.field.as_str()) {
            continue;
        }
        let fill = |name: &str| {
            let place = IdPlace {
                path: vec![name.to_owned()],
                ..place.clone()
            };
            own[self::kind(&place)].clone()
        };
        let (id, never) = (&foreign[kind], unknown(kind));
        let about_theirs = told(&app, &stranger, &contract.request(&place, id, &fill), id).await;
        let about_none = told(
            &app,
            &stranger,
            &contract.request(&place, &never, &fill),
            &never,
        )
        .await;

        assert_eq!(about_theirs.0, about_none.0, "{place:?}");
        let line = format!(
            "{} {}: {}",
            place.field,
            place.path.join("."),
            short(&about_theirs.0)
        );
        writeln!(register, "{line}").unwrap();
        if about_theirs.1 != about_none.1 {
            writeln!(
                register,
                "    {} statements for theirs, {} for none",
                about_theirs.1, about_none.1
            )
            .unwrap();
        }
    }

    assert_eq!(everything(&app).await, before);
    insta::assert_snapshot!(register);
}
