//! Missing, broken and foreign signatures, and signatures that ask for more than is allowed.

use super::scene::*;
use crate::saml::SamlRefusal;
use crate::saml::names;

/// An honest response whose signature element is changed in one place after signing.
fn bent_signature(from: &str, to: &str) -> String {
    edit(&honest(), from, to)
}

fn transform(content: &str) -> String {
    bent_signature(
        &format!(
            "<ds:Transform Algorithm=\"{}\"/></ds:Transforms>",
            names::EXC_C14N
        ),
        &format!("{content}</ds:Transforms>"),
    )
}

#[test]
fn an_unsigned_response_is_refused() {
    assert_eq!(refusal(&response(&assertion())), SamlRefusal::Unsigned);
}

#[test]
fn a_response_whose_signature_was_cut_out_is_refused() {
    let stripped = edit(&honest(), &signature_of(&honest()), "");

    assert_eq!(refusal(&stripped), SamlRefusal::Unsigned);
}

#[test]
fn a_tampered_name_is_refused() {
    assert_eq!(
        refusal(&edit(&honest(), ALICE, "mallory")),
        SamlRefusal::SignatureInvalid
    );
}

#[test]
fn a_tampered_attribute_is_refused() {
    let tampered = edit(&honest(), "alice@corp.test", "boss@corp.test");

    assert_eq!(refusal(&tampered), SamlRefusal::SignatureInvalid);
}

#[test]
fn a_tampered_envelope_of_a_signed_response_is_refused() {
    let whole = signed(&response(&assertion()));

    let tampered = edit(
        &whole,
        "</samlp:Status>",
        "<samlp:StatusMessage></samlp:StatusMessage></samlp:Status>",
    );

    assert_eq!(refusal(&tampered), SamlRefusal::SignatureInvalid);
}

#[test]
fn one_broken_signature_of_two_is_refused() {
    let inner_broken = response(&signed_with(&assertion(), &new_key()));

    assert_eq!(
        refusal(&signed(&inner_broken)),
        SamlRefusal::SignatureInvalid
    );
}

#[test]
fn an_empty_signature_value_is_refused() {
    let honest = honest();
    let (_, value) = honest.split_once("<ds:SignatureValue>").unwrap();
    let (value, _) = value.split_once("</ds:SignatureValue>").unwrap();

    assert_eq!(
        refusal(&edit(&honest, value, "")),
        SamlRefusal::SignatureInvalid
    );
}

#[test]
fn the_attackers_key_with_its_certificate_in_key_info_is_refused() {
    let attacker = new_key();

    let assertion_signed = response(&signed_with(&assertion(), &attacker));
    let response_signed = signed_with(&response(&assertion()), &attacker);

    assert!(assertion_signed.contains(&attacker.certificate().to_base64()));
    assert_eq!(refusal(&assertion_signed), SamlRefusal::SignatureInvalid);
    assert_eq!(refusal(&response_signed), SamlRefusal::SignatureInvalid);
}

#[test]
fn the_attackers_key_with_the_genuine_certificate_in_key_info_is_refused() {
    let attacker = new_key();
    let forged = signed_with(&assertion(), &attacker);

    let dressed_up = edit(
        &forged,
        &attacker.certificate().to_base64(),
        &idp_key().certificate().to_base64(),
    );

    assert_eq!(
        refusal(&response(&dressed_up)),
        SamlRefusal::SignatureInvalid
    );
}

#[test]
fn an_identity_provider_without_certificate_signs_nobody_in() {
    let mut idp = identity_provider();
    idp.certificates.clear();

    let signed = read_from(&idp, &honest());
    let unsigned = read_from(&idp, &response(&assertion()));

    assert_eq!(signed, Err(SamlRefusal::NoCertificate));
    assert_eq!(unsigned, Err(SamlRefusal::Unsigned));
}

#[test]
fn sha_1_is_refused_as_signature_and_as_digest() {
    let signature = bent_signature(
        names::RSA_SHA256,
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    );
    let digest = bent_signature(names::SHA256, "http://www.w3.org/2000/09/xmldsig#sha1");

    assert_eq!(refusal(&signature), SamlRefusal::AlgorithmNotAllowed);
    assert_eq!(refusal(&digest), SamlRefusal::AlgorithmNotAllowed);
}

#[test]
fn an_hmac_with_the_public_key_as_secret_is_refused() {
    let hmac = bent_signature(
        names::RSA_SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    );

    assert_eq!(refusal(&hmac), SamlRefusal::AlgorithmNotAllowed);
}

#[test]
fn a_truncated_hmac_length_is_refused() {
    let parameter = bent_signature(
        &format!("<ds:SignatureMethod Algorithm=\"{}\"/>", names::RSA_SHA256),
        &format!(
            "<ds:SignatureMethod Algorithm=\"{}\"><ds:HMACOutputLength>8</ds:HMACOutputLength>\
             </ds:SignatureMethod>",
            names::RSA_SHA256
        ),
    );

    assert_eq!(refusal(&parameter), SamlRefusal::AlgorithmNotAllowed);
}

#[test]
fn a_reference_to_anything_but_its_own_element_is_refused() {
    for uri in [
        "",
        "#",
        "#_response",
        "_assertion",
        "http://127.0.0.1:9/secret",
        "ftp://127.0.0.1:9/secret",
        "file:///etc/passwd",
        "/dev/zero",
        "#xpointer(id('_assertion'))",
        "#xpointer(/)",
        "#element(/1)",
    ] {
        let foreign = bent_signature("\"#_assertion\"", &format!("\"{uri}\""));

        assert_eq!(refusal(&foreign), SamlRefusal::ForeignReference, "{uri}");
    }
}

#[test]
fn a_missing_reference_uri_is_refused() {
    assert_eq!(
        refusal(&bent_signature(" URI=\"#_assertion\"", "")),
        SamlRefusal::ForeignReference
    );
}

#[test]
fn two_references_are_refused() {
    let honest = honest();
    let (_, rest) = honest.split_once("<ds:Reference ").unwrap();
    let (reference, _) = rest.split_once("</ds:Reference>").unwrap();
    let second = format!("</ds:Reference><ds:Reference {reference}</ds:Reference>");

    assert_eq!(
        refusal(&edit(&honest, "</ds:Reference>", &second)),
        SamlRefusal::SignatureShape
    );
}

#[test]
fn an_xslt_transform_is_refused() {
    let xslt = transform(
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">\
         <xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"></xsl:stylesheet>\
         </ds:Transform>",
    );

    assert_eq!(refusal(&xslt), SamlRefusal::ForeignTransform);
}

#[test]
fn an_xpath_transform_is_refused() {
    let xpath = transform(
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">\
         <ds:XPath>count(//.|//@*)</ds:XPath></ds:Transform>",
    );

    assert_eq!(refusal(&xpath), SamlRefusal::ForeignTransform);
}

#[test]
fn other_canonicalisations_are_refused() {
    for algorithm in [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
    ] {
        let in_transforms = transform(&format!("<ds:Transform Algorithm=\"{algorithm}\"/>"));
        let of_signed_info = bent_signature(
            &format!(
                "<ds:CanonicalizationMethod Algorithm=\"{}\"/>",
                names::EXC_C14N
            ),
            &format!("<ds:CanonicalizationMethod Algorithm=\"{algorithm}\"/>"),
        );

        assert_eq!(refusal(&in_transforms), SamlRefusal::ForeignTransform);
        assert_eq!(refusal(&of_signed_info), SamlRefusal::ForeignTransform);
    }
}

#[test]
fn a_third_transform_and_a_missing_one_are_refused() {
    let canonical = format!("<ds:Transform Algorithm=\"{}\"/>", names::EXC_C14N);

    assert_eq!(
        refusal(&transform(&canonical.repeat(2))),
        SamlRefusal::ForeignTransform
    );
    assert_eq!(refusal(&transform("")), SamlRefusal::ForeignTransform);
}

#[test]
fn an_object_in_the_signature_is_refused() {
    let object = bent_signature("</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>");

    assert_eq!(refusal(&object), SamlRefusal::SignatureShape);
}

#[test]
fn a_key_to_be_fetched_is_refused() {
    let fetched = bent_signature(
        "<ds:KeyInfo>",
        "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://127.0.0.1:9/key\"></ds:RetrievalMethod>",
    );

    assert_eq!(refusal(&fetched), SamlRefusal::SignatureShape);
}

#[test]
fn a_signature_elsewhere_is_refused() {
    let honest = honest();
    let signature = signature_of(&honest);
    let bare = edit(&honest, &signature, "");

    let at_the_end = edit(
        &bare,
        "</saml:Assertion>",
        &format!("{signature}</saml:Assertion>"),
    );
    let in_the_subject = edit(
        &bare,
        "</saml:Subject>",
        &format!("{signature}</saml:Subject>"),
    );
    let before_the_issuer = edit(
        &bare,
        "<saml:Subject>",
        &format!("<saml:Subject>{signature}"),
    )
    .replace(&signature, "");

    assert_eq!(refusal(&at_the_end), SamlRefusal::SignatureMisplaced);
    assert_eq!(refusal(&in_the_subject), SamlRefusal::SignatureMisplaced);
    assert_eq!(refusal(&before_the_issuer), SamlRefusal::Unsigned);
}

#[test]
fn a_second_signature_by_an_attacker_is_refused() {
    let honest = honest();
    let forged = signature_of(&signed_with(&assertion(), &new_key()));

    let both = edit(
        &honest,
        "<saml:Subject>",
        &format!("{forged}<saml:Subject>"),
    );

    assert_eq!(refusal(&both), SamlRefusal::SignatureMisplaced);
}

#[test]
fn a_signature_of_another_namespace_is_refused() {
    let foreign = edit(
        &honest(),
        "<saml:Subject>",
        "<x:Signature xmlns:x=\"urn:evil\"></x:Signature><saml:Subject>",
    );

    assert_eq!(refusal(&foreign), SamlRefusal::SignatureMisplaced);
}
