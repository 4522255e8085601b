//! Identity providers that a test plays itself, and how they are registered.

use portico::app::App;
use portico::clock::Clock;
use portico::db::{Acting, Scope};
use portico::http::dev_iam::{DemoUser, DevIam};
use portico::identity::providers::{self, Registration, Subject};
use portico::ids::IdpId;
use portico::saml::{AcceptedRequest, IdentityProviderRole, RegisteredService, SignedInPerson};

use super::app::{TestApp, signing_key};

pub(crate) const DEV_USER: &str = "mei.lin";
pub(crate) const DEV_PASSWORD: &str = "春风又绿江南岸";

/// An IAM whose answers a test holds in its hand before a browser posts them.
pub(crate) struct TestIdp {
    role: IdentityProviderRole,
    clock: Clock,
    pub(crate) id: IdpId,
}

impl TestIdp {
    /// Registers an IAM of this name.
    pub(crate) async fn register(app: &TestApp, name: &str) -> Self {
        let host: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let entity_id = format!("https://{host}.test/metadata");
        let sso = format!("https://{host}.test/sso");
        let role = role(&app.app, entity_id, sso);
        let id = register(app, &role.metadata(), role.entity_id(), name).await;
        Self {
            role,
            clock: app.clock.clone(),
            id,
        }
    }

    pub(crate) fn read(&self, redirect: &str) -> AcceptedRequest {
        let (_, query) = redirect.split_once('?').unwrap();
        self.role.read_request(query, self.clock.process()).unwrap()
    }

    /// What the IAM has the browser post, for a browser that was redirected there.
    pub(crate) fn answer(&self, redirect: &str, subject: &str) -> String {
        self.answer_to(&self.read(redirect), subject)
    }

    pub(crate) fn answer_to(&self, request: &AcceptedRequest, subject: &str) -> String {
        let name = vec![("name".to_owned(), "林梅".to_owned())];
        self.answer_with(request, subject, name)
    }

    /// The same with whatever attributes.
    pub(crate) fn answer_with(
        &self,
        request: &AcceptedRequest,
        subject: &str,
        attributes: Vec<(String, String)>,
    ) -> String {
        let now = self.clock.process();
        let person = SignedInPerson {
            subject: subject.to_owned(),
            attributes,
            authn_instant: now,
        };
        self.role.answer(request, &person, now).unwrap()
    }
}

fn role(app: &App, entity_id: String, sso: String) -> IdentityProviderRole {
    let service = &app.sign_in.service;
    let registered = RegisteredService {
        entity_id: service.entity_id().to_owned(),
        acs_url: service.acs_url().to_owned(),
        certificates: vec![service.certificate().clone()],
    };
    IdentityProviderRole::new(entity_id, sso, signing_key(), vec![registered])
}

/// The development IAM of a gateway, with one user.
pub(crate) fn dev_iam(app: &App, clock: &Clock) -> DevIam {
    let address = |path| app.config.server.public_url.join(path).unwrap().to_string();
    let user = DemoUser {
        user: DEV_USER.to_owned(),
        password: DEV_PASSWORD.to_owned(),
        name: "林梅".to_owned(),
        email: "mei.lin@partner.example".to_owned(),
        subject: "mei.lin-1".to_owned(),
    };
    let role = role(app, address("/dev/iam/metadata"), address("/dev/iam/sso"));
    DevIam::new(role, vec![user], clock.clone())
}

pub(crate) async fn register_dev_iam(app: &TestApp) {
    let iam = dev_iam(&app.app, &app.clock);
    let entity_id = app.base.join("/dev/iam/metadata").unwrap();
    register(app, &iam.metadata(), entity_id.as_str(), "Development IAM").await;
}

pub(crate) async fn register(app: &TestApp, metadata: &str, entity_id: &str, name: &str) -> IdpId {
    let acting = Acting {
        actor: "test".to_owned(),
        correlation_id: "test".to_owned(),
    };
    let mut tx = app.app.db.begin(&Scope::Nobody, &acting).await.unwrap();
    let registration = Registration {
        entity_id,
        display_name: name,
        metadata,
        subject: Subject::PersistentNameId,
    };
    let id = providers::register(&mut tx, registration).await.unwrap();
    tx.commit().await.unwrap();
    id
}
