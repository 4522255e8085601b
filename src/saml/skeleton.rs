//! Where the response, the assertion and the signatures must stand, and how a signature must look.
//!
//! Wrapping attacks keep a genuine signed element somewhere and let the reader find another one.
//! Here each element has one place, each signature covers the element that carries it, and there
//! is nothing else of these names in the whole document.

use std::collections::HashSet;

use roxmltree::{Document, Node};

use super::error::SamlRefusal;
use super::names::{self, DSIG, SAML, SAMLP};
use super::xml::only_child;

/// The element whose signature decides; a signed response covers its assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignedElement {
    Response { id: String },
    Assertion { id: String },
}

/// Checks the structure of a response and says which element is signed.
pub(super) fn inspect(document: &Document<'_>) -> Result<SignedElement, SamlRefusal> {
    let response = document.root_element();
    if !response.has_tag_name((SAMLP, "Response")) {
        return Err(SamlRefusal::NotAResponse);
    }
    refuse_ambiguous_ids(document)?;
    let assertion = the_assertion(response)?;
    let mut response_signed = false;
    let mut assertion_signed = false;
    for signature in elements(response).filter(|node| node.tag_name().name() == "Signature") {
        let owner = signature
            .parent_element()
            .ok_or(SamlRefusal::SignatureMisplaced)?;
        response_signed |= owner == response;
        assertion_signed |= owner == assertion;
        if (owner != response && owner != assertion) || !is_second_child(signature, owner) {
            return Err(SamlRefusal::SignatureMisplaced);
        }
        check_signature(signature, owner)?;
    }
    if response_signed {
        Ok(SignedElement::Response {
            id: id_of(response)?,
        })
    } else if assertion_signed {
        Ok(SignedElement::Assertion {
            id: id_of(assertion)?,
        })
    } else {
        Err(SamlRefusal::Unsigned)
    }
}

pub(super) fn id_of(node: Node<'_, '_>) -> Result<String, SamlRefusal> {
    node.attribute("ID")
        .map(str::to_owned)
        .ok_or(SamlRefusal::InvalidId)
}

fn elements<'a, 'input: 'a>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants().filter(Node::is_element)
}

/// libxml2 compares attribute names without their namespace, and some readers know `Id` or `id`:
/// all spellings count as identifiers, none may repeat, and only `ID` and `Id` are usual.
pub(super) fn refuse_ambiguous_ids(document: &Document<'_>) -> Result<(), SamlRefusal> {
    let ids: Vec<_> = document
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| attribute.name().eq_ignore_ascii_case("id"))
        .collect();
    let mut seen = HashSet::new();
    if !ids.iter().all(|id| seen.insert(id.value())) {
        return Err(SamlRefusal::DuplicateId);
    }
    let usual = |id: &roxmltree::Attribute<'_, '_>| {
        id.namespace().is_none() && ["ID", "Id"].contains(&id.name()) && is_name(id.value())
    };
    if ids.iter().all(usual) {
        Ok(())
    } else {
        Err(SamlRefusal::InvalidId)
    }
}

/// A name that needs no quoting anywhere: the reference `#…` must not become an `XPointer`.
fn is_name(value: &str) -> bool {
    value.len() <= 256
        && value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

fn the_assertion<'a, 'input>(response: Node<'a, 'input>) -> Result<Node<'a, 'input>, SamlRefusal> {
    let mut assertion = None;
    for node in elements(response).skip(1) {
        let name = node.tag_name().name();
        if name == "Response" {
            return Err(SamlRefusal::NestedResponse);
        }
        if name.starts_with("Encrypted") {
            return Err(SamlRefusal::EncryptedData);
        }
        if name != "Assertion" {
            continue;
        }
        if assertion.is_some() {
            return Err(SamlRefusal::SeveralAssertions);
        }
        if node.tag_name().namespace() != Some(SAML) || node.parent() != Some(response) {
            return Err(SamlRefusal::AssertionMisplaced);
        }
        assertion = Some(node);
    }
    assertion.ok_or(SamlRefusal::NoAssertion)
}

/// The schema puts the signature right behind the issuer.
fn is_second_child(signature: Node<'_, '_>, owner: Node<'_, '_>) -> bool {
    let mut children = owner.children().filter(Node::is_element);
    let issuer_first = children
        .next()
        .is_some_and(|first| first.has_tag_name((SAML, "Issuer")));
    issuer_first && children.next() == Some(signature)
}

fn check_signature(signature: Node<'_, '_>, owner: Node<'_, '_>) -> Result<(), SamlRefusal> {
    let shape = SamlRefusal::SignatureShape;
    let (required, key_info) = match dsig_children(signature)?.as_slice() {
        [info, value] => ([*info, *value], None),
        [info, value, key] => ([*info, *value], Some(*key)),
        _ => return Err(shape),
    };
    let [signed_info, value] = required;
    let named = signed_info.has_tag_name((DSIG, "SignedInfo"))
        && value.has_tag_name((DSIG, "SignatureValue"))
        && key_info.is_none_or(|key| key.has_tag_name((DSIG, "KeyInfo")));
    // Keys come from metadata only. A retrieval method would ask the library to fetch one.
    let fetches = elements(signature).any(|node| node.tag_name().name() == "RetrievalMethod");
    if !named || fetches {
        return Err(shape);
    }
    let [canonicalization, method, reference] = dsig_children(signed_info)?
        .try_into()
        .map_err(|_other_children| shape)?;
    expect_algorithm(
        (canonicalization, "CanonicalizationMethod"),
        &[names::EXC_C14N],
        SamlRefusal::ForeignTransform,
    )?;
    expect_algorithm(
        (method, "SignatureMethod"),
        &names::SIGNATURE_ALGORITHMS,
        SamlRefusal::AlgorithmNotAllowed,
    )?;
    check_reference(reference, owner)
}

fn check_reference(reference: Node<'_, '_>, owner: Node<'_, '_>) -> Result<(), SamlRefusal> {
    let shape = SamlRefusal::SignatureShape;
    if !reference.has_tag_name((DSIG, "Reference")) {
        return Err(shape);
    }
    if reference.attribute("URI") != Some(&format!("#{}", id_of(owner)?)) {
        return Err(SamlRefusal::ForeignReference);
    }
    only_child(reference, DSIG, "Transforms", SamlRefusal::ForeignTransform)?;
    let [transforms, digest, value] = dsig_children(reference)?
        .try_into()
        .map_err(|_other_children| shape)?;
    if !transforms.has_tag_name((DSIG, "Transforms")) || !value.has_tag_name((DSIG, "DigestValue"))
    {
        return Err(shape);
    }
    let foreign = SamlRefusal::ForeignTransform;
    let [enveloped, canonicalization] = dsig_children(transforms)?
        .try_into()
        .map_err(|_other_children| foreign)?;
    expect_algorithm((enveloped, "Transform"), &[names::ENVELOPED], foreign)?;
    expect_algorithm((canonicalization, "Transform"), &[names::EXC_C14N], foreign)?;
    expect_algorithm(
        (digest, "DigestMethod"),
        &names::DIGEST_ALGORITHMS,
        SamlRefusal::AlgorithmNotAllowed,
    )
}

/// Child elements, all of which must belong to the signature vocabulary.
fn dsig_children<'a, 'input>(node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, SamlRefusal> {
    let children: Vec<_> = node.children().filter(Node::is_element).collect();
    if children
        .iter()
        .all(|child| child.tag_name().namespace() == Some(DSIG))
    {
        Ok(children)
    } else {
        Err(SamlRefusal::SignatureShape)
    }
}

/// An algorithm of the list, without parameters: they could carry `XPath`, XSLT or a truncation.
/// Only the prefix list of exclusive canonicalisation is usual and harmless.
fn expect_algorithm(
    (node, name): (Node<'_, '_>, &str),
    allowed: &[&str],
    refusal: SamlRefusal,
) -> Result<(), SamlRefusal> {
    if !node.has_tag_name((DSIG, name)) {
        return Err(SamlRefusal::SignatureShape);
    }
    let algorithm = node.attribute("Algorithm").unwrap_or_default();
    let harmless = |child: Node<'_, '_>| {
        algorithm == names::EXC_C14N
            && child.has_tag_name((names::EXC_C14N, "InclusiveNamespaces"))
            && !child.has_children()
    };
    let parameters = node
        .children()
        .filter(Node::is_element)
        .any(|child| !harmless(child));
    if !allowed.contains(&algorithm) || parameters {
        return Err(refusal);
    }
    Ok(())
}
