//! A server of its own for each test, people on it, and what an answer must look like.

#![expect(
    clippy::indexing_slicing,
    reason = "a missing field of a JSON value is null, and fails the test"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::str::FromStr as _;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "a long sentence is fine";

/// A running server. It is killed when the test ends.
pub(crate) struct Kith {
    process: Child,
    settings: Vec<(&'static str, &'static str)>,
    folder: TempDir,
    client: Client,
    url: String,
}

impl Kith {
    /// A server with an empty data folder and without rate limits.
    pub(crate) fn start() -> Self {
        Self::start_with(&[("KITH_LIMITS_RATES", "false")])
    }

    /// A server with settings in its environment.
    pub(crate) fn start_with(settings: &[(&'static str, &'static str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = settings.to_vec();
        let (process, url) = spawn(&folder, &settings);
        Self { process, settings, folder, client: Client::new(), url }
    }

    /// Kills the server with no warning, and starts it again over the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        (self.process, self.url) = spawn(&self.folder, &self.settings);
    }

    /// Where it listens, as address and port.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("it speaks HTTP")
    }

    /// A request that is not sent yet.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_str(method).expect("a method");
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request without a session.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// Registers and signs in.
    pub(crate) async fn person(&self, name: &str) -> Person<'_> {
        let email = format!("{}@example.org", name.to_lowercase());
        let body = json!({ "email": email, "password": PASSWORD, "name": name });
        let registered = self.ask("POST", "/register", Some(body)).await.with_status(201).json();
        let id = registered["user_id"].as_str().expect("an id").to_owned();
        let tokens = self.login(&email).await;
        Person { kith: self, id, email, token: text(&tokens, "token") }
    }

    /// Signs in and returns the answer.
    pub(crate) async fn login(&self, name: &str) -> Value {
        let body = json!({ "username": name, "password": PASSWORD });
        self.ask("POST", "/login", Some(body)).await.with_status(200).json()
    }
}

impl Drop for Kith {
    fn drop(&mut self) {
        if self.process.kill().is_ok() {
            drop(self.process.wait());
        }
    }
}

fn spawn(folder: &TempDir, settings: &[(&str, &str)]) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
    command.env("KITH_LOG_LEVEL", "error").envs(settings.iter().copied()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("the binary starts");
    let mut line = String::new();
    let out = process.stdout.as_mut().expect("it has a standard output");
    BufReader::new(out).read_line(&mut line).expect("it says where it listens");
    let url = line.split_whitespace().last().expect("an address").to_owned();
    assert!(url.starts_with("http://"), "{line}");
    (process, url)
}

/// Somebody with an account and a session.
pub(crate) struct Person<'a> {
    pub(crate) kith: &'a Kith,
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl Person<'_> {
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.kith.request(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        send(self.request(method, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request("DELETE", path)).await
    }

    /// Sends a text to a user or a group and returns the whole answer.
    pub(crate) async fn send(&self, receiver: &str, text: &str) -> Value {
        let body = json!({ "sender_id": self.id, "receiver_id": receiver, "message": text });
        self.ask("POST", "/message/send", body).await.with_status(200).json()
    }

    /// The texts of a conversation, oldest first.
    pub(crate) async fn texts(&self, conversation: &str) -> Vec<Value> {
        let path = format!("/message/history?conversation_id={conversation}&limit=200");
        let history = self.get(&path).await.with_status(200).json();
        let messages = history.as_array().expect("a bare array");
        messages.iter().map(|message| message["text"].clone()).collect()
    }

    /// Creates a group with the others.
    pub(crate) async fn group(&self, others: &[&Person<'_>]) -> String {
        let participants: Vec<&str> = others.iter().map(|other| other.id.as_str()).collect();
        let body = json!({ "group_name": "Hiking", "participants": participants });
        let created = self.ask("POST", "/group/create", body).await.with_status(201).json();
        text(&created, "group_id")
    }
}

/// A field that is a text.
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}")).to_owned()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.expect("a body in UTF-8") }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a readable header"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The same answer, which must have this status and be JSON.
    #[track_caller]
    pub(crate) fn with_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        self
    }

    /// The answer must be exactly this.
    #[track_caller]
    pub(crate) fn is(self, status: u16, body: &str) {
        let answer = self.with_status(status);
        assert_eq!(answer.body, body);
    }

    /// The answer must be a problem document with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.body);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        for field in ["title", "detail", "request_id"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert_eq!(self.header("x-request-id"), problem["request_id"].as_str());
        let must_wait = matches!(status, 429 | 503);
        assert_eq!(self.header("retry-after").is_some(), must_wait, "{problem}");
        assert_eq!(self.header("www-authenticate"), (status == 401).then_some("Bearer"));
    }

    /// The answer must be a 422 that names the field and what is wrong with it.
    #[track_caller]
    pub(crate) fn names(&self, field: &str, fault: &str) {
        self.refused(422, "unacceptable");
        let problem = self.json();
        let errors = problem["errors"].as_array().expect("a list of fields");
        let named = errors.iter().any(|error| error["field"] == field && error["code"] == fault);
        assert!(named, "{field} {fault} is not in {problem}");
    }
}
