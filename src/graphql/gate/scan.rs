//! The first look at a document: one pass over its bytes, before the parser runs.
//!
//! The parser is recursive and reads the whole text before it counts anything, so length, tokens and
//! bracket depth are bounded here. Input objects are checked here as well: the parsed tree has already
//! dropped all but one of two fields of the same name.

use std::collections::HashSet;

use super::{
    Limits,
    error::{RequestCode, RequestError, count, within},
};

/// Counts the tokens of `text`, or says which limit it passes.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<u64, RequestError> {
    within("text_bytes", count(text.len()), count(limits.text_bytes))?;
    let mut scan = Scan {
        limits,
        tokens: 0,
        open: Vec::new(),
        parentheses: 0,
        last_name: None,
    };
    let mut rest = text;
    while let Some(token) = next_token(&mut rest) {
        scan.take(token)?;
    }
    Ok(scan.tokens)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Open(u8),
    Close,
    Colon,
    /// Numbers, strings, the other punctuators, and bytes that no token may start with: the parser
    /// names those.
    Other,
}

struct Scan<'a> {
    limits: &'a Limits,
    tokens: u64,
    open: Vec<Frame<'a>>,
    /// How many of `open` are parentheses. A brace inside of one is an input object.
    parentheses: usize,
    last_name: Option<&'a str>,
}

enum Frame<'a> {
    Parenthesis,
    Plain,
    InputObject(HashSet<&'a str>),
}

impl<'a> Scan<'a> {
    fn take(&mut self, token: Token<'a>) -> Result<(), RequestError> {
        self.tokens = self.tokens.saturating_add(1);
        within("tokens", self.tokens, count(self.limits.tokens))?;
        let name_before = self.last_name.take();
        match token {
            Token::Name(name) => self.last_name = Some(name),
            Token::Open(bracket) => self.open(bracket)?,
            Token::Close => self.close(),
            Token::Colon => self.key(name_before)?,
            Token::Other => {}
        }
        Ok(())
    }

    fn open(&mut self, bracket: u8) -> Result<(), RequestError> {
        let frame = match bracket {
            b'(' => {
                self.parentheses += 1;
                Frame::Parenthesis
            }
            b'{' if self.parentheses > 0 => Frame::InputObject(HashSet::new()),
            _ => Frame::Plain,
        };
        self.open.push(frame);
        within(
            "brackets",
            count(self.open.len()),
            count(self.limits.brackets),
        )
    }

    /// Which bracket closes which is the parser's business; this only keeps the count.
    fn close(&mut self) {
        if let Some(Frame::Parenthesis) = self.open.pop() {
            self.parentheses -= 1;
        }
    }

    fn key(&mut self, name: Option<&'a str>) -> Result<(), RequestError> {
        let (Some(name), Some(Frame::InputObject(keys))) = (name, self.open.last_mut()) else {
            return Ok(());
        };
        if keys.insert(name) {
            return Ok(());
        }
        Err(RequestError::new(
            RequestCode::ValidationFailed,
            format!("There can be only one input field named \"{name}\"."),
        ))
    }
}

fn next_token<'a>(rest: &mut &'a str) -> Option<Token<'a>> {
    skip_ignored(rest);
    let text = *rest;
    let first = text.chars().next()?;
    let (token, length) = match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let (name, _) = split_where(text, |c| !(c.is_ascii_alphanumeric() || c == '_'));
            (Token::Name(name), name.len())
        }
        '(' => (Token::Open(b'('), 1),
        '[' => (Token::Open(b'['), 1),
        '{' => (Token::Open(b'{'), 1),
        ')' | ']' | '}' => (Token::Close, 1),
        ':' => (Token::Colon, 1),
        '"' => (Token::Other, string_length(text)),
        '.' if text.starts_with("...") => (Token::Other, 3),
        '-' | '0'..='9' => {
            let tail = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
            (Token::Other, split_where(text, tail).0.len())
        }
        other => (Token::Other, other.len_utf8()),
    };
    *rest = text.get(length..).unwrap_or_default();
    Some(token)
}

fn skip_ignored(rest: &mut &str) {
    loop {
        let text = rest.trim_start_matches([' ', ',', '\t', '\r', '\n', '\u{feff}']);
        *rest = text;
        if !text.starts_with('#') {
            return;
        }
        *rest = split_where(text, |c| matches!(c, '\r' | '\n')).1;
    }
}

/// The length of the string that starts `text`, with its quotes; an open end runs to the line's or
/// the text's end, where the parser will complain.
fn string_length(text: &str) -> usize {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        return 3 + block_length(block);
    }
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            b'\r' | b'\n' => return index,
            _ => {}
        }
    }
    text.len()
}

fn block_length(block: &str) -> usize {
    let mut start = 0;
    while let Some(found) = block.get(start..).and_then(|tail| tail.find("\"\"\"")) {
        let quotes = start + found;
        let escaped = block.get(..quotes).is_some_and(|head| head.ends_with('\\'));
        start = quotes + 3;
        if !escaped {
            return start;
        }
    }
    block.len()
}

/// Splits before the first character that `ends`.
fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}
