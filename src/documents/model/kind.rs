//! The types of files that are taken: documents and pictures that people attach as proof.
//!
//! No archives, no programs, no files with macros and nothing that a browser would run: HTML, SVG and XML.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    Png,
    Jpeg,
    Webp,
    Docx,
    Xlsx,
    Pptx,
    Csv,
    Text,
}

impl Kind {
    pub(in crate::documents) const ALL: [Self; 9] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Webp,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::Csv,
        Self::Text,
    ];

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => {
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            }
            Self::Csv => "text/csv",
            Self::Text => "text/plain",
        }
    }

    pub(in crate::documents) fn of_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == text)
    }

    /// By the last extension of a name that has something before it.
    pub(in crate::documents) fn of_name(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        Some(match extension.to_ascii_lowercase().as_str() {
            "pdf" => Self::Pdf,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "webp" => Self::Webp,
            "docx" => Self::Docx,
            "xlsx" => Self::Xlsx,
            "pptx" => Self::Pptx,
            "csv" => Self::Csv,
            "txt" => Self::Text,
            _ => return None,
        })
    }

    /// Whether a client may call it so; what a type is called in upper case or with a charset is the same type.
    pub(in crate::documents) fn is_called(self, media_type: &str) -> bool {
        let name = media_type.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(self.media_type())
            // What browsers on machines with an office suite say of a table in text.
            || (self == Self::Csv && name.eq_ignore_ascii_case("application/vnd.ms-excel"))
    }

    /// The part that an office file of this type has and no other.
    pub(super) fn main_part(self) -> Option<&'static [u8]> {
        match self {
            Self::Docx => Some(b"word/document.xml"),
            Self::Xlsx => Some(b"xl/workbook.xml"),
            Self::Pptx => Some(b"ppt/presentation.xml"),
            Self::Pdf | Self::Png | Self::Jpeg | Self::Webp | Self::Csv | Self::Text => None,
        }
    }
}
