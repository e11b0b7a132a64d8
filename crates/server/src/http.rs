//! Every route of the API on one page. A handler reads the request into domain types, calls one use case, and
//! renders what it gave; what goes around all of them is in [`crate::security`].

mod account;
mod answer;
mod conversation;
mod extract;
mod group;
mod health;
mod message;
mod people;
mod preference;
mod session;
mod statistics;

use app::App;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use answer::JSON;

use crate::edge::Edge;
use crate::limits::{self, Group};
use crate::state::Server;
use crate::{openapi, socket};

/// The routes of the API, the document that describes them, and its page.
pub fn routes(edge: &Edge, app: &App) -> Router {
    let limited = groups().into_iter().map(|(group, routes)| {
        routes.route_layer(from_fn_with_state((edge.clone(), group), limits::apply))
    });
    let (routes, _) = limited.fold(OpenApiRouter::new(), OpenApiRouter::merge).split_for_parts();
    routes
        // Sending media is not offered; without this line its address would count as that of a message.
        .route("/message/send_media", any(StatusCode::NOT_FOUND))
        .with_state(Server { app: app.clone(), edge: edge.clone() })
        .merge(openapi::routes())
}

/// What [`crate::openapi`] describes.
pub(crate) fn described() -> utoipa::openapi::OpenApi {
    let routes = groups().into_iter().map(|(_, routes)| routes);
    let base = OpenApiRouter::with_openapi(openapi::Base::openapi());
    routes.fold(base, OpenApiRouter::merge).into_openapi()
}

/// All routes, by the limits that they share. Method and path stand at each handler.
fn groups() -> [(Group, OpenApiRouter<Server>); 8] {
    [
        (Group::Register, OpenApiRouter::new().routes(routes!(account::register))),
        (
            Group::Login,
            OpenApiRouter::new().routes(routes!(session::login)).routes(routes!(session::refresh)),
        ),
        (Group::Search, OpenApiRouter::new().routes(routes!(people::search))),
        (Group::Send, sending()),
        (Group::Read, reading()),
        (Group::SocketHello, OpenApiRouter::new().routes(routes!(socket::open))),
        (
            Group::SignOut,
            OpenApiRouter::new().routes(routes!(session::logout)).routes(routes!(session::revoke)),
        ),
        (Group::General, general()),
    ]
}

fn sending() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(message::send))
        .routes(routes!(message::edit))
        .routes(routes!(message::delete))
        .routes(routes!(message::react))
        .routes(routes!(message::unreact))
        .routes(routes!(conversation::read))
        .routes(routes!(group::create))
}

fn reading() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(message::history))
        .routes(routes!(message::get))
        .routes(routes!(conversation::list))
        .routes(routes!(conversation::get))
        .routes(routes!(people::get))
        .routes(routes!(people::blocked))
        .routes(routes!(preference::get))
        .routes(routes!(session::list))
}

fn general() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(account::update_profile))
        .routes(routes!(people::block))
        .routes(routes!(people::unblock))
        .routes(routes!(preference::put))
        .routes(routes!(conversation::mute))
        .routes(routes!(group::add))
        .routes(routes!(group::remove))
        .routes(routes!(group::update))
        .routes(routes!(group::set_role))
        .routes(routes!(group::transfer))
        .routes(routes!(statistics::messages))
        .routes(routes!(health::system))
}
