//! The W3C trace context of a message: what it was caused by, told beside it and never in it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The header that carries it.
pub const TRACEPARENT: &str = "traceparent";
/// The only version there is; a later one begins with the same fields.
const VERSION: &str = "00";
/// Length of a version 00 value: two, thirty-two, sixteen and two digits, with dashes between.
const LEN: usize = 55;

/// Which span a message was said in. Nothing is ever decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// The trace; never zero.
    pub trace_id: u128,
    /// The span; never zero.
    pub span_id: u64,
    /// Bit 0 says that the trace is recorded.
    pub flags: u8,
}

/// A header that is no trace context. The message is as good without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no version 00 traceparent")]
pub struct NoTraceParent;

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            span_id,
            flags,
        } = self;
        write!(f, "{VERSION}-{trace_id:032x}-{span_id:016x}-{flags:02x}")
    }
}

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let is_fit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f' | b'-');
        if text.len() != LEN || !text.bytes().all(is_fit) {
            return Err(NoTraceParent);
        }
        let mut fields = text.split('-');
        let mut next = |len: usize| fields.next().filter(|field| field.len() == len);
        let (version, trace, span, flags) = (next(2), next(32), next(16), next(2));
        if version != Some(VERSION) {
            return Err(NoTraceParent);
        }
        let number = |field: Option<&str>| {
            let digits = field.ok_or(NoTraceParent)?;
            u128::from_str_radix(digits, 16).map_err(|_| NoTraceParent)
        };
        let parent = Self {
            trace_id: number(trace)?,
            span_id: u64::try_from(number(span)?).map_err(|_| NoTraceParent)?,
            flags: u8::try_from(number(flags)?).map_err(|_| NoTraceParent)?,
        };
        if parent.trace_id == 0 || parent.span_id == 0 {
            return Err(NoTraceParent);
        }
        Ok(parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_standard_is_read_and_written_the_same() {
        let parent: TraceParent = EXAMPLE.parse().unwrap();
        assert_eq!(parent.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_eq!(parent.span_id, 0x00f0_67aa_0ba9_02b7);
        assert_eq!(parent.flags, 1);
        assert_eq!(parent.to_string(), EXAMPLE);
    }

    #[test]
    fn what_the_standard_forbids_is_no_trace_context() {
        let zeros = "0".repeat(32);
        for bad in [
            "",
            &EXAMPLE[1..],
            &EXAMPLE.to_uppercase(),
            &EXAMPLE.replacen("00", "ff", 1),
            &EXAMPLE.replace('-', "0"),
            &EXAMPLE.replace("4bf92f3577b34da6a3ce929d0e0e4736", &zeros),
            &EXAMPLE.replace("00f067aa0ba902b7", &zeros[..16]),
            &EXAMPLE.replace("00f067aa0ba902b7", "00f067aa0ba90-b7"),
            &format!("{EXAMPLE}-x"),
            &EXAMPLE.replace("01", "é"),
        ] {
            assert_eq!(bad.parse::<TraceParent>(), Err(NoTraceParent), "{bad:?}");
        }
    }
}
