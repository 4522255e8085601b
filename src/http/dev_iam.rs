//! `/dev/iam/…`: the identity provider that `portico dev` brings along, so that one command is enough to sign in.
//!
//! A real SAML identity provider with made-up people. It keeps no state between the form and its answer: the signed
//! request travels through the form. Without script the person presses one button more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::context;
use openssl::sha::sha256;
use poem::http::{StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response, Route, endpoint, get};
use serde::Deserialize;
use url::form_urlencoded;

use super::pages::Page;
use crate::clock::Clock;
use crate::saml::{AcceptedRequest, IdentityProviderRole, SignedInPerson};

/// A form with the longest request that is read.
const MAX_FORM: usize = 64 * 1024;
/// Wrong passwords that a user name may have within [`WINDOW`]; after them even the right one has to wait.
const TRIES: usize = 5;
const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// One made-up person of `var/demo-users.json`.
#[derive(Clone, Deserialize)]
pub struct DemoUser {
    pub user: String,
    pub password: String,
    pub name: String,
    pub email: String,
    pub subject: String,
}

/// The development IAM.
pub struct DevIam {
    role: IdentityProviderRole,
    users: Vec<DemoUser>,
    clock: Clock,
    failures: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
}

/// What is wrong with a try to sign in, as the form says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fault {
    zh: &'static str,
    en: &'static str,
}

const WRONG: Fault = Fault {
    zh: "用户名或密码不正确。",
    en: "The user name or the password is wrong.",
};
const TOO_OFTEN: Fault = Fault {
    zh: "尝试次数过多。请一分钟后再试。",
    en: "Too many tries. Please wait a minute.",
};

impl DevIam {
    pub fn new(role: IdentityProviderRole, users: Vec<DemoUser>, clock: Clock) -> Self {
        Self {
            role,
            users,
            clock,
            failures: Mutex::default(),
        }
    }

    /// What the gateway registers to trust it.
    pub fn metadata(&self) -> String {
        self.role.metadata()
    }

    /// Checks a password, for a user name with its tenant, such as admin@partner, or for an e-mail address (R-ORG-17). A
    /// name that nobody has is counted under one common name, so that guesses fill no memory.
    fn check(&self, user: &str, password: &str) -> Result<&DemoUser, Fault> {
        let now = self.clock.process_unmoved();
        let is_named =
            |known: &&DemoUser| known.user == user || known.email.eq_ignore_ascii_case(user);
        let known = self.users.iter().find(is_named);
        let counted = known.map_or("", |known| known.user.as_str());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = failures.entry(counted.to_owned()).or_default();
        recent.retain(|failed| now - *failed < WINDOW);
        if recent.len() >= TRIES {
            return Err(TOO_OFTEN);
        }
        let right = |known: &&DemoUser| {
            openssl::memcmp::eq(
                &sha256(known.password.as_bytes()),
                &sha256(password.as_bytes()),
            )
        };
        known.filter(right).ok_or_else(|| {
            recent.push(now);
            WRONG
        })
    }

    fn form(&self, query: &str, user: &str, fault: Option<Fault>) -> Response {
        let status = match fault {
            None => StatusCode::OK,
            Some(fault) if fault == TOO_OFTEN => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::UNAUTHORIZED,
        };
        let users: Vec<_> = self
            .users
            .iter()
            .map(|known| context! { user => known.user.as_str(), name => known.name.as_str() })
            .collect();
        let said = fault.map(|fault| context! { zh => fault.zh, en => fault.en });
        let values = context! { request => query, user, fault => said, users };
        Page::DevSignIn.respond(status, values)
    }

    fn answer(&self, request: &AcceptedRequest, user: &DemoUser) -> Response {
        let now = self.clock.process_unmoved();
        let person = SignedInPerson {
            subject: user.subject.clone(),
            attributes: vec![
                ("name".to_owned(), user.name.clone()),
                ("email".to_owned(), user.email.clone()),
            ],
            authn_instant: now,
        };
        match self.role.answer(request, &person, now) {
            Ok(response) => Page::DevAnswer.respond(
                StatusCode::OK,
                context! {
                    action => request.acs_url.as_str(),
                    response,
                    relay_state => request.relay_state.as_deref(),
                },
            ),
            Err(error) => {
                tracing::error!(%error, "the development IAM cannot answer");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Adds the routes.
pub fn mount(route: Route, iam: &Arc<DevIam>) -> Route {
    route
        .at("/dev/iam/metadata", get(with(iam, metadata)))
        .at("/dev/iam/sso", get(with(iam, ask)).post(with(iam, sign_in)))
}

fn with<F>(iam: &Arc<DevIam>, handler: fn(Arc<DevIam>, Request) -> F) -> impl Endpoint + use<F>
where
    F: Future<Output = Response> + Send + 'static,
{
    let iam = Arc::clone(iam);
    endpoint::make(move |request| handler(Arc::clone(&iam), request))
}

async fn metadata(iam: Arc<DevIam>, _request: Request) -> Response {
    Response::builder()
        .content_type("application/samlmetadata+xml")
        .header(header::CACHE_CONTROL, "no-store")
        .body(iam.metadata())
}

async fn ask(iam: Arc<DevIam>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    match iam.role.read_request(query, iam.clock.process_unmoved()) {
        Ok(_) => iam.form(query, "", None),
        Err(refusal) => refused(refusal),
    }
}

async fn sign_in(iam: Arc<DevIam>, mut request: Request) -> Response {
    let Ok(body) = request.take_body().into_bytes_limit(MAX_FORM).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let fields: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let query = field("request");
    let request = match iam.role.read_request(query, iam.clock.process_unmoved()) {
        Ok(request) => request,
        Err(refusal) => return refused(refusal),
    };
    match iam.check(field("username").trim(), field("password")) {
        Ok(user) => iam.answer(&request, user),
        Err(fault) => iam.form(query, field("username"), Some(fault)),
    }
}

/// A development machine's developer may read the reason.
fn refused(refusal: crate::saml::SamlRefusal) -> Response {
    tracing::warn!(reason = ?refusal, "the development IAM refused a request: {refusal}");
    (
        StatusCode::BAD_REQUEST,
        format!("The authentication request is refused: {refusal}\n"),
    )
        .into_response()
}
