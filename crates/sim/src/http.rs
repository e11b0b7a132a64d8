//! One request over a connection of its own, as a client on the other side of the network makes it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::pipe::End;

/// A call without an answer for this long has an unknown outcome.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// How.
    pub(crate) method: Method,
    /// Where, with the query.
    pub(crate) path: String,
    /// What, if there is a body.
    pub(crate) body: Option<Value>,
}

impl Ask {
    /// Asks for something.
    pub(crate) fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None }
    }

    /// Asks to do something.
    pub(crate) fn new(method: Method, path: String, body: Value) -> Self {
        Self { method, path, body: Some(body) }
    }
}

/// What came back, if anything did.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) json: Value,
}

impl Answer {
    /// Whether it was done.
    pub(crate) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether asking again can change nothing.
    pub(crate) fn is_final(&self) -> bool {
        (400..500).contains(&self.status) && self.status != 429 && self.status != 408
    }

    /// A text of the body.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.json.get(field)?.as_str()
    }

    /// A number of the body.
    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.json.get(field)?.as_u64()
    }
}

/// Asks over `end`. `None` means that no answer came: it may have been done or not.
pub(crate) async fn call(end: End, token: Option<&str>, ask: &Ask) -> Option<Answer> {
    tokio::time::timeout(ANSWER_WITHIN, exchange(end, token, ask)).await.ok().flatten()
}

async fn exchange(end: End, token: Option<&str>, ask: &Ask) -> Option<Answer> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(end)).await.ok()?;
    let request = request(token, ask)?;
    let mut answer = Box::pin(async move {
        let response = sender.send_request(request).await.ok()?;
        let status: StatusCode = response.status();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Some(Answer { status: status.as_u16(), json })
    });
    let mut connection = Box::pin(connection);
    tokio::select! {
        biased;
        answer = &mut answer => return answer,
        _ended = &mut connection => {}
    }
    answer.await
}

fn request(token: Option<&str>, ask: &Ask) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::builder()
        .method(ask.method.clone())
        .uri(&ask.path)
        .header(header::HOST, "kith.sim");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = match &ask.body {
        Some(json) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Bytes::from(json.to_string())
        }
        None => Bytes::new(),
    };
    request.body(Full::new(body)).ok()
}
