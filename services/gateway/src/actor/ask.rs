//! Orders of unknown whereabouts: asked for by name, on both books, until somebody tells.

use domain::ids::ClientOrderId;
use domain::order::OrderStatus;
use domain::{Span, Timestamp};

use super::answers::read_order;
use super::book::Source;
use super::calls::{Lane, Out, Purpose, Waiting};
use super::ledger::News;
use super::observed::{Book, Observed};
use super::{GatewayActor, TAG};
use binance::outcome::Outcome;
use binance::{ApiRequest, Reaction, reaction};

/// "No such order" proves nothing before the receive window is over, for so long after it was
/// signed the venue takes a request, and this much more: our clock may be so far ahead.
const SETTLE_MARGIN: Span = Span::from_secs(1);

impl GatewayActor {
    /// Starts asking where an order of ours is.
    pub(super) fn doubt(&mut self, id: &ClientOrderId, pause: Span) {
        let now = self.now;
        if let Some(own) = self.ledger.get_mut(id)
            && !own.status.is_final()
        {
            own.doubt(now, pause);
        }
    }

    /// Queues the questions that are due.
    pub(super) fn queue_asks(&mut self) {
        let now = self.now;
        let mut due = Vec::new();
        for (id, own) in self.ledger.iter_mut() {
            if let Some(ask) = &mut own.ask
                && !ask.in_flight
                && ask.next_at <= now
            {
                ask.in_flight = true;
                due.push((id.clone(), own.key.symbol.clone(), ask.book));
            }
        }
        for (id, symbol, book) in due {
            let request = match book {
                Book::Ordinary => ApiRequest::order(symbol.as_str(), id.as_str()),
                Book::Algo => ApiRequest::algo_order(id.as_str()),
            };
            self.push(Waiting {
                purpose: Purpose::Ask { id, book },
                request,
                lane: Lane::Trade,
                not_before: now,
                line: None,
            });
        }
    }

    pub(super) fn ask_failed(&mut self, id: &ClientOrderId) {
        let now = self.now;
        if let Some(ask) = self.ledger.get_mut(id).and_then(|own| own.ask.as_mut()) {
            ask.again(now);
        }
    }

    pub(super) fn ask_answered(
        &mut self,
        id: &ClientOrderId,
        book: Book,
        out: &Out,
        outcome: Outcome,
    ) {
        match read_order(book, outcome) {
            Outcome::Done(seen) if self.is_older(id, &seen) => self.not_found(id, book, out),
            Outcome::Done(seen) if seen.client_id == id.as_str() && seen.status.is_some() => {
                self.observe(&seen, Source::Word);
                self.answered_where(id, seen.is_final());
            }
            Outcome::Rejected { code, .. } if reaction(code) == Reaction::NotFound => {
                self.not_found(id, book, out);
            }
            _ => self.ask_failed(id),
        }
    }

    /// Whether an order of this name had ended before ours was sent. Names are unique among open
    /// orders only, and processes that start anew within one life of a position may give a market
    /// close the name of an earlier one.
    fn is_older(&self, id: &ClientOrderId, seen: &Observed) -> bool {
        let placing = self.ledger.get(id).and_then(|own| own.placing.as_ref());
        let sent = placing.and_then(|placing| placing.sent_on_venue);
        let ended_at = Timestamp::from_millis(seen.at_ms) + SETTLE_MARGIN;
        seen.is_final() && sent.is_some_and(|sent| ended_at < sent)
    }

    /// It is there. A market order that has not ended is asked for until it has: nothing lists it;
    /// and so is a stop that fires, which protects nothing until it has become an order.
    fn answered_where(&mut self, id: &ClientOrderId, is_final: bool) {
        let now = self.now;
        let Some(own) = self.ledger.get_mut(id) else {
            return;
        };
        let fires = matches!(own.status, OrderStatus::Triggering | OrderStatus::Triggered);
        let rests = own.order_type != "MARKET" && !fires;
        if rests || is_final || own.status.is_final() {
            own.ask = None;
        } else if let Some(ask) = &mut own.ask {
            ask.again(now);
        } else {
            own.doubt(now, super::ledger::ASK_LONGEST);
        }
    }

    /// One book has no such order. Proof of absence only if both say so, asked after the request
    /// can no longer be executed; and what was there before has ended, it was not rejected.
    fn not_found(&mut self, id: &ClientOrderId, book: Book, out: &Out) {
        let now = self.now;
        let settle = Span::from_micros(self.recv_window.micros() + SETTLE_MARGIN.micros());
        let Some(own) = self.ledger.get_mut(id) else {
            return;
        };
        let sent_at = own.placing.as_ref().and_then(|placing| placing.sent_at);
        let settles_at = sent_at.map(|sent_at| sent_at + settle);
        let settled = settles_at.is_none_or(|at| out.sent_at >= at);
        let in_doubt = own.is_in_doubt();
        let Some(ask) = &mut own.ask else {
            return; // an event has told meanwhile
        };
        if settled {
            match book {
                Book::Ordinary => ask.absent_ordinary = true,
                Book::Algo => ask.absent_algo = true,
            }
        }
        if !(ask.absent_ordinary && ask.absent_algo) {
            ask.book = book.other();
            ask.again(now);
            // Nothing is gained by waiting once a "no" is a proof: a close may depend on it.
            let proves_at = settles_at.map_or(now, |at| at.max(now));
            ask.next_at = ask.next_at.min(proves_at);
            return;
        }
        let (status, detail) = match in_doubt {
            true => (OrderStatus::Rejected, "never arrived"),
            false => (OrderStatus::Canceled, "no longer on the venue"),
        };
        tracing::warn!(tag = TAG, client_order_id = %id, detail, "both books have no such order");
        let news = News {
            status: Some(status),
            detail: detail.to_owned(),
            ..News::default()
        };
        self.news(id, news);
    }
}
