//! What is left of a personal value for who may not read it: enough to recognise what one knows already (R-GEN-3).

/// `li***@example.com`.
pub(crate) fn email(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let kept = if local.chars().count() > 2 { 2 } else { 1 };
    let kept: String = local.chars().take(kept).collect();
    format!("{kept}***@{domain}")
}

/// `138****5678`; of a short number only the end.
pub(crate) fn phone(number: &str) -> String {
    let length = number.chars().count();
    let (head, tail) = if length >= 11 {
        (length - 8, 4)
    } else {
        (0, 2)
    };
    let start: String = number.chars().take(head).collect();
    let end: String = number.chars().skip(length.saturating_sub(tail)).collect();
    format!("{start}****{end}")
}

/// `李**`: the first character of a name.
pub(crate) fn name(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    format!("{first}**")
}

/// `liu***`: the first three characters of an account's name, of a short one the first.
pub(crate) fn account(name: &str) -> String {
    let kept = if name.chars().count() > 5 { 3 } else { 1 };
    let start: String = name.chars().take(kept).collect();
    format!("{start}***")
}

/// A value of any kind, by what it looks like.
pub(crate) fn any(value: &str) -> String {
    let is_number = |character: char| character.is_ascii_digit() || " +-().".contains(character);
    if value.contains('@') {
        email(value)
    } else if value.chars().all(is_number) {
        phone(value)
    } else {
        name(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_gen_3_a_value_of_any_kind_is_masked_by_what_it_looks_like() {
        assert_eq!(any("lihua@example.com"), "li***@example.com");
        assert_eq!(any("+86 138-1234-5678"), "+86 138-1****5678");
        assert_eq!(any("李华"), "李**");
        assert_eq!(any(""), "****");
    }
}
