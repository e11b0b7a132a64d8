//! Every limit of Kith, with its unit. Where an operator may change one, configuration starts from the value here.

/// Text of one message, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Name of a user or a group, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// Username, in characters.
pub const USERNAME_CHARS_MIN: usize = 3;
/// Username, in characters.
pub const USERNAME_CHARS_MAX: usize = 32;
/// E-mail address, in bytes (RFC 5321 §4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Status line of a profile, in characters.
pub const STATUS_CHARS_MAX: usize = 140;
/// Address of a picture, in bytes.
pub const PICTURE_BYTES_MAX: usize = 2048;
/// Password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Password, in bytes: longer ones would make hashing an attack.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Members of one group.
pub const GROUP_MEMBERS_MAX: usize = 1024;
/// Recipients of one `POST /message/send`.
pub const RECIPIENTS_MAX: usize = 100;
/// Different emoji on one message.
pub const EMOJI_PER_MESSAGE_MAX: usize = 20;
/// Reactions on one message, all emoji together.
pub const REACTIONS_PER_MESSAGE_MAX: usize = 2048;
/// One emoji, in bytes: the longest sequences with skin tones and joiners fit.
pub const EMOJI_BYTES_MAX: usize = 64;
/// Edits of one message.
pub const EDITS_PER_MESSAGE_MAX: u32 = 100;
/// Signed-in devices of one user; the one unused for longest makes room.
pub const SESSIONS_PER_USER_MAX: usize = 20;
/// Open sockets of one session.
pub const SOCKETS_PER_SESSION_MAX: usize = 10;
/// Name of a device, in characters.
pub const DEVICE_CHARS_MAX: usize = 64;
/// People one user may block.
pub const BLOCKED_USERS_MAX: usize = 1000;
/// Events of one page, over the socket or HTTP.
pub const PAGE_EVENTS_MAX: usize = 200;
/// Messages of one page when the client names no limit.
pub const PAGE_MESSAGES_DEFAULT: usize = 20;
/// Conversations of one inbox page.
pub const PAGE_CONVERSATIONS_MAX: usize = 100;
/// Users found by one search.
pub const SEARCH_RESULTS_MAX: usize = 20;
/// Search words, in characters.
pub const SEARCH_CHARS_MIN: usize = 2;
/// A word under which somebody is found, in bytes; it becomes part of a key.
pub const SEARCH_WORD_BYTES_MAX: usize = 256;
/// Members of a conversation up to which it is kept, and told, to whom messages were delivered.
pub const DELIVERED_MEMBERS_MAX: usize = 50;
/// At most one delivered position of a member in a conversation is committed in so many milliseconds.
pub const DELIVERED_MS: u64 = 1_000;
/// Delivered positions of one node that wait for their turn; more are forgotten, and told with the next message.
pub const DELIVERED_WAITING_MAX: usize = 10_000;
/// Preferences of one user that the client itself defines, in bytes of JSON.
pub const PREFERENCES_BYTES_MAX: usize = 16 * 1024;
/// Days of one statistics query.
pub const STATISTICS_DAYS_MAX: u64 = 3660;
/// JSON nesting of a body or a frame.
pub const JSON_DEPTH_MAX: usize = 32;
/// One frame from a client, in bytes.
pub const CLIENT_FRAME_BYTES_MAX: usize = 64 * 1024;
/// One frame before the client has said who it is, in bytes.
pub const HELLO_FRAME_BYTES_MAX: usize = 4 * 1024;
/// A socket that has not said `hello` ends after this.
pub const HELLO_TIMEOUT_MS: u64 = 5_000;
/// Sends of one socket that wait for their ack.
pub const SENDS_IN_FLIGHT_MAX: usize = 32;
/// Frames that a client may leave unacknowledged before it counts as slow.
pub const WINDOW_FRAMES_MAX: usize = 512;
/// Bytes that a client may leave unacknowledged before it counts as slow.
pub const WINDOW_BYTES_MAX: usize = 1024 * 1024;
/// A slow client that makes no progress for this long is disconnected.
pub const LAGGING_TIMEOUT_MS: u64 = 60_000;
/// How long a lost socket's place is kept for a hot resume.
pub const HOT_RESUME_MS: u64 = 30_000;
/// A socket without any frame from the client ends after this.
pub const SOCKET_IDLE_MS: u64 = 120_000;
/// How often a socket asks whether its session is still valid, and looks at the time. The sweep adds its own step.
pub const SOCKET_CHECK_MS: u64 = 30_000;
/// Every so many `pong` frames carry the digest of heads.
pub const PONGS_PER_DIGEST: u32 = 5;
/// Conversations one inbox answer over the socket may name; more means "list them over HTTP".
pub const DIRTY_CONVERSATIONS_MAX: usize = 1000;
