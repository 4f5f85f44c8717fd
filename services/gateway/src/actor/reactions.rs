//! What the gateway does by itself about a business code; the table says which reaction it is.

use domain::Symbol;
use domain::ids::ClientOrderId;

use super::calls::{Out, Purpose};
use super::reads::Basic;
use super::{GatewayActor, GatewayEffect, TAG};
use binance::outcome::Outcome;
use binance::{Reaction, reaction};

use super::answers::code_of;

impl GatewayActor {
    /// Everything that follows from a code whatever the call was for: it is counted, what only a
    /// human can mend is alarmed, and what nobody understands brings the safe state.
    pub(super) fn heed(&mut self, out: &Out, outcome: &Outcome) {
        let Some(code) = code_of(outcome) else { return };
        if let Outcome::Limited {
            limit,
            until_ms,
            retry_after_ms,
        } = outcome
        {
            self.hold(*limit, *until_ms, *retry_after_ms);
        }
        let errors = &mut self.metrics.venue_errors;
        *errors.entry(code.to_string()).or_default() += 1;
        match reaction(code) {
            Reaction::Reconcile => {
                self.pulse.count("codes_unlisted");
                self.alarm(out, code);
                let symbol = self.symbol_of(&out.purpose);
                // A strange answer to a read leaves no order in doubt.
                if let Some(symbol) = symbol {
                    self.safe_state(Some(symbol));
                }
            }
            Reaction::Halt => {
                self.alarm(out, code);
                self.safe_state(None);
            }
            Reaction::Sweep => {
                self.alarm(out, code);
                self.reads.want_all();
            }
            Reaction::BuilderBug | Reaction::Alarm => self.alarm(out, code),
            Reaction::RenewListenKey => self.out.push(GatewayEffect::RenewStream),
            // Whatever was signed: a read that is refused for its time stays refused until the
            // clock has been measured.
            Reaction::ResyncClock => self.reads.refresh(Basic::Clock, self.now),
            Reaction::AdoptExisting
            | Reaction::ExitNow
            | Reaction::RereadPosition
            | Reaction::FreeBlockers
            | Reaction::QueryById
            | Reaction::RefreshFilters
            | Reaction::Reprice
            | Reaction::RereadMode
            | Reaction::RetrySoon { .. }
            | Reaction::BackOff
            | Reaction::Split
            | Reaction::MergeLegs
            | Reaction::NotOpen
            | Reaction::NotFound
            | Reaction::Triggering
            | Reaction::AlreadySo => {}
        }
    }

    fn alarm(&mut self, out: &Out, code: i32) {
        self.pulse.count("alarms");
        let (purpose, reaction) = (&out.purpose, reaction(code));
        tracing::error!(tag = TAG, ?purpose, code, ?reaction, "needs a human");
    }

    /// Orders that do not protect wait, and conditional orders keep resting, until everything has
    /// been read again.
    fn safe_state(&mut self, symbol: Option<Symbol>) {
        self.pulse.count("safe_states");
        self.safe.hold(symbol, self.now);
        self.reads.want_all();
    }

    fn symbol_of(&self, purpose: &Purpose) -> Option<Symbol> {
        let id = match purpose {
            Purpose::Read(_) => return None,
            Purpose::Place(id) | Purpose::Ask { id, .. } => id,
            Purpose::Cancel(cancel) => &cancel.target,
        };
        self.ledger.get(id).map(|own| own.key.symbol.clone())
    }

    /// The venue refused an order: surely nothing was executed.
    pub(super) fn rejected(&mut self, id: &ClientOrderId, symbol: &Symbol, code: i32, msg: &str) {
        tracing::warn!(tag = TAG, client_order_id = %id, code, msg, "the venue rejected");
        self.react(symbol, code);
        self.give_up(id, Some(code), msg);
    }

    /// What the code of a refused order asks for, whenever the refusal comes.
    pub(super) fn react(&mut self, symbol: &Symbol, code: i32) {
        match reaction(code) {
            Reaction::AdoptExisting
            | Reaction::RereadPosition
            | Reaction::FreeBlockers
            | Reaction::ExitNow => self.reads.want(symbol),
            Reaction::RefreshFilters
            | Reaction::Split
            | Reaction::MergeLegs => self.reads.refresh(Basic::Filters, self.now),
            Reaction::RereadMode => self.reads.refresh(Basic::PositionMode, self.now),
            // Whose order it was prices the next one by a newer mark.
            Reaction::Reprice
            // About other calls, or heeded above.
            | Reaction::NotOpen
            | Reaction::NotFound
            | Reaction::Triggering
            | Reaction::AlreadySo
            | Reaction::RenewListenKey
            | Reaction::Halt
            | Reaction::BuilderBug
            | Reaction::Sweep
            | Reaction::Alarm
            // Never called rejected, see `classify`.
            | Reaction::QueryById
            | Reaction::Reconcile
            | Reaction::ResyncClock
            | Reaction::RetrySoon { .. }
            | Reaction::BackOff => {}
        }
    }

    /// The venue refused a cancel. An order that is not open, or that fires, is asked for until it
    /// is known where it ended: the refusal alone proves nothing.
    pub(super) fn cancel_rejected(&mut self, id: &ClientOrderId, code: i32, msg: &str) {
        tracing::warn!(tag = TAG, client_order_id = %id, code, msg, "cancel rejected");
        self.remark(id, Some(code), &format!("cancel rejected: {msg}"));
        if let Reaction::NotOpen | Reaction::NotFound | Reaction::Triggering = reaction(code) {
            self.doubt(id, domain::Span::ZERO);
            self.want_symbol_of(id);
        }
    }
}
