//! How much one GraphQL document may ask for. Operators tune these numbers in the configuration.

/// The bounds of one operation; each is the largest value that is still admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document's text.
    pub text_bytes: usize,
    /// Lexical tokens of the document.
    pub tokens: usize,
    /// Brackets open at the same time, in the document and in the variables.
    pub brackets: usize,
    /// Levels of fields. Introspection has its own bound, `introspection_depth`.
    pub depth: u32,
    /// Levels below `__schema` and `__type`, where a type reference alone takes nine.
    pub introspection_depth: u32,
    /// Selection sets inside each other, those of fragments included; guards the native stack.
    /// async-graphql stops at 33.
    pub nesting: u32,
    pub aliases: u64,
    pub root_fields: u64,
    pub root_mutations: u64,
    /// Directives on one field, fragment, variable or operation.
    pub directives_on_one: usize,
    pub directives: u64,
    /// Selections after every fragment is written out in its place.
    pub selections: u64,
    /// Elements of argument values after fragments and variables are written out in their place;
    /// every 16 bytes of a string count as one more.
    pub values: u64,
    pub cost: u64,
    /// What a list costs that says nothing about its size.
    pub list_size: u64,
    /// What a connection costs whose `first` and `last` are absent.
    pub page_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 64 * 1024,
            tokens: 5_000,
            brackets: 64,
            depth: 12,
            introspection_depth: 20,
            nesting: 32,
            aliases: 30,
            root_fields: 20,
            root_mutations: 5,
            directives_on_one: 5,
            directives: 50,
            selections: 20_000,
            values: 250_000,
            cost: 10_000,
            list_size: 10,
            page_size: 20,
        }
    }
}
