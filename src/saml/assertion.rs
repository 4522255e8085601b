//! Which assertions we accept. Reads only bytes that the signature covers, by namespace and place.
//!
//! Fields that grant something must be present; what we do not know refuses. `Address` is ignored:
//! people change networks between two pages, and nobody else has the browser's cookie.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::SubjectSource;
use super::error::SamlRefusal;
use super::expectation::{Expectation, required_time, time};
use super::names::{self, DSIG, SAML};
use super::skeleton;
use super::xml::{children, expect_version, only_child, only_children, text};

/// Who an identity provider vouches for. It makes a federated identity, never a member.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    pub issuer: String,
    pub response_id: String,
    pub assertion_id: String,
    /// Stable within the issuer: a persistent name identifier or the registered attribute.
    pub subject: String,
    pub name_id_format: Option<String>,
    pub session_index: Option<String>,
    pub authn_instant: DateTime<Utc>,
    /// Until when this assertion could be presented again, clock skew included.
    pub expires_at: DateTime<Utc>,
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// Names nobody: logs may print it.
impl std::fmt::Debug for VerifiedAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifiedAssertion")
            .field("issuer", &self.issuer)
            .field("assertion_id", &self.assertion_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl VerifiedAssertion {
    /// The value of an attribute that has exactly one.
    pub fn single(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name).map(Vec::as_slice) {
            Some([value]) => Some(value),
            _ => None,
        }
    }
}

pub(super) fn read(
    assertion: Node<'_, '_>,
    response_id: String,
    expected: &Expectation<'_>,
) -> Result<VerifiedAssertion, SamlRefusal> {
    only_children(
        assertion,
        &[
            (SAML, "Issuer"),
            (DSIG, "Signature"),
            (SAML, "Subject"),
            (SAML, "Conditions"),
            (SAML, "Advice"),
            (SAML, "AuthnStatement"),
            (SAML, "AuthzDecisionStatement"),
            (SAML, "AttributeStatement"),
        ],
    )?;
    expect_version(assertion)?;
    expected.issuer(assertion)?;
    expected.issue_instant(assertion)?;
    let subject = only_child(assertion, SAML, "Subject", SamlRefusal::NoSubject)?;
    let confirmed_until = check_confirmation(subject, expected)?;
    check_conditions(assertion, expected)?;
    let statement = children(assertion, SAML, "AuthnStatement")
        .next()
        .ok_or(SamlRefusal::NoAuthnStatement)?;
    let authn_instant = check_authentication(statement, expected)?;
    let attributes = read_attributes(assertion)?;
    let (subject, name_id_format) = read_subject(subject, &attributes, expected)?;
    Ok(VerifiedAssertion {
        issuer: expected.idp.entity_id.clone(),
        response_id,
        assertion_id: skeleton::id_of(assertion)?,
        subject,
        name_id_format,
        session_index: statement.attribute("SessionIndex").map(str::to_owned),
        authn_instant,
        expires_at: confirmed_until + expected.policy.clock_skew,
        attributes,
    })
}

/// One confirmation by bearer that holds is enough; else the first one's fault is the answer.
fn check_confirmation(
    subject: Node<'_, '_>,
    expected: &Expectation<'_>,
) -> Result<DateTime<Utc>, SamlRefusal> {
    let mut answer = Err(SamlRefusal::NoBearerConfirmation);
    for confirmation in children(subject, SAML, "SubjectConfirmation")
        .filter(|confirmation| confirmation.attribute("Method") == Some(names::BEARER))
    {
        match check_bearer(confirmation, expected) {
            Ok(until) => return Ok(until),
            Err(refusal) if answer == Err(SamlRefusal::NoBearerConfirmation) => {
                answer = Err(refusal);
            }
            Err(_later_fault) => {}
        }
    }
    answer
}

fn check_bearer(
    confirmation: Node<'_, '_>,
    expected: &Expectation<'_>,
) -> Result<DateTime<Utc>, SamlRefusal> {
    let missing = SamlRefusal::NoConfirmationData;
    let data = only_child(confirmation, SAML, "SubjectConfirmationData", missing)?;
    if data.attribute("Recipient") != Some(expected.acs_url) {
        return Err(SamlRefusal::WrongRecipient);
    }
    if data.has_attribute("NotBefore") {
        return Err(SamlRefusal::ConfirmationNotBefore);
    }
    if data.attribute("InResponseTo") != Some(expected.request_id) {
        return Err(SamlRefusal::WrongInResponseTo);
    }
    expected.bounded(required_time(data, "NotOnOrAfter")?)
}

fn check_conditions(
    assertion: Node<'_, '_>,
    expected: &Expectation<'_>,
) -> Result<(), SamlRefusal> {
    let conditions = only_child(assertion, SAML, "Conditions", SamlRefusal::NoConditions)?;
    let not_before = time(conditions, "NotBefore")?;
    let not_on_or_after = time(conditions, "NotOnOrAfter")?;
    if not_before.is_some_and(|start| expected.is_future(start)) {
        return Err(SamlRefusal::NotYetValid);
    }
    if let Some(end) = not_on_or_after {
        if not_before.is_some_and(|start| start >= end) {
            return Err(SamlRefusal::Expired);
        }
        expected.bounded(end)?;
    }
    // OneTimeUse holds anyway: every assertion is accepted once. ProxyRestriction speaks of
    // assertions made on the strength of this one.
    let known = [
        (SAML, "AudienceRestriction"),
        (SAML, "OneTimeUse"),
        (SAML, "ProxyRestriction"),
    ];
    only_children(conditions, &known).map_err(|_unexpected| SamlRefusal::UnknownCondition)?;
    check_audience(conditions, expected)
}

/// Without this check an assertion for another service of the same identity provider would sign
/// in here. Every restriction must name us: several are a conjunction.
fn check_audience(conditions: Node<'_, '_>, expected: &Expectation<'_>) -> Result<(), SamlRefusal> {
    let mut restricted = false;
    for restriction in children(conditions, SAML, "AudienceRestriction") {
        restricted = true;
        let mut named = false;
        for audience in children(restriction, SAML, "Audience") {
            named |= text(audience)? == expected.entity_id;
        }
        if !named {
            return Err(SamlRefusal::WrongAudience);
        }
    }
    if restricted {
        Ok(())
    } else {
        Err(SamlRefusal::NoAudience)
    }
}

fn check_authentication(
    statement: Node<'_, '_>,
    expected: &Expectation<'_>,
) -> Result<DateTime<Utc>, SamlRefusal> {
    let instant = required_time(statement, "AuthnInstant")?;
    if expected.is_future(instant) {
        return Err(SamlRefusal::IssuedInFuture);
    }
    let session_end = time(statement, "SessionNotOnOrAfter")?;
    if session_end.is_some_and(|end| expected.is_past(end)) {
        return Err(SamlRefusal::SessionOver);
    }
    Ok(instant)
}

fn read_subject(
    subject: Node<'_, '_>,
    attributes: &BTreeMap<String, Vec<String>>,
    expected: &Expectation<'_>,
) -> Result<(String, Option<String>), SamlRefusal> {
    let name_ids = children(subject, SAML, "NameID").count();
    let name_id = children(subject, SAML, "NameID").next();
    if name_ids > 1 {
        return Err(SamlRefusal::InvalidText);
    }
    let format = name_id
        .and_then(|node| node.attribute("Format"))
        .map(str::to_owned);
    match &expected.idp.subject {
        SubjectSource::PersistentNameId => {
            let name_id = name_id.ok_or(SamlRefusal::NoNameId)?;
            if format.as_deref() != Some(names::PERSISTENT) {
                return Err(SamlRefusal::SubjectNotPersistent);
            }
            let for_another = name_id
                .attribute("SPNameQualifier")
                .is_some_and(|qualifier| qualifier != expected.entity_id);
            if for_another {
                return Err(SamlRefusal::SubjectForAnotherService);
            }
            Ok((text(name_id)?, format))
        }
        SubjectSource::Attribute(name) => match attributes.get(name).map(Vec::as_slice) {
            Some([value]) if !value.is_empty() => Ok((value.clone(), format)),
            _ => Err(SamlRefusal::SubjectAttribute),
        },
    }
}

/// Values with markup in them are left out: no attribute we read has any.
fn read_attributes(assertion: Node<'_, '_>) -> Result<BTreeMap<String, Vec<String>>, SamlRefusal> {
    let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for attribute in children(assertion, SAML, "AttributeStatement")
        .flat_map(|statement| children(statement, SAML, "Attribute"))
    {
        let name = attribute
            .attribute("Name")
            .ok_or(SamlRefusal::InvalidText)?;
        let values = attributes.entry(name.to_owned()).or_default();
        values.extend(children(attribute, SAML, "AttributeValue").filter_map(|v| text(v).ok()));
    }
    Ok(attributes)
}
