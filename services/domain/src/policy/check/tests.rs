//! Each rule broken alone is exactly one fault with its key; several at once are all told.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::num::{MarginPct, Money, PricePct, Ratio};

mod distances;
mod dynamic;
mod legs;
mod profiles;
mod protect;

/// How a rule is broken, the key that is to blame, and a part of the reason.
type Row = (fn(&mut Policy), &'static str, &'static str);

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn ratio(text: &str) -> Ratio {
    Ratio::new(decimal(text))
}

fn money(text: &str) -> Money {
    Money::new(decimal(text))
}

fn price_pct(text: &str) -> PricePct {
    PricePct::new(decimal(text))
}

fn margin_pct(text: &str) -> MarginPct {
    MarginPct::new(decimal(text))
}

/// Each row alone gives its fault and no other.
fn each_alone(rows: &[Row]) {
    for (break_it, field, why) in rows {
        let mut policy = Policy::default();
        break_it(&mut policy);
        let faults = policy.faults();
        let [fault] = faults.as_slice() else {
            panic!("{field}: {faults:?}");
        };
        assert_eq!(fault.field, *field, "{fault}");
        assert!(fault.why.contains(why), "{fault}: no {why:?}");
        assert!(!fault.value.is_empty(), "{fault}");
    }
}

/// Each of these is usable.
fn each_usable(changes: &[fn(&mut Policy)]) {
    for (index, change) in changes.iter().enumerate() {
        let mut policy = Policy::default();
        change(&mut policy);
        assert_eq!(policy.faults(), [], "change {index}");
    }
}

#[test]
fn what_ships_has_no_fault() {
    assert_eq!(Policy::default().faults(), []);
}

#[test]
fn several_faults_are_told_at_once_in_the_order_of_the_sections() {
    let mut policy = Policy::default();
    policy.base.stop = ratio("2.5");
    policy.bounds.target_min = ratio("0.2");
    policy.ladder.steps[1].size = ratio("2");
    policy.profiles.mapping[0].profile = "NONE".into();
    policy.costs.fundings = 91;
    policy.emergency.age_max = Span::ZERO;
    let told: Vec<String> = policy.faults().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "base.stop = \"2.5\": must be above 0 and below 1, a fraction: 0.025 is 2.5 %",
            "bounds.target_min = \"0.2\": must not be above bounds.target_max, which is \"0.15\"",
            "costs.fundings = 91: must be a whole number from 0 to 90",
            "ladder.steps.1.size = \"2\": must be above 0 and at most 1, a share: 0.25 is \
             a quarter",
            "profiles.mapping.0.profile = \"NONE\": names no profile of profiles.table",
            "emergency.age_max = \"0h\": must be \"1s\" to \"8760h\"",
        ]
    );
}

#[test]
fn one_wrong_number_is_one_fault_whatever_it_is_compared_with() {
    let mut policy = Policy::default();
    policy.bounds.target_max = Ratio::new(Decimal::MIN);
    policy.stops.distance_min = ratio("0");
    policy.ladder.steps[0].target_multiple = Ratio::new(Decimal::MAX);
    policy.ladder.steps[0].size = Ratio::new(Decimal::MAX);
    policy.costs.taker_fee = Ratio::new(Decimal::MAX);
    let faults = policy.faults();
    let told: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        told,
        [
            "bounds.target_max",
            "costs.taker_fee",
            "ladder.steps.0.target_multiple",
            "ladder.steps.0.size",
            "stops.distance_min",
        ]
    );
}

#[test]
fn a_test_mode_can_be_used_and_is_warned_of() {
    let mut policy = Policy::default();
    assert_eq!(policy.warnings(), []);
    policy.breakeven.exact_entry = true;
    assert_eq!(policy.faults(), []);
    let told: Vec<String> = policy.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["breakeven.exact_entry = true: test mode: a close at the breakeven stop loses both fees"]
    );
}
