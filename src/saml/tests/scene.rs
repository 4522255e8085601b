//! A service, its identity provider, and messages that a test bends before they are signed.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;
use uuid::Uuid;

use crate::ids::IdpId;
use crate::saml::keys::SigningKey;
use crate::saml::write::{sign, signature_template, timestamp};
use crate::saml::xml::XmlWriter;
use crate::saml::{
    IdentityProvider, Incoming, SamlRefusal, ServiceProvider, SubjectSource, TimePolicy,
    VerifiedAssertion,
};

pub(super) const SP: &str = "https://portal.test/saml/metadata";
pub(super) const ACS: &str = "https://portal.test/saml/acs";
pub(super) const IDP: &str = "https://iam.test/metadata";
pub(super) const REQUEST: &str = "_request";
pub(super) const ALICE: &str = "alice-7c1d";

/// The moment of all tests; messages are made for it and read at it.
pub(super) fn noon() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T12:00:00Z")
        .unwrap()
        .to_utc()
}

/// An instant so many seconds after noon, as SAML writes it.
pub(super) fn at(seconds: i64) -> String {
    timestamp(noon() + TimeDelta::seconds(seconds))
}

/// Short keys: making one costs more than a test.
pub(super) fn new_key() -> SigningKey {
    SigningKey::generate_with(2048, "test", noon()).unwrap()
}

static IDP_KEY: LazyLock<SigningKey> = LazyLock::new(new_key);

pub(super) fn idp_key() -> &'static SigningKey {
    &IDP_KEY
}

pub(super) fn service() -> ServiceProvider {
    // The identity provider's key serves here as well: another one would only cost time.
    let (key, certificate) = IDP_KEY.to_pem().unwrap();
    let key = SigningKey::from_pem(&key, &certificate).unwrap();
    ServiceProvider::new(SP.to_owned(), ACS.to_owned(), key, TimePolicy::default()).unwrap()
}

pub(super) fn identity_provider() -> IdentityProvider {
    IdentityProvider {
        id: IdpId(Uuid::nil()),
        entity_id: IDP.to_owned(),
        sso_url: Url::parse("https://iam.test/sso").unwrap(),
        certificates: vec![IDP_KEY.certificate().clone()],
        subject: SubjectSource::PersistentNameId,
        display_name: "IAM".to_owned(),
    }
}

/// An assertion that is accepted once it is signed.
pub(super) fn assertion() -> String {
    format!(
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_assertion\" \
         Version=\"2.0\" IssueInstant=\"{now}\"><saml:Issuer>{IDP}</saml:Issuer>\
         <saml:Subject><saml:NameID \
         Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{ALICE}</saml:NameID>\
         <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
         <saml:SubjectConfirmationData InResponseTo=\"{REQUEST}\" NotOnOrAfter=\"{end}\" \
         Recipient=\"{ACS}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation>\
         </saml:Subject><saml:Conditions NotBefore=\"{now}\" NotOnOrAfter=\"{end}\">\
         <saml:AudienceRestriction><saml:Audience>{SP}</saml:Audience></saml:AudienceRestriction>\
         </saml:Conditions><saml:AuthnStatement AuthnInstant=\"{now}\" SessionIndex=\"_index\">\
         <saml:AuthnContext><saml:AuthnContextClassRef>\
         urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
         </saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
         <saml:AttributeStatement><saml:Attribute Name=\"email\"><saml:AttributeValue>\
         alice@corp.test</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>\
         </saml:Assertion>",
        now = at(0),
        end = at(300),
    )
}

/// A response around an assertion, accepted once either of them is signed.
pub(super) fn response(assertion: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_response\" Version=\"2.0\" \
         IssueInstant=\"{now}\" Destination=\"{ACS}\" InResponseTo=\"{REQUEST}\">\
         <saml:Issuer>{IDP}</saml:Issuer><samlp:Status><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>\
         {assertion}</samlp:Response>",
        now = at(0),
    )
}

/// Replaces text that must be there exactly once, so that a test cannot miss its target.
pub(super) fn edit(xml: &str, from: &str, to: &str) -> String {
    assert_eq!(xml.matches(from).count(), 1, "{from} in {xml}");
    xml.replace(from, to)
}

/// Puts a signature template behind the first issuer, made for the element of that id.
pub(super) fn with_template(xml: &str, id: &str, key: &SigningKey) -> String {
    let mut template = XmlWriter::new();
    signature_template(&mut template, id, key);
    xml.replacen(
        "</saml:Issuer>",
        &format!("</saml:Issuer>{}", template.finish()),
        1,
    )
}

/// Signs the root element of `xml` with a key.
pub(super) fn signed_with(xml: &str, key: &SigningKey) -> String {
    let (_, id) = xml.split_once(" ID=\"").unwrap();
    let (id, _) = id.split_once('"').unwrap();
    sign(&with_template(xml, id, key), key).unwrap()
}

pub(super) fn signed(xml: &str) -> String {
    signed_with(xml, idp_key())
}

/// The signature element of a signed text, the first one.
pub(super) fn signature_of(xml: &str) -> String {
    let start = xml.find("<ds:Signature ").unwrap();
    let end = xml.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    xml.get(start..end).unwrap().to_owned()
}

/// An honest response of which the assertion is signed.
pub(super) fn honest() -> String {
    response(&signed(&assertion()))
}

/// An assertion changed in one place before it is signed, in its response.
pub(super) fn bent(from: &str, to: &str) -> String {
    response(&signed(&edit(&assertion(), from, to)))
}

/// A response changed in one place before the whole of it is signed.
pub(super) fn bent_response(from: &str, to: &str) -> String {
    signed(&edit(&response(&assertion()), from, to))
}

pub(super) fn read(xml: &str) -> Result<VerifiedAssertion, SamlRefusal> {
    read_from(&identity_provider(), xml)
}

pub(super) fn read_from(
    idp: &IdentityProvider,
    xml: &str,
) -> Result<VerifiedAssertion, SamlRefusal> {
    read_form(idp, &STANDARD.encode(xml), noon())
}

/// Decides about the value of a form field at a certain time.
pub(super) fn read_form(
    idp: &IdentityProvider,
    form: &str,
    now: DateTime<Utc>,
) -> Result<VerifiedAssertion, SamlRefusal> {
    let signed = Incoming::read(form)?.verify(idp)?;
    service().accept(&signed, idp, REQUEST, now)
}

/// The reason for which `xml` is refused; a test fails when it is not.
pub(super) fn refusal(xml: &str) -> SamlRefusal {
    match read(xml) {
        Ok(_) => panic!("accepted: {xml}"),
        Err(refusal) => refusal,
    }
}
