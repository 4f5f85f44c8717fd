//! A hash over everything that a plan is made from, so that equal inputs have equal plans.

use core::fmt::{Display, Formatter, Result, Write};

use super::Strategy;
use super::build::PlanInputs;
use super::legs::dynamic;
use crate::ids::stable_hash;
use crate::market::MarketContext;
use crate::policy::{Fnv, Policy};
use crate::signal::RlHint;

/// Digest of what the plan depends on. Dates don't count, and the mark only through what it
/// decides: a moving price or the same advice said again makes no new plan. Numbers are written in
/// their shortest form, so equal ones hash equally.
pub(super) fn digest(inputs: &PlanInputs<'_>, policy: &Policy, strategy: Strategy) -> u64 {
    let position = inputs.position;
    let mut hash = Fnv(stable_hash(&[]));
    let written = write!(
        hash,
        "{} {} {} {} {} | {} {} {} | {} | {} | {strategy:?} {}",
        position.key,
        position.epoch,
        position.entry_price,
        position.opened_qty(),
        position.leverage.normalize(),
        inputs.risk,
        Told(inputs.heat),
        Told(inputs.equity),
        Context(inputs.context),
        Told(inputs.hint.map(Advice)),
        dynamic::is_in_profit(inputs, policy),
    );
    debug_assert!(written.is_ok());
    hash.0
}

/// A value, or that there is none.
struct Told<T>(Option<T>);

impl<T: Display> Display for Told<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

struct Context<'a>(&'a MarketContext);

impl Display for Context<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let context = self.0;
        write!(
            f,
            "{} {} {} {:?} {} {} {} {}",
            context.volatility,
            context.trend.normalize(),
            context.regime,
            context.source,
            Told(context.atr),
            Told(context.spread),
            Told(context.funding_rate),
            Told(context.quote_volume_24h),
        )
    }
}

struct Advice<'a>(&'a RlHint);

impl Display for Advice<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let hint = self.0;
        write!(
            f,
            "{} {} {} {} {} {}",
            Told(hint.take_profit),
            Told(hint.stop_loss),
            Told(hint.trail),
            Told(hint.confidence),
            Told(hint.signal_confidence),
            Told(hint.strategy.as_deref()),
        )
    }
}
