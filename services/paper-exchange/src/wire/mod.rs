//! Binance's REST and event texts over the pure venue; no socket, no clock.

mod account_api;
mod algo_api;
mod batch_api;
mod credentials;
mod depth_events;
mod events;
mod income_api;
mod info_api;
mod kline_api;
mod kline_events;
mod market_api;
mod market_events;
mod modify_api;
mod num;
mod order_api;
mod order_json;
mod order_read;
mod params;
mod position_api;
mod route;
mod security;
mod session;
mod stream_name;
mod tape_api;
mod weight;
mod ws_api;

#[cfg(test)]
mod tests;

pub use credentials::{Credentials, KeyError};
pub(crate) use depth_events::{Levels, UpdateIds, depth_json};
pub use events::{event_name, user_event_json};
pub(crate) use kline_events::{kline_json, latest_bars};
pub(crate) use market_events::{agg_trade_json, trade_json};
pub use market_events::{
    book_ticker_json, contract_info_json, force_order_json, mark_price_json, mini_ticker_json,
    ticker_json,
};
pub use session::{LISTEN_KEY_MS, Session};
pub(crate) use stream_name::{StreamKind, StreamName, StreamRoute};
pub use ws_api::{HANDSHAKE_WEIGHT, WsAnswer, WsCall, WsSession, answer_frame, count_handshake};

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::venue::{Venue, VenueError};
use params::Params;
use route::Route;

/// One HTTP request, already taken apart, every text exactly as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireRequest {
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub method: String,
    /// For instance `/fapi/v1/order`.
    pub path: String,
    /// Raw query text without `?`.
    pub query: String,
    /// Raw body text.
    pub body: String,
    /// The `X-MBX-APIKEY` header, or the `apiKey` of the WebSocket API.
    pub api_key: Option<String>,
    /// Set when the call came by the WebSocket API.
    pub ws: Option<WsCall>,
}

impl WireRequest {
    /// A request without body and key.
    #[must_use]
    pub fn new(method: &str, path: &str, query: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Self::default()
        }
    }
}

/// What becomes of an answer on its way to the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    #[default]
    Answered,
    /// It arrives this much later.
    Late {
        /// Delay, ms.
        ms: i64,
    },
    /// It never arrives: the connection is cut instead.
    Cut,
}

/// One HTTP answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// JSON text.
    pub body: String,
    /// Rate-limit headers.
    pub headers: Vec<(&'static str, String)>,
    /// What becomes of it on the way.
    pub fate: Fate,
}

impl WireResponse {
    /// An error answer as the venue words it.
    #[must_use]
    pub fn error(status: u16, error: &VenueError) -> Self {
        let body = json!({"code": error.code, "msg": error.message}).to_string();
        Self {
            status,
            body,
            ..Self::default()
        }
    }
}

/// Answers one request and changes the venue accordingly.
///
/// Never panics on any input; refusals are answers. User events wait in
/// [`Venue::take_events`].
pub fn handle(venue: &mut Venue, request: &WireRequest, now_ms: i64) -> WireResponse {
    venue.advance(now_ms);
    if let Some(until_ms) = venue.session.banned_until_ms(now_ms) {
        return banned(until_ms, now_ms);
    }
    let Some(route) = Route::find(&request.method, &request.path) else {
        return unknown_path(venue, request);
    };
    let result = answer(venue, request, route, now_ms);
    let mut response = match result {
        Ok(value) => WireResponse {
            status: 200,
            body: value.to_string(),
            ..WireResponse::default()
        },
        Err(error) => {
            venue.stats.count_error(error.code);
            WireResponse::error(status_of(error.code), &error)
        }
    };
    let refused_order = response.status == 400 && route.order_cost().is_some();
    response.headers = venue.session.headers(!refused_order, now_ms);
    if response.status == 429 {
        response.headers.push((
            "retry-after",
            venue.session.retry_after_s(now_ms).to_string(),
        ));
    }
    response
}

fn answer(
    venue: &mut Venue,
    request: &WireRequest,
    route: Route,
    now_ms: i64,
) -> Result<Value, VenueError> {
    let params = Params::read(&request.query, &request.body)?;
    if venue.config.rules.strict_parameters {
        params.check_known()?;
    }
    venue.session.count_weight(route.weight(&params), now_ms)?;
    security::check(venue, request, route, &params, now_ms)?;
    if let Some(cost) = route.order_cost() {
        venue.session.count_order(cost, now_ms)?;
    }
    dispatch(venue, route, &params, now_ms)
}

fn dispatch(
    venue: &mut Venue,
    route: Route,
    params: &Params,
    now_ms: i64,
) -> Result<Value, VenueError> {
    match route {
        Route::Ping => Ok(json!({})),
        Route::Time => Ok(json!({"serverTime": venue.session.server_ms(now_ms)})),
        Route::EmptyList => Ok(json!([])),
        Route::ExchangeInfo => Ok(info_api::exchange_info(venue, now_ms)),
        Route::PremiumIndex => market_api::premium_index(venue, params, now_ms),
        Route::BookTicker => market_api::book_ticker(venue, params),
        Route::PriceTicker => market_api::price_ticker(venue, params),
        Route::DayTicker => market_api::day_ticker(venue, params),
        Route::Klines | Route::ContinuousKlines | Route::MarkKlines | Route::IndexKlines => {
            kline_api::answer(venue, params, route)
        }
        Route::AggTrades => tape_api::agg_trades(venue, params, now_ms),
        Route::RecentTrades => tape_api::recent(venue, params),
        Route::OldTrades => tape_api::old(venue, params),
        Route::Depth => market_api::depth(venue, params),
        Route::NewOrder => order_api::place(venue, params, now_ms),
        Route::ModifyOrder => modify_api::modify(venue, params, now_ms),
        Route::NewBatch => batch_api::place(venue, params, now_ms),
        Route::ModifyBatch => batch_api::modify(venue, params, now_ms),
        Route::CancelBatch => batch_api::cancel(venue, params, now_ms),
        Route::Countdown => order_api::countdown(venue, params, now_ms),
        Route::Amendments => modify_api::amendments(venue, params),
        Route::TradingStatus => Ok(json!({"indicators": {}, "updateTime": now_ms})),
        Route::TestOrder => order_api::test(venue, params, now_ms),
        Route::GetOrder => order_api::get(venue, params, now_ms),
        Route::GetOpenOrder => order_api::get_open(venue, params),
        Route::RateLimits => Ok(info_api::order_limits()),
        Route::Income => income_api::income(venue, params),
        Route::FundingRate => income_api::funding_rate(venue, params),
        Route::FundingInfo => Ok(income_api::funding_info(venue)),
        Route::CancelOrder => order_api::cancel(venue, params, now_ms),
        Route::OpenOrders => order_api::open(venue, params),
        Route::AllOrders => order_api::all(venue, params, now_ms),
        Route::CancelAllOrders => order_api::cancel_all(venue, params, now_ms),
        Route::UserTrades => order_api::user_trades(venue, params),
        Route::NewAlgo => algo_api::place(venue, params, now_ms),
        Route::GetAlgo => algo_api::get(venue, params),
        Route::CancelAlgo => algo_api::cancel(venue, params, now_ms),
        Route::OpenAlgos => algo_api::open(venue, params),
        Route::AllAlgos => algo_api::all(venue, params),
        Route::CancelAllAlgos => algo_api::cancel_all(venue, params, now_ms),
        Route::PositionRiskV2 => position_api::risk_v2(venue, params),
        Route::PositionRiskV3 => position_api::risk_v3(venue, params),
        Route::AccountV2 => account_api::account_v2(venue, now_ms),
        Route::AccountV3 => account_api::account_v3(venue, now_ms),
        Route::Balance => account_api::balance(venue, now_ms),
        Route::SymbolConfig => account_api::symbol_config(venue, params),
        Route::AccountConfig => Ok(account_api::account_config(venue)),
        Route::MultiAssets => Ok(json!({"multiAssetsMargin": false})),
        Route::GetDual => Ok(json!({"dualSidePosition": venue.is_hedge()})),
        Route::SetDual => account_api::set_dual(venue, params, now_ms),
        Route::SignTradFi => Ok(account_api::sign_tradfi(venue)),
        Route::Leverage => account_api::leverage(venue, params, now_ms),
        Route::MarginType => account_api::margin_type(venue, params),
        Route::CommissionRate => account_api::commission_rate(venue, params),
        Route::LeverageBracket => account_api::leverage_bracket(venue, params),
        Route::StartStream => Ok(venue.session.start_stream(now_ms)),
        Route::KeepStream => venue.session.keep_stream(now_ms),
        Route::CloseStream => venue.session.close_stream(now_ms),
        // The connection fills in its own state.
        Route::SessionLogon | Route::SessionCall => Ok(json!({})),
    }
}

/// 418: the address is banned for ignoring 429.
pub(crate) fn banned(until_ms: i64, now_ms: i64) -> WireResponse {
    let text = format!(
        "Way too many requests; IP banned until {until_ms}. Please use the websocket for live \
         updates to avoid bans."
    );
    let mut response = WireResponse::error(418, &VenueError::new(-1003, text));
    let wait_s = until_ms.saturating_sub(now_ms) / 1_000 + 1;
    response.headers.push(("retry-after", wait_s.to_string()));
    response
}

fn unknown_path(venue: &mut Venue, request: &WireRequest) -> WireResponse {
    let (path, method) = (&request.path, &request.method);
    let text = format!("Path {path}, Method {method} is invalid");
    venue.stats.count_error(-5000);
    WireResponse::error(404, &VenueError::new(-5000, text))
}

/// The parameters of a request by name; `None` when they cannot be read.
#[must_use]
pub fn params_of(request: &WireRequest) -> Option<BTreeMap<String, String>> {
    let params = Params::read(&request.query, &request.body);
    params.ok().map(Params::into_map)
}

/// HTTP status that goes with a code (section 1.6).
#[must_use]
pub const fn status_of(code: i32) -> u16 {
    match code {
        -1002 | -2014 | -2015 => 401,
        -5000 => 404,
        -1003 | -1015 => 429,
        -1007 => 408,
        -1001 | -1008 => 503,
        _ => 400,
    }
}
