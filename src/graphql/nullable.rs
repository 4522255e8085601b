//! A nullable field that fails is null, and the rest of the answer stays (specification, "Handling Execution Errors").
//!
//! async-graphql 8.0.0-rc.5 hands the error of a resolver that returns `Result<Option<T>>` to the parent object, so
//! that one refused list at the root takes the whole answer with it. Here it stops where the type allows null.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::{Response, ServerError, ServerResult, Value};

pub(super) struct NullableFields;

impl ExtensionFactory for NullableFields {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Stopped::default())
    }
}

/// The errors of one request that a null stands for.
#[derive(Default)]
struct Stopped(Mutex<Vec<ServerError>>);

impl Stopped {
    fn keep(&self, error: ServerError) {
        let mut errors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        errors.push(error);
    }
}

#[async_trait]
impl Extension for Stopped {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation_name).await;
        let mut errors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        response.errors.append(&mut errors);
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let is_nullable = !info.return_type.ends_with('!');
        match next.run(ctx, info).await {
            Err(error) if is_nullable => {
                self.keep(error);
                Ok(Some(Value::Null))
            }
            answered => answered,
        }
    }
}
