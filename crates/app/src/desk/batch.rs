//! One commit of a desk: decide for all requests that wait, append, and tell after it is durable.

mod sent;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bus::Notice;
use domain::conversation::{Change, Conversation, Request, Standing, decide};
use domain::event::{Event, EventBody};
use domain::text::Fingerprint;
use domain::{ClientMessageId, ConversationId, Refusal, Seq, UserId};
use store::tables::{account, block, conversation, event, job};
use store::{Batch, Check, CommitError, Partition, ReadError, Space, Version, Write};

use self::sent::{UsedUuids, already_sent};
use super::command::{Action, Command, Done, Reply};
use crate::jobs::{self, Advance, News};
use crate::live::{Answer, Channel, LiveEvent, Sent};
use crate::{App, Failure};

/// How often a batch is decided again because somebody else was faster, or its outcome was not known.
const ATTEMPTS_MAX: usize = 8;

/// How often a batch of unknown outcome is looked for, in milliseconds.
const LOST_RETRY_MS: u64 = 500;
/// How often it is looked for, before what it left is for the next start.
const LOST_LOOKS_MAX: usize = 120;

/// What a desk knows about its conversation. Dropped whenever a commit did not go through.
pub(super) struct State {
    conversation: Conversation,
    head_version: Option<Version>,
    /// The first event that had not been followed up when the desk was loaded.
    from: Seq,
    founded_by: Option<Fingerprint>,
    standings: HashMap<UserId, Standing>,
    used_uuids: UsedUuids,
    /// The admission by which the channel learnt the members as they are here.
    admission: AtomicU64,
    channel: Arc<Channel>,
}

/// What a batch has decided so far.
#[derive(Default)]
struct Draft {
    events: Vec<(Event, Option<Event>)>,
    writes: Vec<Write>,
    rewritten: BTreeMap<Seq, Event>,
    sent: HashMap<(UserId, ClientMessageId), conversation::Sent>,
    outcomes: Vec<Result<Done, Failure>>,
    settings: Option<Write>,
    /// The version of what was written; not known if the answer was lost.
    version: Option<Version>,
}

pub(super) async fn process(
    app: &App,
    id: ConversationId,
    state: &mut Option<State>,
    commands: Vec<Command>,
) {
    let mut lost: Vec<Draft> = Vec::new();
    let outcome = decided(app, id, state, (&commands, &mut lost)).await;
    if !lost.is_empty() && !domain::planted!(LostNotLookedFor) {
        look_for_lost(app, id);
    }
    match outcome {
        Ok(draft) => finish(app, state.as_ref(), draft, commands),
        Err(failure) => {
            commands.into_iter().for_each(|command| command.reply.give(Err(failure.clone())));
        }
    }
}

/// What becomes of the requests, after as many attempts as it takes.
async fn decided(
    app: &App,
    id: ConversationId,
    state: &mut Option<State>,
    (commands, lost): (&[Command], &mut Vec<Draft>),
) -> Result<Draft, Failure> {
    for _ in 0..ATTEMPTS_MAX {
        match attempt(app, id, state, (commands, lost)).await {
            Ok(Some(draft)) => return Ok(draft),
            Ok(None) if domain::planted!(ConflictKeepsState) => {}
            Ok(None) => *state = None,
            Err(failure) => {
                *state = None;
                return Err(failure);
            }
        }
    }
    Err(Failure::busy())
}

/// Nobody was told of a batch whose outcome never became known. Once it is clear that it cannot come any more, whoever
/// is connected is told that there may be something new.
pub(crate) fn look_for_lost(app: &App, id: ConversationId) {
    let looking = app.clone();
    app.env().spawn("look for a lost batch", async move {
        for _ in 0..LOST_LOOKS_MAX {
            looking.env().sleep_ms(LOST_RETRY_MS).await;
            if let Ok(Some(mut state)) = load(&looking, id, &[]).await
                && fence(&looking, &mut state).await == Ok(true)
            {
                return jobs::wake_unsure(&looking, id);
            }
        }
    });
}

/// Decides and commits once. `None` means: load again and decide again.
async fn attempt(
    app: &App,
    id: ConversationId,
    state: &mut Option<State>,
    (commands, lost): (&[Command], &mut Vec<Draft>),
) -> Result<Option<Draft>, Failure> {
    let loaded = match state {
        Some(loaded) => loaded,
        None => match load(app, id, commands).await? {
            Some(loaded) => state.insert(loaded),
            None => return Ok(Some(nobody_knows(commands))),
        },
    };
    if let Some(draft) = found_in_log(app, id, lost).await? {
        return Ok(Some(draft));
    }
    if !lost.is_empty() {
        if !fence(app, loaded).await? {
            return Ok(None);
        }
        lost.clear();
    }
    let mut draft = Draft::default();
    for command in commands {
        let outcome = decide_one(app, loaded, &mut draft, command).await;
        let outcome = match outcome {
            Err(failure @ (Failure::Busy { .. } | Failure::StorageFull | Failure::Damaged)) => {
                return Err(failure);
            }
            decided @ (Ok(_) | Err(Failure::Refused(_))) => decided,
        };
        draft.outcomes.push(outcome);
    }
    if draft.events.is_empty() {
        let holds = !may_be_under_way(loaded, &draft, commands) || fence(app, loaded).await?;
        return Ok(holds.then_some(draft));
    }
    let space = if commands.iter().all(|command| command.action.frees_space()) {
        Space::Essential
    } else {
        Space::Grows
    };
    let batch = batch(loaded, &mut draft, space);
    if domain::planted!(ToldBeforeCommit) {
        tell(app, loaded, (draft.events.clone(), None), &HashMap::new());
    }
    if domain::planted!(AckBeforeSync) {
        let late = app.store().clone();
        app.env().spawn("late", async move {
            while late.commit(batch.clone()).await == Err(CommitError::Busy) {}
        });
        return Ok(Some(draft));
    }
    match app.store().commit(batch).await {
        Ok(committed) => {
            loaded.head_version = Some(committed.version);
            draft.version = Some(committed.version);
            Ok(Some(draft))
        }
        Err(CommitError::Conflict) => Ok(None),
        Err(CommitError::Unknown) if domain::planted!(UnknownIsRefusal) => {
            Err(Refusal::NotFound.into())
        }
        Err(CommitError::Unknown) => {
            lost.push(draft);
            Ok(None)
        }
        Err(error @ (CommitError::Full | CommitError::Busy)) => Err(error.into()),
    }
}

/// Whether a send is refused that may be on its way all the same: handed over by an earlier run of this node, or by
/// another node. Not if its sender is no member: whatever ended that moved the head, so that nothing earlier can come, and
/// strangers must not make anything be written. A first message is left out, since a fence would make a conversation of a
/// refusal.
fn may_be_under_way(state: &State, draft: &Draft, commands: &[Command]) -> bool {
    let is_refused = commands.iter().zip(&draft.outcomes).any(|(command, outcome)| {
        let can_be_retried = command.idempotency.as_ref().is_some_and(|key| !key.id.is_made_up());
        let is_refused = matches!(outcome, Err(Failure::Refused(_)));
        can_be_retried && is_refused && state.conversation.member(command.actor).is_ok()
    });
    is_refused && state.head_version.is_some()
}

/// Of the batches whose outcome was not known, the one that is in the log after all: its first event stands where it
/// was put. It may have come late, so every attempt looks again.
async fn found_in_log(
    app: &App,
    id: ConversationId,
    lost: &mut Vec<Draft>,
) -> Result<Option<Draft>, ReadError> {
    for index in 0..lost.len() {
        let Some((first, _)) = lost.get(index).and_then(|draft| draft.events.first()) else {
            continue;
        };
        let found = event::get(app.store(), id, first.seq).await?;
        let is_ours = found.is_some_and(|found| {
            domain::planted!(AnybodysBatchIsOurs) || is_same_event(&found, first)
        });
        if is_ours {
            return Ok(Some(lost.swap_remove(index)));
        }
    }
    Ok(None)
}

/// Whether what stands in the log is this event, and not what the same person wrote there through another node, perhaps at
/// the same time. The text of a message may have changed since.
fn is_same_event(found: &Event, event: &Event) -> bool {
    let is_message = |event: &Event| matches!(event.body, EventBody::Message(_));
    (found.sender, found.at, found.messages) == (event.sender, event.at, event.messages)
        && found.client_message_id == event.client_message_id
        && (is_message(found) && is_message(event) || found.body == event.body)
}

/// Writes the head as it is, so that no batch whose outcome is not known can come later: its check would fail. False if
/// it may have come meanwhile.
///
/// Without this, somebody could be refused for good, and have written nevertheless.
async fn fence(app: &App, state: &mut State) -> Result<bool, Failure> {
    if domain::planted!(NoFence) {
        return Ok(true);
    }
    let batch = Batch {
        checks: vec![head_unchanged(state)],
        writes: head_and_members(state),
        space: Space::Essential,
        ..Batch::new(Partition::Conversation(state.conversation.id))
    };
    match app.store().commit(batch).await {
        Ok(committed) => {
            state.head_version = Some(committed.version);
            Ok(true)
        }
        Err(CommitError::Conflict | CommitError::Unknown) => Ok(false),
        Err(error @ (CommitError::Full | CommitError::Busy)) => Err(error.into()),
    }
}

fn head_unchanged(state: &State) -> Check {
    match state.head_version {
        Some(_) if domain::planted!(HeadNotChecked) => Check::Absent(b"never".to_vec()),
        Some(version) => Check::Version(conversation::head_key(), version),
        None => Check::Absent(conversation::head_key()),
    }
}

/// The head, and the members of a direct conversation that is new.
fn head_and_members(state: &State) -> Vec<Write> {
    let members = state.conversation.members.iter();
    let new = members.filter(|_| state.head_version.is_none());
    let put = new.map(|(user, member)| conversation::put_member(*user, Some(member)));
    std::iter::once(conversation::put_head(&state.conversation)).chain(put).collect()
}

fn nobody_knows(commands: &[Command]) -> Draft {
    let outcomes = commands.iter().map(|_| Err(Failure::Refused(Refusal::NotFound))).collect();
    Draft { outcomes, ..Draft::default() }
}

async fn load(
    app: &App,
    id: ConversationId,
    commands: &[Command],
) -> Result<Option<State>, Failure> {
    let (conversation, head_version, founded_by) = match conversation::load(app.store(), id).await?
    {
        Some(loaded) => (loaded.conversation, Some(loaded.head_version), loaded.founded_by),
        None => match commands.iter().find_map(first_message) {
            Some((sender, peer)) => (Conversation::direct(sender, peer, app.now()), None, None),
            None => return Ok(None),
        },
    };
    // After the head: what was followed up before this and has no job any more is not followed up again.
    let pending = job::get(app.store(), job::Work::Advanced(id)).await?;
    let from = pending.map_or_else(|| conversation.head.next(), |pending| pending.from);
    let channel = app.hub().channel(id);
    let admission = AtomicU64::new(channel.admit(&conversation));
    Ok(Some(State {
        conversation,
        head_version,
        from,
        founded_by,
        standings: HashMap::new(),
        used_uuids: UsedUuids::default(),
        admission,
        channel,
    }))
}

/// The two people of a direct conversation that begins with this request.
fn first_message(command: &Command) -> Option<(UserId, UserId)> {
    match command.action {
        Action::Send { peer: Some(peer), .. } => Some((command.actor, peer)),
        Action::Send { peer: None, .. }
        | Action::Edit { .. }
        | Action::Delete { .. }
        | Action::React { .. }
        | Action::Add { .. }
        | Action::Remove { .. }
        | Action::SetRole { .. }
        | Action::TransferOwnership { .. }
        | Action::Configure(_) => None,
    }
}

async fn decide_one(
    app: &App,
    state: &mut State,
    draft: &mut Draft,
    command: &Command,
) -> Result<Done, Failure> {
    // First: whoever was removed in the meantime still learns what became of an earlier send.
    if let Some(done) = already_sent(app, state, draft, command).await? {
        return done;
    }
    state.conversation.member(command.actor)?;
    let request = request(app, state, draft, command).await?;
    let now = app.now();
    let change = decide(&state.conversation, command.actor, &request, now)?;
    let id = command.idempotency.as_ref().map(|idempotency| &idempotency.id);
    let events = state.conversation.apply(&change, command.actor, id, now);
    let last = events
        .last()
        .map_or((state.conversation.head, state.conversation.last_at), |e| (e.seq, e.at));
    let (seq, at) = last;
    draft.record(state, command, &change, events);
    if let Some(id) = id {
        state.used_uuids.note(command.actor, id);
    }
    Ok(Done { conversation: state.conversation.id, seq, at, duplicate: false })
}

/// An event as it stands after what this batch has decided so far.
async fn target_event(
    app: &App,
    state: &State,
    draft: &Draft,
    seq: Seq,
) -> Result<Option<Event>, ReadError> {
    match draft.rewritten.get(&seq) {
        Some(event) => Ok(Some(event.clone())),
        None => event::get(app.store(), state.conversation.id, seq).await,
    }
}

async fn request(
    app: &App,
    state: &mut State,
    draft: &Draft,
    command: &Command,
) -> Result<Request, Failure> {
    let target = match command.action.target() {
        Some(seq) => target_event(app, state, draft, seq).await?.ok_or(Refusal::NotFound),
        None => Err(Refusal::NotFound),
    };
    Ok(match command.action.clone() {
        Action::Send { text, reply_to, .. } => Request::Send {
            text,
            reply_to,
            standing: peer_standing(app, state, command.actor).await?,
        },
        Action::Edit { text, .. } => {
            let standing = peer_standing(app, state, command.actor).await?;
            Request::Edit { target: target?, text, standing }
        }
        Action::Delete { .. } => Request::Delete { target: target? },
        Action::React { emoji, change, .. } => {
            let standing = peer_standing(app, state, command.actor).await?;
            Request::React { target: target?, emoji, change, standing }
        }
        Action::Add { user } => {
            Request::Add { user, standing: standing(app, command.actor, user).await? }
        }
        Action::Remove { user } => Request::Remove { user },
        Action::SetRole { user, role } => Request::SetRole { user, role },
        Action::TransferOwnership { user } => Request::TransferOwnership { user },
        Action::Configure(change) => Request::Configure(change),
    })
}

/// How the other person of a direct conversation stands to `actor`; remembered as long as the desk is.
async fn peer_standing(app: &App, state: &mut State, actor: UserId) -> Result<Standing, Failure> {
    let Some(peer) = state.conversation.peer(actor) else {
        return Ok(Standing::Open);
    };
    if let Some(known) = state.standings.get(&actor) {
        return Ok(*known);
    }
    let found = standing(app, actor, peer).await?;
    state.standings.insert(actor, found);
    Ok(found)
}

/// How `other` stands to `actor`.
pub(crate) async fn standing(app: &App, actor: UserId, other: UserId) -> Result<Standing, Failure> {
    let account = account::get(app.store(), other).await?;
    if account.is_none_or(|(stored, _)| stored.account.disabled) {
        return Ok(Standing::Gone);
    }
    if block::exists(app.store(), other, actor).await? {
        return Ok(Standing::Blocked);
    }
    if block::exists(app.store(), actor, other).await? {
        return Ok(Standing::BlockedByYou);
    }
    Ok(Standing::Open)
}

impl State {
    /// From where on the job of the next commit has to look.
    fn not_followed_up(&self) -> Seq {
        self.from.max(self.channel.followed_up().next())
    }
}

impl Draft {
    fn record(&mut self, state: &State, command: &Command, change: &Change, events: Vec<Event>) {
        if let Some(target) = &change.target {
            self.rewritten.insert(target.seq, target.clone());
        }
        for (user, member) in &change.members {
            self.writes.push(conversation::put_member(*user, member.as_ref()));
        }
        if let Some(settings) = &change.settings {
            self.settings = Some(conversation::put_settings(settings, state.founded_by));
        }
        if let (Some(idempotency), Some(event)) = (&command.idempotency, events.last()) {
            let sent = conversation::Sent { seq: event.seq, fingerprint: idempotency.fingerprint };
            if !domain::planted!(DedupeNotInBatch) {
                self.writes.push(conversation::put_sent(command.actor, &idempotency.id, sent));
            }
            self.sent.insert((command.actor, idempotency.id.clone()), sent);
        }
        for event in events {
            self.rewritten.insert(event.seq, event.clone());
            self.events.push((event, change.target.clone()));
        }
    }
}

fn batch(state: &State, draft: &mut Draft, space: Space) -> Batch {
    let id = state.conversation.id;
    let mut writes = std::mem::take(&mut draft.writes);
    writes.extend(draft.rewritten.values().map(event::put));
    writes.extend(draft.settings.take());
    writes.extend(head_and_members(state));
    let check = head_unchanged(state);
    let work = job::Work::Advanced(id);
    Batch {
        checks: vec![check],
        writes,
        jobs: vec![job::job(work, state.not_followed_up())],
        space,
        ..Batch::new(Partition::Conversation(id))
    }
}

/// After the commit: tell all who are connected, then answer.
fn finish(app: &App, state: Option<&State>, draft: Draft, commands: Vec<Command>) {
    let mut replies: Vec<_> =
        commands.into_iter().map(|command| command.reply).zip(draft.outcomes).collect();
    if let (Some(state), false) = (state, draft.events.is_empty()) {
        let (told, others) =
            replies.into_iter().partition(|(reply, outcome)| takes_events_place(reply, outcome));
        tell(app, state, (draft.events, draft.version), &answers(told));
        replies = others;
    }
    for (reply, outcome) in replies {
        reply.give(outcome);
    }
}

/// Whether this answer goes to the socket that caused an event, in the place of the event.
const fn takes_events_place(reply: &Reply, outcome: &Result<Done, Failure>) -> bool {
    matches!((reply, outcome), (Reply::Socket(..), Ok(Done { duplicate: false, .. })))
}

fn answers(told: Vec<(Reply, Result<Done, Failure>)>) -> HashMap<Seq, Answer> {
    let answer = |(reply, outcome): (Reply, Result<Done, Failure>)| match (reply, outcome) {
        (Reply::Socket(outbox, sending), Ok(done)) => {
            let sent = Sent {
                conversation: done.conversation,
                seq: done.seq,
                at: done.at,
                duplicate: false,
            };
            Some((done.seq, Answer { outbox, sending, sent }))
        }
        (Reply::Socket(..) | Reply::Waiter(_), Ok(_) | Err(_)) => None,
    };
    told.into_iter().filter_map(answer).collect()
}

fn tell(
    app: &App,
    state: &State,
    (events, version): (Vec<(Event, Option<Event>)>, Option<Version>),
    answers: &HashMap<Seq, Answer>,
) {
    let Some(news) = News::of(events.iter().map(|(event, _)| event)) else {
        return;
    };
    let (channel, conversation) = (&state.channel, &state.conversation);
    let news_of_members = events.iter().any(|(event, _)| {
        matches!(event.body, EventBody::Member { .. }) || event.seq == Seq::new(1)
    });
    if news_of_members || channel.admissions() != state.admission.load(Ordering::Relaxed) {
        state.admission.store(channel.admit(conversation), Ordering::Relaxed);
    }
    let first = events.first().map_or(conversation.head, |(event, _)| event.seq);
    let mut live: Vec<Arc<LiveEvent>> = Vec::with_capacity(events.len());
    for (event, target) in events {
        if !domain::planted!(RemovedStillReceives) {
            channel.dismiss(&event, conversation);
        }
        live.push(channel.share(event, target));
    }
    let tick = app.hub().tick();
    app.hub().deliver(channel, &live, answers, app.now());
    app.publish(Notice::Advanced { conversation: conversation.id, first, head: conversation.head });
    let advance = Advance { tick, from: state.not_followed_up(), version, news };
    jobs::wake_advanced(app, conversation.id, advance);
}
