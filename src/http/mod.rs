//! The HTTP edge: what crosses the wire, and nothing of what it means. This file is the route table.

mod ask;
mod client;
mod cookies;
mod credentials;
pub mod dev_iam;
mod documents;
mod edge;
mod error;
mod explorer;
mod graphiql;
mod graphql;
mod guard;
mod health;
mod join;
pub mod listener;
mod media;
mod pages;
pub mod saml;
mod session;
mod settings;
mod stall;
pub mod tls;

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt as _, Request, Response, Route};

use self::dev_iam::DevIam;
use self::saml::SamlEdge;
use crate::app::App;

pub use self::credentials::{Caller, Callers, Credentials};
pub use self::edge::{Draining, Edge, EdgeError};
pub use self::session::SignedInCallers;
pub use self::settings::EdgeSettings;

/// What answers the paths that are not in this table.
pub type Others = BoxEndpoint<'static, Response>;

/// The routes of signing in and out.
pub fn sign_in(app: Arc<App>) -> Others {
    saml::mount(Route::new(), &Arc::new(SamlEdge::new(app)))
        .map_to_response()
        .boxed()
}

/// The same, with an IAM for development that answers them.
pub fn sign_in_with_dev_iam(app: Arc<App>, iam: &Arc<DevIam>) -> Others {
    let routes = saml::mount(Route::new(), &Arc::new(SamlEdge::new(app)));
    dev_iam::mount(routes, iam).map_to_response().boxed()
}

/// All endpoints of the gateway. `others` answers every path that is not in the table below.
pub fn endpoint<E>(edge: Arc<Edge>, others: E) -> impl Endpoint<Output = Response> + 'static
where
    E: Endpoint + 'static,
{
    let routes = Routes {
        edge: Arc::clone(&edge),
        others,
    };
    edge::Around {
        edge,
        inner: routes,
    }
}

struct Routes<E> {
    edge: Arc<Edge>,
    others: E,
}

impl<E: Endpoint> Endpoint for Routes<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let edge = &*self.edge;
        let path = request.uri().path().to_owned();
        Ok(match path.as_str() {
            "/" => graphiql::landing(edge.settings.introspection),
            "/graphql" => graphql::serve(edge, request).await,
            "/schema.graphql" => graphql::schema(edge, request).await,
            "/graphiql" => explorer::page(edge, request).await,
            "/livez" => health::live(),
            "/readyz" => health::ready(edge).await,
            "/metrics" => health::metrics(edge, &request),
            path if path == "/join" || path.starts_with("/join/") => {
                join::serve(edge, request).await
            }
            path if path.starts_with("/documents/") => documents::serve(edge, request).await,
            path => match path.strip_prefix("/graphiql/assets/") {
                Some(name) => graphiql::asset::<graphiql::Bundle>(name, request.headers()),
                None => self.others.get_response(request).await,
            },
        })
    }
}
