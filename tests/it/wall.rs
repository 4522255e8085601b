//! The wall between identities and members: whatever a valid assertion says, nobody becomes a member by it.

use portico::ids::Tagged as _;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::support::app::{Caller, TestApp};
use crate::support::builders::{a_partner, the_vendor};
use crate::support::idp::TestIdp;

/// Gateways, and sign-ins to each, every one with its own attributes: as many as one address may make in a minute.
const WORLDS: u64 = 3;
const ROUNDS: u64 = 50;

/// What attributes of real IAMs are called, and what an attacker would hope for.
const NAMES: &[&str] = &[
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "name",
    "displayName",
    "uid",
    "subject",
    "NameID",
    "role",
    "roles",
    "memberOf",
    "groups",
    "eduPersonEntitlement",
    "permissions",
    "isAdmin",
    "state",
    "organisation",
    "organisation_id",
    "organisationId",
    "member",
    "memberId",
    "member_id",
    "accountName",
    "account_name",
    "mainAccount",
    "xAccountId",
    "xAccountType",
    "xUserId",
    "bpId",
    "identityId",
    "linkedTo",
    "invitation",
    "token",
    "version",
];

/// Everything that makes a member: who there is, with which roles, in which organisation, and who signs in as whom.
const WALLED: &str = "SELECT concat_ws(' | ',
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM organisations t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM members t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM member_roles t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM identity_links t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM invitations t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM main_account_offers t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM iam_users t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM roles t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM custom_roles t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM member_custom_roles t),
    (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM timeline_entries t))";

/// Numbers that look random and are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 16).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.next() % of.len()]
    }
}

struct World {
    app: TestApp,
    /// The IAM that a member of the partner comes from, and another one that anybody runs.
    idps: [TestIdp; 2],
    /// Linked as the partner's administrator, by the first IAM and this subject.
    subject: &'static str,
    admin: Caller,
    /// Values worth lying about: addresses, names, roles and ids of others.
    lies: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let idps = [
            TestIdp::register(&app, "ours").await,
            TestIdp::register(&app, "theirs").await,
        ];
        let mut owner = app.owner().await;
        let partner = a_partner("伙伴").insert(&mut owner).await;
        let rival = a_partner("对手").insert(&mut owner).await;
        let vendor = the_vendor().insert(&mut owner).await;
        let admin = app.member(partner, "ada", &["SYSTEM_ADMIN"]).await;
        let finance = app.member(partner, "fay", &["FINANCE"]).await;
        let rob = app.member(rival, "rob", &["SYSTEM_ADMIN"]).await;
        let vic = app.member(vendor, "vic", &["VENDOR_ADMIN"]).await;
        let subject = "ada-at-ours";
        sqlx::query("UPDATE federated_identities SET idp_id = $2, subject = $3 WHERE id = $1")
            .bind(admin.identity.0)
            .bind(idps[0].id.0)
            .bind(subject)
            .execute(&mut owner)
            .await
            .unwrap();
        let input = json!({ "email": "li@partner.example", "name": "李华", "accountName": "lihua", "roles": ["SYSTEM_ADMIN"] });
        let invited = admin.change("memberInvite", "acceptUrl", input).await;
        let (_, token) = invited["acceptUrl"]
            .as_str()
            .unwrap()
            .split_once('#')
            .unwrap();
        let mut lies: Vec<String> = [
            "ada@partner.example",
            "ADA@PARTNER.EXAMPLE",
            "fay@partner.example",
            "li@partner.example",
            "vic@partner.example",
            "ada",
            "fay",
            "rob",
            "vic",
            "lihua",
            subject,
            "SYSTEM_ADMIN",
            "VENDOR_ADMIN",
            "member.manage",
            "true",
            "ACTIVE",
            "1",
            "伙伴",
            "'; UPDATE members SET state = 'DISABLED'; --",
            "{\"roles\":[\"SYSTEM_ADMIN\"]}",
        ]
        .map(str::to_owned)
        .to_vec();
        lies.push(token.to_owned());
        for caller in [&admin, &finance, &rob, &vic] {
            lies.extend([
                caller.member.global(),
                caller.member.0.to_string(),
                caller.identity.global(),
                caller.organisation.global(),
                caller.organisation.0.to_string(),
            ]);
        }
        Self {
            app,
            idps,
            subject,
            admin,
            lies,
        }
    }

    async fn walled(&self) -> String {
        sqlx::query_scalar(WALLED)
            .fetch_one(&mut self.app.owner().await)
            .await
            .unwrap()
    }

    /// Signs a fresh browser in by the real way; whether the answer was taken, and as which type the graph sees it.
    async fn sign_in(
        &self,
        idp: &TestIdp,
        subject: &str,
        attributes: Vec<(String, String)>,
    ) -> Option<(String, Option<String>)> {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        let login = self
            .app
            .base
            .join(&format!("/saml/login?idp={}", idp.id.global()))
            .unwrap();
        let redirect = client.get(login).send().await.unwrap();
        assert_eq!(redirect.status(), StatusCode::FOUND);
        let to = redirect.headers()["location"].to_str().unwrap().to_owned();
        let answer = idp.answer_with(&idp.read(&to), subject, attributes);
        let acs = self.app.base.join("/saml/acs").unwrap();
        let taken = client
            .post(acs)
            .form(&[("SAMLResponse", answer.as_str())])
            .send()
            .await
            .unwrap();
        if taken.status() != StatusCode::SEE_OTHER {
            assert_eq!(taken.status(), StatusCode::FORBIDDEN);
            return None;
        }
        let who = "{ viewer { __typename ... on Member { id } } }";
        let answer = client
            .post(self.app.base.join("/graphql").unwrap())
            .header("content-type", "application/json")
            .header("x-portico-csrf", "1")
            .header("origin", self.app.base.origin().ascii_serialization())
            .body(json!({ "query": who }).to_string());
        let body: serde_json::Value =
            serde_json::from_str(&answer.send().await.unwrap().text().await.unwrap()).unwrap();
        let viewer = &body["data"]["viewer"];
        let member = viewer["id"].as_str().map(str::to_owned);
        Some((viewer["__typename"].as_str().unwrap().to_owned(), member))
    }

    /// Up to six attributes, of which no two need to agree.
    fn attributes(&self, numbers: &mut Numbers) -> Vec<(String, String)> {
        let count = numbers.next() % 7;
        (0..count)
            .map(|_| {
                (
                    (*numbers.one(NAMES)).to_owned(),
                    numbers.one(&self.lies).clone(),
                )
            })
            .collect()
    }
}

/// R-ORG-1 and R-ORG-2: no assertion, whatever its attributes, creates, changes, promotes or re-links a member.
#[tokio::test]
async fn r_org_1_no_assertion_creates_changes_promotes_or_links_a_member() {
    let mut numbers = Numbers(20_261_127);
    let (mut taken, mut as_member) = (0, 0);
    for _ in 0..WORLDS {
        let world = World::new().await;
        let before = world.walled().await;
        for round in 0..ROUNDS {
            let idp = numbers.one(&world.idps);
            // A subject of one's own; that of the linked person, from either IAM; or an id or address of somebody else.
            let subject = match numbers.next() % 4 {
                0 => world.subject.to_owned(),
                1 => numbers.one(&world.lies).clone(),
                _ => format!("stranger-{round}"),
            };
            let attributes = world.attributes(&mut numbers);
            let told = format!(
                "round {round}: {subject} of {:?} with {attributes:?}",
                idp.id
            );

            let seen = world.sign_in(idp, &subject, attributes).await;

            assert_eq!(world.walled().await, before, "{told}");
            let Some((kind, member)) = seen else { continue };
            taken += 1;
            if subject == world.subject && idp.id == world.idps[0].id {
                as_member += 1;
                assert_eq!(member, Some(world.admin.member.global()), "{told}");
            } else {
                assert_eq!(kind, "FederatedIdentity", "{told}");
            }
        }
        let acting = "SELECT count(DISTINCT identity_id) FROM sessions WHERE member_id IS NOT NULL";
        assert_eq!(
            world.app.count(acting).await,
            4,
            "the four who were members before"
        );
    }

    // Else it would be the refusals that keep the wall.
    assert!(taken > WORLDS * ROUNDS / 2, "{taken} answers were taken");
    assert!(as_member > 5, "{as_member} sign-ins of the linked person");
}

/// R-ORG-1 and R-ORG-2: an administrator links, takes away and links again; the identity's words have no say in it.
#[tokio::test]
async fn r_org_2_a_link_is_an_administrators_act_and_can_be_taken_back_and_made_again() {
    let world = World::new().await;
    let stranger = world.app.stranger("oz").await;
    let member = crate::support::builders::a_member(world.admin.organisation, "oz")
        .roles(&["OPERATOR"])
        .insert(&mut world.app.owner().await)
        .await;
    let change = async |mutation: &str, version: &str, identity: Option<String>| {
        let mut input = json!({ "memberId": member.global(), "expectedVersion": version });
        if let Some(identity) = identity {
            input["identityId"] = json!(identity);
        }
        world
            .admin
            .change(mutation, "member { isLinked version }", input)
            .await
    };
    let identity = Some(stranger.identity.global());

    let linked = change("memberLink", "v1", identity.clone()).await;
    let unlinked = change("memberUnlink", "v2", None).await;
    let relinked = change("memberLink", "v3", identity).await;

    assert_eq!(
        linked["member"],
        json!({ "isLinked": true, "version": "v2" })
    );
    assert_eq!(
        unlinked["member"],
        json!({ "isLinked": false, "version": "v3" })
    );
    assert_eq!(
        relinked["member"],
        json!({ "isLinked": true, "version": "v4" })
    );
    let links = "SELECT count(*) FROM identity_links WHERE made_by = 'ADMINISTRATOR'";
    assert_eq!(
        world.app.count(links).await,
        2,
        "the former link stays in the books"
    );
}

/// R-ORG-16: initial passwords are IAM's to change; the portal has no place for any password.
#[tokio::test]
async fn r_org_16_the_portal_keeps_no_password() {
    let app = TestApp::start().await;
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND (column_name ILIKE '%password%' OR column_name ILIKE '%passwd%')";
    assert_eq!(app.count(columns).await, 0);
    let sdl = portico::graphql::sdl().to_lowercase();
    let mut fields = sdl.lines().map(str::trim_start);
    assert!(!fields.any(|line| line.starts_with("password")));
}
