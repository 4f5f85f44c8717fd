//! The menu of faults that one order, or one cancel, may meet.

use binance::TransportError;

/// What happens to the call of one order, or to the events about it.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// The answer is this one, whether the venue has done it or not, so many times.
    Say {
        executed: bool,
        status: u16,
        code: i32,
        times: u32,
    },
    /// The same with a text that bears no code.
    Bare {
        executed: bool,
        status: u16,
        body: &'static str,
    },
    /// A limit, with the header that says for how many seconds.
    Limit { status: u16, code: i32, wait_s: u64 },
    /// No answer comes back.
    Break {
        executed: bool,
        error: TransportError,
    },
    /// No answer comes back, and the venue does it only so much later.
    DoneLater { ms: i64 },
    /// Done, and the answer arrives cut in half.
    Garble,
    /// Done, and the answer is about another order.
    Foreign,
    /// Done, but for so long the venue denies that there is such an order.
    Hide { ms: i64 },
    /// Once it fires it stays TRIGGERING.
    Stick,
    /// Every event about it is lost.
    Lose,
    /// Every event about it comes so much later.
    Late { ms: i64 },
    /// Every event about it comes twice.
    Twice,
    /// Its events come in the opposite order, together.
    Swap,
    /// The user stream is cut around it.
    Cut,
}

/// One fault and its name in the table.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub name: &'static str,
    pub does: Does,
}

const UNKNOWN: &str = "Unknown error, please check your request or try again later.";

const fn say(name: &'static str, executed: bool, status: u16, code: i32) -> Fault {
    let times = 1;
    Fault {
        name,
        does: Does::Say {
            executed,
            status,
            code,
            times,
        },
    }
}

const fn twice_refused(name: &'static str, code: i32) -> Fault {
    Fault {
        name,
        does: Does::Say {
            executed: false,
            status: 400,
            code,
            times: 2,
        },
    }
}

const fn lost(name: &'static str, executed: bool, error: TransportError) -> Fault {
    Fault {
        name,
        does: Does::Break { executed, error },
    }
}

const fn bare(name: &'static str, executed: bool, status: u16, body: &'static str) -> Fault {
    Fault {
        name,
        does: Does::Bare {
            executed,
            status,
            body,
        },
    }
}

const fn limit(name: &'static str, status: u16, code: i32, wait_s: u64) -> Fault {
    Fault {
        name,
        does: Does::Limit {
            status,
            code,
            wait_s,
        },
    }
}

const fn plain(name: &'static str, does: Does) -> Fault {
    Fault { name, does }
}

/// What a call that places may meet.
pub const PLACING: &[Fault] = &[
    bare("503 unknown, executed", true, 503, UNKNOWN),
    bare("503 unknown, not executed", false, 503, UNKNOWN),
    bare("503 unavailable", false, 503, "Service Unavailable."),
    bare("502 page, executed", true, 502, "<html>bad gateway</html>"),
    bare("500 empty, not executed", false, 500, ""),
    bare("400 page, executed", true, 400, "<html>"),
    say("408 -1007, executed", true, 408, -1007),
    say("408 -1007, not executed", false, 408, -1007),
    say("-1006, executed", true, 400, -1006),
    say("-1006, not executed", false, 400, -1006),
    say("-1000, executed", true, 400, -1000),
    say("-1000, not executed", false, 503, -1000),
    say("-1001, executed", true, 500, -1001),
    say("-1001, not executed", false, 503, -1001),
    say("-1008, executed", true, 503, -1008),
    say("-1008, not executed", false, 503, -1008),
    say("-4116, executed", true, 400, -4116),
    say("-4116, not executed", false, 400, -4116),
    say("unlisted code, executed", true, 400, -4999),
    say("unlisted code, not executed", false, 400, -4999),
    say("-1021", false, 400, -1021),
    say("-5028", false, 400, -5028),
    say("-2022", false, 400, -2022),
    say("-4130", false, 400, -4130),
    say("-2015", false, 401, -2015),
    twice_refused("-4509 after the fill", -4509),
    twice_refused("-4131", -4131),
    limit("429 -1003", 429, -1003, 1),
    limit("429 -1015", 429, -1015, 1),
    limit("418 ban", 418, -1003, 2),
    limit("403 firewall", 403, 0, 1),
    lost("timeout, executed", true, TransportError::Timeout),
    lost("timeout, not executed", false, TransportError::Timeout),
    lost("broken, executed", true, TransportError::Other),
    lost("broken, not executed", false, TransportError::Other),
    lost("no connection", false, TransportError::Connect),
    plain("timeout, executed late", Does::DoneLater { ms: 4_000 }),
    plain("answer cut in half", Does::Garble),
    plain("answer of another order", Does::Foreign),
    plain("late visibility", Does::Hide { ms: 2_500 }),
    plain("stuck TRIGGERING", Does::Stick),
    plain("events lost", Does::Lose),
    plain("events late", Does::Late { ms: 1_700 }),
    plain("events twice", Does::Twice),
    plain("events swapped", Does::Swap),
    plain("stream cut", Does::Cut),
];

/// What the events about one order may meet beside.
pub const EVENTS: &[Fault] = &[
    plain("events lost", Does::Lose),
    plain("events late", Does::Late { ms: 1_700 }),
    plain("events twice", Does::Twice),
    plain("events swapped", Does::Swap),
];

/// What a call that cancels may meet.
pub const CANCELING: &[Fault] = &[
    bare("503 unknown, executed", true, 503, UNKNOWN),
    bare("503 unknown, not executed", false, 503, UNKNOWN),
    say("408 -1007, executed", true, 408, -1007),
    say("408 -1007, not executed", false, 408, -1007),
    say("-1006, executed", true, 400, -1006),
    say("-1001, not executed", false, 503, -1001),
    say("-2011 of a repeated cancel", true, 400, -2011),
    say("-2011 of a resting order", false, 400, -2011),
    say("-4117", false, 400, -4117),
    say("unlisted code, executed", true, 400, -4999),
    say("unlisted code, not executed", false, 400, -4999),
    say("-1021", false, 400, -1021),
    limit("429 -1003", 429, -1003, 1),
    lost("timeout, executed", true, TransportError::Timeout),
    lost("timeout, not executed", false, TransportError::Timeout),
    lost("broken, executed", true, TransportError::Other),
    lost("no connection", false, TransportError::Connect),
    plain("answer cut in half", Does::Garble),
    plain("answer of another order", Does::Foreign),
];
