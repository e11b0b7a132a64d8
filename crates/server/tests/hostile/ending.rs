//! Two ways to come to an end.

use tokio::io::AsyncReadExt as _;

use crate::peer::{Peer, within};

impl Peer {
    /// All bytes until the connection ends, however it does.
    pub(crate) async fn bytes(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut some = [0; 4096];
        while let Ok(count @ 1..) = within(self.0.read(&mut some)).await {
            all.extend_from_slice(some.get(..count).expect("no more than there is room for"));
        }
        all
    }

    /// Ends with a reset instead of a farewell.
    pub(crate) fn reset(self) {
        self.0.set_zero_linger().expect("an open connection");
    }
}
