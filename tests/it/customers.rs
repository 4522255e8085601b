//! Customers as the partner, the customer and the vendor meet them through the graph.

mod accepting;
mod inviting;
mod page;
mod relation;

use portico::ids::{IdentityId, OrganisationId, Tagged as _};
use serde_json::{Value, json};

use crate::support::app::{Caller, TestApp, reasons};
use crate::support::builders::{a_partner, the_vendor};

pub(crate) const OFFER: &str = "query($token: String!) { customerOffer(token: $token) { partnerName associationType
    notice { version title text } userAgreement { version } privacyStatement { version } release { version text }
    attributes accounts { accountId name kind preselected preselectedBecause causes { reason message } } } }";
pub(crate) const LIST: &str = "query($where: CustomerWhere) { customers(first: 50, where: $where) { totalCount nodes { id
    number state associationType version account { accountId name kind status country email mobile }
    partner { id name } organisation { name kind } accountManager { name } noticeVersion dissociatedAt dissociationReason
    invitation { state label }
    consent { userAgreementVersion privacyStatementVersion releaseVersion attributes language givenAt givenBy } } } }";

/// Two partners and the vendor with their people.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) partner: OrganisationId,
    pub(crate) admin: Caller,
    pub(crate) rivals_admin: Caller,
    pub(crate) vendors_admin: Caller,
}

/// What a partner hands over: the id of the invitation, and the secret of its link.
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let app = TestApp::start().await;
        let mut owner = app.owner().await;
        let vendor = the_vendor().insert(&mut owner).await;
        let partner = a_partner("蓝岭伙伴").insert(&mut owner).await;
        let rival = a_partner("另一伙伴").insert(&mut owner).await;
        let admin = app.member(partner, "admin", &["SYSTEM_ADMIN"]).await;
        for member in [&admin] {
            sqlx::query("UPDATE organisations SET main_account_id = $2 WHERE id = $1")
                .bind(member.organisation.0)
                .bind(member.member.0)
                .execute(&mut owner)
                .await
                .unwrap();
        }
        Self {
            partner,
            rivals_admin: app.member(rival, "rival", &["SYSTEM_ADMIN"]).await,
            vendors_admin: app.member(vendor, "vic", &["VENDOR_ADMIN"]).await,
            admin,
            app,
        }
    }

    /// The vendor states an account of this person.
    pub(crate) async fn holds(&self, person: IdentityId, account: &str, kind: &str) {
        self.holds_with(person, account, (kind, "CN"), &[]).await;
    }

    pub(crate) async fn holds_with(
        &self,
        person: IdentityId,
        account: &str,
        (kind, site): (&str, &str),
        circumstances: &[&str],
    ) {
        sqlx::query(
            "INSERT INTO vendor_accounts (account_id, name, kind, site, status, country, issuer, subject, email, mobile,
                 circumstances)
             SELECT $1 || '-' || $2, $1, $2, $3, 'ACTIVE', 'CN', entity_id, subject, $1 || '@mail.example', '13812345678', $4
             FROM federated_identities JOIN identity_providers ON identity_providers.id = idp_id
             WHERE federated_identities.id = $5",
        )
        .bind(account)
        .bind(kind)
        .bind(site)
        .bind(circumstances)
        .bind(person.0)
        .execute(&mut self.app.owner().await)
        .await
        .unwrap();
    }

    /// A person whom only IAM knows, with a cloud account of the same name.
    pub(crate) async fn buyer(&self, name: &str) -> Caller {
        let person = self.app.stranger(name).await;
        self.holds(person.identity, name, "CLOUD").await;
        person
    }

    pub(crate) async fn invite_by(&self, inviter: &Caller, association: &str) -> Invited {
        let input = json!({ "associationType": association, "label": "海岳公司" });
        let selection = "joinUrl qrCodeSvg invitation { id state }";
        let payload = inviter.change("customerInvite", selection, input).await;
        assert_eq!(reasons(&payload), [""; 0], "{payload:#}");
        let link = payload["joinUrl"].as_str().unwrap();
        Invited {
            id: payload["invitation"]["id"].as_str().unwrap().to_owned(),
            token: link.split_once("/join#").unwrap().1.to_owned(),
        }
    }

    pub(crate) async fn invite(&self) -> Invited {
        self.invite_by(&self.admin, "REFERRAL").await
    }

    /// A customer of the partner, associated with a cloud account; its id, and the person who goes on as its member.
    pub(crate) async fn associated(&self, name: &str) -> (String, Caller) {
        let mut person = self.buyer(name).await;
        let invited = self.invite().await;
        let id = self
            .join(&mut person, &invited, &format!("{name}-CLOUD"))
            .await;
        (id, person)
    }

    /// Accepts and goes on with the session that the answer sets.
    pub(crate) async fn join(
        &self,
        person: &mut Caller,
        invited: &Invited,
        account: &str,
    ) -> String {
        let query = "mutation($input: CustomerInvitationAcceptInput!) { customerInvitationAccept(input: $input) {
            customerId errors { reason } } }";
        let mut input = acceptance(&invited.token, account, false);
        input["idempotencyKey"] = json!(uuid::Uuid::now_v7());
        let answer = person.ask_and_keep(query, json!({ "input": input })).await;
        answer.text("/customerInvitationAccept/customerId")
    }

    /// Everything that a change here could write: two equal answers mean that nothing was changed.
    pub(crate) async fn everything(&self) -> String {
        sqlx::query_scalar(
            "SELECT md5(concat_ws(' | ',
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM organisations t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM members t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM identity_links t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM customers t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM customer_consents t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM customer_invitations t),
                 (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM timeline_entries t)))",
        )
        .fetch_one(&mut self.app.owner().await)
        .await
        .unwrap()
    }

    /// The one customer that a viewer sees.
    pub(crate) async fn only_customer(&self, viewer: &Caller) -> Value {
        let list = viewer.ask(LIST, json!({})).await;
        let nodes = list.at("/customers/nodes").as_array().unwrap().clone();
        assert_eq!(nodes.len(), 1, "{nodes:#?}");
        nodes[0].clone()
    }

    pub(crate) async fn dissociate(&self, by: &Caller, customer: &str, version: &str) -> Value {
        let input =
            json!({ "customerId": customer, "reason": "合同到期", "expectedVersion": version });
        by.change("customerDissociate", "customer { state version }", input)
            .await
    }
}

/// The input of an acceptance under the first version of every text.
pub(crate) fn acceptance(token: &str, account: &str, with_consent: bool) -> Value {
    let consent =
        json!({ "userAgreementVersion": 1, "privacyStatementVersion": 1, "releaseVersion": 1 });
    json!({
        "token": token,
        "accountId": account,
        "noticeVersion": 1,
        "consent": if with_consent { consent } else { Value::Null },
    })
}

pub(crate) const ACCEPT: &str = "customerInvitationAccept";

pub(crate) async fn accept(person: &Caller, input: Value) -> Value {
    person.change(ACCEPT, "customerId remedy", input).await
}
