//! One connection to the bus, with the operator's reasons where there is none.

use bus::{BusError, Client, ConnectOptions, Identity};

use crate::answer::Trouble;
use crate::cli::BusTarget;

/// Nobody here hears more than a handful of messages at a time.
const CAPACITY: usize = 64;

/// Connects as `identity`, once.
///
/// # Errors
/// [`Trouble::Unreachable`] where nobody answers or the key is refused, [`Trouble::Failure`] for a
/// file that can't be used.
pub async fn connect(target: &BusTarget, identity: Identity) -> Result<Client, Trouble> {
    let options = ConnectOptions {
        url: target.nats_url.clone(),
        identity,
        seed_file: target.seed_file(identity),
        capacity: CAPACITY,
        tls: target.tls(),
    };
    Ok(Client::connect(&options).await?)
}

impl From<BusError> for Trouble {
    fn from(error: BusError) -> Self {
        match error {
            BusError::Connect { .. }
            | BusError::Unsettled { .. }
            | BusError::NotConnected { .. } => Self::Unreachable(error.to_string()),
            _ => Self::Failure(error.to_string()),
        }
    }
}
