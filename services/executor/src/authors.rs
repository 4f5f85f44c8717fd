//! Who numbers what is asked for: one author for each position and token.

use std::collections::BTreeMap;

use domain::PositionKey;

use crate::intents::Author;

/// Positions whose numbers are remembered: far above what a venue lists, of both sides.
const AUTHORS_MAX: usize = 16_384;

/// The authors of all positions. Without leases the token of a position's next life is that of the
/// last, so its numbers go on; with leases it is newer, and they begin anew.
#[derive(Debug, Default)]
pub(crate) struct Authors(BTreeMap<PositionKey, Author>);

impl Authors {
    /// Who numbers under this token.
    pub(crate) fn of(&mut self, key: &PositionKey, token: u64) -> &mut Author {
        if self.fence(key) != Some(token) {
            self.0.insert(key.clone(), Author::new(token));
        }
        self.0.entry(key.clone()).or_insert(Author::new(token))
    }

    /// The token under which was asked last.
    pub(crate) fn fence(&self, key: &PositionKey) -> Option<u64> {
        self.0.get(key).map(Author::fence)
    }

    /// The next token will be newer.
    pub(crate) fn forget(&mut self, key: &PositionKey) {
        self.0.remove(key);
    }

    /// Whether there is no room for one more.
    pub(crate) fn is_full(&self, key: &PositionKey) -> bool {
        self.0.len() >= AUTHORS_MAX && !self.0.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use domain::lease::UNLEASED;
    use domain::{Account, Side, Symbol};

    use super::*;

    fn key() -> PositionKey {
        PositionKey {
            account: Account::new("main").expect("a name"),
            symbol: Symbol::new("BTCUSDT").expect("a symbol"),
            side: Side::Long,
        }
    }

    #[test]
    fn numbers_go_on_under_one_token_and_begin_anew_under_another() {
        let mut authors = Authors::default();
        let number = |authors: &mut Authors, token| authors.of(&key(), token).number(7);
        assert_eq!(number(&mut authors, 5), 1);
        assert_eq!(number(&mut authors, 5), 2);
        assert_eq!(number(&mut authors, 6), 1);
        authors.forget(&key());
        assert_eq!((authors.fence(&key()), number(&mut authors, 6)), (None, 1));
    }

    #[test]
    fn without_a_lease_numbers_are_times_and_still_grow() {
        let mut authors = Authors::default();
        let number = |authors: &mut Authors, now| authors.of(&key(), UNLEASED).number(now);
        assert_eq!(number(&mut authors, 100), 100);
        assert_eq!(number(&mut authors, 100), 101);
        assert_eq!(number(&mut authors, 90), 102, "a clock set back");
        assert_eq!(number(&mut authors, 500), 500);
    }
}
