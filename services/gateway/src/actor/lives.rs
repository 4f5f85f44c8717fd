//! Learns the lives of open positions from their fills, and checks them after a gap.

use domain::ids::ClientOrderId;
use domain::{Epoch, Side, Span, Symbol, Timestamp};

use super::legs::LegKey;
use super::life::{self, Derived, Life};
use super::merge::take;
use super::pace::backoff;
use super::reads::Read;
use super::{GatewayActor, TAG};
use binance::outcome::Outcome;
use binance::response::{self, UserTrade};

/// Fills may be listed later than the position they made: so often they are read again.
const DERIVE_TRIES_MAX: u32 = 3;
/// Pause between two such reads.
const DERIVE_PAUSE: Span = Span::from_millis(300);

impl GatewayActor {
    pub(super) fn trades_answered(&mut self, symbol: &Symbol, outcome: Outcome) {
        let mut trades = Vec::new();
        let learned = take(outcome, response::user_trades, |rows| trades = rows);
        if let Err(failed) = learned {
            self.unread(&Read::Trades(symbol.clone()), &failed);
            return;
        }
        self.reads.trades_out.remove(symbol);
        for side in [Side::Long, Side::Short] {
            self.derive(&(symbol.clone(), side), &trades);
        }
        self.try_ready();
    }

    fn derive(&mut self, key: &LegKey, trades: &[UserTrade]) {
        let (now, mode) = (self.now, self.rules.position_mode);
        let (Some(mode), Some(leg)) = (mode, self.legs.get_mut(key)) else {
            return;
        };
        if leg.derive_at.is_none_or(|at| at > now) || !leg.position.is_open() {
            return;
        }
        if leg.disputed {
            self.reads.want(&key.0);
            leg.derive_at = Some(now + DERIVE_PAUSE);
            return;
        }
        let mut of_leg = life::of_leg(trades, mode, key.1);
        leg.derive_tries += 1;
        let tries = leg.derive_tries;
        // The fills and the amount must be of the same moment, or the walk back goes astray.
        let all = of_leg.len();
        of_leg.retain(|trade| trade.time <= leg.changed_ms);
        if of_leg.len() < all {
            self.reads.want(&key.0);
        }
        let newest_ms = of_leg.last().map_or(0, |trade| trade.time);
        if newest_ms != leg.changed_ms {
            if tries < DERIVE_TRIES_MAX {
                leg.derive_at = Some(now + DERIVE_PAUSE);
                return;
            }
            if leg.is_known {
                leg.checked();
                return;
            }
        }
        let life = match life::derive(&of_leg, key.1, leg.position.qty) {
            Derived::Found(life) => life,
            Derived::TooShort { .. } if leg.is_known => {
                leg.checked();
                return;
            }
            Derived::TooShort { oldest_ms } => {
                let (qty, changed_ms) = (leg.position.qty, leg.changed_ms);
                self.pulse.count("lives_from_short_history");
                let epoch = self.epoch_of_orders(key);
                let oldest = u64::try_from(oldest_ms.unwrap_or(changed_ms)).unwrap_or(0);
                let epoch = epoch.unwrap_or(Epoch(oldest));
                Life {
                    epoch,
                    initial: qty,
                }
            }
        };
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        if leg.settle(life) {
            self.pulse.count("lives_corrected");
            let (symbol, epoch) = (&key.0, life.epoch);
            tracing::warn!(tag = TAG, %symbol, %epoch, "another life than told");
        }
    }

    /// The life that our own orders for this leg were placed in: the newest.
    fn epoch_of_orders(&self, key: &LegKey) -> Option<Epoch> {
        let epoch = |id: &ClientOrderId| Some(id.cause(&key.0)?.epoch);
        self.books
            .all_of(&key.0, key.1)
            .filter_map(|open| epoch(&open.resting.client_order_id))
            .max()
    }

    pub(super) fn derive_again(&mut self, symbol: &Symbol, now: Timestamp) {
        self.reads.trades_out.remove(symbol);
        for (key, leg) in self.legs.iter_mut() {
            if key.0 == *symbol && leg.derive_at.is_some() {
                leg.derive_at = Some(now + backoff(leg.derive_tries));
            }
        }
    }
}
