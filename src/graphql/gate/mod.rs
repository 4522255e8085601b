//! The document gate: everything about a GraphQL request that can be refused before it runs.
//!
//! async-graphql walks a fragment again at every spread before any of its limits acts (31 fragments of
//! two spreads each keep a core busy for minutes), and its parser is recursive. So a document first
//! passes here, where the work is linear in its length: `scan` bounds the text before the parser sees
//! it, `values` fits the variables to their types, `document` bounds the shape and `cost` the
//! price. What belongs here needs the schema and the request only: no database, no viewer, no HTTP.

mod cost;
mod document;
mod error;
mod limits;
mod scan;
#[cfg(test)]
mod tests;
mod types;
mod values;

use std::num::NonZeroUsize;

pub use async_graphql::parser::types::OperationType;
use async_graphql::{
    Name, Positioned, Variables,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};
use serde_json::{Map, Value as Json};

pub(crate) use self::error::truncated;
use self::{cost::Schema, error::within, types::Types};
pub use self::{
    error::{Exceeded, RequestCode, RequestError},
    limits::Limits,
};

/// Most steps that the parser takes for one document, in the whole process. The largest document
/// that [`Limits`] admits by default takes a tenth of it.
const PARSER_STEPS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(20_000_000);

/// Decides which requests may run. One per schema, shared by all requests.
#[derive(Debug)]
pub struct Gate {
    types: Types,
    limits: Limits,
}

/// A request as a client stated it.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    pub query: &'a str,
    pub operation_name: Option<&'a str>,
    pub variables: Map<String, Json>,
}

/// A request that may run.
#[derive(Debug)]
pub struct Admitted {
    pub document: ExecutableDocument,
    pub operation_type: OperationType,
    pub operation_name: Option<String>,
    /// Asks for the schema.
    pub introspects: bool,
    pub variables: Variables,
    pub cost: Cost,
    pub work: Work,
}

impl Admitted {
    /// The type of the operation, for the log and the metrics.
    pub fn kind(&self) -> &'static str {
        match self.operation_type {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        }
    }
}

/// A request that may not run, and all that is wrong with it.
#[derive(Debug)]
pub struct Refused {
    pub errors: Vec<RequestError>,
    pub work: Work,
}

/// What the operation may cost, and what it would be refused at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub requested: u64,
    pub maximum: u64,
}

/// How much of the request the gate has looked at: the proof that its work is linear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    pub tokens: u64,
    pub nodes: u64,
}

impl Gate {
    /// Reads the types of the schema, and caps the parser for the whole process.
    pub fn new(sdl: &str, limits: Limits) -> Result<Self, parser::Error> {
        let types = Types::parse(sdl)?;
        pest::set_call_limit(Some(PARSER_STEPS));
        Ok(Self { types, limits })
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Admits a request or says what is wrong with it. Work is linear in the request.
    pub fn admit(&self, ask: Ask<'_>) -> Result<Admitted, Refused> {
        let mut work = Work::default();
        let admitted = self.examine(ask, &mut work);
        admitted.map_err(|errors| Refused { errors, work })
    }

    fn examine(&self, ask: Ask<'_>, work: &mut Work) -> Result<Admitted, Vec<RequestError>> {
        work.tokens = scan::scan(ask.query, &self.limits)?;
        let document = parse_query(ask.query).map_err(|error| parse_error(&error))?;
        let operation = selected(&document, ask.operation_name)?;
        let definitions = &operation.node.variable_definitions;
        let variables = values::coerce_variables(&self.types, definitions, ask.variables)?;
        let (nodes, shape) = document::check(&document, &values::weights(&variables), &self.limits);
        work.nodes = nodes;
        let introspects = shape?.introspects;
        let schema = Schema {
            types: &self.types,
            limits: &self.limits,
            variables: &variables,
        };
        let (requested, nodes) = cost::of(&operation.node, &document, &schema);
        work.nodes += nodes;
        let maximum = self.limits.cost;
        within("cost", requested, maximum)?;
        Ok(Admitted {
            operation_type: operation.node.ty,
            introspects,
            operation_name: ask.operation_name.map(str::to_owned),
            cost: Cost { requested, maximum },
            work: *work,
            variables,
            document,
        })
    }
}

/// The operation that `name` chooses; the only one when there is no name.
fn selected<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, RequestError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    found.ok_or_else(|| {
        let message = name.map_or_else(
            || "The document has several operations: `operationName` must choose one.".to_owned(),
            |name| {
                format!(
                    "The document has no operation named \"{}\".",
                    Name::new(name)
                )
            },
        );
        RequestError::new(RequestCode::OperationUnknown, message)
    })
}

/// The parser's sentence without its drawing, which repeats the client's text.
fn parse_error(error: &parser::Error) -> RequestError {
    let sentence = error.to_string();
    let sentence = sentence
        .rsplit_once("= ")
        .map_or(sentence.as_str(), |(_, last)| last)
        .trim();
    let message = format!("Syntax error: {sentence}.");
    let refusal = RequestError::new(RequestCode::ParseFailed, message);
    error.positions().fold(refusal, RequestError::at)
}

impl From<RequestError> for Vec<RequestError> {
    fn from(error: RequestError) -> Self {
        vec![error]
    }
}
