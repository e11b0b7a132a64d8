//! What a route answers with when it has done what was asked.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::json::MEDIA_TYPE;
use wire::{Done, Status};

use crate::problem::Failed;

/// The media type of every answer that is not a problem.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static(MEDIA_TYPE);

/// A JSON body with status 200.
#[derive(Clone, Debug)]
pub(super) struct Answer<T>(pub(super) T);

/// The same with status 201: something exists now that did not before.
#[derive(Clone, Debug)]
pub(super) struct Created<T>(pub(super) T);

/// What every handler returns.
pub(super) type Outcome<T> = Result<Answer<T>, Failed>;

/// A JSON body, written already, with status 200.
#[derive(Clone, Debug)]
pub(super) struct Written(pub(super) Vec<u8>);

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.0));
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.0).into_response();
        if response.status().is_success() {
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Answer(self.0)).into_response()
    }
}

/// The answer to a change that has nothing more to tell.
pub(super) fn done(status: Status) -> Outcome<Done> {
    Ok(Answer(status.into()))
}
