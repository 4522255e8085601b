//! Texts that two parsers would read in two ways, and texts that are too much for one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scene::*;
use crate::saml::{MAX_ENCODED, SamlRefusal};

fn refusal_of_form(form: &str) -> SamlRefusal {
    read_form(&identity_provider(), form, noon()).unwrap_err()
}

fn honest_with(from: &str, to: &str) -> SamlRefusal {
    refusal(&edit(&honest(), from, to))
}

#[test]
fn a_doctype_is_refused() {
    for doctype in [
        "<!DOCTYPE x>",
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:9/x.dtd\">",
        "<!DOCTYPE x [<!ENTITY a \"b\">]>",
        "<!DOCTYPE x [<!ENTITY % a SYSTEM \"file:///etc/passwd\">%a;]>",
        "<!DOCTYPE x [<!ATTLIST x y CDATA \"z\">]>",
    ] {
        let xml = format!("{doctype}{}", honest());

        assert_eq!(refusal(&xml), SamlRefusal::Doctype, "{doctype}");
    }
}

#[test]
fn an_entity_in_the_name_is_refused() {
    let xxe = format!(
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{}",
        edit(&honest(), ALICE, "&e;")
    );

    assert_eq!(refusal(&xxe), SamlRefusal::Doctype);
    assert_eq!(honest_with(ALICE, "&e;"), SamlRefusal::Malformed);
}

#[test]
fn a_comment_in_the_name_is_refused() {
    let split = bent(ALICE, "alice-7c1d<!-- -->.evil.test");
    let after_signing = edit(&honest(), ALICE, "alice<!-- -->-7c1d");

    assert_eq!(refusal(&split), SamlRefusal::Comment);
    assert_eq!(refusal(&after_signing), SamlRefusal::Comment);
}

#[test]
fn a_cdata_section_is_refused() {
    assert_eq!(
        honest_with(ALICE, "<![CDATA[alice-7c1d]]>"),
        SamlRefusal::Cdata
    );
}

#[test]
fn a_processing_instruction_is_refused() {
    assert_eq!(
        honest_with(ALICE, "alice<?x?>-7c1d"),
        SamlRefusal::ProcessingInstruction
    );
    let before_root = format!("<?xml-stylesheet href=\"x\"?>{}", honest());
    assert_eq!(refusal(&before_root), SamlRefusal::ProcessingInstruction);
}

#[test]
fn what_a_lenient_parser_would_repair_is_refused() {
    let honest = honest();
    for (what, broken) in [
        ("junk after the root", format!("{honest}junk")),
        ("a second root", format!("{honest}<x></x>")),
        ("a missing end tag", edit(&honest, "</samlp:Response>", "")),
        (
            "crossed tags",
            edit(
                &honest,
                "</saml:SubjectConfirmation></saml:Subject>",
                "</saml:Subject></saml:SubjectConfirmation>",
            ),
        ),
        (
            "a duplicate attribute",
            edit(&honest, "ID=\"_response\"", "ID=\"_response\" ID=\"_b\""),
        ),
        ("a control character", edit(&honest, ALICE, "alice\u{1}")),
        ("a bare ampersand", edit(&honest, ALICE, "a & b")),
        (
            "an unbound prefix",
            edit(&honest, "<samlp:Status>", "<y:x/><samlp:Status>"),
        ),
        ("an undefined entity", edit(&honest, ALICE, "&nbsp;")),
        ("a reference to no character", edit(&honest, ALICE, "&#0;")),
        (
            "a left angle bracket in a value",
            edit(&honest, "\"_response\"", "\"<_response\""),
        ),
        ("nothing", String::new()),
        ("only text", "alice".to_owned()),
    ] {
        assert_eq!(refusal(&broken), SamlRefusal::Malformed, "{what}");
    }
}

#[test]
fn another_encoding_is_refused() {
    for declared in ["UTF-16", "ISO-8859-1", "UTF-7", "utf8"] {
        let lie = format!(
            "<?xml version=\"1.0\" encoding=\"{declared}\"?>{}",
            honest()
        );

        assert_eq!(refusal(&lie), SamlRefusal::NotUtf8, "{declared}");
    }
    assert_eq!(
        refusal(&format!("\u{feff}{}", honest())),
        SamlRefusal::NotUtf8
    );
    let utf_16: Vec<u8> = honest().encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        refusal_of_form(&STANDARD.encode([0xff, 0xfe])),
        SamlRefusal::NotUtf8
    );
    assert_eq!(
        refusal_of_form(&STANDARD.encode(utf_16)),
        SamlRefusal::NotUtf8
    );
}

#[test]
fn another_version_of_xml_is_refused() {
    let xml_1_1 = format!("<?xml version=\"1.1\" encoding=\"UTF-8\"?>{}", honest());

    assert_eq!(refusal(&xml_1_1), SamlRefusal::Malformed);
}

#[test]
fn what_is_not_base64_is_refused() {
    assert_eq!(refusal_of_form("%%%"), SamlRefusal::NotBase64);
    assert_eq!(refusal_of_form("PHg-"), SamlRefusal::NotBase64);
    assert_eq!(refusal_of_form(""), SamlRefusal::Malformed);
}

#[test]
fn a_body_of_a_mebibyte_is_refused() {
    assert_eq!(
        refusal_of_form(&"A".repeat(1024 * 1024)),
        SamlRefusal::TooLarge
    );
    assert_eq!(
        refusal_of_form(&"A".repeat(MAX_ENCODED + 1)),
        SamlRefusal::TooLarge
    );
    assert_ne!(
        refusal_of_form(&"A".repeat(MAX_ENCODED)),
        SamlRefusal::TooLarge
    );
}

#[test]
fn too_many_elements_are_refused() {
    let many = "<x></x>".repeat(1_500);

    assert_eq!(
        honest_with("</samlp:Status>", &format!("{many}</samlp:Status>")),
        SamlRefusal::TooManyElements
    );
}

#[test]
fn too_many_attributes_are_refused() {
    let attributes =
        |count: u32| (0..count).fold(String::new(), |all, n| all + &format!(" a{n}='>'"));

    assert_eq!(
        honest_with(
            "<samlp:Status>",
            &format!("<samlp:Status{}>", attributes(33))
        ),
        SamlRefusal::TooManyAttributes
    );
    let most = edit(
        &honest(),
        "<samlp:Status>",
        &format!("<samlp:Status{}>", attributes(32)),
    );
    assert!(read(&most).is_ok());
}

#[test]
fn too_deep_a_nesting_is_refused() {
    let nested = |depth| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    let in_status = |inner: String| format!("{inner}</samlp:Status>");

    assert_eq!(
        honest_with("</samlp:Status>", &in_status(nested(31))),
        SamlRefusal::TooDeep
    );
    assert!(read(&edit(&honest(), "</samlp:Status>", &in_status(nested(30)))).is_ok());
}

#[test]
fn a_relative_namespace_is_refused() {
    for uri in ["relative", "../x", "1:x", ":x", "x:"] {
        let element = format!("<x:y xmlns:x=\"{uri}\"></x:y></samlp:Status>");

        assert_eq!(
            honest_with("</samlp:Status>", &element),
            SamlRefusal::RelativeNamespace,
            "{uri}"
        );
    }
}

#[test]
fn attributes_that_move_identifiers_or_references_are_refused() {
    for attribute in ["xml:id=\"_x\"", "xml:base=\"http://evil.test/\""] {
        let status = format!("<samlp:Status {attribute}>");

        assert_eq!(
            honest_with("<samlp:Status>", &status),
            SamlRefusal::InvalidId,
            "{attribute}"
        );
    }
}

#[test]
fn an_identifier_that_occurs_twice_is_refused_in_every_spelling() {
    for attribute in ["ID", "Id", "id", "iD"] {
        let status = format!("<samlp:Status {attribute}=\"_assertion\">");

        assert_eq!(
            honest_with("<samlp:Status>", &status),
            SamlRefusal::DuplicateId,
            "{attribute}"
        );
    }
    let prefixed = "<samlp:Status samlp:ID=\"_assertion\">";
    assert_eq!(
        honest_with("<samlp:Status>", prefixed),
        SamlRefusal::DuplicateId
    );
}

#[test]
fn an_unusual_identifier_is_refused() {
    for attribute in [
        "id=\"_x\"",
        "samlp:ID=\"_x\"",
        "ID=\"\"",
        "ID=\"1x\"",
        "ID=\"a b\"",
        "ID=\"a')\"",
    ] {
        let status = format!("<samlp:Status {attribute}>");

        assert_eq!(
            honest_with("<samlp:Status>", &status),
            SamlRefusal::InvalidId,
            "{attribute}"
        );
    }
}

#[test]
fn a_missing_identifier_is_refused() {
    assert_eq!(honest_with(" ID=\"_response\"", ""), SamlRefusal::InvalidId);
}

#[test]
fn encrypted_data_is_refused_by_name() {
    let encrypted = "<saml:EncryptedAssertion></saml:EncryptedAssertion>";
    assert_eq!(refusal(&response(encrypted)), SamlRefusal::EncryptedData);
    let id = "<saml:EncryptedID></saml:EncryptedID></saml:Subject>";
    assert_eq!(
        refusal(&bent("</saml:Subject>", id)),
        SamlRefusal::EncryptedData
    );
}

#[test]
fn a_response_without_assertion_is_refused() {
    assert_eq!(refusal(&signed(&response(""))), SamlRefusal::NoAssertion);
}
