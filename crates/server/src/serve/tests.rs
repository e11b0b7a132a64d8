use std::sync::Arc;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};

use super::*;
use crate::config::{Configuration, Overrides};
use crate::edge::Observed;

/// A server that runs beside a test, until the test lets go of it.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinSet<()>,
}

fn edge(change: impl FnOnce(&mut Limits)) -> Edge {
    let mut configuration =
        Configuration::load(None, Overrides::default()).expect("defaults are valid");
    change(&mut configuration.limits);
    Edge::new(configuration, Box::new(Observed::default))
}

async fn start(edge: Edge, routes: Router, tls: Option<Tls>) -> Running {
    let listener = listen("127.0.0.1:0".parse().unwrap()).expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let routes = crate::security::around(routes, &edge);
    let door = Door { listener, tls: tls.map(Arc::new), routes };
    let (stop, stopped) = oneshot::channel();
    let mut ended = JoinSet::new();
    ended.spawn(async move {
        let stopped = async {
            assert!(stopped.await.is_ok(), "the test stops the server");
        };
        serve(&edge, door, stopped, std::future::ready(())).await;
    });
    Running { address, stop, ended }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    async fn stop(mut self) {
        self.stop.send(()).expect("the server runs");
        self.ended.join_next().await.expect("one task").expect("it does not panic");
    }
}

fn routes() -> Router {
    Router::new().route("/good", get(async || "good"))
}

async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has ended as well; what came before counts.
    let end = stream.read_to_end(&mut bytes).await;
    assert!(end.is_ok() || bytes.is_empty(), "{end:?}");
    String::from_utf8(bytes).expect("text")
}

const CLOSE: &str = "GET /good HTTP/1.1\r\nHost: kith\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered() {
    let running = start(edge(|_| ()), routes(), None).await;
    let mut client = running.connect().await;
    client.write_all(CLOSE.as_bytes()).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("good"), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn a_head_that_never_ends_ends_the_connection() {
    let running = start(edge(|limits| limits.header_timeout_ms = 100), routes(), None).await;
    for beginning in ["", "P", "GET /good HTTP/1.1\r\nHost: k"] {
        let mut client = running.connect().await;
        client.write_all(beginning.as_bytes()).await.unwrap();
        let answer = rest(&mut client).await;
        assert!(!answer.contains("200 OK"), "{beginning:?}: {answer}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let running = start(edge(|limits| limits.header_bytes_max = 8_192), routes(), None).await;
    let mut client = running.connect().await;
    let head = format!("GET /good HTTP/1.1\r\nHost: kith\r\nX-Long: {}\r\n\r\n", "a".repeat(9_000));
    client.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    client.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 431");
    running.stop().await;
}

#[tokio::test]
async fn an_address_with_too_many_connections_is_told_to_wait() {
    let running = start(edge(|limits| limits.connections_per_address = 1), routes(), None).await;
    let mut first = running.connect().await;
    let keep = "GET /good HTTP/1.1\r\nHost: kith\r\n\r\n";
    first.write_all(keep.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    first.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 200");

    let mut second = running.connect().await;
    let refusal = rest(&mut second).await;
    assert!(refusal.starts_with("HTTP/1.1 503") && refusal.contains("Retry-After"), "{refusal}");
    drop(first);
    running.stop().await;
}

#[tokio::test]
async fn an_open_request_is_answered_before_the_server_ends() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (in_route, may_answer) = (Arc::clone(&begun), Arc::clone(&go));
    let slow = move || async move {
        in_route.notify_one();
        may_answer.notified().await;
        "at last"
    };
    let edge = edge(|_| ());
    let running = start(edge.clone(), Router::new().route("/slow", get(slow)), None).await;
    let mut client = running.connect().await;
    client.write_all(b"GET /slow HTTP/1.1\r\nHost: kith\r\n\r\n").await.unwrap();
    begun.notified().await;
    let address = running.address;
    let (answer, ()) = tokio::join!(rest(&mut client), async {
        let stopping = running.stop();
        // The route answers only after the server has begun to stop.
        let released = async {
            while !edge.is_draining() {
                tokio::task::yield_now().await;
            }
            go.notify_one();
        };
        tokio::join!(stopping, released);
    });
    assert!(answer.ends_with("at last"), "{answer}");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_idle_connection_does_not_keep_the_server_from_ending() {
    let running = start(edge(|_| ()), routes(), None).await;
    let mut client = running.connect().await;
    client.write_all(b"GET /good HTTP/1.1\r\nHost: kith\r\n\r\n").await.unwrap();
    let mut status = [0; 12];
    client.read_exact(&mut status).await.expect("an answer");
    running.stop().await;
    assert!(rest(&mut client).await.ends_with("good"));
}

#[tokio::test]
async fn http_is_redirected_to_https() {
    let running = start(edge(|_| ()), redirect_to_https(443), None).await;
    let mut client = running.connect().await;
    let asked =
        "GET /group/x?y=z HTTP/1.1\r\nHost: chat.example.org:80\r\nConnection: close\r\n\r\n";
    client.write_all(asked.as_bytes()).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    assert!(answer.contains("location: https://chat.example.org/group/x?y=z\r\n"), "{answer}");
    running.stop().await;
}

mod encrypted {
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// A certificate in a folder, and the configuration that names it.
    fn certificate() -> (tempfile::TempDir, crate::config::Tls, RootCertStore) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.key_pair.serialize_pem()).unwrap();
        let mut tls =
            Configuration::load(None, Overrides::default()).expect("defaults are valid").tls;
        tls.certificate_file = Some(folder.path().join("cert.pem"));
        tls.key_file = Some(folder.path().join("key.pem"));
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("it is its own root");
        (folder, tls, roots)
    }

    async fn speak(running: &Running, roots: RootCertStore, protocol: &[u8]) -> Option<Vec<u8>> {
        let mut client =
            ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        client.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(client));
        let mut stream =
            connector.connect(name, running.connect().await).await.expect("it speaks TLS");
        if protocol == b"http/1.1" {
            stream.write_all(CLOSE.as_bytes()).await.unwrap();
            assert!(rest(&mut stream).await.ends_with("good"));
        }
        stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec)
    }

    #[tokio::test]
    async fn a_certificate_from_files_serves_both_versions_of_http() {
        crate::tls::install_cryptography();
        let (folder, config, roots) = certificate();
        let (tls, renewal) =
            Tls::new(&config, folder.path()).expect("good files").expect("TLS is on");
        assert!(renewal.is_none());
        let running =
            start(edge(|limits| limits.header_timeout_ms = 500), routes(), Some(tls)).await;
        for protocol in [b"http/1.1".as_slice(), b"h2"] {
            assert_eq!(speak(&running, roots.clone(), protocol).await.as_deref(), Some(protocol));
        }
        running.stop().await;
    }

    #[tokio::test]
    async fn who_connects_and_says_nothing_is_let_go() {
        crate::tls::install_cryptography();
        let (folder, config, _) = certificate();
        let (tls, _) = Tls::new(&config, folder.path()).expect("good files").expect("TLS is on");
        let running =
            start(edge(|limits| limits.header_timeout_ms = 100), routes(), Some(tls)).await;
        assert_eq!(rest(&mut running.connect().await).await, "");
        running.stop().await;
    }

    #[tokio::test]
    async fn certificates_are_read_again_and_bad_ones_leave_the_old() {
        crate::tls::install_cryptography();
        let (folder, config, _) = certificate();
        let (tls, _) = Tls::new(&config, folder.path()).expect("good files").expect("TLS is on");
        let (fresh, _, roots) = certificate();
        for file in ["cert.pem", "key.pem"] {
            std::fs::copy(fresh.path().join(file), folder.path().join(file)).unwrap();
        }
        tls.reload().expect("good files");
        std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
        let complaint = format!("{:#}", tls.reload().expect_err("no key"));
        assert!(complaint.contains("tls.key_file"), "{complaint}");
        let running = start(edge(|_| ()), routes(), Some(tls)).await;
        speak(&running, roots, b"http/1.1").await;
        running.stop().await;
    }
}
