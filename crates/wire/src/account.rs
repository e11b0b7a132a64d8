//! Accounts, sessions and profiles.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::status::Status;

/// Somebody wants an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Register {
    /// The e-mail address; only the user themself sees it.
    #[schema(example = "anna@example.org")]
    pub email: String,
    /// At least 8 characters; the most common ones are refused.
    #[schema(format = Password, example = "a long sentence is fine")]
    pub password: String,
    /// The name that others see.
    #[schema(example = "Anna")]
    pub name: String,
    /// A name to sign in with and to be found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "anna")]
    pub username: Option<String>,
}

/// The account exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Registered {
    /// `user_created`.
    pub status: Status,
    /// The new user.
    pub user_id: String,
}

/// Somebody signs in with a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Login {
    /// The username or the e-mail address.
    #[schema(example = "anna@example.org")]
    pub username: String,
    /// The password.
    #[schema(format = Password, example = "a long sentence is fine")]
    pub password: String,
    /// What to call this device in the list of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "laptop")]
    pub device: Option<String>,
    /// Whether to keep the session in cookies as well: for browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<bool>,
}

/// What a signed-in device holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// The access token, for `Authorization: Bearer`.
    pub token: String,
    /// Exchanges for new tokens at `POST /token/refresh`, once. Absent where it is in a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub expires_in: u64,
    /// Who signed in.
    pub user_id: String,
    /// The session, as in the list of sessions.
    pub session_id: String,
}

/// Exchanges a refresh token for new tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refresh {
    /// The refresh token; absent where it is in a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Changes of a profile; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileUpdate {
    /// The name that others see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Anna")]
    pub name: Option<String>,
    /// The address of a picture; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://example.org/anna.png")]
    pub profile_pic: Option<String>,
    /// A line about oneself; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "On the train")]
    pub status: Option<String>,
}

/// One signed-in device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionItem {
    /// The session.
    pub session_id: String,
    /// What the device was called at sign-in.
    #[schema(example = "laptop")]
    pub device: String,
    /// When it signed in.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used.
    #[serde(with = "crate::time")]
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The signed-in devices of the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionList {
    /// The sessions, the one used last first.
    pub sessions: Vec<SessionItem>,
}

/// A person, as the caller may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// The user.
    pub user_id: String,
    /// The name to show.
    #[schema(example = "Anna")]
    pub name: String,
    /// The name to be found by, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "anna")]
    pub username: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_pic: Option<String>,
    /// A line about oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "On the train")]
    pub status: Option<String>,
    /// Whether a device is connected now; absent where the person does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// When a device was last connected; absent where the person does not show it.
    #[serde(default, with = "crate::time::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
    /// The e-mail address; only in the caller's own view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the caller runs this server; only in the caller's own view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<bool>,
}

/// A person in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserSummary {
    /// The user.
    pub user_id: String,
    /// The name to show.
    #[schema(example = "Anna")]
    pub name: String,
    /// The name to be found by, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "anna")]
    pub username: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_pic: Option<String>,
}

/// Looks for people who let themselves be found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserSearchQuery {
    /// The beginning of a name or username, at least 2 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "ann")]
    pub q: Option<String>,
    /// At most so many; 20 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1, maximum = 20)]
    pub limit: Option<u64>,
}

impl UserSearchQuery {
    /// These parameters, and those of `body` where they are absent here.
    #[must_use]
    pub fn or(self, body: Self) -> Self {
        Self { q: self.q.or(body.q), limit: self.limit.or(body.limit) }
    }
}

/// The people found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserSearchResult {
    /// The best match first.
    pub users: Vec<UserSummary>,
}

/// The people whom the caller has blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockList {
    /// In the order of their ids.
    pub users: Vec<UserSummary>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registering_answers_as_the_contract_says() {
        let answer = Registered { status: Status::UserCreated, user_id: "u1".to_owned() };
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"status":"user_created","user_id":"u1"}"#
        );
    }

    #[test]
    fn the_optional_parts_of_a_login_may_be_absent() {
        let login: Login =
            crate::json::parse(br#"{"username":"anna","password":"12345678"}"#).unwrap();
        assert_eq!((login.device, login.cookie), (None, None));
    }

    #[test]
    fn somebody_elses_view_shows_only_what_is_there() {
        let view =
            UserView { user_id: "u1".to_owned(), name: "Anna".to_owned(), ..UserView::default() };
        assert_eq!(serde_json::to_string(&view).unwrap(), r#"{"user_id":"u1","name":"Anna"}"#);
    }

    #[test]
    fn query_parameters_win_over_the_body() {
        let query = UserSearchQuery { q: Some("ann".to_owned()), limit: None };
        let body = UserSearchQuery { q: Some("ben".to_owned()), limit: Some(5) };
        assert_eq!(query.or(body), UserSearchQuery { q: Some("ann".to_owned()), limit: Some(5) });
    }
}
