//! The OpenAPI document, made from the routes and the shapes of `wire`, and the page that shows it.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};
use wire::Problem;
use wire::problem::MEDIA_TYPE;

use crate::http;

/// Where the document is.
const DOCUMENT_PATH: &str = "/openapi.json";
/// Where the page is.
const PAGE_PATH: &str = "/docs";
/// What the page may do: run its own scripts, and ask this server. It styles itself in place.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Refusals that any route can give, and what they mean.
const ANYWHERE: [(u16, &str); 8] = [
    (400, "The JSON or a parameter cannot be read."),
    (413, "The body is larger than allowed."),
    (414, "The address is longer than allowed."),
    (415, "The body is not declared as JSON."),
    (422, "Well-formed, but not acceptable: `errors` lists the fields."),
    (429, "The caller's limit: try again after `Retry-After`."),
    (500, "The fault is the server's."),
    (503, "The server's limit: try again after `Retry-After`."),
];
/// Refusals of routes that ask who the caller is.
const SIGNED_IN: [(u16, &str); 3] = [
    (401, "No token, or one that is no longer good."),
    (403, "Not allowed."),
    (404, "Unknown, or not visible to the caller: one and the same answer."),
];
/// Refusals of routes that change something.
const CHANGING: [(u16, &str); 2] =
    [(409, "In conflict with the present state."), (507, "The storage is full. Nothing was lost.")];

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kith",
        description = "The API of Kith, a messenger that people run themselves. Every refusal is a problem document \
            (RFC 9457) with a stable `code`. Live events come over the WebSocket at `/socket`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(),
    ),
    components(schemas(Problem)),
    modifiers(&Schemes),
    security(("bearer" = []), ("cookie" = [])),
    tags(
        (name = "accounts", description = "Registering, and what others see of oneself."),
        (name = "sessions", description = "Signing in and out, and the signed-in devices."),
        (name = "people", description = "Finding, looking at and blocking other people."),
        (name = "preferences", description = "What a person has chosen, the same on all devices."),
        (name = "conversations", description = "The inbox, and how far one has read."),
        (name = "messages", description = "Sending, reading back, changing."),
        (name = "groups", description = "Members, roles and settings."),
        (name = "socket", description = "Live events, and sends that are answered in order."),
        (name = "operation", description = "For whoever runs the server."),
    ),
)]
pub(crate) struct Base;

/// How callers show who they are, and the refusals that all operations share.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "kith_session",
            "The session of a browser. For changes the request must come from a page of this server.",
        );
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        for (status, meaning) in ANYWHERE.into_iter().chain(SIGNED_IN).chain(CHANGING) {
            let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response =
                ResponseBuilder::new().description(meaning).content(MEDIA_TYPE, body).build();
            components.responses.insert(name_of(status), response.into());
        }
    }
}

fn name_of(status: u16) -> String {
    format!("Problem{status}")
}

/// The document.
pub fn document() -> openapi::OpenApi {
    let mut document = http::described();
    for item in document.paths.paths.values_mut() {
        add_refusals(item);
    }
    document
}

fn add_refusals(item: &mut PathItem) {
    let reading = item.get.iter_mut().map(|operation| (operation, false));
    let changing = [&mut item.post, &mut item.put, &mut item.delete].into_iter().flatten();
    for (operation, changes) in reading.chain(changing.map(|operation| (operation, true))) {
        let is_public = operation.security.is_some();
        for (status, _) in ANYWHERE {
            add(operation, status);
        }
        // Signing in is refused with the same statuses as a dead token or a foreign page.
        for (status, _) in SIGNED_IN.into_iter().filter(|(status, _)| !is_public || *status != 404)
        {
            add(operation, status);
        }
        if changes {
            CHANGING.into_iter().for_each(|(status, _)| add(operation, status));
        }
    }
}

fn add(operation: &mut Operation, status: u16) {
    let refusal = RefOr::Ref(Ref::from_response_name(name_of(status)));
    operation.responses.responses.entry(status.to_string()).or_insert(refusal);
}

/// The document and the page that shows it. Neither needs a session: they tell only what the source tells.
pub(crate) fn routes() -> Router {
    let json: Arc<str> =
        document().to_json().expect("the document is plain data with text for keys").into();
    let document = get(move || {
        let json = json.to_string();
        std::future::ready(([(header::CONTENT_TYPE, http::JSON)], json).into_response())
    });
    let config = Config::from(DOCUMENT_PATH).validator_url("none");
    let page = Router::from(SwaggerUi::new(PAGE_PATH).config(config)).layer(from_fn(as_page));
    Router::new().route(DOCUMENT_PATH, document).merge(page)
}

async fn as_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kith openapi > docs/openapi.json` writes it anew.
    #[test]
    fn the_document_in_the_repository_is_fresh() {
        let golden = include_str!("../../../docs/openapi.json");
        let now = document().to_pretty_json().expect("plain data");
        assert!(
            golden.trim_end() == now,
            "docs/openapi.json is stale: write it with `kith openapi`"
        );
    }

    #[test]
    fn each_operation_has_a_name_of_its_own_and_its_refusals() {
        let document = document();
        let items = document.paths.paths.iter();
        let operations: Vec<_> = items
            .flat_map(|(path, item)| {
                let all = [&item.get, &item.post, &item.put, &item.delete];
                all.into_iter().flatten().map(move |operation| (path, operation))
            })
            .collect();
        let mut names: Vec<_> =
            operations.iter().map(|(_, operation)| operation.operation_id.clone()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), operations.len());
        for (path, operation) in operations {
            for status in ["400", "401", "422", "429", "503"] {
                assert!(
                    operation.responses.responses.contains_key(status),
                    "{path} lacks {status}"
                );
            }
        }
    }
}
