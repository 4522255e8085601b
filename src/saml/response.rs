//! The envelope around an assertion: what the response itself must say.
//!
//! When only the assertion is signed, the envelope is a hint from whoever sent it. A hint may
//! refuse a sign-in, never allow one: all that decides stands again in the assertion.

use roxmltree::Node;

use super::IdentityProvider;
use super::assertion::{self, VerifiedAssertion};
use super::error::SamlRefusal;
use super::expectation::{Expectation, required_time};
use super::names::{self, DSIG, SAML, SAMLP};
use super::preflight;
use super::skeleton::{self, SignedElement};
use super::verify;
use super::xml::{children, expect_version, only_child, only_children, text};

/// A response whose structure is as it must be. Nothing in it is believed yet.
pub struct Incoming {
    text: String,
    signed: SignedElement,
    in_response_to: Option<String>,
}

impl Incoming {
    /// Reads the value of the form field `SAMLResponse`.
    pub fn read(form_value: &str) -> Result<Self, SamlRefusal> {
        let text = preflight::decode(form_value)?;
        let (signed, in_response_to) = {
            let document = preflight::parse(&text)?;
            let response = document.root_element();
            (
                skeleton::inspect(&document)?,
                response.attribute("InResponseTo").map(str::to_owned),
            )
        };
        Ok(Self {
            text,
            signed,
            in_response_to,
        })
    }

    /// Which request this claims to answer: enough to choose a pending one, which then decides.
    pub fn in_response_to(&self) -> Option<&str> {
        self.in_response_to.as_deref()
    }

    /// Checks the signature. Blocks its thread for about half a millisecond.
    pub(super) fn verify(self, idp: &IdentityProvider) -> Result<Signed, SamlRefusal> {
        let verified = verify::signed_bytes(&self.text, &idp.certificates)?;
        Ok(Signed {
            incoming: self,
            verified,
        })
    }
}

/// A response that an identity provider signed, for whatever purpose and at whatever time.
pub struct Signed {
    incoming: Incoming,
    verified: String,
}

impl Signed {
    /// Reads who it vouches for, if it is the answer that is expected.
    pub(super) fn read(
        &self,
        expected: &Expectation<'_>,
    ) -> Result<VerifiedAssertion, SamlRefusal> {
        let outer = preflight::parse(&self.incoming.text)?;
        let verified = preflight::parse(&self.verified)?;
        let root = verified.root_element();
        let signed = &self.incoming.signed;
        let (response, assertion) = match signed {
            SignedElement::Response { id } => {
                expect_element(root, (SAMLP, "Response"), id)?;
                (
                    root,
                    only_child(root, SAML, "Assertion", SamlRefusal::SignedElementDiffers)?,
                )
            }
            SignedElement::Assertion { id } => {
                expect_element(root, (SAML, "Assertion"), id)?;
                (outer.root_element(), root)
            }
        };
        let response_id = check_envelope(response, signed, expected)?;
        assertion::read(assertion, response_id, expected)
    }
}

fn expect_element(node: Node<'_, '_>, name: (&str, &str), id: &str) -> Result<(), SamlRefusal> {
    if node.has_tag_name(name) && node.attribute("ID") == Some(id) {
        Ok(())
    } else {
        Err(SamlRefusal::SignedElementDiffers)
    }
}

fn check_envelope(
    response: Node<'_, '_>,
    signed: &SignedElement,
    expected: &Expectation<'_>,
) -> Result<String, SamlRefusal> {
    let is_signed = matches!(signed, SignedElement::Response { .. });
    only_children(
        response,
        &[
            (SAML, "Issuer"),
            (DSIG, "Signature"),
            (SAMLP, "Extensions"),
            (SAMLP, "Status"),
            (SAML, "Assertion"),
        ],
    )?;
    expect_version(response)?;
    match children(response, SAML, "Issuer").next() {
        Some(_) => expected.issuer(response)?,
        None if is_signed => return Err(SamlRefusal::WrongIssuer),
        None => {}
    }
    match response.attribute("Destination") {
        Some(destination) if destination == expected.acs_url => {}
        None if !is_signed => {}
        _ => return Err(SamlRefusal::WrongDestination),
    }
    // An answer that nobody asked for carries no InResponseTo and is refused here as well.
    if response.attribute("InResponseTo") != Some(expected.request_id) {
        return Err(SamlRefusal::WrongInResponseTo);
    }
    expected.issue_instant(response)?;
    check_status(response)?;
    skeleton::id_of(response)
}

fn check_status(response: Node<'_, '_>) -> Result<(), SamlRefusal> {
    let status = only_child(response, SAMLP, "Status", SamlRefusal::NoStatus)?;
    let code = only_child(status, SAMLP, "StatusCode", SamlRefusal::NoStatus)?;
    match code.attribute("Value") {
        Some(names::SUCCESS) => Ok(()),
        Some(_) => Err(SamlRefusal::StatusNotSuccess),
        None => Err(SamlRefusal::NoStatus),
    }
}

impl Expectation<'_> {
    /// The issuer is the identity provider that this browser was sent to, not just any known one.
    pub(super) fn issuer(&self, node: Node<'_, '_>) -> Result<(), SamlRefusal> {
        let issuer = only_child(node, SAML, "Issuer", SamlRefusal::WrongIssuer)?;
        let entity = issuer
            .attribute("Format")
            .is_none_or(|format| format == names::ENTITY);
        if entity && text(issuer)? == self.idp.entity_id {
            Ok(())
        } else {
            Err(SamlRefusal::WrongIssuer)
        }
    }

    pub(super) fn issue_instant(&self, node: Node<'_, '_>) -> Result<(), SamlRefusal> {
        let issued = required_time(node, "IssueInstant")?;
        if self.is_future(issued) {
            Err(SamlRefusal::IssuedInFuture)
        } else if self.is_past(issued + self.policy.max_age) {
            Err(SamlRefusal::IssuedTooLongAgo)
        } else {
            Ok(())
        }
    }
}
