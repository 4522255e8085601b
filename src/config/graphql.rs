//! `[graphql]`: how much one request may ask for, and who may read the schema.

use std::time::Duration;

use super::reader::Reader;

pub struct Graphql {
    /// The request's body, variables included.
    pub body_bytes: usize,
    /// The document alone.
    pub text_bytes: usize,
    pub tokens: usize,
    pub depth: u32,
    pub aliases: u64,
    pub root_fields: u64,
    pub root_mutations: u64,
    /// Over the whole document.
    pub directives: u64,
    /// After every fragment is written out in its place.
    pub selections: u64,
    pub cost: u64,
    pub timeout: Duration,
    pub introspection: Introspection,
}

/// Who may read the schema through the graph, and open GraphiQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Introspection {
    Everyone,
    /// Members with the permission `schema.read`, and service accounts.
    Permitted,
    Nobody,
}

const INTROSPECTION: &str = "graphql.introspection";

impl Graphql {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let policy = "`everyone`, `permitted` or `nobody`";
        let introspection = reader.parsed(
            INTROSPECTION,
            Introspection::Permitted,
            policy,
            |text| match text {
                "everyone" => Some(Introspection::Everyone),
                "permitted" => Some(Introspection::Permitted),
                "nobody" => Some(Introspection::Nobody),
                _ => None,
            },
        );
        if reader.is_for_serving() && introspection == Introspection::Everyone {
            reader.refuse(
                INTROSPECTION,
                "must be `permitted` or `nobody`: the schema is not for strangers",
            );
        }
        Self {
            body_bytes: reader.count("graphql.body_bytes", 1024 * 1024),
            text_bytes: reader.count("graphql.text_bytes", 64 * 1024),
            tokens: reader.count("graphql.tokens", 5_000),
            depth: reader.count("graphql.depth", 12),
            aliases: reader.count("graphql.aliases", 30),
            root_fields: reader.count("graphql.root_fields", 20),
            root_mutations: reader.count("graphql.root_mutations", 5),
            directives: reader.count("graphql.directives", 50),
            selections: reader.count("graphql.selections", 20_000),
            cost: reader.count("graphql.cost", 10_000),
            timeout: reader.duration("graphql.timeout", Duration::from_secs(10)),
            introspection,
        }
    }
}
