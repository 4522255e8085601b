//! Signature wrapping: a genuine signed element is kept, and the reader is shown another one.
//! The eight permutations are known as XSW1 to XSW8; each is tried with the evil copy under a new
//! identifier and under the same one.

use super::scene::*;
use crate::saml::SamlRefusal;

/// Whether the evil copy keeps the identifiers of the genuine element.
#[derive(Clone, Copy)]
enum Ids {
    New,
    Same,
}

const BOTH: [(Ids, bool); 2] = [(Ids::New, false), (Ids::Same, true)];

fn evil(xml: &str, ids: Ids) -> String {
    let xml = xml.replace(ALICE, "mallory");
    match ids {
        Ids::New => xml
            .replace("\"_response\"", "\"_r2\"")
            .replace("\"_assertion\"", "\"_a2\""),
        Ids::Same => xml,
    }
}

fn after_issuer(xml: &str, inserted: &str) -> String {
    xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inserted}"), 1)
}

fn before_end(xml: &str, end: &str, inserted: &str) -> String {
    edit(xml, end, &format!("{inserted}{end}"))
}

/// A signed element, its signature, and the element without it.
fn taken_apart(signed: &str) -> (String, String) {
    let signature = signature_of(signed);
    let bare = edit(signed, &signature, "");
    (signature, bare)
}

/// With the same identifiers the duplicate is noticed first.
fn assert_refused(build: impl Fn(Ids) -> String, with_new_ids: SamlRefusal) {
    for (ids, duplicated) in BOTH {
        let expected = if duplicated {
            SamlRefusal::DuplicateId
        } else {
            with_new_ids
        };
        assert_eq!(refusal(&build(ids)), expected);
    }
}

#[test]
fn xsw1_the_signed_response_inside_the_signature_of_an_evil_one_is_refused() {
    let (signature, genuine) = taken_apart(&signed(&response(&assertion())));

    let build = |ids| {
        let around = before_end(&signature, "</ds:Signature>", &genuine);
        after_issuer(&evil(&genuine, ids), &around)
    };

    assert_refused(build, SamlRefusal::NestedResponse);
}

#[test]
fn xsw2_the_signed_response_before_a_detached_signature_is_refused() {
    let (signature, genuine) = taken_apart(&signed(&response(&assertion())));

    let build = |ids| after_issuer(&evil(&genuine, ids), &format!("{genuine}{signature}"));

    assert_refused(build, SamlRefusal::NestedResponse);
}

#[test]
fn xsw3_an_evil_assertion_before_the_signed_one_is_refused() {
    let genuine = signed(&assertion());

    let build = |ids| response(&format!("{}{genuine}", evil(&assertion(), ids)));

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn xsw4_the_signed_assertion_inside_an_evil_one_is_refused() {
    let genuine = signed(&assertion());

    let build = |ids| {
        response(&before_end(
            &evil(&assertion(), ids),
            "</saml:Assertion>",
            &genuine,
        ))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn xsw5_an_evil_assertion_with_the_genuine_signature_is_refused() {
    let (signature, genuine) = taken_apart(&signed(&assertion()));

    let build = |ids| {
        let evil = after_issuer(&evil(&assertion(), ids), &signature);
        response(&format!("{evil}{genuine}"))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn xsw6_the_genuine_assertion_inside_the_signature_of_an_evil_one_is_refused() {
    let (signature, genuine) = taken_apart(&signed(&assertion()));

    let build = |ids| {
        let around = before_end(&signature, "</ds:Signature>", &genuine);
        response(&after_issuer(&evil(&assertion(), ids), &around))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn xsw7_an_evil_assertion_in_the_extensions_is_refused() {
    let genuine = response(&signed(&assertion()));

    let build = |ids| {
        let evil = evil(&assertion(), ids);
        after_issuer(
            &genuine,
            &format!("<samlp:Extensions>{evil}</samlp:Extensions>"),
        )
    };

    assert_refused(build, SamlRefusal::AssertionMisplaced);
}

#[test]
fn xsw8_the_genuine_assertion_in_an_object_of_the_signature_is_refused() {
    let (signature, genuine) = taken_apart(&signed(&assertion()));

    let build = |ids| {
        let object = format!("<ds:Object>{genuine}</ds:Object>");
        let around = before_end(&signature, "</ds:Signature>", &object);
        response(&after_issuer(&evil(&assertion(), ids), &around))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn an_evil_assertion_after_the_signed_one_is_refused() {
    let build = |ids| {
        response(&format!(
            "{}{}",
            signed(&assertion()),
            evil(&assertion(), ids)
        ))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn the_signed_assertion_in_the_advice_of_an_evil_one_is_refused() {
    let advice = format!("<saml:Advice>{}</saml:Advice>", signed(&assertion()));

    let build = |ids| {
        response(&edit(
            &evil(&assertion(), ids),
            "</saml:Conditions>",
            &format!("</saml:Conditions>{advice}"),
        ))
    };

    assert_refused(build, SamlRefusal::SeveralAssertions);
}

#[test]
fn the_signed_assertion_in_the_status_detail_is_refused() {
    let detail = format!(
        "<samlp:StatusDetail>{}</samlp:StatusDetail>",
        signed(&assertion())
    );

    let build = |ids| {
        before_end(
            &response(&evil(&assertion(), ids)),
            "</samlp:Status>",
            &detail,
        )
    };

    assert_refused(build, SamlRefusal::AssertionMisplaced);
}

#[test]
fn the_signed_assertion_in_the_extensions_with_none_below_the_response_is_refused() {
    let extensions = format!(
        "<samlp:Extensions>{}</samlp:Extensions>",
        signed(&assertion())
    );

    let hidden = after_issuer(&response(""), &extensions);

    assert_eq!(refusal(&hidden), SamlRefusal::AssertionMisplaced);
}

#[test]
fn two_signed_assertions_are_refused() {
    let second = assertion().replace("\"_assertion\"", "\"_second\"");

    let both = response(&format!("{}{}", signed(&assertion()), signed(&second)));

    assert_eq!(refusal(&both), SamlRefusal::SeveralAssertions);
    assert_eq!(refusal(&signed(&both)), SamlRefusal::SeveralAssertions);
}

#[test]
fn an_assertion_of_another_namespace_is_refused() {
    let foreign = "<x:Assertion xmlns:x=\"urn:evil\"></x:Assertion>";

    let beside = response(&format!("{}{foreign}", signed(&assertion())));
    let before = response(&format!("{foreign}{}", signed(&assertion())));

    assert_eq!(refusal(&beside), SamlRefusal::SeveralAssertions);
    assert_eq!(refusal(&before), SamlRefusal::AssertionMisplaced);
}

#[test]
fn the_signature_of_another_message_is_refused() {
    let logout = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_logout\" Version=\"2.0\">\
         <saml:Issuer>{IDP}</saml:Issuer></samlp:LogoutRequest>"
    );
    let foreign = signature_of(&signed(&logout));
    let renamed = edit(&foreign, "#_logout", "#_assertion");

    let as_it_is = response(&after_issuer(&assertion(), &foreign));
    let pointing_here = response(&after_issuer(&assertion(), &renamed));

    assert_eq!(refusal(&as_it_is), SamlRefusal::ForeignReference);
    assert_eq!(refusal(&pointing_here), SamlRefusal::SignatureInvalid);
}

#[test]
fn a_signed_message_that_is_no_response_is_refused() {
    assert_eq!(refusal(&signed(&assertion())), SamlRefusal::NotAResponse);
    assert_eq!(
        refusal("<Response xmlns=\"urn:evil\"></Response>"),
        SamlRefusal::NotAResponse
    );
}
