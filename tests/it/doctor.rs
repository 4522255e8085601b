//! `identityDoctor`: what it tells whom.

use chrono::TimeDelta;
use portico::ids::{IdSource, IdentityId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_member, a_partner, the_vendor};

const ASK: &str = "query($subject: IdentityDoctorSubject!, $organisation: ID) {
    identityDoctor(subject: $subject, organisationId: $organisation) { cause message remedy { mutation by }
        identity { identityId providerName } member { name } invitation { state } } }";

struct World {
    app: TestApp,
    admin: Caller,
    finance: Caller,
    rival: Caller,
    vendor: Caller,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("对手").insert(&mut owner).await;
        let vendor = the_vendor().insert(&mut owner).await;
        Self {
            admin: app.member(partner, "ada", &["SYSTEM_ADMIN"]).await,
            finance: app.member(partner, "fay", &["FINANCE"]).await,
            rival: app.member(rival, "rob", &["SYSTEM_ADMIN"]).await,
            vendor: app.member(vendor, "vic", &["VENDOR_ADMIN"]).await,
            app,
        }
    }

    /// The vendor's table says that the partner's IAM tenant has this user.
    async fn know(&self, user: &str, email: &str, state: &str) -> Value {
        let number: String = sqlx::query_scalar("SELECT number FROM organisations WHERE id = $1")
            .bind(self.admin.organisation.0)
            .fetch_one(&mut self.app.owner().await)
            .await
            .unwrap();
        let csv = format!("organisation,user_name,email,state\n{number},{user},{email},{state}\n");
        let input = json!({ "kind": "IAM_USERS", "csv": csv });
        self.vendor
            .change("factsImport", "added changed", input)
            .await
    }

    async fn invite(&self, email: &str, account: &str) -> Value {
        let input = json!({ "email": email, "name": "李华", "accountName": account, "roles": ["OPERATOR"] });
        self.admin
            .change("memberInvite", "acceptUrl invitation { id version }", input)
            .await
    }
}

async fn ask(caller: &Caller, subject: Value) -> Value {
    let variables = json!({ "subject": subject });
    caller
        .ask(ASK, variables)
        .await
        .at("/identityDoctor")
        .clone()
}

fn email(address: &str) -> Value {
    json!({ "email": address })
}

fn told(answer: &Value) -> (&str, &str, &str) {
    (
        answer["cause"].as_str().unwrap(),
        answer["remedy"]["mutation"].as_str().unwrap_or_default(),
        answer["remedy"]["by"].as_str().unwrap(),
    )
}

/// R-ORG-22: from the tenant's user to the member, every cause with what helps.
#[tokio::test]
async fn r_org_22_the_administrator_is_told_each_cause_and_its_remedy() {
    let world = World::new().await;
    let li = email("li@partner.example");
    assert_eq!(
        told(&ask(&world.admin, li.clone()).await),
        ("UNKNOWN", "", "PERSON")
    );

    assert_eq!(
        world.know("lihua", "li@partner.example", "PRESENT").await["added"],
        1
    );
    assert_eq!(
        told(&ask(&world.admin, li.clone()).await),
        ("NEVER_SIGNED_IN", "memberInvite", "ADMINISTRATOR")
    );
    let stranger = world.app.stranger("li").await;
    let never = ask(&world.admin, li.clone()).await;
    assert_eq!(
        told(&never),
        ("NEVER_LINKED", "memberInvite", "ADMINISTRATOR")
    );
    assert_eq!(
        never["identity"],
        json!({ "identityId": null, "providerName": "IAM" })
    );
    let of_oneself = json!({ "identityId": stranger.identity.global() });
    assert_eq!(
        told(&ask(&stranger, of_oneself.clone()).await).0,
        "NEVER_LINKED"
    );

    let invited = world.invite("li@partner.example", "lihua").await;
    let pending = ask(&world.admin, json!({ "accountName": "lihua" })).await;
    assert_eq!(
        told(&pending),
        ("INVITATION_PENDING", "memberInvitationAccept", "PERSON")
    );
    assert_eq!(pending["invitation"], json!({ "state": "OPEN" }));
    assert_eq!(
        told(&ask(&stranger, of_oneself).await).0,
        "INVITATION_PENDING"
    );
    let revoke = json!({ "invitationId": invited["invitation"]["id"], "expectedVersion": "v1" });
    world
        .admin
        .change("memberInvitationRevoke", "invitation { id }", revoke)
        .await;
    assert_eq!(
        told(&ask(&world.admin, li.clone()).await).0,
        "INVITATION_REVOKED"
    );

    let invited = world.invite("li@partner.example", "lihua").await;
    let url = invited["acceptUrl"].as_str().unwrap();
    let token = json!({ "token": url.split_once('#').unwrap().1 });
    let accepted = stranger
        .change("memberInvitationAccept", "memberId", token)
        .await;
    assert_eq!(reasons(&accepted), [""; 0]);
    let linked = ask(&world.admin, li.clone()).await;
    assert_eq!(told(&linked), ("LINKED", "", "NOBODY"));
    assert_eq!(linked["member"], json!({ "name": "李华" }));
    assert_eq!(linked["identity"]["identityId"], stranger.identity.global());

    let unlink = json!({ "memberId": accepted["memberId"], "expectedVersion": "v1" });
    world
        .admin
        .change("memberUnlink", "member { id }", unlink)
        .await;
    assert_eq!(
        told(&ask(&world.admin, li.clone()).await),
        ("LINK_ENDED", "memberLink", "ADMINISTRATOR")
    );
    let disable = json!({ "memberId": accepted["memberId"], "expectedVersion": "v2" });
    world
        .admin
        .change("memberDisable", "member { id }", disable)
        .await;
    assert_eq!(told(&ask(&world.admin, li).await).0, "MEMBER_DISABLED");
}

/// R-ORG-22: an invitation that ran out, a member without a link, and one to whom somebody else is linked.
#[tokio::test]
async fn r_org_22_what_nobody_can_use_is_told_too() {
    let world = World::new().await;
    world.know("fay", "fay@partner.example", "PRESENT").await;
    world.invite("late@partner.example", "late").await;
    world.app.clock.advance(TimeDelta::days(7));
    let admin = world
        .app
        .signed_in(
            world.admin.identity,
            world.admin.organisation,
            world.admin.member,
        )
        .await;
    assert_eq!(
        told(&ask(&admin, email("late@partner.example")).await),
        ("INVITATION_EXPIRED", "memberInvite", "ADMINISTRATOR")
    );

    let mut owner = world.app.owner().await;
    a_member(admin.organisation, "oz")
        .roles(&["OPERATOR"])
        .insert(&mut owner)
        .await;
    assert_eq!(
        told(&ask(&admin, json!({ "accountName": "oz" })).await),
        ("MEMBER_NOT_LINKED", "memberLink", "ADMINISTRATOR")
    );
    // Another IAM's user claims the address of a member to whom somebody is linked.
    let liar = world.app.stranger("fay").await;
    let claimed = ask(&admin, json!({ "identityId": liar.identity.global() })).await;
    assert_eq!(
        told(&claimed),
        ("MEMBER_LINKED_TO_ANOTHER", "memberUnlink", "ADMINISTRATOR")
    );
    assert_eq!(
        claimed["identity"]["identityId"],
        Value::Null,
        "whoever knows it could link it"
    );
    assert_eq!(
        told(&ask(&admin, email("fay@partner.example")).await).0,
        "LINKED"
    );
}

/// R-ORG-22: to whom it is no business, an identity answers byte for byte as one that does not exist, in as many
/// statements.
#[tokio::test]
async fn r_org_22_anothers_identity_answers_as_an_unknown_one_in_as_many_statements() {
    let world = World::new().await;
    let subjects = [
        json!({ "identityId": world.admin.identity.global() }),
        email(&format!(
            "ada-{}@partner.example",
            world.admin.organisation.0.simple()
        )),
        email("ada@partner.example"),
        json!({ "accountName": "ada" }),
    ];
    let unknown = [
        json!({ "identityId": IdSource.fresh::<IdentityId>().global() }),
        email("nobody@nowhere.example"),
        email("nobody@nowhere.example"),
        json!({ "accountName": "nobody" }),
    ];
    let stranger = world.app.stranger("li").await;
    world.invite("li@partner.example", "lihua").await;

    for asker in [&world.rival, &world.finance, &stranger] {
        for (subject, unknown) in subjects.iter().zip(&unknown) {
            let counted = async |subject: &Value| {
                let before = world.app.app.db.statements();
                let answer = asker.ask(ASK, json!({ "subject": subject })).await;
                // The number of the request is in every answer another one.
                let told = (answer.status, answer.body["data"].to_string());
                (told, world.app.app.db.statements() - before)
            };
            counted(unknown).await;
            assert_eq!(counted(subject).await, counted(unknown).await, "{subject}");
        }
    }
    let pointed =
        json!({ "subject": subjects[0], "organisation": world.admin.organisation.global() });
    let answer = world.rival.ask(ASK, pointed).await;
    assert_eq!(told(answer.at("/identityDoctor")).0, "UNKNOWN");
}

/// R-ORG-22: the vendor's operators are told of every identity, and of each organisation's point of view.
#[tokio::test]
async fn r_org_22_the_vendors_operators_are_told_of_everybody() {
    let world = World::new().await;
    let subject = json!({ "identityId": world.admin.identity.global() });
    assert_eq!(told(&ask(&world.vendor, subject.clone()).await).0, "LINKED");
    let stranger = world.app.stranger("li").await;
    let li = json!({ "identityId": stranger.identity.global() });
    assert_eq!(told(&ask(&world.vendor, li).await).0, "NEVER_LINKED");

    let from = async |organisation: &Caller, subject: Value| {
        let variables =
            json!({ "subject": subject, "organisation": organisation.organisation.global() });
        let answer = world.vendor.ask(ASK, variables).await;
        answer.at("/identityDoctor").clone()
    };
    let seen = from(&world.admin, json!({ "accountName": "ada" })).await;
    assert_eq!(
        (told(&seen).0, &seen["member"]["name"]),
        ("LINKED", &json!("ada"))
    );
    assert_eq!(told(&from(&world.rival, subject).await).0, "NEVER_LINKED");
}

/// R-ORG-3: an address of the tenant belongs to its user and is not given to another member; an unlinked identity with it
/// is the normal addressee.
#[tokio::test]
async fn r_org_3_an_address_of_another_iam_user_is_refused_until_that_user_is_gone() {
    let world = World::new().await;
    world.know("lihua", "li@partner.example", "PRESENT").await;
    world.app.stranger("li").await;

    let other = world.invite("LI@partner.example", "somebody").await;
    assert_eq!(reasons(&other), ["EMAIL_IN_IAM"]);
    assert_eq!(other["errors"][0]["path"], json!(["email"]));
    assert_eq!(world.app.count("SELECT count(*) FROM invitations").await, 0);
    assert_eq!(
        reasons(&world.invite("li@partner.example", "lihua").await),
        [""; 0]
    );
    assert_eq!(
        world.know("lihua", "li@partner.example", "REMOVED").await["changed"],
        1
    );
    assert_eq!(
        reasons(&world.invite("li@partner.example", "somebody").await),
        [""; 0]
    );
    let claimed = format!(
        "fay-{}@partner.example",
        world.admin.organisation.0.simple()
    );
    assert_eq!(
        reasons(&world.invite(&claimed, "new").await),
        ["EMAIL_IN_IAM"],
        "of a linked identity"
    );
}

#[tokio::test]
async fn a_table_of_iam_users_is_refused_with_its_faults_and_is_its_organisations_own() {
    let world = World::new().await;
    let refused = world.know("lihua", "nonsense", "PRESENT").await;
    assert_eq!(reasons(&refused), ["FACT_EMAIL_INVALID"]);
    assert_eq!(world.app.count("SELECT count(*) FROM iam_users").await, 0);

    world.know("lihua", "li@partner.example", "PRESENT").await;
    assert_eq!(
        told(&ask(&world.rival, email("li@partner.example")).await).0,
        "UNKNOWN"
    );
    let members = world
        .admin
        .ask("{ members(first: 10) { nodes { name } } }", json!({}))
        .await;
    assert_eq!(
        members.at("/members/nodes").as_array().unwrap().len(),
        2,
        "R-ORG-1"
    );
}
