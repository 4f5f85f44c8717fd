//! Plans per second, beside copying a plan that is there.
#![allow(
    clippy::float_arithmetic,
    reason = "statistics of measurements, no money"
)]

use std::hint::black_box;

use bench::fleet::{picture, symbol};
use bench::rounds::Samples;
use domain::market::MarketContext;
use domain::plan::build::{PlanInputs, build};
use domain::policy::{Policy, ProfileMode};
use domain::signal::RiskMode;
use serde_json::json;

use super::{Figure, rounded};

const PLANS: usize = 5_000;

pub fn run(rounds: usize) {
    for mode in [ProfileMode::Ladder, ProfileMode::Dynamic] {
        of(mode, rounds);
    }
}

fn of(mode: ProfileMode, rounds: usize) {
    let picture = picture(0);
    let mut policy = Policy::default();
    policy.profiles.mode = mode;
    let context = MarketContext::unknown(symbol(), picture.at);
    let inputs = PlanInputs {
        position: &picture.position,
        mark_price: Some(picture.position.entry_price),
        context: &context,
        hint: None,
        risk: RiskMode::Normal,
        heat: None,
        equity: None,
        is_equity_old: false,
    };
    let (mut own, mut copies) = (Samples::default(), Samples::default());
    for _ in 0..rounds {
        let plan = own.time(PLANS, || {
            let mut last = None;
            for _ in 0..PLANS {
                last = build(black_box(&inputs), &policy, picture.at).ok();
            }
            last
        });
        copies.time(PLANS, || {
            for _ in 0..PLANS {
                black_box(plan.clone());
            }
        });
    }
    Figure {
        bench: "plans",
        of: json!({
            "mode": format!("{mode:?}"),
            "plans_per_second": rounded(1e9 / own.median()),
        }),
        unit: "ns/plan",
        own: &own,
        floor: &copies,
        floor_is: "a copy of the plan",
        aim: None,
    }
    .say();
}
