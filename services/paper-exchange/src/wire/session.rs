//! What the venue remembers of its callers: request weight, order counts, the listen key.

use serde_json::{Value, json};

use crate::rng::SplitMix64;
use crate::venue::VenueError;

/// Request weight per minute and IP.
const MAX_WEIGHT_1M: u32 = 2_400;
/// Orders per ten seconds and account.
const MAX_ORDERS_10S: u32 = 300;
/// Orders per minute and account.
const MAX_ORDERS_1M: u32 = 1_200;
/// Life of a listen key without keepalive, ms (60 min).
pub const LISTEN_KEY_MS: i64 = 3_600_000;
/// Length of a listen key.
const LISTEN_KEY_CHARS: u64 = 64;
/// Requests after a 429 that the venue bears before it bans the address.
const MAX_IGNORED: u32 = 50;
/// The shortest ban, ms.
const BAN_MS: i64 = 120_000;
const MINUTE_MS: i64 = 60_000;
const TEN_SECONDS_MS: i64 = 10_000;

/// A counter of one fixed window.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    number: i64,
    used: u32,
}

impl Window {
    /// Adds to the window of this moment and returns what it holds then.
    fn add(&mut self, amount: u32, length_ms: i64, now_ms: i64) -> u32 {
        let number = now_ms.div_euclid(length_ms);
        if number != self.number {
            *self = Self { number, used: 0 };
        }
        self.used = self.used.saturating_add(amount);
        self.used
    }

    /// What the window of this moment holds.
    const fn used(&self, length_ms: i64, now_ms: i64) -> u32 {
        if now_ms.div_euclid(length_ms) == self.number {
            self.used
        } else {
            0
        }
    }
}

/// Counters and the listen key of the one account.
#[derive(Debug, Clone, Default)]
pub struct Session {
    weight: Window,
    orders_10s: Window,
    orders_1m: Window,
    listen_key: Option<(String, i64)>,
    keys_made: u64,
    clock_offset_ms: i64,
    /// Requests sent on and on although the weight is used up.
    ignored: u32,
    banned_until_ms: Option<i64>,
}

impl Session {
    /// True while this listen key is alive.
    #[must_use]
    pub fn is_listen_key(&self, key: &str, now_ms: i64) -> bool {
        self.live_key(now_ms) == Some(key)
    }

    /// The listen key, while it is alive.
    #[must_use]
    pub fn listen_key(&self, now_ms: i64) -> Option<&str> {
        self.live_key(now_ms)
    }

    /// Takes a listen key whose time is over, so that its owner can be told once.
    pub fn take_expired(&mut self, now_ms: i64) -> Option<String> {
        let over = self
            .listen_key
            .as_ref()
            .is_some_and(|(_, until)| *until <= now_ms);
        if over {
            self.listen_key.take().map(|(key, _)| key)
        } else {
            None
        }
    }

    /// Fault: the listen key's time is over now.
    pub fn kill_listen_key(&mut self, now_ms: i64) {
        if let Some((_, until)) = &mut self.listen_key {
            *until = (*until).min(now_ms);
        }
    }

    /// Fault: from now on the server's clock is this far ahead of the true one, ms.
    pub const fn set_clock_offset(&mut self, offset_ms: i64) {
        self.clock_offset_ms = offset_ms;
    }

    /// Until when the address is banned, while it is.
    pub(super) fn banned_until_ms(&self, now_ms: i64) -> Option<i64> {
        self.banned_until_ms.filter(|until| now_ms < *until)
    }

    /// The server's clock.
    pub(super) const fn server_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.clock_offset_ms)
    }

    pub(super) fn count_weight(&mut self, weight: u32, now_ms: i64) -> Result<(), VenueError> {
        if self.weight.add(weight, MINUTE_MS, now_ms) <= MAX_WEIGHT_1M {
            self.ignored = 0;
            return Ok(());
        }
        self.ignored += 1;
        if self.ignored > MAX_IGNORED {
            self.ignored = 0;
            self.banned_until_ms = Some(now_ms.saturating_add(BAN_MS));
        }
        let text = "Too many requests; current limit is 2400 request weight per 1 MINUTE.";
        Err(VenueError::new(-1003, text))
    }

    /// Counts an order, or a batch, on the counts of ten seconds and of a minute.
    pub(super) fn count_order(&mut self, cost: (u32, u32), now_ms: i64) -> Result<(), VenueError> {
        let in_10s = self.orders_10s.add(cost.0, TEN_SECONDS_MS, now_ms);
        let in_1m = self.orders_1m.add(cost.1, MINUTE_MS, now_ms);
        let (most, per) = if in_10s > MAX_ORDERS_10S {
            (MAX_ORDERS_10S, "10 SECOND")
        } else if in_1m > MAX_ORDERS_1M {
            (MAX_ORDERS_1M, "1 MINUTE")
        } else {
            return Ok(());
        };
        let text = format!("Too many new orders; current limit is {most} orders per {per}.");
        Err(VenueError::new(-1015, text))
    }

    /// The counters as headers; order counts are not promised on a refused order.
    pub(super) fn headers(&self, with_orders: bool, now_ms: i64) -> Vec<(&'static str, String)> {
        let weight = self.weight.used(MINUTE_MS, now_ms);
        if !with_orders {
            return vec![("x-mbx-used-weight-1m", weight.to_string())];
        }
        let in_10s = self.orders_10s.used(TEN_SECONDS_MS, now_ms);
        let in_1m = self.orders_1m.used(MINUTE_MS, now_ms);
        vec![
            ("x-mbx-used-weight-1m", weight.to_string()),
            ("x-mbx-order-count-10s", in_10s.to_string()),
            ("x-mbx-order-count-1m", in_1m.to_string()),
        ]
    }

    /// The `rateLimits` list of the WebSocket API.
    pub(super) fn rate_limits(&self, with_orders: bool, now_ms: i64) -> Value {
        let row = |kind: &str, interval: &str, number: u32, limit: u32, count: u32| {
            json!({
                "rateLimitType": kind,
                "interval": interval,
                "intervalNum": number,
                "limit": limit,
                "count": count,
            })
        };
        let in_10s = self.orders_10s.used(TEN_SECONDS_MS, now_ms);
        let in_1m = self.orders_1m.used(MINUTE_MS, now_ms);
        let weight = self.weight.used(MINUTE_MS, now_ms);
        let mut rows = Vec::new();
        if with_orders {
            rows.push(row("ORDERS", "SECOND", 10, MAX_ORDERS_10S, in_10s));
            rows.push(row("ORDERS", "MINUTE", 1, MAX_ORDERS_1M, in_1m));
        }
        rows.push(row("REQUEST_WEIGHT", "MINUTE", 1, MAX_WEIGHT_1M, weight));
        Value::Array(rows)
    }

    /// Seconds until the minute window is over.
    pub(super) const fn retry_after_s(&self, now_ms: i64) -> i64 {
        (MINUTE_MS - now_ms.rem_euclid(MINUTE_MS)) / 1_000 + 1
    }

    /// The listen key, a new one where there was none; it lives for an hour from now.
    pub fn start_stream(&mut self, now_ms: i64) -> Value {
        let key = match self.live_key(now_ms) {
            Some(key) => key.to_owned(),
            None => self.new_key(),
        };
        self.listen_key = Some((key.clone(), now_ms + LISTEN_KEY_MS));
        json!({"listenKey": key})
    }

    pub(super) fn keep_stream(&mut self, now_ms: i64) -> Result<Value, VenueError> {
        if self.live_key(now_ms).is_none() {
            return Err(no_listen_key());
        }
        Ok(self.start_stream(now_ms))
    }

    pub(super) fn close_stream(&mut self, now_ms: i64) -> Result<Value, VenueError> {
        if self.live_key(now_ms).is_none() {
            return Err(no_listen_key());
        }
        self.listen_key = None;
        Ok(json!({}))
    }

    fn live_key(&self, now_ms: i64) -> Option<&str> {
        let (key, until) = self.listen_key.as_ref()?;
        (now_ms < *until).then_some(key)
    }

    fn new_key(&mut self) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        self.keys_made += 1;
        let mut rng = SplitMix64::new(self.keys_made);
        let pick = |_| {
            let index = usize::try_from(rng.below(36)).unwrap_or(0);
            char::from(ALPHABET[index])
        };
        (0..LISTEN_KEY_CHARS).map(pick).collect()
    }
}

fn no_listen_key() -> VenueError {
    VenueError::new(-1125, "This listenKey does not exist.")
}
