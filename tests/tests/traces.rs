//! One trace from the tick to the fill, across the processes, at a real collector.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use rust_decimal::Decimal;
use support::*;
use tests::collector::{Collector, Span};
use tests::system::await_it::until;
use tests::system::{System, SystemOptions};

const MARK: &str = "market.first.{symbol}";
const INTENT: &str = "order.intent.{module}.{account}.{symbol}.{side}";
const APPROVED: &str = "order.approved.{account}.{symbol}.{side}";
const EVENT: &str = "order.event.{account}.{symbol}.{side}";
const DECISION: &str = "exit.decision.{lane}.{account}.{symbol}.{side}";

/// What the market says to move the stop.
const TICK: &str = "95950";

/// A system with what ships as its policy, whose spans go to `collector`, soon.
async fn traced(mut options: SystemOptions, collector: &Collector) -> System {
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    options.overrides.extend(settings);
    options.policy = Some(String::new());
    start(options).await
}

/// The spans received so far, to be asked what lies under what.
struct Seen(Vec<Span>);

impl Seen {
    /// The only span under `parent` with this name of this service that `fits`.
    fn under(
        &self,
        parent: &Span,
        service: &str,
        name: &str,
        fits: impl Fn(&Span) -> bool,
    ) -> Option<&Span> {
        self.0.iter().find(|span| {
            span.trace_id == parent.trace_id
                && span.parent_id == parent.span_id
                && (span.service.as_str(), span.name.as_str()) == (service, name)
                && fits(span)
        })
    }

    /// The spans from a tick to the last fill of the stop to which it led, each under the one
    /// before, but for the fill, which lies under the approval.
    fn tick_to_fill(&self) -> Option<[&Span; 7]> {
        self.0.iter().find_map(|filled| {
            let is_fill = filled.name == format!("send {EVENT}")
                && filled.attribute("exitbrain.order.status") == "filled"
                && filled.attribute("exitbrain.order.kind") == "sl";
            let parent = |span: &Span| {
                let above =
                    |it: &&Span| (&it.span_id, &it.trace_id) == (&span.parent_id, &span.trace_id);
                self.0.iter().find(above)
            };
            if !is_fill {
                return None;
            }
            let taken = parent(filled)?;
            let approved = parent(taken)?;
            let reviewed = parent(approved)?;
            let asked = parent(reviewed)?;
            let decided = parent(asked)?;
            let tick = parent(decided)?;
            Some([tick, decided, asked, reviewed, approved, taken, filled])
        })
    }
}

/// Every span under `parent`, each on a line.
fn tree(spans: &[Span], parent: &str, depth: usize) -> String {
    let mut text = String::new();
    for span in spans.iter().filter(|span| span.parent_id == parent) {
        let (service, name) = (&span.service, &span.name);
        let facts = ["exitbrain.order.kind", "exitbrain.order.status"];
        let [kind, status] = facts.map(|fact| span.attribute(fact));
        text += &format!("{:depth$}{service}: {name} {kind} {status}\n", "");
        text += &tree(spans, &span.span_id, depth + 2);
    }
    text
}

/// A stop that a tick moved, and that was filled afterwards.
async fn a_tick_moves_the_stop_and_the_stop_is_filled(system: &System) {
    open_at(system, "BUY", "0.1", "95000", 3).await;
    settled(system).await;
    // +1 %: beyond half of the way to the first target, from where on the stop trails.
    price(system, TICK).await;
    let initial = Decimal::new(926_251, 1);
    let moved = |report: &serde_json::Value| {
        working_stops(report).first() > Some(&initial) && stops(report, "xe-").len() == 2
    };
    venue_until(system, "the stop to follow", moved).await;
    price(system, "94400").await;
    let flat = |report: &serde_json::Value| report["positions_closed"] == 1;
    venue_until(system, "the stop to have closed the position", flat).await;
}

/// The chain, once it and what lies beside it is there: the decision, the call, the other news.
fn complete(seen: &Seen) -> Option<[Span; 7]> {
    let chain = seen.tick_to_fill()?.map(Span::clone);
    let [_, decided, _, _, _, taken, _] = &chain;
    let decision = seen.under(decided, "executor", &format!("send {DECISION}"), |_| true)?;
    assert_eq!(decision.attribute("exitbrain.decision.type"), "move_sl");
    let call = seen.under(taken, "gateway", "POST /fapi/v1/algoOrder", |_| true)?;
    assert_eq!(call.kind, SpanKind::Client);
    assert_eq!(call.attribute("http.response.status_code"), "200");
    for status in ["submitting", "accepted"] {
        let is = |span: &Span| span.attribute("exitbrain.order.status") == status;
        seen.under(taken, "gateway", &format!("send {EVENT}"), is)?;
    }
    Some(chain)
}

#[tokio::test]
async fn one_trace_spans_the_tick_and_the_fill() {
    let collector = Collector::start().unwrap();
    let system = traced(SystemOptions::live(), &collector).await;
    a_tick_moves_the_stop_and_the_stop_is_filled(&system).await;
    let chain = until("the spans from the tick to the fill", LONGEST, || {
        complete(&Seen(collector.spans()))
    });
    let chain = match chain.await {
        Ok(chain) => chain,
        Err(late) => panic!("{late}:\n{}", tree(&collector.spans(), "", 0)),
    };
    let told = chain
        .each_ref()
        .map(|span| (span.service.as_str(), span.name.clone(), span.kind));
    let (sends, takes) = (SpanKind::Producer, SpanKind::Consumer);
    assert_eq!(
        told,
        [
            ("market", format!("send {MARK}"), sends),
            ("executor", format!("process {MARK}"), takes),
            ("executor", format!("send {INTENT}"), sends),
            ("gateway-guard", format!("process {INTENT}"), takes),
            ("gateway-guard", format!("send {APPROVED}"), sends),
            ("gateway", format!("process {APPROVED}"), takes),
            ("gateway", format!("send {EVENT}"), sends),
        ]
    );
    let [tick, _, asked, _, approved, taken, filled] = &chain;
    assert_eq!(tick.parent_id, "", "a tick begins its trace");
    assert!(chain.iter().all(|span| span.trace_id == tick.trace_id));
    assert!(
        chain.is_sorted_by_key(|span| span.began),
        "in the order of time"
    );
    assert_eq!(tick.attribute("exitbrain.mark_price"), TICK);
    assert_eq!(approved.attribute("exitbrain.guard.verdict"), "approved");
    for name in ["messaging.message.id", "messaging.message.conversation_id"] {
        let values = [asked, approved, taken, filled].map(|span| span.attribute(name));
        assert_ne!(values[0], "");
        assert_eq!(values, [values[0]; 4], "{name}");
    }
}

#[tokio::test]
async fn the_trace_of_an_order_is_whole_though_no_tick_is_told() {
    let collector = Collector::start().unwrap();
    let mut options = SystemOptions::live();
    let untold = ("OTEL_TRACES_SAMPLER".to_owned(), "always_off".to_owned());
    options.overrides.push(untold);
    let system = traced(options, &collector).await;
    a_tick_moves_the_stop_and_the_stop_is_filled(&system).await;
    let filled = until("the fill under a tick that nobody told", LONGEST, || {
        let spans = collector.spans();
        let taken = spans.iter().find(|span| {
            span.name == format!("process {MARK}") && span.attribute("exitbrain.mark_price") == TICK
        })?;
        let is_fill = |span: &&Span| {
            span.trace_id == taken.trace_id
                && span.attribute("exitbrain.order.status") == "filled"
                && span.attribute("exitbrain.order.kind") == "sl"
        };
        spans.iter().find(is_fill).cloned()
    });
    if let Err(late) = filled.await {
        panic!("{late}:\n{:#?}", collector.spans());
    }
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| span.service != "market")
    );
}

#[tokio::test]
async fn in_shadow_a_trace_ends_with_what_would_have_been_done() {
    let collector = Collector::start().unwrap();
    let system = traced(SystemOptions::shadow(), &collector).await;
    open_at(&system, "BUY", "0.1", "95000", 3).await;
    venue_until(&system, "the incumbent's stop", |report| {
        !stops(report, "pm-").is_empty()
    })
    .await;
    price(&system, TICK).await;
    let seen = until("a shadow decision under its tick", LONGEST, || {
        let spans = collector.spans();
        let decision = spans.iter().find(|span| {
            let subject = span.attribute("messaging.destination.name");
            subject.starts_with("exit.decision.shadow.")
                && span.attribute("exitbrain.decision.rule") == "trailing"
        })?;
        let of_it = |span: &&Span| span.trace_id == decision.trace_id;
        let of_it: Vec<Span> = spans.iter().filter(of_it).cloned().collect();
        // Each process exports by itself: the root may come after what lies under it.
        of_it
            .iter()
            .any(|span| span.parent_id.is_empty())
            .then_some(of_it)
    });
    let spans = match seen.await {
        Ok(spans) => spans,
        Err(late) => panic!("{late}:\n{}", log(&system, "executor")),
    };
    assert_eq!(
        spans
            .iter()
            .filter(|span| span.parent_id.is_empty())
            .count(),
        1
    );
    let by_executor = spans.iter().filter(|span| span.service == "executor");
    let asks = |span: &&Span| span.name == format!("send {INTENT}");
    assert_eq!(by_executor.filter(asks).count(), 0, "it asks for nothing");
}

#[tokio::test]
async fn a_collector_that_is_not_there_changes_nothing() {
    let mut options = SystemOptions::live();
    // The port of discard, where nobody listens.
    let nowhere = (
        "OTEL_EXPORTER_OTLP_ENDPOINT".into(),
        "http://127.0.0.1:9".into(),
    );
    options.overrides.push(nowhere);
    let mut system = start(options).await;
    open(&system, "BUY", "0.1", "50000").await;
    let report = settled(&system).await;
    assert_never_naked(&report);
    assert_eq!(system.stop(), [""; 0], "everybody stops when asked");
}
