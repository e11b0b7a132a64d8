//! Who may do what: the expected answer to every operation, for every kind of caller and every state of its object.
//!
//! This table is written and reviewed by hand. Nothing that enforces the rules reads it: the authorisation tests of
//! the server compare it with what every route and every frame really answers. An operation without rows fails them,
//! and so does a row without an operation.

mod table;

use crate::refusal::{Fault, Reason};

/// Who asks. The other person of whatever is asked for is always the same one: the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// No token.
    Nobody,
    /// A token whose time is over.
    Expired,
    /// A token of a session that was ended.
    Revoked,
    /// A token of an account that was disabled.
    Disabled,
    /// Signed in, and has nothing to do with the host or the group.
    Stranger,
    /// Has a conversation with the host, who has blocked the caller since.
    Blocked,
    /// Has a conversation with the host, whom the caller has blocked since.
    Blocking,
    /// Was a member of the group, and was removed.
    Former,
    /// A member of the group who has a conversation with the host, as the next three.
    Member,
    /// The member who wrote the message.
    Author,
    /// An admin of the group.
    Admin,
    /// An owner of the group.
    Owner,
    /// Runs the server, and has nothing to do with the host or the group.
    Operator,
}

impl Principal {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 13] = [
        Self::Nobody,
        Self::Expired,
        Self::Revoked,
        Self::Disabled,
        Self::Stranger,
        Self::Blocked,
        Self::Blocking,
        Self::Former,
        Self::Member,
        Self::Author,
        Self::Admin,
        Self::Owner,
        Self::Operator,
    ];

    /// Whether the token counts for somebody.
    pub const fn is_signed_in(self) -> bool {
        !matches!(self, Self::Nobody | Self::Expired | Self::Revoked | Self::Disabled)
    }
}

/// What is asked for, and in which state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// The operation has no object.
    Nothing,
    /// The group, whose new members see nothing of the time before. Who is added is an outsider; who is removed or
    /// raised is a plain member.
    Group,
    /// The group, and the caller as the one who is concerned.
    GroupAndOneself,
    /// The group, and somebody who is a member.
    GroupAndMember,
    /// The group, and somebody who is one of its owners.
    GroupAndOwner,
    /// The group, and somebody who is not a member.
    GroupAndOutsider,
    /// The group, and a user who does not exist.
    GroupAndAbsentUser,
    /// The group, and a user whose account is disabled.
    GroupAndDisabledUser,
    /// The group, in answer to a message from before the caller joined.
    GroupReplyToEarly,
    /// The group, in the name of somebody else.
    GroupAsOther,
    /// The conversation of the caller and the host, by its id.
    Direct,
    /// A conversation of the host and somebody else.
    OthersDirect,
    /// The id of a group that does not exist.
    AbsentGroup,
    /// The id of a direct conversation that does not exist.
    AbsentDirect,
    /// The host; where a conversation is asked for, the one with the host.
    Other,
    /// The caller.
    Oneself,
    /// A user who does not exist.
    AbsentUser,
    /// A user whose account is disabled.
    DisabledUser,
    /// A message of the author in the group, written when all members had joined.
    Message,
    /// The same, but deleted.
    DeletedMessage,
    /// A message of the host in the group, written before all other members joined.
    EarlyMessage,
    /// A place in the group's log that holds something other than a message.
    MemberEvent,
    /// A place after the end of the group's log.
    BeyondHead,
    /// A message of the host to the caller.
    DirectMessage,
    /// A message of the caller to the host.
    OwnDirectMessage,
    /// A message of somebody else to the host.
    OthersDirectMessage,
    /// A message of a group that does not exist.
    MessageOfAbsentGroup,
    /// Another session of the caller.
    OwnSession,
    /// A session of the host.
    OthersSession,
    /// A session that does not exist.
    AbsentSession,
    /// An id of another kind.
    OtherKind,
    /// No id at all.
    Malformed,
}

/// What an operation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It does not exist, or the caller may not know that it does.
    NotFound,
    /// The token counts for nobody.
    Unauthenticated,
    /// The caller may see it but not do this.
    Forbidden(Reason),
    /// It does not fit the present state.
    Conflict(Reason),
    /// This field of the request is not acceptable.
    Unacceptable(&'static str, Fault),
}

/// What everybody gets for one operation upon one object.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The `operationId` of the API document, or `frame_` and the `type` of a frame.
    pub operation: &'static str,
    /// What it is asked to act upon.
    pub object: Object,
    /// The answer to each of [`Principal::ALL`].
    pub answers: [Answer; Principal::ALL.len()],
}

impl Row {
    /// Each caller and the answer.
    pub fn cells(&self) -> impl Iterator<Item = (Principal, Answer)> + use<> {
        Principal::ALL.into_iter().zip(self.answers)
    }
}

/// All rows.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [table::PEOPLE, table::CONVERSATIONS, table::MESSAGES, table::GROUPS, table::FRAMES]
        .into_iter()
        .flatten()
}

/// Routes beside the API document, and their answer to everybody: those that only the operator's command line has
/// are not there for anybody who comes over the network.
///
/// The pages of the client hold nothing of anybody; they ask for it through the operations.
pub const OTHER_ROUTES: [(&str, &str, Answer); 17] = [
    ("GET", "/", Answer::Done),
    ("GET", "/c/{conversation}", Answer::Done),
    ("GET", "/c/{conversation}/{seq}", Answer::Done),
    ("GET", "/settings", Answer::Done),
    ("GET", "/settings/{section}", Answer::Done),
    ("GET", "/sign-in", Answer::Done),
    ("GET", "/sign-up", Answer::Done),
    ("GET", "/assets/{*file}", Answer::NotFound),
    ("POST", "/users", Answer::NotFound),
    ("POST", "/users/list", Answer::NotFound),
    ("POST", "/users/change", Answer::NotFound),
    ("GET", "/backup", Answer::NotFound),
    ("GET", "/healthz", Answer::Done),
    ("GET", "/readyz", Answer::Done),
    // For this machine only, and for whoever has the operator's token.
    ("GET", "/metrics", Answer::NotFound),
    ("GET", "/openapi.json", Answer::Done),
    ("POST", "/message/send_media", Answer::NotFound),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What exists but is hidden, and what hides it: its answer must be that of what does not exist.
    const HIDDEN: [(Object, Object); 6] = [
        (Object::OthersDirect, Object::AbsentGroup),
        (Object::OthersDirect, Object::AbsentDirect),
        (Object::EarlyMessage, Object::BeyondHead),
        (Object::OthersDirectMessage, Object::MessageOfAbsentGroup),
        (Object::OthersSession, Object::AbsentSession),
        (Object::GroupAndDisabledUser, Object::GroupAndAbsentUser),
    ];

    #[test]
    fn what_is_hidden_is_answered_like_what_does_not_exist() {
        let mut compared = 0;
        for row in rows() {
            for (_, absent) in HIDDEN.into_iter().filter(|(hidden, _)| *hidden == row.object) {
                let mut others = rows().filter(|other| other.operation == row.operation);
                if let Some(other) = others.find(|other| other.object == absent) {
                    assert_eq!(row.answers, other.answers, "{} {absent:?}", row.operation);
                    compared += 1;
                }
            }
        }
        assert!(compared > 30, "{compared}");
    }

    #[test]
    fn to_whom_the_group_is_hidden_it_is_like_one_that_does_not_exist() {
        for row in rows().filter(|row| row.object == Object::Group) {
            let mut others = rows().filter(|other| other.operation == row.operation);
            let absent = others
                .find(|other| other.object == Object::AbsentGroup)
                .expect("each operation on a group is also asked for one that is not there");
            for ((principal, here), (_, there)) in row.cells().zip(absent.cells()) {
                let belongs = principal >= Principal::Member && principal <= Principal::Owner;
                assert!(belongs || here == there, "{} {principal:?}", row.operation);
            }
        }
    }

    #[test]
    fn no_row_stands_twice() {
        let mut all: Vec<_> = rows().map(|row| (row.operation, row.object)).collect();
        let total = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), total);
    }
}
