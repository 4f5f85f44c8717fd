//! What it wishes with and without advice, and how its stop follows the best price.

use domain::Module;
use domain::Side;
use domain::Timestamp;
use domain::mode::Mode;
use domain::snapshot::PositionSnapshot;

use super::*;
use crate::advice::HINT_AGE_MAX;
use crate::fixture::{at, dec, open, picture, price, symbol};

static MODULE: Module = Module::HybridTpsl;

struct Desk {
    snapshot: PositionSnapshot,
    mode: Mode,
    hint: Option<RlHint>,
}

impl Desk {
    fn new(side: Side, mode: Mode, hint: Option<RlHint>) -> Self {
        Self {
            snapshot: open(side),
            mode,
            hint,
        }
    }

    fn wish(&self, method: &mut HybridTpsl, mark: Option<&str>) -> Wishes {
        let mut shown = picture(&MODULE, &self.snapshot, at(1_000));
        shown.mode = self.mode;
        shown.mark = mark.map(price);
        shown.hint = self.hint.as_ref();
        method.wish(&shown)
    }
}

fn ratio(text: &str) -> Ratio {
    Ratio::new(dec(text))
}

fn hint(confidence: &str, at: Timestamp) -> Option<RlHint> {
    Some(RlHint {
        symbol: symbol(),
        take_profit: Some(ratio("0.05")),
        stop_loss: None,
        trail: Some(ratio("0.01")),
        confidence: Some(ratio(confidence)),
        signal_confidence: None,
        strategy: None,
        at,
    })
}

fn stop(wishes: &Wishes) -> Option<(Price, StopReason)> {
    wishes.stop.map(|stop| (stop.price, stop.reason))
}

/// Price, where the part begins, its share.
fn rows(wishes: &Wishes) -> Vec<(Price, Ratio, Ratio)> {
    let targets = wishes.targets.iter().flatten();
    targets
        .map(|target| (target.price, target.from, target.size))
        .collect()
}

fn whole(target: &str) -> Vec<(Price, Ratio, Ratio)> {
    vec![(price(target), Ratio::ZERO, Ratio::ONE)]
}

#[test]
fn without_advice_the_base_levels_are_wished_for_on_both_sides() {
    for (side, at, target) in [(Side::Long, "980", "1030"), (Side::Short, "1020", "970")] {
        let wishes = Desk::new(side, Mode::Shadow, None).wish(&mut HybridTpsl::default(), None);
        assert_eq!(
            stop(&wishes),
            Some((price(at), StopReason::Initial)),
            "{side}"
        );
        assert_eq!(rows(&wishes), whole(target), "{side}");
    }
}

#[test]
fn sure_advice_tightens_the_stop_and_adds_a_target() {
    let desk = Desk::new(Side::Long, Mode::Shadow, hint("0.8", at(0)));
    let wishes = desk.wish(&mut HybridTpsl::default(), None);
    assert_eq!(stop(&wishes), Some((price("982"), StopReason::Initial)));
    let half = ratio("0.5");
    let expected = vec![
        (price("1030"), Ratio::ZERO, half),
        (price("1050"), half, half),
    ];
    assert_eq!(rows(&wishes), expected);
}

#[test]
fn advice_counts_only_while_the_brain_is_on_and_only_when_young() {
    let oldest = at(1_000) - HINT_AGE_MAX;
    let older = at(999) - HINT_AGE_MAX;
    for (mode, made_at, counts) in [
        (Mode::Legacy, oldest, false),
        (Mode::Shadow, older, false),
        (Mode::Shadow, oldest, true),
        (Mode::Live, oldest, true),
    ] {
        let desk = Desk::new(Side::Long, mode, hint("0.9", made_at));
        let wishes = desk.wish(&mut HybridTpsl::default(), None);
        let advised = stop(&wishes) == Some((price("982"), StopReason::Initial));
        assert_eq!(advised, counts, "{mode} {made_at:?}");
    }
}

#[test]
fn levels_are_found_once_and_end_with_entry_or_brain() {
    let mut method = HybridTpsl::default();
    let mut desk = Desk::new(Side::Long, Mode::Shadow, None);
    assert_eq!(rows(&desk.wish(&mut method, None)), whole("1030"));
    // Advice that comes a moment later is still advice at entry.
    desk.hint = hint("0.9", at(0));
    assert_eq!(rows(&desk.wish(&mut method, None)).len(), 2);
    // From then on another one moves nothing.
    desk.hint = hint("0.1", at(500));
    assert_eq!(rows(&desk.wish(&mut method, None)).len(), 2);
    desk.hint = None;
    assert_eq!(rows(&desk.wish(&mut method, None)).len(), 2);
    desk.mode = Mode::Legacy;
    assert_eq!(rows(&desk.wish(&mut method, None)), whole("1030"));
    desk.snapshot.position.entry_price = price("1100");
    assert_eq!(rows(&desk.wish(&mut method, None)), whole("1133"));
}

#[test]
fn the_stop_trails_from_twice_its_distance_on_and_never_comes_back() {
    for (side, sign) in [(Side::Long, 1), (Side::Short, -1)] {
        let mirror = |text: &str| {
            let moved = (dec(text) - dec("1000")) * Decimal::from(sign);
            (dec("1000") + moved).to_string()
        };
        let mut method = HybridTpsl::default();
        let desk = Desk::new(side, Mode::Legacy, None);
        for (mark, level, reason) in [
            ("1029.9", "980", StopReason::Initial),
            // 1.5 % behind 1,040; a short trails by 1.5 % of a lower price.
            ("1040", "1024.4", StopReason::Trailing),
            ("1030", "1024.4", StopReason::Trailing),
        ] {
            let wishes = desk.wish(&mut method, Some(&mirror(mark)));
            let level = if side == Side::Short && reason == StopReason::Trailing {
                price("974.4")
            } else {
                price(&mirror(level))
            };
            assert_eq!(stop(&wishes), Some((level, reason)), "{side} {mark}");
        }
    }
}

#[test]
fn a_best_price_between_two_looks_counts() {
    let mut method = HybridTpsl::default();
    let desk = Desk::new(Side::Long, Mode::Legacy, None);
    method.on_mark(&desk.snapshot.position, price("1060"));
    let wishes = desk.wish(&mut method, Some("1050"));
    let expected = (price("1044.1"), StopReason::Trailing);
    assert_eq!(stop(&wishes), Some(expected));
}
