//! Who blocked whom: surely, or perhaps, from what was asked and answered.

use domain::UserId;

/// What somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To block.
    Block,
    /// To end that.
    Unblock,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockAsk {
    /// Who blocks, and whom.
    pub(crate) pair: (UserId, UserId),
    /// What was asked for.
    pub(crate) wish: Wish,
    /// When.
    pub(crate) asked_ns: u64,
    /// When it was answered that it is done. Without that it may come true at any later time, or never.
    pub(crate) done_ns: Option<u64>,
}

/// All requests, in the order of their ends.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    asks: Vec<BlockAsk>,
}

impl BlockAsk {
    /// Whether it was surely done before.
    fn is_done_before(&self, at_ns: u64) -> bool {
        self.done_ns.is_some_and(|done_ns| done_ns < at_ns)
    }
}

impl Blocks {
    /// A request has ended, in whichever way.
    pub(crate) fn add(&mut self, ask: BlockAsk) {
        self.asks.push(ask);
    }

    fn of(&self, pair: (UserId, UserId), wish: Wish) -> impl Iterator<Item = &BlockAsk> {
        self.asks.iter().filter(move |ask| (ask.pair, ask.wish) == (pair, wish))
    }

    /// Whether the block of this pair was surely in force during all of this time.
    pub(crate) fn surely(&self, pair: (UserId, UserId), (from_ns, until_ns): (u64, u64)) -> bool {
        self.of(pair, Wish::Block).filter(|block| block.is_done_before(from_ns)).any(|block| {
            let mut ends = self.of(pair, Wish::Unblock);
            ends.all(|end| end.is_done_before(block.asked_ns) || end.asked_ns > until_ns)
        })
    }

    /// Whether either of two people may have blocked the other at any moment of this time.
    pub(crate) fn perhaps(&self, (one, other): (UserId, UserId), during: (u64, u64)) -> bool {
        [(one, other), (other, one)].into_iter().any(|pair| self.perhaps_one(pair, during))
    }

    fn perhaps_one(&self, pair: (UserId, UserId), (from_ns, until_ns): (u64, u64)) -> bool {
        self.of(pair, Wish::Block).filter(|block| block.asked_ns < until_ns).any(|block| {
            let ended =
                |end: &BlockAsk| block.is_done_before(end.asked_ns) && end.is_done_before(from_ns);
            !self.of(pair, Wish::Unblock).any(ended)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(asks: &[(Wish, u64, Option<u64>)]) -> (Blocks, (UserId, UserId)) {
        let pair = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let ask = |&(wish, asked_ns, done_ns)| BlockAsk { pair, wish, asked_ns, done_ns };
        (Blocks { asks: asks.iter().map(ask).collect() }, pair)
    }

    #[test]
    fn a_block_is_sure_from_its_answer_until_its_end_is_asked_for() {
        let (blocks, pair) = blocks(&[(Wish::Block, 1, Some(5)), (Wish::Unblock, 20, None)]);
        assert!(blocks.surely(pair, (6, 19)));
        assert!(!blocks.surely(pair, (4, 19)));
        assert!(!blocks.surely(pair, (6, 21)));
    }

    #[test]
    fn a_block_is_possible_from_its_asking_until_its_end_is_answered() {
        let (blocks, pair) = blocks(&[(Wish::Block, 5, Some(9)), (Wish::Unblock, 20, Some(30))]);
        assert!(!blocks.perhaps(pair, (1, 4)));
        assert!(blocks.perhaps((pair.1, pair.0), (1, 6)));
        assert!(blocks.perhaps(pair, (29, 40)));
        assert!(!blocks.perhaps(pair, (31, 40)));
    }

    #[test]
    fn what_was_never_answered_may_come_true_at_any_time() {
        let (blocks, pair) = blocks(&[(Wish::Block, 5, None), (Wish::Unblock, 20, Some(30))]);
        assert!(blocks.perhaps(pair, (50, 60)));
        assert!(!blocks.surely(pair, (50, 60)));
    }
}
