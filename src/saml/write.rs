//! The messages we write: authentication requests and, as an identity provider, responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use samael::crypto::{Crypto, CryptoProvider};

use super::error::SamlSetupError;
use super::hardening::restrict_xmlsec;
use super::keys::SigningKey;
use super::names::{self, DSIG, SAML, SAMLP};
use super::xml::XmlWriter;

/// A message id: 128 random bits behind an underscore, since XML names start with no digit.
pub(super) fn message_id() -> Result<String, SamlSetupError> {
    let mut random = [0_u8; 16];
    openssl::rand::rand_bytes(&mut random)?;
    Ok(format!("_{:032x}", u128::from_be_bytes(random)))
}

pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) struct AuthnRequest<'a> {
    pub(super) id: &'a str,
    pub(super) issuer: &'a str,
    pub(super) acs_url: &'a str,
    pub(super) destination: &'a str,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) freshness: Freshness,
}

/// Whether the identity provider may answer from a session it already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    ExistingSession,
    SignInAgain,
}

impl AuthnRequest<'_> {
    /// By `SAML2Int`: the address of the answer by URL (SP05), creation allowed without a format
    /// (SP04), no demand on the kind of authentication (SP07).
    pub(super) fn to_xml(&self) -> String {
        let issued_at = timestamp(self.issued_at);
        let mut attributes = vec![
            ("xmlns:samlp", SAMLP),
            ("xmlns:saml", SAML),
            ("ID", self.id),
            ("Version", "2.0"),
            ("IssueInstant", issued_at.as_str()),
            ("Destination", self.destination),
            ("ProtocolBinding", names::POST),
            ("AssertionConsumerServiceURL", self.acs_url),
        ];
        if self.freshness == Freshness::SignInAgain {
            attributes.push(("ForceAuthn", "true"));
        }
        let mut xml = XmlWriter::new();
        xml.open("samlp:AuthnRequest", &attributes)
            .leaf("saml:Issuer", &[], self.issuer)
            .leaf("samlp:NameIDPolicy", &[("AllowCreate", "true")], "");
        xml.finish()
    }
}

/// A signed answer of the identity provider role.
pub(super) struct Answer<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) acs_url: &'a str,
    pub(super) in_response_to: &'a str,
    pub(super) subject: &'a str,
    pub(super) attributes: &'a [(String, String)],
    pub(super) authn_instant: DateTime<Utc>,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) not_on_or_after: DateTime<Utc>,
}

impl Answer<'_> {
    /// The response as base64 for the form that posts it: assertion signed, then the whole.
    pub(super) fn to_form_value(&self, key: &SigningKey) -> Result<String, SamlSetupError> {
        let assertion = sign(&self.assertion(key)?, key)?;
        let response = sign(&self.response(&assertion, key)?, key)?;
        Ok(STANDARD.encode(response))
    }

    fn response(&self, assertion: &str, key: &SigningKey) -> Result<String, SamlSetupError> {
        let id = message_id()?;
        let mut xml = XmlWriter::new();
        xml.open(
            "samlp:Response",
            &[
                ("xmlns:samlp", SAMLP),
                ("xmlns:saml", SAML),
                ("ID", &id),
                ("Version", "2.0"),
                ("IssueInstant", &timestamp(self.issued_at)),
                ("Destination", self.acs_url),
                ("InResponseTo", self.in_response_to),
            ],
        )
        .leaf("saml:Issuer", &[], self.issuer);
        signature_template(&mut xml, &id, key);
        xml.open("samlp:Status", &[])
            .leaf("samlp:StatusCode", &[("Value", names::SUCCESS)], "")
            .close()
            .element(assertion);
        Ok(xml.finish())
    }

    fn assertion(&self, key: &SigningKey) -> Result<String, SamlSetupError> {
        let id = message_id()?;
        let session_index = message_id()?;
        let not_on_or_after = timestamp(self.not_on_or_after);
        let mut xml = XmlWriter::new();
        xml.open(
            "saml:Assertion",
            &[
                ("xmlns:saml", SAML),
                ("ID", &id),
                ("Version", "2.0"),
                ("IssueInstant", &timestamp(self.issued_at)),
            ],
        )
        .leaf("saml:Issuer", &[], self.issuer);
        signature_template(&mut xml, &id, key);
        self.subject(&mut xml, &not_on_or_after);
        xml.open(
            "saml:Conditions",
            &[
                ("NotBefore", &timestamp(self.issued_at)),
                ("NotOnOrAfter", &not_on_or_after),
            ],
        )
        .open("saml:AudienceRestriction", &[])
        .leaf("saml:Audience", &[], self.audience)
        .close()
        .close();
        xml.open(
            "saml:AuthnStatement",
            &[
                ("AuthnInstant", &timestamp(self.authn_instant)),
                ("SessionIndex", &session_index),
            ],
        )
        .open("saml:AuthnContext", &[])
        .leaf("saml:AuthnContextClassRef", &[], names::PASSWORD)
        .close()
        .close();
        self.attribute_statement(&mut xml);
        Ok(xml.finish())
    }

    fn subject(&self, xml: &mut XmlWriter, not_on_or_after: &str) {
        xml.open("saml:Subject", &[])
            .leaf(
                "saml:NameID",
                &[("Format", names::PERSISTENT)],
                self.subject,
            )
            .open("saml:SubjectConfirmation", &[("Method", names::BEARER)])
            .leaf(
                "saml:SubjectConfirmationData",
                &[
                    ("InResponseTo", self.in_response_to),
                    ("NotOnOrAfter", not_on_or_after),
                    ("Recipient", self.acs_url),
                ],
                "",
            )
            .close()
            .close();
    }

    /// The schema forbids a statement without attributes.
    fn attribute_statement(&self, xml: &mut XmlWriter) {
        if self.attributes.is_empty() {
            return;
        }
        xml.open("saml:AttributeStatement", &[]);
        for (name, value) in self.attributes {
            xml.open(
                "saml:Attribute",
                &[("Name", name), ("NameFormat", names::BASIC_NAMES)],
            )
            .leaf("saml:AttributeValue", &[], value)
            .close();
        }
        xml.close();
    }
}

/// The signature that the library fills in: RSA-SHA256 over SHA-256, exclusive canonicalisation.
pub(super) fn signature_template(xml: &mut XmlWriter, id: &str, key: &SigningKey) {
    let algorithm = |uri| [("Algorithm", uri)];
    xml.open("ds:Signature", &[("xmlns:ds", DSIG)])
        .open("ds:SignedInfo", &[])
        .leaf("ds:CanonicalizationMethod", &algorithm(names::EXC_C14N), "")
        .leaf("ds:SignatureMethod", &algorithm(names::RSA_SHA256), "")
        .open("ds:Reference", &[("URI", &format!("#{id}"))])
        .open("ds:Transforms", &[])
        .leaf("ds:Transform", &algorithm(names::ENVELOPED), "")
        .leaf("ds:Transform", &algorithm(names::EXC_C14N), "")
        .close()
        .leaf("ds:DigestMethod", &algorithm(names::SHA256), "")
        .leaf("ds:DigestValue", &[], "")
        .close()
        .close()
        .leaf("ds:SignatureValue", &[], "")
        .open("ds:KeyInfo", &[])
        .open("ds:X509Data", &[])
        .leaf("ds:X509Certificate", &[], &key.certificate().to_base64())
        .close()
        .close()
        .close();
}

/// Fills in the first signature template of `xml`, which is the one of its root element.
pub(super) fn sign(xml: &str, key: &SigningKey) -> Result<String, SamlSetupError> {
    restrict_xmlsec()?;
    let signed = Crypto::sign_xml(xml, &key.private_der()?)
        .map_err(|error| SamlSetupError::Signing(error.to_string()))?;
    // The library adds a declaration, which could not stand inside another document.
    let element = match signed.split_once("?>") {
        Some((declaration, element)) if declaration.starts_with("<?xml") => element,
        _ => &signed,
    };
    Ok(element.trim().to_owned())
}
