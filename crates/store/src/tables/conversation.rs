//! Heads, settings and members of conversations, and the ids of sends already done.

use domain::conversation::{Conversation, Settings};
use domain::member::{HistoryPolicy, Member, Role};
use domain::text::{Fingerprint, Name, Picture};
use domain::{ClientMessageId, ConversationId, Seq, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

use super::{get_v1, id_after, key, scan_prefix};
use crate::row::{self, Undecodable, decode_v1};
use crate::{Direction, Partition, ReadError, Store, Version, Write};

const HEAD: &[u8] = b"h";
const SETTINGS: &[u8] = b"i";
const MEMBER: &[u8] = b"m";
const SENT: &[u8] = b"d";
const SENT_UUID: &[u8] = b"u";
const SENT_HASH_BYTES: usize = 16;

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Head {
        pub(super) seq: u64,
        pub(super) messages: u64,
        pub(super) last_at_ms: u64,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Settings {
        pub(super) name: String,
        pub(super) picture: Option<String>,
        pub(super) history_from_join: bool,
        pub(super) request: Option<[u8; 8]>,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Member {
        pub(super) role: u8,
        pub(super) visible_from: u64,
        pub(super) joined_at_ms: u64,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Sent {
        pub(super) seq: u64,
        pub(super) fingerprint: [u8; 8],
    }
}

/// A send that is in the log already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its place.
    pub seq: Seq,
    /// What it asked for.
    pub fingerprint: Fingerprint,
}

/// A conversation as the store holds it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its state.
    pub conversation: Conversation,
    /// The version of its head row: the check of every commit to it.
    pub head_version: Version,
    /// What the request that founded the group asked for, if it carried an idempotency key.
    pub founded_by: Option<Fingerprint>,
}

pub(super) const fn role_to_row(role: Role) -> u8 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
        Role::Owner => 2,
    }
}

pub(super) fn role_from_row(role: u8) -> Option<Role> {
    [Role::Member, Role::Admin, Role::Owner].into_iter().find(|known| role_to_row(*known) == role)
}

/// The key of the head row, for checks.
pub fn head_key() -> Vec<u8> {
    HEAD.to_vec()
}

/// The state of a conversation, or nothing if it has no event yet.
///
/// # Errors
/// See [`Store::get`].
pub async fn load(store: &Store, id: ConversationId) -> Result<Option<Loaded>, ReadError> {
    let partition = Partition::Conversation(id);
    let Some((head, head_version)) = get_v1::<v1::Head>(store, &partition, HEAD).await? else {
        return Ok(None);
    };
    let settings = get_v1::<v1::Settings>(store, &partition, SETTINGS).await?;
    let founded_by =
        settings.as_ref().and_then(|(row, _)| row.request).map(Fingerprint::from_bytes);
    let conversation = Conversation {
        id,
        settings: settings.map(|(row, _)| settings_from_row(row)),
        members: members(store, id).await?.into_iter().collect(),
        head: Seq::new(head.seq),
        messages: head.messages,
        last_at: Timestamp::from_ms(head.last_at_ms),
    };
    Ok(Some(Loaded { conversation, head_version, founded_by }))
}

fn settings_from_row(row: v1::Settings) -> Settings {
    let history = if row.history_from_join { HistoryPolicy::FromJoin } else { HistoryPolicy::All };
    Settings {
        name: Name::from_row(row.name),
        picture: row.picture.map(Picture::from_row),
        history,
    }
}

/// The settings of a group, or nothing for a direct conversation.
///
/// # Errors
/// See [`Store::get`].
pub async fn settings(store: &Store, id: ConversationId) -> Result<Option<Settings>, ReadError> {
    let row = get_v1::<v1::Settings>(store, &Partition::Conversation(id), SETTINGS).await?;
    Ok(row.map(|(row, _)| settings_from_row(row)))
}

/// The head of a conversation: the last place taken, the messages up to it, and its time.
///
/// # Errors
/// See [`Store::get`].
pub async fn head(
    store: &Store,
    id: ConversationId,
) -> Result<Option<(Seq, u64, Timestamp)>, ReadError> {
    let row = get_v1::<v1::Head>(store, &Partition::Conversation(id), HEAD).await?;
    Ok(row
        .map(|(head, _)| (Seq::new(head.seq), head.messages, Timestamp::from_ms(head.last_at_ms))))
}

/// All members.
///
/// # Errors
/// See [`Store::scan`].
pub async fn members(
    store: &Store,
    id: ConversationId,
) -> Result<Vec<(UserId, Member)>, ReadError> {
    let partition = Partition::Conversation(id);
    let rows = scan_prefix(store, &partition, MEMBER).await?;
    let decode = |row: &crate::Row| {
        let user = UserId::from_bytes(id_after(&row.key, MEMBER)?);
        member_from_row(&decode_v1(&row.value).ok()?).map(|member| (user, member))
    };
    rows.iter().map(|row| decode(row).ok_or_else(|| row::damaged(&partition, &row.key))).collect()
}

/// Whether more than `count` people belong to it, without reading them all.
///
/// # Errors
/// See [`Store::scan`].
pub async fn has_more_members_than(
    store: &Store,
    id: ConversationId,
    count: usize,
) -> Result<bool, ReadError> {
    let (partition, end) = (Partition::Conversation(id), row::end_of(MEMBER));
    let page = store.scan(&partition, MEMBER, &end, (Direction::Forward, count)).await?;
    Ok(page.more)
}

/// One member.
///
/// # Errors
/// See [`Store::get`].
pub async fn member(
    store: &Store,
    id: ConversationId,
    user: UserId,
) -> Result<Option<Member>, ReadError> {
    let partition = Partition::Conversation(id);
    let key = key(MEMBER, &[&user.to_bytes()]);
    match get_v1::<v1::Member>(store, &partition, &key).await? {
        Some((row, _)) => {
            member_from_row(&row).map(Some).ok_or_else(|| row::damaged(&partition, &key))
        }
        None => Ok(None),
    }
}

fn member_from_row(row: &v1::Member) -> Option<Member> {
    Some(Member {
        role: role_from_row(row.role)?,
        visible_from: Seq::new(row.visible_from),
        joined_at: Timestamp::from_ms(row.joined_at_ms),
    })
}

/// Where an earlier try of the same send stands, if it was committed.
///
/// # Errors
/// See [`Store::get`].
pub async fn sent(
    store: &Store,
    id: ConversationId,
    sender: UserId,
    client_message_id: &ClientMessageId,
) -> Result<Option<Sent>, ReadError> {
    let row = get_v1::<v1::Sent>(
        store,
        &Partition::Conversation(id),
        &sent_key(sender, client_message_id),
    )
    .await?;
    Ok(row.map(|(row, _)| Sent {
        seq: Seq::new(row.seq),
        fingerprint: Fingerprint::from_bytes(row.fingerprint),
    }))
}

/// The greatest UUID by which this person has sent anything here: a greater one is that of a send not done yet.
///
/// # Errors
/// See [`Store::scan`].
pub async fn greatest_sent_uuid(
    store: &Store,
    id: ConversationId,
    sender: UserId,
) -> Result<Option<[u8; 16]>, ReadError> {
    let from = key(SENT_UUID, &[&sender.to_bytes()]);
    let to = row::end_of(&from);
    let partition = Partition::Conversation(id);
    let page = store.scan(&partition, &from, &to, (Direction::Backward, 1)).await?;
    let uuid = |row: &crate::Row| {
        id_after(&row.key, &from).ok_or_else(|| row::damaged(&partition, &row.key))
    };
    page.rows.first().map(uuid).transpose()
}

/// A UUID stands behind its sender as it is, in order. Of any other id and its sender there is half a SHA-256: 16 bytes
/// instead of 17 to 80, and two sends with equal ones are no likelier than two equal ids of anything else.
fn sent_key(sender: UserId, client_message_id: &ClientMessageId) -> Vec<u8> {
    if let Some(uuid) = client_message_id.as_uuid() {
        return key(SENT_UUID, &[&sender.to_bytes(), &uuid]);
    }
    let hash =
        Sha256::new().chain_update(sender.to_bytes()).chain_update(&*client_message_id.text());
    SENT.iter().copied().chain(hash.finalize().into_iter().take(SENT_HASH_BYTES)).collect()
}

/// Sets the head.
pub fn put_head(conversation: &Conversation) -> Write {
    let row = v1::Head {
        seq: conversation.head.number(),
        messages: conversation.messages,
        last_at_ms: conversation.last_at.as_ms(),
    };
    Write::Put(HEAD.to_vec(), row::encode(1, &row))
}

/// Sets the settings; `founded_by` stays what the founding request was.
pub fn put_settings(settings: &Settings, founded_by: Option<Fingerprint>) -> Write {
    let row = v1::Settings {
        name: settings.name.as_str().to_owned(),
        picture: settings.picture.as_ref().map(|picture| picture.as_str().to_owned()),
        history_from_join: settings.history == HistoryPolicy::FromJoin,
        request: founded_by.map(Fingerprint::to_bytes),
    };
    Write::Put(SETTINGS.to_vec(), row::encode(1, &row))
}

/// Sets or removes a member.
pub fn put_member(user: UserId, member: Option<&Member>) -> Write {
    let key = key(MEMBER, &[&user.to_bytes()]);
    let Some(member) = member else {
        return Write::Remove(key);
    };
    let row = v1::Member {
        role: role_to_row(member.role),
        visible_from: member.visible_from.number(),
        joined_at_ms: member.joined_at.as_ms(),
    };
    Write::Put(key, row::encode(1, &row))
}

/// Remembers a send, in the same batch as its event.
pub fn put_sent(sender: UserId, client_message_id: &ClientMessageId, sent: Sent) -> Write {
    let row = v1::Sent { seq: sent.seq.number(), fingerprint: sent.fingerprint.to_bytes() };
    Write::Put(sent_key(sender, client_message_id), row::encode(1, &row))
}

pub(super) fn check_row(key: &[u8], value: &[u8]) -> Result<(), Undecodable> {
    match key.first() {
        Some(b'h') => decode_v1::<v1::Head>(value).map(drop),
        Some(b'i') => decode_v1::<v1::Settings>(value).map(drop),
        Some(b'm') => member_from_row(&decode_v1(value)?).map(drop).ok_or(Undecodable),
        Some(b'd' | b'u') => decode_v1::<v1::Sent>(value).map(drop),
        Some(_) | None => Ok(()),
    }
}
