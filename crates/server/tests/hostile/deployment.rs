//! A server under attack, and two people who do not notice.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peer::{FINAL, Peer, TEXT, frame};

const PASSWORD: &str = "a long sentence is fine";
/// Whence the people connect; attackers come from other addresses.
const HOME: u8 = 1;

/// A running server. It is killed when the test ends.
pub(crate) struct Kith {
    process: Child,
    folder: TempDir,
    pub(crate) address: SocketAddr,
}

impl Kith {
    /// Starts with settings in its environment. Rates do not count: what stops an attack shall be something else.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        server::serve::allow_many_connections();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = File::create(folder.path().join("log")).expect("a file for the log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder.path().join("data"));
        command.env("KITH_LOG_LEVEL", "warn").env("KITH_LIMITS_RATES", "false");
        command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().expect("the binary starts");
        let mut line = String::new();
        let out = process.stdout.as_mut().expect("it has a standard output");
        BufReader::new(out).read_line(&mut line).expect("it says where it listens");
        let address = line.trim_end().rsplit('/').next().and_then(|address| address.parse().ok());
        Self { process, folder, address: address.expect("an address") }
    }

    /// What the process holds of the machine's memory.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.kib("status", "VmRSS:")
    }

    /// What of it is its own, and neither the program nor files.
    pub(crate) fn anonymous_kib(&self) -> u64 {
        self.kib("smaps_rollup", "Anonymous:")
    }

    fn kib(&self, file: &str, name: &str) -> u64 {
        let path = format!("/proc/{}/{file}", self.process.id());
        let told = std::fs::read_to_string(path).expect("the process runs");
        let line = told.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("a number of KiB")
    }

    /// No thread and no task has panicked.
    pub(crate) fn is_unharmed(&mut self) {
        assert!(self.process.try_wait().expect("it can be asked").is_none(), "the server is gone");
        let log = std::fs::read_to_string(self.folder.path().join("log")).expect("a log");
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Drop for Kith {
    fn drop(&mut self) {
        if self.process.kill().is_ok() {
            drop(self.process.wait());
        }
    }
}

/// Somebody with an account.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// Registers and signs in.
pub(crate) async fn account(kith: &Kith, name: &str) -> Account {
    let (client, base) = (Client::new(), format!("http://{}", kith.address));
    let new = json!({ "email": format!("{name}@example.org"), "password": PASSWORD, "name": name });
    let id = text(&post(&client, &format!("{base}/register"), &new).await, "user_id");
    Account { id, token: token(kith, name).await }
}

/// Signs in on one more device.
pub(crate) async fn token(kith: &Kith, name: &str) -> String {
    let login = json!({ "username": format!("{name}@example.org"), "password": PASSWORD });
    let url = format!("http://{}/login", kith.address);
    text(&post(&Client::new(), &url, &login).await, "token")
}

async fn post(client: &Client, url: &str, body: &Value) -> Value {
    let answer = client.post(url).json(body).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.expect("JSON")
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).expect("a text").to_owned()
}

/// Opens a socket and says hello.
pub(crate) async fn socket(kith: &Kith, last: u8, account: &Account) -> Peer {
    let mut peer = Peer::open(kith.address, last, ("/socket", "")).await.expect("a socket");
    greet(&mut peer, &account.token).await;
    peer
}

/// Says hello, and hears that everything is ready.
pub(crate) async fn greet(peer: &mut Peer, token: &str) {
    let hello = json!({ "type": "hello", "token": token, "upos": 0 });
    say(peer, &hello).await;
    until(peer, "ready").await;
}

pub(crate) async fn say(peer: &mut Peer, value: &Value) {
    peer.send(&frame(FINAL | TEXT, value.to_string().as_bytes())).await.expect("an open socket");
}

/// Reads up to a frame of this type.
pub(crate) async fn until(peer: &mut Peer, name: &str) -> Value {
    loop {
        let frame = peer.read().await.expect("an open socket");
        assert_eq!(frame.first, FINAL | TEXT, "{:?}", frame.close_code());
        let value: Value = serde_json::from_slice(&frame.payload).expect("JSON");
        if value.get("type").is_some_and(|found| found == name) {
            return value;
        }
    }
}

/// Two people with open sockets.
pub(crate) struct Pair {
    anna: (Account, Peer),
    ben: (Account, Peer),
    said: u64,
}

impl Pair {
    pub(crate) async fn meet(kith: &Kith) -> Self {
        let (anna, ben) = (account(kith, "anna").await, account(kith, "ben").await);
        let sockets = (socket(kith, HOME, &anna).await, socket(kith, HOME, &ben).await);
        Self { anna: (anna, sockets.0), ben: (ben, sockets.1), said: 0 }
    }

    /// Anna writes, Ben gets it over his socket, and finds it in the history. Nobody has to connect again.
    pub(crate) async fn talk(&mut self, kith: &Kith) {
        self.said += 1;
        let words = format!("message {}", self.said);
        let (id, to) = (self.said.to_string(), &self.ben.0.id);
        let send =
            json!({ "type": "send", "receiver_id": to, "client_message_id": id, "text": words });
        say(&mut self.anna.1, &send).await;
        until(&mut self.anna.1, "ack").await;
        let event = until(&mut self.ben.1, "event").await;
        assert_eq!(event.pointer("/event/text"), Some(&json!(words)));
        // A socket from which nothing is heard would end after two minutes.
        say(&mut self.ben.1, &json!({ "type": "ping" })).await;
        until(&mut self.ben.1, "pong").await;
        self.history(kith, &words).await;
    }

    async fn history(&self, kith: &Kith, words: &str) {
        let path = format!("message/history?conversation_id={}&limit=1", self.anna.0.id);
        let asked = Client::new().get(format!("http://{}/{path}", kith.address));
        let answer = asked.bearer_auth(&self.ben.0.token).send().await.expect("an answer");
        let latest: Value = answer.json().await.expect("JSON");
        assert_eq!(latest.pointer("/0/text"), Some(&json!(words)), "{latest}");
    }
}
