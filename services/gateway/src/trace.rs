//! Which trace an order belongs to: from its approval through every call and every piece of news,
//! however much later that comes, to its fill.

use std::collections::{BTreeMap, VecDeque};

use binance::{ApiRequest, HttpResult, TransportError};
use bus::{Heard, Message, TraceParent};
use domain::Timestamp;
use domain::intent::Approval;
use proto::{SignedApproval, Wire};
use runtime::Tracer;
use runtime::trace::Open;

use crate::{CallId, VenueCall};

/// Orders whose trace is remembered: at the venue's limit of 300 in 10 s over two minutes, in
/// ordinary times weeks. News of an older order begins a trace of its own.
const ORDERS_MAX: usize = 4_096;
/// Calls on their way whose span is open: more than the gateway has.
const CALLS_MAX: usize = 256;
/// The parameters that name an order of ours.
const NAMES: [&str; 3] = ["newClientOrderId", "clientAlgoId", "origClientOrderId"];

/// The traces of orders.
#[derive(Debug, Default)]
pub struct Traces {
    tracer: Tracer,
    orders: BTreeMap<String, TraceParent>,
    oldest: VecDeque<String>,
    calls: BTreeMap<CallId, Open>,
    /// The order that the present input is about: account, symbol, side, and its trace.
    current: Option<(String, TraceParent)>,
}

impl Traces {
    /// Traces that go where `tracer` says.
    #[must_use]
    pub fn new(tracer: Tracer) -> Self {
        Self {
            tracer,
            ..Self::default()
        }
    }

    /// A message is about to be taken up. An approval opens the span under which everything that
    /// becomes of its order is told.
    pub fn heard(&mut self, message: &Message, now: Timestamp) {
        if !self.tracer.is_on() {
            return;
        }
        let Some(approval) = approval(message) else {
            return;
        };
        let Some(open) = self.tracer.received(message, now) else {
            return;
        };
        let intent = &approval.intent;
        self.remember(intent.client_order_id().as_str(), open.place());
        self.current = Some((intent.key.to_string(), open.place()));
    }

    /// A request leaves.
    pub fn called(&mut self, call: &VenueCall, now: Timestamp) {
        if !self.tracer.is_on() || self.calls.len() >= CALLS_MAX {
            return;
        }
        let request = &call.request;
        let Some((name, under)) = self.order_of(request) else {
            return;
        };
        let method = request.method.as_str();
        let what = format!("{method} {}", request.path);
        if let Some(mut open) = self.tracer.call(under, now, what) {
            open.note("http.request.method", method);
            open.note("url.path", request.path);
            open.note("exitbrain.order.client_id", name);
            self.calls.insert(call.id, open);
        }
    }

    /// Its answer is here.
    pub fn answered(&mut self, call: CallId, result: &Result<HttpResult, TransportError>) {
        let Some(mut open) = self.calls.remove(&call) else {
            return;
        };
        match result {
            Ok(answer) => {
                open.note("http.response.status_code", i64::from(answer.status));
                if answer.status >= 400 {
                    open.fail("refused");
                }
            }
            Err(TransportError::Timeout) => open.fail("timeout"),
            Err(TransportError::Connect) => open.fail("connect"),
            Err(TransportError::Other) => open.fail("broken"),
        }
    }

    /// Puts what is about to be said under the trace of the order that it is about. A picture of a
    /// position belongs to the news of an order that was told with it.
    pub fn told(&mut self, message: &mut Message, now: Timestamp) {
        if !self.tracer.is_on() {
            return;
        }
        let under = match bus::decode(message) {
            Ok(Heard::Event(event)) => {
                let known = self.orders.get(event.client_order_id.as_str()).copied();
                self.current = known.map(|trace| (event.key.to_string(), trace));
                known
            }
            Ok(Heard::Position(snapshot)) => {
                let key = snapshot.position.key.to_string();
                let current = self.current.as_ref().filter(|(about, _)| *about == key);
                current.map(|(_, trace)| *trace)
            }
            _ => None,
        };
        self.tracer.said(under, now, message);
    }

    /// Everything that followed from an input has been told.
    pub fn turn(&mut self) {
        self.current = None;
    }

    fn order_of(&self, request: &ApiRequest) -> Option<(String, TraceParent)> {
        let name = NAMES.into_iter().find_map(|name| request.param(name))?;
        let trace = self.orders.get(name)?;
        Some((name.to_owned(), *trace))
    }

    /// An order that is moved or canceled goes on in the trace of what asked for that.
    fn remember(&mut self, order: &str, trace: TraceParent) {
        if self.orders.insert(order.to_owned(), trace).is_none() {
            self.oldest.push_back(order.to_owned());
        }
        while self.oldest.len() > ORDERS_MAX {
            if let Some(oldest) = self.oldest.pop_front() {
                self.orders.remove(&oldest);
            }
        }
    }
}

/// What was approved, whoever signed it: a span is no order.
fn approval(message: &Message) -> Option<Approval> {
    let Ok(Heard::Approved(sealed)) = bus::decode(message) else {
        return None;
    };
    let sealed = SignedApproval::decode(&sealed.bytes).ok()?;
    Approval::decode(&sealed.body).ok()
}

#[cfg(test)]
mod tests;
