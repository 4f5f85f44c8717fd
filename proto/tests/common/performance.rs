//! Strategies for the performance of targets.

use domain::Span;
use domain::performance::{Recommendation, SymbolPerformance, TargetPerformance};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{ratio, regime, share, symbol, time, token};

fn target() -> impl Strategy<Value = TargetPerformance> {
    let counts = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    let means = (
        option::of(share()),
        option::of(ratio()),
        option::of(0..=i64::MAX),
    );
    let recommendation = select(Recommendation::ALL.map(|row| row.0).to_vec());
    (
        token(),
        regime(),
        any::<u8>(),
        counts,
        means,
        recommendation,
    )
        .prop_map(
            |(strategy, regime, leg, counts, means, recommendation)| TargetPerformance {
                strategy,
                regime,
                leg,
                planned: counts.0,
                hit: counts.1,
                missed: counts.2,
                premature: counts.3,
                hit_rate: means.0,
                slippage: means.1,
                time_to_hit: means.2.map(Span::from_micros),
                recommendation,
            },
        )
}

pub fn tp_performance() -> impl Strategy<Value = SymbolPerformance> {
    (symbol(), vec(target(), 0..4), time(), time()).prop_map(|(symbol, targets, since, at)| {
        SymbolPerformance {
            symbol,
            targets,
            since,
            at,
        }
    })
}
