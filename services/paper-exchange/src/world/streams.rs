//! What the listened-to market streams have to be told, and when.

use std::collections::{BTreeMap, BTreeSet};

use super::told::{Moment, Pace, Told};
use super::{Interest, Outgoing};
use crate::venue::{OrderUpdate, Venue};
use crate::wire::StreamName;

/// Liquidations waiting to be told; of more only the newest.
const MAX_FORCED: usize = 100;

/// The listened-to streams and what they were told last.
#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) interest: Interest,
    version: u64,
    told: BTreeMap<String, Told>,
    /// Symbols whose price was set by hand: shown at once.
    hurried: BTreeSet<String>,
    forced: Vec<OrderUpdate>,
}

impl Streams {
    /// This symbol's price was set by hand.
    pub(super) fn hurry(&mut self, symbol: &str) {
        self.hurried.insert(symbol.to_owned());
    }

    /// A liquidation order was filled.
    pub(super) fn on_forced(&mut self, update: &OrderUpdate) {
        if self.forced.len() < MAX_FORCED {
            self.forced.push(update.clone());
        }
    }

    /// Everything that is due now.
    pub(super) fn tell(
        &mut self,
        venue: &Venue,
        pace: Pace<'_>,
        now_ms: i64,
        out: &mut Vec<Outgoing>,
    ) {
        self.follow_interest(venue);
        let forced = std::mem::take(&mut self.forced);
        let hurried = std::mem::take(&mut self.hurried);
        for (name, told) in &mut self.told {
            let hurry = match &told.stream.symbol {
                Some(symbol) => hurried.contains(symbol),
                None => !hurried.is_empty(),
            };
            let now = Moment {
                venue,
                pace,
                now_ms,
                hurry,
            };
            let texts = told.texts(&now, &forced);
            out.extend(texts.into_iter().map(|text| Outgoing::Market {
                stream: name.clone(),
                text,
            }));
        }
    }

    /// Takes note of who has come and gone. What happens from now on is told to who is there.
    pub(super) fn follow_interest(&mut self, venue: &Venue) {
        let Some((version, names)) = self.interest.changed_since(self.version) else {
            return;
        };
        self.version = version;
        let mut before = std::mem::take(&mut self.told);
        for name in names {
            let told = before
                .remove(&name)
                .or_else(|| Some(Told::new(StreamName::parse(&name)?, venue)));
            if let Some(told) = told {
                self.told.insert(name, told);
            }
        }
    }
}
