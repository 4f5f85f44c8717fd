//! Paths, their weights and who may call them.

use super::params::Params;

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Anyone.
    None,
    /// Needs the key header.
    UserStream,
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
    Depth,
    NewOrder,
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
            "PUT" if path == "/fapi/v1/listenKey" => Some(Self::KeepStream),
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
            "/fapi/v1/depth" => Self::Depth,
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
            "/fapi/v1/algoOrder" => Self::NewAlgo,
            "/fapi/v1/positionSide/dual" => Self::SetDual,
            "/fapi/v1/leverage" => Self::Leverage,
            "/fapi/v1/marginType" => Self::MarginType,
            "/fapi/v1/listenKey" => Self::StartStream,
            _ => return None,
        })
    }

    fn find_delete(path: &str) -> Option<Self> {
        Some(match path {
            "/fapi/v1/order" => Self::CancelOrder,
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
            | Self::SessionCall => Security::None,
            Self::StartStream | Self::KeepStream | Self::CloseStream => Security::UserStream,
            _ => Security::Signed,
        }
    }

    /// True when the call counts on the order limits.
    pub(super) const fn is_order(self) -> bool {
        matches!(self, Self::NewOrder | Self::NewAlgo)
    }

    /// IP weight (section 1.5).
    pub(super) fn weight(self, params: &Params) -> u32 {
        let one = params.get("symbol").is_some();
        match self {
            Self::NewOrder | Self::NewAlgo | Self::EmptyList => 0,
            Self::SessionLogon | Self::SessionCall => 2,
            Self::PremiumIndex if !one => 10,
            Self::BookTicker => 2 + 3 * u32::from(!one),
            Self::PriceTicker => 1 + u32::from(!one),
            Self::OpenOrders | Self::OpenAlgos if !one => 40,
            Self::AllOrders
            | Self::AllAlgos
            | Self::UserTrades
            | Self::PositionRiskV2
            | Self::PositionRiskV3
            | Self::AccountV2
            | Self::AccountV3
            | Self::Balance
            | Self::AccountConfig
            | Self::SymbolConfig => 5,
            Self::DayTicker if !one => 40,
            Self::CommissionRate => 20,
            Self::Income => 30,
            Self::GetDual | Self::MultiAssets => 30,
            Self::Klines => 5,
            Self::Depth => 10,
            _ => 1,
        }
    }
}
