//! Identity providers that cannot be registered, and our own metadata.

use chrono::TimeDelta;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509;
use uuid::Uuid;

use super::scene::*;
use crate::ids::IdpId;
use crate::saml::keys::SigningKey;
use crate::saml::{
    Certificate, IdentityProvider, Registration, SamlSetupError, SubjectSource, Transport,
    read_identity_provider,
};

fn metadata() -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{IDP}\">\
         <!-- made by hand --><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\n{}\n\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://iam.test/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        idp_key().certificate().to_base64()
    )
}

fn registration() -> Registration {
    Registration {
        id: IdpId(Uuid::nil()),
        display_name: "IAM".to_owned(),
        subject: SubjectSource::PersistentNameId,
        transport: Transport::HttpsOnly,
    }
}

fn register(metadata: &str) -> Result<IdentityProvider, SamlSetupError> {
    read_identity_provider(metadata, registration(), noon())
}

fn refused(from: &str, to: &str) -> SamlSetupError {
    register(&edit(&metadata(), from, to)).unwrap_err()
}

/// A certificate around a weak key, as an old identity provider may have it.
fn weak_certificate() -> X509 {
    let key = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(4_000_000_000).unwrap())
        .unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    builder.build()
}

#[test]
fn a_usual_identity_provider_is_registered() {
    let idp = register(&metadata()).unwrap();

    assert_eq!(idp, identity_provider());
    assert_eq!(read_from(&idp, &honest()).unwrap().subject, ALICE);
}

#[test]
fn several_signing_certificates_are_all_trusted() {
    let next = new_key();
    let descriptor = format!(
        "<md:KeyDescriptor><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:KeyDescriptor use=\"signing\">",
        next.certificate().to_base64()
    );

    let idp = register(&edit(
        &metadata(),
        "<md:KeyDescriptor use=\"signing\">",
        &descriptor,
    ))
    .unwrap();

    assert_eq!(idp.certificates.len(), 2);
    assert!(read_from(&idp, &response(&signed_with(&assertion(), &next))).is_ok());
    assert!(read_from(&idp, &honest()).is_ok());
}

#[test]
fn an_identity_provider_without_signing_key_is_refused() {
    assert_eq!(
        refused("use=\"signing\"", "use=\"encryption\""),
        SamlSetupError::NoSigningCertificate
    );
    let all = metadata();
    let (start, rest) = all.split_once("<md:KeyDescriptor").unwrap();
    let (_, end) = rest.split_once("</md:KeyDescriptor>").unwrap();
    assert_eq!(
        register(&format!("{start}{end}")),
        Err(SamlSetupError::NoSigningCertificate)
    );
}

#[test]
fn a_weak_or_broken_certificate_is_refused() {
    let certificate = idp_key().certificate().to_base64();
    let weak = openssl::base64::encode_block(&weak_certificate().to_der().unwrap());

    assert_eq!(refused(&certificate, &weak), SamlSetupError::KeyTooWeak);
    assert_eq!(
        refused(&certificate, "AAAA"),
        SamlSetupError::CertificateUnreadable
    );
    assert_eq!(
        refused(&certificate, ""),
        SamlSetupError::CertificateUnreadable
    );
}

#[test]
fn an_identity_provider_without_redirect_endpoint_is_refused() {
    assert_eq!(
        refused("bindings:HTTP-Redirect", "bindings:HTTP-POST"),
        SamlSetupError::NoRedirectEndpoint
    );
}

#[test]
fn an_endpoint_without_tls_is_refused_outside_loopback() {
    let with = |location: &str, transport| {
        let metadata = edit(&metadata(), "https://iam.test/sso", location);
        read_identity_provider(
            &metadata,
            Registration {
                transport,
                ..registration()
            },
            noon(),
        )
    };
    for location in [
        "http://iam.test/sso",
        "javascript:alert(1)",
        "/sso",
        "ftp://127.0.0.1/sso",
        "https://iam.test/sso#x",
        "http://localhost.evil.test/",
    ] {
        let expected = Err(SamlSetupError::Address(location.to_owned()));

        assert_eq!(with(location, Transport::HttpsOnly), expected);
        assert_eq!(with(location, Transport::LoopbackHttp), expected);
    }
    assert!(with("http://127.0.0.1:8080/sso", Transport::HttpsOnly).is_err());
    assert!(with("http://127.0.0.1:8080/sso", Transport::LoopbackHttp).is_ok());
    assert!(with("http://[::1]:8080/sso", Transport::LoopbackHttp).is_ok());
}

#[test]
fn only_transient_names_need_a_subject_attribute() {
    let persistent =
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>";
    let transient_only = edit(&metadata(), persistent, "");
    let subject = SubjectSource::Attribute("uid".to_owned());

    let refused = register(&transient_only);
    let named = read_identity_provider(
        &transient_only,
        Registration {
            subject,
            ..registration()
        },
        noon(),
    );

    assert_eq!(refused, Err(SamlSetupError::OnlyTransientSubjects));
    assert!(named.is_ok());
}

#[test]
fn metadata_that_has_expired_is_refused() {
    let until = |time: &str| refused("entityID", &format!("validUntil=\"{time}\" entityID"));

    assert_eq!(until(&at(0)), SamlSetupError::MetadataExpired);
    assert_eq!(until("one day"), SamlSetupError::MetadataExpired);
    let tomorrow = format!("validUntil=\"{}\" entityID", at(86_400));
    assert!(register(&edit(&metadata(), "entityID", &tomorrow)).is_ok());
}

#[test]
fn metadata_of_something_else_is_refused() {
    assert_eq!(
        refused("SAML:2.0:protocol", "SAML:1.1:protocol"),
        SamlSetupError::NotAnIdentityProvider
    );
    assert_eq!(
        register(&service().metadata()),
        Err(SamlSetupError::NotAnIdentityProvider)
    );
    assert_eq!(
        register("<html></html>"),
        Err(SamlSetupError::NotAnIdentityProvider)
    );
    assert_eq!(
        refused(&format!("entityID=\"{IDP}\""), ""),
        SamlSetupError::EntityId
    );
}

#[test]
fn metadata_that_is_too_large_malformed_or_has_a_doctype_is_refused() {
    let large = metadata() + &" ".repeat(1024 * 1024);

    assert_eq!(register(&large), Err(SamlSetupError::MetadataTooLarge));
    assert_eq!(
        register(&format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", metadata())),
        Err(SamlSetupError::MetadataDoctype)
    );
    assert!(matches!(
        register("<md:"),
        Err(SamlSetupError::MetadataMalformed(_))
    ));
}

#[test]
fn our_metadata_says_how_to_reach_us_and_offers_no_encryption_key() {
    let metadata = service().metadata();

    let document = roxmltree::Document::parse(&metadata).unwrap();
    let consumer = document
        .descendants()
        .find(|node| node.tag_name().name() == "AssertionConsumerService")
        .unwrap();
    assert_eq!(document.root_element().attribute("entityID"), Some(SP));
    assert_eq!(consumer.attribute("Location"), Some(ACS));
    assert!(metadata.contains(&service().certificate().to_base64()));
    assert!(!metadata.contains("encryption"));
}

#[test]
fn a_key_and_a_foreign_certificate_are_refused() {
    let (key, _) = new_key().to_pem().unwrap();
    let (_, certificate) = idp_key().to_pem().unwrap();

    assert_eq!(
        SigningKey::from_pem(&key, &certificate).unwrap_err(),
        SamlSetupError::KeyMismatch
    );
    assert!(Certificate::from_pem(&certificate).is_ok());
    assert!(Certificate::from_pem(&key).is_err());
}

#[test]
fn a_made_key_is_strong_lasts_and_cannot_be_printed() {
    let key = SigningKey::generate("Portico", noon()).unwrap();
    let (key_pem, certificate_pem) = key.to_pem().unwrap();

    let certificate = X509::from_pem(&certificate_pem).unwrap();
    let two_years = Asn1Time::from_unix((noon() + TimeDelta::days(730)).timestamp()).unwrap();
    assert_eq!(certificate.public_key().unwrap().bits(), 3072);
    assert!(certificate.not_after() > two_years);
    let printed = format!("{key:?}{:?}", service());
    assert_eq!(printed, format!("SigningKey(…)ServiceProvider({SP})"));
    assert!(SigningKey::from_pem(&key_pem, &certificate_pem).is_ok());
}
