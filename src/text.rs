//! One spelling for texts that people write in several: for comparing, never for showing.

/// Full-width forms as half-width ones, capitals as small letters, and no white space.
pub(crate) fn fold(text: &str) -> String {
    /// How far `！` (U+FF01) to `～` lie above `!` to `~`.
    const WIDTH: u32 = 0xFEE0;
    text.chars()
        .map(|character| match character {
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(u32::from(character) - WIDTH).unwrap_or(character)
            }
            other => other,
        })
        .filter(|character| !character.is_whitespace() && !is_invisible(*character))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Marks without a width, which copied text brings along.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_space_make_no_difference() {
        assert_eq!(fold(" ＡＢＣ（中国）　Ltd\u{200B} "), "abc(中国)ltd");
        assert_eq!(fold("北京 市"), fold("北京市"));
    }
}
