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
    /// It may or may not be there: ask by our id.
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
    /// Key, signature or account refused: stop trading, alarm.
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
    /// Nothing to do here: count it, show it, keep what protects. Where too many orders rest, each
    /// owner sweeps what its positions do not need, and asks again by itself.
    Alarm,
}

/// A fresh position may be unknown to the algo service for about 2 s: 8 × 300 ms covers it.
const FRESH_POSITION: Reaction = Reaction::RetrySoon {
    after_ms: 300,
    max_tries: 8,
};
/// Overload: the documented pause of 200 ms, few tries.
const OVERLOAD: Reaction = Reaction::RetrySoon {
    after_ms: 200,
    max_tries: 5,
};
/// The book is away from mark: a short pause, and the position is still open meanwhile.
const THIN_BOOK: Reaction = Reaction::RetrySoon {
    after_ms: 250,
    max_tries: 5,
};

/// The reaction to a business code. Codes nobody named are [`Reaction::Alarm`].
#[must_use]
pub fn reaction(code: i32) -> Reaction {
    match code {
        -4130 => Reaction::AdoptExisting,
        -2021 | -4142 => Reaction::ExitNow,
        -2022 | -2024 => Reaction::RereadPosition,
        -4118 => Reaction::FreeBlockers,
        -1000 | -1001 | -1006 | -1007 | -4116 => Reaction::QueryById,
        -1021 | -5028 => Reaction::ResyncClock,
        -1111 | -1121 | -4002 | -4004 | -4007 | -4013 | -4014 | -4023 | -4140 | -4141 => {
            Reaction::RefreshFilters
        }
        -4016 | -4024 | -4183 | -4184 | -4210 | -4211 => Reaction::Reprice,
        -4062..=-4060 => Reaction::RereadMode,
        -4509 => FRESH_POSITION,
        -1008 => OVERLOAD,
        -2020 | -4131 => THIN_BOOK,
        -1003 | -1015 => Reaction::BackOff,
        -4005 => Reaction::Split,
        -4164 => Reaction::MergeLegs,
        -1002 | -1022 | -2014 | -2015 | -4109 => Reaction::Halt,
        -2011 => Reaction::NotOpen,
        -2013 => Reaction::NotFound,
        -4117 => Reaction::Triggering,
        -1125 => Reaction::RenewListenKey,
        -4046 | -4059 => Reaction::AlreadySo,
        code if is_malformed(code) => Reaction::BuilderBug,
        _ => Reaction::Alarm,
    }
}

/// Codes that only a wrong request can bring about: shape, words, ids, wrong endpoint, options we
/// never use.
fn is_malformed(code: i32) -> bool {
    matches!(
        code,
        -1013
            | -1020
            | -1106..=-1100
            | -1117..=-1115
            | -1130
            | -2026
            | -4001
            | -4003
            | -4006
            | -4015
            | -4120
            | -4138..=-4135
            | -5000
            | -5022..=-5021
            | -5027..=-5024
            | -5029
            | -5041..=-5037
            | -5043
            | -5047
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(Reaction, &[i32]); 21] = [
        (Reaction::AdoptExisting, &[-4130]),
        (Reaction::ExitNow, &[-2021, -4142]),
        (Reaction::RereadPosition, &[-2022, -2024]),
        (Reaction::FreeBlockers, &[-4118]),
        (Reaction::QueryById, &[-1000, -1001, -1006, -1007, -4116]),
        (Reaction::ResyncClock, &[-1021, -5028]),
        (
            Reaction::RefreshFilters,
            &[-1111, -1121, -4002, -4004, -4007, -4013, -4014, -4023],
        ),
        (Reaction::RefreshFilters, &[-4140, -4141]),
        (
            Reaction::Reprice,
            &[-4016, -4024, -4183, -4184, -4210, -4211],
        ),
        (Reaction::RereadMode, &[-4060, -4061, -4062]),
        (FRESH_POSITION, &[-4509]),
        (OVERLOAD, &[-1008]),
        (THIN_BOOK, &[-2020, -4131]),
        (Reaction::BackOff, &[-1003, -1015]),
        (Reaction::Split, &[-4005]),
        (Reaction::MergeLegs, &[-4164]),
        (Reaction::Halt, &[-1002, -1022, -2014, -2015, -4109]),
        (Reaction::NotOpen, &[-2011]),
        (Reaction::NotFound, &[-2013]),
        (Reaction::Triggering, &[-4117]),
        (Reaction::RenewListenKey, &[-1125]),
    ];

    const MALFORMED: [i32; 36] = [
        -1013, -1020, -1100, -1101, -1102, -1104, -1105, -1106, -1115, -1116, -1117, -1130, -2026,
        -4001, -4003, -4006, -4015, -4120, -4135, -4136, -4137, -4138, -5000, -5021, -5022, -5024,
        -5025, -5026, -5027, -5029, -5037, -5039, -5040, -5041, -5043, -5047,
    ];

    /// Listed codes that need a human; entries, margin, account rules, too many orders.
    const HUMAN: [i32; 21] = [
        -2018, -2019, -2023, -2025, -2027, -2028, -4028, -4045, -4047, -4048, -4067, -4068, -4087,
        -4088, -4161, -4168, -4192, -4400, -4401, -4411, -4531,
    ];

    #[test]
    fn every_code_of_the_list_has_its_reaction() {
        for (expected, codes) in TABLE {
            for code in codes {
                assert_eq!(reaction(*code), expected, "{code}");
            }
        }
        for code in MALFORMED {
            assert_eq!(reaction(code), Reaction::BuilderBug, "{code}");
        }
        for code in HUMAN {
            assert_eq!(reaction(code), Reaction::Alarm, "{code}");
        }
        assert_eq!(
            (reaction(-4046), reaction(-4059)),
            (Reaction::AlreadySo, Reaction::AlreadySo)
        );
    }

    #[test]
    fn a_code_nobody_named_raises_an_alarm() {
        for code in [i32::MIN, -9999, -1, 0, 200, i32::MAX] {
            assert_eq!(reaction(code), Reaction::Alarm, "{code}");
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
