//! Records of a made-up market: a long position of 1 at 100 unless said otherwise, a bar of marks
//! every five seconds.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use domain::{Span, Timestamp};
use lab::shadow::costs::Costs;
use records::closed::{ClosedPosition, Fill, Filters};
use records::read::Found;
use records::shadow::Meta;
use records::{
    DecisionType, MarkBar, Moment, Number, RecordedDecision, RecordedSide, RiskState, ShadowRecord,
};
use rust_decimal::Decimal;

/// 2025-12-10T12:00:00Z.
pub const NOON: Timestamp = Timestamp::from_millis(1_765_368_000_000);
/// Nothing costs anything.
pub const FREE: Costs = Costs {
    taker_fee: Decimal::ZERO,
    maker_fee: Decimal::ZERO,
    slippage: Decimal::ZERO,
};

pub fn at(seconds: i64) -> Timestamp {
    NOON + Span::from_secs(seconds)
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn number(text: &str) -> Number {
    Number(dec(text))
}

/// A decision of life 1 at that mark, of confidence 0.9.
pub fn decided(kind: DecisionType, second: i64, mark: &str, serial: u64) -> ShadowRecord {
    ShadowRecord {
        timestamp: Moment(at(second)),
        symbol: "BTCUSDT".into(),
        side: RecordedSide::Long,
        entry_price: number("100"),
        current_price: number(mark),
        size: number("1"),
        unrealized_pnl: number("0"),
        decision: RecordedDecision {
            decision_type: kind,
            symbol: "BTCUSDT".into(),
            fraction_to_close: None,
            new_sl_price: None,
            sl_reason: None,
            new_tp_levels: None,
            tp_fractions: None,
            reason: "made up".into(),
            confidence: number("0.9"),
            current_price: number(mark),
            unrealized_pnl: number("0"),
            meta: Meta {
                account: "main".into(),
                epoch: 1,
                boot: Some(1),
                number: Some(serial),
                ..Meta::default()
            },
        },
        regime: "NORMAL".into(),
        risk_state: RiskState::Normal,
    }
}

pub fn stop(second: i64, mark: &str, price: &str, serial: u64) -> ShadowRecord {
    let mut record = decided(DecisionType::MoveSl, second, mark, serial);
    record.decision.new_sl_price = Some(number(price));
    record.decision.sl_reason = Some("initial_sl".into());
    record
}

/// Two targets of a quarter each.
pub fn ladder(second: i64, mark: &str, prices: [&str; 2], serial: u64) -> ShadowRecord {
    let mut record = decided(DecisionType::UpdateTpLimits, second, mark, serial);
    record.decision.new_tp_levels = Some(prices.map(number).to_vec());
    record.decision.tp_fractions = Some(vec![number("0.25"); 2]);
    record.decision.meta.tp_from = Some(vec![number("0"), number("0.25")]);
    record.decision.confidence = number("0.85");
    record
}

/// One bar each five seconds from noon on: open, high, low, close.
pub fn bars(path: &[[&str; 4]]) -> Vec<MarkBar> {
    let bar = |(prices, index): (&[&str; 4], i64)| {
        let [open, high, low, close] = prices.map(number);
        MarkBar {
            timestamp: Moment(at(5 * index)),
            symbol: "BTCUSDT".into(),
            open,
            high,
            low,
            close,
            ticks: 5,
            funding_rate: None,
        }
    };
    path.iter().zip(0..).map(bar).collect()
}

/// A path of bars that each stand at one price.
pub fn flat(prices: &[&str]) -> Vec<MarkBar> {
    let path: Vec<[&str; 4]> = prices.iter().map(|it| [*it; 4]).collect();
    bars(&path)
}

pub fn fill(second: i64, qty: &str, price: &str) -> Fill {
    Fill {
        at: Moment(at(second)),
        qty: number(qty),
        price: number(price),
        module: "position_monitor".into(),
        kind: "sl".into(),
        maker: false,
        by_mark: false,
    }
}

/// Opened at noon, closed by that fill.
pub fn closed(fill: Fill) -> ClosedPosition {
    let lot = [number("0.001"), number("0.001"), number("1000")];
    ClosedPosition {
        timestamp: fill.at,
        account: "main".into(),
        symbol: "BTCUSDT".into(),
        side: RecordedSide::Long,
        epoch: 1,
        opened_at: Moment(at(0)),
        seen_from: Moment(at(1)),
        seen_qty: number("1"),
        qty: number("1"),
        additions: 0,
        entry_price: number("100"),
        leverage: number("5"),
        fills: vec![fill],
        filters: Filters {
            tick_size: number("0.1"),
            lot,
            market_lot: lot,
            min_notional: number("5"),
        },
    }
}

pub fn found(decisions: Vec<ShadowRecord>, closed: ClosedPosition, bars: Vec<MarkBar>) -> Found {
    Found {
        decisions,
        closed: vec![closed],
        bars,
        ..Found::default()
    }
}
