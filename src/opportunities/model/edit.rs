//! What an edit does with one field: leave it, clear it, or set it.

/// What to do with one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Edit<T> {
    #[default]
    Leave,
    Clear,
    Set(T),
}

impl<T: Clone + PartialEq> Edit<T> {
    /// Puts the value into a field that is never without one; tells whether the field differs now.
    pub(super) fn put(&self, field: &mut T, cleared: T) -> bool {
        let value = match self {
            Self::Leave => return false,
            Self::Clear => cleared,
            Self::Set(value) => value.clone(),
        };
        std::mem::replace(field, value) != *field
    }

    /// Puts the value into a field that may be without one; tells whether the field differs now.
    pub(super) fn put_or_clear(&self, field: &mut Option<T>) -> bool {
        let value = match self {
            Self::Leave => return false,
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        };
        std::mem::replace(field, value) != *field
    }
}

impl Edit<String> {
    /// Puts the text without the white space around it.
    pub(super) fn put_text(&self, field: &mut String) -> bool {
        let trimmed = match self {
            Self::Set(text) => Self::Set(text.trim().to_owned()),
            Self::Leave => Self::Leave,
            Self::Clear => Self::Clear,
        };
        trimmed.put(field, String::new())
    }
}
