//! A life of connections: keeps the place in every conversation, sends until there is an answer, comes back by itself.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use domain::{ConversationId, Seq};
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use wire::frame::{ClientFrame, PingFrame, ReadFrame, ReadyFrame, TypingFrame};

use crate::backoff::Backoff;
use crate::outbox::{OutboxFull, Outgoing};
use crate::state::{Connection, Place, State, Update};
use crate::{Dial, Error, Socket};

/// A connection that says nothing for this long is given up, and so is a send without an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Far below the two minutes after which the server ends a silent socket.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Where to connect, as whom, and from where on.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// The server, such as `http://127.0.0.1:8080`.
    pub base: String,
    /// The access token.
    pub token: String,
    /// What the device is called.
    pub device: Option<String>,
    /// Where the session before ended.
    pub place: Place,
    /// When to come back after a lost connection.
    pub backoff: Backoff,
    /// How to get there; over TCP where nothing is said.
    pub dial: Option<Dial>,
}

impl SessionOptions {
    /// A new device, which gets everything from the beginning.
    pub fn new(base: &str, token: &str) -> Self {
        Self {
            base: base.to_owned(),
            token: token.to_owned(),
            device: None,
            place: Place::default(),
            backoff: Backoff::default(),
            dial: None,
        }
    }
}

/// One device of a user, as long as it lives.
pub struct Session {
    options: SessionOptions,
    state: State,
    link: Link,
    /// Frames that are to be written; they survive a cancelled [`Session::next`].
    writing: VecDeque<ClientFrame>,
    heard_at: Instant,
    ping_at: Instant,
}

/// Waits that outlive a cancelled [`Session::next`].
type Opening = Pin<Box<dyn Future<Output = Result<(Socket, ReadyFrame), Error>> + Send>>;

enum Link {
    Waiting(Pin<Box<Sleep>>),
    Opening(Opening),
    Up(Box<Socket>),
    Over,
}

impl Session {
    /// Connects when [`Session::next`] is called.
    pub fn new(options: SessionOptions) -> Self {
        let now = Instant::now();
        let state = State::new(options.place.clone());
        let link = Link::Waiting(Box::pin(sleep(Duration::ZERO)));
        Self {
            options,
            state,
            link,
            writing: VecDeque::new(),
            heard_at: now,
            ping_at: now + PING_EVERY,
        }
    }

    /// What happens next. `None` while the session needs another token: see [`Session::set_token`].
    ///
    /// May be cancelled, for example as a branch of `select!`: nothing is lost.
    pub async fn next(&mut self) -> Option<Update> {
        loop {
            if let Some(update) = self.state.next_update() {
                return Some(update);
            }
            match &mut self.link {
                Link::Over => return None,
                Link::Waiting(wait) => {
                    wait.await;
                    self.open();
                }
                Link::Opening(opening) => {
                    let opened = opening.await;
                    self.opened(opened);
                }
                Link::Up(_) => self.work().await,
            }
        }
    }

    /// Sends a message when [`Session::next`] is called, and again until there is an answer.
    ///
    /// # Errors
    /// [`OutboxFull`]: wait for answers first.
    pub fn send(&mut self, message: Outgoing) -> Result<(), OutboxFull> {
        self.state.send(message)
    }

    /// Messages without an answer.
    pub fn unsent(&self) -> usize {
        self.state.unsent()
    }

    /// Tells that the user has read a conversation up to `seq`. Without a connection it is dropped.
    pub fn read(&mut self, conversation: ConversationId, seq: Seq) {
        let read = ReadFrame { conversation_id: conversation.to_string(), seq: seq.number() };
        self.write_if_up(ClientFrame::Read(read));
    }

    /// Tells that the user is writing. Without a connection it is dropped.
    pub fn typing(&mut self, conversation: ConversationId) {
        self.write_if_up(ClientFrame::Typing(TypingFrame {
            conversation_id: conversation.to_string(),
        }));
    }

    /// A conversation is known, from elsewhere, to reach `seq`: what is missing is pulled.
    pub fn reaches(&mut self, conversation: ConversationId, seq: Seq) {
        self.state.reaches(conversation, seq);
    }

    /// Whether a connection stands and nothing is known to be missing.
    pub fn is_current(&self) -> bool {
        matches!(self.link, Link::Up(_)) && !self.state.lags()
    }

    /// What to keep for the next session.
    pub fn place(&self) -> Place {
        self.state.place()
    }

    /// The digest of what is here, to compare with the server's.
    pub fn digest(&self) -> String {
        self.state.digest()
    }

    /// Goes on with another access token, at the latest with the next connection.
    pub fn set_token(&mut self, token: &str) {
        self.options.token = token.to_owned();
        if matches!(self.link, Link::Over) {
            self.open();
        }
    }

    /// Goes on at another address, with the next connection.
    pub fn set_base(&mut self, base: &str) {
        self.options.base = base.to_owned();
    }

    /// Drops the connection and makes another one at once: for a device that changed its network, or slept.
    pub fn reconnect(&mut self) {
        match self.link {
            Link::Up(_) => {
                self.writing.clear();
                self.state.lost();
                self.open();
            }
            Link::Waiting(_) => self.open(),
            Link::Opening(_) | Link::Over => {}
        }
    }

    fn write_if_up(&mut self, frame: ClientFrame) {
        if matches!(self.link, Link::Up(_)) {
            self.writing.push_back(frame);
        }
    }

    fn open(&mut self) {
        let (base, dial) = (self.options.base.clone(), self.options.dial.clone());
        let hello = self.state.hello(&self.options.token, self.options.device.as_deref());
        let open = async move {
            let mut socket = match dial {
                Some(dial) => Socket::dial(&base, &dial).await?,
                None => Socket::connect(&base).await?,
            };
            let ready = socket.hello(hello).await?;
            Ok((socket, ready))
        };
        let open =
            async move { timeout(ANSWER_WITHIN, open).await.map_err(Error::unknown).flatten() };
        self.link = Link::Opening(Box::pin(open));
    }

    fn opened(&mut self, opened: Result<(Socket, ReadyFrame), Error>) {
        match opened {
            Ok((socket, ready)) => {
                let now = Instant::now();
                (self.heard_at, self.ping_at) = (now, now + PING_EVERY);
                self.options.backoff.worked();
                self.state.ready(ready);
                self.link = Link::Up(Box::new(socket));
            }
            Err(error) if error.needs_token() => {
                self.state.signed_out(None);
                self.link = Link::Over;
            }
            Err(_) => self.wait(Duration::ZERO),
        }
    }

    /// Comes back after `at_least`, and a time of its own on top.
    fn wait(&mut self, at_least: Duration) {
        let wait = at_least + self.options.backoff.failed();
        self.link = Link::Waiting(Box::pin(sleep(wait)));
    }

    fn lost(&mut self, error: &Error) {
        self.writing.clear();
        self.state.lost();
        if error.needs_token() {
            self.state.signed_out(None);
            self.link = Link::Over;
        } else {
            self.wait(Duration::ZERO);
        }
    }

    /// Writes what is due, then waits for a frame or for the time to write more.
    async fn work(&mut self) {
        let now = Instant::now();
        self.writing.extend(self.state.due(now));
        let wake_at =
            self.state.wake_at().map_or(self.ping_at, |wake_at| wake_at.min(self.ping_at));
        let Link::Up(socket) = &mut self.link else { return };
        let written = timeout(ANSWER_WITHIN, write(socket, &mut self.writing)).await;
        if let Err(error) = written.map_err(Error::unknown).flatten() {
            return self.lost(&error);
        }
        let heard = tokio::select! {
            biased;
            frame = socket.next() => Some(frame),
            () = sleep_until(wake_at) => None,
        };
        match heard {
            Some(Ok(frame)) => {
                self.heard_at = Instant::now();
                match self.state.handle(frame, self.heard_at) {
                    Connection::Stays => {}
                    Connection::Again(at_least) => {
                        self.state.lost();
                        self.writing.clear();
                        self.wait(at_least);
                    }
                    Connection::Over => {
                        self.writing.clear();
                        self.link = Link::Over;
                    }
                }
            }
            Some(Err(error)) => self.lost(&error),
            None => self.tick(),
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if now < self.ping_at {
            return;
        }
        self.ping_at = now + PING_EVERY;
        let silent_since = self.state.oldest_in_flight().unwrap_or(now).min(self.heard_at);
        if now.duration_since(silent_since) > ANSWER_WITHIN {
            self.lost(&Error::unknown("no answer in time"));
            return;
        }
        self.writing.extend(self.state.acked());
        self.writing.push_back(ClientFrame::Ping(PingFrame::default()));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Writes frames from the front; what was not written stays when this is cancelled.
async fn write(socket: &mut Socket, frames: &mut VecDeque<ClientFrame>) -> Result<(), Error> {
    while let Some(frame) = frames.front() {
        socket.feed(frame).await?;
        frames.pop_front();
    }
    socket.flush().await
}
