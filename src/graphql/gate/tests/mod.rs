//! The gate against a small schema of its own, so that a change of the product's schema moves nothing here.

use serde_json::{Map, Value as Json};

use super::{Admitted, Ask, Gate, Limits, Refused, RequestCode, RequestError};

mod bombs;
mod cost;
mod document;
mod properties;
mod text;
mod variables;

const SDL: &str = r#"
"A moment" scalar DateTime
scalar UUID
directive @mark(text: String) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION | VARIABLE_DEFINITION
interface Node { id: ID! }
union Viewer = Member | Organisation
enum Stage { DRAFT SUBMITTED }
input Line { name: String! amount: Float count: Int = 1 tags: [String!] stage: Stage inner: Line }
input Search @oneOf { text: String number: Int }
type Member implements Node { id: ID! name: String organisation: Organisation manager: Member }
type MemberEdge { cursor: String! node: Member! }
type PageInfo { hasNextPage: Boolean! }
type MemberConnection { edges: [MemberEdge!]! nodes: [Member!]! pageInfo: PageInfo! totalCount: Int }
type Organisation implements Node {
  id: ID!
  members(first: Int = 5, last: Int): MemberConnection!
  allMembers: [Member!]!
  history(first: Int): [Member!]!
}
type Query {
  viewer: Viewer
  member(id: ID!): Member
  nodes(ids: [ID!]!): [Node]!
  organisation: Organisation
  members(first: Int, last: Int): MemberConnection!
  echo(line: Line, lines: [Line!], search: Search, text: String, at: DateTime): String
}
type Payload { member: Member }
type Mutation { change(line: Line): Payload! }
type Subscription { changed: Member other: Member }
schema { query: Query mutation: Mutation subscription: Subscription }
"#;

fn gate() -> Gate {
    gate_with(Limits::default())
}

fn gate_with(limits: Limits) -> Gate {
    Gate::new(SDL, limits).unwrap()
}

fn ask(query: &str) -> Ask<'_> {
    Ask {
        query,
        ..Ask::default()
    }
}

fn admit(query: &str) -> Result<Admitted, Refused> {
    gate().admit(ask(query))
}

fn admit_with(query: &str, variables: Json) -> Result<Admitted, Refused> {
    let variables: Map<String, Json> = serde_json::from_value(variables).unwrap();
    gate().admit(Ask {
        variables,
        ..ask(query)
    })
}

fn only_error(result: Result<Admitted, Refused>) -> RequestError {
    let [error] = <[RequestError; 1]>::try_from(result.unwrap_err().errors).unwrap();
    error
}

/// The name of the limit that refused the request, with what was asked and what is admitted.
fn exceeded(result: Result<Admitted, Refused>) -> (&'static str, u64, u64) {
    let error = only_error(result);
    assert_eq!(error.code, RequestCode::TooComplex);
    let passed = error.exceeded.unwrap();
    (passed.limit, passed.requested, passed.maximum)
}
