//! What is told of which input, and under what.

use bus::{Subject, subjects};
use domain::market::MarkTick;
use domain::mode::{Flags, Kill, Mode, ModeSnapshot};
use domain::{Price, Symbol};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SdkTracerProvider, ShouldSample, SpanData,
};

use super::*;
use crate::actor::Effect;
use crate::pulse::{Pulse, Vitals};

fn exporting(sampler: impl ShouldSample + 'static) -> (InMemorySpanExporter, Tracer) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_sampler(sampler)
        .build();
    let tracer = Tracer::exporting(provider.tracer("test"), "nats://user@here:4321");
    // The provider ends its exporter when it is dropped: it lives as long as the tests.
    std::mem::forget(provider);
    (exporter, tracer)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A tick as all hear it.
fn tick() -> Message {
    tick_on(subjects::mark)
}

/// A tick as it is said to whoever acts on it.
fn first_tick() -> Message {
    tick_on(subjects::first_mark)
}

fn tick_on(subject: fn(&Symbol) -> Subject<MarkTick>) -> Message {
    let symbol = Symbol::new("BTCUSDT").unwrap();
    subject(&symbol).message(&MarkTick {
        mark_price: Price::new(50_000.into()).unwrap(),
        index_price: None,
        event_at: at(1_000),
        received_at: at(1_001),
        sequence: 1,
        symbol,
    })
}

/// Any message that always is worth a span.
fn word() -> Message {
    subjects::kill().message(&Kill {
        to: Mode::Shadow,
        by: "me".into(),
        at: at(1_000),
    })
}

/// Any that never is.
fn sign_of_life() -> Message {
    let mut pulse = Pulse::new("executor", "one", Flags::default(), 1);
    let beat = pulse.beat(at(1_000), Vitals::default());
    subjects::health("executor", "one").message(&beat)
}

fn mode() -> Message {
    subjects::mode().message(&ModeSnapshot {
        revision: 1,
        mode: Mode::Shadow,
        reason: "a test".into(),
        at: at(1_000),
    })
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {spans:?}"))
}

#[test]
fn without_a_collector_a_message_stays_as_it_is() {
    let mut out = [tick(), word()];
    Tracer::off().under(Some(&tick()), at(1)).say(&mut out);
    assert_eq!(out, [tick(), word()]);
    assert!(Tracer::off().received(&tick(), at(1)).is_none());
}

#[test]
fn what_a_message_causes_is_said_under_it_and_goes_on_from_there() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    let mut ticks = [tick()];
    tracer.under(None, at(1_002)).say(&mut ticks);
    let mut out = [Effect::Say(word())];
    tracer.under(Some(&ticks[0]), at(1_003)).say(&mut out);
    let spans = exporter.get_finished_spans().unwrap();
    let first = named(&spans, "send market.mark.{symbol}");
    let taken = named(&spans, "process market.mark.{symbol}");
    let last = named(&spans, "send control.kill");
    assert_eq!(first.parent_span_id, SpanId::INVALID);
    assert_eq!(taken.parent_span_id, first.span_context.span_id());
    assert!(taken.parent_span_is_remote);
    assert_eq!(last.parent_span_id, taken.span_context.span_id());
    let trace = first.span_context.trace_id();
    assert!(
        spans
            .iter()
            .all(|span| span.span_context.trace_id() == trace)
    );
    assert_eq!(taken.start_time, system_time(at(1_003)));
    let said = out[0].said().unwrap().trace.unwrap();
    assert_eq!(
        said.span_id.to_be_bytes(),
        last.span_context.span_id().to_bytes()
    );
    assert_eq!(said.trace_id.to_be_bytes(), trace.to_bytes());
    assert_eq!(said.flags, 1);
}

#[test]
fn what_is_put_off_is_said_under_the_same_span_as_what_was_said_at_once() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    let (cause, mut first, mut then) = (tick(), [word()], [word()]);
    {
        let mut under = tracer.under(Some(&cause), at(1));
        under.say(&mut first);
        under.say(&mut then);
    }
    let spans = exporter.get_finished_spans().unwrap();
    let taken: Vec<&SpanData> = spans
        .iter()
        .filter(|span| span.name == "process market.mark.{symbol}")
        .collect();
    let [taken] = taken[..] else {
        panic!("one span for one input expected, got {spans:?}")
    };
    let said = spans.iter().filter(|span| span.name == "send control.kill");
    let parents: Vec<SpanId> = said.map(|span| span.parent_span_id).collect();
    assert_eq!(parents, [taken.span_context.span_id(); 2]);
}

#[test]
fn an_input_from_which_nothing_follows_leaves_no_span() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    let mut out = [sign_of_life(), mode()];
    tracer.under(Some(&tick()), at(1)).say(&mut out);
    tracer.under(None, at(2)).say(&mut out);
    tracer.under(Some(&tick()), at(3)).say::<Message>(&mut []);
    assert!(exporter.get_finished_spans().unwrap().is_empty());
    assert_eq!(out, [sign_of_life(), mode()]);
}

#[test]
fn what_follows_from_a_tick_is_recorded_whether_the_tick_is_or_not() {
    let setting = |name: &str, part: &str| {
        let (name, part) = (name.to_owned(), part.to_owned());
        Ticks::from_env(move |variable| {
            Some(if variable.ends_with("_ARG") {
                part.clone()
            } else {
                name.clone()
            })
        })
    };
    for (sampler, ticks) in [
        (setting("always_off", ""), 0),
        (setting("parentbased_always_off", ""), 0),
        (setting("traceidratio", "0"), 0),
        (setting("traceidratio", "1"), 1),
        (setting("always_on", ""), 1),
        (setting("no such thing", ""), 1),
        (Ticks::from_env(|_| None), 1),
    ] {
        let (exporter, tracer) = exporting(sampler);
        let mut told = [first_tick(), tick()];
        tracer.under(None, at(1)).say(&mut told);
        let mut out = [word()];
        tracer.under(Some(&told[0]), at(2)).say(&mut out);
        let (first, last) = (told[0].trace.unwrap(), out[0].trace.unwrap());
        assert_eq!(first.trace_id, last.trace_id, "one trace either way");
        assert_eq!((i64::from(first.flags), last.flags), (ticks, 1));
        let spans = exporter.get_finished_spans().unwrap();
        let recorded = spans
            .iter()
            .filter(|span| span.name.contains("send market."));
        assert_eq!(i64::try_from(recorded.count()), Ok(2 * ticks));
        let taken = named(&spans, "process market.first.{symbol}");
        assert_eq!(taken.parent_span_id.to_bytes(), first.span_id.to_be_bytes());
    }
}

#[test]
fn a_mark_that_is_told_to_all_others_goes_on_with_the_trace_that_it_began() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    let mut first = [first_tick()];
    let mut all = [tick()];
    let mut under = tracer.under(None, at(1));
    under.say(&mut first);
    under.say(&mut all);
    let spans = exporter.get_finished_spans().unwrap();
    let begun = named(&spans, "send market.first.{symbol}");
    let told = named(&spans, "send market.mark.{symbol}");
    assert_eq!(begun.parent_span_id, SpanId::INVALID);
    assert_eq!(told.parent_span_id, begun.span_context.span_id());
    assert_ne!(first[0].trace, all[0].trace);
    tracer.under(None, at(2)).say(&mut [tick()]);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[2].parent_span_id, SpanId::INVALID, "another input");
}

#[test]
fn a_span_tells_the_subject_without_what_varies_and_with_it() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    tracer.said(None, at(1), &mut tick());
    let spans = exporter.get_finished_spans().unwrap();
    let attribute = |name: &str| {
        let mut all = spans[0].attributes.iter();
        all.find(|it| it.key.as_str() == name)
            .map(|it| it.value.to_string())
            .unwrap_or_default()
    };
    assert_eq!(attribute("messaging.system"), "nats");
    assert_eq!(attribute("messaging.operation.type"), "send");
    assert_eq!(
        attribute("messaging.destination.name"),
        "market.mark.BTCUSDT"
    );
    assert_eq!(
        attribute("messaging.destination.template"),
        "market.mark.{symbol}"
    );
    assert_eq!(attribute("server.address"), "here");
    assert_eq!(attribute("server.port"), "4321");
    assert_eq!(attribute("exitbrain.mark_price"), "50000");
}

#[test]
fn a_call_that_failed_says_how() {
    let (exporter, tracer) = exporting(Sampler::AlwaysOn);
    let under = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        .parse()
        .unwrap();
    let mut call = tracer.call(under, at(1), "POST /order".into()).unwrap();
    call.fail("timeout");
    drop(call);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].status, Status::error("timeout"));
    assert_eq!(
        spans[0].parent_span_id.to_bytes(),
        under.span_id.to_be_bytes()
    );
}
