//! Reads a mail as a mail program does. The unit tests and `tests/it` both include this file, so it names nothing of
//! the crate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail as it went over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Received(pub(crate) String);

impl Received {
    /// A header of the whole mail, unfolded and decoded.
    pub(crate) fn header(&self, name: &str) -> String {
        header(self.0.split("\r\n\r\n").next().unwrap(), name)
    }

    /// The text of the part of this type, decoded.
    pub(crate) fn body(&self, media_type: &str) -> String {
        let content_type = self.header("Content-Type");
        let boundary = content_type.split("boundary=\"").nth(1).unwrap();
        let boundary = format!("--{}", boundary.split('"').next().unwrap());
        let part = self.0.split(&boundary).skip(1).find(|part| {
            let head = part.split("\r\n\r\n").next().unwrap();
            header(head, "Content-Type").starts_with(media_type)
        });
        let (head, body) = part.unwrap().split_once("\r\n\r\n").unwrap();
        let bytes = match &*header(head, "Content-Transfer-Encoding").to_lowercase() {
            "base64" => {
                let text: String = body.split_whitespace().collect();
                STANDARD.decode(text).unwrap()
            }
            "quoted-printable" => quoted_printable(body),
            _ => body.as_bytes().to_vec(),
        };
        String::from_utf8(bytes).unwrap()
    }
}

fn header(head: &str, name: &str) -> String {
    let unfolded = head.replace("\r\n ", "\n").replace("\r\n\t", "\n");
    let prefix = format!("{}:", name.to_lowercase());
    let line = unfolded
        .split("\r\n")
        .find(|line| line.to_lowercase().starts_with(&prefix));
    let Some(line) = line else {
        return String::new();
    };
    let mut text = String::new();
    let mut was_encoded = false;
    for word in line[prefix.len()..]
        .split([' ', '\n'])
        .filter(|word| !word.is_empty())
    {
        let encoded = word.to_lowercase().starts_with("=?utf-8?b?");
        let is_joined = was_encoded && encoded;
        if !(text.is_empty() || is_joined) {
            text.push(' ');
        }
        if encoded {
            let bytes = STANDARD.decode(word[10..].trim_end_matches("?=")).unwrap();
            text.push_str(&String::from_utf8(bytes).unwrap());
        } else {
            text.push_str(word);
        }
        was_encoded = encoded;
    }
    text
}

fn quoted_printable(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'=' && after.len() >= 2 {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    bytes
}
