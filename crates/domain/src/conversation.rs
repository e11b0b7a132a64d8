//! The rules of a conversation: who may do what, and what it changes.
//!
//! [`decide`] looks at the state and answers with a [`Change`]; [`Conversation::apply`] gives the change its places
//! in the log. Nothing here knows how either is stored or told.

use std::collections::BTreeMap;

use crate::event::{
    Event, EventBody, MemberChange, Message, Reaction, ReactionChange, SettingsChange,
};
use crate::member::{HistoryPolicy, Member, Role};
use crate::refusal::{Fault, Reason};
use crate::text::{Emoji, Name, Picture, Text};
use crate::{
    ClientMessageId, ConversationId, ConversationKind, Refusal, Seq, Timestamp, UserId, limits,
};

/// A conversation as the next request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// Settings of a group; a direct conversation has none.
    pub settings: Option<Settings>,
    /// Who belongs to it.
    pub members: BTreeMap<UserId, Member>,
    /// The last place taken.
    pub head: Seq,
    /// Messages up to the head.
    pub messages: u64,
    /// The time of the last event.
    pub last_at: Timestamp,
}

/// Settings of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: Name,
    /// Its picture.
    pub picture: Option<Picture>,
    /// What new members may read.
    pub history: HistoryPolicy,
}

/// How the other person of a direct conversation, or a person to be added, stands to the one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing in the way.
    Open,
    /// The other person has blocked the one who asks.
    Blocked,
    /// The one who asks has blocked the other person.
    BlockedByYou,
    /// There is no such person, or the account is disabled.
    Gone,
}

/// What somebody wants to do. Targets are the events as stored now.
#[derive(Clone, Debug)]
pub enum Request {
    /// Write a message.
    Send {
        /// What.
        text: Text,
        /// In answer to which message.
        reply_to: Option<Seq>,
        /// How the other person stands to the sender; [`Standing::Open`] in a group.
        standing: Standing,
    },
    /// Replace the text of a message.
    Edit {
        /// The message.
        target: Event,
        /// The new text.
        text: Text,
        /// As for a message: an edit is one more way to say something.
        standing: Standing,
    },
    /// Delete a message.
    Delete {
        /// The message.
        target: Event,
    },
    /// React to a message, or take a reaction back.
    React {
        /// The message.
        target: Event,
        /// With what.
        emoji: Emoji,
        /// Which of the two.
        change: ReactionChange,
        /// As for a message: a blocked person cannot reach the other by reactions either.
        standing: Standing,
    },
    /// Add a member.
    Add {
        /// Whom.
        user: UserId,
        /// How that person stands to the one who adds.
        standing: Standing,
    },
    /// Remove a member, or leave.
    Remove {
        /// Whom.
        user: UserId,
    },
    /// Give a member a role.
    SetRole {
        /// Whom.
        user: UserId,
        /// Which.
        role: Role,
    },
    /// Make another member owner and become an admin.
    TransferOwnership {
        /// To whom.
        user: UserId,
    },
    /// Change settings.
    Configure(SettingsChange),
}

/// What a request changes. Without events it changes nothing: the wish was fulfilled already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is appended to the log.
    pub events: Vec<EventBody>,
    /// The message that is rewritten in place.
    pub target: Option<Event>,
    /// Members who come, change or (with `None`) go.
    pub members: Vec<(UserId, Option<Member>)>,
    /// The new settings.
    pub settings: Option<Settings>,
}

impl Conversation {
    /// A direct conversation before its first event.
    pub fn direct(one: UserId, other: UserId, now: Timestamp) -> Self {
        let member = Member { role: Role::Member, visible_from: Seq::new(1), joined_at: now };
        Self {
            id: ConversationId::direct(one, other),
            settings: None,
            members: BTreeMap::from([(one, member), (other, member)]),
            head: Seq::ZERO,
            messages: 0,
            last_at: now,
        }
    }

    /// A new group before its first event. Its creation is logged by [`found`].
    pub const fn group(id: ConversationId, settings: Settings, now: Timestamp) -> Self {
        Self {
            id,
            settings: Some(settings),
            members: BTreeMap::new(),
            head: Seq::ZERO,
            messages: 0,
            last_at: now,
        }
    }

    /// The member, or the answer that hides the conversation from everybody else.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for whoever does not belong to it.
    pub fn member(&self, user: UserId) -> Result<&Member, Refusal> {
        self.members.get(&user).ok_or(Refusal::NotFound)
    }

    /// The other person of a direct conversation.
    pub fn peer(&self, user: UserId) -> Option<UserId> {
        match self.id.kind() {
            ConversationKind::Direct => {
                self.members.keys().copied().find(|member| *member != user).or(Some(user))
            }
            ConversationKind::Group => None,
        }
    }

    /// Gives the change its places in the log and takes it over into this state.
    pub fn apply(
        &mut self,
        change: &Change,
        sender: UserId,
        client_message_id: Option<&ClientMessageId>,
        now: Timestamp,
    ) -> Vec<Event> {
        self.last_at = self.last_at.max(now);
        for (user, member) in &change.members {
            match member {
                Some(member) => self.members.insert(*user, *member),
                None => self.members.remove(user),
            };
        }
        if let Some(settings) = &change.settings {
            self.settings = Some(settings.clone());
        }
        let mut events = Vec::with_capacity(change.events.len());
        for body in &change.events {
            self.head = self.head.next();
            self.messages += u64::from(matches!(body, EventBody::Message(_)));
            events.push(Event {
                seq: self.head,
                sender,
                at: self.last_at,
                client_message_id: client_message_id.cloned(),
                messages: self.messages,
                body: body.clone(),
            });
        }
        events
    }
}

/// The founding of a group: its name and its first members, each an event.
pub fn found(
    conversation: &Conversation,
    owner: UserId,
    participants: &[UserId],
    now: Timestamp,
) -> Change {
    let settings = conversation.settings.clone();
    let founded = SettingsChange {
        name: settings.as_ref().map(|settings| settings.name.clone()),
        picture: settings.as_ref().map(|settings| settings.picture.clone()),
        history: settings.as_ref().map(|settings| settings.history),
    };
    let mut change =
        Change { events: vec![EventBody::Settings(founded)], settings, ..Change::default() };
    let others =
        participants.iter().filter(|user| **user != owner).map(|user| (*user, Role::Member));
    for (user, role) in std::iter::once((owner, Role::Owner)).chain(others) {
        change.events.push(EventBody::Member { user, change: MemberChange::Added(role) });
        change
            .members
            .push((user, Some(Member { role, visible_from: Seq::new(1), joined_at: now })));
    }
    change
}

/// Decides what `request` of `actor` changes.
///
/// # Errors
/// The refusal to answer with. Somebody who may not see the conversation or the target gets [`Refusal::NotFound`].
pub fn decide(
    conversation: &Conversation,
    actor: UserId,
    request: &Request,
    now: Timestamp,
) -> Result<Change, Refusal> {
    let member = conversation.member(actor)?;
    match request {
        Request::Send { text, reply_to, standing } => {
            accepts(*standing)?;
            send(conversation, member, text, *reply_to)
        }
        Request::Edit { target, text, standing } => {
            let change = edit(member, actor, target, (text, now))?;
            accepts(*standing)?;
            Ok(change)
        }
        Request::Delete { target } => delete(conversation, member, actor, target),
        Request::React { target, emoji, change, standing } => {
            if *change == ReactionChange::Added {
                accepts(*standing)?;
            }
            react(member, actor, target, (emoji, *change))
        }
        Request::Add { user, standing } => add(conversation, member, *user, (*standing, now)),
        Request::Remove { user } => remove(conversation, (actor, member), *user),
        Request::SetRole { user, role } => set_role(conversation, member, *user, *role),
        Request::TransferOwnership { user } => transfer(conversation, (actor, member), *user),
        Request::Configure(change) => configure(conversation, member, change),
    }
}

fn accepts(standing: Standing) -> Result<(), Refusal> {
    match standing {
        Standing::Open => Ok(()),
        Standing::Blocked => Err(Refusal::Forbidden(Reason::NotAccepted)),
        Standing::BlockedByYou => Err(Refusal::Forbidden(Reason::BlockedByYou)),
        Standing::Gone => Err(Refusal::NotFound),
    }
}

fn send(
    conversation: &Conversation,
    member: &Member,
    text: &Text,
    reply_to: Option<Seq>,
) -> Result<Change, Refusal> {
    if reply_to.is_some_and(|target| target < member.visible_from || target > conversation.head) {
        return Err(Refusal::field("reply_to", Fault::Unknown));
    }
    Ok(Change {
        events: vec![EventBody::Message(Message::new(text.clone(), reply_to))],
        ..Change::default()
    })
}

/// The message that `target` is, if this member may see it.
fn visible_message<'a>(member: &Member, target: &'a Event) -> Result<&'a Message, Refusal> {
    if target.seq < member.visible_from {
        return Err(Refusal::NotFound);
    }
    match &target.body {
        EventBody::Message(message) => Ok(message),
        EventBody::Edit { .. }
        | EventBody::Delete { .. }
        | EventBody::Reaction { .. }
        | EventBody::Member { .. }
        | EventBody::Settings(_) => Err(Refusal::Conflict(Reason::NotAMessage)),
    }
}

fn rewritten(target: &Event, message: Message, event: EventBody) -> Change {
    let target = Event { body: EventBody::Message(message), ..target.clone() };
    Change { events: vec![event], target: Some(target), ..Change::default() }
}

fn edit(
    member: &Member,
    actor: UserId,
    target: &Event,
    (text, now): (&Text, Timestamp),
) -> Result<Change, Refusal> {
    let message = visible_message(member, target)?;
    if target.sender != actor {
        return Err(Refusal::Forbidden(Reason::NeedsSender));
    }
    let resurrects = crate::planted!(EditResurrects).then_some(text);
    let Some(present) = message.text.as_ref().or(resurrects) else {
        return Err(Refusal::Conflict(Reason::Deleted));
    };
    if present == text && resurrects.is_none() {
        return Ok(Change::default());
    }
    if message.edits >= limits::EDITS_PER_MESSAGE_MAX {
        return Err(Refusal::Conflict(Reason::MessageLimit));
    }
    let edited = Message {
        text: Some(text.clone()),
        edited_at: Some(now.max(target.at)),
        edits: message.edits + 1,
        ..message.clone()
    };
    Ok(rewritten(target, edited, EventBody::Edit { target: target.seq }))
}

fn delete(
    conversation: &Conversation,
    member: &Member,
    actor: UserId,
    target: &Event,
) -> Result<Change, Refusal> {
    let message = visible_message(member, target)?;
    let moderates = conversation.id.kind() == ConversationKind::Group && member.role >= Role::Admin;
    if target.sender != actor && !moderates {
        return Err(Refusal::Forbidden(Reason::NeedsSender));
    }
    if message.text.is_none() {
        return Ok(Change::default());
    }
    let emptied = Message { text: None, reactions: Vec::new(), ..message.clone() };
    Ok(rewritten(target, emptied, EventBody::Delete { target: target.seq }))
}

fn react(
    member: &Member,
    actor: UserId,
    target: &Event,
    (emoji, change): (&Emoji, ReactionChange),
) -> Result<Change, Refusal> {
    let message = visible_message(member, target)?;
    if message.text.is_none() {
        return Err(Refusal::Conflict(Reason::Deleted));
    }
    let mut reactions = message.reactions.clone();
    let index = reactions.iter().position(|reaction| reaction.emoji == *emoji);
    let users =
        index.and_then(|index| reactions.get_mut(index)).map(|reaction| &mut reaction.users);
    let reacted = users.as_ref().is_some_and(|users| users.contains(&actor));
    match (change, reacted) {
        (ReactionChange::Added, true) | (ReactionChange::Removed, false) => {
            return Ok(Change::default());
        }
        (ReactionChange::Removed, true) => {
            users.into_iter().for_each(|users| users.retain(|user| *user != actor));
            reactions.retain(|reaction| !reaction.users.is_empty());
        }
        (ReactionChange::Added, false) => match users {
            Some(users) => users.push(actor),
            None => reactions.push(Reaction { emoji: emoji.clone(), users: vec![actor] }),
        },
    }
    let total: usize = reactions.iter().map(|reaction| reaction.users.len()).sum();
    if reactions.len() > limits::EMOJI_PER_MESSAGE_MAX || total > limits::REACTIONS_PER_MESSAGE_MAX
    {
        return Err(Refusal::Conflict(Reason::MessageLimit));
    }
    let event = EventBody::Reaction { target: target.seq, emoji: emoji.clone(), change };
    Ok(rewritten(target, Message { reactions, ..message.clone() }, event))
}

fn settings_of(conversation: &Conversation) -> Result<&Settings, Refusal> {
    conversation.settings.as_ref().ok_or(Refusal::Conflict(Reason::NotAGroup))
}

fn needs(member: &Member, role: Role) -> Result<(), Refusal> {
    match role {
        _ if member.role >= role => Ok(()),
        Role::Owner => Err(Refusal::Forbidden(Reason::NeedsOwner)),
        Role::Admin | Role::Member => Err(Refusal::Forbidden(Reason::NeedsAdmin)),
    }
}

fn add(
    conversation: &Conversation,
    member: &Member,
    user: UserId,
    (standing, now): (Standing, Timestamp),
) -> Result<Change, Refusal> {
    let settings = settings_of(conversation)?;
    needs(member, Role::Admin)?;
    if conversation.members.contains_key(&user) {
        return Err(Refusal::Conflict(Reason::AlreadyMember));
    }
    accepts(standing)?;
    if conversation.members.len() >= limits::GROUP_MEMBERS_MAX {
        return Err(Refusal::Conflict(Reason::GroupFull));
    }
    let visible_from = match settings.history {
        _ if crate::planted!(HistoryForEverybody) => Seq::new(1),
        HistoryPolicy::All => Seq::new(1),
        HistoryPolicy::FromJoin => conversation.head.next(),
    };
    let added = Member { role: Role::Member, visible_from, joined_at: now };
    Ok(Change {
        events: vec![EventBody::Member { user, change: MemberChange::Added(Role::Member) }],
        members: vec![(user, Some(added))],
        ..Change::default()
    })
}

fn remove(
    conversation: &Conversation,
    (actor, member): (UserId, &Member),
    user: UserId,
) -> Result<Change, Refusal> {
    settings_of(conversation)?;
    let leaves = user == actor;
    let removed =
        conversation.members.get(&user).ok_or(Refusal::field("user_id", Fault::Unknown))?;
    if !leaves {
        needs(member, if removed.role == Role::Member { Role::Admin } else { Role::Owner })?;
    }
    if removed.role == Role::Owner && owners(conversation) == 1 && conversation.members.len() > 1 {
        return Err(Refusal::Conflict(Reason::LastOwner));
    }
    let change = if leaves { MemberChange::Left } else { MemberChange::Removed };
    Ok(Change {
        events: vec![EventBody::Member { user, change }],
        members: vec![(user, None)],
        ..Change::default()
    })
}

fn owners(conversation: &Conversation) -> usize {
    conversation.members.values().filter(|member| member.role == Role::Owner).count()
}

fn role_change(user: UserId, member: &Member, role: Role) -> (EventBody, (UserId, Option<Member>)) {
    let event = EventBody::Member { user, change: MemberChange::Role(role) };
    (event, (user, Some(Member { role, ..*member })))
}

fn set_role(
    conversation: &Conversation,
    member: &Member,
    user: UserId,
    role: Role,
) -> Result<Change, Refusal> {
    settings_of(conversation)?;
    needs(member, Role::Owner)?;
    let target =
        conversation.members.get(&user).ok_or(Refusal::field("user_id", Fault::Unknown))?;
    if target.role == role {
        return Ok(Change::default());
    }
    if target.role == Role::Owner && owners(conversation) == 1 {
        return Err(Refusal::Conflict(Reason::LastOwner));
    }
    let (event, changed) = role_change(user, target, role);
    Ok(Change { events: vec![event], members: vec![changed], ..Change::default() })
}

fn transfer(
    conversation: &Conversation,
    (actor, member): (UserId, &Member),
    user: UserId,
) -> Result<Change, Refusal> {
    settings_of(conversation)?;
    needs(member, Role::Owner)?;
    let target =
        conversation.members.get(&user).ok_or(Refusal::field("user_id", Fault::Unknown))?;
    if user == actor {
        return Ok(Change::default());
    }
    let (raised, new_owner) = role_change(user, target, Role::Owner);
    let (lowered, old_owner) = role_change(actor, member, Role::Admin);
    Ok(Change {
        events: vec![raised, lowered],
        members: vec![new_owner, old_owner],
        ..Change::default()
    })
}

fn configure(
    conversation: &Conversation,
    member: &Member,
    change: &SettingsChange,
) -> Result<Change, Refusal> {
    let present = settings_of(conversation)?;
    needs(member, Role::Admin)?;
    let settings = Settings {
        name: change.name.clone().unwrap_or_else(|| present.name.clone()),
        picture: change.picture.clone().unwrap_or_else(|| present.picture.clone()),
        history: change.history.unwrap_or(present.history),
    };
    if settings == *present {
        return Ok(Change::default());
    }
    Ok(Change {
        events: vec![EventBody::Settings(change.clone())],
        settings: Some(settings),
        ..Change::default()
    })
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
