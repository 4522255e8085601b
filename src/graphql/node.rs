//! `node` and `nodes`: any object by its global id.

use async_graphql::Object;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The version of the running program.
    async fn product_version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

#[derive(Default)]
pub struct Placeholder;

#[Object]
impl Placeholder {
    async fn nothing(&self) -> bool {
        true
    }
}
