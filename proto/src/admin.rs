//! The direct kill and the canary of the policy.

use domain::Account;
use domain::mode::Kill;

use crate::body::Body;
use crate::error::WireError;
use crate::read;
use crate::wire;

/// An order to go down that reaches one account's gateway without the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectKill {
    /// Where to go, who asked, and when.
    pub kill: Kill,
    /// Whose gateway is meant.
    pub account: Account,
}

/// A message that only proves which policy of the bus is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    /// Which proof it belongs to.
    pub run: u64,
}

impl Body for DirectKill {
    const NAME: &'static str = "DirectKill";
    type Message = wire::DirectKill;

    fn to_message(&self) -> wire::DirectKill {
        wire::DirectKill {
            kill: Some(self.kill.to_message()),
            account: Some(self.account.to_string()),
        }
    }

    fn from_message(message: wire::DirectKill) -> Result<Self, WireError> {
        Ok(Self {
            kill: read::nested("kill", message.kill, Kill::from_message)?,
            account: read::account("account", message.account)?,
        })
    }
}

impl Body for Canary {
    const NAME: &'static str = "Canary";
    type Message = wire::Canary;

    fn to_message(&self) -> wire::Canary {
        wire::Canary {
            run: Some(self.run),
        }
    }

    fn from_message(message: wire::Canary) -> Result<Self, WireError> {
        Ok(Self {
            run: read::required("run", message.run)?,
        })
    }
}
