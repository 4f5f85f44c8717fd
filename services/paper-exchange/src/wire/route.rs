//! Paths and who may call them.

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Anyone.
    None,
    /// Needs the key header.
    Key,
    /// Needs key, timestamp and signature.
    Signed,
}

/// Every endpoint that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Ping,
    Time,
    EmptyList,
    ExchangeInfo,
    PremiumIndex,
    BookTicker,
    PriceTicker,
    DayTicker,
    Klines,
    ContinuousKlines,
    MarkKlines,
    IndexKlines,
    Depth,
    AggTrades,
    RecentTrades,
    OldTrades,
    NewOrder,
    ModifyOrder,
    NewBatch,
    ModifyBatch,
    CancelBatch,
    Countdown,
    Amendments,
    TradingStatus,
    TestOrder,
    GetOrder,
    GetOpenOrder,
    RateLimits,
    Income,
    FundingRate,
    FundingInfo,
    CancelOrder,
    OpenOrders,
    AllOrders,
    CancelAllOrders,
    UserTrades,
    NewAlgo,
    GetAlgo,
    CancelAlgo,
    OpenAlgos,
    AllAlgos,
    CancelAllAlgos,
    PositionRiskV2,
    PositionRiskV3,
    AccountV2,
    AccountV3,
    Balance,
    SymbolConfig,
    AccountConfig,
    MultiAssets,
    GetDual,
    SetDual,
    SignTradFi,
    Leverage,
    MarginType,
    CommissionRate,
    LeverageBracket,
    StartStream,
    KeepStream,
    CloseStream,
    SessionLogon,
    SessionCall,
}

impl Route {
    /// Stands for the HTTP method of session calls, which REST does not have.
    pub(super) const SESSION_VERB: &str = "SESSION";

    /// The endpoint of a method and path.
    pub(super) fn find(method: &str, path: &str) -> Option<Self> {
        match method {
            "GET" => Self::find_get(path),
            "POST" => Self::find_post(path),
            "DELETE" => Self::find_delete(path),
            "PUT" => Self::find_put(path),
            Self::SESSION_VERB => match path {
                "session.logon" => Some(Self::SessionLogon),
                "session.status" | "session.logout" => Some(Self::SessionCall),
                _ => None,
            },
            _ => None,
        }
    }

    fn find_get(path: &str) -> Option<Self> {
        Some(match path {
            "/fapi/v1/ping" | "/api/v3/ping" => Self::Ping,
            "/fapi/v1/time" | "/api/v3/time" => Self::Time,
            "/sapi/v1/capital/config/getall" | "/sapi/v1/margin/allPairs" => Self::EmptyList,
            "/fapi/v1/exchangeInfo" => Self::ExchangeInfo,
            "/fapi/v1/premiumIndex" => Self::PremiumIndex,
            "/fapi/v1/ticker/bookTicker" => Self::BookTicker,
            "/fapi/v1/ticker/price" | "/fapi/v2/ticker/price" => Self::PriceTicker,
            "/fapi/v1/klines" => Self::Klines,
            "/fapi/v1/continuousKlines" => Self::ContinuousKlines,
            "/fapi/v1/markPriceKlines" => Self::MarkKlines,
            "/fapi/v1/indexPriceKlines" => Self::IndexKlines,
            "/fapi/v1/depth" => Self::Depth,
            "/fapi/v1/aggTrades" => Self::AggTrades,
            "/fapi/v1/trades" => Self::RecentTrades,
            "/fapi/v1/historicalTrades" => Self::OldTrades,
            "/fapi/v1/apiTradingStatus" => Self::TradingStatus,
            "/fapi/v1/orderAmendment" => Self::Amendments,
            "/fapi/v1/order" => Self::GetOrder,
            "/fapi/v1/openOrder" => Self::GetOpenOrder,
            "/fapi/v1/rateLimit/order" => Self::RateLimits,
            "/fapi/v1/income" => Self::Income,
            "/fapi/v1/fundingRate" => Self::FundingRate,
            "/fapi/v1/fundingInfo" => Self::FundingInfo,
            "/fapi/v1/ticker/24hr" => Self::DayTicker,
            "/fapi/v1/openOrders" => Self::OpenOrders,
            "/fapi/v1/allOrders" => Self::AllOrders,
            "/fapi/v1/userTrades" => Self::UserTrades,
            "/fapi/v1/algoOrder" => Self::GetAlgo,
            "/fapi/v1/openAlgoOrders" => Self::OpenAlgos,
            "/fapi/v1/allAlgoOrders" => Self::AllAlgos,
            "/fapi/v2/positionRisk" => Self::PositionRiskV2,
            "/fapi/v3/positionRisk" => Self::PositionRiskV3,
            "/fapi/v2/account" => Self::AccountV2,
            "/fapi/v3/account" => Self::AccountV3,
            "/fapi/v2/balance" | "/fapi/v3/balance" => Self::Balance,
            "/fapi/v1/symbolConfig" => Self::SymbolConfig,
            "/fapi/v1/accountConfig" => Self::AccountConfig,
            "/fapi/v1/multiAssetsMargin" => Self::MultiAssets,
            "/fapi/v1/positionSide/dual" => Self::GetDual,
            "/fapi/v1/commissionRate" => Self::CommissionRate,
            "/fapi/v1/leverageBracket" => Self::LeverageBracket,
            _ => return None,
        })
    }

    fn find_post(path: &str) -> Option<Self> {
        Some(match path {
            "/fapi/v1/order" => Self::NewOrder,
            "/fapi/v1/order/test" => Self::TestOrder,
            "/fapi/v1/batchOrders" => Self::NewBatch,
            "/fapi/v1/countdownCancelAll" => Self::Countdown,
            "/fapi/v1/algoOrder" => Self::NewAlgo,
            "/fapi/v1/positionSide/dual" => Self::SetDual,
            "/fapi/v1/stock/contract" => Self::SignTradFi,
            "/fapi/v1/leverage" => Self::Leverage,
            "/fapi/v1/marginType" => Self::MarginType,
            "/fapi/v1/listenKey" => Self::StartStream,
            _ => return None,
        })
    }

    fn find_put(path: &str) -> Option<Self> {
        Some(match path {
            "/fapi/v1/order" => Self::ModifyOrder,
            "/fapi/v1/batchOrders" => Self::ModifyBatch,
            "/fapi/v1/listenKey" => Self::KeepStream,
            _ => return None,
        })
    }

    fn find_delete(path: &str) -> Option<Self> {
        Some(match path {
            "/fapi/v1/order" => Self::CancelOrder,
            "/fapi/v1/batchOrders" => Self::CancelBatch,
            "/fapi/v1/allOpenOrders" => Self::CancelAllOrders,
            "/fapi/v1/algoOrder" => Self::CancelAlgo,
            "/fapi/v1/algoOpenOrders" => Self::CancelAllAlgos,
            "/fapi/v1/listenKey" => Self::CloseStream,
            _ => return None,
        })
    }

    /// Who may call it.
    pub(super) const fn security(self) -> Security {
        match self {
            Self::Ping
            | Self::Time
            | Self::EmptyList
            | Self::ExchangeInfo
            | Self::PremiumIndex
            | Self::BookTicker
            | Self::PriceTicker
            | Self::DayTicker
            | Self::Klines
            | Self::FundingRate
            | Self::FundingInfo
            | Self::Depth
            | Self::SessionCall
            | Self::AggTrades
            | Self::RecentTrades
            | Self::ContinuousKlines
            | Self::MarkKlines
            | Self::IndexKlines => Security::None,
            Self::StartStream | Self::KeepStream | Self::CloseStream | Self::OldTrades => {
                Security::Key
            }
            _ => Security::Signed,
        }
    }
}
