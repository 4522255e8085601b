//! Who a request comes from: a browser by its session cookie, a machine by its bearer token.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use poem::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::cookies::{Cookie, CookieKind};
use super::credentials::{Caller, Callers, Credentials};
use crate::app::App;
use crate::graphql::SessionChange;
use crate::identity::service_accounts::{self, ServiceToken};
use crate::identity::sessions::{self, SessionToken};
use crate::viewer::Viewer;

/// Finds callers among the sessions and service accounts of the application.
pub struct SignedInCallers {
    app: Arc<App>,
    cookies: CookieKind,
    cookie_name: String,
}

impl SignedInCallers {
    pub fn new(app: Arc<App>) -> Self {
        let cookies = CookieKind::of(&app.config.server.public_url);
        Self {
            cookie_name: cookies.name(Cookie::Session),
            cookies,
            app,
        }
    }

    async fn of_cookie(&self, token: &SecretString) -> Caller {
        let Some(token) = SessionToken::parse(token.expose_secret()) else {
            return Caller::Nobody;
        };
        match self.app.sessions.check(&token).await {
            sessions::Check::Valid(state) => Caller::Known(state.viewer.clone()),
            sessions::Check::Invalid => Caller::Nobody,
            sessions::Check::Unknown(error) => unknown(&error),
        }
    }

    async fn of_bearer(&self, token: &SecretString) -> Caller {
        let Some(token) = ServiceToken::parse(token.expose_secret()) else {
            return Caller::Nobody;
        };
        match service_accounts::check(&self.app.db, &token).await {
            service_accounts::Check::Valid(service) => Caller::Known(Viewer::Service(service)),
            service_accounts::Check::Invalid => Caller::Nobody,
            service_accounts::Check::Unknown(error) => unknown(&error),
        }
    }
}

fn unknown(error: &crate::db::StoreError) -> Caller {
    tracing::warn!(%error, "nobody can tell who a request comes from");
    Caller::Unknown
}

impl Callers for SignedInCallers {
    fn cookie_name(&self) -> &str {
        &self.cookie_name
    }

    fn find(&self, credentials: Credentials) -> BoxFuture<'_, Caller> {
        Box::pin(async move {
            match credentials {
                Credentials::Bearer(token) => self.of_bearer(&token).await,
                Credentials::Cookie(token) => self.of_cookie(&token).await,
                Credentials::None => Caller::Nobody,
            }
        })
    }

    fn hand_out(&self, change: &SessionChange, headers: &mut HeaderMap) {
        let cookie = self
            .cookies
            .set(Cookie::Session, change.token.expose_secret());
        if let Ok(mut value) = HeaderValue::from_str(&cookie) {
            value.set_sensitive(true);
            headers.append(header::SET_COOKIE, value);
        }
    }

    fn take_back(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.cookies.clear(Cookie::Session)) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}
