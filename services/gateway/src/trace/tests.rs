//! What is told of which order, and for how long.

use bus::{approval, subjects};
use domain::ids::{ClientOrderId, OrderCause};
use domain::intent::{IntentId, OrderIntent, Wish};
use domain::order::{CloseOrder, OrderEvent, OrderKind, OrderStatus};
use domain::{Account, Epoch, LegId, Module, PositionKey, Price, Qty, Ratio, Side, Symbol};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

use super::*;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Desk {
    exporter: InMemorySpanExporter,
    _provider: SdkTracerProvider,
    traces: Traces,
}

fn desk() -> Desk {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let tracer = Tracer::exporting(provider.tracer("test"), "nats://here");
    Desk {
        exporter,
        traces: Traces::new(tracer),
        _provider: provider,
    }
}

impl Desk {
    fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    fn approve(&mut self, generation: u32) -> OrderIntent {
        let intent = intent(generation);
        let approval = Approval {
            guard_boot: 1,
            sequence: generation.into(),
            approved_at: now(),
            expires_at: now(),
            gateway: None,
            intent: intent.clone(),
        };
        let mut message = approval::seal(&approval, &nkeys::KeyPair::new_user()).unwrap();
        message.trace = Some(TRACE.parse().unwrap());
        self.traces.heard(&message, now());
        self.traces.turn();
        intent
    }

    /// What the message that tells of `intent`'s order carries.
    fn news(&mut self, intent: &OrderIntent, status: OrderStatus) -> TraceParent {
        let mut message = event(intent, status);
        self.traces.told(&mut message, now());
        message.trace.unwrap()
    }
}

fn now() -> Timestamp {
    Timestamp::from_millis(1_000)
}

fn intent(generation: u32) -> OrderIntent {
    let key = PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    };
    let cause = OrderCause {
        module: Module::ExitExecutor,
        side: key.side,
        epoch: Epoch(1),
        leg: LegId::Stop,
        generation,
    };
    let client_order_id = ClientOrderId::derive(&key.symbol, &cause);
    OrderIntent {
        id: IntentId::place(&client_order_id),
        key,
        epoch: cause.epoch,
        module: cause.module,
        kind: OrderKind::Sl,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::Stop {
                qty: Qty::new(1.into()).unwrap(),
                trigger: Price::new(100.into()).unwrap(),
            },
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "a test".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 1,
        fence: 1,
        created_at: now(),
        expires_at: now(),
        tick_received_at: None,
    }
}

fn event(intent: &OrderIntent, status: OrderStatus) -> Message {
    subjects::event(&intent.key).message(&OrderEvent {
        key: intent.key.clone(),
        epoch: intent.epoch,
        module: intent.module.clone(),
        kind: intent.kind,
        intent_id: intent.id.clone(),
        client_order_id: intent.client_order_id().clone(),
        venue_order_id: None,
        order_type: "STOP_MARKET".into(),
        status,
        filled_qty: Qty::ZERO,
        average_price: None,
        code: None,
        detail: String::new(),
        tick_to_order: None,
        at: now(),
    })
}

fn call(intent: &OrderIntent) -> VenueCall {
    VenueCall {
        id: CallId(7),
        request: ApiRequest::cancel_algo(intent.client_order_id().as_str()),
        timeout: domain::Span::from_secs(1),
        canceled_by: Some(intent.module.clone()),
    }
}

#[test]
fn all_news_of_an_order_are_under_its_approval_however_late() {
    let mut desk = desk();
    let (one, other) = (desk.approve(1), desk.approve(2));
    let first = desk.news(&one, OrderStatus::Submitting);
    let second = desk.news(&other, OrderStatus::Submitting);
    let fill = desk.news(&one, OrderStatus::Filled);
    assert_eq!(
        first.trace_id,
        TRACE.parse::<TraceParent>().unwrap().trace_id
    );
    let parent = |of: TraceParent| {
        let span = desk
            .spans()
            .into_iter()
            .find(|span| span.span_context.span_id().to_bytes() == of.span_id.to_be_bytes());
        span.unwrap().parent_span_id
    };
    assert_eq!(parent(first), parent(fill), "one order, one approval");
    assert_ne!(parent(first), parent(second));
}

#[test]
fn news_of_an_order_that_nobody_remembers_begin_a_trace() {
    let mut desk = desk();
    let oldest = desk.approve(1);
    for generation in 2..u32::try_from(ORDERS_MAX).unwrap() + 2 {
        desk.approve(generation);
    }
    assert_eq!(desk.traces.orders.len(), ORDERS_MAX);
    assert_eq!(desk.traces.oldest.len(), ORDERS_MAX);
    let fill = desk.news(&oldest, OrderStatus::Filled);
    assert_ne!(
        fill.trace_id,
        TRACE.parse::<TraceParent>().unwrap().trace_id
    );
}

#[test]
fn a_call_is_one_span_from_the_request_to_the_answer() {
    let mut desk = desk();
    let order = desk.approve(1);
    desk.traces.called(&call(&order), now());
    let begun = desk.spans().len();
    desk.traces.answered(CallId(8), &Err(TransportError::Other));
    assert_eq!(desk.spans().len(), begun, "the answer to another call");
    desk.traces
        .answered(CallId(7), &Err(TransportError::Timeout));
    desk.traces
        .answered(CallId(7), &Err(TransportError::Timeout));
    let spans = desk.spans();
    let calls: Vec<_> = spans
        .iter()
        .filter(|it| it.name == "DELETE /fapi/v1/algoOrder")
        .collect();
    assert_eq!(calls.len(), 1);
    let error = calls[0]
        .attributes
        .iter()
        .find(|it| it.key.as_str() == "error.type");
    assert_eq!(error.unwrap().value.as_str(), "timeout");
}

#[test]
fn without_a_collector_nothing_is_remembered() {
    let mut desk = desk();
    desk.traces = Traces::default();
    let order = desk.approve(1);
    let mut message = event(&order, OrderStatus::Filled);
    desk.traces.told(&mut message, now());
    desk.traces.called(&call(&order), now());
    assert_eq!(message, event(&order, OrderStatus::Filled));
    assert!(desk.traces.orders.is_empty() && desk.traces.calls.is_empty());
}
