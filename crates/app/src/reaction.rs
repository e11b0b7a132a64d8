//! Reactions.

use domain::MessageId;
use domain::event::ReactionChange;
use domain::text::Emoji;

use crate::desk::Action;
use crate::session::Actor;
use crate::{App, Failure, message};

/// Reacts to a message, or takes a reaction back. Doing either twice changes nothing.
///
/// # Errors
/// What `domain::conversation::decide` refuses.
pub async fn change(
    app: &App,
    actor: &Actor,
    message: MessageId,
    (emoji, change): (Emoji, ReactionChange),
) -> Result<(), Failure> {
    let action = Action::React { target: message.seq, emoji, change };
    message::change(app, actor, message.conversation, action).await.map(drop)
}
