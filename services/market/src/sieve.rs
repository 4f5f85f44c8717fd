//! Thins out the books: a busy contract has hundreds of changes a second, and the spread is a mean
//! over a minute.

use std::collections::HashMap;

use domain::{Span, Timestamp};

use crate::actor::SYMBOLS_MAX;

/// One book of each contract in this time is enough for a mean over [`crate::spread::WINDOW`].
pub const BOOK_PERIOD: Span = Span::from_millis(250);

/// When a frame of each stream last passed.
#[derive(Debug, Default)]
pub struct Sieve {
    passed: HashMap<String, Timestamp>,
}

impl Sieve {
    /// Whether to pass a combined frame on. It looks at the stream's name only, so that what is
    /// held back was never parsed; a frame without a name is an answer, and always passes.
    pub fn passes(&mut self, frame: &str, now: Timestamp) -> bool {
        let Some(stream) = stream(frame) else {
            return true;
        };
        if let Some(last) = self.passed.get_mut(stream) {
            // A clock that was set back must not hold the books up until it has caught up.
            let due = now.since(*last) >= BOOK_PERIOD || now < *last;
            if due {
                *last = now;
            }
            return due;
        }
        // More names than were asked for would be the venue's fault, and not ours to remember.
        if self.passed.len() < SYMBOLS_MAX {
            self.passed.insert(stream.to_owned(), now);
        }
        true
    }
}

fn stream(frame: &str) -> Option<&str> {
    let (stream, _) = frame.strip_prefix(r#"{"stream":""#)?.split_once('"')?;
    Some(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BTC: &str = r#"{"stream":"btcusdt@bookTicker","data":{}}"#;
    const ETH: &str = r#"{"stream":"ethusdt@bookTicker","data":{}}"#;

    #[test]
    fn one_book_of_each_contract_passes_per_period() {
        let mut sieve = Sieve::default();
        let told = [
            (BTC, 0, true),
            (ETH, 1, true),
            (BTC, 249, false),
            (BTC, 250, true),
            (ETH, 250, false),
            (BTC, 499, false),
            (ETH, 1_000, true),
            (ETH, 500, true),
            (ETH, 749, false),
        ];
        for (frame, millis, passes) in told {
            assert_eq!(
                sieve.passes(frame, Timestamp::from_millis(millis)),
                passes,
                "{frame} {millis}"
            );
        }
    }

    #[test]
    fn an_answer_always_passes() {
        let (mut sieve, now) = (Sieve::default(), Timestamp::from_millis(1));
        for _ in 0..2 {
            assert!(sieve.passes(r#"{"result":null,"id":1}"#, now));
            assert!(sieve.passes("", now));
        }
    }

    #[test]
    fn it_remembers_no_more_names_than_can_be_asked_for() {
        let (mut sieve, now) = (Sieve::default(), Timestamp::from_millis(1));
        for number in 0..2 * SYMBOLS_MAX {
            let frame = format!(r#"{{"stream":"{number}@bookTicker","data":{{}}}}"#);
            assert!(sieve.passes(&frame, now));
        }
        assert_eq!(sieve.passed.len(), SYMBOLS_MAX);
    }
}
