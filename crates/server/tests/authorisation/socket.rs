//! Frames of the socket, and what everybody's socket is told meanwhile.

#![expect(
    clippy::indexing_slicing,
    reason = "a missing field of a JSON value is null, and fails the test"
)]

use std::collections::BTreeMap;

use domain::UserId;
use domain::access::{Answer, Object, Principal, Row};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::judge::{code, code_done};
use crate::world::World;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A socket, and who reads it.
pub(crate) struct Socket {
    stream: Stream,
    reader: Option<UserId>,
    said: u64,
}

/// Everything that a socket has told since it was asked last.
type Told = Vec<(String, Value)>;

impl Socket {
    /// Opens a socket and says who it is.
    pub(crate) async fn open(
        address: &str,
        token: Option<&str>,
        reader: Option<UserId>,
    ) -> (Self, Told) {
        let (stream, _) = connect_async(format!("ws://{address}/socket")).await.expect("it opens");
        let mut socket = Self { stream, reader, said: 0 };
        let hello = match token {
            Some(token) => json!({ "type": "hello", "token": token }),
            None => json!({ "type": "hello" }),
        };
        socket.say(&hello).await;
        let told = socket.hear(|frame| matches!(kind(frame), "ready" | "error")).await;
        (socket, told)
    }

    async fn say(&mut self, frame: &Value) {
        self.stream.send(Message::text(frame.to_string())).await.expect("the socket is open");
    }

    /// Reads until a frame that ends it, or until the socket is closed.
    async fn hear(&mut self, is_last: impl Fn(&Value) -> bool) -> Told {
        let mut told = Vec::new();
        while let Some(Ok(message)) = self.stream.next().await {
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            let last = is_last(&frame);
            told.push((text.as_str().to_owned(), frame));
            if last {
                return told;
            }
        }
        told
    }

    /// Says something and hears everything up to the answer of a `ping` after it, and of the send that it is.
    async fn ask(&mut self, frame: &Value) -> Told {
        self.say(frame).await;
        let mut told = match frame["client_message_id"].as_str() {
            Some(id) => {
                let answers = |answer: &Value| {
                    matches!(kind(answer), "ack" | "nack") && answer["client_message_id"] == *id
                };
                self.hear(answers).await
            }
            None => Vec::new(),
        };
        told.extend(self.catch_up().await);
        told
    }

    /// Hears everything that was told until now, and acknowledges it.
    async fn catch_up(&mut self) -> Told {
        self.said += 1;
        let said = self.said;
        self.say(&json!({ "type": "ping", "t": said })).await;
        let told = self.hear(|frame| kind(frame) == "pong" && frame["t"] == said).await;
        assert!(!told.is_empty(), "the socket was closed");
        if let Some(n) = told.iter().filter_map(|(_, frame)| frame["n"].as_u64()).max() {
            self.say(&json!({ "type": "acked", "n": n })).await;
        }
        told
    }
}

fn kind(frame: &Value) -> &str {
    frame["type"].as_str().expect("each frame has a type")
}

/// What the frames say about the one that was said: its code, and the refusal without what only repeats the question.
fn answered(told: &Told) -> (String, String) {
    let refusal = told.iter().find(|(_, frame)| matches!(kind(frame), "nack" | "error"));
    match refusal {
        Some((_, frame)) => {
            let mut shape = frame.clone();
            let fields = shape.as_object_mut().expect("a frame is an object");
            fields.remove("conversation_id");
            fields.remove("client_message_id");
            (frame["problem"].as_str().expect("a code").to_owned(), shape.to_string())
        }
        None => (code_done(), String::new()),
    }
}

/// As [`code`], in one word.
fn frame_code(answer: Answer) -> String {
    match answer {
        Answer::Unacceptable(field, fault) => {
            format!("{}-{}", field.replace('_', "-"), fault.code())
        }
        Answer::Done
        | Answer::NotFound
        | Answer::Unauthenticated
        | Answer::Forbidden(_)
        | Answer::Conflict(_) => code(answer),
    }
}

impl World {
    /// A socket for everybody who is signed in.
    pub(crate) async fn open_sockets(&mut self) {
        let mut sockets = BTreeMap::new();
        for (principal, person) in self.people.iter().filter(|(who, _)| who.is_signed_in()) {
            let reader = Some(person.actor.user);
            let (socket, told) = Socket::open(&self.address, Some(&person.token), reader).await;
            assert_eq!(answered(&told).0, code_done(), "{principal:?}");
            sockets.insert(*principal, socket);
        }
        self.sockets = sockets;
    }

    /// Reads what everybody's socket has been told.
    pub(crate) async fn read_sockets(&mut self, cell: &str) {
        for (principal, mut socket) in std::mem::take(&mut self.sockets) {
            let told = socket.catch_up().await;
            self.judge.told(&format!("{cell}, the socket of {principal:?}"), socket.reader, &told);
            self.sockets.insert(principal, socket);
        }
    }

    /// Asks for one row of frames on behalf of everybody.
    pub(crate) async fn ask_frames(&mut self, row: &Row) {
        // Who is writing is told at most once a second.
        self.pass_ms(1_100);
        for (principal, expected) in row.cells() {
            let cell = format!("{} of {:?} by {principal:?}", row.operation, row.object);
            let told = self.ask_frame((row.operation, row.object), principal).await;
            self.judge.told(&cell, self.user_of(principal), &told);
            let (got, shape) = answered(&told);
            let name = format!(
                "{} {got}",
                if expected == Answer::Unauthenticated { "hello" } else { row.operation }
            );
            self.judge.frame(&cell, &frame_code(expected), (&got, &name, shape));
            if expected == Answer::Done && row.operation == "frame_send" {
                self.set_scene().await;
            }
        }
        self.read_sockets(row.operation).await;
    }

    async fn ask_frame(
        &mut self,
        (operation, object): (&str, Object),
        principal: Principal,
    ) -> Told {
        let token = self.people.get(&principal).map(|person| person.token.clone());
        let reader = self.user_of(principal);
        if operation == "frame_hello" || !principal.is_signed_in() {
            let (_, told) = Socket::open(&self.address, token.as_deref(), reader).await;
            return told;
        }
        let frame = self.frame(operation, object, principal);
        let mut socket = self.sockets.remove(&principal).expect("a socket for each");
        let told = socket.ask(&frame).await;
        self.sockets.insert(principal, socket);
        told
    }

    fn frame(&mut self, operation: &str, object: Object, principal: Principal) -> Value {
        let place = self.place(object, principal);
        match operation {
            "frame_ping" => json!({ "type": "ping" }),
            "frame_heads" => json!({ "type": "heads" }),
            "frame_acked" => json!({ "type": "acked", "n": 0 }),
            "frame_pull" => json!({ "type": "pull", "conversation_id": place, "after": 0 }),
            "frame_delivered" => {
                json!({ "type": "delivered", "conversation_id": place, "seq": 1 })
            }
            "frame_read" => json!({ "type": "read", "conversation_id": place, "seq": 1 }),
            "frame_typing" => json!({ "type": "typing", "conversation_id": place }),
            "frame_send" => {
                let mut frame = json!({ "type": "send", "text": self.words(object, principal) });
                frame["client_message_id"] = format!("frame-{}", self.number()).into();
                let by_user = matches!(
                    object,
                    Object::Other | Object::Oneself | Object::AbsentUser | Object::DisabledUser
                );
                frame[if by_user { "receiver_id" } else { "conversation_id" }] = place.into();
                if object == Object::GroupReplyToEarly {
                    frame["reply_to"] = self.message(Object::EarlyMessage, principal).into();
                }
                frame
            }
            other => panic!("how is a {other} said?"),
        }
    }
}

/// The frames that a client can say, as the shapes in `wire` name them.
pub(crate) fn frames() -> Vec<String> {
    use utoipa::PartialSchema as _;

    let schema = serde_json::to_value(wire::frame::ClientFrame::schema()).expect("plain data");
    let mut names = Vec::new();
    for variant in schema["oneOf"].as_array().expect("a frame is one of several") {
        collect_types(variant, &mut names);
    }
    names.retain(|name| name != "unknown");
    names
}

/// The values that the field `type` of a schema allows.
fn collect_types(schema: &Value, names: &mut Vec<String>) {
    let tag = &schema["properties"]["type"]["enum"][0];
    names.extend(tag.as_str().map(str::to_owned));
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect_types(part, names);
    }
}
