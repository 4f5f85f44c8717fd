//! Derived ids tell their cause; names stay tokens of a subject.

use super::base36::Base36;
use super::order::symbol_number;
use super::*;
use std::format;

fn cause() -> OrderCause {
    OrderCause {
        module: Module::ExitExecutor,
        side: Side::Short,
        epoch: Epoch(1_795_178_173_912),
        leg: LegId::TakeProfit(3),
        generation: 41,
    }
}

#[test]
fn a_client_order_id_tells_its_cause() {
    let symbol = Symbol::new("1000SHIBUSDT").unwrap();
    let id = ClientOrderId::derive(&symbol, &cause());
    assert!(id.as_str().len() <= CLIENT_ORDER_ID_LEN_MAX, "{id}");
    assert_eq!(id.cause(&symbol), Some(cause()));
    assert_eq!(id.cause(&Symbol::new("BTCUSDT").unwrap()), None);
}

#[test]
fn the_longest_client_order_id_still_fits_the_venue() {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let longest = OrderCause {
        epoch: Epoch(9_999_999_999_999),
        leg: LegId::TakeProfit(u8::MAX),
        generation: u32::MAX,
        ..cause()
    };
    let id = ClientOrderId::derive(&symbol, &longest);
    assert!(ClientOrderId::new(id.as_str()).is_ok());
    assert_eq!(id.cause(&symbol), Some(longest));
}

#[test]
fn a_foreign_id_has_no_cause() {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    for text in ["bot-17", "xe-Lzz", "xe-L1-0-S-1-9", "autoclose-1"] {
        assert_eq!(
            ClientOrderId::new(text).unwrap().cause(&symbol),
            None,
            "{text}"
        );
    }
}

#[test]
fn a_number_in_a_name_that_is_none_or_too_large_is_refused() {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let id = |epoch: &str, generation: &str| {
        let text = format!(
            "xe-L{epoch}-{}-S-{generation}",
            Base36::of(symbol_number(&symbol)).as_str()
        );
        let cause = ClientOrderId::new(&text).unwrap().cause(&symbol);
        cause.map(|cause| (cause.epoch.0, cause.generation))
    };
    assert_eq!(id("3w5e11264sgsf", "1z141z3"), Some((u64::MAX, u32::MAX)));
    assert_eq!(id("Zz", "01"), Some((36 * 36 - 1, 1)));
    for (epoch, generation) in [
        ("3w5e11264sgsg", "1"),
        ("1", "1z141z4"),
        ("", "1"),
        ("1", ""),
        ("1_", "1"),
        ("1", "1-1"),
    ] {
        assert_eq!(id(epoch, generation), None, "{epoch} {generation}");
    }
}

#[test]
fn aliases_of_the_executor_are_the_executor() {
    for alias in ["exit_executor", "exit_brain_executor", "exit_brain_v3"] {
        assert_eq!(Module::from_name(alias), Module::ExitExecutor);
    }
    assert!(Module::from_name("position_monitor").is_legacy());
    assert!(!Module::from_name("somebody").is_legacy());
}

#[test]
fn a_name_with_a_dot_never_becomes_a_subject_token() {
    for text in ["", "a.b", "a b", "*", ">", "x\n"] {
        assert!(Symbol::new(text).is_err(), "{text:?}");
    }
}
