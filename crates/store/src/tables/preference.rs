//! Preferences.

use domain::UserId;
use domain::preference::{Notifications, NotifyFor, Preferences, Privacy, Theme};

use super::get_v1;
use crate::row::{self, Undecodable, decode_v1};
use crate::{Check, Partition, ReadError, Store, Version, Write};

const PREFERENCES: &[u8] = b"p";

mod v1 {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Preferences {
        pub(super) version: u64,
        pub(super) theme: String,
        pub(super) language: Option<String>,
        pub(super) discoverable: bool,
        pub(super) show_presence: bool,
        pub(super) send_read_receipts: bool,
        pub(super) notify_for: String,
        pub(super) preview: bool,
        pub(super) sound: bool,
        pub(super) client: String,
    }
}

/// The preferences of a user: the defaults if none were ever set.
///
/// # Errors
/// See [`Store::get`].
pub async fn get(store: &Store, user: UserId) -> Result<(Preferences, Option<Version>), ReadError> {
    let row = get_v1::<v1::Preferences>(store, &Partition::User(user), PREFERENCES).await?;
    Ok(row.map_or_else(
        || (Preferences::default(), None),
        |(row, version)| (from_row(row), Some(version)),
    ))
}

fn from_row(row: v1::Preferences) -> Preferences {
    Preferences {
        version: row.version,
        theme: Theme::parse(&row.theme).unwrap_or_default(),
        language: row.language,
        privacy: Privacy {
            discoverable: row.discoverable,
            show_presence: row.show_presence,
            send_read_receipts: row.send_read_receipts,
        },
        notifications: Notifications {
            messages: NotifyFor::parse(&row.notify_for).unwrap_or_default(),
            preview: row.preview,
            sound: row.sound,
        },
        client: row.client,
    }
}

/// Sets preferences.
pub fn put(preferences: &Preferences) -> Write {
    let row = v1::Preferences {
        version: preferences.version,
        theme: preferences.theme.as_str().to_owned(),
        language: preferences.language.clone(),
        discoverable: preferences.privacy.discoverable,
        show_presence: preferences.privacy.show_presence,
        send_read_receipts: preferences.privacy.send_read_receipts,
        notify_for: preferences.notifications.messages.as_str().to_owned(),
        preview: preferences.notifications.preview,
        sound: preferences.notifications.sound,
        client: preferences.client.clone(),
    };
    Write::Put(PREFERENCES.to_vec(), row::encode(1, &row))
}

/// The check that preferences are as they were read.
pub fn unchanged(version: Option<Version>) -> Check {
    version.map_or_else(
        || Check::Absent(PREFERENCES.to_vec()),
        |version| Check::Version(PREFERENCES.to_vec(), version),
    )
}

pub(super) fn check_row(value: &[u8]) -> Result<(), Undecodable> {
    decode_v1::<v1::Preferences>(value).map(drop)
}
