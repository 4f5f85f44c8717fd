//! What operators and programs read.
#![allow(clippy::unwrap_used, reason = "a test may")]

use proto::wire::TpPerformance;

use super::*;

fn target(regime: &str, leg: u32, hit: u64, missed: u64) -> TpTarget {
    TpTarget {
        strategy: Some("RL_V3".into()),
        regime: Some(regime.into()),
        leg: Some(leg),
        planned: Some(hit + missed + 1),
        hit: Some(hit),
        missed: Some(missed),
        premature: Some(2),
        hit_rate: None,
        slippage: None,
        time_to_hit: None,
        recommendation: Some("too few".into()),
    }
}

fn told() -> TpPerformanceList {
    let first = TpTarget {
        hit_rate: Some("0.8571".into()),
        slippage: Some("-0.000125".into()),
        time_to_hit: Some(754_000_000),
        recommendation: Some("widen".into()),
        ..target("NORMAL", 1, 18, 3)
    };
    let third = TpTarget {
        hit_rate: Some("0".into()),
        ..target("TRENDING", 3, 0, 4)
    };
    let of = |symbol: &str, targets| TpPerformance {
        symbol: Some(symbol.into()),
        targets,
        since: Some(1),
        at: Some(2),
    };
    let symbols = vec![
        of("BTCUSDT", vec![first, third]),
        of("ETHUSDT", vec![target("NORMAL", 1, 0, 0)]),
    ];
    TpPerformanceList {
        symbols,
        since: "2025-12-10T22:14:55.000Z".into(),
    }
}

#[test]
fn the_table_is_as_it_is_written_down() {
    assert_eq!(text(&told()), include_str!("golden/tp.txt").trim_end());
}

#[test]
fn the_document_is_as_it_is_written_down() {
    let document = render::json(&document(&told())).unwrap();
    assert_eq!(document, include_str!("golden/tp.json").trim_end());
}

#[test]
fn nothing_planned_is_told_in_words() {
    let nothing = TpPerformanceList {
        symbols: Vec::new(),
        ..told()
    };
    let expected = "no targets planned since 2025-12-10T22:14:55.000Z";
    assert_eq!(text(&nothing), expected);
}
