//! The network: a pipe between a client and a node on simulated time, which delays, chops, stalls and breaks.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::dice::Dice;

/// Bytes at the beginning of a connection that are not chopped.
const HANDSHAKE_BYTES: u64 = 2_000;
/// Bytes that may be on their way in each direction, where nobody is slow.
pub(crate) const CAPACITY_BYTES: usize = 65_536;
/// How far away a silent connection's bytes arrive: never within a run.
const NEVER: Duration = Duration::from_secs(1_000_000);

/// What a connection has to suffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// The shortest and the longest way of a chunk, in milliseconds.
    pub(crate) latency_ms: (u64, u64),
    /// Bytes that are taken or given at a time, at most.
    pub(crate) chunk_bytes_max: u64,
    /// Bytes a second that the client reads; 0 for no limit.
    pub(crate) client_reads: u64,
    /// Bytes that may be on their way in each direction.
    pub(crate) capacity: usize,
    /// Breaks after so many bytes in both directions together.
    pub(crate) cut_at: Option<u64>,
    /// Whether the ends learn that it broke.
    pub(crate) silence: Silence,
}

/// Whether the ends of a broken connection learn so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// They do.
    Broken,
    /// Nothing arrives any more, and nobody says so.
    Silent,
}

/// Looks at what a node writes: the bytes, how many came before them, and whether the client has been slow.
pub(crate) type Tap = Box<dyn FnMut(&[u8], Pressure) + Send>;

/// How a node's side stands when it writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pressure {
    /// Until when the pipe was full, if it ever was.
    pub(crate) full_until: Option<Instant>,
}

/// The side of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Node,
}

/// One end of a pipe.
pub(crate) struct End {
    shared: Arc<Mutex<Shared>>,
    side: Side,
    timer: Option<Pin<Box<Sleep>>>,
    tap: Option<Tap>,
}

/// A handle that can break a pipe.
#[derive(Clone)]
pub(crate) struct Line(Arc<Mutex<Shared>>);

struct Shared {
    to_node: Lane,
    to_client: Lane,
    weather: Weather,
    carried: u64,
    broken: bool,
    dice: Dice,
}

struct Lane {
    chunks: VecDeque<(Instant, VecDeque<u8>)>,
    bytes: usize,
    last_at: Instant,
    /// Whoever writes has ended.
    closed: bool,
    /// Whoever reads is gone.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    full: bool,
    full_until: Option<Instant>,
}

impl Lane {
    fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            bytes: 0,
            last_at: Instant::now(),
            closed: false,
            abandoned: false,
            reader: None,
            writer: None,
            full: false,
            full_until: None,
        }
    }

    /// Everything on its way arrives now.
    fn hurry(&mut self, now: Instant) {
        self.chunks.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
        self.last_at = self.last_at.min(now);
        self.wake();
    }

    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }
}

/// A pipe: the client's end, the node's, and the line between them. `tap` looks at what the node writes.
pub(crate) fn pipe(weather: Weather, dice: Dice, tap: Option<Tap>) -> (End, End, Line) {
    let shared = Arc::new(Mutex::new(Shared {
        to_node: Lane::new(),
        to_client: Lane::new(),
        weather,
        carried: 0,
        broken: false,
        dice,
    }));
    let end = |side, tap| End { shared: shared.clone(), side, timer: None, tap };
    (end(Side::Client, None), end(Side::Node, tap), Line(shared.clone()))
}

impl Line {
    /// Breaks the connection; both ends learn it.
    pub(crate) fn break_now(&self) {
        let mut shared = self.0.lock();
        shared.weather.silence = Silence::Broken;
        shared.break_now();
    }

    /// The weather gets fine: whatever is broken in silence breaks aloud, the rest is fast from now on.
    pub(crate) fn calm(&self) {
        let mut shared = self.0.lock();
        shared.weather.cut_at = None;
        shared.weather.client_reads = 0;
        shared.weather.capacity = CAPACITY_BYTES;
        if shared.broken {
            shared.weather.silence = Silence::Broken;
            shared.break_now();
        }
        let now = Instant::now();
        shared.to_node.hurry(now);
        shared.to_client.hurry(now);
    }

    /// Whether nobody holds an end any more.
    pub(crate) fn is_over(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

impl Shared {
    fn lanes(&mut self, side: Side) -> (&mut Lane, &mut Lane) {
        match side {
            Side::Client => (&mut self.to_node, &mut self.to_client),
            Side::Node => (&mut self.to_client, &mut self.to_node),
        }
    }

    fn break_now(&mut self) {
        self.broken = true;
        self.to_node.wake();
        self.to_client.wake();
    }

    fn is_reset(&self) -> bool {
        self.broken && self.weather.silence == Silence::Broken
    }

    fn chunk(&mut self) -> usize {
        // The client's WebSocket library takes a handshake in crumbs for an attack.
        let is_handshake = self.carried < HANDSHAKE_BYTES;
        let max = if is_handshake { HANDSHAKE_BYTES } else { self.weather.chunk_bytes_max };
        usize::try_from(1 + self.dice.below(max)).unwrap_or(usize::MAX)
    }

    fn read(&mut self, side: Side, waker: &Waker, buffer: &mut ReadBuf<'_>) -> Read {
        if self.is_reset() {
            return Read::Now(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let (now, most) = (Instant::now(), self.chunk().min(buffer.remaining()));
        let (_, lane) = self.lanes(side);
        match lane.chunks.front_mut() {
            Some((at, chunk)) if *at <= now => {
                let count = chunk.len().min(most);
                chunk.drain(..count).for_each(|byte| buffer.put_slice(&[byte]));
                if chunk.is_empty() {
                    lane.chunks.pop_front();
                }
                lane.bytes = lane.bytes.saturating_sub(count);
                lane.writer.take().into_iter().for_each(Waker::wake);
                Read::Now(Ok(()))
            }
            Some((at, _)) => {
                lane.reader = Some(waker.clone());
                Read::At(*at)
            }
            None if lane.closed => Read::Now(Ok(())),
            None => {
                lane.reader = Some(waker.clone());
                Read::Later
            }
        }
    }

    fn write(&mut self, side: Side, waker: &Waker, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let (capacity, most) = (self.weather.capacity, self.chunk());
        let until_cut = self.weather.cut_at.map(|cut_at| cut_at.saturating_sub(self.carried));
        let reset = self.is_reset();
        let now = Instant::now();
        let (lane, _) = self.lanes(side);
        if reset || lane.abandoned || lane.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = capacity.saturating_sub(lane.bytes);
        if room == 0 {
            lane.full = true;
            lane.writer = Some(waker.clone());
            return Poll::Pending;
        }
        if std::mem::take(&mut lane.full) {
            lane.full_until = Some(now);
        }
        let mut count = bytes.len().min(room).min(most);
        let cut = until_cut.is_some_and(|left| left <= count as u64);
        if cut && !self.broken {
            count = count.min(usize::try_from(until_cut.unwrap_or_default()).unwrap_or(count));
            self.carry(side, bytes, count);
            self.break_now();
            return match (count, self.is_reset()) {
                (0, true) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
                (0, false) => Poll::Ready(Ok(bytes.len())),
                _ => Poll::Ready(Ok(count)),
            };
        }
        self.carry(side, bytes, count);
        Poll::Ready(Ok(count))
    }

    fn carry(&mut self, side: Side, bytes: &[u8], count: usize) {
        let (low, high) = self.weather.latency_ms;
        let mut wait = Duration::from_micros(self.dice.between(low * 1000, high * 1000));
        let rate = self.weather.client_reads;
        if side == Side::Node && rate > 0 {
            wait += Duration::from_micros(count as u64 * 1_000_000 / rate);
        }
        if self.broken {
            wait = NEVER;
        }
        self.carried += count as u64;
        let now = Instant::now();
        let (lane, _) = self.lanes(side);
        // A slow reader takes one chunk after the other; what is only far away is on its way all at once.
        let at = if side == Side::Node && rate > 0 {
            lane.last_at.max(now) + wait
        } else {
            lane.last_at.max(now + wait)
        };
        lane.last_at = at;
        lane.bytes += count;
        lane.chunks.push_back((at, bytes.iter().take(count).copied().collect()));
        lane.reader.take().into_iter().for_each(Waker::wake);
    }
}

enum Read {
    Now(io::Result<()>),
    At(Instant),
    Later,
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let read = self.shared.lock().read(self.side, context.waker(), buffer);
            match read {
                Read::Now(result) => {
                    self.timer = None;
                    return Poll::Ready(result);
                }
                Read::Later => return Poll::Pending,
                Read::At(at) => {
                    let mut timer = Box::pin(sleep_until(at));
                    if timer.as_mut().poll(context).is_pending() {
                        self.timer = Some(timer);
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let (written, pressure) = {
            let mut shared = self.shared.lock();
            let written = shared.write(self.side, context.waker(), bytes);
            let (lane, _) = shared.lanes(self.side);
            (written, Pressure { full_until: lane.full_until })
        };
        if let (Poll::Ready(Ok(count)), Some(tap)) = (&written, &mut self.tap) {
            tap(bytes.get(..*count).unwrap_or_default(), pressure);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = self.shared.lock();
        let (lane, _) = shared.lanes(self.side);
        lane.closed = true;
        lane.wake();
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let mut shared = self.shared.lock();
        let silent = shared.broken && shared.weather.silence == Silence::Silent;
        let (written, read) = shared.lanes(self.side);
        // A silent line does not even tell that the other side has gone.
        if !silent {
            written.closed = true;
            read.abandoned = true;
            written.wake();
            read.wake();
        }
    }
}
