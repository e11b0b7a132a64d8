//! Where people send to.

use domain::ConversationId;

use super::Person;

/// Where somebody sends to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// As a field of JSON, the same in frames and requests.
    pub(crate) field: String,
    pub(crate) conversation: ConversationId,
}

impl Target {
    /// From one person to another.
    pub(crate) fn person(from: &Person, to: &Person) -> Self {
        Self {
            field: format!(r#""receiver_id":"{}""#, to.id),
            conversation: ConversationId::direct(from.id, to.id),
        }
    }

    pub(crate) fn group(group: ConversationId) -> Self {
        Self { field: format!(r#""conversation_id":"{group}""#), conversation: group }
    }
}

/// Where people send to who write to each other two by two: 0 to 1, 1 to 0, 2 to 3 …
pub(crate) fn pairs(people: &[Person]) -> Vec<Target> {
    people
        .chunks_exact(2)
        .flat_map(|pair| match pair {
            [one, other] => vec![Target::person(one, other), Target::person(other, one)],
            _ => Vec::new(),
        })
        .collect()
}
