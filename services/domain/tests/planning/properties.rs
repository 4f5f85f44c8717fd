//! What holds for every plan, whatever it is made from.

use domain::market::{ContextSource, regime_of};
use domain::plan::{ExitLeg, ExitPlan, LegKind, StepName, Strategy};
use domain::policy::ProfileMode;
use domain::signal::RiskMode;
use domain::{Ratio, Side};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::case::{Case, step};
use super::random::{case, millionths, position, side};
use crate::common::*;

/// Cases per property: a plan takes well under a millisecond.
const CASES: u32 = 512;

fn closing(plan: &ExitPlan) -> impl Iterator<Item = &ExitLeg> {
    let closes = |leg: &&ExitLeg| !matches!(leg.kind, LegKind::Stop | LegKind::Emergency);
    plan.legs.iter().filter(closes)
}

/// Distances after the bounds: what every set of legs is made of.
fn bounded(case: &Case) -> (Ratio, Ratio) {
    let bounds = case.step(StepName::Bounds);
    (bounds.target, bounds.stop)
}

/// The trigger lies on the side of entry that the offset says.
fn lies_where_it_says(case: &Case, leg: &ExitLeg) -> bool {
    let entry = case.position.entry_price.get();
    let moved = leg.trigger_price.unwrap().get() - entry;
    let expected = leg.offset.unwrap().get() * entry * case.position.key.side.sign();
    (moved - expected).abs() <= entry * dec("1e-20")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_stop_covers_everything_or_one_leg_closes_everything(case in case()) {
        let plan = case.plan();
        let count = |kind| plan.legs_of(kind).count();
        if case.risk == RiskMode::EssActive {
            prop_assert_eq!(plan.strategy, Strategy::EmergencyExit);
            prop_assert_eq!((plan.legs.len(), count(LegKind::Emergency)), (1, 1));
        } else {
            prop_assert_eq!((count(LegKind::Stop), count(LegKind::Emergency)), (1, 0));
            prop_assert_eq!(plan.legs[0].kind, LegKind::Stop);
        }
        prop_assert_eq!(plan.legs[0].size, Ratio::ONE);
    }

    #[test]
    fn the_legs_close_no_more_than_all(case in case()) {
        let plan = case.plan();
        let sum: Decimal = closing(&plan).map(|leg| leg.size.get()).sum();
        prop_assert!(sum <= Decimal::ONE, "{sum}");
        prop_assert!(closing(&plan).all(|leg| leg.size > Ratio::ZERO));
    }

    #[test]
    fn the_stop_is_on_the_loss_side_or_locks_a_profit_and_targets_are_on_the_profit_side(
        case in case(),
    ) {
        let plan = case.plan();
        if let Some(stop) = plan.stop_leg() {
            let locked = plan.strategy == Strategy::ProfitLock;
            let offset = stop.offset.unwrap();
            prop_assert_eq!(offset > Ratio::ZERO, locked);
            prop_assert_ne!(offset, Ratio::ZERO);
            if !locked {
                prop_assert_eq!(offset.get(), -plan.stop.get());
            }
        }
        for leg in plan.target_legs() {
            prop_assert!(leg.offset.unwrap() > Ratio::ZERO);
        }
        for leg in plan.legs.iter().filter(|leg| leg.offset.is_some()) {
            prop_assert!(lies_where_it_says(&case, leg), "{leg:?}");
        }
    }

    #[test]
    fn every_leg_can_be_executed(case in case()) {
        let plan = case.plan();
        for (leg, priority) in closing(&plan).zip(0_u8..) {
            prop_assert_eq!(leg.priority, priority);
            let trails = leg.kind == LegKind::Trail;
            prop_assert_eq!(leg.callback.is_some(), trails);
            let bearable = |callback| callback > Ratio::ZERO && callback < Ratio::ONE;
            prop_assert!(leg.callback.is_none_or(bearable), "{leg:?}");
            prop_assert!(trails || leg.tightening.is_empty());
            prop_assert!(leg.offset.unwrap() >= Ratio::ZERO);
        }
        let offsets: Vec<_> = plan.target_legs().map(|leg| leg.offset).collect();
        prop_assert!(offsets.is_sorted(), "{offsets:?}");
        let challenged = case.policy.profiles.mode == ProfileMode::Challenge100;
        prop_assert_eq!(plan.time_stop.is_some(), challenged && !plan.is_emergency());
    }

    #[test]
    fn r_multiples_are_true(case in case()) {
        let plan = case.plan();
        for leg in plan.legs.iter().filter(|leg| leg.kind != LegKind::Emergency) {
            let off = leg.r_multiple.unwrap() * plan.stop.get() - leg.offset.unwrap().get();
            prop_assert!(off.abs() < dec("1e-20"), "{leg:?}");
        }
    }

    #[test]
    fn no_target_lies_nearer_than_a_round_trip_costs(case in case()) {
        let plan = case.plan();
        let costs = case.policy.costs;
        let context = &case.context;
        let rate = context.funding_rate.unwrap_or_default().get();
        let paid = (rate * case.position.key.side.sign()).max(Decimal::ZERO);
        let floor = costs.taker_fee.get() * dec("2")
            + context.spread.unwrap_or(costs.spread_default).get()
            + paid * Decimal::from(costs.fundings);
        for leg in plan.target_legs().filter(|_| costs.enabled) {
            prop_assert!(leg.offset.unwrap().get() >= floor);
        }
    }

    #[test]
    fn all_steps_are_told_in_order_and_the_last_is_what_the_plan_has(case in case()) {
        let plan = case.plan();
        let names: Vec<_> = plan.steps.iter().map(|step| step.name).collect();
        prop_assert_eq!(names, StepName::ALL);
        prop_assert!(plan.steps.iter().all(|step| !step.note.is_empty()));
        let last = step(&plan, StepName::Legs);
        prop_assert_eq!(
            (last.target, last.stop, last.trail),
            (plan.target, plan.stop, plan.trail)
        );
    }

    #[test]
    fn the_same_inputs_make_the_same_plan(case in case()) {
        prop_assert_eq!(case.plan(), case.clone().plan());
    }

    #[test]
    fn the_bounds_hold_whatever_came_before(case in case()) {
        let (target, stop) = bounded(&case);
        let bounds = case.policy.bounds;
        prop_assert!(bounds.target_min <= target && target <= bounds.target_max);
        prop_assert!(bounds.stop_min <= stop && stop <= bounds.stop_max);
    }

    /// Without a trend the regime and the volatility step are one rising line.
    #[test]
    fn m088_distances_never_shrink_while_volatility_grows(
        case in case(),
        one in millionths(0, 100_000),
        other in millionths(0, 100_000),
    ) {
        let at = |volatility: Ratio| {
            let mut case = case.clone();
            case.policy.volatility.enabled = true;
            case.context.source = ContextSource::Bars;
            case.context.volatility = volatility;
            case.context.trend = Decimal::ZERO;
            case.context.regime = regime_of(volatility, Decimal::ZERO);
            let step = case.step(StepName::Volatility);
            ((step.target, step.stop), bounded(&case))
        };
        let (calm, rough) = (at(one.min(other)), at(one.max(other)));
        prop_assert!(calm.0.0 <= rough.0.0 && calm.0.1 <= rough.0.1, "{calm:?} {rough:?}");
        prop_assert!(calm.1.0 <= rough.1.0 && calm.1.1 <= rough.1.1);
    }

    #[test]
    fn m089_with_the_trend_the_target_is_no_nearer_and_against_it_the_stop_is_tighter(
        position in position(),
        trend in millionths(10_000, 1_000_000),
        falls in any::<bool>(),
    ) {
        let trend = if falls { -trend.get() } else { trend.get() };
        let with = if falls { Side::Short } else { Side::Long };
        let at = |side: Side| {
            let mut case = Case::of(position.clone());
            case.position.key.side = side;
            case.context.source = ContextSource::Bars;
            case.context.trend = trend;
            case.plan()
        };
        let (with, against) = (at(with), at(with.opposite()));
        prop_assert!(with.target > against.target && against.stop < with.stop);
    }

    #[test]
    fn m085_a_surer_signal_never_has_a_nearer_target(
        case in case(),
        one in millionths(0, 1_000_000),
        other in millionths(0, 1_000_000),
    ) {
        let at = |told: Ratio| {
            let case = case.clone().hinted(|hint| hint.signal_confidence = Some(told));
            bounded(&case.policy(|policy| policy.confidence.enabled = true)).0
        };
        prop_assert!(at(one.min(other)) <= at(one.max(other)));
    }

    #[test]
    fn m086_m092_more_risk_never_has_wider_distances(
        case in case(),
        one in millionths(0, 1_000_000),
        other in millionths(0, 1_000_000),
    ) {
        let hot = |heat: Ratio| bounded(&case.clone().with(|case| case.heat = Some(heat)));
        let (cool, hot) = (hot(one.min(other)), hot(one.max(other)));
        prop_assert!(hot.0 <= cool.0 && hot.1 <= cool.1);
        let mode = |risk| bounded(&case.clone().risk(risk));
        let modes = [RiskMode::Normal, RiskMode::Conservative, RiskMode::Critical].map(mode);
        let tightens = |pair: &[(Ratio, Ratio)]| pair[1].0 <= pair[0].0 && pair[1].1 <= pair[0].1;
        prop_assert!(modes.windows(2).all(tightens));
    }

    #[test]
    fn weak_advice_only_ever_tightens_the_stop(case in case(), side in side()) {
        let mut case = case;
        case.position.key.side = side;
        let case = case.hinted(|hint| hint.confidence = Some(ratio("0.49")));
        let (base, hint) = (case.step(StepName::Base), case.step(StepName::Hint));
        prop_assert!(hint.stop <= base.stop && hint.stop > Ratio::ZERO);
        prop_assert_eq!((hint.target, hint.trail), (base.target, base.trail));
    }

    #[test]
    fn a_challenge_never_risks_more_than_its_budget(case in case()) {
        let case = case.policy(|policy| policy.profiles.mode = ProfileMode::Challenge100);
        let case = case.with(|case| {
            case.risk = RiskMode::Normal;
            case.mark = None;
        });
        let plan = case.plan();
        let challenge = case.policy.profiles.challenge;
        let told = case.equity.map(|equity| equity.get()).filter(|equity| *equity > Decimal::ZERO);
        let equity = told.unwrap_or(challenge.equity_default.get());
        let opened = case.position.initial_qty.notional(case.position.entry_price).get();
        let one_r = equity * challenge.risk_per_trade.get() / opened;
        // A basis point is the nearest stop there is, whatever the budget.
        let widest = (one_r * challenge.stop_r_max.get()).max(dec("0.0001"));
        prop_assert!(plan.stop.get() <= widest + dec("0.0000001"));
        let room = Decimal::ONE / case.position.leverage - challenge.liquidation_buffer.get();
        prop_assert!(plan.stop.get() <= room.max(case.policy.stops.distance_min.get()));
        prop_assert!(plan.stop <= case.policy.bounds.stop_max);
        let sum: Decimal = closing(&plan).map(|leg| leg.size.get()).sum();
        prop_assert_eq!(sum, Decimal::ONE, "the rest trails");
    }
}
