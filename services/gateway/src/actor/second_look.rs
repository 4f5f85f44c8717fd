//! A stop is taken away while there is no user stream, or right after it has come back: what was
//! approved may rest on a picture that nobody has kept up since. So both books and the positions
//! are read once more, and the rest must cover what is open by that.

use std::collections::BTreeMap;

use domain::guard::DenyReason;
use domain::ids::ClientOrderId;
use domain::snapshot::covered;
use domain::{Qty, Side, Span, Symbol, Timestamp};

use super::GatewayActor;
use super::calls::{Cancel, Waiting};
use super::door::Refusal;
use super::reads::Round;

/// A cancel that waits for the read is looked at again after this long.
const LOOK_EVERY: Span = Span::from_millis(50);

/// When the positions and both books were read last, as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Seen {
    all: Timestamp,
    /// Symbols that were read by themselves since.
    symbols: BTreeMap<Symbol, Timestamp>,
}

impl Seen {
    /// A round without errors.
    pub(super) fn took(&mut self, round: &Round) {
        let asked = round.parts.iter().map(|(asked_at, _)| *asked_at).min();
        let Some(asked) = asked else {
            return;
        };
        match &round.scope {
            None => {
                self.all = asked;
                self.symbols.retain(|_, at| *at > asked);
            }
            Some(symbols) => {
                let read = symbols.iter().map(|symbol| (symbol.clone(), asked));
                self.symbols.extend(read);
            }
        }
    }

    /// What is known of `symbol` is no older than this.
    pub(super) fn at(&self, symbol: &Symbol) -> Timestamp {
        let own = self.symbols.get(symbol).copied();
        own.map_or(self.all, |own| own.max(self.all))
    }
}

impl GatewayActor {
    /// Whether the stop may be taken away now; `false` where it has to wait for a read, which is
    /// asked for.
    pub(super) fn looks_again(&mut self, cancel: &Cancel) -> Result<bool, Refusal> {
        if self.reads.is_told_since(cancel.approved_at) {
            return Ok(true);
        }
        let Some((symbol, side)) = self.closes(&cancel.target) else {
            return Ok(true); // nothing of it is known: the venue says so too
        };
        if self.reads.seen.at(&symbol) < cancel.approved_at {
            self.reads.want(&symbol);
            return Ok(false);
        }
        let leg = self.legs.get(&(symbol.clone(), side));
        let open = leg.map_or(Qty::ZERO, |leg| leg.position.qty);
        // One that the list does not show yet may be gone already.
        let listed = self.books.all_of(&symbol, side);
        let listed = listed.filter(|it| it.listed_at >= cancel.approved_at);
        let rest = listed.map(|it| &it.resting);
        let rest = rest.filter(|it| it.client_order_id != cancel.target);
        let covered = covered(open, rest);
        if covered < open {
            let target = cancel.target.as_str().into();
            return Err(DenyReason::ProtectionLast {
                target,
                covered,
                open,
            }
            .into());
        }
        Ok(true)
    }

    /// The cancel waits for its read.
    pub(super) fn look_later(&mut self, waiting: &Waiting) {
        let mut later = waiting.clone();
        later.not_before = self.now + LOOK_EVERY;
        self.push(later);
    }

    /// What an order closes.
    fn closes(&self, target: &ClientOrderId) -> Option<(Symbol, Side)> {
        if let Some(own) = self.ledger.get(target) {
            return Some((own.key.symbol.clone(), own.key.side));
        }
        let mut all = self.books.all();
        let resting = all.find(|it| it.resting.client_order_id == *target)?;
        Some((resting.symbol.clone(), resting.side))
    }
}
