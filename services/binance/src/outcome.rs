//! What an HTTP answer, or its absence, proves about the call. Unknown is never called rejected.

use super::reaction::{Reaction, reaction};
use super::request::Method;
use super::response::ApiError;
use super::wire::ParseError;

/// What came back over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpResult {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
    /// `x-mbx-used-weight-1m`: weight used by this IP in the current minute.
    pub used_weight: Option<u32>,
    /// `x-mbx-order-count-10s`.
    pub order_count_10s: Option<u32>,
    /// `x-mbx-order-count-1m`.
    pub order_count_1m: Option<u32>,
    /// `Retry-After` in seconds, where sent.
    pub retry_after_s: Option<u64>,
}

/// Why no answer came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No whole answer in time. The venue may have executed the call.
    #[error("no answer from the venue in time; ask by id before anything else")]
    Timeout,
    /// No connection was made: nothing was sent.
    #[error("no connection to the venue; nothing was sent")]
    Connect,
    /// The connection broke, or the answer was unreadable or too long.
    #[error("the connection to the venue broke; ask by id before anything else")]
    Other,
}

/// Why nobody can say whether the call was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownWhy {
    /// No answer.
    Transport(TransportError),
    /// A business code that leaves it open.
    Code(i32),
    /// A status that leaves it open, with its code if it had one.
    Status(u16, Option<i32>),
    /// The answer says "done" but cannot be read.
    Unreadable(ParseError),
}

impl UnknownWhy {
    /// The business code that came with it.
    #[must_use]
    pub const fn code(&self) -> Option<i32> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Status(_, code) => *code,
            Self::Transport(_) | Self::Unreadable(_) => None,
        }
    }
}

/// Which limit was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Request weight of the IP (429, -1003).
    Weight,
    /// Order counters of the account (-1015).
    Orders,
    /// The IP is banned (418).
    Banned,
    /// The web firewall refused (403).
    Firewall,
}

/// What is proven about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T = String> {
    /// Executed; the body, or what was read from it.
    Done(T),
    /// Surely not executed, and the venue said why. See [`reaction`].
    Rejected {
        /// Negative business code.
        code: i32,
        /// The venue's text.
        msg: String,
    },
    /// Executed or not, nobody knows: ask by our id. Never send again before that.
    Unknown {
        /// Why it is open.
        why: UnknownWhy,
    },
    /// Surely not executed (or a read): may be sent again after `after_ms`, freshly signed.
    Retryable {
        /// Business code, if one was given.
        code: Option<i32>,
        /// Pause in ms.
        after_ms: u64,
    },
    /// Surely not executed: a limit. Nothing at all may be sent until it ends.
    Limited {
        /// Which.
        limit: Limit,
        /// End as the venue's text tells it, Unix ms.
        until_ms: Option<i64>,
        /// Pause as the header tells it, ms.
        retry_after_ms: Option<u64>,
    },
}

/// Pause before the same read is tried again, ms (the venue's advice for overload).
pub const READ_RETRY_MS: u64 = 200;

impl<T> Outcome<T> {
    /// True when the call surely had no effect.
    #[must_use]
    pub fn is_surely_not_executed(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. } | Self::Retryable { .. } | Self::Limited { .. }
        )
    }

    /// The reaction the table asks for; `None` when done, or when only an id query can tell.
    #[must_use]
    pub fn reaction(&self) -> Option<Reaction> {
        match self {
            Self::Done(_) => None,
            Self::Rejected { code, .. }
            | Self::Retryable {
                code: Some(code), ..
            } => Some(reaction(*code)),
            Self::Retryable { code: None, .. } => None,
            Self::Unknown { why } => Some(match why.code().map(reaction) {
                Some(Reaction::Reconcile) => Reaction::Reconcile,
                _ => Reaction::QueryById,
            }),
            Self::Limited { .. } => Some(Reaction::BackOff),
        }
    }
}

impl<T> Outcome<T> {
    /// The same outcome with another form of the done value.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Outcome<U> {
        self.and_read(|value| Ok(form(value)))
    }

    fn and_read<U>(self, form: impl FnOnce(T) -> Result<U, ParseError>) -> Outcome<U> {
        match self {
            Self::Done(value) => match form(value) {
                Ok(read) => Outcome::Done(read),
                Err(error) => Outcome::Unknown {
                    why: UnknownWhy::Unreadable(error),
                },
            },
            Self::Rejected { code, msg } => Outcome::Rejected { code, msg },
            Self::Unknown { why } => Outcome::Unknown { why },
            Self::Retryable { code, after_ms } => Outcome::Retryable { code, after_ms },
            Self::Limited {
                limit,
                until_ms,
                retry_after_ms,
            } => Outcome::Limited {
                limit,
                until_ms,
                retry_after_ms,
            },
        }
    }
}

impl Outcome<String> {
    /// Reads a done body; a body that cannot be read leaves the call [`Outcome::Unknown`].
    pub fn read<T>(self, parse: impl FnOnce(&str) -> Result<T, ParseError>) -> Outcome<T> {
        self.and_read(|body| parse(&body))
    }
}

/// What `answer` proves about a call made with `method`.
///
/// The venue's rules: 4xx is not executed, except 408; every 5xx on a write is open (one order was
/// seen executed after -1008); some codes leave it open whatever the status, and so does a code
/// that nobody knows. An answer without a business code did not come from the venue's order entry,
/// so for a write it proves nothing.
#[must_use]
pub fn classify(method: Method, answer: &Result<HttpResult, TransportError>) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(TransportError::Connect) => return retryable(None),
        Err(error) => return open(method, None, UnknownWhy::Transport(*error)),
    };
    if (200..300).contains(&answer.status) {
        return Outcome::Done(answer.body.clone());
    }
    let error = serde_json::from_str::<ApiError>(&answer.body)
        .ok()
        .filter(|e| e.code < 0);
    let code = error.as_ref().map(|e| e.code);
    if let Some(limit) = limit(answer.status, code) {
        return limited(limit, answer);
    }
    let in_doubt = || UnknownWhy::Status(answer.status, code);
    match error {
        _ if !(400..500).contains(&answer.status) || answer.status == 408 => {
            open(method, code, in_doubt())
        }
        None => open(method, None, in_doubt()),
        Some(e) => refused(method, e),
    }
}

/// A 4xx with a business code: the table says what the code proves.
fn refused(method: Method, error: ApiError) -> Outcome {
    match reaction(error.code) {
        Reaction::QueryById | Reaction::Reconcile => {
            open(method, Some(error.code), UnknownWhy::Code(error.code))
        }
        Reaction::RetrySoon { after_ms, .. } => Outcome::Retryable {
            code: Some(error.code),
            after_ms,
        },
        Reaction::ResyncClock => Outcome::Retryable {
            code: Some(error.code),
            after_ms: 0,
        },
        _ => Outcome::Rejected {
            code: error.code,
            msg: error.msg,
        },
    }
}

/// A read has no effect, so for it "nobody knows" only means "ask again".
fn open(method: Method, code: Option<i32>, why: UnknownWhy) -> Outcome {
    match method.is_read() {
        true => retryable(code),
        false => Outcome::Unknown { why },
    }
}

fn retryable(code: Option<i32>) -> Outcome {
    Outcome::Retryable {
        code,
        after_ms: READ_RETRY_MS,
    }
}

fn limit(status: u16, code: Option<i32>) -> Option<Limit> {
    match (status, code) {
        (408, _) => None,
        (418, _) => Some(Limit::Banned),
        (403, None) => Some(Limit::Firewall),
        (400..=499, Some(-1015)) => Some(Limit::Orders),
        (429, _) | (400..=499, Some(-1003)) => Some(Limit::Weight),
        _ => None,
    }
}

fn limited(limit: Limit, answer: &HttpResult) -> Outcome {
    Outcome::Limited {
        limit,
        until_ms: banned_until(&answer.body),
        retry_after_ms: answer.retry_after_s.map(|s| s.saturating_mul(1000)),
    }
}

/// "… IP banned until 1795178173912 …"
fn banned_until(body: &str) -> Option<i64> {
    let (_, rest) = body.split_once("banned until ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
#[path = "outcome/tests.rs"]
mod tests;
