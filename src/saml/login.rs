//! A sign-in from the question to the session. What HTTP adds to it are cookies and pages.

use std::sync::Arc;

use super::error::{SamlRefusal, SamlSetupError};
use super::pending::{self, Pending, PendingKey};
use super::store::{self, Used};
use super::{
    Freshness, IdentityProvider, Incoming, Providers, ReturnTo, ServiceProvider, VerifiedAssertion,
};
use crate::db::{Acting, Db, Scope, StoreError, Tx};
use crate::identity::identities::{self, Seen};
use crate::identity::sessions::{
    self, NewSession, RevokedBecause, SessionHash, SessionSettings, SessionToken,
};
use crate::ids::{IdentityId, IdpId};

/// What identity providers call a person's name and e-mail address, the most telling first.
const NAMES: [&str; 5] = [
    "displayName",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "name",
    "cn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
];
const EMAILS: [&str; 4] = [
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
];

/// Signs people in by the identity providers that are registered.
#[derive(Debug)]
pub struct SignIn {
    pub service: ServiceProvider,
    pub providers: Providers,
    pub db: Db,
    pub pending: PendingKey,
    pub sessions: SessionSettings,
}

/// A browser that is to be sent to its identity provider.
#[derive(Debug)]
pub struct Started {
    pub url: String,
    /// What the browser has to keep until the answer comes.
    pub cookie: String,
}

/// What a browser brings along.
#[derive(Clone, Copy)]
pub struct Browser<'a> {
    /// What it calls itself.
    pub user_agent: Option<&'a str>,
    /// The cookie of [`Started`].
    pub pending: Option<&'a str>,
    /// The session that it has, which a new one replaces.
    pub session: Option<SessionHash>,
}

/// A person who proved who they are.
pub struct SignedIn {
    pub token: SessionToken,
    pub return_to: ReturnTo,
    pub identity: IdentityId,
    pub idp: IdpId,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("{0}")]
    Refused(#[from] SamlRefusal),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Setup(#[from] SamlSetupError),
}

impl SignIn {
    /// Asks `idp` who this browser's person is. Writes nothing but the browser's cookie.
    pub fn start(
        &self,
        idp: &IdentityProvider,
        return_to: &ReturnTo,
        browser: Browser<'_>,
    ) -> Result<Started, SamlSetupError> {
        let now = self.db.clock().process_unmoved();
        let request = self.service.request(idp, Freshness::ExistingSession, now)?;
        let new = Pending::new(request.id, idp.id, return_to, now).replacing(browser.session);
        let waiting = self.waiting(browser);
        let cookie = self.pending.seal(&pending::add(waiting, new))?;
        Ok(Started {
            url: request.url,
            cookie,
        })
    }

    /// Turns the answer of an identity provider into a session, once.
    pub async fn finish(
        &self,
        form_value: &str,
        browser: Browser<'_>,
        correlation_id: &str,
    ) -> Result<SignedIn, SignInError> {
        let waiting = self.waiting(browser);
        if waiting.is_empty() {
            return Err(SamlRefusal::NoPendingSignIn.into());
        }
        let incoming = Incoming::read(form_value)?;
        let pending = waiting
            .into_iter()
            .find(|pending| Some(pending.request_id.as_str()) == incoming.in_response_to())
            .ok_or(SamlRefusal::WrongInResponseTo)?;
        let idp = self
            .providers
            .find(pending.idp)
            .await?
            .ok_or(SamlRefusal::UnknownIdentityProvider)?;
        let signed = self.service.verify(incoming, &idp).await?;
        let mut tx = self.begin(correlation_id).await?;
        if pending.is_over(tx.unmoved_now()) {
            return Err(SamlRefusal::PendingTooLong.into());
        }
        let assertion =
            self.service
                .accept(&signed, &idp, &pending.request_id, tx.unmoved_now())?;
        use_up(&mut tx, &pending, &assertion).await?;
        let user_agent = browser.user_agent.and_then(sessions::user_agent);
        let (identity, token) = self
            .open_session(&mut tx, (idp.id, user_agent), assertion)
            .await?;
        for replaced in [pending.replaces(), browser.session].into_iter().flatten() {
            sessions::revoke_by_hash(&mut tx, &replaced, RevokedBecause::Rotated).await?;
        }
        tx.commit().await?;
        Ok(SignedIn {
            token,
            return_to: pending.return_to(),
            identity,
            idp: idp.id,
        })
    }

    /// Ends a browser's session here. At the identity provider it goes on.
    pub async fn end(&self, session: &SessionHash, correlation_id: &str) -> Result<(), StoreError> {
        let mut tx = self.begin(correlation_id).await?;
        sessions::revoke_by_hash(&mut tx, session, RevokedBecause::SignedOut).await?;
        tx.commit().await
    }

    /// In the name of nobody yet, and within no organisation.
    async fn begin(&self, correlation_id: &str) -> Result<Tx, StoreError> {
        let acting = Acting {
            actor: String::new(),
            correlation_id: correlation_id.to_owned(),
        };
        self.db.begin(&Scope::Nobody, &acting).await
    }

    fn waiting(&self, browser: Browser<'_>) -> Vec<Pending> {
        browser
            .pending
            .map(|cookie| self.pending.open(cookie))
            .unwrap_or_default()
    }

    /// Notes the identity and starts its session. Neither makes nor changes a member (R-ORG-1).
    async fn open_session(
        &self,
        tx: &mut Tx,
        (idp, user_agent): (IdpId, Option<String>),
        assertion: VerifiedAssertion,
    ) -> Result<(IdentityId, SessionToken), StoreError> {
        let first = |names: &[&str]| names.iter().find_map(|name| assertion.single(name));
        let seen = Seen {
            idp,
            subject: &assertion.subject,
            display_name: first(&NAMES),
            email: first(&EMAILS),
        };
        let identity = identities::seen(tx, seen).await?;
        let session = NewSession {
            identity,
            // Their clock may be ahead of ours.
            authenticated_at: assertion.authn_instant.min(tx.unmoved_now()),
            idp_session_index: assertion.session_index,
            user_agent,
            settings: self.sessions,
        };
        let token = SessionToken::fresh()?;
        sessions::start(tx, session, &token).await?;
        Ok((identity, token))
    }
}

async fn use_up(
    tx: &mut Tx,
    pending: &Pending,
    assertion: &VerifiedAssertion,
) -> Result<(), SignInError> {
    let used = Used {
        issuer: &assertion.issuer,
        request_id: &pending.request_id,
        response_id: &assertion.response_id,
        assertion_id: &assertion.assertion_id,
        // The request stays answerable for as long as its cookie, the assertion for as long as it says.
        keep_until: assertion
            .expires_at
            .max(pending.started_at + pending::LIFETIME),
    };
    if store::consume(tx, &used).await? {
        Ok(())
    } else {
        Err(SamlRefusal::Replayed.into())
    }
}

/// The provider that a browser is sent to: the one it names, else the only one.
pub fn chosen_provider(
    providers: &[Arc<IdentityProvider>],
    named: Option<IdpId>,
) -> Option<&Arc<IdentityProvider>> {
    match (named, providers) {
        (Some(id), _) => providers.iter().find(|idp| idp.id == id),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}
