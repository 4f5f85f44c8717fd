//! Names of things: account, symbol, position, module, leg; and the ids that are derived from
//! them, never drawn at random, so that the same cause always has the same id.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;
use thiserror::Error;

use crate::position::Side;

mod base36;
mod order;

pub use order::{ClientOrderId, OrderCause};

/// Longest account name and symbol that we accept, in bytes.
pub const NAME_LEN_MAX: usize = 40;
/// The venue accepts client order ids of up to 36 characters.
pub const CLIENT_ORDER_ID_LEN_MAX: usize = 36;

/// Text that can't be the thing it should name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} {text:?} is not valid: {why}")]
pub struct NameError {
    /// What was to be named.
    pub what: &'static str,
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

fn check_token(what: &'static str, text: &str) -> Result<(), NameError> {
    let fault = |why| {
        Err(NameError {
            what,
            text: text.into(),
            why,
        })
    };
    if text.is_empty() || text.len() > NAME_LEN_MAX {
        return fault("use 1 to 40 bytes");
    }
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '*' | '>');
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_plain && text.contains(forbidden) {
        return fault("no blanks, dots, '*' or '>' (it becomes one token of a subject)");
    }
    Ok(())
}

// Names travel with everything that is said of a position: a copy shares the text.
macro_rules! token_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name, checked to be one token of a bus subject.
            ///
            /// # Errors
            /// [`NameError`] where it is empty, too long or holds a character of the grammar.
            pub fn new(text: &str) -> Result<Self, NameError> {
                check_token($what, text)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

token_name!(
    /// An account on the venue, by the name the operator gave it.
    Account,
    "account"
);
token_name!(
    /// A perpetual contract, as the venue spells it: `BTCUSDT`.
    Symbol,
    "symbol"
);

/// One position's place: account, symbol and side. Its life is told apart by the [`Epoch`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// The account that holds it.
    pub account: Account,
    /// The contract.
    pub symbol: Symbol,
    /// Long or short.
    pub side: Side,
}

impl fmt::Display for PositionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.account, self.symbol, self.side)
    }
}

/// One life of a position, from flat to flat: the venue's time of its opening fill in
/// milliseconds. It can be read off the venue again after any crash, so it never has to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Who wants to trade. Canonical names; the aliases of the executor are folded in here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// The brain's executor (`exit_executor`, aliases `exit_brain_executor`, `exit_brain_v3`).
    ExitExecutor,
    /// Incumbent: periodic monitor.
    PositionMonitor,
    /// Incumbent: trailing stops.
    TrailingStopManager,
    /// Incumbent: dynamic take-profit and stop.
    DynamicTpsl,
    /// Incumbent: hybrid take-profit and stop.
    HybridTpsl,
    /// Incumbent: re-arms trailing stops.
    DynamicTrailingRearm,
    /// Incumbent: protects at entry.
    EventDrivenExecutor,
    /// Anyone else, by the name they use.
    Other(String),
}

/// Module, name on the bus, two-letter code in client order ids.
const MODULES: [(Module, &str, &str); 7] = [
    (Module::ExitExecutor, "exit_executor", "xe"),
    (Module::PositionMonitor, "position_monitor", "pm"),
    (Module::TrailingStopManager, "trailing_stop_manager", "ts"),
    (Module::DynamicTpsl, "dynamic_tpsl", "dt"),
    (Module::HybridTpsl, "hybrid_tpsl", "hy"),
    (Module::DynamicTrailingRearm, "dynamic_trailing_rearm", "dr"),
    (Module::EventDrivenExecutor, "event_driven_executor", "ed"),
];
/// Code of a module that is in no list.
const OTHER_CODE: &str = "ot";

impl Module {
    /// The module of that name; unknown names are kept as they are.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if matches!(name, "exit_brain_executor" | "exit_brain_v3") {
            return Self::ExitExecutor;
        }
        let known = MODULES.iter().find(|(_, known, _)| *known == name);
        known.map_or_else(|| Self::Other(name.into()), |(module, _, _)| module.clone())
    }

    /// The name on the bus and in every counter.
    #[must_use]
    pub fn name(&self) -> &str {
        if let Self::Other(name) = self {
            return name;
        }
        MODULES
            .iter()
            .find(|(module, _, _)| module == self)
            .map_or("", |(_, name, _)| name)
    }

    /// Two letters that begin each of this module's client order ids.
    #[must_use]
    pub fn code(&self) -> &'static str {
        MODULES
            .iter()
            .find(|(module, _, _)| module == self)
            .map_or(OTHER_CODE, |(_, _, code)| code)
    }

    /// The module with that two-letter code, `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        MODULES
            .iter()
            .find(|(_, _, known)| *known == code)
            .map(|(module, _, _)| module.clone())
    }

    /// Whether this is one of the incumbent modules.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        !matches!(self, Self::ExitExecutor | Self::Other(_))
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What part of a position's protection an order belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegId {
    /// The close-position stop at the maximum-loss floor.
    Disaster,
    /// The reduce-only stop that moves.
    Stop,
    /// Take-profit number n of the ladder, from 1.
    TakeProfit(u8),
    /// A market close of a part.
    Partial(u8),
    /// The market close of everything.
    Exit,
}

impl LegId {
    /// Whether it closes a share of the position: stops and the exit are for all that is open.
    #[must_use]
    pub const fn is_share(self) -> bool {
        matches!(self, Self::TakeProfit(_) | Self::Partial(_))
    }
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disaster => f.write_str("D"),
            Self::Stop => f.write_str("S"),
            Self::TakeProfit(n) => write!(f, "T{n}"),
            Self::Partial(n) => write!(f, "P{n}"),
            Self::Exit => f.write_str("X"),
        }
    }
}

impl FromStr for LegId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fault = || NameError {
            what: "leg",
            text: text.into(),
            why: "use D, S, Tn, Pn or X",
        };
        let number = |digits: &str| digits.parse().map_err(|_| fault());
        match text {
            "D" => Ok(Self::Disaster),
            "S" => Ok(Self::Stop),
            "X" => Ok(Self::Exit),
            _ => match text.split_at_checked(1) {
                Some(("T", digits)) => number(digits).map(Self::TakeProfit),
                Some(("P", digits)) => number(digits).map(Self::Partial),
                _ => Err(fault()),
            },
        }
    }
}

/// FNV-1a over the bytes: stable over restarts and platforms (offset basis and prime of the
/// 64-bit variant).
#[must_use]
pub fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
