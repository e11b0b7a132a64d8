//! The end of the process when the disk can no longer be trusted.

/// Logs and ends the process.
///
/// After a failed write or sync nobody knows what is on the disk, and a later sync that succeeds proves nothing: the
/// kernel may have dropped the pages. Only a restart, which reads back what is really there, gives a known state.
pub(super) fn abort(reason: &str, detail: &dyn std::fmt::Display) -> ! {
    tracing::error!(detail = %detail, "{reason}; the process ends, and a restart recovers what was confirmed");
    std::process::abort();
}

/// Ends the process when a panic drops it: a committer that is gone would leave every batch without an answer.
pub(super) struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            abort("the committer panicked", &"see above");
        }
    }
}
