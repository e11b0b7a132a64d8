//! By which words people are found.

use domain::UserId;

use super::{get_v1, key};
use crate::row::{self, Undecodable, decode_v1, end_of};
use crate::{Direction, Partition, ReadError, Store, Write};

const ENTRY: &[u8] = b"w";
const INDEXED: &[u8] = b"w";
const EVERYBODY: &[u8] = b"e";

/// The partition of a word.
pub fn partition(word: &str) -> Partition {
    Partition::Directory(word.chars().next().unwrap_or_default())
}

fn entry_key(word: &str, user: UserId) -> Vec<u8> {
    key(ENTRY, &[word.as_bytes(), &[0], &user.to_bytes()])
}

/// At most `limit` users with a word that starts with `prefix`, in the order of the words; one may occur twice.
///
/// # Errors
/// See [`Store::scan`].
pub async fn find(store: &Store, prefix: &str, limit: usize) -> Result<Vec<UserId>, ReadError> {
    let from = key(ENTRY, &[prefix.as_bytes()]);
    let page =
        store.scan(&partition(prefix), &from, &end_of(&from), (Direction::Forward, limit)).await?;
    let user = |row: &crate::Row| Some(UserId::from_bytes(*row.key.last_chunk::<16>()?));
    Ok(page.rows.iter().filter_map(user).collect())
}

/// Lets a user be found by a word.
pub fn put(word: &str, user: UserId) -> Write {
    Write::Put(entry_key(word, user), vec![1])
}

/// Takes a word away.
pub fn remove(word: &str, user: UserId) -> Write {
    Write::Remove(entry_key(word, user))
}

/// The words under which a user stands in the directory now.
///
/// # Errors
/// See [`Store::get`].
pub async fn indexed(store: &Store, user: UserId) -> Result<Vec<String>, ReadError> {
    let row = get_v1::<Vec<String>>(store, &Partition::User(user), INDEXED).await?;
    Ok(row.map(|(words, _)| words).unwrap_or_default())
}

/// Sets under which words a user stands in the directory.
pub fn put_indexed(words: &[String]) -> Write {
    Write::Put(INDEXED.to_vec(), row::encode(1, &words))
}

/// Where everybody stands, also who does not want to be found: for operators only. No word leads here.
pub fn everybody_partition() -> Partition {
    Partition::Directory(char::MIN)
}

/// Lets operators list a user.
pub fn put_everybody(user: UserId) -> Write {
    Write::Put(key(EVERYBODY, &[&user.to_bytes()]), vec![1])
}

/// At most `limit` users after `after`, in the order of their ids.
///
/// # Errors
/// See [`Store::scan`].
pub async fn everybody(
    store: &Store,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<UserId>, ReadError> {
    let from =
        after.map_or_else(|| EVERYBODY.to_vec(), |user| key(EVERYBODY, &[&user.to_bytes(), &[0]]));
    let page = (Direction::Forward, limit);
    let found = store.scan(&everybody_partition(), &from, &end_of(EVERYBODY), page).await?;
    let users = found.rows.iter().filter_map(|row| super::id_after(&row.key, EVERYBODY));
    Ok(users.map(UserId::from_bytes).collect())
}

pub(super) fn check_indexed(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<Vec<String>>(value).map(drop)
}
