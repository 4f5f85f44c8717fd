//! The venue's vocabulary: sides, kinds and states, with the names they have on the wire.

/// Declares an enum whose members have a fixed name on the wire.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$vmeta:meta])* $variant:ident => $wire:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vmeta])* $variant),+
        }

        impl $name {
            /// The name on the wire.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// Reads the name on the wire.
            #[must_use]
            #[allow(dead_code, reason = "not every name is read back")]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($wire => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(super) use wire_enum;

wire_enum! {
    /// Direction of an order.
    Side {
        /// Adds to the signed position amount.
        Buy => "BUY",
        /// Subtracts from the signed position amount.
        Sell => "SELL",
    }
}

impl Side {
    /// The other direction.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

wire_enum! {
    /// Which position an order belongs to.
    PositionSide {
        /// One-way mode.
        Both => "BOTH",
        /// Hedge mode, long leg.
        Long => "LONG",
        /// Hedge mode, short leg.
        Short => "SHORT",
    }
}

wire_enum! {
    /// Kind of an ordinary order.
    OrderKind {
        /// Rests at a price.
        Limit => "LIMIT",
        /// Takes what is there.
        Market => "MARKET",
    }
}

wire_enum! {
    /// How long an order lives.
    TimeInForce {
        /// Until canceled.
        Gtc => "GTC",
        /// Rest expires at once.
        Ioc => "IOC",
        /// All at once or not at all.
        Fok => "FOK",
        /// Post only.
        Gtx => "GTX",
        /// Until a date.
        Gtd => "GTD",
        /// Post only, for retail; here as GTX.
        Rpi => "RPI",
        /// Until executed or the position is closed (conditional orders only).
        GteGtc => "GTE_GTC",
    }
}

wire_enum! {
    /// State of an ordinary order.
    OrderStatus {
        /// Resting, nothing filled.
        New => "NEW",
        /// Resting, partly filled.
        PartiallyFilled => "PARTIALLY_FILLED",
        /// Final: all filled.
        Filled => "FILLED",
        /// Final: canceled on request.
        Canceled => "CANCELED",
        /// Final: ended by the venue.
        Expired => "EXPIRED",
        /// Final: ended by self-trade prevention.
        ExpiredInMatch => "EXPIRED_IN_MATCH",
    }
}

impl OrderStatus {
    /// True while the order can still fill.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

wire_enum! {
    /// Kind of a conditional order.
    AlgoKind {
        /// Fires when the price moves against the position.
        StopMarket => "STOP_MARKET",
        /// Fires when the price moves in favour of the position.
        TakeProfitMarket => "TAKE_PROFIT_MARKET",
        /// As STOP_MARKET, but becomes a LIMIT order.
        Stop => "STOP",
        /// As TAKE_PROFIT_MARKET, but becomes a LIMIT order.
        TakeProfit => "TAKE_PROFIT",
        /// Follows the best price at a distance.
        TrailingStopMarket => "TRAILING_STOP_MARKET",
    }
}

impl AlgoKind {
    /// The kind of order that it becomes.
    #[must_use]
    pub const fn child_kind(self) -> OrderKind {
        match self {
            Self::Stop | Self::TakeProfit => OrderKind::Limit,
            Self::StopMarket | Self::TakeProfitMarket | Self::TrailingStopMarket => {
                OrderKind::Market
            }
        }
    }

    /// True for the kinds that fire when the price moves in favour of the position.
    #[must_use]
    pub const fn takes_profit(self) -> bool {
        matches!(self, Self::TakeProfit | Self::TakeProfitMarket)
    }
}

wire_enum! {
    /// State of a conditional order.
    AlgoStatus {
        /// Resting, not fired.
        New => "NEW",
        /// Fired; the engine has not answered yet.
        Triggering => "TRIGGERING",
        /// Fired; the engine accepted the child.
        Triggered => "TRIGGERED",
        /// Final: the child ended.
        Finished => "FINISHED",
        /// Final: canceled on request.
        Canceled => "CANCELED",
        /// Final: the engine refused the child.
        Rejected => "REJECTED",
        /// Final: ended by the venue before firing.
        Expired => "EXPIRED",
    }
}

wire_enum! {
    /// The price that fires a conditional order.
    WorkingType {
        /// Mark price.
        MarkPrice => "MARK_PRICE",
        /// Last trade.
        ContractPrice => "CONTRACT_PRICE",
    }
}

wire_enum! {
    /// What happened to an order in one event (`x` of ORDER_TRADE_UPDATE).
    Execution {
        /// Accepted.
        New => "NEW",
        /// Filled, wholly or partly.
        Trade => "TRADE",
        /// Canceled on request.
        Canceled => "CANCELED",
        /// Ended by the venue.
        Expired => "EXPIRED",
        /// Liquidation or auto-deleveraging.
        Calculated => "CALCULATED",
        /// Quantity changed by the venue.
        Amendment => "AMENDMENT",
    }
}
