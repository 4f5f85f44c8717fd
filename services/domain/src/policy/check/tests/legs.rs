//! The default ladder.

use super::*;
use crate::policy::{Basis, LadderStep, StepClose, TrailActivation};

fn steps(count: i64, close: StepClose) -> Vec<LadderStep> {
    let step = |number: i64| LadderStep {
        target_multiple: Ratio::new(Decimal::new(number, 1)),
        size: ratio("0.1"),
        close,
    };
    (1..=count).map(step).collect()
}

#[test]
fn a_step_has_a_multiple_and_a_share() {
    each_alone(&[
        (
            |it| it.ladder.steps[0].target_multiple = ratio("0"),
            "ladder.steps.0.target_multiple",
            "above 0",
        ),
        (
            |it| it.ladder.steps[2].target_multiple = ratio("101"),
            "ladder.steps.2.target_multiple",
            "at most 100",
        ),
        (
            |it| it.ladder.steps[1].target_multiple = ratio("0.5"),
            "ladder.steps.1.target_multiple",
            "above ladder.steps.0.target_multiple",
        ),
        (
            |it| it.ladder.steps[2].size = ratio("-0.5"),
            "ladder.steps.2.size",
            "above 0",
        ),
        (
            |it| it.ladder.steps[1].size = ratio("25"),
            "ladder.steps.1.size",
            "at most 1",
        ),
    ]);
}

#[test]
fn the_sizes_are_shares_of_one_whole() {
    each_alone(&[(
        |it| it.ladder.steps[0].size = ratio("0.26"),
        "ladder.steps",
        "add up to 1.01",
    )]);
    each_usable(&[|it| it.ladder.steps[0].size = ratio("0.01")]);
}

#[test]
fn a_ladder_has_one_to_eight_steps_of_which_four_rest() {
    each_alone(&[
        (|it| it.ladder.steps.clear(), "ladder.steps", "1 to 8"),
        (
            |it| it.ladder.steps = steps(9, StepClose::Market),
            "ladder.steps",
            "1 to 8",
        ),
        (
            |it| it.ladder.steps = steps(5, StepClose::Limit),
            "ladder.steps",
            "at most 4 targets",
        ),
        (
            |it| {
                it.ladder.steps = steps(5, StepClose::Limit);
                it.ladder.steps[4].close = StepClose::Trail;
            },
            "ladder.steps",
            "at most 4 targets",
        ),
    ]);
    each_usable(&[
        |it| it.ladder.steps = steps(8, StepClose::Market),
        |it| it.ladder.steps = steps(4, StepClose::Limit),
    ]);
}

#[test]
fn only_the_last_step_trails() {
    each_alone(&[(
        |it| it.ladder.steps[1].close = StepClose::Trail,
        "ladder.steps.1.close",
        "only the last step",
    )]);
    each_usable(&[|it| it.ladder.steps[2].close = StepClose::Limit]);
}

#[test]
fn trailing_begins_within_reach() {
    each_alone(&[
        (
            |it| it.ladder.activation = TrailActivation::OfFirstTarget(ratio("-0.1")),
            "ladder.activation.of_first_target",
            "0 or more",
        ),
        (
            |it| it.ladder.activation = TrailActivation::OfFirstTarget(ratio("11")),
            "ladder.activation.of_first_target",
            "at most 10",
        ),
        (
            |it| it.ladder.activation = TrailActivation::TargetMultiple(ratio("11")),
            "ladder.activation.target_multiple",
            "at most 10",
        ),
        (
            |it| it.ladder.activation = TrailActivation::TargetMultiple(ratio("7")),
            "ladder.activation.target_multiple",
            "no short has a price beyond",
        ),
        (
            |it| it.ladder.activation = TrailActivation::TargetMultiple(ratio("2.1")),
            "ladder.activation.target_multiple",
            "at most 2:",
        ),
        (
            |it| it.ladder.activation = TrailActivation::OfFirstTarget(ratio("4.1")),
            "ladder.activation.of_first_target",
            "at most 4:",
        ),
    ]);
    each_usable(&[
        |it| {
            it.ladder.activation = TrailActivation::TargetMultiple(ratio("6"));
            it.ladder.steps[2].close = StepClose::Limit;
        },
        |it| it.ladder.activation = TrailActivation::OfFirstTarget(ratio("4")),
        |it| it.ladder.activation = TrailActivation::OfFirstTarget(ratio("0")),
        |it| it.ladder.activation = TrailActivation::TargetMultiple(ratio("2")),
    ]);
}

#[test]
fn the_farthest_target_of_a_short_has_a_price() {
    each_alone(&[
        (
            |it| it.ladder.steps[2].target_multiple = ratio("7"),
            "ladder.steps.2.target_multiple",
            "times bounds.target_max (\"0.15\") must be below 1",
        ),
        (
            |it| {
                it.ladder.basis = Basis::Risk;
                it.ladder.steps[2].target_multiple = ratio("20");
            },
            "ladder.steps.2.target_multiple",
            "times bounds.stop_max (\"0.05\") must be below 1",
        ),
    ]);
}
