//! The way to the venue and back: calls, answers, user events, marks.

use binance::sign::query;
use binance::stream::{StreamEnd, StreamItem};
use binance::{HttpResult, Security, TransportError};
use domain::{Span, Timestamp};
use gateway::{GatewayEffect, VenueCall, VenueInput};
use market::actor::MarketInput;
use market::route::Route;
use paper_exchange::wire::{
    Fate, WireRequest, WireResponse, book_ticker_json, mark_price_json, mini_ticker_json,
    user_event_json,
};

use super::cast::{published, recv_window};
use super::queue::{Delivery, Lane};
use super::{Service, World};

/// How long a renewed user stream is away.
pub(super) const RECONNECT: Span = Span::from_millis(50);
/// The venue repeats each mark this often.
const MARK_EVERY: Span = Span::from_secs(1);
/// Of the repeated marks every fifth has the book and the day's volume with it.
const BOOK_EVERY_SECS: i64 = 5;

/// Where the venue tells its filters.
const EXCHANGE_INFO: &str = "/fapi/v1/exchangeInfo";

impl World {
    pub(super) fn start_gateway(&mut self) {
        self.clock_offset_ms = 0;
        let mut out = Vec::new();
        let now = self.clock(Service::Gateway);
        if let Some(gateway) = &mut self.cast.gateway {
            gateway.start(now, &mut out);
        }
        self.carry_out(Service::Gateway.into(), out);
        self.connection = None;
        self.connect(RECONNECT);
    }

    pub(super) fn start_market(&mut self) {
        let mut out = Vec::new();
        let now = self.clock(Service::Market);
        if let Some(market) = &mut self.cast.market {
            for route in Route::ALL {
                market.input(now, &MarketInput::Connected(route), &mut out);
            }
        }
        self.carry_out(Service::Market.into(), published(out));
    }

    pub(super) fn deliver_venue(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Frame { life, text } if self.is_life(Service::Market, life) => {
                let mut out = Vec::new();
                let now = self.clock(Service::Market);
                if let Some(market) = &mut self.cast.market {
                    market.frame(now, &text, &mut out);
                }
                self.carry_out(Service::Market.into(), published(out));
            }
            Delivery::Call {
                life,
                call,
                signed_ms,
            } => self.answer(life, &call, signed_ms),
            Delivery::Answer { life, call, result } if self.is_life(Service::Gateway, life) => {
                self.input_gateway(VenueInput::Answer { call, result });
            }
            Delivery::Stream {
                life,
                connection,
                item,
            } if self.is_life(Service::Gateway, life) => self.on_stream(connection, item),
            Delivery::Mark { symbol } => {
                self.venue.advance(self.now.millis());
                self.frame(&symbol);
                self.book_frames(&symbol);
                let at = self.now + MARK_EVERY;
                self.queue.push(at, Delivery::Mark { symbol });
            }
            Delivery::Venue => self.venue.advance(self.now.millis()),
            _ => {}
        }
    }

    pub(super) fn carry_out_venue(&mut self, effect: GatewayEffect) {
        match effect {
            GatewayEffect::Call(call) => {
                let own = self.server_mode_of(call.request.param("symbol"));
                let verdict = self.watch.on_request(&call, own);
                self.demand(verdict);
                let life = self.life(Service::Gateway);
                let at = self.now + self.latency(1_000, 15_000);
                let now_ms = self.clock(Service::Gateway).millis();
                let signed_ms = now_ms + self.clock_offset_ms;
                let call = Delivery::Call {
                    life,
                    call,
                    signed_ms,
                };
                self.queue.push(at, call);
            }
            GatewayEffect::RenewStream => self.cut_stream(RECONNECT),
            GatewayEffect::SetClockOffset(ms) => self.clock_offset_ms = ms,
            GatewayEffect::Lease(_) | GatewayEffect::Publish(_) => {}
        }
    }

    /// The user stream breaks; what the venue tells in the meantime is never heard of.
    pub fn cut_stream(&mut self, span: Span) {
        let life = self.life(Service::Gateway);
        let connection = self.connections;
        self.connection = None;
        let why = StreamEnd::Broken("cut".into());
        let item = StreamItem::Disconnected { why };
        let ended = Delivery::Stream {
            life,
            connection,
            item,
        };
        self.queue.push_behind(Lane::User, self.now, ended);
        self.connect(span);
    }

    /// Shows a symbol's mark to the market service.
    pub(super) fn frame(&mut self, symbol: &str) {
        let text = mark_price_json(&self.venue, symbol, self.now.millis());
        let (Some(text), true) = (text, self.is_alive(Service::Market)) else {
            return;
        };
        let life = self.life(Service::Market);
        let at = self.now + self.latency(1_000, 5_000);
        let frame = Delivery::Frame { life, text };
        self.queue.push_behind(Lane::Market, at, frame);
    }

    /// Shows a symbol's book and the volume of its day. Chance has no part in when they arrive.
    fn book_frames(&mut self, symbol: &str) {
        let now_ms = self.now.millis();
        let due = (now_ms / 1_000) % BOOK_EVERY_SECS == 0;
        if !due || !self.is_alive(Service::Market) {
            return;
        }
        let life = self.life(Service::Market);
        let book = book_ticker_json(&self.venue, symbol, now_ms);
        let day = mini_ticker_json(&self.venue, symbol, now_ms);
        for text in [book, day].into_iter().flatten() {
            let frame = Delivery::Frame { life, text };
            self.queue.push_behind(Lane::Market, self.now, frame);
        }
    }

    /// Whatever the venue has to tell: to the judge as it is, to the gateway as the faults let it.
    pub(super) fn tell_venue_events(&mut self) {
        let now_ms = self.now.millis();
        // A venue that nobody has touched has nothing to tell.
        let events = if self.venue.is_touched() {
            self.venue.take_events()
        } else {
            Vec::new()
        };
        let due = self.faults.next_due_ms().is_some_and(|due| due <= now_ms);
        if events.is_empty() && !due {
            return;
        }
        for event in &events {
            self.judge.on_event(event);
            self.tally.venue_said(event);
            self.transcript
                .note(self.now, format_args!("venue: {}", told(event)));
            let verdict = self.watch.on_venue(&self.venue, event);
            self.demand(verdict);
        }
        for event in self.faults.deliver(events, now_ms) {
            if event.engine_ms >= self.connected_at.millis() {
                self.tell(user_event_json(&event));
            }
        }
        if let Some(due) = self.faults.next_due_ms() {
            let at = Timestamp::from_millis(due).max(self.now + Span::from_millis(1));
            self.queue.push(at, Delivery::Venue);
        }
    }

    pub(super) fn tell(&mut self, text: String) {
        let heard = |it: &u32| self.is_alive(Service::Gateway) && self.mute != Some(*it);
        let Some(connection) = self.connection.filter(heard) else {
            return;
        };
        let life = self.life(Service::Gateway);
        let at = self.now + self.latency(1_000, 30_000);
        let item = StreamItem::Text(text);
        let event = Delivery::Stream {
            life,
            connection,
            item,
        };
        self.queue.push_behind(Lane::User, at, event);
    }

    fn connect(&mut self, span: Span) {
        self.connections += 1;
        let (life, connection) = (self.life(Service::Gateway), self.connections);
        let item = StreamItem::Connected;
        let at = self.now + span;
        let connected = Delivery::Stream {
            life,
            connection,
            item,
        };
        self.queue.push(at, connected);
    }

    fn on_stream(&mut self, connection: u32, item: StreamItem) {
        match &item {
            StreamItem::Connected if connection == self.connections => {
                self.connection = Some(connection);
                self.connected_at = self.now;
                self.venue.session_mut().start_stream(self.now.millis());
            }
            StreamItem::Text(_) if self.connection == Some(connection) => {}
            StreamItem::Disconnected { .. } => {}
            _ => return,
        }
        self.input_gateway(VenueInput::Stream(item));
    }

    fn input_gateway(&mut self, input: VenueInput) {
        let mut out = Vec::new();
        let now = self.clock(Service::Gateway);
        if let Some(gateway) = &mut self.cast.gateway {
            gateway.venue(now, input, &mut out);
        }
        self.carry_out(Service::Gateway.into(), out);
    }

    fn answer(&mut self, life: u32, call: &VenueCall, signed_ms: i64) {
        let request = &call.request;
        let verdict = self.watch.handed.arrives(request);
        self.demand(verdict);
        let method = request.method.as_str();
        let mut text = query(&request.params);
        if request.security == Security::Signed {
            let window_ms = recv_window(self.options.executors.by_lease()).millis();
            text.push_str(&format!("&recvWindow={window_ms}&timestamp={signed_ms}"));
        }
        let request = WireRequest::new(method, request.path, &text);
        let now_ms = self.now.millis();
        let answer = self.faults.handle(&mut self.venue, &request, now_ms);
        self.watch.handed.answered(&call.request, &answer);
        self.note_close(&call.request, &answer);
        if let Some(code) = self.tally.answered(answer.status, &answer.body) {
            let headers = http_result(&answer);
            self.excuse_limit(code, headers.retry_after_s);
        }
        self.hung_up();
        self.key_expires();
        if request.path == EXCHANGE_INFO {
            self.watch.on_filters_told(&self.venue);
        }
        let result = match answer.fate {
            Fate::Cut => Err(TransportError::Other),
            Fate::Answered | Fate::Late { .. } => Ok(http_result(&answer)),
        };
        let late = match answer.fate {
            Fate::Late { ms } => Span::from_millis(ms),
            Fate::Answered | Fate::Cut => Span::ZERO,
        };
        let at = self.now + self.latency(1_000, 15_000) + late;
        let call = call.id;
        self.queue.push(at, Delivery::Answer { life, call, result });
    }
}

/// What a client reads of an answer.
fn http_result(answer: &WireResponse) -> HttpResult {
    let number = |wanted: &str| {
        let mut headers = answer.headers.iter();
        headers.find(|(name, _)| *name == wanted)?.1.parse().ok()
    };
    HttpResult {
        status: answer.status,
        body: answer.body.clone(),
        used_weight: number("x-mbx-used-weight-1m"),
        order_count_10s: number("x-mbx-order-count-10s"),
        order_count_1m: number("x-mbx-order-count-1m"),
        retry_after_s: number("retry-after").map(u64::from),
    }
}

fn told(event: &paper_exchange::venue::VenueEvent) -> String {
    use paper_exchange::venue::EventBody;
    match &event.body {
        EventBody::Order(it) => {
            let order = &it.order;
            let (kind, left) = (order.kind.wire(), order.remaining());
            let (what, price) = (it.execution.wire(), order.price);
            format!("{} {kind} {what} left {left} at {price}", order.client_id)
        }
        EventBody::Account(it) => format!("{} holds {} from {}", it.symbol, it.qty, it.entry),
        EventBody::Algo(it) => {
            let (state, trigger) = (it.status.wire(), it.trigger_price);
            format!("{} {state} {} at {trigger}", it.client_id, it.qty)
        }
        other => other.name().to_owned(),
    }
}

#[cfg(test)]
mod tests;
