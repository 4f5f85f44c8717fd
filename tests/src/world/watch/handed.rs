//! No order is sent twice: which orders the venue was handed, and what its answers left open.

use std::collections::BTreeSet;

use binance::{ApiRequest, Method};
use domain::invariant::{Verdict, Violation};
use paper_exchange::wire::{Fate, WireResponse};

/// Codes after which an order may have been executed, whatever the status says (sections 1.6 and 4
/// of the wire contract).
const OPEN_CODES: [i64; 5] = [-1_000, -1_001, -1_006, -1_007, -1_008];

/// What the venue was handed.
#[derive(Debug, Default)]
pub struct Handed {
    /// Orders that were executed, or may have been.
    done: BTreeSet<String>,
}

impl Handed {
    /// A request reaches the venue.
    ///
    /// # Errors
    /// [`Violation`] where it is an order that was executed before, or may have been.
    pub fn arrives(&self, request: &ApiRequest) -> Verdict {
        let twice = named(request).filter(|order| self.done.contains(order));
        twice.map_or(Ok(()), |order| {
            Err(Violation {
                name: "one_order_is_sent_once",
                detail: format!("{order} was sent again, though it may have been executed"),
            })
        })
    }

    /// What the venue answers; the answer may never arrive, which changes nothing.
    pub fn answered(&mut self, request: &ApiRequest, answer: &WireResponse) {
        if let Some(order) = named(request).filter(|_| may_be_done(answer)) {
            self.done.insert(order);
        }
    }
}

fn named(request: &ApiRequest) -> Option<String> {
    let (symbol, id) = placed(request)?;
    Some(format!("{symbol} {id}"))
}

/// Symbol and name of the order that a request places.
pub fn placed(request: &ApiRequest) -> Option<(&str, &str)> {
    if request.method != Method::Post {
        return None;
    }
    let ids = ["newClientOrderId", "clientAlgoId"];
    let id = ids.into_iter().find_map(|name| request.param(name))?;
    let symbol = request.param("symbol").unwrap_or_default();
    Some((symbol, id))
}

/// Whether whoever reads this answer, or none, may not take the order for refused.
pub fn may_be_done(answer: &WireResponse) -> bool {
    let refused = (400..500).contains(&answer.status) && answer.status != 408;
    if answer.fate == Fate::Cut || !refused {
        return true;
    }
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    body["code"]
        .as_i64()
        .is_none_or(|code| OPEN_CODES.contains(&code))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn order(id: &str) -> ApiRequest {
        let side = binance::PositionSide::Long;
        let close = binance::VenueClose::Market {
            qty: rust_decimal::Decimal::ONE,
        };
        let mode = binance::PositionMode::OneWay;
        let placed = binance::order_params::place(mode, side, "BTCUSDT", id, close);
        placed.expect("a valid order")
    }

    fn answer(status: u16, code: i64) -> WireResponse {
        WireResponse {
            status,
            body: format!("{{\"code\":{code},\"msg\":\"\"}}"),
            ..WireResponse::default()
        }
    }

    #[test]
    fn only_what_was_surely_refused_may_be_sent_again() {
        let cases = [
            (answer(200, 0), false),
            (answer(400, -2_022), true),
            (answer(429, -1_015), true),
            (answer(408, -1_007), false),
            (answer(503, -1_000), false),
            (answer(400, -1_006), false),
            (
                WireResponse {
                    fate: Fate::Cut,
                    ..answer(400, -2_022)
                },
                false,
            ),
        ];
        for (answer, again) in cases {
            let mut handed = Handed::default();
            handed.answered(&order("xe-1"), &answer);
            assert_eq!(handed.arrives(&order("xe-1")).is_ok(), again, "{answer:?}");
            assert!(handed.arrives(&order("xe-2")).is_ok());
        }
    }
}
