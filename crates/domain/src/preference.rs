//! What a person has chosen: the same on all of the person's devices.

/// Preferences of one user. `version` counts changes, so that two devices cannot overwrite each other unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// How often they were changed.
    pub version: u64,
    /// Light, dark, or what the device says.
    pub theme: Theme,
    /// A BCP 47 language tag; `None` follows the device.
    pub language: Option<String>,
    /// Who may see what.
    pub privacy: Privacy,
    /// What makes a noise.
    pub notifications: Notifications,
    /// What the client keeps for itself, as JSON.
    pub client: String,
}

/// The look of the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// What the device says.
    #[default]
    System,
}

impl Theme {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// The theme with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Light, Self::Dark, Self::System].into_iter().find(|theme| theme.as_str() == text)
    }
}

/// Who may see what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privacy {
    /// Others find this person by name or username.
    pub discoverable: bool,
    /// Others see whether this person is online, and when last.
    pub show_presence: bool,
    /// Others see how far this person has read.
    pub send_read_receipts: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { discoverable: true, show_presence: true, send_read_receipts: true }
    }
}

/// For which messages a device may notify.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotifyFor {
    /// Every message.
    #[default]
    All,
    /// Mentions and direct messages.
    Mentions,
    /// None.
    Nothing,
}

impl NotifyFor {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mentions => "mentions",
            Self::Nothing => "none",
        }
    }

    /// The choice with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::Mentions, Self::Nothing]
            .into_iter()
            .find(|choice| choice.as_str() == text)
    }
}

/// What makes a noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// For which messages.
    pub messages: NotifyFor,
    /// Whether a notification shows the text; off by default, since others see the lock screen.
    pub preview: bool,
    /// Whether it makes a sound.
    pub sound: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { messages: NotifyFor::All, preview: false, sound: true }
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            version: 0,
            theme: Theme::default(),
            language: None,
            privacy: Privacy::default(),
            notifications: Notifications::default(),
            client: "{}".to_owned(),
        }
    }
}

/// Whether the text looks like a BCP 47 language tag, such as `de` or `pt-BR`.
pub fn is_language_tag(text: &str) -> bool {
    let part_fits = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    text.len() <= 35
        && text.split('-').next().is_some_and(|first| first.len() >= 2)
        && text.split('-').all(part_fits)
}
