//! A story as it is written down: who there is, and what they do one after the other.

use serde::Deserialize;

/// Everything.
#[derive(Deserialize)]
pub(crate) struct Story {
    /// When the people register, in milliseconds since 1970.
    pub(crate) begins_at_ms: u64,
    /// The password of everybody.
    pub(crate) password: String,
    /// The first one runs the server.
    pub(crate) people: Vec<Person>,
    /// In the order in which it happens.
    pub(crate) steps: Vec<Step>,
}

/// Somebody.
#[derive(Deserialize)]
pub(crate) struct Person {
    pub(crate) username: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status: Option<String>,
}

/// Somebody does something.
#[derive(Deserialize)]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) by: String,
    #[serde(flatten)]
    pub(crate) deed: Deed,
}

/// What they do. People have their usernames; groups and messages the names that the story gives them.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Deed {
    /// Founds a group.
    Found { group: String, name: String, members: Vec<String> },
    /// Writes to a person or into a group.
    Say {
        to: String,
        text: String,
        #[serde(default)]
        called: Option<String>,
        #[serde(default)]
        reply_to: Option<String>,
    },
    /// Reacts to a message.
    React { message: String, emoji: String },
    /// Changes a message.
    Edit { message: String, text: String },
    /// Deletes a message.
    Delete { message: String },
    /// Reads everything that a person or a group has written.
    Read { of: String },
}
