//! The gateway's endpoints without a listener, and with callers that need no sign-in: for thousands of requests.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, ready};
use poem::endpoint::{BoxEndpoint, make};
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint as _, EndpointExt as _, Request, Response};
use portico::app::App;
use portico::clock::Clock;
use portico::config::{Config, Layers, Purpose};
use portico::graphql::SessionChange;
use portico::http::{Caller, Callers, Credentials, Draining, Edge};
use portico::ids::{IdSource, OrganisationId};
use portico::telemetry::Metrics;
use portico::viewer::{
    ActingFor, ActingMember, ActingService, OrganisationKind, OrganisationState, Permission, Viewer,
};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;
use uuid::Uuid;

use super::app::keys;

/// The URL of a database that is not there.
pub(crate) const NOWHERE: &str = "postgres://portico_app@localhost/none?host=/nowhere";
pub(crate) const ORIGIN: &str = "http://portal.test:8080";
pub(crate) const ALLOWED_ORIGIN: &str = "https://app.test";
pub(crate) const COOKIE: &str = "portico_session";

/// Who is known here: the name of a caller is its token.
struct Known;

impl Callers for Known {
    fn cookie_name(&self) -> &str {
        COOKIE
    }

    fn find(&self, credentials: Credentials) -> BoxFuture<'_, Caller> {
        let token = match &credentials {
            Credentials::Bearer(token) | Credentials::Cookie(token) => token.expose_secret(),
            Credentials::None => "",
        };
        Box::pin(ready(match token {
            "service" => Caller::Known(service()),
            "reader" => Caller::Known(member(&[
                Permission::ReadSchema,
                Permission::ReadOpportunities,
            ])),
            "member" => Caller::Known(member(&[])),
            "outage" => Caller::Unknown,
            _ => Caller::Nobody,
        }))
    }

    fn hand_out(&self, _change: &SessionChange, _headers: &mut HeaderMap) {}

    fn take_back(&self, headers: &mut HeaderMap) {
        let gone = HeaderValue::from_static("portico_session=; Max-Age=0");
        headers.append(header::SET_COOKIE, gone);
    }
}

fn acting() -> ActingFor {
    ActingFor {
        organisation: OrganisationId(Uuid::from_u128(7)),
        kind: OrganisationKind::Partner,
        state: OrganisationState::Active,
    }
}

fn service() -> Viewer {
    Viewer::Service(ActingService {
        account: IdSource.fresh(),
        acting_for: acting(),
        permissions: [].into(),
        expires_at: DateTime::<Utc>::MAX_UTC,
    })
}

fn member(permissions: &[Permission]) -> Viewer {
    Viewer::Member(ActingMember {
        member: IdSource.fresh(),
        identity: IdSource.fresh(),
        session: IdSource.fresh(),
        acting_for: acting(),
        permissions: permissions.iter().copied().collect(),
        visibility: portico::viewer::Visibility::All,
    })
}

pub(crate) struct Gateway {
    endpoint: BoxEndpoint<'static, Response>,
    pub(crate) draining: Draining,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of the only error.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let errors = json["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {self:?}"));
        assert_eq!(errors.len(), 1, "{self:?}");
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
    }
}

impl Gateway {
    /// Without a database: what is refused before execution needs none.
    pub(crate) fn alone() -> Self {
        Self::with(NOWHERE, "")
    }

    /// `settings` is TOML that is added to the settings of a development machine.
    pub(crate) fn with(database: &str, settings: &str) -> Self {
        let layers = Layers {
            defaults: Some(defaults(database) + settings),
            ..Layers::default()
        };
        let config =
            Config::load(&layers, Purpose::Dev).unwrap_or_else(|problems| panic!("{problems}"));
        let app = App::build(config, Clock::default()).unwrap();
        let sign_in = Arc::new(portico::http::sign_in(Arc::clone(&app)));
        let edge = Edge::new(app, Arc::new(Known), Arc::new(Metrics::new().unwrap())).unwrap();
        let draining = edge.draining();
        let others = make(move |request: Request| {
            let sign_in = Arc::clone(&sign_in);
            async move {
                assert_ne!(
                    request.uri().path(),
                    "/saml/panic",
                    "as ordered by the test"
                );
                sign_in.get_response(request).await
            }
        });
        let endpoint = portico::http::endpoint(Arc::new(edge), others).boxed();
        Self { endpoint, draining }
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let response = self.endpoint.get_response(request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: body.into_string().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, uri: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, uri, headers).finish()).await
    }

    /// Posts JSON as the service account.
    pub(crate) async fn post(&self, body: impl Into<poem::Body>) -> Answer {
        let headers = [
            ("authorization", "Bearer service"),
            ("content-type", "application/json"),
        ];
        self.send(request(Method::POST, "/graphql", &headers).body(body))
            .await
    }

    /// Posts one document as this caller, who reads the newer type.
    pub(crate) async fn ask(&self, caller: &str, query: &str) -> Answer {
        let bearer = format!("Bearer {caller}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/graphql-response+json"),
            ("accept-language", "en"),
        ];
        let body = serde_json::json!({ "query": query }).to_string();
        self.send(request(Method::POST, "/graphql", &headers).body(body))
            .await
    }
}

pub(crate) fn request(method: Method, uri: &str, headers: &[(&str, &str)]) -> poem::RequestBuilder {
    let builder = Request::builder().method(method).uri(uri.parse().unwrap());
    headers.iter().fold(builder, |builder, (name, value)| {
        builder.header(*name, *value)
    })
}

fn defaults(database: &str) -> String {
    format!(
        "server.public_url = {ORIGIN:?}\nserver.allowed_origins = [{ALLOWED_ORIGIN:?}]\n\
         database.url = {database:?}\ndatabase.staff_url = {database:?}\n{}",
        keys(),
    )
}
