//! Sending to one place or to several.

use app::live::Sent;
use app::message::{self, Destination, NewMessage};
use app::session::Actor;
use app::{App, Failure, people};
use domain::limits::RECIPIENTS_MAX;
use domain::refusal::Fault;
use domain::text::Text;
use domain::{ClientMessageId, Refusal};
use futures_util::future::join_all;
use wire::Status;
use wire::message::{MessageSent, SendMessage};

use crate::http::extract::{Place, id};
use crate::problem::Failed;
use crate::render;

/// Where a message goes.
#[derive(Debug)]
pub(super) enum Receivers {
    /// To one place.
    One(Destination),
    /// To several, each in a conversation of its own. Never empty.
    Several(Vec<Destination>),
}

impl Receivers {
    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Several(several) => several.len(),
        }
    }
}

/// Reads what to send and where to.
///
/// # Errors
/// 404 for a receiver that is no id, as for one that does not exist; 422 for everything else.
pub(super) fn parse(
    body: &SendMessage,
    key: Option<ClientMessageId>,
) -> Result<(Receivers, NewMessage), Failed> {
    let text = Text::parse(&body.message).map_err(|fault| Refusal::field("message", fault))?;
    let client_message_id = client_message_id(body.client_message_id.as_deref(), key)?;
    let receivers = receivers(body)?;
    let reply_to = match (body.reply_to.as_deref(), &receivers) {
        (None, _) => None,
        (Some(target), Receivers::One(_)) => {
            Some(target.parse().map_err(|_| Refusal::field("reply_to", Fault::Unknown))?)
        }
        (Some(_), Receivers::Several(_)) => {
            return Err(Refusal::field("reply_to", Fault::Malformed).into());
        }
    };
    Ok((receivers, NewMessage { text, reply_to, client_message_id }))
}

/// The field of the body and the header mean the same, so they may not differ.
fn client_message_id(
    field: Option<&str>,
    key: Option<ClientMessageId>,
) -> Result<Option<ClientMessageId>, Refusal> {
    let malformed = Refusal::field("client_message_id", Fault::Malformed);
    let Some(field) = field else { return Ok(key) };
    let id: ClientMessageId = field.parse().map_err(|_| malformed.clone())?;
    if key.is_some_and(|key| key != id) { Err(malformed) } else { Ok(Some(id)) }
}

fn receivers(body: &SendMessage) -> Result<Receivers, Refusal> {
    let one = |text: &str| id::<Place>(text).map(|Place(place)| place);
    match (&body.receiver_id, &body.receiver_ids, &body.conversation_id) {
        (Some(receiver), None, None) => one(receiver).map(Receivers::One),
        (None, None, Some(conversation)) => one(conversation).map(Receivers::One),
        (None, Some(several), None) => {
            let fault = match several.len() {
                0 => Some(Fault::Empty),
                1..=RECIPIENTS_MAX => None,
                _ => Some(Fault::TooMany),
            };
            if let Some(fault) = fault {
                return Err(Refusal::field("receiver_ids", fault));
            }
            let places = several.iter().map(|text| one(text)).collect::<Result<Vec<_>, _>>()?;
            let twice = places
                .iter()
                .enumerate()
                .any(|(index, place)| places.iter().take(index).any(|p| p == place));
            if twice {
                Err(Refusal::field("receiver_ids", Fault::Malformed))
            } else {
                Ok(Receivers::Several(places))
            }
        }
        (None, None, None) => Err(Refusal::field("receiver_id", Fault::Missing)),
        (Some(_), Some(_), _) => Err(Refusal::field("receiver_ids", Fault::Malformed)),
        (Some(_), None, Some(_)) | (None, Some(_), Some(_)) => {
            Err(Refusal::field("conversation_id", Fault::Malformed))
        }
    }
}

/// Sends, and waits until everything is durable.
///
/// # Errors
/// The first failure in the order of the receivers; the others may have been sent.
pub(super) async fn send(
    app: &App,
    actor: &Actor,
    receivers: Receivers,
    message: NewMessage,
) -> Result<MessageSent, Failed> {
    match receivers {
        Receivers::One(destination) => {
            let sent = message::send(app, actor, destination, message).await?;
            Ok(answer(&sent, None))
        }
        Receivers::Several(destinations) => {
            for destination in &destinations {
                reachable(app, actor, *destination).await?;
            }
            let sends = destinations
                .into_iter()
                .map(|destination| message::send(app, actor, destination, message.clone()));
            let sent = join_all(sends).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            let ids =
                sent.iter().map(|sent| render::message_id(sent.conversation, sent.seq)).collect();
            let first = sent.first().ok_or(Refusal::field("receiver_ids", Fault::Empty))?;
            Ok(answer(first, Some(ids)))
        }
    }
}

/// Refuses a receiver that does not exist before anything is sent to the others.
async fn reachable(app: &App, actor: &Actor, destination: Destination) -> Result<(), Failure> {
    match destination {
        Destination::User(user) => people::view(app, actor, user).await.map(drop),
        Destination::Conversation(id) => message::membership(app, actor.user, id).await.map(drop),
    }
}

fn answer(sent: &Sent, message_ids: Option<Vec<String>>) -> MessageSent {
    MessageSent {
        status: Status::MessageSent,
        message_id: render::message_id(sent.conversation, sent.seq),
        message_ids,
        conversation_id: sent.conversation.to_string(),
        seq: sent.seq.number(),
        sent_at: sent.at,
        dup: sent.duplicate,
    }
}

#[cfg(test)]
mod tests {
    use domain::{ConversationId, UserId};

    use super::*;

    fn anna() -> String {
        UserId::from_bytes([1; 16]).to_string()
    }

    fn group() -> String {
        ConversationId::group([1; 16]).to_string()
    }

    fn status(body: SendMessage) -> u16 {
        let body = SendMessage { message: "Hello".to_owned(), ..body };
        parse(&body, None).map_or_else(|failed| failed.0.status, |_| 200)
    }

    #[test]
    fn a_message_goes_to_exactly_one_kind_of_receiver() {
        let none = SendMessage::default();
        let one = SendMessage { receiver_id: Some(anna()), ..none.clone() };
        let conversation = SendMessage { conversation_id: Some(group()), ..none.clone() };
        let several =
            |ids: Vec<String>| SendMessage { receiver_ids: Some(ids), ..SendMessage::default() };
        for (body, expected) in [
            (none, 422),
            (SendMessage { conversation_id: Some(group()), ..one.clone() }, 422),
            (SendMessage { receiver_ids: Some(vec![anna()]), ..one.clone() }, 422),
            (SendMessage { receiver_ids: Some(vec![anna()]), ..conversation.clone() }, 422),
            (SendMessage { reply_to: Some("x".to_owned()), ..one.clone() }, 422),
            (SendMessage { receiver_id: Some("x".to_owned()), ..SendMessage::default() }, 404),
            (several(vec![]), 422),
            (several(vec![anna(), anna()]), 422),
            (several(vec![anna(), "x".to_owned()]), 404),
            (several((0..=100).map(|n| UserId::from_bytes([n; 16]).to_string()).collect()), 422),
            (several(vec![anna(), group()]), 200),
            (one, 200),
            (conversation, 200),
        ] {
            assert_eq!(status(body.clone()), expected, "{body:?}");
        }
    }

    #[test]
    fn the_header_and_the_field_may_not_differ() {
        let key = |text: &str| Some(text.parse::<ClientMessageId>().unwrap());
        assert_eq!(client_message_id(None, key("a")), Ok(key("a")));
        assert_eq!(client_message_id(Some("a"), None), Ok(key("a")));
        assert_eq!(client_message_id(Some("a"), key("a")), Ok(key("a")));
        assert!(client_message_id(Some("a"), key("b")).is_err());
        assert!(client_message_id(Some("a b"), None).is_err());
    }
}
