//! Names of market streams, and the part of the split address where each is heard (section 1.1 of
//! the wire contract).

use super::kline_events::is_interval;

/// What a market stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamKind {
    /// `markPriceUpdate` this often, ms.
    MarkPrice { every_ms: i64 },
    /// `bookTicker`.
    BookTicker,
    /// `aggTrade`.
    AggTrade,
    /// `trade`.
    Trade,
    /// Differences of the book this often, ms.
    Depth { every_ms: i64 },
    /// The best levels this often, ms.
    PartialDepth { levels: u32, every_ms: i64 },
    /// Bars of this length.
    Kline { interval: String, continuous: bool },
    /// `24hrTicker`.
    Ticker,
    /// `24hrMiniTicker`.
    MiniTicker,
    /// `forceOrder`.
    ForceOrder,
    /// `contractInfo`.
    ContractInfo,
}

/// A market stream by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamName {
    pub(crate) kind: StreamKind,
    /// Upper case; `None` is every symbol.
    pub(crate) symbol: Option<String>,
}

/// The parts of the split address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamRoute {
    /// `/public`.
    Public,
    /// `/market`.
    Market,
    /// Both: trades, which some clients ask for on /public.
    Either,
}

impl StreamName {
    /// Reads a name; `None` for one that says nothing here, which the venue bears in silence.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix('!') {
            let kind = every_symbol(rest)?;
            return Some(Self { kind, symbol: None });
        }
        let (symbol, what) = name.split_once('@')?;
        if symbol.is_empty() || symbol.chars().any(char::is_uppercase) {
            return None;
        }
        let (kind, symbol) = match what.strip_prefix("continuousKline_") {
            Some(interval) => {
                let pair = symbol.strip_suffix("_perpetual")?;
                (kline(interval, true)?, pair)
            }
            None => (one_symbol(what)?, symbol),
        };
        Some(Self {
            kind,
            symbol: Some(symbol.to_uppercase()),
        })
    }

    /// Where it is heard.
    pub(crate) const fn route(&self) -> StreamRoute {
        match self.kind {
            StreamKind::BookTicker | StreamKind::Depth { .. } | StreamKind::PartialDepth { .. } => {
                StreamRoute::Public
            }
            StreamKind::Trade => StreamRoute::Either,
            _ => StreamRoute::Market,
        }
    }
}

fn every_symbol(name: &str) -> Option<StreamKind> {
    Some(match name {
        "markPrice@arr" => StreamKind::MarkPrice { every_ms: 3_000 },
        "markPrice@arr@1s" => StreamKind::MarkPrice { every_ms: 1_000 },
        "bookTicker" => StreamKind::BookTicker,
        "ticker@arr" => StreamKind::Ticker,
        "miniTicker@arr" => StreamKind::MiniTicker,
        "forceOrder@arr" => StreamKind::ForceOrder,
        "contractInfo" => StreamKind::ContractInfo,
        _ => return None,
    })
}

fn one_symbol(what: &str) -> Option<StreamKind> {
    if let Some(interval) = what.strip_prefix("kline_") {
        return kline(interval, false);
    }
    let (base, pace) = what
        .split_once('@')
        .map_or((what, None), |(b, p)| (b, Some(p)));
    if base == "markPrice" {
        let every_ms = match pace {
            None | Some("3s") => 3_000,
            Some("1s") => 1_000,
            Some(_) => return None,
        };
        return Some(StreamKind::MarkPrice { every_ms });
    }
    if let Some(levels) = base
        .strip_prefix("depth")
        .or_else(|| base.strip_prefix("rpiDepth"))
    {
        let usual = if base == "rpiDepth" { 500 } else { 250 };
        let every_ms = match pace {
            None => usual,
            Some("100ms") => 100,
            Some("250ms") => 250,
            Some("500ms") => 500,
            Some(_) => return None,
        };
        return match levels {
            "" => Some(StreamKind::Depth { every_ms }),
            "5" | "10" | "20" => Some(StreamKind::PartialDepth {
                levels: levels.parse().ok()?,
                every_ms,
            }),
            _ => None,
        };
    }
    match what {
        "bookTicker" => Some(StreamKind::BookTicker),
        "aggTrade" => Some(StreamKind::AggTrade),
        "trade" => Some(StreamKind::Trade),
        "ticker" => Some(StreamKind::Ticker),
        "miniTicker" => Some(StreamKind::MiniTicker),
        "forceOrder" => Some(StreamKind::ForceOrder),
        _ => None,
    }
}

fn kline(interval: &str, continuous: bool) -> Option<StreamKind> {
    is_interval(interval).then(|| StreamKind::Kline {
        interval: interval.to_owned(),
        continuous,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<(StreamKind, StreamRoute)> {
        StreamName::parse(name).map(|stream| (stream.kind.clone(), stream.route()))
    }

    #[test]
    fn every_name_of_the_contract_is_known_with_its_route() {
        let books = [
            "btcusdt@bookTicker",
            "!bookTicker",
            "btcusdt@depth",
            "btcusdt@depth@100ms",
            "btcusdt@depth@500ms",
            "btcusdt@depth5",
            "btcusdt@depth10@100ms",
            "btcusdt@depth20",
            "btcusdt@rpiDepth@500ms",
        ];
        for name in books {
            assert_eq!(read(name).unwrap().1, StreamRoute::Public, "{name}");
        }
        let others = [
            "btcusdt@aggTrade",
            "btcusdt@markPrice",
            "btcusdt@markPrice@1s",
            "!markPrice@arr",
            "!markPrice@arr@1s",
            "btcusdt@kline_1m",
            "btcusdt@kline_12h",
            "btcusdt@ticker",
            "btcusdt_perpetual@continuousKline_1m",
            "!ticker@arr",
            "btcusdt@miniTicker",
            "!miniTicker@arr",
            "btcusdt@forceOrder",
            "!forceOrder@arr",
            "!contractInfo",
        ];
        for name in others {
            assert_eq!(read(name).unwrap().1, StreamRoute::Market, "{name}");
        }
        assert_eq!(read("btcusdt@trade").unwrap().1, StreamRoute::Either);
        let mark = StreamName::parse("btcusdt@markPrice").unwrap();
        assert_eq!(mark.symbol.as_deref(), Some("BTCUSDT"));
        assert_eq!(mark.kind, StreamKind::MarkPrice { every_ms: 3_000 });
    }

    #[test]
    fn bogus_names_are_nothing() {
        for name in [
            "0",
            "",
            "@",
            "!what",
            "BTCUSDT@trade",
            "btcusdt@depth7",
            "btcusdt@kline_9m",
            "btcusdt@markPrice@2s",
            "btcusdt@continuousKline_1m",
            "listenkeylistenkey",
        ] {
            assert_eq!(StreamName::parse(name), None, "{name}");
        }
    }
}
