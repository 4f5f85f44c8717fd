//! Bars become paths, and the path depends on whom it must hurt first.

use std::fs;

use domain::Side;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn marks(ticks: &[Tick]) -> Vec<Decimal> {
    ticks.iter().map(|tick| tick.mark).collect()
}

#[test]
fn a_bar_hurts_a_long_by_its_low_first_and_a_short_by_its_high() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("BTCUSDT-1m.csv");
    let bars = "open_time_ms,open,high,low,close,volume\n\
                1746316800000,100,110,95,105,4\n\
                1746316860000,105,106,104,104,4\n";
    fs::write(&file, bars).unwrap();
    let wanted = Wanted {
        data: vec![folder.path().into()],
        ..Wanted::default()
    };
    let tapes = load(&wanted).unwrap();
    let tape = &tapes[0];
    let long = ["100", "95", "110", "105", "105", "104", "106", "104"].map(dec);
    let short = ["100", "110", "95", "105", "105", "106", "104", "104"].map(dec);
    assert_eq!(marks(tape.ticks(Side::Long)), long);
    assert_eq!(marks(tape.ticks(Side::Short)), short);
    assert!(tape.has_bars());
    let from = Timestamp::from_millis(1_746_316_860_000);
    let later = load(&Wanted {
        from: Some(from),
        ..wanted
    });
    assert_eq!(later.unwrap()[0].ticks(Side::Long)[0].at, from);
}

#[test]
fn nothing_to_replay_is_said_with_what_to_name() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = Wanted {
        data: vec![folder.path().into()],
        ..Wanted::default()
    };
    let error = load(&wanted).unwrap_err().to_string();
    assert!(error.contains("name files or folders"), "{error}");
}

#[test]
fn taking_costs_the_slippage_and_never_less_by_rounding() {
    let (bid, ask) = around(dec("100.05"), dec("0.0001"), dec("0.1"));
    assert_eq!((bid, ask), (dec("100.0"), dec("100.1")));
    let (bid, ask) = around(dec("100"), Decimal::ZERO, dec("0.1"));
    assert_eq!((bid, ask), (dec("100"), dec("100")));
}
