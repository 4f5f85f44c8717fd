//! What was decided, judged, sent and answered. Attempted, sent, accepted, filled and blocked are
//! different counters.

use super::{Labels, Page, by};
use crate::model::ReadModel;

pub(super) fn orders(page: &mut Page, model: &ReadModel) {
    decisions(page, model);
    verdicts(page, model);
    sent(page, model);
    answers(page, model);
}

fn decisions(page: &mut Page, model: &ReadModel) {
    let mut counts = Vec::new();
    for (name, live, count) in model.decisions.iter() {
        let mode = if live { "LIVE" } else { "SHADOW" };
        counts.push((vec![("type", name.into()), ("mode", mode.into())], count));
    }
    page.counters("decisions", "Decisions of the executor", counts);
    page.counter("ticks", "Mark prices heard", model.ticks);
}

fn verdicts(page: &mut Page, model: &ReadModel) {
    let verdicts = model.beats.verdicts();
    let rows = verdicts.counts().iter().map(|(name, count)| {
        let names = ["verdict", "module", "kind", "mode"];
        let parts = name.splitn(names.len(), '.').map(str::to_owned);
        (names.into_iter().zip(parts).collect::<Labels>(), *count)
    });
    let help = "Words of the guard on intents, with the mode in which it spoke";
    page.counters("guard_verdicts", help, rows.collect());
    let counts = model.orders.counts();
    let help = "Denied by guard or gateway";
    let denied = by("code", counts.denied_by_code.counts());
    page.counters("guard_denials", help, denied);
    let help = "Orders of incumbents blocked in LIVE";
    page.counter("blocked_legacy_orders", help, counts.blocked());
    let blocked = by("module", counts.blocked_by_module.counts());
    page.counters("orders_blocked", "Blocked in LIVE", blocked);
    let help = "Attempts of incumbents while the brain is on";
    page.counter("ownership_conflicts", help, counts.ownership_conflicts);
}

fn sent(page: &mut Page, model: &ReadModel) {
    let counts = model.orders.counts();
    let help = "Exit orders attempted: sent and blocked";
    page.counter("exit_orders", help, counts.attempts());
    let by_module = by("module", counts.sent_by_module.counts());
    let help = "Left for the venue, answered or not";
    page.counters("orders_submitted", help, by_module);
    let by_kind = by("kind", counts.sent_by_kind.counts());
    page.counters("orders_submitted_by_kind", help, by_kind);
    let rows = model.answers.results().map(|(parts, count)| {
        let names = ["module", "kind", "result"].into_iter();
        (names.zip(parts.map(str::to_owned)).collect(), count)
    });
    let help = "Sent to the venue, by its answer: accepted, rejected, unknown";
    page.counters("orders_sent", help, rows.collect());
    let events = model.order_events.iter();
    let events = events.map(|(status, count)| (vec![("status", status.to_string())], *count));
    page.counters("order_events", "News of orders", events.collect());
}

fn answers(page: &mut Page, model: &ReadModel) {
    let counts = model.orders.counts();
    let help = "Orders of which nobody knows what became of them";
    page.gauge("order_status_unknown", help, model.answers.unknown());
    let errors = by("code", counts.venue_errors.counts());
    page.counters("venue_errors", "Errors that the venue answered", errors);
    let help = "From the mark to the request leaving";
    page.durations("tick_to_order", help, model.latency.durations());
    let help = "From the wish that follows a decision to the venue's yes";
    page.durations("decision_to_ack", help, model.answers.acks());
}
