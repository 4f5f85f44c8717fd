//! One trace from a tick to a fill: what an input causes is said under the span of that input.
//!
//! A message carries the span in which it was said ([`bus::TraceParent`]). Whoever acts on it opens
//! a span under that one, and says what follows under its own. Nothing is opened for an input from
//! which nothing follows, and without a collector nothing is opened at all: it costs one look.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bus::{Message, TraceParent};
use domain::Timestamp;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{SdkTracer, Span};

mod facts;
mod sampler;

use facts::{Facts, Role};
pub(crate) use sampler::{PART_VARIABLE, SAMPLER_VARIABLE, Ticks};

/// Where a server listens whose address names no port.
const NATS_PORT: i64 = 4_222;

/// Where spans go; off unless the process was told of a collector. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Exporting>>);

#[derive(Debug)]
struct Exporting {
    tracer: SdkTracer,
    host: String,
    port: i64,
}

/// An effect that may be a message.
pub trait Says {
    /// The message, where it is one.
    fn said(&mut self) -> Option<&mut Message>;
}

impl Says for Message {
    fn said(&mut self) -> Option<&mut Message> {
        Some(self)
    }
}

/// What follows from one input.
#[derive(Debug)]
pub struct Under<'a> {
    tracer: &'a Tracer,
    cause: Option<&'a Message>,
    began: Timestamp,
    taken: Option<Open>,
    /// The place of that span, kept when it has ended.
    place: Option<TraceParent>,
    /// The trace that was begun for lack of a cause.
    begun: Option<TraceParent>,
}

/// A span that has begun. It ends when it is dropped.
#[derive(Debug)]
pub struct Open(Span);

impl Tracer {
    /// One that exports nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// One that exports through `tracer`; `bus` is the bus's address, `nats://host:port`.
    #[must_use]
    pub fn exporting(tracer: SdkTracer, bus: &str) -> Self {
        let (_, place) = bus.rsplit_once(['/', '@']).unwrap_or(("", bus));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, ""));
        Self(Some(Arc::new(Exporting {
            tracer,
            host: host.into(),
            port: port.parse().unwrap_or(NATS_PORT),
        })))
    }

    /// Whether anything is exported.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Puts everything that is said through it, and is worth a span, under the trace of `cause`;
    /// what nothing on the bus caused (a frame of the venue, a beat) begins a trace of its own
    /// where it is the kind of thing that does. `began` is when the input was taken up.
    #[must_use]
    pub const fn under<'a>(&'a self, cause: Option<&'a Message>, began: Timestamp) -> Under<'a> {
        Under {
            tracer: self,
            cause,
            began,
            taken: None,
            place: None,
            begun: None,
        }
    }

    /// The span of taking `message` up, under the one in which it was said.
    #[must_use]
    pub fn received(&self, message: &Message, began: Timestamp) -> Option<Open> {
        let exporting = self.0.as_ref()?;
        let facts = Facts::of(message)?;
        let span = exporting
            .tracer
            .span_builder(format!("process {}", facts.template))
            .with_kind(SpanKind::Consumer)
            .with_start_time(system_time(began))
            .with_attributes(exporting.messaging("process", facts, message))
            .start_with_context(&exporting.tracer, &context(message.trace));
        Some(Open(span))
    }

    /// Says `message` under a span, unless it is of a kind that is never traced.
    pub fn said(&self, under: Option<TraceParent>, began: Timestamp, message: &mut Message) {
        if !self.is_on() {
            return;
        }
        let facts = Facts::of(message);
        if let Some(facts) = facts.filter(|facts| facts.role.is_traced(under.is_some())) {
            self.say(under, began, facts, message);
        }
    }

    /// A call to somebody outside, under a span.
    #[must_use]
    pub fn call(&self, under: TraceParent, began: Timestamp, name: String) -> Option<Open> {
        let exporting = self.0.as_ref()?;
        let span = exporting
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_start_time(system_time(began))
            .start_with_context(&exporting.tracer, &context(Some(under)));
        Some(Open(span))
    }

    fn say(
        &self,
        under: Option<TraceParent>,
        began: Timestamp,
        facts: Facts,
        message: &mut Message,
    ) {
        let Some(exporting) = &self.0 else {
            return;
        };
        let span = exporting
            .tracer
            .span_builder(format!("send {}", facts.template))
            .with_kind(SpanKind::Producer)
            .with_start_time(system_time(began))
            .with_attributes(exporting.messaging("send", facts, message))
            .start_with_context(&exporting.tracer, &context(under));
        message.trace = Some(Open(span).place());
    }
}

impl Under<'_> {
    /// Ends the span of the input; what is said later comes under it nevertheless.
    pub fn end(&mut self) {
        self.taken = None;
    }

    /// Puts what of `out` is worth a span under the span of the input, which is opened for the
    /// first such message.
    pub fn say<E: Says>(&mut self, out: &mut [E]) {
        if !self.tracer.is_on() {
            return;
        }
        for message in out.iter_mut().filter_map(Says::said) {
            let Some(facts) = Facts::of(message) else {
                continue;
            };
            if !facts.role.is_traced(self.cause.is_some()) {
                continue;
            }
            if self.place.is_none() {
                let cause = self.cause;
                self.taken = cause.and_then(|cause| self.tracer.received(cause, self.began));
                self.place = self.taken.as_ref().map(Open::place);
            }
            let role = facts.role;
            let begun = self.begun.filter(|_| role == Role::Repeats);
            self.tracer
                .say(self.place.or(begun), self.began, facts, message);
            if role == Role::Begins && self.cause.is_none() {
                self.begun = message.trace;
            }
        }
    }
}

impl Exporting {
    /// By OpenTelemetry's conventions for messaging.
    fn messaging(&self, operation: &'static str, facts: Facts, message: &Message) -> Vec<KeyValue> {
        let size = i64::try_from(message.payload.len()).unwrap_or(i64::MAX);
        let mut attributes = facts.attributes;
        attributes.extend([
            KeyValue::new("messaging.system", "nats"),
            KeyValue::new("messaging.operation.name", operation),
            KeyValue::new("messaging.operation.type", operation),
            KeyValue::new("messaging.destination.name", message.subject.clone()),
            KeyValue::new("messaging.destination.template", facts.template),
            KeyValue::new("messaging.message.body.size", size),
            KeyValue::new("server.address", self.host.clone()),
            KeyValue::new("server.port", self.port),
        ]);
        attributes
    }
}

impl Open {
    /// What a message said in this span carries.
    #[must_use]
    pub fn place(&self) -> TraceParent {
        let context = self.0.span_context();
        TraceParent {
            trace_id: u128::from_be_bytes(context.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(context.span_id().to_bytes()),
            flags: context.trace_flags().to_u8(),
        }
    }

    /// Notes something that became known on the way.
    pub fn note(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.set_attribute(KeyValue::new(name, value));
    }

    /// It failed, as `kind`, one of few.
    pub fn fail(&mut self, kind: &'static str) {
        self.note("error.type", kind);
        self.0.set_status(Status::error(kind));
    }
}

/// For lines that are written while `message` is taken up: they name its trace.
pub(crate) fn log_scope(message: &Message) -> tracing::Span {
    match message.trace {
        None => tracing::Span::none(),
        Some(parent) => {
            let trace_id = format!("{:032x}", parent.trace_id);
            tracing::info_span!("input", trace_id)
        }
    }
}

fn context(parent: Option<TraceParent>) -> Context {
    let Some(parent) = parent else {
        return Context::new();
    };
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(parent.trace_id.to_be_bytes()),
        SpanId::from_bytes(parent.span_id.to_be_bytes()),
        TraceFlags::new(parent.flags),
        true,
        TraceState::NONE,
    ))
}

fn system_time(at: Timestamp) -> SystemTime {
    let micros = u64::try_from(at.micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

#[cfg(test)]
mod tests;
