//! Which chapter another one follows from, by the ids that the messages carry.

use domain::decision::Action;
use domain::intent::{IntentId, OrderIntent};
use domain::order::{OrderEvent, OrderStatus};
use domain::plan::PlanId;

use super::page::Page;

/// The index of the chapter that `page` follows from, among those `before` it; none where no id
/// leads to one, or to one that is no longer kept.
pub(super) fn because(before: &[&Page], page: &Page) -> Option<usize> {
    match page {
        Page::Position(_) | Page::Plan(_) => None,
        Page::Decision { decision, .. } => plan(before, decision.plan_id),
        Page::Intent(intent) => decision(before, intent).or_else(|| plan(before, intent.plan_id)),
        Page::Verdict(verdict) => asked(before, &verdict.intent_id),
        Page::Order(event) => order(before, event),
    }
}

fn last(before: &[&Page], fits: impl Fn(&Page) -> bool) -> Option<usize> {
    before.iter().rposition(|it| fits(it))
}

fn plan(before: &[&Page], id: Option<PlanId>) -> Option<usize> {
    let id = id?;
    last(
        before,
        |page| matches!(page, Page::Plan(plan) if plan.id == id),
    )
}

fn asked(before: &[&Page], id: &IntentId) -> Option<usize> {
    last(before, |page| page.is_intent(id))
}

/// An intent names the type of the decision that it carries out, which is the last live one of
/// that type and module. What is swept or rests from the start waits for none.
fn decision(before: &[&Page], intent: &OrderIntent) -> Option<usize> {
    if intent.decision == Action::NoChange.name() {
        return None;
    }
    last(before, |page| {
        let Page::Decision { live, decision } = page else {
            return false;
        };
        *live && decision.module == intent.module && decision.action.name() == intent.decision
    })
}

/// The guard's yes to it, a wish to cancel it, or the news of it before.
fn order(before: &[&Page], event: &OrderEvent) -> Option<usize> {
    let cancel = || last(before, |page| page.is_cancel_of(event));
    let same = |it: &OrderEvent| it.client_order_id == event.client_order_id;
    let earlier = || last(before, |page| matches!(page, Page::Order(it) if same(it)));
    let verdict = || last(before, |page| page.is_verdict_on(&event.intent_id));
    let canceled = (event.status == OrderStatus::Canceled).then(cancel);
    canceled
        .flatten()
        .or_else(earlier)
        .or_else(verdict)
        .or_else(|| asked(before, &event.intent_id))
}
