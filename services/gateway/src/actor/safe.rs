//! The safe state: what is not done while the venue says what nobody understands, or refuses us.

use std::collections::BTreeMap;

use domain::{Span, Symbol, Timestamp};

/// Longest hold on the strength of one strange word: three full reads would have been made by then
/// (one each 10 s), so a hold that is still on is one that no read will end.
pub(super) const HOLD_MAX: Span = Span::from_secs(30);

/// What is held: orders that do not protect wait, and conditional orders keep resting, until a full
/// read that was asked for afterwards has come back without an error, or [`HOLD_MAX`] is over.
#[derive(Debug, Default)]
pub(super) struct SafeState {
    account: Option<Timestamp>,
    symbols: BTreeMap<Symbol, Timestamp>,
}

impl SafeState {
    /// Holds a symbol from now on, or every symbol.
    pub(super) fn hold(&mut self, symbol: Option<Symbol>, now: Timestamp) {
        match symbol {
            Some(symbol) => {
                self.symbols.insert(symbol, now);
            }
            None => self.account = Some(now),
        }
    }

    /// Whether orders for `symbol` are held.
    pub(super) fn holds(&self, symbol: &Symbol, now: Timestamp) -> bool {
        let on = |since: &Timestamp| now.since(*since) <= HOLD_MAX;
        self.account.as_ref().is_some_and(on) || self.symbols.get(symbol).is_some_and(on)
    }

    /// A full read whose first question was asked at `asked_at` came back without an error.
    pub(super) fn clean_read(&mut self, asked_at: Timestamp) {
        self.account = self.account.filter(|since| *since > asked_at);
        self.symbols.retain(|_, since| *since > asked_at);
    }

    /// Holds that are on.
    pub(super) fn count(&self, now: Timestamp) -> u64 {
        let all = self.account.iter().chain(self.symbols.values());
        let on = all.filter(|since| now.since(**since) <= HOLD_MAX).count();
        u64::try_from(on).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_hold_ends_with_a_clean_read_that_was_asked_for_after_it() {
        let (btc, eth) = (
            Symbol::new("BTCUSDT").unwrap(),
            Symbol::new("ETHUSDT").unwrap(),
        );
        let mut safe = SafeState::default();
        safe.hold(Some(btc.clone()), at(1_000));
        assert!(safe.holds(&btc, at(1_000)) && !safe.holds(&eth, at(1_000)));
        safe.clean_read(at(999));
        assert!(safe.holds(&btc, at(1_100)));
        safe.clean_read(at(1_000));
        assert!(!safe.holds(&btc, at(1_100)));
        assert_eq!(safe.count(at(1_100)), 0);
    }

    #[test]
    fn a_hold_without_a_clean_read_ends_by_itself_and_one_of_the_account_holds_all() {
        let btc = Symbol::new("BTCUSDT").unwrap();
        let mut safe = SafeState::default();
        safe.hold(None, at(1_000));
        assert!(safe.holds(&btc, at(1_000) + HOLD_MAX));
        assert_eq!(safe.count(at(1_000) + HOLD_MAX), 1);
        assert!(!safe.holds(&btc, at(1_001) + HOLD_MAX));
    }
}
