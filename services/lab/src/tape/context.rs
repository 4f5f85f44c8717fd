//! The market service's own measurements along recorded prices.

use domain::market::MarketContext;
use domain::{Price, Ratio, Symbol};
use market::feed::Feed;
use market::parse::MarkEvent;

use super::{Funding, Tick};

const MINUTE_MS: i64 = 60_000;

/// The context at the end of each minute, by the code of the market service. Production says it
/// every five seconds; what it is measured from are closes of minutes.
pub(super) fn along(symbol: &Symbol, ticks: &[Tick], funding: &[Funding]) -> Vec<MarketContext> {
    let mut feed = Feed::default();
    let mut contexts = Vec::new();
    let mut charged = funding.iter().peekable();
    let mut rate = None;
    let next = ticks.iter().skip(1).map(Some).chain([None]);
    for (tick, next) in ticks.iter().zip(next) {
        while let Some(payment) = charged.next_if(|payment| payment.at <= tick.at) {
            // Nobody knows the next rate before its time: the last one stands for it.
            rate = Some(Ratio::new(payment.rate));
        }
        let Ok(mark_price) = Price::new(tick.mark) else {
            continue;
        };
        let event = MarkEvent {
            symbol: symbol.clone(),
            mark_price,
            index_price: None,
            funding_rate: Ok(rate),
            event_at: tick.at,
        };
        if feed.mark(tick.at, &event).is_err() {
            continue;
        }
        let minute = |tick: &Tick| tick.at.millis().div_euclid(MINUTE_MS);
        if next.is_none_or(|next| minute(next) != minute(tick)) {
            contexts.extend(feed.context_changed(symbol, tick.at));
        }
    }
    contexts
}
