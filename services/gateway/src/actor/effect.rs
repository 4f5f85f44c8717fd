//! What the gateway's state machine may want done, and what may come back from the venue.

use bus::Message;
use domain::lease::Request;
use domain::{Module, Span};
use runtime::Says;

use binance::stream::StreamItem;
use binance::{ApiRequest, HttpResult, TransportError};

/// Number of one call; its answer bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// One call to be made, exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueCall {
    /// Its number.
    pub id: CallId,
    /// What to call.
    pub request: ApiRequest,
    /// How long to wait for the whole answer.
    pub timeout: Span,
    /// Who wants it, of a cancel, which bears only the name of its target; none for other calls.
    pub canceled_by: Option<Module>,
}

/// What the gateway wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayEffect {
    /// Say this on the bus.
    Publish(Message),
    /// Make this call and hand the answer back.
    Call(VenueCall),
    /// Venue clock minus local clock in ms: add it to every signing time from now on.
    SetClockOffset(i64),
    /// Reconnect the user stream.
    RenewStream,
    /// Ask the store of leases.
    Lease(Request),
}

impl Says for GatewayEffect {
    fn said(&mut self) -> Option<&mut Message> {
        match self {
            Self::Publish(message) => Some(message),
            Self::Call(_) | Self::SetClockOffset(_) | Self::RenewStream | Self::Lease(_) => None,
        }
    }
}

/// What comes from the venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VenueInput {
    /// The end of a call.
    Answer {
        /// Which.
        call: CallId,
        /// What came, or why nothing did.
        result: Result<HttpResult, TransportError>,
    },
    /// From the user stream.
    Stream(StreamItem),
}
