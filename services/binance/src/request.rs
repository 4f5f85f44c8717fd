//! Requests to the venue as plain data: what to call, with which parameters, at what cost.

/// HTTP verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; may be repeated freely within the limits.
    Get,
    /// Creates; never repeated without asking the venue first.
    Post,
    /// Extends (listen key).
    Put,
    /// Cancels.
    Delete,
}

impl Method {
    /// As it stands in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// True when the call changes nothing at the venue.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }
}

/// What a call must carry to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Nothing.
    None,
    /// The key header.
    ApiKey,
    /// The key header, `timestamp` and `signature`.
    Signed,
}

/// One call to the venue's REST interface, complete but for time and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// Verb.
    pub method: Method,
    /// Path from the root of the host.
    pub path: &'static str,
    /// Parameters in the order they are sent; values are not yet percent-encoded.
    pub params: Vec<(&'static str, String)>,
    /// What the call must carry.
    pub security: Security,
    /// Cost in the request-weight pool of the IP.
    pub weight: u32,
    /// Cost in the account's order counters (10 s and 1 min).
    pub orders: u32,
    /// True when a position is less safe until this call is through: it goes first.
    pub protective: bool,
}

/// Most rows one [`ApiRequest::user_trades`] call returns.
pub const USER_TRADES_MAX: u32 = 1000;

impl ApiRequest {
    pub(crate) fn new(method: Method, path: &'static str, security: Security, cost: u32) -> Self {
        let params = Vec::new();
        Self {
            method,
            path,
            params,
            security,
            weight: cost,
            orders: 0,
            protective: false,
        }
    }

    /// Appends a parameter.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// The same call, marked as one a position's safety waits for.
    #[must_use]
    pub fn as_protective(self) -> Self {
        Self {
            protective: true,
            ..self
        }
    }

    /// The value of a parameter, if it is sent.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The venue's clock.
    #[must_use]
    pub fn server_time() -> Self {
        Self::new(Method::Get, "/fapi/v1/time", Security::None, 1)
    }

    /// Rules of every symbol.
    #[must_use]
    pub fn exchange_info() -> Self {
        Self::new(Method::Get, "/fapi/v1/exchangeInfo", Security::None, 1)
    }

    /// Mark price and funding of one symbol, or of all (weight 10).
    #[must_use]
    pub fn premium_index(symbol: Option<&str>) -> Self {
        Self::one_or_all("/fapi/v1/premiumIndex", Security::None, symbol, (1, 10))
    }

    /// Every symbol with a position or an open order.
    #[must_use]
    pub fn position_risk_v3() -> Self {
        Self::new(Method::Get, "/fapi/v3/positionRisk", Security::Signed, 5)
    }

    /// Leverage and margin type, which positionRisk v3 no longer tells.
    #[must_use]
    pub fn symbol_config(symbol: Option<&str>) -> Self {
        Self::one_or_all("/fapi/v1/symbolConfig", Security::Signed, symbol, (5, 5))
    }

    /// Fee rates of one symbol.
    #[must_use]
    pub fn commission_rate(symbol: &str) -> Self {
        Self::new(Method::Get, "/fapi/v1/commissionRate", Security::Signed, 20)
            .with("symbol", symbol)
    }

    /// What the account may do, and how it keeps positions and margin.
    #[must_use]
    pub fn account_config() -> Self {
        Self::new(Method::Get, "/fapi/v1/accountConfig", Security::Signed, 5)
    }

    /// One-way or hedge mode.
    #[must_use]
    pub fn position_mode() -> Self {
        Self::new(
            Method::Get,
            "/fapi/v1/positionSide/dual",
            Security::Signed,
            30,
        )
    }

    /// Resting ordinary orders of one symbol, or of all (weight 40). Conditional orders are not
    /// in it: see [`ApiRequest::open_algo_orders`].
    #[must_use]
    pub fn open_orders(symbol: Option<&str>) -> Self {
        Self::one_or_all("/fapi/v1/openOrders", Security::Signed, symbol, (1, 40))
    }

    /// Resting conditional orders of one symbol, or of all (weight 40).
    #[must_use]
    pub fn open_algo_orders(symbol: Option<&str>) -> Self {
        Self::one_or_all("/fapi/v1/openAlgoOrders", Security::Signed, symbol, (1, 40))
    }

    /// One ordinary order by our id. Ids are unique among open orders only.
    #[must_use]
    pub fn order(symbol: &str, client_order_id: &str) -> Self {
        Self::new(Method::Get, "/fapi/v1/order", Security::Signed, 1)
            .with("symbol", symbol)
            .with("origClientOrderId", client_order_id)
    }

    /// One ordinary order by the venue's id: the child of a triggered conditional order, whose
    /// client id may be the venue's own.
    #[must_use]
    pub fn order_by_venue_id(symbol: &str, order_id: i64) -> Self {
        Self::new(Method::Get, "/fapi/v1/order", Security::Signed, 1)
            .with("symbol", symbol)
            .with("orderId", order_id.to_string())
    }

    /// One conditional order by our id. May answer "not found" for seconds after it was placed.
    #[must_use]
    pub fn algo_order(client_algo_id: &str) -> Self {
        Self::new(Method::Get, "/fapi/v1/algoOrder", Security::Signed, 1)
            .with("clientAlgoId", client_algo_id)
    }

    /// Cancels one ordinary order by our id.
    #[must_use]
    pub fn cancel_order(symbol: &str, client_order_id: &str) -> Self {
        Self::new(Method::Delete, "/fapi/v1/order", Security::Signed, 1)
            .with("symbol", symbol)
            .with("origClientOrderId", client_order_id)
    }

    /// Cancels one conditional order by our id.
    #[must_use]
    pub fn cancel_algo(client_algo_id: &str) -> Self {
        Self::new(Method::Delete, "/fapi/v1/algoOrder", Security::Signed, 1)
            .with("clientAlgoId", client_algo_id)
    }

    /// Our fills of one symbol, from `start_ms` (Unix ms) if given, at most `limit` rows
    /// (bounded by [`USER_TRADES_MAX`]).
    #[must_use]
    pub fn user_trades(symbol: &str, start_ms: Option<i64>, limit: u32) -> Self {
        let call = Self::new(Method::Get, "/fapi/v1/userTrades", Security::Signed, 5)
            .with("symbol", symbol);
        let call = match start_ms {
            Some(ms) => call.with("startTime", ms.to_string()),
            None => call,
        };
        call.with("limit", limit.clamp(1, USER_TRADES_MAX).to_string())
    }

    /// Creates (or returns and extends) the account's listen key.
    #[must_use]
    pub fn create_listen_key() -> Self {
        Self::new(Method::Post, "/fapi/v1/listenKey", Security::ApiKey, 1)
    }

    /// Extends the listen key by 60 minutes; -1125 when there is none.
    #[must_use]
    pub fn keepalive_listen_key() -> Self {
        Self::new(Method::Put, "/fapi/v1/listenKey", Security::ApiKey, 1)
    }

    fn one_or_all(
        path: &'static str,
        security: Security,
        symbol: Option<&str>,
        (one, all): (u32, u32),
    ) -> Self {
        match symbol {
            Some(symbol) => Self::new(Method::Get, path, security, one).with("symbol", symbol),
            None => Self::new(Method::Get, path, security, all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_all_symbols_costs_forty_and_one_symbol_costs_one() {
        assert_eq!(ApiRequest::open_orders(None).weight, 40);
        assert_eq!(ApiRequest::open_algo_orders(None).weight, 40);
        let one = ApiRequest::open_algo_orders(Some("BTCUSDT"));
        assert_eq!((one.weight, one.param("symbol")), (1, Some("BTCUSDT")));
    }

    #[test]
    fn no_read_and_no_cancel_counts_against_the_order_limit() {
        for call in [
            ApiRequest::cancel_order("BTCUSDT", "a"),
            ApiRequest::cancel_algo("a"),
            ApiRequest::order("BTCUSDT", "a"),
            ApiRequest::algo_order("a"),
            ApiRequest::position_risk_v3(),
        ] {
            assert_eq!(
                (call.orders, call.security),
                (0, Security::Signed),
                "{call:?}"
            );
        }
    }

    #[test]
    fn the_listen_key_calls_are_not_signed() {
        assert_eq!(ApiRequest::create_listen_key().security, Security::ApiKey);
        assert_eq!(ApiRequest::keepalive_listen_key().method, Method::Put);
    }

    #[test]
    fn the_trade_limit_stays_within_the_venues_maximum() {
        let call = ApiRequest::user_trades("BTCUSDT", Some(7), 5000);
        assert_eq!(
            (call.param("limit"), call.param("startTime")),
            (Some("1000"), Some("7"))
        );
    }
}
