//! Starts the binary on a state, reads everything over its socket, and tries again what had been answered.

use anyhow::{Context as _, ensure};
use client::{Error, Rest, Socket};
use domain::{ConversationId, MessageId, Seq};
use wire::frame::{
    ClientFrame, EventBody, HelloFrame, LoggedEvent, MemberChange, PageFrame, PullFrame,
    ServerFrame,
};
use wire::message::SendMessage;

use crate::judge::Claim;
use crate::kith::Setting;
use crate::recording::{self, Act, Body, Found, Logs, Operation, Person, Recording};

/// The last sends that are tried again.
const RETRIED: usize = 4;

pub(super) async fn read(
    setting: &Setting,
    recording: &Recording,
    claim: Claim,
) -> anyhow::Result<Logs> {
    if setting.data.exists() {
        setting.check().await?;
    }
    let mut kith = setting.start("127.0.0.1:0").await?;
    let mut logs = Logs::new();
    for (conversation, person) in recording.conversations() {
        if !claim.is_gathered(recording) {
            // Nobody can be sure of a session yet, and nothing was sent.
            logs.insert(conversation, Vec::new());
            continue;
        }
        let log = log(&kith.base, person, conversation).await;
        logs.insert(conversation, log.with_context(|| format!("reading {conversation}"))?);
    }
    for operation in last_sends(recording, claim) {
        try_again(&kith.base, recording, operation).await?;
    }
    kith.kill().await?;
    Ok(logs)
}

async fn log(
    base: &str,
    person: &Person,
    conversation: ConversationId,
) -> anyhow::Result<Vec<Found>> {
    let mut socket = Socket::connect(base).await?;
    let hello = HelloFrame { token: Some(person.token.clone()), ..HelloFrame::default() };
    socket.hello(hello).await?;
    let mut log: Vec<Found> = Vec::new();
    loop {
        let after = log.last().map_or(Seq::ZERO, |last| last.seq);
        let Some(page) = pull(&mut socket, conversation, after).await? else { return Ok(log) };
        for event in &page.events {
            log.push(found(event)?);
        }
        if !page.more {
            return Ok(log);
        }
    }
}

/// A page, or nothing where the conversation has not begun.
async fn pull(
    socket: &mut Socket,
    conversation: ConversationId,
    after: Seq,
) -> anyhow::Result<Option<PageFrame>> {
    let conversation_id = conversation.to_string();
    let pull = PullFrame { conversation_id, after: after.number(), limit: None };
    socket.send(&ClientFrame::Pull(pull)).await?;
    loop {
        match socket.next().await? {
            ServerFrame::Page(page) => return Ok(Some(page)),
            ServerFrame::Error(error) if after == Seq::ZERO && error.retry_after_ms.is_none() => {
                return Ok(None);
            }
            ServerFrame::Error(error) => return Err(Error::Frame(Box::new(error)).into()),
            ServerFrame::Ready(_)
            | ServerFrame::Ack(_)
            | ServerFrame::Nack(_)
            | ServerFrame::Event(_)
            | ServerFrame::Cursor(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Dirty(_)
            | ServerFrame::Heads(_)
            | ServerFrame::Drain(_)
            | ServerFrame::Revoked(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Preferences(_)
            | ServerFrame::Unknown => {}
        }
    }
}

fn found(event: &LoggedEvent) -> anyhow::Result<Found> {
    let target = |id: &str| id.parse::<MessageId>().map(|id| id.seq);
    let (sender, body) = match &event.event {
        EventBody::Message(message) => (&message.sender_id, Body::Message(message.text.clone())),
        EventBody::Edit(edit) => {
            (&edit.sender_id, Body::Other(recording::edited_event(target(&edit.message_id)?)))
        }
        EventBody::Delete(delete) => {
            (&delete.sender_id, Body::Other(recording::deleted(target(&delete.message_id)?)))
        }
        EventBody::Reaction(reaction) => {
            let target = target(&reaction.message_id)?;
            (&reaction.sender_id, Body::Other(format!("reaction to {target}")))
        }
        EventBody::Member(member) => {
            let user = member.user_id.parse()?;
            let what = match member.change {
                MemberChange::Added => recording::added(user),
                MemberChange::Removed | MemberChange::Left => recording::removed(user),
                MemberChange::Role => format!("{user} role"),
            };
            (&member.sender_id, Body::Other(what))
        }
        EventBody::Settings(settings) => (&settings.sender_id, Body::Other("settings".to_owned())),
        EventBody::Unknown => anyhow::bail!("an event of an unknown kind at {}", event.seq),
    };
    Ok(Found { seq: Seq::new(event.seq), sender: sender.parse()?, body })
}

fn last_sends(recording: &Recording, claim: Claim) -> impl Iterator<Item = &Operation> {
    let sends = recording.operations.iter().rev().filter(move |operation| {
        matches!(operation.act, Act::Send { .. }) && claim.is_durable(operation)
    });
    sends.take(RETRIED)
}

/// Once: what was answered is answered again, with the same place.
async fn try_again(base: &str, recording: &Recording, operation: &Operation) -> anyhow::Result<()> {
    let Act::Send { client_message_id, text, seq } = &operation.act else { return Ok(()) };
    let person = recording.people.iter().find(|person| person.user == operation.user);
    let person = person.context("a message was sent by one of the people")?;
    let message = SendMessage {
        conversation_id: Some(operation.conversation.clone()),
        message: text.clone(),
        ..SendMessage::default()
    };
    let rest = Rest::new(base)?.with_token(&person.token);
    let sent = rest.send(&message, Some(&client_message_id.parse()?)).await;
    let sent = sent.with_context(|| format!("trying again {operation:?}"))?;
    ensure!(sent.dup && sent.seq == *seq, "I4: {operation:?}, tried again, has {sent:?}");
    Ok(())
}
