//! The end of a run: everything that is stored is read and compared with what everybody saw and did.

use std::collections::{BTreeMap, BTreeSet};

use checker::{FinalRead, Membership, SendOutcome, Summary};
use domain::event::{Event, EventBody, MemberChange};
use domain::member::HistoryPolicy;
use domain::text::Name;
use domain::time::Day;
use domain::{ConversationId, ConversationKind, Receipt, Seq, UserId};
use server::render;
use store::tables::{conversation, cursor, event, inbox, job, statistic};
use store::{Direction, ReadError, Store};

use crate::deed::FOUNDED_WITH;
use crate::record;
use crate::world::World;

mod refusal;

use refusal::Told;

/// Events read by one step.
const STEP_EVENTS: usize = 1_000;

/// All logs, as they are stored.
pub(crate) type Logs = BTreeMap<ConversationId, Vec<Event>>;

/// A time of membership: the first place that may be seen, and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    /// Where it began; at the very beginning for those who were there when the conversation was founded.
    pub(crate) joined: Seq,
    /// The first place.
    pub(crate) from: Seq,
    /// The last, if it has ended.
    pub(crate) until: Option<Seq>,
}

/// Every log there is.
///
/// # Errors
/// If the store cannot be read.
pub(crate) async fn logs(world: &World, store: &Store) -> Result<Logs, ReadError> {
    let mut ids: BTreeSet<ConversationId> = world.groups.lock().iter().copied().collect();
    for one in &world.people {
        ids.extend(world.people.iter().map(|other| ConversationId::direct(one.user, other.user)));
        ids.extend(inbox::all(store, one.user).await?.iter().map(|row| row.conversation));
    }
    let mut logs = Logs::new();
    for id in ids {
        let mut log: Vec<Event> = Vec::new();
        loop {
            let from = log.last().map_or(Seq::new(1), |last| last.seq.next());
            let range = (from, Seq::new(u64::MAX));
            let step = event::scan(store, id, range, (Direction::Forward, STEP_EVENTS)).await?;
            if step.is_empty() {
                break;
            }
            log.extend(step);
        }
        logs.insert(id, log);
    }
    Ok(logs)
}

/// Who belonged to a conversation when, by its log.
pub(crate) fn stays(
    id: ConversationId,
    log: &[Event],
    people: &[UserId],
) -> BTreeMap<UserId, Vec<Stay>> {
    let mut stays: BTreeMap<UserId, Vec<Stay>> = BTreeMap::new();
    if id.kind() == ConversationKind::Direct {
        let members = people
            .iter()
            .filter(|one| people.iter().any(|other| ConversationId::direct(**one, *other) == id));
        let always = Stay { joined: Seq::new(1), from: Seq::new(1), until: None };
        return members.map(|user| (*user, vec![always])).collect();
    }
    let mut policy = HistoryPolicy::All;
    let mut founders_left = founders(log);
    for event in log {
        match &event.body {
            EventBody::Settings(settings) => {
                policy = settings.history.unwrap_or(policy);
            }
            EventBody::Member { user, change: MemberChange::Added(_) } => {
                let founding = founders_left > 0;
                founders_left = founders_left.saturating_sub(1);
                let all = founding || policy == HistoryPolicy::All;
                let from = if all { Seq::new(1) } else { event.seq };
                let joined = if founding { Seq::new(1) } else { event.seq };
                stays.entry(*user).or_default().push(Stay { joined, from, until: None });
            }
            EventBody::Member { user, change: MemberChange::Removed | MemberChange::Left } => {
                if let Some(stay) = stays.entry(*user).or_default().last_mut() {
                    stay.until = Some(event.seq);
                }
            }
            EventBody::Member { change: MemberChange::Role(_), .. }
            | EventBody::Message(_)
            | EventBody::Edit { .. }
            | EventBody::Delete { .. }
            | EventBody::Reaction { .. } => {}
        }
    }
    stays
}

/// How many people a group was founded with: they are added by its first commit.
fn founders(log: &[Event]) -> usize {
    let Some(EventBody::Settings(settings)) = log.first().map(|event| &event.body) else {
        return 0;
    };
    let name = settings.name.as_ref().map(Name::as_str);
    name.and_then(|name| name.strip_prefix(FOUNDED_WITH)?.parse().ok()).unwrap_or_default()
}

/// Compares everything.
///
/// # Errors
/// If the store cannot be read.
pub(crate) async fn judge(world: &World) -> Result<Summary, ReadError> {
    let store = Store::Memory(world.memory().connect());
    let logs = logs(world, &store).await?;
    let people: Vec<UserId> = world.people.iter().map(|person| person.user).collect();
    for (id, log) in &logs {
        let stays = stays(*id, log, &people);
        put_final(world, *id, log);
        put_memberships(world, *id, &stays, &people);
        check_cursors(world, &store, (*id, log)).await?;
        if world.record.lock().violations.is_empty() {
            check_inboxes(world, &store, (*id, log), &stays).await?;
        }
    }
    check_statistics(world, &store, &logs).await?;
    for left in job::pending(&store, None, 10).await? {
        let told = format!("jobs: {:?} is left although all is quiet", left.work);
        world.record.lock().violation(told);
    }
    check_blocks(world);
    let record = &mut *world.record.lock();
    let history = std::mem::take(&mut record.history);
    Ok(checker::check(&history).unwrap_or_else(|found| {
        let told = Told { history: &history, blocks: &record.blocks, logs: &logs, people: &people };
        let found = found.iter().filter(|violation| !told.may_be_a_lost_refusal(violation));
        let found: Vec<String> = found.map(ToString::to_string).collect();
        found.into_iter().for_each(|violation| record.violation(violation));
        Summary::default()
    }))
}

fn put_final(world: &World, id: ConversationId, log: &[Event]) {
    let entries = log
        .iter()
        .map(|event| record::entry(event.seq.number(), &render::event_body(id, event, None)));
    let clock_ns = world.trace.now_ns();
    let mut record = world.record.lock();
    let invoked_ns = record.now_ns(clock_ns);
    record.history.finals.push(FinalRead {
        conversation: id,
        entries: entries.collect(),
        head: log.last().map_or(Seq::ZERO, |last| last.seq),
        invoked_ns,
    });
}

fn put_memberships(
    world: &World,
    conversation: ConversationId,
    stays: &BTreeMap<UserId, Vec<Stay>>,
    people: &[UserId],
) {
    let mut record = world.record.lock();
    for user in people {
        // Whoever never belonged to it sees nothing.
        let never =
            [Stay { joined: Seq::new(u64::MAX), from: Seq::new(u64::MAX), until: Some(Seq::ZERO) }];
        let of_user = stays.get(user).map_or(never.as_slice(), Vec::as_slice);
        record.history.memberships.extend(of_user.iter().map(|stay| Membership {
            user: *user,
            conversation,
            from: stay.from,
            until: stay.until,
        }));
    }
}

/// I13: what was confirmed is stored, and nobody has read what is not there.
async fn check_cursors(
    world: &World,
    store: &Store,
    (id, log): (ConversationId, &Vec<Event>),
) -> Result<(), ReadError> {
    let head = log.last().map_or(Seq::ZERO, |last| last.seq);
    let stored = cursor::all(store, id, Receipt::Read).await?;
    let mut record = world.record.lock();
    for (user, seq) in &stored {
        if *seq > head {
            record
                .violation(format!("I13: {user} has read {id} up to {seq}, behind its end {head}"));
        }
    }
    for person in &world.people {
        let confirmed = record.read.get(&(id, person.user)).copied().unwrap_or_default();
        let stands_at = stored.get(&person.user).copied().unwrap_or_default();
        if stands_at < confirmed {
            record.violation(format!(
                "I13: {} had read {id} up to {confirmed}, but {stands_at} is stored",
                person.user
            ));
        }
    }
    Ok(())
}

/// The inbox is what the logs say: heads, unread, digest.
async fn check_inboxes(
    world: &World,
    store: &Store,
    (id, log): (ConversationId, &Vec<Event>),
    stays: &BTreeMap<UserId, Vec<Stay>>,
) -> Result<(), ReadError> {
    let Some(last) = log.last() else { return Ok(()) };
    let members = conversation::members(store, id).await?;
    for (user, of_user) in stays {
        let belongs = of_user.last().is_some_and(|stay| stay.until.is_none());
        if belongs != members.iter().any(|(member, _)| member == user) {
            let told = format!("I11: the members of {id} are not those of its log: {user}");
            world.record.lock().violation(told);
        }
        if !belongs {
            continue;
        }
        let row = inbox::get(store, *user, id).await?;
        let Some(row) = row else {
            world.record.lock().violation(format!("inbox: {user} has no row for {id}"));
            continue;
        };
        let messages_up_to = |seq| messages_up_to(log, seq);
        let expected = (last.seq, messages_up_to(last.seq), messages_up_to(row.read_seq), false);
        let found = (row.head, row.messages, row.read_messages, row.left);
        if found != expected {
            world.record.lock().violation(format!(
                "inbox: the row of {user} for {id} is {found:?}, but the log says {expected:?}"
            ));
        }
    }
    Ok(())
}

fn messages_up_to(log: &[Event], seq: Seq) -> u64 {
    let messages = log.iter().filter(|event| matches!(event.body, EventBody::Message(_)));
    messages.take_while(|event| event.seq <= seq).count() as u64
}

/// I26: statistics are a recount of the logs.
async fn check_statistics(world: &World, store: &Store, logs: &Logs) -> Result<(), ReadError> {
    let mut counted: BTreeMap<Day, (u64, BTreeSet<UserId>)> = BTreeMap::new();
    for event in logs.values().flatten() {
        if matches!(event.body, EventBody::Message(_)) {
            let day = counted.entry(event.at.day()).or_default();
            day.0 += 1;
            day.1.insert(event.sender);
        }
    }
    for (day, expected) in counted {
        let found = (statistic::total(store, day).await?, statistic::users(store, day).await?);
        if found != expected {
            world.record.lock().violation(format!(
                "I26: day {day:?} has {} messages of {} people in the statistics, {} of {} in the logs",
                found.0,
                found.1.len(),
                expected.0,
                expected.1.len()
            ));
        }
    }
    Ok(())
}

/// Nothing new from whoever is surely blocked. Between nodes the block itself may be heard late.
fn check_blocks(world: &World) {
    if world.plan.nodes > 1 {
        return;
    }
    let record = &mut *world.record.lock();
    let mut found = Vec::new();
    for send in &record.history.sends {
        let SendOutcome::Acked { duplicate: false, completed_ns, .. } = send.outcome else {
            continue;
        };
        let blocker = world.people.iter().map(|person| person.user).find(|user| {
            ConversationId::direct(*user, send.device.user) == send.conversation
                && record.blocks.surely((*user, send.device.user), (send.invoked_ns, completed_ns))
        });
        found.extend(blocker.map(|blocker| {
            let (blocked, id) = (send.device.user, &send.client_message_id);
            format!("block: {blocked} sent {id} to {blocker} although blocked")
        }));
    }
    found.into_iter().for_each(|told| record.violation(told));
}
