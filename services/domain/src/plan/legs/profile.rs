//! Named sets of legs in multiples of the stop distance (behaviour 3.4).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rust_decimal::Decimal;

use super::{Draft, Frame, Set, ladder};
use crate::market::Regime;
use crate::num::Ratio;
use crate::plan::steps::scaled;
use crate::plan::words::Percent;
use crate::policy::{Mapping, Profile};

/// Matches every symbol, every strategy.
pub const ANY: &str = "*";
/// The profile of a position that no mapping is for.
pub const FALLBACK: &str = "NORMAL_DEFAULT";

const SYMBOL_POINTS: u16 = 100;
const STRATEGY_POINTS: u16 = 10;
const REGIME_POINTS: u16 = 1;

/// How special a mapping is: symbol 100, strategy 10, a regime other than NORMAL 1.
#[must_use]
pub fn specificity(mapping: &Mapping) -> u16 {
    let points = |named, points| if named { points } else { 0 };
    points(mapping.symbol != ANY, SYMBOL_POINTS)
        + points(mapping.strategy != ANY, STRATEGY_POINTS)
        + points(mapping.regime != Regime::Normal, REGIME_POINTS)
}

/// The most special of the mappings that are for this symbol, strategy and regime; the first of
/// equals. NORMAL in a mapping means every regime.
#[must_use]
pub fn mapping<'a>(
    mappings: &'a [Mapping],
    symbol: &str,
    strategy: &str,
    regime: Regime,
) -> Option<&'a Mapping> {
    let is_for = |mapping: &&Mapping| {
        let symbol_fits = mapping.symbol == ANY || mapping.symbol == symbol;
        let strategy_fits = mapping.strategy == ANY || mapping.strategy == strategy;
        let regime_fits = mapping.regime == Regime::Normal || mapping.regime == regime;
        symbol_fits && strategy_fits && regime_fits
    };
    // Of equals `max_by_key` takes the last one, so they are asked from the end.
    mappings
        .iter()
        .filter(is_for)
        .rev()
        .max_by_key(|mapping| specificity(mapping))
}

/// The legs of the profile that is mapped; of the fallback where none is; else the ladder.
pub(super) fn set(frame: &Frame<'_>) -> Set {
    let Some(profile) = chosen(frame) else {
        let set = ladder::set(frame);
        let note = format!("no profile, not even {FALLBACK}; {}", set.note);
        return Set { note, ..set };
    };
    let one_r = frame.found.stop;
    let mut drafts: Vec<Draft> = profile
        .legs
        .iter()
        .map(|leg| frame.target(leg.close, leg.size, scaled(one_r, leg.r_multiple)))
        .collect();
    let taken: Decimal = profile.legs.iter().map(|leg| leg.size.get()).sum();
    let rest = Ratio::new(Decimal::ONE - taken);
    let mut note = profile.name.clone();
    if rest > rest_min() {
        match trail(frame, profile, rest) {
            Some(trail) => drafts.push(trail),
            None => note += &format!(" ({} left to the stop)", Percent(rest)),
        }
    }
    let trail = drafts.last().and_then(|draft| draft.callback);
    let mut distances = frame.found;
    distances.trail = trail.unwrap_or(distances.trail);
    Set {
        drafts,
        distances,
        profile: Some(profile.name.clone()),
        time_stop: None,
        note,
    }
}

/// A rest of no more than this is left to the stop: 1 % (behaviour 3.4).
fn rest_min() -> Ratio {
    Ratio::basis_points(100)
}

fn chosen<'a>(frame: &Frame<'a>) -> Option<&'a Profile> {
    let profiles = &frame.policy.profiles;
    let named = |name: &str| profiles.table.iter().find(|profile| profile.name == name);
    let inputs = frame.inputs;
    let symbol = inputs.position.key.symbol.as_str();
    let regime = inputs.context.regime;
    let mapped = mapping(&profiles.mapping, symbol, frame.strategy_id, regime);
    let mapped: Option<&String> = mapped.map(|mapping| &mapping.profile);
    mapped
        .and_then(|name| named(name))
        .or_else(|| named(FALLBACK))
}

fn trail(frame: &Frame<'_>, profile: &Profile, rest: Ratio) -> Option<Draft> {
    let trailing = profile.trailing.as_ref().filter(|_| frame.may_trail())?;
    let activation = scaled(frame.found.stop, trailing.activation_r);
    Some(Draft {
        tightening: trailing.tightening.clone(),
        ..Draft::trail(rest, activation, trailing.callback)
    })
}
