//! From a message to what was said: by whom it may be said is the server's business, that the
//! payload says the same as the subject is checked here.

use domain::decision::Decision;
use domain::flatten::Flatten;
use domain::handover::Handover;
use domain::ids::{Module, PositionKey};
use domain::intent::{Denial, OrderIntent};
use domain::market::{MarkTick, MarketContext};
use domain::mode::{Kill, ModeSnapshot};
use domain::order::OrderEvent;
use domain::performance::SymbolPerformance;
use domain::plan::ExitPlan;
use domain::plan::request::{PlanReply, PlanRequest};
use domain::signal::{RiskState, RlHint};
use domain::snapshot::{Heartbeat, PositionSnapshot};
use proto::{Canary, SignedApproval, Wire, WireError};

use crate::message::{BadMessage, Message};

/// Tokens of the longest subject in the table.
const TOKENS_MAX: usize = 7;

/// An approval as it came, not yet believed: [`crate::approval::open`] does that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Where it came by.
    pub subject: String,
    /// The encoded [`SignedApproval`].
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// The message that it came as.
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(self.subject, self.bytes)
    }
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant carries one documented type")]
pub enum Heard {
    Mark(MarkTick),
    Context(MarketContext),
    Rl(RlHint),
    Risk(RiskState),
    Position(PositionSnapshot),
    Plan(ExitPlan),
    PlanRequest(PlanRequest),
    PlanReply(PlanReply),
    TpPerformance(SymbolPerformance),
    /// A decision, and whether it was said as a live one.
    Decision {
        live: bool,
        decision: Decision,
    },
    Intent(OrderIntent),
    /// An intent that the guard has taken up.
    Asked(OrderIntent),
    /// An incumbent's intent that the server diverted.
    Blocked(OrderIntent),
    Approved(Sealed),
    Denied(Denial),
    Event(OrderEvent),
    Mode(ModeSnapshot),
    Kill(Kill),
    Flatten(Flatten),
    Handover(Handover),
    Health(Heartbeat),
    /// A proof of the policy; never an order.
    Canary(Canary),
}

/// Says what a message says.
///
/// # Errors
/// [`BadMessage`] where no row of the table has such a subject, the payload is not acceptable, or
/// it speaks of another symbol, position, module, service or instance than its subject.
pub fn decode(message: &Message) -> Result<Heard, BadMessage> {
    said(message).map_err(|error| BadMessage {
        subject: message.subject.clone(),
        error,
    })
}

fn said(message: &Message) -> Result<Heard, WireError> {
    let (tokens, len) = tokens(&message.subject);
    let bytes = &message.payload;
    Ok(match tokens[..len] {
        ["market", "first" | "mark", symbol] => Heard::Mark(checked(bytes, |tick: &MarkTick| {
            differs(symbol, tick.symbol.as_str())
        })?),
        ["market", "context", symbol] => Heard::Context(checked(bytes, |it: &MarketContext| {
            differs(symbol, it.symbol.as_str())
        })?),
        ["signal", "rl", symbol] => Heard::Rl(checked(bytes, |hint: &RlHint| {
            differs(symbol, hint.symbol.as_str())
        })?),
        ["signal", "risk"] => Heard::Risk(Wire::decode(bytes)?),
        ["control", "mode"] => Heard::Mode(Wire::decode(bytes)?),
        ["order", "intent", "canary", "executor" | "incumbent"]
        | ["order", "blocked", "canary", "incumbent"] => Heard::Canary(Wire::decode(bytes)?),
        ["control", "flatten"] => Heard::Flatten(Wire::decode(bytes)?),
        ["control", "kill"] => Heard::Kill(Wire::decode(bytes)?),
        ["exit", "metrics", "tp", symbol] => {
            Heard::TpPerformance(checked(bytes, |it: &SymbolPerformance| {
                differs(symbol, it.symbol.as_str())
            })?)
        }
        ["health", service, instance] => Heard::Health(checked(bytes, |beat: &Heartbeat| {
            differs(service, &beat.service).or_else(|| differs(instance, &beat.instance))
        })?),
        [first, second, account, symbol, side] => {
            let place = [account, symbol, side];
            about_position(message, (first, second), place)?
        }
        [
            "exit",
            "plan",
            word @ ("request" | "reply"),
            module,
            account,
            symbol,
            side,
        ] => about_plan(bytes, word, module, [account, symbol, side])?,
        [first, second, third, account, symbol, side] => {
            let place = [account, symbol, side];
            about_module(message, (first, second, third), place)?
        }
        _ => return Err(unknown(message)),
    })
}

/// The tokens of a subject, and how many they are; one with too many is in no row.
fn tokens(subject: &str) -> ([&str; TOKENS_MAX + 1], usize) {
    let mut tokens = [""; TOKENS_MAX + 1];
    let mut len = 0;
    for (place, token) in tokens.iter_mut().zip(subject.split('.')) {
        *place = token;
        len += 1;
    }
    (tokens, len)
}

/// Account, symbol, side.
type Place<'a> = [&'a str; 3];

fn about_position(
    message: &Message,
    kind: (&str, &str),
    place: Place<'_>,
) -> Result<Heard, WireError> {
    let bytes = &message.payload;
    Ok(match kind {
        ("position", "changed") => Heard::Position(checked(bytes, |it: &PositionSnapshot| {
            key_differs(place, &it.position.key)
        })?),
        ("exit", "plan") => {
            Heard::Plan(checked(bytes, |it: &ExitPlan| key_differs(place, &it.key))?)
        }
        ("order", "event") => Heard::Event(checked(bytes, |it: &OrderEvent| {
            key_differs(place, &it.key)
        })?),
        ("control", "handover") => {
            Heard::Handover(checked(bytes, |it: &Handover| key_differs(place, &it.key))?)
        }
        ("order", "approved") => {
            SignedApproval::decode(bytes)?;
            Heard::Approved(Sealed {
                subject: message.subject.clone(),
                bytes: bytes.clone(),
            })
        }
        _ => return Err(unknown(message)),
    })
}

fn about_module(
    message: &Message,
    kind: (&str, &str, &str),
    place: Place<'_>,
) -> Result<Heard, WireError> {
    let bytes = &message.payload;
    let wish = |module| {
        checked(bytes, move |it: &OrderIntent| {
            key_differs(place, &it.key).or_else(|| differs(module, it.module.name()))
        })
    };
    Ok(match kind {
        ("exit", "decision", word @ ("shadow" | "live")) => Heard::Decision {
            live: word == "live",
            decision: checked(bytes, |it: &Decision| key_differs(place, &it.key))?,
        },
        ("order", "intent", module) => Heard::Intent(wish(module)?),
        ("order", "asked", module) => Heard::Asked(wish(module)?),
        ("order", "blocked", module) => Heard::Blocked(wish(module)?),
        ("order", "denied", module) => Heard::Denied(checked(bytes, |it: &Denial| {
            key_differs(place, &it.key).or_else(|| differs(module, it.module.name()))
        })?),
        _ => return Err(unknown(message)),
    })
}

fn about_plan(
    bytes: &[u8],
    word: &str,
    module: &str,
    place: Place<'_>,
) -> Result<Heard, WireError> {
    let strange = |key: &PositionKey, said: &Module| {
        key_differs(place, key).or_else(|| differs(module, said.name()))
    };
    Ok(if word == "request" {
        Heard::PlanRequest(checked(bytes, |it: &PlanRequest| {
            strange(&it.key, &it.module)
        })?)
    } else {
        Heard::PlanReply(checked(bytes, |it: &PlanReply| {
            strange(&it.key, &it.module)
        })?)
    })
}

/// A token of the subject that the payload contradicts, and what the payload says in its place.
type Strange<'a> = Option<(&'a str, String)>;

fn differs<'a>(token: &'a str, said: &str) -> Strange<'a> {
    (token != said).then(|| (token, said.to_owned()))
}

fn key_differs<'a>([account, symbol, side]: Place<'a>, key: &PositionKey) -> Strange<'a> {
    differs(account, key.account.as_str())
        .or_else(|| differs(symbol, key.symbol.as_str()))
        .or_else(|| differs(side, key.side.name()))
}

fn checked<'a, M: Wire>(bytes: &[u8], strange: impl Fn(&M) -> Strange<'a>) -> Result<M, WireError> {
    let value = M::decode(bytes)?;
    match strange(&value) {
        None => Ok(value),
        Some((token, said)) => Err(WireError {
            message: M::NAME,
            field: "subject".into(),
            reason: format!("{token:?}: the payload says {said:?}"),
        }),
    }
}

fn unknown(message: &Message) -> WireError {
    WireError {
        message: "Message",
        field: "subject".into(),
        reason: format!("{:?}: is in no row of the table", message.subject),
    }
}
