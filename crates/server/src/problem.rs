//! Problems as HTTP answers. The layer in [`crate::security`] writes the body, since it knows the request id.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use wire::problem::MEDIA_TYPE;
use wire::{JsonError, Problem};

use crate::limits::RetryAfter;

/// A request that was not done, as a route returns it: `Result<_, Failed>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed(pub Box<Problem>);

impl Failed {
    /// The problem names the request and becomes the body.
    pub(crate) fn into_body(self, request_id: &str) -> Response {
        let mut response = StatusCode::from_u16(self.0.status).unwrap_or_default().into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(ms) = self.0.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000).max(1)));
        }
        if self.0.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        match serde_json::to_vec(&self.0.with_request_id(request_id.to_owned())) {
            Ok(body) => *response.body_mut() = Body::from(body),
            Err(error) => tracing::error!(%error, "a problem cannot be written as JSON"),
        }
        response
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.0.status).unwrap_or_default().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<&Refusal> for Failed {
    fn from(refusal: &Refusal) -> Self {
        Problem::from(refusal).into()
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::from(&refusal)
    }
}

impl From<JsonError> for Failed {
    fn from(error: JsonError) -> Self {
        Problem::from(&error).into()
    }
}

impl From<RetryAfter> for Failed {
    fn from(limit: RetryAfter) -> Self {
        Refusal::TooMany { retry_after_ms: limit.ms }.into()
    }
}

/// The problem that an answer means which no route of ours wrote: the router's and the extractors' own.
pub(crate) fn of_status(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::BAD_REQUEST => Some(Problem::malformed()),
        StatusCode::UNAUTHORIZED => Some((&Refusal::Unauthenticated).into()),
        StatusCode::NOT_FOUND => Some((&Refusal::NotFound).into()),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::method_not_allowed()),
        StatusCode::REQUEST_TIMEOUT => Some(Problem::request_timeout()),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::too_large()),
        StatusCode::URI_TOO_LONG => Some(Problem::address_too_long()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Problem::unsupported_media_type()),
        StatusCode::UNPROCESSABLE_ENTITY => Some((&Refusal::Unacceptable(Vec::new())).into()),
        StatusCode::UPGRADE_REQUIRED => Some(Problem::upgrade_required()),
        status if status.is_server_error() => Some(Problem::internal()),
        _ => None,
    }
}
