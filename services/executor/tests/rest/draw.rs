//! What may happen, drawn at random; and the policies under which it does.

use domain::market::Regime;
use domain::mode::Mode;
use domain::policy::{Distances, Policy, ProfileMode, StepClose};
use domain::signal::RiskMode;
use domain::{PricePct, Ratio};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

#[derive(Debug, Clone)]
pub enum Happening {
    /// The price moves by so many tenths of a basis point; the tick is so many ms old.
    Mark(i64, i64),
    /// So many beats.
    Beats(u32),
    /// The venue does what was asked, and all positions are told.
    Obey,
    /// Everything asked for is accepted, or refused with that code, and nothing rests yet.
    Answer(Option<i32>),
    /// The guard refuses everything that was asked for.
    Deny(&'static str),
    /// A position is told again.
    Tell(usize),
    /// So many lots of its nearest target fill, or are closed by hand.
    Fill(usize, u32),
    Close(usize, u32),
    /// So many lots are added at the price.
    Add(usize, u32),
    /// A stop of it fires, and hangs.
    Fire(usize),
    Leverage(usize, u32),
    Plan(usize, Regime, RiskMode),
    Context(Regime),
    Risk(RiskMode),
    Mode(Mode),
    StoreLost(bool),
    /// Nothing is heard for so many seconds, beats included.
    Pause(i64),
}

fn regime() -> impl Strategy<Value = Regime> {
    select(Regime::ALL.map(|it| it.0).to_vec())
}

pub fn happenings() -> impl Strategy<Value = Happening> {
    let risk = || {
        let modes = vec![RiskMode::Normal, RiskMode::Conservative, RiskMode::Critical];
        prop_oneof![30 => select(modes), 1 => Just(RiskMode::EssActive)]
    };
    let which = || 0_usize..6;
    let age = || prop_oneof![12 => Just(0_i64), 1 => Just(6_000_i64), 1 => 0_i64..5_500];
    let moves = || prop_oneof![8 => -40_i64..40, 3 => -400_i64..400, 1 => -3_000_i64..3_000];
    let codes = select(vec![None, None, Some(-2021), Some(-1001)]);
    let denials = select(vec!["OWNER_FENCED", "STOP_LOOSER", "INTENT_REPEATED"]);
    prop_oneof![
        40 => (moves(), age()).prop_map(|(points, age)| Happening::Mark(points, age)),
        10 => (1_u32..12).prop_map(Happening::Beats),
        1 => (50_u32..700).prop_map(Happening::Beats),
        12 => Just(Happening::Obey),
        2 => codes.prop_map(Happening::Answer),
        1 => denials.prop_map(Happening::Deny),
        3 => which().prop_map(Happening::Tell),
        2 => (which(), 1_u32..400).prop_map(|(it, lots)| Happening::Fill(it, lots)),
        1 => (which(), 1_u32..700).prop_map(|(it, lots)| Happening::Close(it, lots)),
        1 => (which(), 1_u32..400).prop_map(|(it, lots)| Happening::Add(it, lots)),
        1 => which().prop_map(Happening::Fire),
        1 => (which(), 1_u32..40).prop_map(|(it, times)| Happening::Leverage(it, times)),
        6 => (which(), regime(), risk()).prop_map(|(it, regime, risk)| {
            Happening::Plan(it, regime, risk)
        }),
        2 => regime().prop_map(Happening::Context),
        1 => risk().prop_map(Happening::Risk),
        1 => select(vec![Mode::Live, Mode::Live, Mode::Shadow]).prop_map(Happening::Mode),
        1 => any::<bool>().prop_map(Happening::StoreLost),
        1 => (1_i64..7).prop_map(Happening::Pause),
    ]
}

pub fn policies() -> impl Strategy<Value = Policy> {
    let modes = select(vec![
        ProfileMode::Ladder,
        ProfileMode::Static,
        ProfileMode::Dynamic,
        ProfileMode::Challenge100,
    ]);
    let closes = select(vec![StepClose::Limit, StepClose::Market]);
    let distances = [20_i64..400, 20_i64..400, 1_i64..300];
    (modes, closes, any::<bool>(), distances, 0_i64..60).prop_map(
        |(mode, first_close, ratchet, distances, step_min)| {
            let [target, stop, trail] = distances.map(Ratio::basis_points);
            let mut policy = Policy::default();
            policy.profiles.mode = mode;
            policy.ladder.steps[0].close = first_close;
            policy.base = Distances {
                target,
                stop,
                trail,
            };
            policy.stops.replace_step_min = Ratio::basis_points(step_min);
            policy.stops.ratchet = ratchet;
            policy.trailing.trigger_pct = PricePct::new(trail.get() * Decimal::TEN);
            policy
        },
    )
}
