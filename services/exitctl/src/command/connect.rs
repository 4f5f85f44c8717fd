//! One connection to the bus, with the operator's reasons where there is none.

use std::time::Duration;

use bus::{BusError, Client, ConnectOptions, Identity};
use tokio::time::timeout;

use crate::answer::Trouble;
use crate::cli::BusTarget;

/// Nobody here hears more than a handful of messages at a time.
const CAPACITY: usize = 64;
/// Longest name that a message takes.
const NAME_BYTES_MAX: usize = 64;

/// Connects as `identity`, once.
///
/// # Errors
/// [`Trouble::Unreachable`] where nobody answers or the key is refused, [`Trouble::Failure`] for a
/// file that can't be used.
pub async fn connect(target: &BusTarget, identity: Identity) -> Result<Client, Trouble> {
    connect_holding(target, identity, CAPACITY).await
}

/// As [`connect`]; each subscription holds at most `capacity` messages.
///
/// # Errors
/// As [`connect`].
pub async fn connect_holding(
    target: &BusTarget,
    identity: Identity,
    capacity: usize,
) -> Result<Client, Trouble> {
    let options = ConnectOptions {
        url: target.nats_url.clone(),
        identity,
        seed_file: target.seed_file(identity),
        capacity,
        tls: target.tls(),
    };
    Ok(Client::connect(&options).await?)
}

/// Whether the bus takes the operator's key. Nothing is said to anybody.
///
/// # Errors
/// As [`connect`].
pub async fn reached(target: &BusTarget) -> Result<(), Trouble> {
    runtime::install_crypto();
    connect(target, Identity::Operator).await.map(drop)
}

/// What comes of `asked`, unless the bus lets it wait for `longest`: then it did not `act`, which
/// is `answer` or `take the kill`.
///
/// # Errors
/// Those of `asked`, and [`Trouble::Unreachable`] when the time is up.
pub async fn within<T>(
    longest: Duration,
    target: &BusTarget,
    act: &str,
    asked: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let ended = timeout(longest, asked).await;
    ended.unwrap_or_else(|_| Err(too_late(target, act, longest)))
}

/// The bus did not `act` within `longest`.
pub fn too_late(target: &BusTarget, act: &str, longest: Duration) -> Trouble {
    let url = &target.nats_url;
    Trouble::Unreachable(format!("the bus at {url} did not {act} within {longest:?}"))
}

/// Says where the server has refused what this connection asked for.
///
/// # Errors
/// [`Trouble::Denied`] where it has.
pub fn refused(client: &Client, what: &str) -> Result<(), Trouble> {
    if client.faults().permission_violations == 0 {
        return Ok(());
    }
    Err(Trouble::Denied(format!(
        "the bus refused {what}: this key has no right to it (see: exitctl bus map)"
    )))
}

/// Who asked, for the record of the others; fit for a message.
pub fn operator(get: impl Fn(&str) -> Option<String>) -> String {
    let fit = |name: &str| {
        let mut name = get(name)?;
        name.retain(|c| !c.is_control());
        name.truncate(name.floor_char_boundary(NAME_BYTES_MAX));
        (!name.is_empty()).then_some(name)
    };
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(fit);
    named.unwrap_or_else(|| "operator".into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_who_asked_is_named() {
        let sudo = |name: &str| (name == "SUDO_USER").then(|| "ada".to_owned());
        assert_eq!(operator(sudo), "ada");
        assert_eq!(operator(|_| None), "operator");
        assert_eq!(operator(|_| Some("\n".into())), "operator");
        let long = "é".repeat(100);
        let name = operator(|_| Some(format!("{long}\n")));
        assert_eq!(name, "é".repeat(32));
    }
}
