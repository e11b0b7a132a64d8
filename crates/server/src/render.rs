//! What the rules know, as the shapes that strangers see. Routes and the socket both render here, so that a message
//! looks the same wherever it is read.

mod history;

use std::borrow::Cow;

use app::conversation::{Detail, Entry, Positions};
use app::presence::Presence;
use domain::account::Account;
use domain::event::{Event, EventBody, MemberChange, Message, Reaction};
use domain::member::Member;
use domain::{ClientMessageId, ConversationId, ConversationKind, MessageId, Seq, UserId};
use wire::account::{UserSummary, UserView};
use wire::conversation::{ConversationDetail, InboxItem, MemberView};
use wire::frame::{
    self, DeleteEvent, EditEvent, LoggedEvent, MemberEvent, MessageEvent, ReactionEvent,
    SettingsEvent,
};
use wire::message::{HistoryMessage, ReactionCount};

pub use history::history;

/// An event as all members see it. `target` is the message that an edit changes, as it stands now.
pub fn event_body(
    conversation: ConversationId,
    event: &Event,
    target: Option<&Event>,
) -> frame::EventBody {
    let id = |seq| message_id(conversation, seq);
    let (sender_id, sent_at) = (event.sender.to_string(), event.at);
    match &event.body {
        EventBody::Message(message) => {
            frame::EventBody::Message(message_event(conversation, event, message))
        }
        EventBody::Edit { target: seq } => {
            let text = target.and_then(message_of).and_then(text);
            frame::EventBody::Edit(EditEvent { message_id: id(*seq), sender_id, text, sent_at })
        }
        EventBody::Delete { target } => {
            frame::EventBody::Delete(DeleteEvent { message_id: id(*target), sender_id, sent_at })
        }
        EventBody::Reaction { target, emoji, change } => {
            frame::EventBody::Reaction(ReactionEvent {
                message_id: id(*target),
                sender_id,
                emoji: emoji.as_str().to_owned(),
                change: (*change).into(),
                sent_at,
            })
        }
        EventBody::Member { user, change } => {
            let (change, role) = match change {
                MemberChange::Added(role) => (frame::MemberChange::Added, Some((*role).into())),
                MemberChange::Removed => (frame::MemberChange::Removed, None),
                MemberChange::Left => (frame::MemberChange::Left, None),
                MemberChange::Role(role) => (frame::MemberChange::Role, Some((*role).into())),
            };
            frame::EventBody::Member(MemberEvent {
                sender_id,
                user_id: user.to_string(),
                change,
                role,
                sent_at,
            })
        }
        EventBody::Settings(settings) => frame::EventBody::Settings(SettingsEvent {
            sender_id,
            name: settings.name.as_ref().map(|name| name.as_str().to_owned()),
            picture: settings
                .picture
                .as_ref()
                .map(|picture| picture.as_ref().map_or("", |picture| picture.as_str()).to_owned()),
            history_for_new_members: settings.history.map(Into::into),
            sent_at,
        }),
    }
}

/// An event as `viewer` sees it: the viewer's own messages carry the id that they were sent with.
pub fn event_body_for(
    viewer: UserId,
    conversation: ConversationId,
    event: &Event,
    target: Option<&Event>,
) -> frame::EventBody {
    let mut body = event_body(conversation, event, target);
    if let frame::EventBody::Message(message) = &mut body {
        message.client_message_id = client_message_id(event, viewer);
    }
    body
}

fn message_event(conversation: ConversationId, event: &Event, message: &Message) -> MessageEvent {
    MessageEvent {
        message_id: message_id(conversation, event.seq),
        sender_id: event.sender.to_string(),
        text: text(message),
        sent_at: event.at,
        reply_to: message.reply_to.map(|seq| message_id(conversation, seq)),
        edited_at: message.edited_at,
        deleted: message.text.is_none(),
        reactions: message.reactions.iter().map(reaction).collect(),
        client_message_id: None,
    }
}

/// A message of the history; nothing for an event of another kind.
pub fn history_message(
    conversation: ConversationId,
    event: &Event,
    viewer: UserId,
) -> Option<HistoryMessage> {
    let message = message_of(event)?;
    Some(HistoryMessage {
        message_id: message_id(conversation, event.seq),
        conversation_id: conversation.to_string(),
        seq: event.seq.number(),
        sender_id: event.sender.to_string(),
        text: text(message),
        sent_at: event.at,
        edited_at: message.edited_at,
        deleted: message.text.is_none(),
        reply_to: message.reply_to.map(|seq| message_id(conversation, seq)),
        reactions: message.reactions.iter().map(reaction).collect(),
        client_message_id: client_message_id(event, viewer),
    })
}

/// The id of the message at `seq`.
pub fn message_id(conversation: ConversationId, seq: Seq) -> String {
    MessageId { conversation, seq }.to_string()
}

const fn message_of(event: &Event) -> Option<&Message> {
    match &event.body {
        EventBody::Message(message) => Some(message),
        EventBody::Edit { .. }
        | EventBody::Delete { .. }
        | EventBody::Reaction { .. }
        | EventBody::Member { .. }
        | EventBody::Settings(_) => None,
    }
}

fn text(message: &Message) -> Option<String> {
    message.text.as_ref().map(|text| text.as_str().to_owned())
}

fn client_message_id(event: &Event, viewer: UserId) -> Option<String> {
    own_id(event, viewer).map(Cow::into_owned)
}

/// The id that the viewer's own message was sent with.
fn own_id(event: &Event, viewer: UserId) -> Option<Cow<'_, str>> {
    let id = event.client_message_id.as_ref();
    id.filter(|id| event.sender == viewer && !id.is_made_up()).map(ClientMessageId::text)
}

fn reaction(reaction: &Reaction) -> ReactionCount {
    ReactionCount {
        emoji: reaction.emoji.as_str().to_owned(),
        count: reaction.users.len() as u64,
        user_ids: reaction.users.iter().map(UserId::to_string).collect(),
    }
}

/// A person, as `viewer` may see them.
pub fn user_view(viewer: UserId, account: &Account, presence: Presence) -> UserView {
    let own = account.id == viewer;
    let (online, last_seen_at) = match presence {
        Presence::Hidden => (None, None),
        Presence::Online => (Some(true), None),
        Presence::Offline(last_seen_at) => (Some(false), last_seen_at),
    };
    let status = account.status.as_str();
    UserView {
        user_id: account.id.to_string(),
        name: account.name.as_str().to_owned(),
        username: account.username.as_ref().map(|username| username.as_str().to_owned()),
        profile_pic: account.picture.as_ref().map(|picture| picture.as_str().to_owned()),
        status: (!status.is_empty()).then(|| status.to_owned()),
        online,
        last_seen_at,
        email: own.then(|| account.email.as_str().to_owned()),
        operator: own.then_some(account.operator),
    }
}

/// A person in a list.
pub fn user_summary(account: &Account) -> UserSummary {
    UserSummary {
        user_id: account.id.to_string(),
        name: account.name.as_str().to_owned(),
        username: account.username.as_ref().map(|username| username.as_str().to_owned()),
        profile_pic: account.picture.as_ref().map(|picture| picture.as_str().to_owned()),
    }
}

/// A line of the inbox. `peer` is the other person of a direct conversation.
pub fn inbox_item(viewer: UserId, entry: &Entry, peer: Option<UserView>) -> InboxItem {
    let (name, picture) = title(entry, peer.as_ref());
    let row = &entry.row;
    InboxItem {
        conversation_id: row.conversation.to_string(),
        kind: row.conversation.kind().into(),
        name,
        picture,
        peer,
        head: row.head.number(),
        read_seq: row.read_seq.number(),
        unread: row.unread(),
        muted: row.muted,
        upos: row.upos,
        last_activity_at: row.active_at,
        last_event: entry.last_event.as_ref().map(|(event, target)| LoggedEvent {
            seq: event.seq.number(),
            event: event_body_for(viewer, row.conversation, event, target.as_ref()),
        }),
        member_count: entry.members as u64,
        role: entry.role.into(),
    }
}

/// What a conversation is called, and its picture: those of the group, or of the other person.
fn title(entry: &Entry, peer: Option<&UserView>) -> (String, Option<String>) {
    match (entry.row.conversation.kind(), &entry.settings) {
        (ConversationKind::Group, Some(settings)) => {
            let picture = settings.picture.as_ref().map(|picture| picture.as_str().to_owned());
            (settings.name.as_str().to_owned(), picture)
        }
        (ConversationKind::Group, None) | (ConversationKind::Direct, _) => {
            peer.map_or_else(Default::default, |peer| (peer.name.clone(), peer.profile_pic.clone()))
        }
    }
}

/// One conversation with its members, whose accounts stand in `people`.
pub fn conversation_detail(
    detail: &Detail,
    peer: Option<UserView>,
    people: &[Account],
) -> ConversationDetail {
    let entry = &detail.entry;
    let (name, picture) = title(entry, peer.as_ref());
    let members = detail.members.iter().map(|(user, member)| {
        let account = people.iter().find(|account| account.id == *user);
        member_view((*user, member), account, detail.positions.get(user).copied())
    });
    ConversationDetail {
        conversation_id: entry.row.conversation.to_string(),
        kind: entry.row.conversation.kind().into(),
        name,
        picture,
        peer,
        history_for_new_members: entry.settings.as_ref().map(|settings| settings.history.into()),
        head: entry.row.head.number(),
        read_seq: entry.row.read_seq.number(),
        muted: entry.row.muted,
        role: entry.role.into(),
        member_count: entry.members as u64,
        members: members.collect(),
    }
}

fn member_view(
    (user, member): (UserId, &Member),
    account: Option<&Account>,
    positions: Option<Positions>,
) -> MemberView {
    let summary = account.map(user_summary).unwrap_or_default();
    let Positions { read, delivered } = positions.unwrap_or_default();
    MemberView {
        user_id: user.to_string(),
        name: summary.name,
        username: summary.username,
        profile_pic: summary.profile_pic,
        role: member.role.into(),
        joined_at: Some(member.joined_at),
        read_seq: read.map(Seq::number),
        delivered_seq: delivered.map(Seq::number),
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::event::SettingsChange;
    use domain::text::Text;

    use super::*;

    const GROUP: ConversationId = ConversationId::group([1; 16]);
    const ANNA: UserId = UserId::from_bytes([1; 16]);
    const BEN: UserId = UserId::from_bytes([2; 16]);

    fn event(seq: u64, body: EventBody) -> Event {
        let client_message_id = Some("7f".parse().unwrap());
        Event {
            seq: Seq::new(seq),
            sender: ANNA,
            at: Timestamp::from_ms(5),
            client_message_id,
            messages: 1,
            body,
        }
    }

    fn message(text: &str) -> EventBody {
        EventBody::Message(Message::new(Text::parse(text).unwrap(), None))
    }

    #[test]
    fn only_the_sender_reads_the_id_of_the_send() {
        let event = event(1, message("Hello"));
        let id_for = |viewer| history_message(GROUP, &event, viewer).unwrap().client_message_id;
        assert_eq!((id_for(ANNA).as_deref(), id_for(BEN)), (Some("7f"), None));
        let shared = serde_json::to_string(&event_body(GROUP, &event, None)).unwrap();
        assert!(!shared.contains("client_message_id"), "{shared}");
    }

    #[test]
    fn an_edit_tells_the_present_text_and_none_once_deleted() {
        let edit = event(2, EventBody::Edit { target: Seq::new(1) });
        let text_of = |target: &Event| {
            let body = event_body(GROUP, &edit, Some(target));
            let frame::EventBody::Edit(edit) = body else { panic!("{body:?}") };
            edit.text
        };
        assert_eq!(text_of(&event(1, message("Hello"))).as_deref(), Some("Hello"));
        let mut deleted = Message::new(Text::parse("Hello").unwrap(), None);
        deleted.text = None;
        assert_eq!(text_of(&event(1, EventBody::Message(deleted))), None);
    }

    #[test]
    fn a_picture_that_was_taken_away_is_told_as_empty() {
        let change = SettingsChange { picture: Some(None), ..SettingsChange::default() };
        let body = event_body(GROUP, &event(3, EventBody::Settings(change)), None);
        let json = serde_json::to_string(&body).unwrap();
        assert!(json.contains(r#""picture":"""#) && !json.contains(r#""name""#), "{json}");
    }

    #[test]
    fn history_holds_messages_only() {
        assert_eq!(
            history_message(GROUP, &event(2, EventBody::Delete { target: Seq::new(1) }), ANNA),
            None
        );
    }
}
