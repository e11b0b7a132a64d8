//! Problem documents (RFC 9457): every refusal and every failure, with a stable code and what to do about it.

mod text;

use domain::Refusal;
use domain::refusal::{Fault, FieldError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::json::JsonError;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why something asked for was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub type_uri: String,
    /// The kind of problem in a few words.
    #[schema(example = "Not found")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What to do about it.
    pub detail: String,
    /// The kind of problem, for programs.
    #[schema(example = "not-found")]
    pub code: String,
    /// Names the request in the logs of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields that are not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// A field that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// The name of the field; empty for the whole body.
    #[schema(example = "password")]
    pub field: String,
    /// What is wrong, for programs.
    #[schema(example = "too-short")]
    pub code: String,
    /// What to do about it.
    pub detail: String,
}

impl Problem {
    fn new(status: u16, code: &str, title: &str, detail: &str) -> Self {
        Self {
            type_uri: format!("/problems/{code}"),
            title: title.to_owned(),
            status,
            detail: detail.to_owned(),
            code: code.to_owned(),
            request_id: None,
            errors: Vec::new(),
            retry_after_ms: None,
        }
    }

    /// 400: the body is not JSON.
    pub fn malformed() -> Self {
        let detail = "The body is not valid JSON in UTF-8. Send one JSON object.";
        Self::new(400, "malformed", "Malformed JSON", detail)
    }

    /// 400: the body is nested too deeply.
    pub fn too_deep() -> Self {
        Self::new(
            400,
            "too-deep",
            "JSON nested too deeply",
            "The body is nested too deeply. Send a flatter one.",
        )
    }

    /// 400: a query parameter or a part of the path cannot be read.
    pub fn invalid_parameter(name: &str) -> Self {
        let detail = "A parameter of the address has a value that cannot be read. Look at `errors` and correct it.";
        let mut problem = Self::new(400, "invalid-parameter", "Invalid parameter", detail);
        problem.errors.push(FieldProblem::new(name, Fault::Malformed));
        problem
    }

    /// 405: the path exists, but not with this method.
    pub fn method_not_allowed() -> Self {
        let detail =
            "This address does not take this method. The `Allow` header lists those it takes.";
        Self::new(405, "method-not-allowed", "Method not allowed", detail)
    }

    /// 426: the address speaks another protocol than the request did.
    pub fn upgrade_required() -> Self {
        let detail = "This address speaks WebSocket. Ask for it over HTTP/1.1, as an upgrade.";
        Self::new(426, "upgrade-required", "Not a WebSocket", detail)
    }

    /// 403: a browser sent it on behalf of a page of somebody else.
    pub fn cross_site() -> Self {
        let detail = "A page of another site asked for this with the cookies of this one. Ask from this site's pages, \
                      or with a token.";
        Self::new(403, "cross-site", "Request from another site", detail)
    }

    /// 408: the request did not arrive in time.
    pub fn request_timeout() -> Self {
        let detail = "The request did not arrive in time. Send it again, without pausing.";
        Self::new(408, "request-timeout", "Request took too long", detail)
    }

    /// 413: the body is larger than allowed.
    pub fn too_large() -> Self {
        Self::new(
            413,
            "too-large",
            "Body too large",
            "The body is larger than allowed. Send a smaller one.",
        )
    }

    /// 414: the address is longer than allowed.
    pub fn address_too_long() -> Self {
        Self::new(
            414,
            "address-too-long",
            "Address too long",
            "The address is longer than allowed. Shorten it.",
        )
    }

    /// 415: the body is not declared as JSON.
    pub fn unsupported_media_type() -> Self {
        let detail =
            "The body is not declared as JSON. Send it with `Content-Type: application/json`.";
        Self::new(415, "unsupported-media-type", "Not JSON", detail)
    }

    /// 500: the fault is the server's.
    pub fn internal() -> Self {
        let detail = "Something went wrong in the server. Try again; if it stays, tell the operator the request id.";
        Self::new(500, "internal", "Internal error", detail)
    }

    /// 503: the server's limit.
    pub fn overloaded(retry_after_ms: u64) -> Self {
        let detail =
            "The server cannot take this now. Try again after the time in `retry_after_ms`.";
        let problem = Self::new(503, "overloaded", "Server is busy", detail);
        Self { retry_after_ms: Some(retry_after_ms), ..problem }
    }

    /// 507: the disk is nearly full.
    pub fn storage_full() -> Self {
        let detail = "The server has no room for more. Nothing was lost; deleting still works. Tell the operator.";
        Self::new(507, "storage-full", "Storage is full", detail)
    }

    /// The same problem, naming the request.
    #[must_use]
    pub fn with_request_id(self, request_id: String) -> Self {
        Self { request_id: Some(request_id), ..self }
    }

    /// Whether trying the same again can never succeed.
    pub const fn is_final(&self) -> bool {
        !matches!(self.status, 401 | 408 | 429 | 500..)
    }

    /// The code as frames carry it: with one word, so it names the field as well.
    pub fn frame_code(&self) -> String {
        match self.errors.first() {
            Some(error) if error.field.is_empty() => error.code.clone(),
            // What REST calls `message` is the `text` of a frame.
            Some(error) if error.field == "message" => format!("text-{}", error.code),
            Some(error) => format!("{}-{}", error.field.replace('_', "-"), error.code),
            None => self.code.clone(),
        }
    }

    /// What to do about it, as frames carry it: they have no list of fields, so it names the first one.
    pub fn frame_detail(&self) -> String {
        match self.errors.first() {
            Some(error) if error.field.is_empty() => error.detail.clone(),
            Some(error) => format!("`{}`: {}", error.field, error.detail),
            None => self.detail.clone(),
        }
    }
}

impl FieldProblem {
    fn new(field: &str, fault: Fault) -> Self {
        Self {
            field: field.to_owned(),
            code: fault.code().to_owned(),
            detail: text::of_fault(fault).to_owned(),
        }
    }
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> Self {
        Self::new(error.field, error.fault)
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let (status, title, detail) = match refusal {
            Refusal::Unacceptable(_) => (422, "Not acceptable", text::UNACCEPTABLE),
            Refusal::NotFound => (404, "Not found", text::NOT_FOUND),
            Refusal::Forbidden(reason) => (403, text::title_of(*reason), text::detail_of(*reason)),
            Refusal::Conflict(reason) => (409, text::title_of(*reason), text::detail_of(*reason)),
            Refusal::IdempotencyConflict => {
                (422, "Used for something else", text::IDEMPOTENCY_CONFLICT)
            }
            Refusal::Unauthenticated => (401, "Not signed in", text::UNAUTHENTICATED),
            Refusal::TooMany { .. } => (429, "Too many requests", text::TOO_MANY),
        };
        let mut problem = Self::new(status, refusal.code(), title, detail);
        match refusal {
            Refusal::Unacceptable(errors) => {
                problem.errors = errors.iter().map(FieldProblem::from).collect();
            }
            Refusal::TooMany { retry_after_ms } => problem.retry_after_ms = Some(*retry_after_ms),
            Refusal::NotFound
            | Refusal::Forbidden(_)
            | Refusal::Conflict(_)
            | Refusal::IdempotencyConflict
            | Refusal::Unauthenticated => {}
        }
        problem
    }
}

impl From<&JsonError> for Problem {
    fn from(error: &JsonError) -> Self {
        match error {
            JsonError::NotJson => Self::malformed(),
            JsonError::TooDeep => Self::too_deep(),
            JsonError::WrongShape { field, fault, expected } => {
                let mut problem = Self::from(&Refusal::Unacceptable(Vec::new()));
                let mut wrong = FieldProblem::new(field, *fault);
                if let Some(expected) = expected {
                    wrong.detail = format!("It must be {expected}.");
                }
                problem.errors.push(wrong);
                problem
            }
        }
    }
}

#[cfg(test)]
mod tests;
