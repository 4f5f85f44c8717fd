//! What a successor knows after each word of an executor that leaves a position.
#![allow(clippy::unwrap_used, reason = "a test may")]

use domain::handover::{Closing, Handover};
use domain::{Account, Epoch, PositionKey, Qty, Side, Symbol, Timestamp};

const LIFE: Epoch = Epoch(1_795_178_173_912);

fn said(at_ms: i64, closing: Option<Closing>) -> Handover {
    Handover {
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Long,
        },
        epoch: LIFE,
        qty: Qty::new(1.into()).unwrap(),
        orders: Vec::new(),
        closing,
        instance: "exit-brain".into(),
        fence: 1,
        revision: 1,
        reason: String::new(),
        at: Timestamp::from_millis(at_ms),
    }
}

fn settled_at(ms: i64) -> Option<Closing> {
    let settled_at = Timestamp::from_millis(ms);
    Some(Closing { settled_at })
}

#[test]
fn later_words_count_and_earlier_ones_do_not() {
    let first = said(1_000, settled_at(9_000)).heard_after(None).unwrap();
    let second = said(2_000, settled_at(2_000)).heard_after(Some(&first));
    assert_eq!(second, Some(said(2_000, settled_at(2_000))));
    assert_eq!(said(1_000, None).heard_after(second.as_ref()), None);
    assert_eq!(said(2_000, None).heard_after(second.as_ref()), None);
}

#[test]
fn an_exit_that_was_begun_is_not_forgotten_by_an_executor_that_knows_nothing_of_it() {
    let first = said(1_000, settled_at(9_000)).heard_after(None);
    let restarted = said(4_000, None).heard_after(first.as_ref()).unwrap();
    assert_eq!(restarted, said(4_000, settled_at(9_000)));
}

#[test]
fn an_exit_of_another_life_is_none_of_this_one() {
    let earlier = Handover {
        epoch: Epoch(LIFE.0 - 1),
        ..said(1_000, settled_at(9_000))
    };
    let heard = said(2_000, None).heard_after(Some(&earlier));
    assert_eq!(heard, Some(said(2_000, None)));
}
