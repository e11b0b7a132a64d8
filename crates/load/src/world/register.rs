//! People of a server that runs already: they are registered and signed in over REST, one after the other.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::Person;
use crate::report;
use crate::server::post;

/// A password that no list of common ones holds.
const PASSWORD: &str = "load-7f3d9c1e-harmless";
/// How often progress is told, in people.
const NOTE_EVERY: usize = 100;

/// Makes `count` accounts that nobody had before, and signs in to each.
pub(crate) fn register(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Person>> {
    let since_epoch = std::time::UNIX_EPOCH.elapsed().context("the clock stands before 1970")?;
    let run = since_epoch.as_micros();
    (0..count)
        .map(|index| {
            if index > 0 && index.is_multiple_of(NOTE_EVERY) {
                report::note(&format!("{index} of {count} people registered"));
            }
            one(address, &format!("person{index}.{run}@load.example"))
        })
        .collect()
}

fn one(address: SocketAddr, email: &str) -> anyhow::Result<Person> {
    let account = serde_json::json!({ "email": email, "password": PASSWORD, "name": "Load" });
    let login = serde_json::json!({ "username": email, "password": PASSWORD });
    let hint = "a server that is measured needs `limits.rates = false` and open registration";
    post(address, "/register", (None, &account.to_string())).context(hint)?;
    let answer = post(address, "/login", (None, &login.to_string())).context(hint)?;
    let answer: serde_json::Value = serde_json::from_str(&answer)?;
    let field = |name: &str| answer.get(name).and_then(serde_json::Value::as_str);
    let id = field("user_id").and_then(|id| id.parse().ok()).context("nobody was signed in")?;
    let token = field("token").context("there is no token")?.to_owned();
    Ok(Person { id, token })
}
