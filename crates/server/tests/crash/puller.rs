//! A bare socket that asks for pages.

use client::{Error, Socket};
use domain::{ConversationId, Seq};
use wire::frame::{ClientFrame, HelloFrame, PageFrame, PullFrame, ReadyFrame, ServerFrame};

/// A socket and the answer to its `hello`.
pub(crate) struct Puller {
    pub(crate) ready: ReadyFrame,
    socket: Socket,
}

impl Puller {
    pub(crate) async fn open(base: &str, token: &str) -> Result<Self, Error> {
        let mut socket = Socket::connect(base).await?;
        let hello = HelloFrame { token: Some(token.to_owned()), ..HelloFrame::default() };
        let ready = socket.hello(hello).await?;
        Ok(Self { ready, socket })
    }

    /// The events after a place.
    pub(crate) async fn pull(
        &mut self,
        conversation: ConversationId,
        after: Seq,
    ) -> Result<PageFrame, Error> {
        let conversation_id = conversation.to_string();
        let pull = PullFrame { conversation_id, after: after.number(), limit: None };
        self.socket.send(&ClientFrame::Pull(pull)).await?;
        loop {
            let frame = self.socket.next().await?;
            if let ServerFrame::Page(page) = frame {
                return Ok(page);
            }
            if let ServerFrame::Error(error) = frame {
                return Err(Error::Frame(Box::new(error)));
            }
        }
    }
}
