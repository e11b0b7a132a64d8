//! What a user has chosen, the same on all of their devices.

use domain::preference as rules;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The preferences of one user. To change them, send them back whole with the `version` that was read: if another
/// device was faster the answer is 409 `stale-version`, and the client reads again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preferences {
    /// Counts the changes.
    #[schema(example = 3)]
    pub version: u64,
    /// How the clients look.
    pub theme: Theme,
    /// A BCP 47 language tag; absent to follow the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "en")]
    pub language: Option<String>,
    /// What others may know.
    #[serde(deserialize_with = "crate::json::object")]
    pub privacy: Privacy,
    /// What to be told about.
    #[serde(deserialize_with = "crate::json::object")]
    pub notifications: Notifications,
    /// Whatever the client itself wants to keep, up to 16 KiB; the server does not look inside.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub client: Map<String, Value>,
}

/// How the clients look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the device does.
    System,
}

/// What others may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Privacy {
    /// Whether the search finds the user.
    pub discoverable: bool,
    /// Whether others see that the user is online, and when they last were.
    pub show_presence: bool,
    /// Whether others see how far the user has read.
    pub send_read_receipts: bool,
}

/// What to be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notifications {
    /// Which messages notify.
    pub messages: NotifyMessages,
    /// Whether a notification shows the text.
    pub preview: bool,
    /// Whether a notification makes a sound.
    pub sound: bool,
}

/// Which messages notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotifyMessages {
    /// All of them.
    All,
    /// Those that mention the user, and those of direct conversations.
    Mentions,
    /// None.
    None,
}

impl From<&rules::Preferences> for Preferences {
    fn from(chosen: &rules::Preferences) -> Self {
        let privacy = chosen.privacy;
        let notifications = chosen.notifications;
        Self {
            version: chosen.version,
            theme: match chosen.theme {
                rules::Theme::Light => Theme::Light,
                rules::Theme::Dark => Theme::Dark,
                rules::Theme::System => Theme::System,
            },
            language: chosen.language.clone(),
            privacy: Privacy {
                discoverable: privacy.discoverable,
                show_presence: privacy.show_presence,
                send_read_receipts: privacy.send_read_receipts,
            },
            notifications: Notifications {
                messages: match notifications.messages {
                    rules::NotifyFor::All => NotifyMessages::All,
                    rules::NotifyFor::Mentions => NotifyMessages::Mentions,
                    rules::NotifyFor::Nothing => NotifyMessages::None,
                },
                preview: notifications.preview,
                sound: notifications.sound,
            },
            client: serde_json::from_str(&chosen.client).unwrap_or_default(),
        }
    }
}

impl From<Preferences> for rules::Preferences {
    fn from(chosen: Preferences) -> Self {
        Self {
            version: chosen.version,
            theme: match chosen.theme {
                Theme::Light => rules::Theme::Light,
                Theme::Dark => rules::Theme::Dark,
                Theme::System => rules::Theme::System,
            },
            language: chosen.language,
            privacy: rules::Privacy {
                discoverable: chosen.privacy.discoverable,
                show_presence: chosen.privacy.show_presence,
                send_read_receipts: chosen.privacy.send_read_receipts,
            },
            notifications: rules::Notifications {
                messages: match chosen.notifications.messages {
                    NotifyMessages::All => rules::NotifyFor::All,
                    NotifyMessages::Mentions => rules::NotifyFor::Mentions,
                    NotifyMessages::None => rules::NotifyFor::Nothing,
                },
                preview: chosen.notifications.preview,
                sound: chosen.notifications.sound,
            },
            client: Value::Object(chosen.client).to_string(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::json::{self, JsonError};

    const EXAMPLE: &str = concat!(
        r#"{"version":3,"theme":"dark","language":"en","#,
        r#""privacy":{"discoverable":true,"show_presence":false,"send_read_receipts":true},"#,
        r#""notifications":{"messages":"mentions","preview":false,"sound":true},"client":{"font_size":14}}"#
    );

    pub(crate) fn example() -> Preferences {
        json::parse_text(EXAMPLE).unwrap()
    }

    #[test]
    fn preferences_read_back_as_written() {
        assert_eq!(serde_json::to_string(&example()).unwrap(), EXAMPLE);
    }

    #[test]
    fn the_rules_see_the_same_choices() {
        let chosen = rules::Preferences::from(example());
        assert_eq!(chosen.client, r#"{"font_size":14}"#);
        assert_eq!(Preferences::from(&chosen), example());
        assert_eq!(Preferences::from(&rules::Preferences::default()).client, Map::new());
    }

    #[test]
    fn what_the_client_keeps_must_be_an_object() {
        let wrong = EXAMPLE.replace(r#"{"font_size":14}"#, "[]");
        let Err(JsonError::WrongShape { field, .. }) = json::parse_text::<Preferences>(&wrong)
        else {
            panic!("an array was taken");
        };
        assert_eq!(field, "client");
    }

    #[test]
    fn a_choice_that_does_not_exist_is_named() {
        let wrong = EXAMPLE.replace("mentions", "sometimes");
        let Err(JsonError::WrongShape { field, expected, .. }) =
            json::parse_text::<Preferences>(&wrong)
        else {
            panic!("an unknown choice was taken");
        };
        assert_eq!(field, "notifications.messages");
        assert_eq!(expected.as_deref(), Some("one of `all`, `mentions`, `none`"));
    }
}
