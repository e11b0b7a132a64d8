//! Ids as they stand in paths, bodies and frames.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::{ClientMessageId, ConversationId, MessageId, SessionId, UserId};

/// A text that is an id is the only text that names what it names.
pub fn judge(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    is_canonical::<UserId>(text);
    is_canonical::<SessionId>(text);
    is_canonical::<ConversationId>(text);
    is_canonical::<MessageId>(text);
    is_canonical::<ClientMessageId>(text);
    if let Some((one, other)) = text.split_once(' ')
        && let (Ok(one), Ok(other)) = (one.parse(), other.parse())
    {
        let direct = ConversationId::direct(one, other);
        assert_eq!(direct, ConversationId::direct(other, one));
        assert_eq!(direct.to_string().parse(), Ok(direct));
    }
}

fn is_canonical<T: FromStr<Err: Debug> + Display>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text);
    }
}
