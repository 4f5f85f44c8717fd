//! What follows from the venue's answers to orders and cancels.

use domain::ids::ClientOrderId;
use domain::order::OrderStatus;
use domain::{Span, Timestamp};

use super::book::Source;
use super::calls::{Cancel, Lane, Out, Purpose, Waiting};
use super::dispatch::RETRY_WINDOW;
use super::effect::CallId;
use super::ledger::{ASK_FIRST, News};
use super::observed::{Book, Observed};
use super::{GatewayActor, TAG};
use binance::outcome::{Limit, Outcome, UnknownWhy, classify};
use binance::{HttpResult, Reaction, TransportError, reaction, response};

/// Tries of a call that could not even be connected.
const CONNECT_TRIES_MAX: u32 = 8;
/// Tries after a refused signing time: once, with the clock measured anew.
const CLOCK_TRIES_MAX: u32 = 2;
/// Tries of a call that met a limit: few, because asking on is what the venue bans for.
const LIMIT_TRIES_MAX: u32 = 3;
/// Pause between them.
const LIMIT_PAUSE: Span = Span::from_millis(900);
/// Why a stop is not tried again whose owner wants another one by now. Else all of them would come
/// to rest once the venue takes orders again, and the looser ones perhaps after the tighter.
pub(super) const NEWER: &str = "not executed, a newer one takes its place";

impl GatewayActor {
    /// A call has ended.
    pub(super) fn answer(&mut self, call: CallId, result: &Result<HttpResult, TransportError>) {
        let Some(out) = self.calls.answered(call) else {
            self.late_answer(call, result);
            return;
        };
        if let Ok(answer) = result {
            self.calls.budget.learn(answer, out.sent_at, self.now);
        }
        let outcome = classify(out.request.method, result);
        self.heed(&out, &outcome);
        match &out.purpose {
            Purpose::Read(read) => self.read_answered(read, &out, outcome),
            Purpose::Place(id) => self.place_answered(id, &out, outcome),
            Purpose::Cancel(cancel) => self.cancel_answered(cancel, &out, outcome),
            Purpose::Ask { id, book } => self.ask_answered(id, *book, &out, outcome),
        }
        if *result == Err(TransportError::Timeout) {
            self.calls.keep(call, out);
        }
    }

    /// How long is told by the header, which needs no clock, else by a moment of the venue's clock,
    /// from which ours may be far away.
    pub(super) fn hold(
        &mut self,
        limit: Limit,
        until_ms: Option<i64>,
        retry_after_ms: Option<u64>,
    ) {
        let venue_now = self.calls.budget.on_venue(self.now);
        let until = until_ms.map(|ms| Timestamp::from_millis(ms).since(venue_now));
        let after = retry_after_ms.and_then(|ms| i64::try_from(ms).ok());
        let pause = after.map(Span::from_millis).or(until);
        self.pulse.count("limits_hit");
        let ms = pause.map(Span::millis);
        tracing::error!(tag = TAG, ?limit, ms, "the venue's limit: holding back");
        self.calls.hold(limit, pause, self.now);
    }

    fn place_answered(&mut self, id: &ClientOrderId, out: &Out, outcome: Outcome) {
        let Some(own) = self.ledger.get(id) else {
            return;
        };
        let (book, symbol) = (own.book, own.key.symbol.clone());
        // An event may have told of the order already: then it is not refused, nor unknown.
        let in_doubt = own.is_in_doubt();
        let code = code_of(&outcome);
        match read_order(book, outcome) {
            Outcome::Done(seen) if seen.client_id == id.as_str() && seen.status.is_some() => {
                let venue_order_id = seen.venue_id;
                tracing::info!(
                    tag = TAG,
                    position = %own.key,
                    client_order_id = %id,
                    module = own.module.name(),
                    kind = %own.kind,
                    venue_order_id,
                    "placed"
                );
                self.observe(&seen, Source::Word);
            }
            _ if !in_doubt => self.pulse.count("answers_overtaken"),
            Outcome::Done(_) => self.unknown(id, None, "the answer is about another order"),
            Outcome::Unknown { why } => self.unknown(id, code, &in_words(&why)),
            Outcome::Rejected { code, msg } => self.rejected(id, &symbol, code, &msg),
            Outcome::Retryable { code, after_ms } => {
                let pause = Span::from_millis(i64::try_from(after_ms).unwrap_or(i64::MAX));
                self.again(id, out, code, pause);
            }
            Outcome::Limited { .. } => {
                self.again(id, out, code, LIMIT_PAUSE);
            }
        }
    }

    /// Nobody knows whether the order was executed: never sent again, never called rejected.
    fn unknown(&mut self, id: &ClientOrderId, code: Option<i32>, why: &str) {
        tracing::error!(tag = TAG, client_order_id = %id, code, why, "outcome unknown: asking");
        let news = News {
            status: Some(OrderStatus::Unknown),
            code,
            detail: why.to_owned(),
            ..News::default()
        };
        self.news(id, news);
        if let Some(own) = self.ledger.get(id) {
            let symbol = own.key.symbol.clone();
            self.reads.want(&symbol);
        }
        self.doubt(id, ASK_FIRST);
    }

    /// Surely not executed, and it passes by itself.
    fn again(&mut self, id: &ClientOrderId, out: &Out, code: Option<i32>, pause: Span) {
        let Some(placing) = self.ledger.get(id).and_then(|own| own.placing.as_ref()) else {
            return;
        };
        let at = self.now + pause;
        let tries = placing.tries;
        let over = at.since(placing.approved_at) > RETRY_WINDOW;
        if tries >= tries_max(code) || over || self.stopping {
            let why = format!("not executed, given up after {tries} tries");
            self.give_up(id, code, &why);
            return;
        }
        if self.ledger.has_newer_stop(id) {
            self.give_up(id, code, NEWER);
            return;
        }
        let waiting = Waiting {
            purpose: out.purpose.clone(),
            request: out.request.clone(),
            lane: lane(out),
            not_before: at,
            line: out.line.clone(),
        };
        self.wait_or_push(waiting, code);
    }

    /// Waits for the clock where the signing time was refused: it is being measured already.
    fn wait_or_push(&mut self, waiting: Waiting, code: Option<i32>) {
        if code.map(reaction) == Some(Reaction::ResyncClock) {
            self.after_clock.push(waiting);
        } else {
            self.push(waiting);
        }
    }

    pub(super) fn release_after_clock(&mut self) {
        for waiting in std::mem::take(&mut self.after_clock) {
            self.push(waiting);
        }
    }

    pub(super) fn cancel_answered(&mut self, cancel: &Cancel, out: &Out, outcome: Outcome) {
        let (id, code) = (&cancel.target, code_of(&outcome));
        let is_algo = out.request.param("clientAlgoId").is_some();
        if let Outcome::Done(body) = &outcome {
            let read = match is_algo {
                true => self.algo_canceled(id, body),
                false => self.order_canceled(id, body),
            };
            if !read {
                self.doubt(id, ASK_FIRST);
            }
            return;
        }
        match outcome {
            Outcome::Rejected { code, msg } => self.cancel_rejected(id, code, &msg),
            Outcome::Unknown { why } => {
                self.remark(id, code, &format!("cancel unknown: {}", in_words(&why)));
                self.doubt(id, ASK_FIRST);
                self.want_symbol_of(id);
            }
            Outcome::Retryable { code, after_ms } => {
                let pause = Span::from_millis(i64::try_from(after_ms).unwrap_or(i64::MAX));
                self.cancel_again(cancel, out, code, pause);
            }
            Outcome::Limited { .. } => {
                self.cancel_again(cancel, out, code, LIMIT_PAUSE);
            }
            Outcome::Done(_) => {}
        }
    }

    pub(super) fn want_symbol_of(&mut self, id: &ClientOrderId) {
        if let Some(own) = self.ledger.get(id) {
            let symbol = own.key.symbol.clone();
            self.reads.want(&symbol);
        }
    }

    fn order_canceled(&mut self, id: &ClientOrderId, body: &str) -> bool {
        match response::order(body) {
            Ok(order) if order.client_order_id == id.as_str() => {
                self.observe(&Observed::from(&order), Source::Word);
                true
            }
            _ => false,
        }
    }

    /// The answer names the order and says that it is done, nothing else.
    fn algo_canceled(&mut self, id: &ClientOrderId, body: &str) -> bool {
        let Ok(answer) = response::algo_cancel(body) else {
            return false;
        };
        if answer.client_algo_id != id.as_str() {
            return false;
        }
        let side = self.books.end((Book::Algo, answer.algo_id), self.now);
        let symbol = self.ledger.get(id).map(|own| own.key.symbol.clone());
        if let (Some(side), Some(symbol)) = (side, symbol) {
            self.legs.mark_dirty(&(symbol, side));
        }
        let news = News {
            status: Some(OrderStatus::Canceled),
            venue_id: Some(answer.algo_id),
            ..News::default()
        };
        self.news(id, news);
        true
    }

    /// A cancel that surely was not executed is tried again, as long as its approval is young.
    fn cancel_again(&mut self, cancel: &Cancel, out: &Out, code: Option<i32>, pause: Span) {
        let at = self.now + pause;
        let over = at.since(cancel.approved_at) > RETRY_WINDOW;
        if over || cancel.tries >= tries_max(code) || self.stopping {
            self.remark(&cancel.target, code, "cancel not executed, given up");
            return;
        }
        let waiting = Waiting {
            purpose: out.purpose.clone(),
            request: out.request.clone(),
            lane: Lane::Trade,
            not_before: at,
            line: None,
        };
        self.wait_or_push(waiting, code);
    }
}

/// How often a call that surely was not executed is made, the first time included.
fn tries_max(code: Option<i32>) -> u32 {
    match code.map(reaction) {
        None => CONNECT_TRIES_MAX,
        Some(Reaction::RetrySoon { max_tries, .. }) => max_tries,
        Some(Reaction::BackOff) => LIMIT_TRIES_MAX,
        Some(_) => CLOCK_TRIES_MAX,
    }
}

fn lane(out: &Out) -> Lane {
    match out.request.protective {
        true => Lane::Protective,
        false => Lane::Trade,
    }
}

/// The answer about one order, as the book that it is in words it.
pub(super) fn read_order(book: Book, outcome: Outcome) -> Outcome<Observed> {
    match book {
        Book::Ordinary => outcome
            .read(response::order)
            .map(|order| Observed::from(&order)),
        Book::Algo => outcome
            .read(response::algo_order)
            .map(|order| Observed::from(&order)),
    }
}

/// The code behind an outcome, for the counters.
pub(super) fn code_of<T>(outcome: &Outcome<T>) -> Option<i32> {
    match outcome {
        Outcome::Done(_) => None,
        Outcome::Rejected { code, .. } => Some(*code),
        Outcome::Retryable { code, .. } => *code,
        Outcome::Unknown { why } => why.code(),
        Outcome::Limited { limit, .. } => Some(match limit {
            Limit::Weight | Limit::Banned | Limit::Firewall => -1003,
            Limit::Orders => -1015,
        }),
    }
}

fn in_words(why: &UnknownWhy) -> String {
    match why {
        UnknownWhy::Transport(error) => error.to_string(),
        UnknownWhy::Code(code) => format!("the venue says {code}"),
        UnknownWhy::Status(status, _) => format!("HTTP {status}"),
        UnknownWhy::Unreadable(error) => error.to_string(),
    }
}
