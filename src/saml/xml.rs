//! Reading and writing XML by hand: small steps over roxmltree, and a writer that always escapes.

use roxmltree::Node;

use super::error::SamlRefusal;

/// The longest name, entity id or identifier that we accept (`SAML2Int` asks for 256; some peers
/// put a URL with parameters into an entity id).
const MAX_TEXT: usize = 1024;

/// Child elements of that name; the namespace is always part of the question.
pub(super) fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    namespace: &'a str,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children()
        .filter(move |child| child.has_tag_name((namespace, name)))
}

/// The only child element of that name; none and several are both `Err(refusal)`.
pub(super) fn only_child<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    namespace: &'a str,
    name: &'a str,
    refusal: SamlRefusal,
) -> Result<Node<'a, 'input>, SamlRefusal> {
    let mut found = children(node, namespace, name);
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(refusal),
    }
}

/// Every child element must be one of these.
pub(super) fn only_children(
    node: Node<'_, '_>,
    allowed: &[(&str, &str)],
) -> Result<(), SamlRefusal> {
    let known = |child: Node<'_, '_>| allowed.iter().any(|name| child.has_tag_name(*name));
    if node.children().filter(Node::is_element).all(known) {
        Ok(())
    } else {
        Err(SamlRefusal::UnexpectedElement)
    }
}

pub(super) fn expect_version(node: Node<'_, '_>) -> Result<(), SamlRefusal> {
    match node.attribute("Version") {
        Some("2.0") => Ok(()),
        _ => Err(SamlRefusal::WrongVersion),
    }
}

/// The text of a leaf element without surrounding white space, as pretty-printing peers add it.
pub(super) fn text(node: Node<'_, '_>) -> Result<String, SamlRefusal> {
    if node.children().any(|child| !child.is_text()) {
        return Err(SamlRefusal::InvalidText);
    }
    let text: String = node.children().filter_map(|child| child.text()).collect();
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if text.is_empty() || text.chars().count() > MAX_TEXT || text.contains(char::is_control) {
        return Err(SamlRefusal::InvalidText);
    }
    Ok(text.to_owned())
}

/// Writes XML in the order of its calls. Text and attribute values are escaped, always.
pub(super) struct XmlWriter {
    out: String,
    open: Vec<&'static str>,
}

impl XmlWriter {
    pub(super) fn new() -> Self {
        Self {
            out: String::new(),
            open: Vec::new(),
        }
    }

    pub(super) fn open(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut Self {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
        self.open.push(name);
        self
    }

    pub(super) fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    pub(super) fn leaf(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) -> &mut Self {
        self.open(name, attributes);
        escape(text, &mut self.out);
        self.close()
    }

    /// Adds a finished element, unescaped: only what this writer made and the library signed.
    pub(super) fn element(&mut self, xml: &str) -> &mut Self {
        self.out.push_str(xml);
        self
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // A parser turns these into spaces or line feeds unless they are references.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            // XML cannot carry these at all, not even as references.
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}
