//! Bugs that somebody might make, each by a name. They exist only under `cfg(planted_bug)`, which no release can carry,
//! to show that the simulator finds them: `cargo xtask sim --planted-all`.

use std::sync::atomic::{AtomicUsize, Ordering};

macro_rules! bugs {
    ($($bug:ident $name:literal,)*) => {
        /// One bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names say what is wrong")]
        pub enum Bug { $($bug,)* }

        /// All bugs and their names.
        pub const BUGS: &[(Bug, &str)] = &[$((Bug::$bug, $name),)*];
    };
}

bugs! {
    AckBeforeSync "ack-before-sync",
    DedupeBySession "dedupe-by-session",
    DedupeNotInBatch "dedupe-not-in-batch",
    UnknownIsRefusal "unknown-is-refusal",
    HeadNotChecked "head-not-checked",
    ConflictKeepsState "conflict-keeps-state",
    AnybodysBatchIsOurs "anybodys-batch-is-ours",
    NoFence "no-fence",
    LostNotLookedFor "lost-not-looked-for",
    ResumeOffByOne "resume-off-by-one",
    ResumeSkipsInFlight "resume-skips-in-flight",
    OldAnswersAfterResume "old-answers-after-resume",
    OrderNotKept "order-not-kept",
    ReplayUnauthorised "replay-unauthorised",
    LagClearedEarly "lag-cleared-early",
    DirtyDropsOne "dirty-drops-one",
    InboxLostAtCrash "inbox-lost-at-crash",
    InboxForgetsFailures "inbox-forgets-failures",
    UnreadNotCounted "unread-not-counted",
    DeleteLeavesText "delete-leaves-text",
    EditResurrects "edit-resurrects",
    CursorMovesBack "cursor-moves-back",
    SessionNotForgotten "session-not-forgotten",
    SocketsOutliveSession "sockets-outlive-session",
    ToldBeforeCommit "told-before-commit",
    RemovedStillReceives "removed-still-receives",
    BlockNotHeard "block-not-heard",
    HistoryForEverybody "history-for-everybody",
    PageHole "page-hole",
    DuplicateGetsNewPlace "duplicate-gets-new-place",
    CountedTwice "counted-twice",
    JobRemovedEarly "job-removed-early",
    RegisterLate "register-late",
    CounterReadLate "counter-read-late",
    UuidNotNoted "uuid-not-noted",
}

static CHOSEN: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Plants the bug with this name. False if there is none.
pub fn plant(name: &str) -> bool {
    let index = BUGS.iter().position(|(_, known)| *known == name);
    CHOSEN.store(index.unwrap_or(usize::MAX), Ordering::Relaxed);
    index.is_some()
}

/// Whether this bug is planted.
pub fn has(bug: Bug) -> bool {
    BUGS.get(CHOSEN.load(Ordering::Relaxed)).is_some_and(|(chosen, _)| *chosen == bug)
}
