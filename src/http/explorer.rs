//! `/graphiql`: whom the page is opened for. What it shows is in [`graphiql`].

use poem::http::{Method, StatusCode};
use poem::{Request, Response};

use super::credentials::{Caller, Credentials};
use super::edge::Edge;
use super::graphiql::{self, Bundle};

pub(super) async fn page(edge: &Edge, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into();
    }
    let credentials = Credentials::read(request.headers(), edge.callers.cookie_name());
    let viewer = match edge.callers.find(credentials).await {
        Caller::Known(viewer) => Some(viewer),
        Caller::Nobody => None,
        Caller::Unknown => return StatusCode::SERVICE_UNAVAILABLE.into(),
    };
    graphiql::open::<Bundle>(
        viewer.as_ref(),
        edge.settings.introspection,
        request.headers(),
    )
}
