//! Frames of the real venue's streams (section 5 of the wire contract) as news.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::LiveUpdate;

#[derive(Deserialize)]
struct Combined<'a> {
    #[serde(borrow)]
    data: Frame<'a>,
}

/// The members in use, by their names on the wire.
#[derive(Deserialize)]
struct Frame<'a> {
    e: &'a str,
    s: &'a str,
    p: Option<Decimal>,
    q: Option<Decimal>,
    i: Option<Decimal>,
    r: Option<Decimal>,
    b: Option<Value>,
    a: Option<Value>,
}

/// Reads a frame, raw or combined; `Ok(None)` for one that is of no interest.
pub(super) fn read(text: &str) -> Result<Option<LiveUpdate>, serde_json::Error> {
    let frame = match serde_json::from_str::<Combined<'_>>(text) {
        Ok(combined) => combined.data,
        Err(_) => match serde_json::from_str::<Frame<'_>>(text) {
            Ok(frame) => frame,
            // Answers to control frames have no event type.
            Err(_) if text.contains("\"result\"") => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    Ok(news(frame))
}

fn news(frame: Frame<'_>) -> Option<LiveUpdate> {
    let symbol = frame.s.to_owned();
    match frame.e {
        "bookTicker" => {
            let (bid, ask) = (number(&frame.b?)?, number(&frame.a?)?);
            let sound = Decimal::ZERO < bid && bid < ask;
            sound.then_some(LiveUpdate::Book { symbol, bid, ask })
        }
        "markPriceUpdate" => {
            let mark = frame.p.filter(is_price)?;
            Some(LiveUpdate::Mark {
                symbol,
                mark,
                index: frame.i.filter(is_price).unwrap_or(mark),
                funding: frame.r.unwrap_or_default(),
            })
        }
        "aggTrade" => Some(LiveUpdate::Trade {
            symbol,
            price: frame.p.filter(is_price)?,
            qty: frame.q.filter(is_price)?,
        }),
        "depthUpdate" => {
            let (bids, asks) = (side(&frame.b?), side(&frame.a?));
            let (notional, span) = (bids.0.checked_add(asks.0)?, bids.1.checked_add(asks.1)?);
            Some(LiveUpdate::Depth {
                symbol,
                notional,
                span,
            })
        }
        _ => None,
    }
}

fn is_price(price: &Decimal) -> bool {
    Decimal::ZERO < *price
}

fn number(value: &Value) -> Option<Decimal> {
    value.as_str()?.parse().ok()
}

/// Notional of a side, and the distance from its best to its worst level.
fn side(rows: &Value) -> (Decimal, Decimal) {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let levels = rows.iter().filter_map(|row| {
        let (price, qty) = (number(row.get(0)?)?, number(row.get(1)?)?);
        Some((price, price.checked_mul(qty)?))
    });
    let levels: Vec<(Decimal, Decimal)> = levels.collect();
    let notional = levels.iter().try_fold(Decimal::ZERO, |sum, (_, notional)| {
        sum.checked_add(*notional)
    });
    let span = match (levels.first(), levels.last()) {
        (Some(best), Some(worst)) => (best.0 - worst.0).abs(),
        _ => Decimal::ZERO,
    };
    (notional.unwrap_or_default(), span)
}
