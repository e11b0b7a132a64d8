//! The accept loop: connections come in here, are limited and encrypted, and end here when the server stops.

mod connections;
mod guarded;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::Request;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service as _;

use crate::config::{ClientAddress, Limits};
use crate::edge::Edge;
use crate::security::Peer;
use crate::tls::Tls;

use connections::{Connections, Permit};
pub(crate) use guarded::Guarded;

/// How long open requests may take to end when the server stops.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// Connections that the operating system keeps until they are taken, where it allows so many. A client that finds no room
/// tries again a second later: too few would make a storm of reconnects slow.
const CONNECTIONS_WAITING_MAX: u32 = 4_096;
/// How long the accept loop rests when the operating system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Streams that one HTTP/2 connection may have open.
const STREAMS_MAX: u32 = 32;
/// Streams of one HTTP/2 connection that may be reset before they were accepted (CVE-2023-44487).
const RESET_STREAMS_MAX: usize = 20;
/// How often a silent HTTP/2 connection is asked whether it is still there, and how long it may take to answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long a silent HTTP/2 connection may take to answer.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// What a connection gets for which there is no place.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Lets this process open as many files and connections as the operating system allows it at most.
pub fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Listens on `address`.
///
/// # Errors
/// If the address is in use, or may not be used.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    bind(address)
        .with_context(|| format!("cannot listen on {address}; choose another with --listen"))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A server that starts again does not wait for the connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(CONNECTIONS_WAITING_MAX)
}

/// One listener and what its connections get.
pub struct Door {
    /// Where connections come in.
    pub listener: TcpListener,
    /// What encrypts them.
    pub tls: Option<Arc<Tls>>,
    /// What answers them.
    pub routes: Router,
}

/// Takes connections until `stop` ends; then takes no more, runs `drain`, and waits for the open ones, for a while.
pub async fn serve(
    edge: &Edge,
    door: Door,
    stop: impl Future<Output = ()>,
    drain: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let connections = Connections::new(&edge.configuration().limits, edge.metrics().clone());
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = door.listener.accept() => match accepted {
                Ok((tcp, peer)) => {
                    if let Some(connection) = admit(edge, &connections, &door, (tcp, peer)) {
                        tasks.spawn(connection.run(stopped.clone()));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = tasks.join_next() => report(ended),
        }
    }
    drop(door.listener);
    edge.start_draining();
    drain.await;
    drop(stopping);
    let all_ended = async {
        while let Some(ended) = tasks.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(DRAIN_TIME, all_ended).await.is_err() {
        tracing::warn!("connections were still open when the time to stop was over");
    }
}

/// Connections that come in by another way than a listener, plain ones, within the same limits.
pub struct Lobby {
    edge: Edge,
    routes: Router,
    connections: Connections,
    /// One for each connection, so that they stop in the order in which they came.
    stopping: Mutex<Vec<watch::Sender<()>>>,
}

impl Lobby {
    /// Where `routes` answer.
    pub fn new(edge: &Edge, routes: Router) -> Self {
        let connections = Connections::new(&edge.configuration().limits, edge.metrics().clone());
        Self { edge: edge.clone(), routes, connections, stopping: Mutex::default() }
    }

    /// Answers everything that comes over `stream` until it ends. Nothing if there is no place for one more.
    pub fn attend(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        peer: IpAddr,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let permit = self.connections.admit(Some(ClientAddress::new(peer)))?;
        let limits = self.edge.configuration().limits.clone();
        let write_timeout = Duration::from_millis(limits.write_timeout_ms);
        let (stop, stopped) = watch::channel(());
        let mut stopping = self.stopping.lock();
        stopping.retain(|stop| !stop.is_closed());
        stopping.push(stop);
        drop(stopping);
        let routes = self.routes.clone();
        let exchange = Exchange { limits, peer: Peer(peer), routes, stopped };
        Some(exchange.http1(Guarded::new(stream, write_timeout, permit)))
    }

    /// Takes no more requests; what is under way is finished.
    pub fn close(&self) {
        self.edge.start_draining();
        for stop in self.stopping.lock().drain(..) {
            stop.send_replace(());
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("a connection panicked");
    }
}

/// A connection that has a place, or none if there is no place.
fn admit(
    edge: &Edge,
    connections: &Connections,
    door: &Door,
    (tcp, peer): (TcpStream, SocketAddr),
) -> Option<Connection> {
    let counted =
        (!edge.trusted_proxies().trusts(peer.ip())).then(|| ClientAddress::new(peer.ip()));
    let Some(permit) = connections.admit(counted) else {
        if door.tls.is_none() && tcp.try_write(NO_PLACE).is_err() {
            tracing::debug!("a connection without a place was gone already");
        }
        return None;
    };
    let limits = edge.configuration().limits.clone();
    let peer = Peer(peer.ip());
    Some(Connection {
        tcp,
        peer,
        permit,
        limits,
        tls: door.tls.clone(),
        routes: door.routes.clone(),
    })
}

struct Connection {
    tcp: TcpStream,
    peer: Peer,
    permit: Permit,
    limits: Limits,
    tls: Option<Arc<Tls>>,
    routes: Router,
}

impl Connection {
    async fn run(self, stopped: watch::Receiver<()>) {
        if let Err(error) = self.tcp.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it began");
            return;
        }
        let write_timeout = Duration::from_millis(self.limits.write_timeout_ms);
        let exchange =
            Exchange { limits: self.limits, peer: self.peer, routes: self.routes, stopped };
        let Some(tls) = self.tls else {
            return exchange.http1(Guarded::new(self.tcp, write_timeout, self.permit)).await;
        };
        match tls.accept(self.tcp, exchange.header_timeout()).await {
            Ok(Some(stream)) => {
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let stream = Guarded::new(stream, write_timeout, self.permit);
                if is_http2 { exchange.http2(stream).await } else { exchange.http1(stream).await }
            }
            Ok(None) => tracing::info!("the certificate authority has looked at this server"),
            Err(error) => tracing::debug!(%error, "a connection could not be encrypted"),
        }
    }
}

/// Requests and answers over one connection.
struct Exchange {
    limits: Limits,
    peer: Peer,
    routes: Router,
    stopped: watch::Receiver<()>,
}

impl Exchange {
    fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.limits.header_timeout_ms)
    }

    /// Plain connections speak HTTP/1.1 only: guessing the version has no time limit in the library.
    async fn http1(mut self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let header_bytes_max = usize::try_from(self.limits.header_bytes_max).unwrap_or(usize::MAX);
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout())
            .max_header_size(header_bytes_max)
            .max_buf_size(header_bytes_max);
        let service = routed(self.routes, self.peer);
        let mut connection =
            pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let ended = tokio::select! {
            biased;
            ended = &mut connection => ended,
            _ = self.stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        log_end(ended);
    }

    async fn http2(mut self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let (asked, has_asked) = watch::channel(());
        let silent = nothing_asked(has_asked, self.header_timeout());
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(self.limits.header_bytes_max)
            .max_pending_accept_reset_streams(RESET_STREAMS_MAX)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT);
        let (routes, peer) = (self.routes, self.peer);
        let service = service_fn(move |request| {
            asked.send_replace(());
            answer(routes.clone(), peer, request)
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = silent => return,
            _ = self.stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        log_end(ended);
    }
}

/// Ends if nothing is asked within `time`; otherwise never.
async fn nothing_asked(mut asked: watch::Receiver<()>, time: Duration) {
    if tokio::time::timeout(time, asked.changed()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

fn routed(
    routes: Router,
    peer: Peer,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send + 'static,
> {
    service_fn(move |request| answer(routes.clone(), peer, request))
}

fn answer(
    mut routes: Router,
    peer: Peer,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + Send + 'static {
    request.extensions_mut().insert(peer);
    routes.call(request)
}

fn log_end(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Routes that send everybody from HTTP to HTTPS, under the name they asked for.
pub fn redirect_to_https(https_port: u16) -> Router {
    Router::new()
        .fallback(move |request: Request| std::future::ready(redirect(&request, https_port)))
}

fn redirect(request: &Request, https_port: u16) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    match host.and_then(|host| https_uri(host, https_port, request.uri().path_and_query())) {
        Some(uri) => Redirect::permanent(&uri.to_string()).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn https_uri(host: &str, port: u16, path: Option<&PathAndQuery>) -> Option<Uri> {
    let asked: Authority = host.parse().ok()?;
    let authority =
        if port == 443 { asked.host().to_owned() } else { format!("{}:{port}", asked.host()) };
    let path = path.map_or("/", PathAndQuery::as_str);
    Uri::builder().scheme(Scheme::HTTPS).authority(authority).path_and_query(path).build().ok()
}

#[cfg(test)]
mod tests;
