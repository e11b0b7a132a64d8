//! The log of a conversation.

use domain::event::{
    Event, EventBody, MemberChange, Message, Reaction, ReactionChange, SettingsChange,
};
use domain::member::HistoryPolicy;
use domain::text::{Emoji, Name, Picture, Text};
use domain::{ClientMessageId, ConversationId, Seq, Timestamp, UserId};

use super::conversation::{role_from_row, role_to_row};
use super::{key, number_after};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Direction, Partition, ReadError, RowRef, Store, Write};

const EVENT: &[u8] = b"e";

mod v1 {
    use std::borrow::Cow;

    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Event<'row> {
        pub(super) sender: [u8; 16],
        pub(super) at_ms: u64,
        #[serde(borrow)]
        pub(super) client_message_id: Option<SendersId<'row>>,
        pub(super) messages: u64,
        #[serde(borrow)]
        pub(super) body: Body<'row>,
    }

    /// Most clients send UUIDs: as text they would be a fifth of a short message's row.
    #[derive(Serialize, Deserialize)]
    pub(super) enum SendersId<'row> {
        #[serde(borrow)]
        Text(Cow<'row, str>),
        Uuid([u8; 16]),
    }

    #[derive(Serialize, Deserialize)]
    pub(super) enum Body<'row> {
        Message {
            text: Option<&'row str>,
            reply_to: Option<u64>,
            edited_at_ms: Option<u64>,
            edits: u32,
            #[serde(borrow)]
            reactions: Vec<(&'row str, Vec<[u8; 16]>)>,
        },
        Edit(u64),
        Delete(u64),
        Reaction {
            target: u64,
            emoji: &'row str,
            added: bool,
        },
        MemberAdded {
            user: [u8; 16],
            role: u8,
        },
        MemberRemoved {
            user: [u8; 16],
        },
        MemberLeft {
            user: [u8; 16],
        },
        MemberRole {
            user: [u8; 16],
            role: u8,
        },
        Settings {
            name: Option<&'row str>,
            picture: Option<Option<&'row str>>,
            history_from_join: Option<bool>,
        },
    }
}

/// The event at `seq`.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(store: &Store, id: ConversationId, seq: Seq) -> Result<Option<Event>, ReadError> {
    let partition = Partition::Conversation(id);
    let key = event_key(seq);
    let Some((value, _)) = store.get(&partition, &key).await? else { return Ok(None) };
    decode(seq, &value).map(Some).ok_or_else(|| row::damaged(&partition, &key))
}

/// At most `limit` events with `from <= seq < to`, in the direction asked for.
///
/// # Errors
/// See [`Store::scan`].
pub async fn scan(
    store: &Store,
    id: ConversationId,
    (from, to): (Seq, Seq),
    page: (Direction, usize),
) -> Result<Vec<Event>, ReadError> {
    let partition = Partition::Conversation(id);
    let mut events = Vec::new();
    let decoded = |row: RowRef<'_>| {
        let seq = number_after(row.key, EVENT).map(Seq::new);
        let event = seq.and_then(|seq| decode(seq, row.value));
        events.push(event.ok_or_else(|| row::damaged(&partition, row.key))?);
        Ok(())
    };
    let range = (event_key(from), event_key(to));
    store.visit(&partition, (&range.0, &range.1), page, decoded).await?;
    Ok(events)
}

fn decode(seq: Seq, value: &[u8]) -> Option<Event> {
    from_row(seq, decode_v1(value).ok()?)
}

fn event_key(seq: Seq) -> Vec<u8> {
    key(EVENT, &[&seq.number().to_be_bytes()])
}

/// Appends an event, or rewrites the message that it is.
pub fn put(event: &Event) -> Write {
    let row = v1::Event {
        sender: event.sender.to_bytes(),
        at_ms: event.at.as_ms(),
        client_message_id: event.client_message_id.as_ref().map(id_to_row),
        messages: event.messages,
        body: body_to_row(&event.body),
    };
    Write::Put(event_key(event.seq), row::encode(1, &row))
}

fn body_to_row(body: &EventBody) -> v1::Body<'_> {
    match body {
        EventBody::Message(message) => v1::Body::Message {
            text: message.text.as_ref().map(Text::as_str),
            reply_to: message.reply_to.map(Seq::number),
            edited_at_ms: message.edited_at.map(Timestamp::as_ms),
            edits: message.edits,
            reactions: message.reactions.iter().map(reaction_to_row).collect(),
        },
        EventBody::Edit { target } => v1::Body::Edit(target.number()),
        EventBody::Delete { target } => v1::Body::Delete(target.number()),
        EventBody::Reaction { target, emoji, change } => v1::Body::Reaction {
            target: target.number(),
            emoji: emoji.as_str(),
            added: *change == ReactionChange::Added,
        },
        EventBody::Member { user, change } => member_to_row(user.to_bytes(), *change),
        EventBody::Settings(change) => v1::Body::Settings {
            name: change.name.as_ref().map(Name::as_str),
            picture: change.picture.as_ref().map(|set| set.as_ref().map(Picture::as_str)),
            history_from_join: change.history.map(|history| history == HistoryPolicy::FromJoin),
        },
    }
}

fn reaction_to_row(reaction: &Reaction) -> (&str, Vec<[u8; 16]>) {
    let users = reaction.users.iter().map(|user| user.to_bytes()).collect();
    (reaction.emoji.as_str(), users)
}

fn member_to_row(user: [u8; 16], change: MemberChange) -> v1::Body<'static> {
    match change {
        MemberChange::Added(role) => v1::Body::MemberAdded { user, role: role_to_row(role) },
        MemberChange::Removed => v1::Body::MemberRemoved { user },
        MemberChange::Left => v1::Body::MemberLeft { user },
        MemberChange::Role(role) => v1::Body::MemberRole { user, role: role_to_row(role) },
    }
}

fn id_to_row(id: &ClientMessageId) -> v1::SendersId<'_> {
    id.as_uuid().map_or_else(|| v1::SendersId::Text(id.text()), v1::SendersId::Uuid)
}

fn id_from_row(id: &v1::SendersId<'_>) -> ClientMessageId {
    match id {
        v1::SendersId::Text(text) => ClientMessageId::from_row(text),
        v1::SendersId::Uuid(uuid) => ClientMessageId::from_uuid(*uuid),
    }
}

fn from_row(seq: Seq, row: v1::Event<'_>) -> Option<Event> {
    Some(Event {
        seq,
        sender: UserId::from_bytes(row.sender),
        at: Timestamp::from_ms(row.at_ms),
        client_message_id: row.client_message_id.as_ref().map(id_from_row),
        messages: row.messages,
        body: body_from_row(row.body)?,
    })
}

fn body_from_row(body: v1::Body<'_>) -> Option<EventBody> {
    let member = |user, change| EventBody::Member { user: UserId::from_bytes(user), change };
    Some(match body {
        v1::Body::Message { text, reply_to, edited_at_ms, edits, reactions } => {
            EventBody::Message(Message {
                text: text.map(|text| Text::from_row(text.to_owned())),
                reply_to: reply_to.map(Seq::new),
                edited_at: edited_at_ms.map(Timestamp::from_ms),
                edits,
                reactions: reactions.into_iter().map(reaction_from_row).collect(),
            })
        }
        v1::Body::Edit(target) => EventBody::Edit { target: Seq::new(target) },
        v1::Body::Delete(target) => EventBody::Delete { target: Seq::new(target) },
        v1::Body::Reaction { target, emoji, added } => EventBody::Reaction {
            target: Seq::new(target),
            emoji: Emoji::from_row(emoji.to_owned()),
            change: if added { ReactionChange::Added } else { ReactionChange::Removed },
        },
        v1::Body::MemberAdded { user, role } => {
            member(user, MemberChange::Added(role_from_row(role)?))
        }
        v1::Body::MemberRemoved { user } => member(user, MemberChange::Removed),
        v1::Body::MemberLeft { user } => member(user, MemberChange::Left),
        v1::Body::MemberRole { user, role } => {
            member(user, MemberChange::Role(role_from_row(role)?))
        }
        v1::Body::Settings { name, picture, history_from_join } => {
            EventBody::Settings(SettingsChange {
                name: name.map(|name| Name::from_row(name.to_owned())),
                picture: picture
                    .map(|set| set.map(|picture| Picture::from_row(picture.to_owned()))),
                history: history_from_join.map(|from_join| {
                    if from_join { HistoryPolicy::FromJoin } else { HistoryPolicy::All }
                }),
            })
        }
    })
}

fn reaction_from_row((emoji, users): (&str, Vec<[u8; 16]>)) -> Reaction {
    Reaction {
        emoji: Emoji::from_row(emoji.to_owned()),
        users: users.into_iter().map(UserId::from_bytes).collect(),
    }
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode(Seq::ZERO, value).map(drop).ok_or(Undecodable)
}
