//! Who numbers what is asked for: one author for each position and token.

use std::collections::BTreeMap;

use domain::PositionKey;
use domain::lease::UNLEASED;

use crate::intents::Author;

/// Positions whose numbers are remembered: far above what a venue lists, of both sides.
const AUTHORS_MAX: usize = 16_384;

/// The authors of all positions. Numbers go on under one token and begin anew under a newer one.
/// The next life of a position has the token of the last where there are no leases, and also where
/// the lease could not be given back and is found to be this process's own; or the store of leases
/// was lost for a while, and what was asked for then had no token at all.
#[derive(Debug)]
pub(crate) struct Authors {
    known: BTreeMap<PositionKey, Pair>,
    max: usize,
}

impl Default for Authors {
    fn default() -> Self {
        let known = BTreeMap::new();
        let max = AUTHORS_MAX;
        Self { known, max }
    }
}

/// Who numbers under a lease, and who without one.
#[derive(Debug)]
struct Pair {
    leased: Option<Author>,
    unleased: Author,
    /// The token under which was asked last.
    last: u64,
}

impl Pair {
    const fn new() -> Self {
        Self {
            leased: None,
            unleased: Author::new(UNLEASED),
            last: UNLEASED,
        }
    }
}

impl Authors {
    /// Numbers are remembered of that many positions, where it would be fewer.
    pub(crate) fn make_room_for(&mut self, positions: usize) {
        self.max = self.max.max(positions);
    }

    /// Who numbers under this token.
    pub(crate) fn of(&mut self, key: &PositionKey, token: u64) -> &mut Author {
        let pair = self.known.entry(key.clone()).or_insert_with(Pair::new);
        pair.last = token;
        if token == UNLEASED {
            return &mut pair.unleased;
        }
        let known = pair.leased.filter(|author| author.fence() == token);
        pair.leased.insert(known.unwrap_or(Author::new(token)))
    }

    /// The token under which was asked last.
    pub(crate) fn fence(&self, key: &PositionKey) -> Option<u64> {
        self.known.get(key).map(|pair| pair.last)
    }

    /// Whether there is no room for one more.
    pub(crate) fn is_full(&self, key: &PositionKey) -> bool {
        self.known.len() >= self.max && !self.known.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (authors.fence(&key()), number(&mut authors, 6)),
            (Some(6), 2)
        );
    }

    #[test]
    fn numbers_go_on_after_a_time_without_a_lease() {
        let mut authors = Authors::default();
        let number = |authors: &mut Authors, token| authors.of(&key(), token).number(7);
        assert_eq!(number(&mut authors, 5), 1);
        assert_eq!(number(&mut authors, UNLEASED), 7);
        assert_eq!(authors.fence(&key()), Some(UNLEASED));
        assert_eq!(number(&mut authors, 5), 2);
        assert_eq!(authors.fence(&key()), Some(5));
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
