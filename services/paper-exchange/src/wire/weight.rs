//! What a call costs: request weight per IP and counts on the order limits (section 1.5 of the
//! wire contract).

use super::params::Params;
use super::route::Route;

/// Levels, bars and trades when no limit is sent.
const DEFAULT_LIMIT: i64 = 500;

impl Route {
    /// IP weight.
    pub(super) fn weight(self, params: &Params) -> u32 {
        let one = params.get("symbol").is_some();
        match self {
            Self::NewOrder | Self::NewAlgo | Self::ModifyOrder | Self::EmptyList => 0,
            Self::NewBatch | Self::ModifyBatch => 5,
            Self::SessionLogon | Self::SessionCall => 2,
            Self::PremiumIndex if !one => 10,
            Self::BookTicker => 2 + 3 * u32::from(!one),
            Self::PriceTicker => 1 + u32::from(!one),
            Self::OpenOrders | Self::OpenAlgos if !one => 40,
            Self::DayTicker if !one => 40,
            Self::AllOrders
            | Self::AllAlgos
            | Self::UserTrades
            | Self::PositionRiskV2
            | Self::PositionRiskV3
            | Self::AccountV2
            | Self::AccountV3
            | Self::Balance
            | Self::AccountConfig
            | Self::SymbolConfig
            | Self::RecentTrades => 5,
            Self::Countdown => 10,
            Self::CommissionRate | Self::AggTrades => 20,
            Self::OldTrades => 200,
            Self::Income | Self::GetDual | Self::MultiAssets => 30,
            Self::Klines | Self::ContinuousKlines | Self::MarkKlines | Self::IndexKlines => {
                klines(limit(params))
            }
            Self::Depth => depth(limit(params)),
            _ => 1,
        }
    }

    /// What the call adds to the order counts of ten seconds and of a minute.
    pub(super) const fn order_cost(self) -> Option<(u32, u32)> {
        match self {
            Self::NewOrder | Self::NewAlgo | Self::ModifyOrder => Some((1, 1)),
            Self::NewBatch | Self::ModifyBatch => Some((5, 1)),
            _ => None,
        }
    }
}

/// A limit that cannot be read costs as the default; the answer refuses it.
fn limit(params: &Params) -> i64 {
    params.int("limit").ok().flatten().unwrap_or(DEFAULT_LIMIT)
}

const fn klines(limit: i64) -> u32 {
    match limit {
        ..100 => 1,
        100..500 => 2,
        500..=1_000 => 5,
        _ => 10,
    }
}

const fn depth(limit: i64) -> u32 {
    match limit {
        ..=50 => 2,
        51..=100 => 5,
        101..=500 => 10,
        _ => 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(route: Route, query: &str) -> u32 {
        route.weight(&Params::read(query, "").unwrap())
    }

    #[test]
    fn bars_and_levels_cost_by_their_number() {
        let bars = |limit: u32| weight(Route::Klines, &format!("limit={limit}"));
        assert_eq!(
            [99, 100, 499, 500, 1_000, 1_001].map(bars),
            [1, 2, 2, 5, 5, 10]
        );
        let levels = |limit: u32| weight(Route::Depth, &format!("limit={limit}"));
        assert_eq!([5, 50, 100, 500, 1_000].map(levels), [2, 2, 5, 10, 20]);
        assert_eq!(weight(Route::Klines, ""), 5);
    }

    #[test]
    fn asking_for_every_symbol_costs_more_than_asking_for_one() {
        for (route, one, all) in [
            (Route::PremiumIndex, 1, 10),
            (Route::BookTicker, 2, 5),
            (Route::DayTicker, 1, 40),
            (Route::PriceTicker, 1, 2),
            (Route::OpenOrders, 1, 40),
            (Route::OpenAlgos, 1, 40),
        ] {
            assert_eq!(weight(route, "symbol=BTCUSDT"), one, "{route:?}");
            assert_eq!(weight(route, ""), all, "{route:?}");
        }
    }

    #[test]
    fn orders_cost_counts_and_no_weight_and_a_batch_costs_five() {
        assert_eq!(weight(Route::NewOrder, ""), 0);
        assert_eq!(weight(Route::NewAlgo, ""), 0);
        assert_eq!(weight(Route::NewBatch, ""), 5);
        assert_eq!(Route::NewBatch.order_cost(), Some((5, 1)));
        assert_eq!(Route::ModifyOrder.order_cost(), Some((1, 1)));
        assert_eq!(Route::CancelOrder.order_cost(), None);
    }

    #[test]
    fn the_rest_of_the_table_is_as_written() {
        for (route, cost) in [
            (Route::AllOrders, 5),
            (Route::UserTrades, 5),
            (Route::PositionRiskV3, 5),
            (Route::AccountV3, 5),
            (Route::Countdown, 10),
            (Route::CommissionRate, 20),
            (Route::AggTrades, 20),
            (Route::Income, 30),
            (Route::GetDual, 30),
            (Route::OldTrades, 200),
            (Route::CancelOrder, 1),
            (Route::GetAlgo, 1),
            (Route::StartStream, 1),
        ] {
            assert_eq!(weight(route, "symbol=BTCUSDT"), cost, "{route:?}");
        }
    }
}
