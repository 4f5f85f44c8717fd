//! Who may cancel what another module has left: only after the life, and only outside LIVE.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod desk;

use bus::{Heard, Message};
use desk::*;
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::intent::{IntentId, Wish};
use domain::mode::Rollout;
use domain::order::{CloseOrder, OrderStatus, RestingOrder};
use domain::{Epoch, Qty, Side};

/// The life of the desk's position, and the one before.
const NOW_OPEN: Epoch = Epoch(1_795_178_170_000);
const FORMER: Epoch = Epoch(1_795_178_160_000);

fn left(module: &Module, epoch: Epoch) -> RestingOrder {
    let cause = OrderCause {
        module: module.clone(),
        side: Side::Long,
        epoch,
        leg: LegId::Stop,
        generation: 1,
    };
    RestingOrder {
        client_order_id: ClientOrderId::derive(&key().symbol, &cause),
        order: CloseOrder::Stop {
            qty: qty("0.1"),
            trigger: price("48000"),
        },
        status: OrderStatus::Accepted,
        filled_qty: Qty::ZERO,
        since: NOW,
    }
}

/// The code with which the monitor's cancel of what `module` left is denied; none for a yes.
fn verdict(mut desk: Desk, module: &Module, epoch: Epoch, is_open: bool) -> Option<String> {
    let order = left(module, epoch);
    let target = order.client_order_id.clone();
    let mut picture = snapshot(vec![stop(1, "48500", "0.1"), order]);
    if !is_open {
        picture.position.qty = Qty::ZERO;
    }
    desk.hear(Heard::Position(picture));
    let any = CloseOrder::Market { qty: qty("0.1") };
    let mut intent = place(Module::PositionMonitor, 1, any);
    intent.id = IntentId::cancel(&target, intent.created_at);
    intent.wish = Wish::Cancel {
        target,
        conditional: true,
    };
    let out = desk.hear(Heard::Intent(intent));
    denied(&out[0])
}

fn denied(message: &Message) -> Option<String> {
    match bus::decode(message) {
        Ok(Heard::Denied(denial)) => Some(denial.code),
        _ => None,
    }
}

fn shadow() -> Desk {
    let mut flags = live_flags();
    flags.rollout = Rollout::Disabled;
    Desk::new(flags)
}

#[test]
fn outside_live_an_incumbent_cancels_what_was_left_or_handed_over() {
    // What the executor has for this life it has handed over, but for the last cover; what another
    // incumbent has is its own.
    let (others, last) = (Some("ORDER_FOREIGN"), Some("PROTECTION_LAST"));
    for (module, this_life) in [(Module::HybridTpsl, others), (Module::ExitExecutor, last)] {
        for (epoch, is_open, code) in [
            (FORMER, true, None),
            (NOW_OPEN, false, None),
            (NOW_OPEN, true, this_life),
        ] {
            let found = verdict(shadow(), &module, epoch, is_open);
            assert_eq!(found.as_deref(), code, "{module} {epoch} open: {is_open}");
        }
    }
}

#[test]
fn in_live_an_incumbent_cancels_nothing_of_others() {
    for epoch in [FORMER, NOW_OPEN] {
        for is_open in [true, false] {
            let found = verdict(Desk::live(), &Module::HybridTpsl, epoch, is_open);
            assert_eq!(
                found.as_deref(),
                Some("LEGACY_BLOCKED"),
                "{epoch} {is_open}"
            );
        }
    }
}

#[test]
fn outside_the_rollout_an_incumbent_sweeps_what_the_executor_left() {
    let staged = || {
        let mut flags = live_flags();
        flags.rollout_pct = 0;
        Desk::new(flags)
    };
    let found = verdict(staged(), &Module::ExitExecutor, FORMER, true);
    assert_eq!(found, None);
}
