//! How requests are read: bodies, query parameters, ids in paths, the idempotency key. What cannot be read is
//! refused here, so that a handler begins with what is well-formed.

use std::collections::HashSet;
use std::str::FromStr;

use app::message::Destination;
use app::session::Actor;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use bytes::BytesMut;
use domain::refusal::{Fault, Reason};
use domain::{ClientMessageId, ConversationId, Refusal, UserId};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use wire::Problem;
use wire::account::UserSearchQuery;
use wire::conversation::InboxQuery;
use wire::message::HistoryQuery;
use wire::statistics::StatisticsQuery;

use crate::problem::Failed;
use crate::state::Server;

/// Bytes of a body beyond the limit that are read and thrown away, so that the client gets to read the answer.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The header that names a request which creates something.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Server> for Body<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failed> {
        let json = Json::from_request(request, server).await?;
        Ok(Self(wire::json::parse(&json.0)?))
    }
}

/// A JSON body that may be absent; then it is what the default says.
pub(super) struct OptionalBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<Server> for OptionalBody<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failed> {
        let declared = is_json(request.headers());
        let bytes = bytes(request, server).await?;
        match (bytes.is_empty(), declared) {
            (true, _) => Ok(Self(T::default())),
            (false, true) => Ok(Self(wire::json::parse(&bytes)?)),
            (false, false) => Err(Problem::unsupported_media_type().into()),
        }
    }
}

/// The bytes of a body that is declared as JSON, for a handler that has to look at them twice.
pub(super) struct Json(pub(super) Bytes);

impl FromRequest<Server> for Json {
    type Rejection = Failed;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failed> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type().into());
        }
        Ok(Self(bytes(request, server).await?))
    }
}

/// Reads a body. One that is too large is read to its end all the same, up to a point: a client that is still
/// writing would not see the answer.
async fn bytes(request: Request, server: &Server) -> Result<Bytes, Failed> {
    let max =
        usize::try_from(server.edge.configuration().limits.body_bytes_max).unwrap_or(usize::MAX);
    let waits = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if waits && announced > max {
        return Err(Problem::too_large().into());
    }
    let (mut read, mut total) = (BytesMut::with_capacity(announced.min(max)), 0_usize);
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|_| Problem::malformed())?.into_data().unwrap_or_default();
        total = total.saturating_add(data.len());
        if total <= max {
            read.extend_from_slice(&data);
        } else if total - max > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if total > max { Err(Problem::too_large().into()) } else { Ok(read.freeze()) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The fields of a `GET`: query parameters, and those of a JSON body where they are absent.
pub(super) struct Fields<T>(pub(super) T);

/// Fields that a query and a body can give together.
pub(super) trait Together: DeserializeOwned + Default + Send {
    /// These, and those of `body` where they are absent here.
    fn together(self, body: Self) -> Self;
}

macro_rules! together {
    ($($query:ty),*) => {
        $(impl Together for $query {
            fn together(self, body: Self) -> Self {
                self.or(body)
            }
        })*
    };
}

together!(HistoryQuery, InboxQuery, StatisticsQuery, UserSearchQuery);

impl<T: Together> FromRequest<Server> for Fields<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failed> {
        let query: T = parse_query(request.uri())?;
        let OptionalBody(body) = OptionalBody::from_request(request, server).await?;
        Ok(Self(query.together(body)))
    }
}

/// Query parameters alone, where a body would be out of place.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Server> for Parameters<T> {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Failed> {
        parse_query(&parts.uri).map(Self)
    }
}

fn parse_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failed> {
    match Query::try_from_uri(uri) {
        Ok(Query(query)) => Ok(query),
        Err(_) => {
            Err(Problem::invalid_parameter(culprit::<T>(uri.query().unwrap_or_default())).into())
        }
    }
}

/// The parameter that cannot be read: one that fails by itself, or else one that is there twice.
fn culprit<T: DeserializeOwned>(query: &str) -> &str {
    fn name_of(pair: &str) -> &str {
        pair.split('=').next().unwrap_or_default()
    }

    let pairs = || query.split('&').filter(|pair| !pair.is_empty());
    let fails = |pair: &&str| {
        let uri = format!("/?{pair}").parse::<Uri>();
        uri.is_ok_and(|uri| Query::<T>::try_from_uri(&uri).is_err())
    };
    let mut seen = HashSet::new();
    let twice = || pairs().find(|pair| !seen.insert(name_of(pair)));
    pairs().find(fails).or_else(twice).map_or("", name_of)
}

/// The one id in a path. What is no id names nothing, so it gets the answer of what does not exist.
pub(super) struct Named<T>(pub(super) T);

impl<T: FromStr> FromRequestParts<Server> for Named<T> {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failed> {
        let path = Path::<String>::from_request_parts(parts, server).await;
        let id = path.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| Refusal::NotFound.into())
    }
}

/// The caller's own id of a request that creates something.
pub(super) struct IdempotencyKey(pub(super) Option<ClientMessageId>);

impl FromRequestParts<Server> for IdempotencyKey {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Failed> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let key = value
            .to_str()
            .ok()
            .and_then(|key| key.parse().ok())
            .filter(|_| values.next().is_none());
        key.map(|key| Self(Some(key)))
            .ok_or_else(|| Problem::invalid_parameter(IDEMPOTENCY_KEY).into())
    }
}

/// An id in a body. As in a path, what is no id names nothing.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

/// A user, or a conversation of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) Destination);

impl FromStr for Place {
    type Err = domain::id::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let user = text.parse::<UserId>().map(Destination::User);
        user.or_else(|_| text.parse::<ConversationId>().map(Destination::Conversation)).map(Self)
    }
}

/// The `limit` that was asked for, or the default; between one and `max`.
pub(super) fn limit(asked: Option<u64>, (default, max): (usize, usize)) -> Result<usize, Refusal> {
    let Some(asked) = asked else { return Ok(default) };
    match usize::try_from(asked) {
        Ok(0) => Err(Refusal::field("limit", Fault::Malformed)),
        Ok(asked) if asked <= max => Ok(asked),
        Ok(_) | Err(_) => Err(Refusal::field("limit", Fault::TooMany)),
    }
}

/// Refuses a field that must name the caller and names somebody else.
pub(super) fn yourself(actor: &Actor, named: Option<&str>) -> Result<(), Refusal> {
    match named {
        Some(named) if named != actor.user.to_string() => {
            Err(Refusal::Forbidden(Reason::NotYourself))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(query: &str) -> Result<HistoryQuery, String> {
        let uri = format!("/message/history?{query}").parse().unwrap();
        parse_query(&uri).map_err(|failed| {
            assert_eq!(failed.0.status, 400);
            failed.0.errors.first().map(|error| error.field.clone()).unwrap_or_default()
        })
    }

    #[test]
    fn a_parameter_that_cannot_be_read_is_named() {
        assert_eq!(history("conversation_id=g1&limit=many"), Err("limit".to_owned()));
        assert_eq!(history("limit=-1"), Err("limit".to_owned()));
        assert_eq!(history("limit"), Err("limit".to_owned()));
        assert_eq!(history("before=a&limit=5&before=b"), Err("before".to_owned()));
    }

    #[test]
    fn unknown_parameters_are_ignored() {
        let query = history("limit=5&later=1&later=2&&").expect("nothing known is wrong");
        assert_eq!(query, HistoryQuery { limit: Some(5), ..HistoryQuery::default() });
    }

    #[test]
    fn only_json_is_json() {
        let declared = |media_type: &'static str| {
            is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, media_type.parse().unwrap())]))
        };
        assert!(declared("application/json") && declared("Application/JSON; charset=utf-8"));
        assert!(
            !declared("text/plain")
                && !declared("application/jsonx")
                && !is_json(&HeaderMap::new())
        );
    }

    #[test]
    fn a_place_is_a_user_or_a_conversation() {
        let user = UserId::from_bytes([1; 16]);
        let group = ConversationId::group([1; 16]);
        assert_eq!(user.to_string().parse(), Ok(Place(Destination::User(user))));
        assert_eq!(group.to_string().parse(), Ok(Place(Destination::Conversation(group))));
        assert!("x".parse::<Place>().is_err());
    }
}
