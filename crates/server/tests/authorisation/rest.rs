//! How each operation of the API document is asked for each object.

#![expect(
    clippy::indexing_slicing,
    reason = "a missing field of a JSON value is null, and fails the test"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most objects of the table mean the same to a parameter"
)]

use axum::body::Body;
use axum::http::Request;
use domain::access::{Answer, Object, Principal};
use domain::{ConversationId, MessageId, Seq, SessionId, UserId};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::judge::code_done;
use crate::operation::Operation;
use crate::world::{PASSWORD, World};

/// What came back.
pub(crate) struct Answered {
    status: u16,
    headers: String,
    pub(crate) body: String,
}

impl Answered {
    /// What it means.
    pub(crate) fn code(&self) -> String {
        if matches!(self.status, 101 | 200..300) {
            return code_done();
        }
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        match (problem["code"].as_str(), &problem["errors"][0]) {
            (Some("unacceptable"), error) => {
                format!(
                    "{} {}",
                    error["field"].as_str().unwrap_or("?"),
                    error["code"].as_str().unwrap_or("?")
                )
            }
            (Some(code), _) => code.to_owned(),
            (None, _) => format!("status {}", self.status),
        }
    }

    /// All of it.
    pub(crate) fn shape(&self) -> String {
        format!("{}\n{}{}", self.status, self.headers, self.body)
    }
}

impl World {
    /// Asks, and takes the name of the request out of what comes back.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.routes.clone().oneshot(request).await.expect("routes always answer");
        let status = response.status().as_u16();
        let mut headers = response.headers().clone();
        // Not every layer states the length of a body before it is written.
        headers.remove("content-length");
        let id = headers.remove("x-request-id").map(|id| id.to_str().expect("text").to_owned());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        let body = id.map_or_else(|| body.clone(), |id| body.replace(&id, ""));
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value:?}\n")).collect();
        Answered { status, headers, body }
    }

    /// Asks over the network, where a connection can become a socket.
    pub(crate) async fn upgrade(&self, request: Request<Body>) -> Answered {
        let (parts, _) = request.into_parts();
        let url = format!("http://{}{}", self.address, parts.uri);
        let asked = reqwest::Client::new().request(parts.method, url).headers(parts.headers);
        let status = asked.send().await.expect("the server answers").status().as_u16();
        Answered { status, headers: String::new(), body: String::new() }
    }

    /// Asks a route that stands in no document, on behalf of everybody.
    pub(crate) async fn ask_other_route(&mut self, (method, path): (&str, &str), expected: Answer) {
        for principal in Principal::ALL {
            let request = Request::builder().method(method).uri(path);
            let request = self.with_token(request, principal);
            let answer = self.send(request.body(Body::empty()).expect("a request")).await;
            let cell = format!("{method} {path} by {principal:?}");
            self.judge.answer(&cell, expected, &answer);
            self.judge.body(&cell, self.user_of(principal), &answer.body);
        }
    }

    fn with_token(
        &self,
        request: axum::http::request::Builder,
        principal: Principal,
    ) -> axum::http::request::Builder {
        match self.people.get(&principal) {
            Some(person) => request.header("authorization", format!("Bearer {}", person.token)),
            None => request,
        }
    }

    /// The request of this caller for this operation upon this object.
    pub(crate) async fn request(
        &mut self,
        operation: &Operation,
        object: Object,
        principal: Principal,
    ) -> Request<Body> {
        let mut request = Request::builder().method(operation.method.clone());
        let mut path = match operation.path.split_once('{') {
            Some((before, rest)) => {
                let (name, after) = rest.split_once('}').expect("it ends");
                let id = self.named(name, object, principal).await;
                format!("{before}{id}{after}")
            }
            None => operation.path.clone(),
        };
        path.push_str(&self.query(operation, object, principal));
        request = request.uri(path);
        if operation.id == "logout" && principal.is_signed_in() {
            let session = self.one_more_session(principal).await.expect("a person");
            request = request.header("authorization", format!("Bearer {}", session.access));
        } else {
            request = self.with_token(request, principal);
        }
        if operation.id == "open_socket" {
            for (name, value) in [
                ("connection", "upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ] {
                request = request.header(name, value);
            }
        }
        match self.body(operation, object, principal) {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        }
        .expect("a request")
    }

    /// The id in the place of this parameter.
    async fn named(&mut self, parameter: &str, object: Object, principal: Principal) -> String {
        if object == Object::Malformed {
            return "x".to_owned();
        }
        match parameter {
            "message_id" => self.message(object, principal),
            "session_id" => match object {
                Object::OwnSession => match self.one_more_session_unless_guest(principal).await {
                    Some(session) => session,
                    None => absent_session(),
                },
                Object::OthersSession => self.guest.actor.session.to_string(),
                Object::AbsentSession => absent_session(),
                _ => self.scene.host.user.to_string(),
            },
            "user_id" => match object {
                Object::OtherKind => self.scene.group.to_string(),
                _ => self.place(object, principal),
            },
            "group_id" => match object {
                Object::OtherKind => self.scene.host.user.to_string(),
                _ => self.place(object, principal),
            },
            _ => self.place(object, principal),
        }
    }

    async fn one_more_session_unless_guest(&mut self, principal: Principal) -> Option<String> {
        if !principal.is_signed_in() {
            return None;
        }
        Some(self.one_more_session(principal).await?.session.to_string())
    }

    pub(crate) fn message(&self, object: Object, principal: Principal) -> String {
        let scene = &self.scene;
        let in_group = |seq| MessageId { conversation: scene.group, seq };
        let caller = self.user_or_nobody(principal);
        let none = MessageId {
            conversation: ConversationId::direct(caller, scene.host.user),
            seq: Seq::new(1),
        };
        let (own, hosts) = scene.direct.get(&principal).copied().unwrap_or((none, none));
        let message = match object {
            Object::Message => in_group(scene.message),
            Object::DeletedMessage => in_group(scene.deleted),
            Object::EarlyMessage => in_group(scene.early),
            Object::MemberEvent => in_group(scene.member_event),
            Object::BeyondHead => in_group(Seq::new(scene.member_event.number() + 1_000)),
            Object::DirectMessage => hosts,
            Object::OwnDirectMessage => own,
            Object::OthersDirectMessage => scene.others,
            Object::MessageOfAbsentGroup => {
                MessageId { conversation: absent_group(), seq: Seq::new(1) }
            }
            _ => return scene.host.user.to_string(),
        };
        message.to_string()
    }

    fn user_or_nobody(&self, principal: Principal) -> UserId {
        self.user_of(principal).unwrap_or_else(absent_user)
    }

    /// A conversation or a user.
    pub(crate) fn place(&self, object: Object, principal: Principal) -> String {
        let caller = self.user_or_nobody(principal);
        match object {
            Object::Direct => ConversationId::direct(caller, self.scene.host.user).to_string(),
            Object::OthersDirect => self.scene.others.conversation.to_string(),
            Object::AbsentGroup => absent_group().to_string(),
            Object::AbsentDirect => ConversationId::direct(absent_user(), caller).to_string(),
            Object::Other => self.scene.host.user.to_string(),
            Object::Oneself => caller.to_string(),
            Object::AbsentUser => absent_user().to_string(),
            Object::DisabledUser => self.user_or_nobody(Principal::Disabled).to_string(),
            Object::OtherKind => absent_session(),
            Object::Malformed => "x".to_owned(),
            _ => self.scene.group.to_string(),
        }
    }

    fn query(&self, operation: &Operation, object: Object, principal: Principal) -> String {
        match operation.id.as_str() {
            "message_history" => {
                let place = self.place(object, principal);
                let around = match object {
                    Object::EarlyMessage => format!("&around={}", self.message(object, principal)),
                    _ => String::new(),
                };
                format!("?conversation_id={place}{around}")
            }
            "remove_reaction" => "?emoji=%F0%9F%91%8D".to_owned(),
            "search_users" => "?q=person".to_owned(),
            "message_statistics" => "?start_date=2026-01-01&end_date=2026-01-02".to_owned(),
            _ => String::new(),
        }
    }

    /// Who is added, removed or raised.
    fn concerned(&self, operation: &Operation, object: Object, principal: Principal) -> String {
        match object {
            Object::GroupAndOneself => self.user_or_nobody(principal),
            Object::GroupAndMember => self.bystander.actor.user,
            Object::GroupAndOwner => self.scene.host.user,
            Object::GroupAndOutsider => self.outsider.actor.user,
            Object::GroupAndAbsentUser => absent_user(),
            Object::GroupAndDisabledUser => self.user_or_nobody(Principal::Disabled),
            _ if operation.id == "add_participant" => self.outsider.actor.user,
            _ => self.bystander.actor.user,
        }
        .to_string()
    }

    fn body(
        &mut self,
        operation: &Operation,
        object: Object,
        principal: Principal,
    ) -> Option<Value> {
        let person = self.people.get(&principal).cloned();
        Some(match operation.id.as_str() {
            "register" => json!({
                "email": format!("new{}@example.org", self.number()), "password": PASSWORD, "name": "New",
            }),
            "login" => {
                let name = person.map_or("nobody@example.org".to_owned(), |person| person.email);
                json!({ "username": name, "password": PASSWORD })
            }
            "refresh" => {
                let token = person.map_or("x".to_owned(), |person| person.refresh);
                json!({ "refresh_token": token })
            }
            "update_profile" => json!({ "status": "Here" }),
            "put_preferences" => self.preferences(),
            "send_message" => self.message_body(object, principal),
            "edit_message" => json!({ "message": self.words(object, principal) }),
            "add_reaction" => json!({ "emoji": "👍" }),
            "read_conversation" => json!({ "seq": 1 }),
            "mute_conversation" => json!({ "muted": true }),
            "create_group" => {
                let participant = self.place(object, principal);
                json!({ "group_name": "Another", "participants": [participant] })
            }
            "update_group" => json!({ "picture": "https://example.org/picture.png" }),
            "set_role" => {
                json!({ "user_id": self.concerned(operation, object, principal), "role": "admin" })
            }
            "add_participant" | "remove_participant" | "transfer_ownership" => {
                json!({ "user_id": self.concerned(operation, object, principal) })
            }
            _ => return None,
        })
    }

    fn preferences(&self) -> Value {
        json!({
            "version": 0, "theme": "dark",
            "privacy": { "discoverable": true, "show_presence": true, "send_read_receipts": true },
            "notifications": { "messages": "all", "preview": true, "sound": true },
        })
    }

    fn message_body(&mut self, object: Object, principal: Principal) -> Value {
        let text = self.words(object, principal);
        let place = self.place(object, principal);
        match object {
            Object::GroupReplyToEarly => {
                let early = self.message(Object::EarlyMessage, principal);
                json!({ "conversation_id": place, "message": text, "reply_to": early })
            }
            Object::GroupAsOther => {
                let host = self.scene.host.user.to_string();
                json!({ "conversation_id": place, "message": text, "sender_id": host })
            }
            Object::Other | Object::Oneself | Object::AbsentUser | Object::DisabledUser => {
                json!({ "receiver_id": place, "message": text })
            }
            _ => json!({ "conversation_id": place, "message": text }),
        }
    }

    /// A text that the members of the group may read, or the caller and the host.
    pub(crate) fn words(&mut self, object: Object, principal: Principal) -> String {
        let caller = self.user_or_nobody(principal);
        let host = self.scene.host.user;
        let word = match object {
            Object::Group => self.secret_of_group(),
            Object::Message => self.secret_of_group(),
            _ => self.secret(&[caller, host]),
        };
        if object == Object::Other && operation_reaches(principal) {
            self.judge.contact(caller, host);
            self.judge.contact(host, caller);
            let id = ConversationId::direct(caller, host).to_string();
            self.judge.secret(&id, [caller, host]);
        }
        word
    }

    fn secret_of_group(&mut self) -> String {
        let members = [Principal::Member, Principal::Author, Principal::Admin, Principal::Owner];
        let mut readers: Vec<UserId> =
            members.into_iter().filter_map(|member| self.user_of(member)).collect();
        readers.extend([self.scene.host.user, self.bystander.actor.user]);
        self.secret(&readers)
    }
}

/// Whether a message of this caller to the host arrives.
const fn operation_reaches(principal: Principal) -> bool {
    principal.is_signed_in() && !matches!(principal, Principal::Blocked | Principal::Blocking)
}

pub(crate) fn absent_user() -> UserId {
    UserId::from_bytes([7; 16])
}

fn absent_group() -> ConversationId {
    ConversationId::group([7; 16])
}

fn absent_session() -> String {
    SessionId::from_bytes([7; 16]).to_string()
}
