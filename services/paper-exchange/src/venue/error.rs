//! What the venue says when it refuses: its own numeric codes and texts.

/// A refusal by the venue. Nothing was changed.
///
/// `code` is Binance's own (negative); codes are listed in the wire contract, section 4.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("venue refused with {code}: {message}")]
pub struct VenueError {
    /// Binance's code, negative.
    pub code: i32,
    /// Binance's text.
    pub message: String,
}

impl VenueError {
    /// A refusal with this code and text.
    #[must_use]
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// -1102: a parameter is missing or cannot be read.
    #[must_use]
    pub fn mandatory(name: &str) -> Self {
        let text = "was not sent, was empty/null, or malformed.";
        Self::new(-1102, format!("Mandatory parameter '{name}' {text}"))
    }

    /// -1106: a parameter is not allowed with this type.
    #[must_use]
    pub fn not_required(name: &str) -> Self {
        Self::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    /// -1121.
    #[must_use]
    pub fn invalid_symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }

    /// -1111.
    #[must_use]
    pub fn precision() -> Self {
        Self::new(
            -1111,
            "Precision is over the maximum defined for this asset.",
        )
    }

    /// -2011: cancel of an unknown or final order.
    #[must_use]
    pub fn unknown_order() -> Self {
        Self::new(-2011, "Unknown order sent.")
    }

    /// -2013: query of an unknown order.
    #[must_use]
    pub fn no_such_order() -> Self {
        Self::new(-2013, "Order does not exist.")
    }

    /// -4061.
    #[must_use]
    pub fn wrong_position_side() -> Self {
        let text = "Order's position side does not match user's setting.";
        Self::new(-4061, text)
    }

    /// -2022.
    #[must_use]
    pub fn reduce_only_rejected() -> Self {
        Self::new(-2022, "ReduceOnly Order is rejected.")
    }

    /// -4131.
    #[must_use]
    pub fn best_price_too_far() -> Self {
        let text = "The counterparty's best price does not meet the PERCENT_PRICE filter limit.";
        Self::new(-4131, text)
    }

    /// -2021.
    #[must_use]
    pub fn would_trigger() -> Self {
        Self::new(-2021, "Order would immediately trigger.")
    }

    /// -4116.
    #[must_use]
    pub fn duplicate_client_id() -> Self {
        Self::new(-4116, "ClientOrderId is duplicated.")
    }
}
