//! The whole gateway in this process: real HTTP, a database of its own, a clock that the test moves.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use poem::Route;
use portico::app::App;
use portico::clock::Clock;
use portico::config::{Config, Layers, Purpose};
use portico::db::{Acting, Scope};
use portico::http::listener::{self, ConnectionLimits};
use portico::http::saml::{self, SamlEdge};
use portico::http::{Edge, SignedInCallers, dev_iam};
use portico::identity::sessions::{self, NewSession, SessionSettings, SessionToken};
use portico::ids::{IdentityId, MemberId, OrganisationId};
use portico::saml::SigningKey;
use portico::telemetry::Metrics;
use reqwest::Url;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::database::TestDb;
use super::person::Answer;
use super::{builders, idp};

/// When every test begins, unless it says otherwise.
pub(crate) const NOW: &str = "2026-11-23T02:00:00Z";

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) base: Url,
    pub(crate) clock: Clock,
    database: TestDb,
    documents: Folder,
    _stop: tokio_util::sync::DropGuard,
}

/// Where one test's uploads are; removed with it.
struct Folder(std::path::PathBuf);

impl Folder {
    fn fresh() -> Self {
        let name = format!("documents-{}", Uuid::now_v7().simple());
        Self(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Somebody who is signed in, with the cookie of their session.
pub(crate) struct Caller {
    http: reqwest::Client,
    url: Url,
    pub(crate) cookie: String,
    pub(crate) organisation: OrganisationId,
    pub(crate) member: MemberId,
    pub(crate) identity: IdentityId,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// `settings` is TOML beside what a development machine has.
    pub(crate) async fn with(settings: &str) -> Self {
        Self::build(settings, Clock::fixed(NOW.parse().unwrap())).await
    }

    /// On the clock of the machine, as processes beside us have it.
    pub(crate) async fn on_real_time() -> Self {
        Self::build("", Clock::default()).await
    }

    /// A sandbox whose clock begins at `start`.
    pub(crate) async fn sandbox(start: &str) -> Self {
        let database = TestDb::new().await;
        let mut owner = database.connect("portico_owner").await;
        let start = start.parse().unwrap();
        portico::db::sandbox::mark(&mut owner, Some(start))
            .await
            .unwrap();
        Self::on(database, "", Clock::sandbox()).await
    }

    async fn build(settings: &str, clock: Clock) -> Self {
        Self::on(TestDb::new().await, settings, clock).await
    }

    async fn on(database: TestDb, settings: &str, clock: Clock) -> Self {
        let documents = Folder::fresh();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let defaults = format!(
            "server.listen = \"{address}\"\nserver.public_url = \"http://{address}\"\n\
             documents.folder = {:?}\ndatabase.url = {:?}\ndatabase.staff_url = {:?}\n{}{settings}",
            documents.0.display().to_string(),
            database.url("portico_app"),
            database.url("portico_staff"),
            keys(),
        );
        let layers = Layers {
            defaults: Some(defaults),
            ..Layers::default()
        };
        let config =
            Config::load(&layers, Purpose::Dev).unwrap_or_else(|problems| panic!("{problems}"));
        let app = App::build(config, clock.clone()).unwrap();
        let callers = Arc::new(SignedInCallers::new(Arc::clone(&app)));
        let edge = Edge::new(Arc::clone(&app), callers, Arc::new(Metrics::new().unwrap())).unwrap();
        let others = saml::mount(Route::new(), &Arc::new(SamlEdge::new(Arc::clone(&app))));
        let others = dev_iam::mount(others, &Arc::new(idp::dev_iam(&app, &clock)));
        let endpoint = portico::http::endpoint(Arc::new(edge), others);
        let stop = CancellationToken::new();
        tokio::spawn(listener::serve(
            socket,
            None,
            ConnectionLimits::default(),
            endpoint,
            stop.clone(),
        ));
        // Until then every request looks its session up, and tests that count statements would count that.
        while !app.sessions.trusts_copies() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        let base = Url::parse(&format!("http://{address}/")).unwrap();
        Self {
            app,
            base,
            clock,
            database,
            documents,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn documents(&self) -> &std::path::Path {
        &self.documents.0
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.process()
    }

    /// A connection behind the application's back, as the owner of all rows.
    pub(crate) async fn owner(&self) -> PgConnection {
        self.database.connect("portico_owner").await
    }

    /// How many rows a table has, whoever owns them.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap()
    }

    /// A new member with these roles, signed in.
    pub(crate) async fn member(
        &self,
        organisation: OrganisationId,
        name: &str,
        roles: &[&'static str],
    ) -> Caller {
        let mut owner = self.owner().await;
        let member = builders::a_member(organisation, name)
            .roles(roles)
            .insert(&mut owner)
            .await;
        let identity =
            builders::an_identity(&mut owner, &format!("{name}-{}", organisation.0.simple())).await;
        builders::a_link(&mut owner, identity, organisation, member).await;
        self.signed_in(identity, organisation, member).await
    }

    /// A person whom IAM knows and no organisation has made a member.
    pub(crate) async fn stranger(&self, name: &str) -> Caller {
        let identity = builders::an_identity(&mut self.owner().await, name).await;
        self.signed_in(identity, OrganisationId(Uuid::nil()), MemberId(Uuid::nil()))
            .await
    }

    pub(crate) async fn signed_in(
        &self,
        identity: IdentityId,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Caller {
        let acting = Acting {
            actor: "test".to_owned(),
            correlation_id: "test".to_owned(),
        };
        let token = SessionToken::fresh().unwrap();
        let mut tx = self.app.db.begin(&Scope::Nobody, &acting).await.unwrap();
        let settings = SessionSettings::default();
        let new = NewSession {
            identity,
            authenticated_at: tx.now(),
            idp_session_index: None,
            user_agent: None,
            settings,
        };
        sessions::start(&mut tx, new, &token).await.unwrap();
        tx.commit().await.unwrap();
        let port = self.base.port().unwrap();
        let cookie = format!("portico_session_{port}={}", token.text().expose_secret());
        let http = reqwest::Client::new();
        Caller {
            http,
            url: self.base.join("/graphql").unwrap(),
            cookie,
            organisation,
            member,
            identity,
        }
    }
}

impl Caller {
    /// Sends an operation as a page of our own origin does, in English.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.send(query, variables).await.0
    }

    /// The same, going on with the session that the answer sets, as a browser does.
    pub(crate) async fn ask_and_keep(&mut self, query: &str, variables: Value) -> Answer {
        let (answer, cookie) = self.send(query, variables).await;
        if let Some(cookie) = cookie {
            self.cookie = cookie;
        }
        answer
    }

    async fn send(&self, query: &str, variables: Value) -> (Answer, Option<String>) {
        let request = self
            .http
            .post(self.url.clone())
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .header("accept-language", "en")
            .header("x-portico-csrf", "1")
            .header("origin", self.url.origin().ascii_serialization())
            .body(json!({ "query": query, "variables": variables }).to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let cookie = answer.headers().get("set-cookie");
        let cookie = cookie.and_then(|cookie| cookie.to_str().unwrap().split(';').next());
        let cookie = cookie.map(str::to_owned);
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (Answer { status, body }, cookie)
    }

    /// Runs a mutation with one `input`, under a fresh idempotency key, and answers its payload.
    pub(crate) async fn change(&self, mutation: &str, selection: &str, input: Value) -> Value {
        self.change_under(Uuid::now_v7(), mutation, selection, input)
            .await
    }

    /// The same under a key of the test's choice.
    pub(crate) async fn change_under(
        &self,
        key: Uuid,
        mutation: &str,
        selection: &str,
        mut input: Value,
    ) -> Value {
        input["idempotencyKey"] = json!(key.to_string());
        let name = mutation[..1].to_uppercase() + &mutation[1..];
        let errors = "errors { __typename code reason message path } replayed";
        let query = format!(
            "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} {errors} }} }}"
        );
        let answer = self.ask(&query, json!({ "input": input })).await;
        answer.at(&format!("/{mutation}")).clone()
    }
}

/// The reasons of a payload's errors, in order.
pub(crate) fn reasons(payload: &Value) -> Vec<&str> {
    payload["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["reason"].as_str().unwrap())
        .collect()
}

/// The key of this gateway, and of the identity providers that tests play.
pub(crate) fn signing_key() -> SigningKey {
    let file = |name| std::fs::read(key_folder().join(name)).unwrap();
    SigningKey::from_pem(&file("saml.key"), &file("saml.pem")).unwrap()
}

pub(crate) fn key_folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys")
}

/// Keys for tests, made once per build folder and never committed.
pub(crate) fn keys() -> String {
    let folder = key_folder();
    if !folder.join("done").exists() {
        let fresh = folder.with_extension(std::process::id().to_string());
        std::fs::create_dir_all(&fresh).unwrap();
        let key = SigningKey::generate("portico test", Clock::default().process()).unwrap();
        let (private, certificate) = key.to_pem().unwrap();
        std::fs::write(fresh.join("saml.key"), private).unwrap();
        std::fs::write(fresh.join("saml.pem"), certificate).unwrap();
        std::fs::write(
            fresh.join("cookie.key"),
            Uuid::now_v7().to_string() + &Uuid::now_v7().to_string(),
        )
        .unwrap();
        std::fs::write(fresh.join("done"), "").unwrap();
        for file in std::fs::read_dir(&fresh).unwrap() {
            let readable_by_us = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(file.unwrap().path(), readable_by_us).unwrap();
        }
        // Another test may have been faster: then its folder stays.
        std::fs::rename(&fresh, &folder).ok();
    }
    let file = |name: &str| format!("{:?}", folder.join(name).to_string_lossy());
    format!(
        "saml.certificate_file = {}\nsaml.key_file = {}\nsession.cookie_key_file = {}\n",
        file("saml.pem"),
        file("saml.key"),
        file("cookie.key"),
    )
}
