//! SAML without HTTP: what is trusted, what we say, and the sign-in made of it.
//!
//! - **Service provider**: this gateway, asking who somebody is.
//! - **Identity provider**: whoever answers; several are registered, each trusted for itself.
//! - **Request**: our signed question, carried by the browser as a redirect.
//! - **Response**: the answer, posted by the browser to our **assertion consumer service** (ACS).
//! - **Assertion**: the signed statement in it. **Subject**: the person it names.
//! - **Refusal**: why a message was not believed; known to the log only.
//!
//! A response passes, in this order: `preflight` (bytes), `skeleton` (places and signature shape),
//! `verify` (the signature, by xmlsec under `hardening`), `response` and `assertion` (what it says).
//! `login` makes a session of it, `store` sees that this happens once. Only samael's cryptography is
//! used, not its readers: they accept too much.

mod assertion;
mod error;
mod expectation;
mod hardening;
mod idp;
mod keys;
mod login;
mod metadata;
mod names;
mod pending;
mod preflight;
mod providers;
mod redirect;
mod response;
mod return_to;
mod skeleton;
mod store;
mod verify;
mod write;
mod xml;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use url::Url;

use crate::ids::IdpId;

pub use assertion::VerifiedAssertion;
pub use error::{SamlRefusal, SamlSetupError};
pub use expectation::TimePolicy;
pub use hardening::restrict_xmlsec;
pub use idp::{
    AcceptedRequest, ForceAuthn, IdentityProviderRole, RegisteredService, SignedInPerson,
};
pub use keys::{Certificate, SigningKey};
pub use login::{Browser, SignIn, SignInError, SignedIn, Started, chosen_provider};
pub use metadata::{Registration, Transport, read_identity_provider};
pub use pending::PendingKey;
pub use preflight::MAX_ENCODED;
pub use providers::Providers;
pub use response::{Incoming, Signed};
pub use return_to::ReturnTo;
pub use write::Freshness;

use expectation::Expectation;

/// How many responses are verified at once. One takes well under a millisecond; the bound keeps a
/// flood of hostile ones from taking every blocking thread.
const PARALLEL_VERIFICATIONS: usize = 4;

/// Where an identity provider's stable name for a person is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectSource {
    PersistentNameId,
    Attribute(String),
}

/// A registered identity provider, with at least one certificate to verify its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    pub id: IdpId,
    pub entity_id: String,
    pub sso_url: Url,
    pub certificates: Vec<Certificate>,
    pub subject: SubjectSource,
    pub display_name: String,
}

/// A question that was put to an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRequest {
    /// The answer must name it.
    pub id: String,
    /// Where the browser is sent.
    pub url: String,
}

/// This gateway as a service provider.
pub struct ServiceProvider {
    entity_id: String,
    acs_url: String,
    key: SigningKey,
    policy: TimePolicy,
    verifications: Semaphore,
}

impl ServiceProvider {
    /// Restricts the XML signature library for the whole process, too: no verifier without it.
    pub fn new(
        entity_id: String,
        acs_url: String,
        key: SigningKey,
        policy: TimePolicy,
    ) -> Result<Self, SamlSetupError> {
        restrict_xmlsec()?;
        let verifications = Semaphore::new(PARALLEL_VERIFICATIONS);
        Ok(Self {
            entity_id,
            acs_url,
            key,
            policy,
            verifications,
        })
    }

    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    pub fn acs_url(&self) -> &str {
        &self.acs_url
    }

    pub fn certificate(&self) -> &Certificate {
        self.key.certificate()
    }

    pub fn metadata(&self) -> String {
        metadata::write_service_provider(self)
    }

    /// Writes and signs a request. Its RelayState repeats the id, for identity providers that insist
    /// on one: it comes back unprotected, so that nothing is decided by it.
    pub fn request(
        &self,
        idp: &IdentityProvider,
        freshness: Freshness,
        now: DateTime<Utc>,
    ) -> Result<SignInRequest, SamlSetupError> {
        let id = write::message_id()?;
        let request = write::AuthnRequest {
            id: &id,
            issuer: &self.entity_id,
            acs_url: &self.acs_url,
            destination: idp.sso_url.as_str(),
            issued_at: now,
            freshness,
        };
        let xml = request.to_xml();
        let url = redirect::signed_url(idp.sso_url.as_str(), &xml, Some(&id), &self.key)?;
        Ok(SignInRequest { id, url })
    }

    /// Checks the signature of a response on a thread that may block, few at a time.
    pub async fn verify(
        &self,
        incoming: Incoming,
        idp: &Arc<IdentityProvider>,
    ) -> Result<Signed, SamlRefusal> {
        let stopped = |_error| SamlRefusal::VerifierStopped;
        let _turn = self.verifications.acquire().await.map_err(stopped)?;
        let idp = Arc::clone(idp);
        tokio::task::spawn_blocking(move || incoming.verify(&idp))
            .await
            .map_err(|_panicked_or_cancelled| SamlRefusal::VerifierPanicked)?
    }

    /// Decides whether `signed` is the answer of `idp` to the request `request_id`.
    ///
    /// It does not know what was accepted before: the caller records the assertion and response
    /// ids, and refuses when they are there already.
    pub fn accept(
        &self,
        signed: &Signed,
        idp: &IdentityProvider,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Result<VerifiedAssertion, SamlRefusal> {
        signed.read(&Expectation {
            entity_id: &self.entity_id,
            acs_url: &self.acs_url,
            idp,
            request_id,
            policy: self.policy,
            now,
        })
    }
}

impl fmt::Debug for ServiceProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceProvider({})", self.entity_id)
    }
}
