//! The way between gateway and venue, where a test wants another than the fault plan.

use binance::{HttpResult, TransportError};
use gateway::VenueCall;
use paper_exchange::venue::{Venue, VenueEvent};

/// Another way to the venue and back, instead of the fault plan.
pub trait Way {
    fn answer(
        &mut self,
        venue: &mut Venue,
        call: &VenueCall,
        now_ms: i64,
    ) -> Result<HttpResult, TransportError>;
    /// The events that reach the gateway now.
    fn events(&mut self, venue: &mut Venue, now_ms: i64) -> Vec<VenueEvent>;
}
