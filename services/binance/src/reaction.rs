//! What the gateway does about each business code of the venue: one table, in one place.

/// What to do about a business code. The code itself says nothing about certainty: whether a call
/// was executed is told by [`super::outcome::classify`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reaction {
    /// A close-position stop of this side already rests: adopt it, or cancel it first. Never cancel
    /// the old one on the strength of this answer.
    AdoptExisting,
    /// The trigger is already crossed: close at market now.
    ExitNow,
    /// Read the position again before anything else. Not proof of "flat".
    RereadPosition,
    /// Resting reduce-only orders are in the way: cancel ours, then send again.
    FreeBlockers,
    /// It may or may not be there: ask by our id, before anything else is done. The codes that
    /// leave the execution open, and a name that is taken: most likely by this very order.
    QueryById,
    /// Our clock is off: measure again; the call was not executed.
    ResyncClock,
    /// Read the symbol's rules again and round anew.
    RefreshFilters,
    /// The price is outside the band around mark: read the mark and price anew.
    Reprice,
    /// The position mode is not what we think: read it again.
    RereadMode,
    /// Passes by itself: the same wish again after `after_ms`, at most `max_tries` times, each
    /// time only if the last one surely was not executed.
    RetrySoon {
        /// Pause in ms.
        after_ms: u64,
        /// Tries including the first.
        max_tries: u32,
    },
    /// A limit of the venue: silence until it ends.
    BackOff,
    /// Above the largest quantity: split.
    Split,
    /// Below the smallest notional: merge with the next leg.
    MergeLegs,
    /// We sent a malformed call: alarm; sending it again cannot help.
    BuilderBug,
    /// Key, signature or account refused: alarm, and nothing but protection is tried before a
    /// signed read has gone through.
    Halt,
    /// Nothing to cancel under this id: ask for its state.
    NotOpen,
    /// No such order: for a fresh order ask again after a moment, then believe it.
    NotFound,
    /// The stop is firing: ask until its state is final.
    Triggering,
    /// The listen key is gone: create one.
    RenewListenKey,
    /// It already is as wished.
    AlreadySo,
    /// Too many orders rest: alarm, and read both books whole, so that each owner sees what its
    /// positions do not need, sweeps it, and asks again by itself.
    Sweep,
    /// Nothing to do here: count it, show it, keep what protects.
    Alarm,
    /// A code that no row names: it proves nothing. Reconcile (ask by our id on both books, read
    /// the symbol), alarm, and a safe state until a clean read: nothing is sent again or canceled
    /// on its strength, what protects keeps resting.
    Reconcile,
}

/// A fresh position may be unknown to the algo service for about 2 s: 8 × 300 ms covers it.
const FRESH_POSITION: Reaction = Reaction::RetrySoon {
    after_ms: 300,
    max_tries: 8,
};
/// The book is away from mark: a short pause, and the position is still open meanwhile.
const THIN_BOOK: Reaction = Reaction::RetrySoon {
    after_ms: 250,
    max_tries: 5,
};

/// The reaction to a business code: every code of section 4 of the wire contract, and the two that
/// its sections 1.6 and 2.4 add (-1002, -4168), each by itself. A code that has no row here is
/// [`Reaction::Reconcile`].
#[must_use]
#[expect(
    clippy::manual_range_patterns,
    reason = "each code stands by itself, so that a search finds it"
)]
pub const fn reaction(code: i32) -> Reaction {
    match code {
        // Execution open, or possibly this very order: -1008 says "failed", and one order was
        // seen executed after it.
        -1000 | -1001 | -1006 | -1007 | -1008 | -4116 => Reaction::QueryById,
        -1003 | -1015 => Reaction::BackOff,
        -1021 | -5028 => Reaction::ResyncClock,
        -1002 | -1022 | -2014 | -2015 | -4109 => Reaction::Halt,
        -1125 => Reaction::RenewListenKey,

        // The order's own fate.
        -2011 => Reaction::NotOpen,
        -2013 => Reaction::NotFound,
        -4117 => Reaction::Triggering,
        -2021 | -4142 => Reaction::ExitNow,
        // "Unable to fill" asks for caution: what is open is looked at before the next try.
        -2020 | -2022 | -2024 => Reaction::RereadPosition,
        -4118 => Reaction::FreeBlockers,
        -4130 => Reaction::AdoptExisting,
        -4509 => FRESH_POSITION,
        -4131 => THIN_BOOK,

        // The symbol's rules.
        -1111 | -1121 | -4002 | -4004 | -4007 | -4013 | -4014 | -4023 | -4140 | -4141 => {
            Reaction::RefreshFilters
        }
        -4005 => Reaction::Split,
        -4164 => Reaction::MergeLegs,
        -4016 | -4024 | -4183 | -4184 | -4210 | -4211 => Reaction::Reprice,
        -4060 | -4061 | -4062 => Reaction::RereadMode,

        // The account.
        -2025 | -4045 => Reaction::Sweep,
        -4046 | -4059 => Reaction::AlreadySo,
        -2018 | -2019 | -2023 | -2027 | -2028 | -4028 | -4047 | -4048 | -4067 | -4068 | -4087
        | -4088 | -4161 | -4168 | -4192 | -4400 | -4401 | -4411 | -4531 => Reaction::Alarm,

        // Only a wrong request brings these about: shape, words, ids, wrong endpoint, options that
        // are never used.
        -1013 | -1020 | -1100 | -1101 | -1102 | -1104 | -1105 | -1106 | -1115 | -1116 | -1117
        | -1130 | -2026 | -4001 | -4003 | -4006 | -4015 | -4120 | -4135 | -4136 | -4137 | -4138
        | -5000 | -5021 | -5022 | -5024 | -5025 | -5026 | -5027 | -5029 | -5037 | -5038 | -5039
        | -5040 | -5041 | -5043 | -5047 => Reaction::BuilderBug,

        _ => Reaction::Reconcile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_no_row_names_is_reconciled() {
        for code in [
            i32::MIN,
            -9999,
            -1103,
            -1131,
            -4139,
            -5030,
            -1,
            0,
            200,
            i32::MAX,
        ] {
            assert_eq!(reaction(code), Reaction::Reconcile, "{code}");
        }
    }

    #[test]
    fn the_codes_that_leave_the_execution_open_are_asked_about() {
        for code in [-1000, -1001, -1006, -1007, -1008, -4116] {
            assert_eq!(reaction(code), Reaction::QueryById, "{code}");
        }
    }

    #[test]
    fn every_retry_is_bounded() {
        for code in -9999..=0 {
            if let Reaction::RetrySoon {
                after_ms,
                max_tries,
            } = reaction(code)
            {
                assert!((1..=10).contains(&max_tries) && after_ms >= 100, "{code}");
            }
        }
    }
}
