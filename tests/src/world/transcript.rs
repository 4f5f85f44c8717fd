//! What was delivered: the last of it in words, all of it in one number.

use std::collections::VecDeque;
use std::fmt::{self, Write};

use binance::stream::StreamItem;
use domain::Timestamp;

use super::cast::Service;
use super::digest::Digest;
use super::queue::Delivery;
use super::seat::Seat;

/// Lines that are kept; a failure shows the last [`TAIL`].
const LINES_MAX: usize = 400;
/// Lines that a failure shows.
pub const TAIL: usize = 80;
/// Longest line that a failure shows, in characters.
const LINE_LEN_MAX: usize = 420;

/// The record of a run.
#[derive(Debug)]
pub struct Transcript {
    /// None where only the number is asked for.
    lines: Option<VecDeque<(Timestamp, Entry)>>,
    digest: Digest,
    steps: u64,
}

#[derive(Debug)]
enum Entry {
    Delivered(Delivery),
    Note(String),
}

impl Transcript {
    /// A record of nothing yet, which keeps the last of it in words where `in_words` says so.
    #[must_use]
    pub fn new(in_words: bool) -> Self {
        Self {
            lines: in_words.then(VecDeque::new),
            digest: Digest::default(),
            steps: 0,
        }
    }

    /// Takes a delivery in.
    pub fn record(&mut self, now: Timestamp, delivery: &Delivery) {
        self.steps += 1;
        self.digest.word(now.micros().cast_unsigned());
        mix(&mut self.digest, delivery);
        if let Delivery::Beat { .. } = delivery {
            return;
        }
        self.keep(now, || Entry::Delivered(delivery.clone()));
    }

    /// A remark between deliveries: what the story did, what the venue did.
    pub fn note(&mut self, now: Timestamp, text: fmt::Arguments<'_>) {
        mix_words(&mut self.digest, text);
        self.keep(now, || Entry::Note(text.to_string()));
    }

    /// The whole run in one number.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.digest.get()
    }

    /// Deliveries so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The last lines, without heartbeats and other chatter.
    #[must_use]
    pub fn tail(&self) -> String {
        let Some(lines) = &self.lines else {
            return "(run it again with `transcript: true` to read what happened)".into();
        };
        let told: Vec<String> = lines
            .iter()
            .filter_map(|(at, entry)| Some(line(*at, &words(entry)?)))
            .collect();
        let from = told.len().saturating_sub(TAIL);
        told[from..].join("\n")
    }

    fn keep(&mut self, now: Timestamp, entry: impl FnOnce() -> Entry) {
        let Some(lines) = &mut self.lines else {
            return;
        };
        let entry = entry();
        if matches!(&entry, Entry::Delivered(delivery) if is_chatter(delivery)) {
            return;
        }
        lines.push_back((now, entry));
        if lines.len() > LINES_MAX {
            lines.pop_front();
        }
    }
}

/// Takes in what arrives, and where.
fn mix(digest: &mut Digest, delivery: &Delivery) {
    match delivery {
        Delivery::Bus { to, said, .. } => {
            digest.word(to.number());
            digest.word(said.digest.get());
        }
        Delivery::Beat { to, .. } => digest.word(Seat::from(*to).number()),
        Delivery::Frame { text, .. } => digest.bytes(text.as_bytes()),
        Delivery::Answer {
            call,
            result: Ok(result),
            ..
        } => {
            mix_words(digest, format_args!("{call:?} {}", result.status));
            digest.bytes(result.body.as_bytes());
        }
        Delivery::Stream {
            item: StreamItem::Text(text),
            ..
        } => digest.bytes(text.as_bytes()),
        other => mix_words(digest, format_args!("{other:?}")),
    }
}

fn mix_words(digest: &mut Digest, words: fmt::Arguments<'_>) {
    let written = digest.write_fmt(words);
    debug_assert!(written.is_ok(), "a number takes any words");
}

fn is_chatter(delivery: &Delivery) -> bool {
    match delivery {
        Delivery::Bus { to, said, .. } => {
            let subject = &said.message.subject;
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
        Delivery::Bus { to, said, .. } => {
            let heard = said.heard.as_ref();
            let words = heard.map_or_else(ToString::to_string, short);
            format!("{to} <- {} {words}", said.message.subject)
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
        bus::Heard::Intent(it) | bus::Heard::Asked(it) | bus::Heard::Blocked(it) => {
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
