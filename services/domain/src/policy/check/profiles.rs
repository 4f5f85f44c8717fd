//! Faults of the named profiles, their mapping, the dynamic calculation and `CHALLENGE_100`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rust_decimal::Decimal;

use super::legs::{Reach, Step};
use super::range::{
    AMOUNT, BUFFER, DISTANCE, FACTOR, LEVERAGE, MARGIN_GAIN, MULTIPLE, MULTIPLE_OR_NONE, PART,
    POSITION_AGE, Range, SHARE,
};
use super::{Check, Number, listed};
use crate::ids::Symbol;
use crate::num::Ratio;
use crate::policy::profile::Band;
use crate::policy::{Challenge, Policy, Profile, ProfileTrail, StepClose};

/// Most profiles.
const PROFILES_MAX: usize = 100;
/// Most rows of the mapping: some for each contract of the venue.
const MAPPINGS_MAX: usize = 2_000;
/// Most rows of a tightening curve, as many as a plan's message holds.
const TIGHTENING_MAX: usize = 8;
/// Stands for any symbol and any strategy.
const ANY: &str = "*";
const NAME_WHY: &str = "must be 1 to 40 bytes without blanks, dots, '*' or '>'";

/// Strategies and profiles stand in messages under the rules of a symbol.
fn is_name(text: &str) -> bool {
    Symbol::new(text).is_ok()
}

impl Check {
    pub(super) fn profiles(&mut self, policy: &Policy) {
        let profiles = &policy.profiles;
        self.name("profiles.strategy", &profiles.strategy);
        self.count("profiles.table", profiles.table.len(), PROFILES_MAX);
        self.count("profiles.mapping", profiles.mapping.len(), MAPPINGS_MAX);
        let reach = Reach::new("bounds.stop_max", policy.bounds.stop_max);
        for (index, profile) in profiles.table.iter().enumerate().take(PROFILES_MAX) {
            let field = format!("profiles.table.{index}");
            let before = profiles.table.iter().take(index);
            self.profile(&field, profile, before, &reach);
        }
        for (index, row) in profiles.mapping.iter().enumerate().take(MAPPINGS_MAX) {
            let field = |name: &str| format!("profiles.mapping.{index}.{name}");
            for (name, text) in [("symbol", &row.symbol), ("strategy", &row.strategy)] {
                if text != ANY && !is_name(text) {
                    let why = format!("{NAME_WHY}; or \"*\" for any");
                    self.fault(&field(name), format!("{text:?}"), why);
                }
            }
            if profiles.table.iter().all(|it| it.name != row.profile) {
                let why = "names no profile of profiles.table";
                self.fault(&field("profile"), format!("{:?}", row.profile), why);
            }
        }
    }

    fn name(&mut self, field: &str, text: &str) {
        if !is_name(text) {
            self.fault(field, format!("{text:?}"), NAME_WHY);
        }
    }

    fn count(&mut self, field: &str, count: usize, max: usize) {
        if count > max {
            self.fault(field, format!("{count} of them"), format!("at most {max}"));
        }
    }

    fn profile<'a>(
        &mut self,
        field: &str,
        profile: &Profile,
        mut before: impl Iterator<Item = &'a Profile>,
        reach: &Reach,
    ) {
        let name = format!("{field}.name");
        self.name(&name, &profile.name);
        if before.any(|other| other.name == profile.name) {
            let why = "stands in profiles.table already";
            self.fault(&name, format!("{:?}", profile.name), why);
        }
        let legs = format!("{field}.legs");
        let steps: Vec<Step> = profile
            .legs
            .iter()
            .map(|leg| Step {
                multiple: leg.r_multiple,
                size: leg.size,
            })
            .collect();
        self.steps(&legs, "r_multiple", &steps, reach);
        for (index, leg) in profile.legs.iter().enumerate() {
            if leg.close == StepClose::Trail {
                let why = "must be \"limit\" or \"market\": what is left trails by [trailing]";
                self.fault(&format!("{legs}.{index}.close"), "\"trail\"".into(), why);
            }
        }
        let rests = |close| close == StepClose::Limit;
        let resting = profile.legs.iter().filter(|leg| rests(leg.close)).count();
        self.resting(&legs, resting);
        if let Some(trail) = &profile.trailing {
            self.trailing(&format!("{field}.trailing"), trail, reach);
        }
    }

    fn trailing(&mut self, field: &str, trail: &ProfileTrail, reach: &Reach) {
        let callback = format!("{field}.callback");
        let callback = self.number(callback, trail.callback.get(), &DISTANCE);
        let activation = format!("{field}.activation_r");
        let activation = self.number(activation, trail.activation_r.get(), &MULTIPLE_OR_NONE);
        self.reaches(&activation, reach);
        let field = format!("{field}.tightening");
        self.count(&field, trail.tightening.len(), TIGHTENING_MAX);
        let mut from: Vec<Number> = Vec::new();
        let mut tighter = callback;
        for (index, row) in trail.tightening.iter().enumerate().take(TIGHTENING_MAX) {
            let key = |name: &str| format!("{field}.{index}.{name}");
            from.push(self.number(key("from_r"), row.from_r.get(), &MULTIPLE));
            let callback = self.number(key("callback"), row.callback.get(), &DISTANCE);
            self.at_most(&callback, &tighter);
            tighter = callback;
        }
        self.ascending(&from);
    }

    pub(super) fn dynamic(&mut self, policy: &Policy) {
        let dynamic = &policy.profiles.dynamic;
        let distances = self.three("distances", &dynamic.distances, &DISTANCE);
        self.ascending(&distances);
        for (name, sizes) in [
            ("sizes", &dynamic.sizes),
            ("large_sizes", &dynamic.large_sizes),
            ("trending_sizes", &dynamic.trending_sizes),
            ("thin_sizes", &dynamic.thin_sizes),
        ] {
            let sizes = self.three(name, sizes, &PART);
            if let Some(sum) = Self::sum(&sizes).filter(|sum| *sum != Decimal::ONE) {
                let why = format!("must add up to 1, not {}", sum.normalize());
                self.fault(&dynamic_key(name), listed(&sizes), why);
            }
        }
        self.band("leverage", &dynamic.leverage, &LEVERAGE);
        self.band("volatility", &dynamic.volatility, &DISTANCE);
        self.band("confidence", &dynamic.confidence, &SHARE);
        for (name, value, range) in [
            ("large_notional", dynamic.large_notional.get(), &AMOUNT),
            ("large_factor", dynamic.large_factor.get(), &FACTOR),
            (
                "volatility_default",
                dynamic.volatility_default.get(),
                &DISTANCE,
            ),
            ("trending_factor", dynamic.trending_factor.get(), &FACTOR),
            ("rough_factor", dynamic.rough_factor.get(), &FACTOR),
            ("thin_volume", dynamic.thin_volume.get(), &AMOUNT),
            ("thin_factor", dynamic.thin_factor.get(), &FACTOR),
            (
                "profit_margin_pct",
                dynamic.profit_margin_pct.get(),
                &MARGIN_GAIN,
            ),
            ("profit_factor", dynamic.profit_factor.get(), &FACTOR),
        ] {
            self.number(dynamic_key(name), value, range);
        }
        let mut distance =
            |name, value: Ratio| self.number(dynamic_key(name), value.get(), &DISTANCE);
        let min = distance("distance_min", dynamic.distance_min);
        let max = distance("distance_max", dynamic.distance_max);
        let loss = distance("max_loss", dynamic.max_loss);
        self.at_most(&min, &max);
        let stop = policy.bounds.stop_max.get();
        let multiple = max.value.checked_div(loss.value);
        let farthest = multiple.and_then(|multiple| multiple.checked_mul(stop));
        let within = farthest.is_some_and(|farthest| farthest < Decimal::ONE);
        self.rule(
            &max,
            within || !loss.usable || !DISTANCE.contains(stop),
            || {
                let (loss, stop) = (loss.text(), policy.bounds.stop_max);
                format!(
                    "over profiles.dynamic.max_loss ({loss}) times bounds.stop_max (\"{stop}\") \
                 must be below 1: no short has a price beyond"
                )
            },
        );
    }

    /// The three values of an array, each with its index.
    fn three(&mut self, name: &str, values: &[Ratio; 3], range: &Range) -> Vec<Number> {
        let values = values.iter().enumerate();
        values
            .map(|(index, value)| {
                let field = format!("{}.{index}", dynamic_key(name));
                self.number(field, value.get(), range)
            })
            .collect()
    }

    fn band(&mut self, name: &str, band: &Band, borders: &Range) {
        let key = |part: &str| format!("{}.{part}", dynamic_key(name));
        let low = self.number(key("low"), band.low.get(), borders);
        let high = self.number(key("high"), band.high.get(), borders);
        self.below(&low, &high);
        self.number(key("low_factor"), band.low_factor.get(), &FACTOR);
        self.number(key("high_factor"), band.high_factor.get(), &FACTOR);
    }

    pub(super) fn challenge(&mut self, challenge: &Challenge) {
        for (name, value, range) in [
            ("risk_per_trade", challenge.risk_per_trade.get(), &DISTANCE),
            ("equity_default", challenge.equity_default.get(), &AMOUNT),
            ("stop_r_max", challenge.stop_r_max.get(), &MULTIPLE),
            ("stop_atr", challenge.stop_atr.get(), &MULTIPLE),
            (
                "liquidation_buffer",
                challenge.liquidation_buffer.get(),
                &BUFFER,
            ),
            ("target_r", challenge.target_r.get(), &MULTIPLE),
            ("target_size", challenge.target_size.get(), &PART),
            ("trail_atr", challenge.trail_atr.get(), &MULTIPLE),
            ("atr_default", challenge.atr_default.get(), &DISTANCE),
        ] {
            self.number(format!("profiles.challenge.{name}"), value, range);
        }
        let field = "profiles.challenge.time_stop";
        self.span(field, challenge.time_stop, POSITION_AGE);
    }
}

fn dynamic_key(name: &str) -> String {
    format!("profiles.dynamic.{name}")
}
