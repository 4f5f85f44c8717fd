//! `exitctl plan try`: the plan that the rules would make; needs no running system.

use domain::market::{ContextSource, MarketContext, regime_of};
use domain::plan::ExitPlan;
use domain::plan::build::{PlanInputs, build};
use domain::signal::RlHint;
use domain::{Account, Epoch, Position, PositionKey, Side, Timestamp};
use proto::wire::PlanStatus;
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Format, PlanSide, Trial, TrialAdvice, TrialMarket, TrialPosition};
use crate::command::policy;
use crate::render;

/// The account's name in a plan that no account has.
const ACCOUNT: &str = "trial";

/// The JSON form.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    plan: &'a PlanStatus,
}

/// The plan of what was typed, as made at `now`.
///
/// # Errors
/// [`Trouble`] where the policy file can't be used or the rules make no plan.
pub fn run(trial: &Trial, format: Format, now: Timestamp) -> Result<Answer, Trouble> {
    let plan = status(trial, &made(trial, now)?);
    let document = Document {
        api_version: "exitbrain/v1",
        kind: "PlanTrial",
        plan: &plan,
    };
    let text = render::told(format, &document, |_| render::plan::trial(&plan))?;
    Ok(Answer::ok(text))
}

fn made(trial: &Trial, now: Timestamp) -> Result<ExitPlan, Trouble> {
    let policy = policy::load(trial.policy.as_deref())?;
    let position = position(&trial.position, now)?;
    let context = context(&trial.market, &position, now);
    let hint = hint(&trial.advice, &position, now);
    let inputs = PlanInputs {
        position: &position,
        mark_price: trial.position.mark,
        context: &context,
        hint: hint.as_ref(),
        risk: trial.portfolio.risk,
        heat: trial.portfolio.heat,
        equity: trial.portfolio.equity,
        is_equity_old: false,
    };
    build(&inputs, &policy, now).map_err(|error| Trouble::Failure(error.to_string()))
}

fn status(trial: &Trial, plan: &ExitPlan) -> PlanStatus {
    PlanStatus {
        not_in_force: "a trial".into(),
        entry_price: Some(trial.position.entry.to_string()),
        ..proto::plan_status(plan)
    }
}

fn position(typed: &TrialPosition, now: Timestamp) -> Result<Position, Trouble> {
    let account = Account::new(ACCOUNT).map_err(|error| Trouble::Failure(error.to_string()))?;
    let side = match typed.side {
        PlanSide::Long => Side::Long,
        PlanSide::Short => Side::Short,
    };
    Ok(Position {
        key: PositionKey {
            account,
            symbol: typed.symbol.clone(),
            side,
        },
        epoch: Epoch(now.millis().unsigned_abs()),
        qty: typed.qty,
        initial_qty: typed.qty,
        entry_price: typed.entry,
        leverage: typed.leverage,
        opened_at: now,
    })
}

/// What is not typed is not measured.
fn context(typed: &TrialMarket, position: &Position, now: Timestamp) -> MarketContext {
    let unknown = MarketContext::unknown(position.key.symbol.clone(), now);
    let volatility = typed.volatility.unwrap_or(unknown.volatility);
    let trend = typed.trend.unwrap_or(unknown.trend);
    let measured = typed.volatility.map(|_| ContextSource::Bars);
    MarketContext {
        volatility,
        trend,
        regime: typed.regime.unwrap_or_else(|| regime_of(volatility, trend)),
        atr: typed.atr,
        spread: typed.spread,
        funding_rate: typed.funding,
        quote_volume_24h: typed.volume,
        source: measured.unwrap_or(unknown.source),
        ..unknown
    }
}

fn hint(typed: &TrialAdvice, position: &Position, now: Timestamp) -> Option<RlHint> {
    let hint = RlHint {
        symbol: position.key.symbol.clone(),
        take_profit: typed.tp_hint,
        stop_loss: typed.sl_hint,
        trail: typed.trail_hint,
        confidence: typed.confidence,
        signal_confidence: typed.signal_confidence,
        strategy: typed.strategy.clone(),
        at: now,
    };
    let numbers = [
        hint.take_profit,
        hint.stop_loss,
        hint.trail,
        hint.confidence,
        hint.signal_confidence,
    ];
    let told = numbers.iter().any(Option::is_some) || hint.strategy.is_some();
    told.then_some(hint)
}
