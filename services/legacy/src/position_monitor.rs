//! The periodic monitor: gives an unprotected position its stop, moves stops by tiers of profit,
//! keeps take-profits resting (behaviour 6.3).

use domain::Price;
use domain::decision::StopReason;

use crate::method::{Method, Picture, StopWish, Wishes};

pub mod rules;

use rules::{StopRule, Tier};

/// The monitor's mind about one life of a position.
#[derive(Debug, Clone, Default)]
pub struct PositionMonitor {
    /// The highest tier that this life has reached from this entry, so that a profit that wavers
    /// around a threshold doesn't move targets to and fro.
    tier: usize,
    entry: Option<Price>,
}

impl PositionMonitor {
    fn tier(&mut self, picture: &Picture<'_>) -> &'static Tier {
        let position = picture.position();
        if self.entry != Some(position.entry_price) {
            // Profit is counted from another price now.
            self.entry = Some(position.entry_price);
            self.tier = 0;
        }
        if let Some(mark) = picture.mark {
            let reached = rules::tier_index(position.pnl_pct_margin(mark));
            self.tier = self.tier.max(reached);
        }
        rules::tier(self.tier)
    }
}

impl Method for PositionMonitor {
    fn wish(&mut self, picture: &Picture<'_>) -> Wishes {
        let tier = self.tier(picture);
        let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
        let holds = tier.stop == StopRule::Hold && picture.books().own_targets().next().is_some();
        let targets = (!holds).then(|| rules::targets(tier, position, instrument));
        Wishes {
            stop: stop(picture, tier),
            targets,
            ..Wishes::default()
        }
    }

    fn notice(&self, picture: &Picture<'_>) -> Option<&'static str> {
        let pnl = picture.position().pnl_pct_margin(picture.mark?);
        rules::is_losing(pnl).then_some("positions_losing_seen")
    }
}

/// The tier's level, or the first stop of a position that has none.
fn stop(picture: &Picture<'_>, tier: &Tier) -> Option<StopWish> {
    let (position, instrument) = (picture.position(), &picture.snapshot.instrument);
    let level = picture
        .mark
        .and_then(|mark| rules::tier_stop(tier, position, mark, instrument));
    if let Some(price) = level {
        let reason = rules::stop_reason(tier);
        return Some(StopWish { price, reason });
    }
    let first = rules::initial_stop(position, instrument).filter(|_| picture.books().is_bare());
    first.map(|price| StopWish {
        price,
        reason: StopReason::Initial,
    })
}
