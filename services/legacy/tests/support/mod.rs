//! Numbers, contracts and the comparison with a golden file, shared by the golden tests.
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    reason = "a test may; not every test uses all of it"
)]

pub mod venue;

use std::fs;
use std::path::Path;

use domain::instrument::{Instrument, LotFilter};
use domain::num::Money;
use domain::{Price, Qty, Ratio, Side, Symbol};
use rust_decimal::Decimal;

pub const SIDES: [Side; 2] = [Side::Long, Side::Short];
/// Entry and tick.
pub const CONTRACTS: [(&str, &str); 3] =
    [("1000", "0.1"), ("0.07153", "0.00001"), ("64213.7", "0.5")];

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

pub fn price(text: &str) -> Price {
    Price::new(dec(text)).unwrap()
}

/// A number, `-` for none.
pub fn option(text: &str) -> Option<Ratio> {
    (text != "-").then(|| ratio(text))
}

pub fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

pub const fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

pub fn list(items: &[(String, Ratio)]) -> String {
    let items: Vec<String> = items.iter().map(|(a, b)| format!("{a}x{b}")).collect();
    if items.is_empty() {
        "-".into()
    } else {
        items.join(",")
    }
}

pub fn instrument(tick: &str) -> Instrument {
    let lot = LotFilter {
        step: dec("0.001"),
        min: Qty::new(dec("0.001")).unwrap(),
        max: Qty::new(dec("1000")).unwrap(),
    };
    Instrument {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        tick_size: dec(tick),
        lot,
        market_lot: lot,
        min_notional: Money::new(dec("5")),
        percent_price: None,
    }
}

/// The price that lies `change` of `entry` in the position's favour.
pub fn moved(entry: &str, side: Side, change: Decimal) -> Price {
    price(entry)
        .offset(Ratio::new(change * side.sign()))
        .unwrap()
}

/// Fails with the first line that differs; what was found is left in a file for a look.
pub fn compare(file: &str, golden: &str, found: &[String]) {
    let text: String = found.iter().map(|line| format!("{line}\n")).collect();
    if text == golden {
        return;
    }
    let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    fs::write(&left, &text).unwrap();
    let end = "(nothing more)";
    let expected = golden.split('\n').chain(std::iter::repeat(end));
    let mut lines = (1..).zip(expected.zip(text.split('\n').chain(std::iter::repeat(end))));
    let (number, (expected, found)) = lines.find(|(_, (a, b))| a != b).unwrap();
    panic!(
        "{file}, line {number} differs, see {}\nexpected: {expected}\nfound:    {found}",
        left.display()
    );
}
