//! Bodies and answers of the REST API: every shape of `wire`.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{Problem, account, conversation, group, json, message, preference, statistics};

/// Every shape; the first byte of the input chooses one.
const SHAPES: [fn(&[u8]); 28] = [
    shape::<account::Register>,
    shape::<account::Login>,
    shape::<account::Tokens>,
    shape::<account::Refresh>,
    shape::<account::ProfileUpdate>,
    shape::<account::SessionList>,
    shape::<account::UserView>,
    shape::<account::UserSearchQuery>,
    shape::<account::UserSearchResult>,
    shape::<account::BlockList>,
    shape::<conversation::InboxQuery>,
    shape::<conversation::InboxPage>,
    shape::<conversation::ConversationDetail>,
    shape::<conversation::ReadConversation>,
    shape::<conversation::MuteConversation>,
    shape::<group::CreateGroup>,
    shape::<group::Participant>,
    shape::<group::GroupUpdate>,
    shape::<group::RoleChange>,
    shape::<message::SendMessage>,
    shape::<message::MessageSent>,
    shape::<message::HistoryQuery>,
    shape::<message::HistoryMessage>,
    shape::<message::DeleteMessage>,
    shape::<message::EditMessage>,
    shape::<message::Reaction>,
    shape::<preference::Preferences>,
    shape::<statistics::StatisticsQuery>,
];
/// A value with this sign is a secret: no text of Kith has the sign, so where it is found, the value was repeated.
const SECRET_SIGN: char = '#';
/// A shorter value may be found by chance.
const SECRET_BYTES_MIN: usize = 4;

/// What is read writes and reads back as the same; what is refused is told so in words that repeat no value.
pub fn judge(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let index = usize::from(*choice) % SHAPES.len();
    if let Some(shape) = SHAPES.get(index) {
        shape(body);
    }
}

fn shape<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8]) {
    match json::parse::<T>(body) {
        Ok(value) => {
            let written = serde_json::to_vec(&value).expect("a shape is plain data");
            assert_eq!(json::parse::<T>(&written), Ok(value));
        }
        Err(refused) => {
            let problem = Problem::from(&refused);
            assert!((400..500).contains(&problem.status), "{problem:?}");
            let written = serde_json::to_string(&problem).expect("a problem is plain data");
            if let Ok(sent) = serde_json::from_slice::<Value>(body) {
                no_secret(&sent, &written);
            }
        }
    }
}

fn no_secret(sent: &Value, answer: &str) {
    match sent {
        Value::String(text) if text.len() >= SECRET_BYTES_MIN && text.contains(SECRET_SIGN) => {
            assert!(!answer.contains(text.as_str()), "{answer} repeats what was sent");
        }
        Value::Array(values) => values.iter().for_each(|value| no_secret(value, answer)),
        Value::Object(fields) => fields.values().for_each(|value| no_secret(value, answer)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
