//! A chapter in words: what happened, and why.

use domain::Ratio;
use domain::decision::{Action, Decision};
use domain::intent::{OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderStatus};

use super::page::{Held, Page, PlanNote, Verdict};

/// What a chapter is called, the one word for programs, and the sentences for people.
pub(super) struct Words {
    pub(super) kind: &'static str,
    pub(super) code: String,
    pub(super) what: String,
    pub(super) reason: String,
    pub(super) module: String,
}

pub(super) fn words(page: &Page) -> Words {
    match page {
        Page::Position(held) => position(held),
        Page::Plan(note) => plan(note),
        Page::Decision { live, decision } => decided(*live, decision),
        Page::Intent(intent) => asked(intent),
        Page::Verdict(verdict) => judged(verdict),
        Page::Order(event) => ordered(event, page.is_fill()),
    }
}

fn position(held: &Held) -> Words {
    let Held { qty, before, .. } = held;
    let initial = held.initial_qty;
    let (code, reason) = match before {
        _ if !held.is_open() => ("CLOSED", "the venue holds nothing more of it".into()),
        None => ("OPENED", format!("{initial} was opened in this life")),
        Some(before) if before > qty => ("REDUCED", format!("it was {before}")),
        Some(before) => ("ADDED", format!("it was {before}")),
    };
    let what = if held.is_open() {
        format!("{qty} open at {}", held.entry_price)
    } else {
        "closed".into()
    };
    Words {
        kind: "POSITION",
        code: code.into(),
        what,
        reason,
        module: "gateway".into(),
    }
}

fn plan(note: &PlanNote) -> Words {
    let strategy = proto::strategy_name(note.strategy);
    let [target, stop, trail] = note.distances.map(Ratio::percent);
    let whose = &note.strategy_id;
    Words {
        kind: "PLAN",
        code: strategy.into(),
        what: format!("{whose}/{strategy} TP={target}%, SL={stop}%, Trail={trail}%"),
        reason: note.reason.clone(),
        module: "planner".into(),
    }
}

fn decided(live: bool, decision: &Decision) -> Words {
    let name = decision.action.name();
    let what = match &decision.action {
        Action::NoChange | Action::FullExit => name.into(),
        Action::PartialClose { leg, keep, .. } => format!("{name} of leg {leg}, {keep} stays"),
        Action::MoveStop { price, reason } => format!("{name} to {price} ({reason})"),
        Action::UpdateTargets { targets } if targets.is_empty() => format!("{name} to none"),
        Action::UpdateTargets { targets } => {
            let prices: Vec<String> = targets.iter().map(|it| it.price.to_string()).collect();
            format!("{name} to {}", prices.join(", "))
        }
    };
    let lane = if live { "" } else { ", only recorded (SHADOW)" };
    Words {
        kind: "DECISION",
        code: decision.rule.to_string(),
        what: format!("{what}{lane}"),
        reason: format!("{} at mark {}", decision.reason, decision.mark_price),
        module: decision.module.to_string(),
    }
}

fn asked(intent: &OrderIntent) -> Words {
    let kind = intent.kind;
    let what = match &intent.wish {
        Wish::Place { order, .. } => format!("place {kind}: {}", wished(order)),
        Wish::Cancel { target, .. } => format!("cancel {kind}: {target}"),
    };
    Words {
        kind: "INTENT",
        code: kind.to_string(),
        what,
        reason: intent.reason.clone(),
        module: intent.module.to_string(),
    }
}

fn wished(order: &CloseOrder) -> String {
    let name = order.type_name();
    match order {
        CloseOrder::Market { qty } => format!("{name} {qty}"),
        CloseOrder::Limit { qty, price } => format!("{name} {qty} at {price}"),
        CloseOrder::Stop { qty, trigger } => format!("{name} {qty} at {trigger}"),
        CloseOrder::DisasterStop { trigger } => format!("{name} of all at {trigger}"),
    }
}

fn judged(verdict: &Verdict) -> Words {
    let (code, word, reason) = match &verdict.denied {
        Some((code, detail)) => (code.clone(), "denied", detail.clone()),
        None => {
            let reason = "the gateway took it up, and takes only what the guard has signed";
            ("APPROVED".into(), "approved", reason.into())
        }
    };
    let about = verdict.kind;
    Words {
        kind: "VERDICT",
        code,
        what: format!("{word} {about} of {}", verdict.module),
        reason,
        module: "gateway-guard".into(),
    }
}

fn ordered(event: &OrderEvent, is_fill: bool) -> Words {
    let OrderEvent { kind, status, .. } = event;
    let what = if is_fill {
        format!("{kind} {}", filled(event))
    } else {
        format!("{kind} {} {status}", event.order_type)
    };
    let detail = match (event.detail.as_str(), event.code) {
        ("", None) => meaning(event.status).into(),
        ("", Some(code)) => format!("{}: {code}", meaning(event.status)),
        (detail, None) => detail.into(),
        (detail, Some(code)) => format!("{code}: {detail}"),
    };
    Words {
        kind: if is_fill { "FILL" } else { "ORDER" },
        code: status.to_string(),
        what,
        reason: detail,
        module: event.module.to_string(),
    }
}

fn filled(event: &OrderEvent) -> String {
    let (status, qty) = (event.status, event.filled_qty);
    let price = event.average_price.map(|price| format!(" at {price}"));
    format!("{status} {qty}{}", price.unwrap_or_default())
}

/// Why an order is where it is, where neither the venue nor the gateway says more.
const fn meaning(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Submitting => "approved, and on its way to the venue",
        OrderStatus::Unknown => {
            "the venue's answer did not come or says nothing: it is being asked"
        }
        OrderStatus::Accepted => "the venue holds it",
        OrderStatus::Triggering => "the price reached its trigger",
        OrderStatus::Triggered => "its order is in the market",
        OrderStatus::PartiallyFilled => "a part of it is done",
        OrderStatus::Filled => "all of it is done",
        OrderStatus::Canceled => "ended by us, or by the owner of the account",
        OrderStatus::Expired => "ended by the venue",
        OrderStatus::Rejected => "refused by the venue",
    }
}
