//! One call, one answer: the HTTP side of Kith with its types.

use std::time::Duration;

use domain::{ClientMessageId, ConversationId, MessageId, UserId};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use wire::account::{Login, ProfileUpdate, Refresh, Register, Registered, Tokens, UserView};
use wire::conversation::{
    ConversationDetail, ConversationRead, InboxPage, InboxQuery, ReadConversation,
};
use wire::group::{CreateGroup, GroupCreated, Participant};
use wire::message::{EditMessage, HistoryMessage, HistoryQuery, MessageSent, SendMessage};
use wire::statistics::{MessageStatistics, StatisticsQuery};
use wire::{Done, JsonError};

use crate::Error;

/// A call without an answer for this long has an unknown outcome.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Names a creation, so that trying it again gives the first result.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// A server, and who speaks to it. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Rest {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
}

impl Rest {
    /// Speaks to the server at `base`, such as `http://127.0.0.1:8080`, as nobody yet.
    ///
    /// # Errors
    /// [`Error::Address`].
    pub fn new(base: &str) -> Result<Self, Error> {
        let address = || Error::Address(base.to_owned());
        let url = Url::parse(base).map_err(|_| address())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(address());
        }
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).tcp_nodelay(true).build();
        Ok(Self { http: http.map_err(|_| address())?, base: url, token: None })
    }

    /// The same server, spoken to with this access token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// See [`Error`]; the same for every call here.
    pub async fn register(&self, account: &Register) -> Result<Registered, Error> {
        self.call(Method::POST, &["register"], account).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn login(&self, login: &Login) -> Result<Tokens, Error> {
        self.call(Method::POST, &["login"], login).await
    }

    /// Exchanges a refresh token for new tokens.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, Error> {
        let refresh = Refresh { refresh_token: Some(refresh_token.to_owned()) };
        self.call(Method::POST, &["token", "refresh"], &refresh).await
    }

    /// Signs out: the token and its sockets are dead at once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn logout(&self) -> Result<Done, Error> {
        answer(self.request(Method::POST, self.url(&["logout"]))).await
    }

    /// Changes the profile of the caller.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_profile(
        &self,
        user: UserId,
        update: &ProfileUpdate,
    ) -> Result<Done, Error> {
        self.call(Method::PUT, &["user", &user.to_string(), "profile"], update).await
    }

    /// Somebody, as the caller may see them.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn user(&self, user: UserId) -> Result<UserView, Error> {
        self.get(&["user", &user.to_string()], &()).await
    }

    /// Sends a message. With a key, trying it again gives the first result.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(
        &self,
        message: &SendMessage,
        key: Option<&ClientMessageId>,
    ) -> Result<MessageSent, Error> {
        self.create(&["message", "send"], message, key).await
    }

    /// A page of a conversation's messages.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn history(&self, query: &HistoryQuery) -> Result<Vec<HistoryMessage>, Error> {
        self.get(&["message", "history"], query).await
    }

    /// One message.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn message(&self, message: MessageId) -> Result<HistoryMessage, Error> {
        self.get(&["message", &message.to_string()], &()).await
    }

    /// Replaces the text of a message.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn edit(&self, message: MessageId, text: &str) -> Result<Done, Error> {
        let edit = EditMessage { message: text.to_owned() };
        self.call(Method::PUT, &["message", &message.to_string()], &edit).await
    }

    /// Deletes a message: afterwards no call returns its text.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete(&self, message: MessageId) -> Result<Done, Error> {
        answer(self.request(Method::DELETE, self.url(&["message", &message.to_string()]))).await
    }

    /// A page of the inbox.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn conversations(&self, query: &InboxQuery) -> Result<InboxPage, Error> {
        self.get(&["conversations"], query).await
    }

    /// One conversation with its members.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn conversation(
        &self,
        conversation: ConversationId,
    ) -> Result<ConversationDetail, Error> {
        self.get(&["conversation", &conversation.to_string()], &()).await
    }

    /// The caller has read everything up to `seq`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn read(
        &self,
        conversation: ConversationId,
        seq: u64,
    ) -> Result<ConversationRead, Error> {
        let path = ["conversation", &conversation.to_string(), "read"];
        self.call(Method::POST, &path, &ReadConversation { seq }).await
    }

    /// Creates a group. With a key, trying it again gives the first result.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_group(
        &self,
        group: &CreateGroup,
        key: Option<&ClientMessageId>,
    ) -> Result<GroupCreated, Error> {
        self.create(&["group", "create"], group, key).await
    }

    /// Adds somebody to a group.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn add_to_group(&self, group: ConversationId, user: UserId) -> Result<Done, Error> {
        let participant = Participant { user_id: user.to_string() };
        self.call(Method::POST, &["group", &group.to_string(), "add"], &participant).await
    }

    /// Removes somebody from a group; oneself is leaving.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn remove_from_group(
        &self,
        group: ConversationId,
        user: UserId,
    ) -> Result<Done, Error> {
        let participant = Participant { user_id: user.to_string() };
        self.call(Method::POST, &["group", &group.to_string(), "remove"], &participant).await
    }

    /// What happened in a range of days; for operators.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn statistics(&self, query: &StatisticsQuery) -> Result<MessageStatistics, Error> {
        self.get(&["stats", "messages"], query).await
    }

    async fn get<Q: Serialize, T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &Q,
    ) -> Result<T, Error> {
        let mut url = self.url(path);
        let fields = serde_json::to_value(query).map_err(Error::unknown)?;
        for (name, value) in fields.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            url.query_pairs_mut().append_pair(name, &text);
        }
        answer(self.request(Method::GET, url)).await
    }

    async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &B,
    ) -> Result<T, Error> {
        answer(self.request(method, self.url(path)).json(body)).await
    }

    async fn create<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &B,
        key: Option<&ClientMessageId>,
    ) -> Result<T, Error> {
        let mut request = self.request(Method::POST, self.url(path)).json(body);
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, &*key.text());
        }
        answer(request).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let response = request.send().await.map_err(Error::unknown)?;
    let status = response.status();
    let body = response.bytes().await.map_err(Error::unknown)?;
    read_answer(status, &body)
}

/// The history is a bare array, so this cannot insist on an object as the server does with bodies.
fn read_answer<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Error> {
    if !status.is_success() {
        return Err(Error::Refused(Box::new(read_json(status, body)?)));
    }
    read_json(status, body)
}

fn read_json<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, Error> {
    let foreign = |json| Error::Foreign { status: status.as_u16(), json };
    if wire::json::is_too_deep(body) {
        return Err(foreign(Some(JsonError::TooDeep)));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => foreign(None),
        Category::Io | Category::Syntax | Category::Eof => foreign(Some(JsonError::NotJson)),
    })
}

#[cfg(test)]
mod tests {
    use wire::Problem;

    use super::*;

    #[test]
    fn paths_are_escaped_and_keep_a_prefix() {
        let rest = Rest::new("http://localhost/kith/").unwrap();
        let url = rest.url(&["message", "a/b?c"]);
        assert_eq!(url.as_str(), "http://localhost/kith/message/a%2Fb%3Fc");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for base in ["", "localhost", "ftp://localhost", "mailto:anna@example.org"] {
            assert!(matches!(Rest::new(base), Err(Error::Address(_))), "{base}");
        }
    }

    #[test]
    fn a_problem_is_a_refusal_and_anything_else_is_foreign() {
        let problem = serde_json::to_vec(&Problem::overloaded(250)).unwrap();
        let refused = read_answer::<Done>(StatusCode::SERVICE_UNAVAILABLE, &problem).unwrap_err();
        assert_eq!(refused.problem().and_then(|problem| problem.retry_after_ms), Some(250));
        assert!(!refused.is_final());
        let foreign = read_answer::<Done>(StatusCode::BAD_GATEWAY, b"<html>").unwrap_err();
        assert!(matches!(foreign, Error::Foreign { status: 502, .. }));
        let done = read_answer::<Done>(StatusCode::OK, br#"{"status":"success"}"#).unwrap();
        assert_eq!(done.status, wire::Status::Success);
        assert_eq!(read_answer::<Vec<HistoryMessage>>(StatusCode::OK, b"[]").unwrap(), []);
    }
}
