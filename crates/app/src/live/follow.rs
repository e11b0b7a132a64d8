//! What other nodes say: told on to the sockets of this one.

use bus::{Incoming, Notice};
use domain::{ConversationId, Seq};
use store::Direction;
use store::tables::{conversation, event};

use super::Item;
use crate::{App, Failure, message, presence};

/// Events that one hint makes a node read at most; whoever lacks more pulls them.
const CATCH_UP_EVENTS_MAX: usize = 256;

/// Follows the bus until it closes.
pub(crate) async fn follow_bus(app: App) {
    let mut subscription = app.inner.bus.subscribe();
    loop {
        match subscription.next().await {
            Incoming::Notice(envelope) if envelope.from == app.inner.node => {}
            Incoming::Notice(envelope) => {
                if let Err(failure) = heed(&app, envelope.notice).await {
                    tracing::warn!(?failure, "a notice of another node could not be followed");
                }
            }
            Incoming::Missed => {
                app.inner.desks.forget_all();
                app.inner.sessions.forget_all();
            }
            Incoming::Closed => return,
        }
    }
}

async fn heed(app: &App, notice: Notice) -> Result<(), Failure> {
    match notice {
        Notice::Advanced { conversation, first, head } => {
            catch_up(app, conversation, (first, head)).await?;
        }
        Notice::SessionEnded { user, session } => {
            app.inner.sessions.forget(user, session);
            app.hub().end_session(user, session);
        }
        Notice::UserChanged(user) => {
            app.inner.sessions.forget(user, None);
            app.inner.desks.forget_all();
        }
        Notice::PreferencesChanged { user, version } => {
            app.hub().tell(user, &Item::Preferences(version));
        }
        Notice::Typing { conversation, user } => {
            message::tell_members(app, conversation, user, &Item::Typing { conversation, user })
                .await?;
        }
        Notice::Receipt { conversation, user, receipt, seq } => {
            let item = Item::Receipt { conversation, user, receipt, seq };
            message::tell_members(app, conversation, user, &item).await?;
        }
        Notice::Presence { user, .. } => presence::tell(app, user).await?,
    }
    Ok(())
}

/// Delivers what another node appended, from the log.
async fn catch_up(app: &App, id: ConversationId, (first, head): (Seq, Seq)) -> Result<(), Failure> {
    let Some(loaded) = conversation::load(app.store(), id).await? else {
        return Ok(());
    };
    let channel = app.hub().channel(id);
    channel.admit(&loaded.conversation);
    let told = channel.told();
    let from = if told == Seq::ZERO { first } else { told.next() };
    let page = (Direction::Forward, CATCH_UP_EVENTS_MAX);
    let mut live = Vec::new();
    for event in event::scan(app.store(), id, (from, head.next()), page).await? {
        channel.dismiss(&event, &loaded.conversation);
        let target = message::target_of(app, id, &event).await?;
        live.push(channel.share(event, target));
    }
    app.hub().deliver(&channel, &live, &std::collections::HashMap::new(), app.now());
    Ok(())
}
