//! Answers that come after their call was given up: evidence about an order that is in doubt.

use domain::ids::ClientOrderId;

use super::GatewayActor;
use super::answers::{code_of, read_order};
use super::book::Source;
use super::calls::Purpose;
use super::effect::CallId;
use binance::outcome::{Outcome, classify};
use binance::{HttpResult, Reaction, TransportError, reaction};

impl GatewayActor {
    /// A call that is no longer out was answered; only the socket for orders can be this late.
    pub(super) fn late_answer(
        &mut self,
        call: CallId,
        result: &Result<HttpResult, TransportError>,
    ) {
        let (Some(out), Ok(answer)) = (self.calls.given_up(call), result) else {
            self.pulse.count("answers_unexpected");
            return;
        };
        self.pulse.count("answers_late");
        self.calls.budget.learn(answer, out.sent_at, self.now);
        let outcome = classify(out.request.method, result);
        self.heed(&out, &outcome);
        match &out.purpose {
            Purpose::Place(id) => self.late_place(id, outcome),
            // Anything but "done" leaves the order to the question that is being asked anyway.
            Purpose::Cancel(cancel) => {
                if matches!(outcome, Outcome::Done(_)) {
                    self.cancel_answered(cancel, &out, outcome);
                }
            }
            Purpose::Read(_) | Purpose::Ask { .. } => {}
        }
    }

    /// What the venue says of the order ends the doubt; it is never a reason to send it again,
    /// because whoever wanted it has been told that it is in doubt, and decides anew.
    fn late_place(&mut self, id: &ClientOrderId, outcome: Outcome) {
        let Some(own) = self.ledger.get(id) else {
            return;
        };
        let (book, in_doubt) = (own.book, own.is_in_doubt());
        let symbol = own.key.symbol.clone();
        let surely_not_executed = outcome.is_surely_not_executed();
        let code = code_of(&outcome);
        match read_order(book, outcome) {
            Outcome::Done(seen) if seen.client_id == id.as_str() && seen.status.is_some() => {
                self.observe(&seen, Source::Word);
            }
            // A name that is taken is taken by this order: the question tells where it is.
            _ if code.map(reaction) == Some(Reaction::QueryById) => {}
            Outcome::Rejected { code, msg } if in_doubt => {
                self.rejected(id, &symbol, code, &format!("answered late: {msg}"));
            }
            // Both books have denied it meanwhile; what the code asks for is still to be done.
            Outcome::Rejected { code, .. } => self.react(&symbol, code),
            _ if in_doubt && surely_not_executed => {
                self.give_up(id, code, "answered late: not executed");
            }
            _ => {}
        }
    }
}
