//! What a message must look like before libxml2 may see it.
//!
//! libxml2 runs in recovery mode below samael: it repairs what is broken and reads on. Two readers
//! that repair differently are the ground of most SAML forgeries, so that here everything unusual
//! is refused: first by a scan of the bytes, then by a strict parser, then by [`super::skeleton`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, ParsingOptions};

use super::error::SamlRefusal;
use super::names;

/// The longest form value that we decode, white space included.
pub const MAX_ENCODED: usize = 256 * 1024;
const MAX_ELEMENTS: usize = 1_500;
const MAX_ATTRIBUTES: usize = 32;
const MAX_DEPTH: usize = 32;
/// Elements, and the texts between them.
const MAX_NODES: u32 = 4 * 1_500;

/// The text of a base64 form value. Peers break its lines, so white space is left out first.
pub(super) fn decode(form_value: &str) -> Result<String, SamlRefusal> {
    if form_value.len() > MAX_ENCODED {
        return Err(SamlRefusal::TooLarge);
    }
    let packed: Vec<u8> = form_value
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let bytes = STANDARD
        .decode(packed)
        .map_err(|_not_base64| SamlRefusal::NotBase64)?;
    String::from_utf8(bytes).map_err(|_not_utf8| SamlRefusal::NotUtf8)
}

/// Parses a message strictly, after the byte scan has bounded what the parser will meet.
pub(super) fn parse(text: &str) -> Result<Document<'_>, SamlRefusal> {
    let body = without_declaration(text)?;
    refuse_markup(body)?;
    Tally::of(body)?;
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(text, options).map_err(|_error| SamlRefusal::Malformed)?;
    for node in document.descendants() {
        refuse_odd_namespaces(node)?;
    }
    Ok(document)
}

/// Cuts off the XML declaration, which may name UTF-8 and nothing else. A second encoding would
/// show libxml2 another document than ours.
fn without_declaration(text: &str) -> Result<&str, SamlRefusal> {
    // A byte order mark, or the zero bytes of a wider encoding.
    if text.starts_with('\u{feff}') || text.contains('\0') {
        return Err(SamlRefusal::NotUtf8);
    }
    let Some(rest) = text.strip_prefix("<?xml ") else {
        return Ok(text);
    };
    let (declaration, body) = rest.split_once("?>").ok_or(SamlRefusal::Malformed)?;
    for part in declaration.split_ascii_whitespace() {
        match part.replace('\'', "\"").to_ascii_lowercase().as_str() {
            "version=\"1.0\"" | "encoding=\"utf-8\"" | "standalone=\"yes\""
            | "standalone=\"no\"" => {}
            other if other.starts_with("encoding=") => return Err(SamlRefusal::NotUtf8),
            _ => return Err(SamlRefusal::Malformed),
        }
    }
    Ok(body)
}

/// `<!` and `<?` cannot stand in the text or the attributes of a well-formed document, so that a
/// search of the bytes finds every DOCTYPE, comment, CDATA section and processing instruction.
fn refuse_markup(body: &str) -> Result<(), SamlRefusal> {
    if body.contains("<!DOCTYPE") || body.contains("<!ENTITY") {
        Err(SamlRefusal::Doctype)
    } else if body.contains("<!--") {
        Err(SamlRefusal::Comment)
    } else if body.contains("<![CDATA[") {
        Err(SamlRefusal::Cdata)
    } else if body.contains("<?") {
        Err(SamlRefusal::ProcessingInstruction)
    } else if body.contains("<!") {
        Err(SamlRefusal::Malformed)
    } else {
        Ok(())
    }
}

/// Counts tags without understanding them: enough to bound a parser, whose checks for duplicates
/// grow with the square of the attributes of an element.
struct Tally {
    elements: usize,
    depth: usize,
    attributes: usize,
}

impl Tally {
    fn of(body: &str) -> Result<(), SamlRefusal> {
        let mut tally = Self {
            elements: 0,
            depth: 0,
            attributes: 0,
        };
        let mut rest = body;
        while let Some((_, tag)) = rest.split_once('<') {
            rest = tally.tag(tag)?;
        }
        Ok(())
    }

    /// Reads one tag, from behind its `<`, and returns what follows it.
    fn tag<'a>(&mut self, tag: &'a str) -> Result<&'a str, SamlRefusal> {
        if let Some(closing) = tag.strip_prefix('/') {
            self.depth = self.depth.saturating_sub(1);
            return Ok(closing);
        }
        self.elements += 1;
        self.depth += 1;
        self.attributes = 0;
        if self.elements > MAX_ELEMENTS {
            return Err(SamlRefusal::TooManyElements);
        }
        if self.depth > MAX_DEPTH {
            return Err(SamlRefusal::TooDeep);
        }
        let mut rest = tag;
        loop {
            let at = rest.find(['>', '"', '\'']).ok_or(SamlRefusal::Malformed)?;
            let (before, found) = rest.split_at(at);
            let quote = found.chars().next().ok_or(SamlRefusal::Malformed)?;
            let after = found.strip_prefix(quote).ok_or(SamlRefusal::Malformed)?;
            if quote == '>' {
                if before.ends_with('/') {
                    self.depth -= 1;
                }
                return Ok(after);
            }
            self.attributes += 1;
            if self.attributes > MAX_ATTRIBUTES {
                return Err(SamlRefusal::TooManyAttributes);
            }
            (_, rest) = after.split_once(quote).ok_or(SamlRefusal::Malformed)?;
        }
    }
}

/// Canonicalisation fails on relative namespaces and then signs an empty text; `xml:base` and
/// `xml:id` would change what an identifier or a reference means.
fn refuse_odd_namespaces(node: roxmltree::Node<'_, '_>) -> Result<(), SamlRefusal> {
    let has_scheme = |uri: &str| {
        uri.split_once(':').is_some_and(|(scheme, rest)| {
            !rest.is_empty()
                && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        })
    };
    let undeclared =
        |namespace: &roxmltree::Namespace| namespace.name().is_none() && namespace.uri().is_empty();
    if node
        .namespaces()
        .any(|namespace| !undeclared(namespace) && !has_scheme(namespace.uri()))
    {
        return Err(SamlRefusal::RelativeNamespace);
    }
    let odd = |attribute: roxmltree::Attribute<'_, '_>| {
        attribute.namespace() == Some(names::XML) && !["lang", "space"].contains(&attribute.name())
    };
    if node.attributes().any(odd) {
        return Err(SamlRefusal::InvalidId);
    }
    Ok(())
}
