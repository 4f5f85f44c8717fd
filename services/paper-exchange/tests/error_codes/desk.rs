//! A venue and short ways to ask it.

use paper_exchange::venue::{PriceUpdate, SymbolSpec, Venue, VenueConfig};
use paper_exchange::wire::{WireRequest, WireResponse, handle};
use rust_decimal::Decimal;
use serde_json::Value;

/// The moment at which everything happens.
pub const NOW: i64 = 1_795_178_173_912;
pub const ORDER: &str = "/fapi/v1/order";
pub const ALGO: &str = "/fapi/v1/algoOrder";
/// A limit order that rests.
pub const REST: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&\
                        price=59000&newClientOrderId=rests";
/// A closePosition stop under a long.
pub const STOP: &str = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&\
                        triggerPrice=58000&workingType=MARK_PRICE&closePosition=true";

/// Status and code of an answer; code 0 when it is no error.
pub type Answer = (u16, i32);

/// A venue with BTCUSDT at 60000.
pub struct Desk {
    pub venue: Venue,
    now_ms: i64,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(VenueConfig::default())
    }

    pub fn with(config: VenueConfig) -> Self {
        let mut desk = Self::unpriced(config);
        desk.price("60000");
        desk
    }

    /// Without any price yet.
    pub fn unpriced(config: VenueConfig) -> Self {
        Self {
            venue: Venue::new(config),
            now_ms: NOW,
        }
    }

    /// With one switch of the rules changed.
    pub fn ruled(change: impl FnOnce(&mut paper_exchange::venue::Rules)) -> Self {
        let mut config = VenueConfig::default();
        change(&mut config.rules);
        Self::with(config)
    }

    /// With one filter of BTCUSDT changed.
    pub fn filtered(change: impl FnOnce(&mut SymbolSpec)) -> Self {
        let mut spec = SymbolSpec::named("BTCUSDT").unwrap();
        change(&mut spec);
        Self::with(VenueConfig {
            symbols: vec![spec],
            ..VenueConfig::default()
        })
    }

    /// In hedge mode.
    pub fn hedged() -> Self {
        Self::with(VenueConfig {
            hedge: true,
            ..VenueConfig::default()
        })
    }

    /// Long 0.010.
    pub fn long(mut self) -> Self {
        self.done(
            "POST",
            ORDER,
            "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010",
        );
        self
    }

    pub fn price(&mut self, at: &str) {
        self.prices(PriceUpdate::at(dec(at)));
    }

    pub fn prices(&mut self, update: PriceUpdate) {
        self.venue.on_price("BTCUSDT", update, self.now_ms).unwrap();
    }

    pub fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    pub fn ask(&mut self, method: &str, path: &str, query: &str) -> Answer {
        let request = WireRequest::new(method, path, query);
        self.send(&request)
    }

    pub fn send(&mut self, request: &WireRequest) -> Answer {
        read(&handle(&mut self.venue, request, self.now_ms))
    }

    /// A request that has to succeed.
    pub fn done(&mut self, method: &str, path: &str, query: &str) {
        let answer = self.ask(method, path, query);
        assert_eq!(answer, (200, 0), "{method} {path} {query}");
    }
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The status and the code of an answer.
pub fn read(response: &WireResponse) -> Answer {
    let body: Value = serde_json::from_str(&response.body).unwrap();
    let code = body["code"].as_i64().filter(|code| *code < 0);
    (response.status, i32::try_from(code.unwrap_or(0)).unwrap())
}

/// HTTP status of a code, written down once more from section 1.6.
pub fn expected_status(code: i32) -> u16 {
    match code {
        -2014 | -2015 => 401,
        -5000 => 404,
        -1007 => 408,
        -1003 | -1015 => 429,
        -1001 | -1008 => 503,
        _ => 400,
    }
}

/// Makes a test of each case and a list of their codes.
macro_rules! by_rule {
    ($($name:ident: $code:literal => $answer:expr;)+) => {
        /// The codes that have a case here.
        pub const CODES: &[i32] = &[$($code),+];

        $(
            #[test]
            fn $name() {
                let answer: $crate::desk::Answer = $answer;
                assert_eq!(answer, ($crate::desk::expected_status($code), $code));
            }
        )+
    };
}
pub(crate) use by_rule;
