//! The identity provider role: reads authentication requests, writes signed answers.
//!
//! The development IAM is made of it. It answers registered services only, and only at the address
//! that was registered for them.

use chrono::{DateTime, TimeDelta, Utc};
use roxmltree::Node;

use super::error::{SamlRefusal, SamlSetupError};
use super::expectation::{TimePolicy, required_time};
use super::keys::{Certificate, SigningKey};
use super::names::{self, SAML, SAMLP};
use super::redirect::Query;
use super::write::Answer;
use super::xml::{expect_version, only_child, text};
use super::{metadata, preflight, skeleton};

/// How long an answer may take to reach the service (`SAML2Int`: a few minutes).
const ANSWER_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// A service that may ask us who somebody is.
#[derive(Debug, Clone)]
pub struct RegisteredService {
    pub entity_id: String,
    pub acs_url: String,
    pub certificates: Vec<Certificate>,
}

/// Our identity provider role.
#[derive(Debug)]
pub struct IdentityProviderRole {
    entity_id: String,
    sso_url: String,
    key: SigningKey,
    services: Vec<RegisteredService>,
    policy: TimePolicy,
}

/// A request that a registered service signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRequest {
    pub id: String,
    pub service: String,
    pub acs_url: String,
    pub relay_state: Option<String>,
    /// The service wants a real sign-in, not the answer of a session.
    pub force_authn: ForceAuthn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForceAuthn {
    Required,
    NotRequired,
}

/// Who signed in, as the answer tells it.
#[derive(Clone)]
pub struct SignedInPerson {
    pub subject: String,
    pub attributes: Vec<(String, String)>,
    pub authn_instant: DateTime<Utc>,
}

impl IdentityProviderRole {
    pub fn new(
        entity_id: String,
        sso_url: String,
        key: SigningKey,
        services: Vec<RegisteredService>,
    ) -> Self {
        Self {
            entity_id,
            sso_url,
            key,
            services,
            policy: TimePolicy::default(),
        }
    }

    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    pub fn metadata(&self) -> String {
        metadata::write_identity_provider(&self.entity_id, &self.sso_url, self.key.certificate())
    }

    /// Reads the raw query of a request. The issuer is believed only once its key has signed.
    pub fn read_request(
        &self,
        raw_query: &str,
        now: DateTime<Utc>,
    ) -> Result<AcceptedRequest, SamlRefusal> {
        let query = Query::read(raw_query)?;
        let message = query.message()?;
        let document = preflight::parse(&message)?;
        skeleton::refuse_ambiguous_ids(&document)?;
        let request = document.root_element();
        if !request.has_tag_name((SAMLP, "AuthnRequest")) {
            return Err(SamlRefusal::NotARequest);
        }
        let issuer = text(only_child(
            request,
            SAML,
            "Issuer",
            SamlRefusal::WrongIssuer,
        )?)?;
        let service = self
            .services
            .iter()
            .find(|service| service.entity_id == issuer)
            .ok_or(SamlRefusal::UnknownService)?;
        query.verify(&service.certificates)?;
        self.check_request(request, service, now)?;
        Ok(AcceptedRequest {
            id: skeleton::id_of(request)?,
            service: service.entity_id.clone(),
            acs_url: service.acs_url.clone(),
            relay_state: query.relay_state()?,
            force_authn: match request.attribute("ForceAuthn") {
                Some("true" | "1") => ForceAuthn::Required,
                _ => ForceAuthn::NotRequired,
            },
        })
    }

    fn check_request(
        &self,
        request: Node<'_, '_>,
        service: &RegisteredService,
        now: DateTime<Utc>,
    ) -> Result<(), SamlRefusal> {
        expect_version(request)?;
        // Optional in the protocol, required once a message is signed.
        if request.attribute("Destination") != Some(&self.sso_url) {
            return Err(SamlRefusal::WrongDestination);
        }
        let elsewhere =
            |(name, value): (&str, &str)| request.attribute(name).is_some_and(|is| is != value);
        let other_address = elsewhere(("AssertionConsumerServiceURL", &service.acs_url))
            || elsewhere(("ProtocolBinding", names::POST));
        if other_address {
            return Err(SamlRefusal::WrongAssertionConsumer);
        }
        let issued = required_time(request, "IssueInstant")?;
        if issued > now + self.policy.clock_skew {
            return Err(SamlRefusal::IssuedInFuture);
        }
        if issued + self.policy.max_age + self.policy.clock_skew <= now {
            return Err(SamlRefusal::IssuedTooLongAgo);
        }
        Ok(())
    }

    /// The value of the form field `SAMLResponse` that signs this person in at the service.
    pub fn answer(
        &self,
        request: &AcceptedRequest,
        person: &SignedInPerson,
        now: DateTime<Utc>,
    ) -> Result<String, SamlSetupError> {
        let answer = Answer {
            issuer: &self.entity_id,
            audience: &request.service,
            acs_url: &request.acs_url,
            in_response_to: &request.id,
            subject: &person.subject,
            attributes: &person.attributes,
            authn_instant: person.authn_instant,
            issued_at: now,
            not_on_or_after: now + ANSWER_LIFETIME,
        };
        answer.to_form_value(&self.key)
    }
}
