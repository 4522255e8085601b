//! The HTTP edge: what crosses the wire, and nothing of what it means.

#[expect(dead_code, reason = "its routes come with the route table")]
mod graphiql;
pub mod listener;
pub mod tls;
