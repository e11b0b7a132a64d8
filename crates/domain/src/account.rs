//! People with an account.

use crate::text::{Email, Name, Picture, StatusLine, Username};
use crate::{Timestamp, UserId};

/// A person's account, without what is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub id: UserId,
    /// The address to sign in with; shown to nobody else.
    pub email: Email,
    /// The name to sign in with and be found by.
    pub username: Option<Username>,
    /// The name that others see.
    pub name: Name,
    /// The picture that others see.
    pub picture: Option<Picture>,
    /// The status line that others see.
    pub status: StatusLine,
    /// Whether this person runs the server.
    pub operator: bool,
    /// Whether the account may not be used.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A change of what others see; `None` leaves it as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The new name.
    pub name: Option<Name>,
    /// The new picture; `Some(None)` takes it away.
    pub picture: Option<Option<Picture>>,
    /// The new status line.
    pub status: Option<StatusLine>,
}

impl Account {
    /// The account after a change of the profile.
    #[must_use]
    pub fn with(mut self, change: ProfileChange) -> Self {
        self.name = change.name.unwrap_or(self.name);
        self.picture = change.picture.unwrap_or(self.picture);
        self.status = change.status.unwrap_or(self.status);
        self
    }
}
