//! Sends that come again: what became of the first.

use std::collections::HashMap;

use domain::{ClientMessageId, ConversationId, Refusal, UserId};
use store::ReadError;
use store::tables::conversation;

use super::super::command::{Command, Done};
use super::{Draft, State, target_event};
use crate::{App, Failure};

/// The first result of a send that is tried again.
pub(super) async fn already_sent(
    app: &App,
    state: &mut State,
    draft: &Draft,
    command: &Command,
) -> Result<Option<Result<Done, Failure>>, Failure> {
    let Some(idempotency) = &command.idempotency else {
        return Ok(None);
    };
    let id = state.conversation.id;
    let in_batch = draft.sent.get(&(command.actor, idempotency.id.clone())).copied();
    let sent = match in_batch {
        Some(sent) => Some(sent),
        None if state.used_uuids.are_below(app, id, (command.actor, &idempotency.id)).await? => {
            None
        }
        None => conversation::sent(app.store(), id, command.actor, &idempotency.id).await?,
    };
    let Some(sent) = sent else {
        return Ok(None);
    };
    if sent.fingerprint != idempotency.fingerprint {
        return Ok(Some(Err(Failure::Refused(Refusal::IdempotencyConflict))));
    }
    if domain::planted!(DuplicateGetsNewPlace) {
        let (seq, at) = (state.conversation.head, state.conversation.last_at);
        return Ok(Some(Ok(Done { conversation: id, seq, at, duplicate: true })));
    }
    let at = match target_event(app, state, draft, sent.seq).await? {
        Some(event) => event.at,
        None => state.conversation.last_at,
    };
    Ok(Some(Ok(Done { conversation: id, seq: sent.seq, at, duplicate: true })))
}

/// The greatest UUID by which each has sent, of those who sent since the desk was loaded. Whatever is greater cannot be
/// found, and is not looked for: looking cost a fifth of a send. UUIDs of version 7 grow.
///
/// Like all that a desk knows, it is right as long as the head is: whoever else writes here makes the commit fail.
#[derive(Default)]
pub(super) struct UsedUuids(HashMap<UserId, Option<[u8; 16]>>);

impl UsedUuids {
    /// Whether all that this sender has used here are below this id.
    async fn are_below(
        &mut self,
        app: &App,
        conversation: ConversationId,
        (sender, id): (UserId, &ClientMessageId),
    ) -> Result<bool, ReadError> {
        let Some(uuid) = id.as_uuid() else {
            return Ok(false);
        };
        let greatest = match self.0.get(&sender) {
            Some(known) => *known,
            None => {
                let found =
                    conversation::greatest_sent_uuid(app.store(), conversation, sender).await?;
                self.0.insert(sender, found);
                found
            }
        };
        Ok(Some(uuid) > greatest)
    }

    /// This id is used now.
    pub(super) fn note(&mut self, sender: UserId, id: &ClientMessageId) {
        if let Some(greatest) = self.0.get_mut(&sender)
            && !domain::planted!(UuidNotNoted)
        {
            *greatest = (*greatest).max(id.as_uuid());
        }
    }
}
