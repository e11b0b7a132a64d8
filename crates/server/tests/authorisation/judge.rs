//! Compares answers with the table, and looks in everything that anybody reads for what that person may not know.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Answer;
use domain::{ConversationId, Seq, UserId};
use serde_json::Value;

use crate::rest::Answered;

/// Every secret begins like this, so that one which nobody noted is found as well.
pub(crate) const SECRET: &str = "secret";
/// Violations of one operation that are shown.
const SHOWN: usize = 5;
/// Characters of each that are shown.
const SHOWN_CHARS: usize = 1_000;

/// How somebody came to read something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It was asked for now.
    Asked,
    /// A socket was told, now or before.
    Live,
}

/// What has been found, and what everybody may know.
#[derive(Default)]
pub(crate) struct Judge {
    /// Words, and who may read them.
    secrets: BTreeMap<String, BTreeSet<UserId>>,
    /// Words that somebody was told live and may not read any more.
    once_told: BTreeSet<(String, UserId)>,
    /// Who may see whether whom is online: viewer, then viewed.
    contacts: BTreeSet<(UserId, UserId)>,
    /// Who may not see how far whom has read: viewer, then viewed.
    hidden_readers: BTreeSet<(UserId, UserId)>,
    /// What refusals look like without the name of the request.
    shapes: BTreeMap<String, String>,
    /// Events that sockets were told.
    pub(crate) events: BTreeSet<(UserId, ConversationId, Seq)>,
    violations: Vec<String>,
    answers: usize,
    secrets_read: usize,
}

impl Judge {
    /// A word that nobody else may read.
    pub(crate) fn secret(&mut self, word: &str, readers: impl IntoIterator<Item = UserId>) {
        self.secrets.entry(word.to_owned()).or_default().extend(readers);
    }

    /// Somebody who was told a word live, at a time when that was right.
    pub(crate) fn once_told(&mut self, word: &str, reader: UserId) {
        self.once_told.insert((word.to_owned(), reader));
    }

    /// Somebody who sees whether the other is online.
    pub(crate) fn contact(&mut self, viewer: UserId, viewed: UserId) {
        self.contacts.insert((viewer, viewed));
    }

    /// Somebody who no longer sees whether the other is online, nor how far the other has read.
    pub(crate) fn hide(&mut self, viewer: UserId, viewed: UserId) {
        self.contacts.remove(&(viewer, viewed));
        self.hidden_readers.insert((viewer, viewed));
    }

    /// Notes something that must not be.
    pub(crate) fn violation(&mut self, text: &str) {
        self.violations.push(text.chars().take(SHOWN_CHARS).collect());
    }

    /// An answer must be the expected one, and its bytes those of every other answer with the same meaning.
    pub(crate) fn answer(&mut self, cell: &str, expected: Answer, got: &Answered) {
        self.answers += 1;
        let (expected, code) = (code(expected), got.code());
        if code != expected {
            self.violation(&format!("{cell}: expected {expected}, got {code}: {}", got.body));
        }
        if code != code_done() {
            self.same_shape(cell, &code, got.shape());
        }
    }

    /// As [`Self::answer`], for a frame: what is expected, what came, and under which name its bytes are compared.
    pub(crate) fn frame(
        &mut self,
        cell: &str,
        expected: &str,
        (got, name, shape): (&str, &str, String),
    ) {
        self.answers += 1;
        if got != expected {
            self.violation(&format!("{cell}: expected {expected}, got {got}: {shape}"));
        }
        self.same_shape(cell, name, shape);
    }

    fn same_shape(&mut self, cell: &str, name: &str, shape: String) {
        match self.shapes.get(name) {
            Some(usual) if *usual != shape => {
                self.violation(&format!("{cell}: {name} is elsewhere\n{usual}\nand here\n{shape}"));
            }
            Some(_) => {}
            None => drop(self.shapes.insert(name.to_owned(), shape)),
        }
    }

    /// Everything that a socket tells must be for its reader.
    pub(crate) fn told(&mut self, cell: &str, reader: Option<UserId>, frames: &[(String, Value)]) {
        for (text, frame) in frames {
            // A refusal repeats which conversation was asked for.
            let asked = frame["conversation_id"].as_str().filter(|_| frame["type"] == "error");
            let told = asked.map_or_else(|| text.clone(), |asked| text.replace(asked, ""));
            self.read(cell, reader, (&told, Way::Live));
            let (conversation, seq) = (frame["conversation_id"].as_str(), frame["seq"].as_u64());
            if let (Some(reader), "event", Some(id), Some(seq)) =
                (reader, frame["type"].as_str().unwrap_or_default(), conversation, seq)
            {
                let id = id.parse().expect("events name their conversation");
                self.events.insert((reader, id, Seq::new(seq)));
            }
        }
    }

    /// What somebody reads must hold nothing that this person may not know.
    pub(crate) fn body(&mut self, cell: &str, reader: Option<UserId>, body: &str) {
        self.read(cell, reader, (body, Way::Asked));
    }

    fn read(&mut self, cell: &str, reader: Option<UserId>, (body, way): (&str, Way)) {
        for word in body.split(|letter: char| !letter.is_ascii_alphanumeric()) {
            let known = self.secrets.get(word);
            self.secrets_read += usize::from(known.is_some());
            let may = match (known, reader) {
                (Some(readers), Some(reader)) => {
                    let told = || self.once_told.contains(&(word.to_owned(), reader));
                    readers.contains(&reader) || (way == Way::Live && told())
                }
                (Some(_), None) => false,
                (None, _) => !word.starts_with(SECRET),
            };
            if !may {
                self.violation(&format!("{cell}: the answer tells {word}: {body}"));
            }
        }
        if let Ok(json) = serde_json::from_str::<Value>(body) {
            self.fields(cell, reader, &json);
        }
    }

    /// Fields that only some may see.
    fn fields(&mut self, cell: &str, reader: Option<UserId>, json: &Value) {
        match json {
            Value::Array(all) => all.iter().for_each(|value| self.fields(cell, reader, value)),
            Value::Object(object) => {
                let user = object.get("user_id").and_then(Value::as_str);
                if let Some(user) = user.and_then(|user| user.parse().ok()) {
                    let hidden = object.keys().filter(|field| !self.may_see(reader, user, field));
                    let found = hidden.map(|field| {
                        format!("{cell}: {field} of {user} is not for this reader: {json}")
                    });
                    let found: Vec<_> = found.collect();
                    found.iter().for_each(|text| self.violation(text));
                }
                object.values().for_each(|value| self.fields(cell, reader, value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn may_see(&self, reader: Option<UserId>, user: UserId, field: &str) -> bool {
        let Some(reader) = reader.filter(|reader| *reader != user) else { return true };
        match field {
            "email" | "operator" | "muted" | "session_id" | "refresh_token" | "token" => false,
            "online" | "last_seen_at" => self.contacts.contains(&(reader, user)),
            "read_seq" => !self.hidden_readers.contains(&(reader, user)),
            _ => true,
        }
    }

    /// Fails if anything was found, or if hardly anything was looked at.
    #[track_caller]
    pub(crate) fn report(&self, answers_min: usize) {
        let mut shown_of: BTreeMap<&str, usize> = BTreeMap::new();
        let shown: Vec<&str> = self
            .violations
            .iter()
            .filter(|text| {
                let operation = text.split(' ').next().unwrap_or_default();
                let shown = shown_of.entry(operation).or_default();
                *shown += 1;
                *shown <= SHOWN
            })
            .map(String::as_str)
            .collect();
        let found = self.violations.len();
        assert!(shown.is_empty(), "{found} of {} answers:\n{}", self.answers, shown.join("\n"));
        assert!(
            self.answers >= answers_min && self.secrets_read >= answers_min,
            "{} {}",
            self.answers,
            self.secrets_read
        );
    }
}

/// How the table's answer is called in answers of the server.
pub(crate) fn code(answer: Answer) -> String {
    match answer {
        Answer::Done => code_done(),
        Answer::NotFound => "not-found".to_owned(),
        Answer::Unauthenticated => "unauthenticated".to_owned(),
        Answer::Forbidden(reason) | Answer::Conflict(reason) => reason.code().to_owned(),
        Answer::Unacceptable(field, fault) => format!("{field} {}", fault.code()),
    }
}

pub(crate) fn code_done() -> String {
    "done".to_owned()
}
