//! What must hold for any bytes that a stranger, a damaged disk or a slip of the pen may bring: one function per
//! door, which feeds the bytes to the production code and panics where a promise is broken.
//!
//! The fuzz targets in `fuzz` and the replay of their corpus in this crate's tests call the same functions, so that
//! what a fuzzer once found is looked at again in every run. What is deliberately not here: code of its own that
//! parses anything of Kith, and judgements about speed.

pub mod backup;
pub mod body;
pub mod codec;
pub mod configuration;
pub mod frame;
pub mod header;
pub mod id;
pub mod password;
pub mod record;
pub mod request;
pub mod row;
pub mod text;
pub mod time;
pub mod token;
mod world;

/// Looks at some bytes, and panics if a promise is broken.
pub type Judge = fn(&[u8]);

/// Every door by the name of its fuzz target and its corpus.
pub const DOORS: [(&str, Judge); 14] = [
    ("backup", backup::judge),
    ("body", body::judge),
    ("codec", codec::judge),
    ("configuration", configuration::judge),
    ("frame", frame::judge),
    ("header", header::judge),
    ("id", id::judge),
    ("password", password::judge),
    ("record", record::judge),
    ("request", request::judge),
    ("row", row::judge),
    ("text", text::judge),
    ("time", time::judge),
    ("token", token::judge),
];
