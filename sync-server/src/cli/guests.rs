//! How many connections are open at once: files are finite, and one that is open for nothing keeps a phone out.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once: every device of a county, twice; systemd gives a service 1,024 files unless it is told otherwise, and
/// SQLite wants some of them.
pub const GUESTS_MAX: usize = 800;

/// Lets so many in; who comes beyond is hung up on before anything is read.
#[derive(Clone, Debug)]
pub struct Guests<A> {
    within: A,
    seats: Arc<Semaphore>,
}

impl<A> Guests<A> {
    /// At most so many at once.
    pub fn new(within: A, seats: usize) -> Guests<A> {
        Guests { within, seats: Arc::new(Semaphore::new(seats)) }
    }
}

impl<I, S, A> Accept<I, S> for Guests<A>
where
    A: Accept<Seated<I>, S>,
    A::Future: Send + 'static,
{
    type Stream = A::Stream;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        match Arc::clone(&self.seats).try_acquire_owned() {
            Ok(seat) => Box::pin(self.within.accept(Seated { stream, _seat: seat }, service)),
            Err(_) => Box::pin(async { Err(io::Error::other("too many connections")) }),
        }
    }
}

/// A connection with its seat, which is free again when the connection ends.
#[derive(Debug)]
pub struct Seated<I> {
    stream: I,
    _seat: OwnedSemaphorePermit,
}

impl<I: AsyncRead + Unpin> AsyncRead for Seated<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Seated<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use axum_server::accept::DefaultAcceptor;

    use super::*;

    #[tokio::test]
    async fn who_comes_beyond_is_not_let_in_until_somebody_goes() {
        let guests = Guests::new(DefaultAcceptor::new(), 2);
        let first = guests.accept(tokio::io::duplex(8).0, ()).await.expect("a seat");
        let _second = guests.accept(tokio::io::duplex(8).0, ()).await.expect("a seat");
        assert!(guests.accept(tokio::io::duplex(8).0, ()).await.is_err(), "all seats are taken");
        drop(first);
        assert!(guests.accept(tokio::io::duplex(8).0, ()).await.is_ok());
    }
}
