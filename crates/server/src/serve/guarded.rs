//! A connection that cannot be held open by not reading.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connections::Permit;

/// A connection that ends when the other side takes nothing for too long, and that gives its place back then.
pub(crate) struct Guarded<S> {
    stream: S,
    write_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    _permit: Permit,
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S, write_timeout: Duration, permit: Permit) -> Self {
        Self { stream, write_timeout, stalled: None, _permit: permit }
    }

    /// What a write gives: its result, or an error if nothing could be written for too long.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.write_timeout)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, result)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::config::{Configuration, Overrides};
    use crate::metrics::Metrics;
    use crate::serve::connections::Connections;

    fn guarded<S>(stream: S) -> Guarded<S> {
        let limits =
            Configuration::load(None, Overrides::default()).expect("defaults are valid").limits;
        let permit = Connections::new(&limits, Metrics::new()).admit(None).expect("a place");
        Guarded::new(stream, Duration::from_millis(50), permit)
    }

    #[tokio::test]
    async fn who_takes_nothing_is_let_go() {
        let (near, far) = tokio::io::duplex(16);
        let error = guarded(near).write_all(&[0; 100]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test]
    async fn who_takes_a_little_at_a_time_is_served() {
        let (near, mut far) = tokio::io::duplex(16);
        let mut near = guarded(near);
        let reads = async {
            let mut taken = 0;
            while taken < 1_600 {
                taken += far.read(&mut [0; 4]).await.expect("it comes");
            }
        };
        let (written, ()) = tokio::join!(near.write_all(&[0; 1_600]), reads);
        written.expect("all of it was taken");
    }
}
