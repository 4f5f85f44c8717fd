//! What was delivered: the last of it in words, all of it in one number.

use std::collections::VecDeque;
use std::fmt::Write;

use domain::Timestamp;

use super::cast::Service;
use super::queue::Delivery;

/// Lines that are kept; a failure shows the last [`TAIL`].
const LINES_MAX: usize = 400;
/// Lines that a failure shows.
pub const TAIL: usize = 80;
/// Longest line that a failure shows, in characters.
const LINE_LEN_MAX: usize = 420;

/// The record of a run.
#[derive(Debug, Default)]
pub struct Transcript {
    lines: VecDeque<(Timestamp, Entry)>,
    hash: u64,
    steps: u64,
}

#[derive(Debug)]
enum Entry {
    Delivered(Delivery),
    Note(String),
}

impl Transcript {
    /// Takes a delivery in.
    pub fn record(&mut self, now: Timestamp, delivery: &Delivery) {
        self.steps += 1;
        self.mix(&now.micros().to_le_bytes());
        match delivery {
            Delivery::Bus { to, message, .. } => {
                self.mix(to.to_string().as_bytes());
                self.mix(message.subject.as_bytes());
                self.mix(&message.payload);
            }
            Delivery::Beat { to, .. } => return self.mix(to.name().as_bytes()),
            Delivery::Frame { text, .. } => self.mix(text.as_bytes()),
            other => self.mix(format!("{other:?}").as_bytes()),
        }
        self.push(now, Entry::Delivered(delivery.clone()));
    }

    /// A remark between deliveries: what the story did, what the venue did.
    pub fn note(&mut self, now: Timestamp, text: String) {
        self.mix(text.as_bytes());
        self.push(now, Entry::Note(text));
    }

    /// The whole run in one number.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// Deliveries so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The last lines, without heartbeats and other chatter.
    #[must_use]
    pub fn tail(&self) -> String {
        let told: Vec<String> = self
            .lines
            .iter()
            .filter_map(|(at, entry)| Some(line(*at, &words(entry)?)))
            .collect();
        let from = told.len().saturating_sub(TAIL);
        told[from..].join("\n")
    }

    fn push(&mut self, now: Timestamp, entry: Entry) {
        if matches!(&entry, Entry::Delivered(delivery) if is_chatter(delivery)) {
            return;
        }
        self.lines.push_back((now, entry));
        if self.lines.len() > LINES_MAX {
            self.lines.pop_front();
        }
    }

    fn mix(&mut self, bytes: &[u8]) {
        // FNV-1a, from wherever the hash stands.
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.hash = self.hash.wrapping_add(0x9E37_79B9_7F4A_7C15);
    }
}

fn is_chatter(delivery: &Delivery) -> bool {
    match delivery {
        Delivery::Bus { to, message, .. } => {
            let subject = &message.subject;
            let listens = matches!(to.service, Service::Diagnostics | Service::Market);
            listens
                || ["health.", "control.mode", "market.context"]
                    .iter()
                    .any(|it| subject.starts_with(it))
        }
        Delivery::Mark { .. } | Delivery::Venue | Delivery::Frame { .. } => true,
        _ => false,
    }
}

fn words(entry: &Entry) -> Option<String> {
    let delivery = match entry {
        Entry::Note(text) => return Some(text.clone()),
        Entry::Delivered(delivery) => delivery,
    };
    Some(match delivery {
        Delivery::Bus { to, message, .. } => {
            let said = bus::decode(message).map_or_else(|bad| bad.to_string(), |it| short(&it));
            format!("{to} <- {} {said}", message.subject)
        }
        Delivery::Call { call, .. } => {
            let request = &call.request;
            format!(
                "venue <- {:?} {} {:?}",
                request.method, request.path, request.params
            )
        }
        Delivery::Answer { result, .. } => match result {
            Ok(result) => format!("gateway <- {} {}", result.status, result.body),
            Err(error) => format!("gateway <- {error}"),
        },
        Delivery::Stream { item, .. } => format!("gateway <- {item:?}"),
        other => format!("{other:?}"),
    })
}

/// A snapshot in the few words that matter; everything else as it is.
fn short(heard: &bus::Heard) -> String {
    match heard {
        bus::Heard::Position(it) => {
            let position = &it.position;
            let mut text = format!(
                "epoch {} qty {} of {} entry {} complete {} flat_proven {} at {}:",
                position.epoch,
                position.qty,
                position.initial_qty,
                position.entry_price,
                it.complete,
                it.flat_proven,
                it.at.micros(),
            );
            for order in &it.orders {
                let written = write!(
                    text,
                    " [{} {:?} {}]",
                    order.client_order_id, order.order, order.status
                );
                debug_assert!(written.is_ok(), "writing to a string can't fail");
            }
            text
        }
        bus::Heard::Intent(it) | bus::Heard::Blocked(it) => {
            format!(
                "{} {:?} {} seq {}",
                it.kind, it.wish, it.reason, it.sequence
            )
        }
        bus::Heard::Decision { decision, .. } => {
            format!("{:?} {}", decision.action, decision.reason)
        }
        bus::Heard::Event(it) => format!(
            "{} {} filled {} code {:?} {}",
            it.client_order_id, it.status, it.filled_qty, it.code, it.detail
        ),
        bus::Heard::Approved(_) => "(signed)".into(),
        other => format!("{other:?}"),
    }
}

fn line(at: Timestamp, text: &str) -> String {
    let cut: String = text.chars().take(LINE_LEN_MAX).collect();
    let (seconds, micros) = (at.micros() / 1_000_000 % 10_000, at.micros() % 1_000_000);
    format!("{seconds:>4}.{micros:06} {cut}")
}
