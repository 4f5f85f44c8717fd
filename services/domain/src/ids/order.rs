//! Names of orders: each tells what its order was placed for.

use alloc::string::ToString;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::base36::{self, Base36};
use super::{CLIENT_ORDER_ID_LEN_MAX, Epoch, LegId, Module, NameError, Symbol, stable_hash};
use crate::position::Side;

/// What an order was placed for, told by the id it bears: the same cause gives the same id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderCause {
    /// Who wanted it.
    pub module: Module,
    /// Side of the position that it closes.
    pub side: Side,
    /// The position's life.
    pub epoch: Epoch,
    /// Part of the protection.
    pub leg: LegId,
    /// Counts up with each new order for the same leg, from 1.
    pub generation: u32,
}

/// Our id for an order on the venue: at most 36 of `. A-Z : / a-z 0-9 _ -`.
/// It is unique only among *open* orders, so it is a name, not a lock.
#[derive(Clone)]
pub struct ClientOrderId {
    text: Arc<str>,
    /// What the text says, read once: it is asked of every order that rests, at every look.
    read: Option<Read>,
}

/// What an id of ours says.
#[derive(Clone)]
struct Read {
    /// The contract's place among [`symbol_number`]s.
    symbol: u64,
    cause: OrderCause,
}

impl ClientOrderId {
    /// The id of the order that `cause` asks for on `symbol`:
    /// `<module>-<side><epoch>-<symbol hash>-<leg>-<generation>`, numbers in base 36.
    #[must_use]
    pub fn derive(symbol: &Symbol, cause: &OrderCause) -> Self {
        let side = if cause.side == Side::Long { "-L" } else { "-S" };
        let (epoch, symbol) = (cause.epoch.0, symbol_number(symbol));
        let [epoch, symbol, generation] = [epoch, symbol, cause.generation.into()].map(Base36::of);
        let leg = cause.leg.to_string();
        let [epoch, symbol, generation] = [&epoch, &symbol, &generation].map(Base36::as_str);
        let name = [cause.module.code(), side, epoch];
        Self::of(&[&name.concat(), symbol, &leg, generation].join("-"))
    }

    /// An id read from the venue.
    ///
    /// # Errors
    /// [`NameError`] where the venue itself could not have accepted it.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let allowed =
            |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b':' | b'/' | b'_' | b'-');
        if text.is_empty() || text.len() > CLIENT_ORDER_ID_LEN_MAX || !text.bytes().all(allowed) {
            let why = "use 1 to 36 of . A-Z : / a-z 0-9 _ -";
            return Err(NameError {
                what: "client order id",
                text: text.into(),
                why,
            });
        }
        Ok(Self::of(text))
    }

    fn of(text: &str) -> Self {
        Self {
            text: text.into(),
            read: read(text),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The cause that this id was derived from, `None` where it is not one of ours on `symbol`.
    #[must_use]
    pub fn cause(&self, symbol: &Symbol) -> Option<OrderCause> {
        let read = self.read.as_ref()?;
        (read.symbol == symbol_number(symbol)).then(|| read.cause.clone())
    }
}

// The text is the id; what it says follows from it.
impl PartialEq for ClientOrderId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ClientOrderId {}

impl PartialOrd for ClientOrderId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ClientOrderId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for ClientOrderId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientOrderId").field(&self.text).finish()
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What `text` says, byte by byte; `None` where it is no id of ours.
fn read(text: &str) -> Option<Read> {
    let mut rest = text;
    let module = Module::from_code(part(&mut rest)?)?;
    let (side, epoch) = part(&mut rest)?.split_at_checked(1)?;
    let side = match side {
        "L" => Side::Long,
        "S" => Side::Short,
        _ => return None,
    };
    let hash = part(&mut rest)?;
    let symbol = base36::read(hash)?;
    // Of the ways to write a number only ours is one of our names.
    if Base36::of(symbol).as_str() != hash {
        return None;
    }
    let leg = part(&mut rest)?.parse().ok()?;
    let epoch = Epoch(base36::read(epoch)?);
    let generation = u32::try_from(base36::read(rest)?).ok()?;
    let cause = OrderCause {
        module,
        side,
        epoch,
        leg,
        generation,
    };
    Some(Read { symbol, cause })
}

/// Takes the part before the next dash; the last part of a name has none behind it.
fn part<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let dash = rest.bytes().position(|byte| byte == b'-')?;
    let part = &rest[..dash];
    *rest = &rest[dash + 1..];
    Some(part)
}

/// Five base-36 digits: enough to tell a portfolio's symbols apart, short enough for the id.
pub(super) fn symbol_number(symbol: &Symbol) -> u64 {
    stable_hash(symbol.as_str().as_bytes()) % base36::BASE.pow(5)
}
