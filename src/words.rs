//! Closed lists of words: an enum whose variants are spelled in the database as in the graph.

/// Makes enums with `ALL`, `as_str` and `parse`.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub(crate) enum $name {
                $($(#[$variant_doc])* $variant,)*
            }

            impl $name {
                pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

                /// As the table has it, spelled as in GraphQL.
                pub(crate) fn as_str(self) -> &'static str {
                    match self {
                        $(Self::$variant => $text,)*
                    }
                }

                pub(crate) fn parse(text: &str) -> Option<Self> {
                    Self::ALL.iter().copied().find(|word| word.as_str() == text)
                }
            }

            // A list that is only written is no mistake.
            const _: fn(&str) -> Option<$name> = $name::parse;
        )*
    };
}
pub(crate) use words;
