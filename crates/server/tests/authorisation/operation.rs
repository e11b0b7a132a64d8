//! The operations of the API document, and the states of what each of them names.

#![expect(
    clippy::indexing_slicing,
    reason = "a missing field of a JSON value is null, and fails the test"
)]

use axum::http::Method;
use domain::access::Object;
use serde_json::Value;

const MESSAGES: [Object; 11] = [
    Object::Message,
    Object::DeletedMessage,
    Object::EarlyMessage,
    Object::MemberEvent,
    Object::BeyondHead,
    Object::DirectMessage,
    Object::OwnDirectMessage,
    Object::OthersDirectMessage,
    Object::MessageOfAbsentGroup,
    Object::OtherKind,
    Object::Malformed,
];
const CONVERSATIONS: [Object; 10] = [
    Object::Group,
    Object::Direct,
    Object::Other,
    Object::OthersDirect,
    Object::AbsentGroup,
    Object::AbsentDirect,
    Object::AbsentUser,
    Object::DisabledUser,
    Object::OtherKind,
    Object::Malformed,
];
const GROUPS: [Object; 6] = [
    Object::Group,
    Object::Direct,
    Object::OthersDirect,
    Object::AbsentGroup,
    Object::OtherKind,
    Object::Malformed,
];
const USERS: [Object; 6] = [
    Object::Other,
    Object::Oneself,
    Object::AbsentUser,
    Object::DisabledUser,
    Object::OtherKind,
    Object::Malformed,
];
const SESSIONS: [Object; 5] = [
    Object::OwnSession,
    Object::OthersSession,
    Object::AbsentSession,
    Object::OtherKind,
    Object::Malformed,
];

/// One operation of the API document.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    let document = server::openapi::document().to_json().expect("plain data");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            operations.push(Operation {
                id: operation["operationId"].as_str().expect("each has a name").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
            });
        }
    }
    operations
}

impl Operation {
    /// The states of what the operation names, each of which the table must speak about.
    pub(crate) fn states(&self) -> &'static [Object] {
        let parameter = self.path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        match parameter.map(|(name, _)| name) {
            Some("message_id") => &MESSAGES,
            Some("conversation_id") => &CONVERSATIONS,
            Some("group_id") => &GROUPS,
            Some("user_id") => &USERS,
            Some("session_id") => &SESSIONS,
            Some(other) => panic!("{} names a {other}: which states can that be in?", self.id),
            None => match self.id.as_str() {
                "send_message" | "message_history" => &CONVERSATIONS,
                _ => &[],
            },
        }
    }

    /// Whether, done once, it is not the same to do it again.
    pub(crate) fn changes(&self, object: Object) -> bool {
        let same = ["mute_conversation", "read_conversation", "update_profile", "revoke_session"];
        self.method != Method::GET && object != Object::Nothing && !same.contains(&self.id.as_str())
    }
}
