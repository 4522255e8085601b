//! What a file is by its bytes, whatever its name says. Nothing is unpacked: only what stands at its two ends is read.

use super::kind::Kind;
use crate::documents::error::DocumentRefusal;

/// Bytes at the start that tell a type.
pub(in crate::documents) const HEAD: usize = 8 * 1024;
/// Bytes at the end in which the table of an office file must lie.
pub(in crate::documents) const TAIL: usize = 1024 * 1024;
/// What the parts of an office file may unpack to, by its own table.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
/// Parts of an office file.
const MOST_PARTS: usize = 10_000;

/// What is noticed while bytes pass.
#[derive(Debug, Default)]
pub(in crate::documents) struct Seen {
    head: Vec<u8>,
    has_control: bool,
}

impl Seen {
    pub(in crate::documents) fn pass(&mut self, chunk: &[u8]) {
        let wanted = HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend(chunk.iter().take(wanted));
        // Tabs and line ends only: UTF-8 and GB 18030 never use the others, programs and UTF-16 do.
        self.has_control |= chunk
            .iter()
            .any(|&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
    }

    /// Whether it is what its name says. `tail` is asked for only where the type has a table at its end.
    pub(in crate::documents) fn check(
        &self,
        kind: Kind,
        tail: &[u8],
    ) -> Result<(), DocumentRefusal> {
        let found = infer::get(&self.head).map(|found| found.mime_type());
        let is = match kind {
            Kind::Pdf => self.head.starts_with(b"%PDF-"),
            Kind::Png | Kind::Jpeg | Kind::Webp => found == Some(kind.media_type()),
            Kind::Csv | Kind::Text => found.is_none() && !self.has_control,
            Kind::Docx | Kind::Xlsx | Kind::Pptx => {
                self.head.starts_with(b"PK\x03\x04") && is_office(kind, tail)?
            }
        };
        if is {
            Ok(())
        } else {
            Err(DocumentRefusal::TypeDiffers)
        }
    }
}

/// Whether the table at the end of an archive lists the parts of this type. A table that nobody could read, because it
/// is cut, encrypted or in the form for huge archives, is none.
fn is_office(kind: Kind, tail: &[u8]) -> Result<bool, DocumentRefusal> {
    let Some(parts) = parts(tail) else {
        return Ok(false);
    };
    if parts.len() > MOST_PARTS || unpacked(&parts) > MOST_UNPACKED {
        return Err(DocumentRefusal::Bomb);
    }
    let has = |name: &[u8]| parts.iter().any(|part| part.name == name);
    Ok(has(b"[Content_Types].xml") && kind.main_part().is_some_and(has))
}

struct Part<'a> {
    name: &'a [u8],
    unpacked: u32,
}

fn unpacked(parts: &[Part<'_>]) -> u64 {
    parts.iter().map(|part| u64::from(part.unpacked)).sum()
}

/// The central directory of a ZIP archive (APPNOTE 4.3.12 and 4.3.16) that ends with `tail`.
fn parts(tail: &[u8]) -> Option<Vec<Part<'_>>> {
    let end = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")?;
    let record = tail.get(end..)?;
    // Nothing comes after it but its comment.
    if record.len() != 22 + usize::from(u16_at(record, 20)?) {
        return None;
    }
    let count = usize::from(u16_at(record, 10)?);
    let length = usize::try_from(u32_at(record, 12)?).ok()?;
    let mut table = tail.get(end.checked_sub(length)?..end)?;
    let mut parts = Vec::with_capacity(count.min(MOST_PARTS));
    while !table.is_empty() {
        if !table.starts_with(b"PK\x01\x02") || parts.len() > MOST_PARTS {
            return None;
        }
        let is_encrypted = u16_at(table, 8)? & 1 == 1;
        let unpacked = u32_at(table, 24)?;
        let [name_length, extra, comment] =
            [u16_at(table, 28)?, u16_at(table, 30)?, u16_at(table, 32)?].map(usize::from);
        let name = table.get(46..46 + name_length)?;
        if is_encrypted {
            return None;
        }
        parts.push(Part { name, unpacked });
        table = table.get(46 + name_length + extra + comment..)?;
    }
    (parts.len() == count).then_some(parts)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
