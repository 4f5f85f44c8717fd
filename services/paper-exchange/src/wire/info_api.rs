//! exchangeInfo.

use serde_json::{Value, json};

use super::num::pad;
use crate::venue::{LIQUIDATION_FEE, SymbolSpec, Venue};

/// `GET /fapi/v1/exchangeInfo`.
pub(super) fn exchange_info(venue: &Venue, now_ms: i64) -> Value {
    let symbols: Vec<Value> = venue
        .symbols()
        .map(|spec| symbol_row(venue, spec))
        .collect();
    json!({
        "timezone": "UTC",
        "serverTime": venue.session.server_ms(now_ms),
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
             "limit": 2400},
            {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
        ],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": true, "autoAssetExchange": "-10000"}],
        "symbols": symbols,
    })
}

/// `GET /fapi/v1/rateLimit/order`.
pub(super) fn order_limits() -> Value {
    json!([
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    ])
}

fn symbol_row(venue: &Venue, spec: &SymbolSpec) -> Value {
    let contract_type = if venue.config().rules.tradfi.contains(&spec.symbol) {
        "TRADIFI_PERPETUAL"
    } else {
        "PERPETUAL"
    };
    json!({
        "symbol": spec.symbol,
        "pair": spec.symbol,
        "contractType": contract_type,
        "deliveryDate": 4_133_404_800_000_i64,
        "onboardDate": 1_569_398_400_000_i64,
        "status": venue.symbol_status(&spec.symbol).wire(),
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base_asset(),
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": spec.price_precision,
        "quantityPrecision": spec.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": spec.trigger_protect.to_string(),
        "liquidationFee": pad(LIQUIDATION_FEE, 6),
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": filters(spec),
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT",
                       "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD", "RPI"],
        "permissionSets": ["GRID", "COPY", "DCA", "RPI"],
    })
}

fn filters(spec: &SymbolSpec) -> Value {
    let text = |value: rust_decimal::Decimal| value.to_string();
    json!([
        {"filterType": "PRICE_FILTER", "tickSize": text(spec.tick_size),
         "minPrice": text(spec.min_price), "maxPrice": text(spec.max_price)},
        {"filterType": "LOT_SIZE", "stepSize": text(spec.step_size),
         "minQty": text(spec.min_qty), "maxQty": text(spec.max_qty)},
        {"filterType": "MARKET_LOT_SIZE", "stepSize": text(spec.step_size),
         "minQty": text(spec.min_qty), "maxQty": text(spec.max_market_qty)},
        {"filterType": "MAX_NUM_ORDERS", "limit": spec.max_num_orders},
        {"filterType": "MIN_NOTIONAL", "notional": text(spec.min_notional)},
        {"filterType": "PERCENT_PRICE", "multiplierUp": text(spec.multiplier_up),
         "multiplierDown": text(spec.multiplier_down), "multiplierDecimal": "4"},
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ])
}
