//! Runs an admitted request: within its time, and with a panic as an answer instead of a closed connection.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::{EmptySubscription, ObjectType, Schema};
use futures_util::FutureExt as _;

use super::answer::{Answer, Failed, Frame, Outcome};
use super::context::Request;
use super::gate::Admitted;
use crate::error::Code;

/// Executes what the gate has admitted. `request` is what resolvers find in their context.
pub async fn execute<Q, M>(
    schema: &Schema<Q, M, EmptySubscription>,
    admitted: Admitted,
    request: Request,
    frame: Frame<'_>,
    limit: Duration,
) -> Answer
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    let frame = Frame {
        cost: Some(admitted.cost),
        ..frame
    };
    let mut query = async_graphql::Request::new("")
        .variables(admitted.variables)
        .data(request);
    query.operation_name = admitted.operation_name;
    query.set_parsed_query(admitted.document);
    // What a panic leaves behind lives in this request only.
    let run = AssertUnwindSafe(schema.execute(query)).catch_unwind();
    match tokio::time::timeout(limit, run).await {
        Ok(Ok(response)) => Answer::executed(response, frame),
        Ok(Err(_)) => {
            let failed = Failed::new(Code::Internal, "REQUEST_FAILED");
            Answer::failed(Outcome::Panic, failed, frame)
        }
        Err(_) => {
            let failed = Failed::new(Code::Timeout, "REQUEST_TIMEOUT");
            Answer::failed(Outcome::Timeout, failed, frame)
        }
    }
}

#[cfg(test)]
mod tests;
