//! A link as a picture that a phone reads.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// Large enough to be read off a screen at arm's length.
const LEAST_SIDE: u32 = 240;

/// An SVG of the text, black on white with the margin that readers need. `None` for a text that is too long for one.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some(
        code.render::<svg::Color<'_>>()
            .min_dimensions(LEAST_SIDE, LEAST_SIDE)
            .quiet_zone(true)
            .dark_color(svg::Color("#000000"))
            .light_color(svg::Color("#ffffff"))
            .build(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_picture_that_names_no_other_place() {
        let link = format!("https://portal.example/join#{}", "A".repeat(43));
        let picture = svg(&link).unwrap();
        assert!(picture.contains("<svg") && picture.ends_with("</svg>"));
        assert!(!picture.contains("href") && !picture.contains("<script"));
        assert_ne!(svg(&link), svg(&link.to_lowercase()));
        assert_eq!(svg(&"x".repeat(10_000)), None);
    }
}
