//! The life of plans, stops, the ways out.

use super::*;

#[test]
fn a_plan_lives_for_a_while_and_is_not_made_anew_for_nothing() {
    each_alone(&[
        (
            |it| it.plans.valid = Span::from_secs(59),
            "plans.valid",
            "\"1m\" to \"720h\"",
        ),
        (
            |it| it.plans.valid = Span::from_hours(721),
            "plans.valid",
            "\"1m\" to \"720h\"",
        ),
        (
            |it| it.plans.volatility_step = ratio("0"),
            "plans.volatility_step",
            "above 0",
        ),
        (
            |it| it.plans.trend_step = ratio("2.1"),
            "plans.trend_step",
            "at most 2",
        ),
        (
            |it| it.plans.heat_step = ratio("5"),
            "plans.heat_step",
            "at most 1",
        ),
    ]);
}

#[test]
fn a_stop_can_be_held_and_waited_for() {
    each_alone(&[
        (
            |it| it.stops.margin_loss_max = ratio("10"),
            "stops.margin_loss_max",
            "at most 0.5",
        ),
        (
            |it| it.stops.margin_loss_max = ratio("0.51"),
            "stops.margin_loss_max",
            "well before liquidation",
        ),
        (
            |it| it.stops.distance_min = ratio("0"),
            "stops.distance_min",
            "above 0",
        ),
        (
            |it| it.stops.replace_step_min = ratio("0.011"),
            "stops.replace_step_min",
            "at most 0.01",
        ),
        (
            |it| it.stops.replace_step_min = ratio("-1"),
            "stops.replace_step_min",
            "0 or more",
        ),
        (
            |it| it.stops.grace = Span::ZERO,
            "stops.grace",
            "\"1ms\" to \"1m\"",
        ),
        (
            |it| it.stops.grace = Span::from_secs(61),
            "stops.grace",
            "\"1ms\" to \"1m\"",
        ),
        (
            |it| it.stops.tick_age_max = Span::from_millis(999),
            "stops.tick_age_max",
            "\"1s\" to",
        ),
        (
            |it| it.stops.tick_age_max = Span::from_hours(1),
            "stops.tick_age_max",
            "\"1m\"",
        ),
    ]);
    each_usable(&[
        |it| it.stops.replace_step_min = ratio("0"),
        |it| it.stops.replace_step_min = ratio("0.01"),
        |it| {
            it.stops.margin_loss_max = ratio("0.5");
            it.stops.distance_min = ratio("0.01");
        },
    ]);
}

#[test]
fn the_nearest_floor_is_nearer_than_the_largest_loss() {
    each_alone(&[(
        |it| {
            it.stops.distance_min = ratio("0.1");
            it.profit_lock.offset = ratio("0");
        },
        "stops.distance_min",
        "below stops.margin_loss_max",
    )]);
}

#[test]
fn breakeven_lies_behind_its_trigger() {
    each_alone(&[
        (
            |it| it.breakeven.trigger_pct = price_pct("0"),
            "breakeven.trigger_pct",
            "above 0",
        ),
        (
            |it| it.breakeven.trigger_pct = price_pct("101"),
            "breakeven.trigger_pct",
            "at most 100",
        ),
        (
            |it| it.breakeven.buffer = ratio("-0.1"),
            "breakeven.buffer",
            "0 or more",
        ),
        (
            |it| it.breakeven.trigger_pct = price_pct("0.1"),
            "breakeven.trigger_pct",
            "above 0.1,",
        ),
        (
            |it| {
                it.breakeven.buffer = ratio("0.02");
                it.profit_lock.trigger_margin_pct = margin_pct("105");
            },
            "breakeven.trigger_pct",
            "above 2.1,",
        ),
    ]);
    each_usable(&[|it| {
        it.breakeven.trigger_pct = price_pct("0.05");
        it.breakeven.exact_entry = true;
    }]);
}

#[test]
fn a_locked_profit_is_there_at_any_leverage() {
    each_alone(&[
        (
            |it| it.profit_lock.trigger_margin_pct = margin_pct("0"),
            "profit_lock.trigger_margin_pct",
            "above 0",
        ),
        (
            |it| it.profit_lock.offset = ratio("-0.001"),
            "profit_lock.offset",
            "0 or more",
        ),
        (
            |it| it.profit_lock.offset = ratio("0.0021"),
            "profit_lock.offset",
            "at most 0.002: with 50x",
        ),
        (
            |it| it.stops.distance_min = ratio("0.001"),
            "profit_lock.offset",
            "with 100x",
        ),
        (
            |it| it.stops.distance_min = ratio("0.0001"),
            "profit_lock.offset",
            "with 125x",
        ),
        // The stop goes to breakeven, which is farther than the offset.
        (
            |it| it.breakeven.buffer = ratio("0.0011"),
            "profit_lock.trigger_margin_pct",
            "at least 10.5: breakeven lies at 0.0021, and with 50x",
        ),
        (
            |it| it.costs.taker_fee = ratio("0.0011"),
            "profit_lock.trigger_margin_pct",
            "at least 11: breakeven lies at 0.0022",
        ),
    ]);
    each_usable(&[
        |it| it.breakeven.buffer = ratio("0.001"),
        |it| {
            it.breakeven.buffer = ratio("0.0011");
            it.breakeven.exact_entry = true;
        },
    ]);
}

#[test]
fn trailing_starts_in_profit() {
    each_alone(&[
        (
            |it| it.trailing.trigger_pct = price_pct("0"),
            "trailing.trigger_pct",
            "above 0",
        ),
        (
            |it| it.trailing.trigger_pct = price_pct("300"),
            "trailing.trigger_pct",
            "at most 100",
        ),
    ]);
}

#[test]
fn a_way_out_is_a_loss_and_the_guard_is_the_last() {
    each_alone(&[
        (
            |it| it.emergency.crash_margin_pct = margin_pct("5"),
            "emergency.crash_margin_pct",
            "below 0",
        ),
        (
            |it| it.emergency.age_margin_pct = margin_pct("0"),
            "emergency.age_margin_pct",
            "below 0",
        ),
        (
            |it| it.emergency.loss_guard_margin_pct = margin_pct("-91"),
            "emergency.loss_guard_margin_pct",
            "-90 or more",
        ),
        (
            |it| it.emergency.crash_margin_pct = margin_pct("-101"),
            "emergency.crash_margin_pct",
            "-100 or more",
        ),
        (
            |it| it.emergency.loss_guard_margin_pct = margin_pct("-5"),
            "emergency.loss_guard_margin_pct",
            "below emergency.crash_margin_pct",
        ),
        (
            |it| it.emergency.age_margin_pct = margin_pct("-13"),
            "emergency.loss_guard_margin_pct",
            "below emergency.age_margin_pct",
        ),
        (
            |it| it.emergency.age_max = Span::from_hours(8_761),
            "emergency.age_max",
            "8760h",
        ),
    ]);
    // The age rule may be stricter or milder than the one for a crash.
    each_usable(&[
        |it| it.emergency.age_margin_pct = margin_pct("-8"),
        |it| it.emergency.loss_guard_margin_pct = margin_pct("-90"),
    ]);
}
