//! Metadata: reading an identity provider's, writing ours.

use crate::ids::IdpId;
use chrono::{DateTime, Utc};
use roxmltree::{Document, Node, ParsingOptions};
use url::{Host, Url};

use super::error::SamlSetupError;
use super::keys::Certificate;
use super::names::{self, DSIG, METADATA, SAMLP};
use super::xml::{XmlWriter, children};
use super::{IdentityProvider, ServiceProvider, SubjectSource};

const MAX_METADATA: usize = 1024 * 1024;
const MAX_NODES: u32 = 50_000;
const MAX_ENTITY_ID: usize = 1024;

/// Which addresses a party may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    HttpsOnly,
    /// Also plain HTTP to this machine: development and tests.
    LoopbackHttp,
}

/// What the operator adds to an identity provider's own metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub id: IdpId,
    pub display_name: String,
    pub subject: SubjectSource,
    pub transport: Transport,
}

/// Registers an identity provider. Whatever would make its answers unverifiable is refused here,
/// so that no sign-in has to meet it.
pub fn read_identity_provider(
    metadata: &str,
    registration: Registration,
    now: DateTime<Utc>,
) -> Result<IdentityProvider, SamlSetupError> {
    if metadata.len() > MAX_METADATA {
        return Err(SamlSetupError::MetadataTooLarge);
    }
    if metadata.contains("<!DOCTYPE") || metadata.contains("<!ENTITY") {
        return Err(SamlSetupError::MetadataDoctype);
    }
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(metadata, options)
        .map_err(|error| SamlSetupError::MetadataMalformed(error.to_string()))?;
    let entity = document.root_element();
    let role = identity_provider_role(entity)?;
    if [entity, role]
        .into_iter()
        .any(|node| has_expired(node, now))
    {
        return Err(SamlSetupError::MetadataExpired);
    }
    let entity_id = entity
        .attribute("entityID")
        .filter(|id| !id.is_empty() && id.len() <= MAX_ENTITY_ID)
        .ok_or(SamlSetupError::EntityId)?;
    refuse_transient_only(role, &registration.subject)?;
    Ok(IdentityProvider {
        id: registration.id,
        entity_id: entity_id.to_owned(),
        sso_url: redirect_endpoint(role, registration.transport)?,
        certificates: signing_certificates(role)?,
        subject: registration.subject,
        display_name: registration.display_name,
    })
}

fn identity_provider_role<'a, 'input: 'a>(
    entity: Node<'a, 'input>,
) -> Result<Node<'a, 'input>, SamlSetupError> {
    if !entity.has_tag_name((METADATA, "EntityDescriptor")) {
        return Err(SamlSetupError::NotAnIdentityProvider);
    }
    let speaks_saml2 = |role: &Node<'_, '_>| {
        role.attribute("protocolSupportEnumeration")
            .is_some_and(|list| {
                list.split_ascii_whitespace()
                    .any(|protocol| protocol == SAMLP)
            })
    };
    let mut roles = children(entity, METADATA, "IDPSSODescriptor").filter(speaks_saml2);
    match (roles.next(), roles.next()) {
        (Some(role), None) => Ok(role),
        _ => Err(SamlSetupError::NotAnIdentityProvider),
    }
}

/// An unreadable date counts as past.
fn has_expired(node: Node<'_, '_>, now: DateTime<Utc>) -> bool {
    node.attribute("validUntil")
        .is_some_and(|until| DateTime::parse_from_rfc3339(until).map_or(true, |until| until <= now))
}

fn refuse_transient_only(
    role: Node<'_, '_>,
    subject: &SubjectSource,
) -> Result<(), SamlSetupError> {
    let formats: Vec<_> = children(role, METADATA, "NameIDFormat")
        .filter_map(|format| format.text().map(str::trim))
        .collect();
    let transient = !formats.is_empty() && formats.iter().all(|f| *f == names::TRANSIENT);
    if transient && *subject == SubjectSource::PersistentNameId {
        return Err(SamlSetupError::OnlyTransientSubjects);
    }
    Ok(())
}

fn redirect_endpoint(role: Node<'_, '_>, transport: Transport) -> Result<Url, SamlSetupError> {
    let location = children(role, METADATA, "SingleSignOnService")
        .find(|service| service.attribute("Binding") == Some(names::REDIRECT))
        .and_then(|service| service.attribute("Location"))
        .ok_or(SamlSetupError::NoRedirectEndpoint)?;
    transport.check(location)
}

impl Transport {
    /// Reads an address that people's browsers may be sent to.
    pub fn check(self, address: &str) -> Result<Url, SamlSetupError> {
        let refused = || SamlSetupError::Address(address.to_owned());
        let url = Url::parse(address).map_err(|_error| refused())?;
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(refused()),
        };
        let plain = self == Self::LoopbackHttp && loopback && url.scheme() == "http";
        if (url.scheme() == "https" || plain) && url.fragment().is_none() {
            Ok(url)
        } else {
            Err(refused())
        }
    }
}

/// Keys without `use` sign as well. One that cannot be read refuses the whole: half a list would
/// fail on the day the other side changes over.
fn signing_certificates(role: Node<'_, '_>) -> Result<Vec<Certificate>, SamlSetupError> {
    let certificates = children(role, METADATA, "KeyDescriptor")
        .filter(|key| {
            key.attribute("use")
                .is_none_or(|purpose| purpose == "signing")
        })
        .flat_map(|key| key.descendants())
        .filter(|node| node.has_tag_name((DSIG, "X509Certificate")))
        .map(|node| Certificate::from_base64(node.text().unwrap_or_default()))
        .collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err(SamlSetupError::NoSigningCertificate);
    }
    Ok(certificates)
}

/// Our own metadata. It offers no encryption key: encrypted assertions are not read.
pub(super) fn write_service_provider(service: &ServiceProvider) -> String {
    let mut xml = XmlWriter::new();
    xml.open(
        "md:EntityDescriptor",
        &[("xmlns:md", METADATA), ("entityID", service.entity_id())],
    )
    .open(
        "md:SPSSODescriptor",
        &[
            ("AuthnRequestsSigned", "true"),
            ("WantAssertionsSigned", "true"),
            ("protocolSupportEnumeration", SAMLP),
        ],
    );
    write_signing_key(&mut xml, service.certificate());
    xml.leaf("md:NameIDFormat", &[], names::PERSISTENT).leaf(
        "md:AssertionConsumerService",
        &[
            ("Binding", names::POST),
            ("Location", service.acs_url()),
            ("index", "0"),
            ("isDefault", "true"),
        ],
        "",
    );
    xml.finish()
}

/// The metadata of our identity provider role.
pub(super) fn write_identity_provider(
    entity_id: &str,
    sso_url: &str,
    certificate: &Certificate,
) -> String {
    let mut xml = XmlWriter::new();
    xml.open(
        "md:EntityDescriptor",
        &[("xmlns:md", METADATA), ("entityID", entity_id)],
    )
    .open(
        "md:IDPSSODescriptor",
        &[
            ("WantAuthnRequestsSigned", "true"),
            ("protocolSupportEnumeration", SAMLP),
        ],
    );
    write_signing_key(&mut xml, certificate);
    xml.leaf("md:NameIDFormat", &[], names::PERSISTENT).leaf(
        "md:SingleSignOnService",
        &[("Binding", names::REDIRECT), ("Location", sso_url)],
        "",
    );
    xml.finish()
}

fn write_signing_key(xml: &mut XmlWriter, certificate: &Certificate) {
    xml.open("md:KeyDescriptor", &[("use", "signing")])
        .open("ds:KeyInfo", &[("xmlns:ds", DSIG)])
        .open("ds:X509Data", &[])
        .leaf("ds:X509Certificate", &[], &certificate.to_base64())
        .close()
        .close()
        .close();
}
