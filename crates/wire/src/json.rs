//! Reading JSON from strangers: bounded in depth, objects only, and with an answer that names the field.
//!
//! Errors never repeat what was sent: it may be a password or somebody's message.

mod text;

use std::fmt;
use std::marker::PhantomData;

use domain::limits::JSON_DEPTH_MAX;
use domain::refusal::Fault;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

pub use text::{write_number, write_text};

/// The media type of every body that is not a problem.
pub const MEDIA_TYPE: &str = "application/json; charset=utf-8";

/// Why a body or a frame could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON, or not UTF-8.
    NotJson,
    /// It is nested deeper than [`JSON_DEPTH_MAX`].
    TooDeep,
    /// It is JSON, but not of the shape asked for.
    WrongShape {
        /// The path of the field, such as `privacy.discoverable`; empty for the whole.
        field: String,
        /// [`Fault::Missing`] or [`Fault::Malformed`].
        fault: Fault,
        /// What belongs there, such as "a string", where that is known.
        expected: Option<String>,
    },
}

/// Reads a JSON object.
///
/// # Errors
/// When the bytes are not JSON, too deep, or not of this shape.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, JsonError> {
    parse_text(std::str::from_utf8(json).map_err(|_| JsonError::NotJson)?)
}

/// Reads a JSON object from text.
///
/// # Errors
/// When the text is not JSON, too deep, or not of this shape.
pub fn parse_text<T: DeserializeOwned>(json: &str) -> Result<T, JsonError> {
    if is_too_deep(json.as_bytes()) {
        return Err(JsonError::TooDeep);
    }
    parse_shallow(json)
}

/// The same for text whose depth is known to be fine.
pub(crate) fn parse_shallow<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, JsonError> {
    match serde_json::from_str::<Object<T>>(json) {
        Ok(object) => Ok(object.0),
        Err(error) => Err(match error.classify() {
            Category::Io | Category::Syntax | Category::Eof => JsonError::NotJson,
            Category::Data => explain::<T>(json),
        }),
    }
}

/// Whether brackets and braces are nested deeper than [`JSON_DEPTH_MAX`], before anything is parsed.
pub fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > JSON_DEPTH_MAX {
            return true;
        }
    }
    false
}

/// Reads the text again, slowly, to say which field is wrong: only what is refused pays for this.
fn explain<'a, T: Deserialize<'a>>(json: &'a str) -> JsonError {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return JsonError::NotJson;
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let Err(error) = serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer) else {
        return JsonError::NotJson;
    };
    let path = match error.path().to_string() {
        root if root == "." => String::new(),
        path => path,
    };
    let message = error.into_inner().to_string();
    let named = |prefix: &str| {
        let name = message.strip_prefix(prefix)?.split('`').next()?;
        Some(if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
    };
    if let Some(field) = named("missing field `") {
        return JsonError::WrongShape { field, fault: Fault::Missing, expected: None };
    }
    if let Some(field) = named("duplicate field `") {
        return JsonError::WrongShape {
            field,
            fault: Fault::Malformed,
            expected: Some("named once".to_owned()),
        };
    }
    JsonError::WrongShape { field: path, fault: Fault::Malformed, expected: expected(&message) }
}

/// What belongs there, from the parser's message; the value that was sent stands before it and is left out.
fn expected(message: &str) -> Option<String> {
    let (_, expected) = message.rsplit_once(", expected ")?;
    let (expected, _) = expected.rsplit_once(" at line ").unwrap_or((expected, ""));
    Some(expected.to_owned())
}

/// Reads a nested object: by itself, serde would also take an array of the fields in their order.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|object| object.0)
}

/// An object, never an array of its fields.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        name: String,
        count: Option<u64>,
        #[serde(deserialize_with = "object")]
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        flag: bool,
    }

    fn wrong(json: &str) -> (String, Fault, Option<String>) {
        match parse_text::<Outer>(json) {
            Err(JsonError::WrongShape { field, fault, expected }) => (field, fault, expected),
            other => panic!("{json} gave {other:?}"),
        }
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let outer: Outer =
            parse(br#"{"name":"a","inner":{"flag":true,"new":1},"later":{}}"#).unwrap();
        assert_eq!(outer, Outer { name: "a".to_owned(), count: None, inner: Inner { flag: true } });
    }

    #[test]
    fn a_wrong_field_is_named() {
        let malformed = |field: &str, expected: &str| {
            (field.to_owned(), Fault::Malformed, Some(expected.to_owned()))
        };
        assert_eq!(wrong(r#"{"name":3,"inner":{"flag":true}}"#), malformed("name", "a string"));
        assert_eq!(
            wrong(r#"{"name":"a","count":-1,"inner":{"flag":true}}"#),
            malformed("count", "u64")
        );
        assert_eq!(
            wrong(r#"{"name":"a","inner":{"flag":"yes"}}"#),
            malformed("inner.flag", "a boolean")
        );
        assert_eq!(wrong(r#"{"name":"a","inner":[true]}"#), malformed("inner", "an object"));
        assert_eq!(
            wrong(r#"{"name":"a","name":"b","inner":{"flag":true}}"#),
            malformed("name", "named once")
        );
        assert_eq!(wrong(r#"["a",1,{"flag":true}]"#), malformed("", "an object"));
        assert_eq!(wrong(r#"{"inner":{"flag":true}}"#), ("name".to_owned(), Fault::Missing, None));
        assert_eq!(
            wrong(r#"{"name":"a","inner":{}}"#),
            ("inner.flag".to_owned(), Fault::Missing, None)
        );
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let (_, _, expected) =
            wrong(r#"{"name":"a","count":"secret, expected nothing","inner":{"flag":true}}"#);
        assert_eq!(expected.as_deref(), Some("u64"));
    }

    #[test]
    fn what_is_not_json_is_not_a_wrong_shape() {
        for json in ["", "{", r#"{"name":3"#, "nul", r#"{"name":"a"} x"#, "{'name':1}"] {
            assert_eq!(parse_text::<Outer>(json), Err(JsonError::NotJson), "{json}");
        }
        assert_eq!(parse::<Outer>(b"{\"name\":\"\xff\"}"), Err(JsonError::NotJson));
    }

    #[test]
    fn depth_is_bounded_before_parsing() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(!is_too_deep(nested(JSON_DEPTH_MAX).as_bytes()));
        assert!(is_too_deep(nested(JSON_DEPTH_MAX + 1).as_bytes()));
        assert!(is_too_deep("{\"a\":".repeat(JSON_DEPTH_MAX + 1).as_bytes()));
        assert_eq!(parse_text::<Outer>(&nested(10_000)), Err(JsonError::TooDeep));
    }

    #[test]
    fn brackets_side_by_side_or_in_strings_do_not_count() {
        let many = format!("[{}]", vec!["{}"; 1_000].join(","));
        assert!(!is_too_deep(many.as_bytes()));
        let quoted = format!(r#"{{"text":"{}"}}"#, r#"[{\"\\"#.repeat(1_000));
        assert!(!is_too_deep(quoted.as_bytes()));
        let after_escape = format!(r#"{{"text":"\\",{}"#, "[".repeat(JSON_DEPTH_MAX));
        assert!(is_too_deep(after_escape.as_bytes()));
    }
}
