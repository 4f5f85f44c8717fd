//! What happened to each position, in chapters: the bounded memory out of which its story is told.

use std::collections::{BTreeMap, VecDeque};

use bus::Heard;
use domain::intent::Denial;
use domain::order::{OrderEvent, OrderStatus};
use domain::snapshot::PositionSnapshot;
use domain::{Epoch, PositionKey, Timestamp};

mod because;
mod page;
mod told;
mod words;

pub use page::{Held, Page, PlanNote, Verdict};
pub use told::stories;

/// Chapters of one life: a stop that moves takes eight of them, so this is a day of some thirty
/// moves. The oldest is dropped first.
pub const CHAPTERS_MAX: usize = 256;
/// Lives that are remembered. Of those that have ended the one that was silent longest is dropped
/// first; with the longest texts that are accepted all of them are 100 MB.
pub const LIVES_MAX: usize = 256;

/// Something that happened; said again, it only counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// When, by the clock of whoever said it first.
    pub at: Timestamp,
    /// What.
    pub page: Page,
    /// How often it was said.
    pub times: u64,
    /// When it was said last.
    pub last_at: Timestamp,
}

/// One life of one position.
#[derive(Debug, Clone, Default)]
pub struct Life {
    chapters: VecDeque<Chapter>,
    dropped: u64,
    held: Option<Held>,
    heard_at: Timestamp,
}

/// Every life that is remembered.
#[derive(Debug, Clone, Default)]
pub struct Stories {
    lives: BTreeMap<(PositionKey, Epoch), Life>,
    dropped: u64,
}

impl Stories {
    /// Takes one valid message, heard at `now`.
    pub fn hear(&mut self, now: Timestamp, heard: &Heard) {
        match heard {
            Heard::Position(snapshot) => self.hear_position(now, snapshot),
            Heard::Plan(plan) => {
                let life = self.life(now, &plan.key, plan.epoch);
                life.write(plan.created_at, Page::Plan(PlanNote::of(plan)));
            }
            Heard::Decision { live, decision } => {
                let life = self.life(now, &decision.key, decision.epoch);
                let page = Page::Decision {
                    live: *live,
                    decision: Box::new(decision.clone()),
                };
                life.write(decision.at, page);
            }
            Heard::Asked(intent) => {
                let life = self.life(now, &intent.key, intent.epoch);
                life.write(intent.created_at, Page::Intent(Box::new(intent.clone())));
                // The verdict on it may have been heard first: each subject has a queue of its own.
                for chapter in &mut life.chapters {
                    chapter.page.note_asked(&intent.id);
                }
            }
            Heard::Event(event) => self.hear_event(now, event),
            Heard::Denied(denial) => self.hear_denial(now, denial),
            _ => {}
        }
    }

    /// Lives of which nothing is known any more.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The lives in the order of their positions' keys, the oldest of each position first.
    pub fn iter(&self) -> impl Iterator<Item = (&PositionKey, Epoch, &Life)> {
        self.lives
            .iter()
            .map(|((key, epoch), life)| (key, *epoch, life))
    }

    /// A picture a second would be a chapter a second: only what changed is one.
    fn hear_position(&mut self, now: Timestamp, snapshot: &PositionSnapshot) {
        let position = &snapshot.position;
        let is_known = || {
            let life = (position.key.clone(), position.epoch);
            self.lives.contains_key(&life)
        };
        let is_open = position.is_open();
        // Unknown is not flat; and what was over before anything was heard has no story.
        if !is_open && (!snapshot.flat_proven || !is_known()) {
            return;
        }
        let life = self.life(now, &position.key, position.epoch);
        let held = Held::of(position, life.held.as_ref());
        let same = |known: &Held| (known.qty, known.entry_price) == (held.qty, held.entry_price);
        if life.held.as_ref().is_some_and(same) {
            return;
        }
        life.held = Some(held.clone());
        life.write(snapshot.at, Page::Position(held));
    }

    /// An approval travels where only the gateway hears it. The gateway takes nothing else, so its
    /// first word about an intent is the proof of one.
    fn hear_event(&mut self, now: Timestamp, event: &OrderEvent) {
        let life = self.life(now, &event.key, event.epoch);
        let is_first = matches!(
            event.status,
            OrderStatus::Submitting | OrderStatus::Rejected
        );
        if is_first && !life.has(|page| page.is_verdict_on(&event.intent_id)) {
            let approved = Verdict::approved(event);
            life.write(event.at, Page::Verdict(Box::new(approved)));
        }
        life.write(event.at, Page::Order(Box::new(event.clone())));
    }

    /// A denial tells no life: it belongs to the one whose intent it is about, and one about an
    /// intent that was not heard, which is what becomes of a diverted one, to the newest.
    fn hear_denial(&mut self, now: Timestamp, denial: &Denial) {
        let first = (denial.key.clone(), Epoch(0));
        let last = (denial.key.clone(), Epoch(u64::MAX));
        let lives = || self.lives.range(first.clone()..=last.clone()).rev();
        let asked = |life: &Life| life.has(|page| page.is_intent(&denial.intent_id));
        let whose = lives().find(|(_, life)| asked(life));
        let Some((id, _)) = whose.or_else(|| lives().next()) else {
            return;
        };
        let epoch = id.1;
        let life = self.life(now, &denial.key, epoch);
        let denied = Verdict::denied(denial, life.has(|page| page.is_intent(&denial.intent_id)));
        life.write(denial.at, Page::Verdict(Box::new(denied)));
    }

    fn life(&mut self, now: Timestamp, key: &PositionKey, epoch: Epoch) -> &mut Life {
        let id = (key.clone(), epoch);
        if self.lives.len() >= LIVES_MAX && !self.lives.contains_key(&id) {
            self.drop_oldest();
        }
        let life = self.lives.entry(id).or_default();
        life.heard_at = now;
        life
    }

    fn drop_oldest(&mut self) {
        let rank = |life: &Life| (life.is_open(), life.heard_at);
        let oldest = self.lives.iter().min_by_key(|(_, life)| rank(life));
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.lives.remove(&id);
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

impl Life {
    /// Its chapters in the order in which they were heard.
    pub fn chapters(&self) -> impl Iterator<Item = &Chapter> {
        self.chapters.iter()
    }

    /// How many chapters are kept no longer.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What the venue was last seen to hold.
    #[must_use]
    pub const fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    fn is_open(&self) -> bool {
        self.held.as_ref().is_some_and(Held::is_open)
    }

    fn has(&self, fits: impl Fn(&Page) -> bool) -> bool {
        self.chapters.iter().any(|it| fits(&it.page))
    }

    /// Adds a chapter, or counts one that says the same as the last of its thread; its words are
    /// the newest then.
    fn write(&mut self, at: Timestamp, page: Page) {
        let mut newest = self.chapters.iter_mut().rev();
        let before = newest.find(|it| it.page.is_of_thread(&page));
        if let Some(before) = before.filter(|it| it.page.is_repeated_by(&page)) {
            before.times = before.times.saturating_add(1);
            before.last_at = before.last_at.max(at);
            before.page = page;
            return;
        }
        let chapter = Chapter {
            at,
            page,
            times: 1,
            last_at: at,
        };
        self.chapters.push_back(chapter);
        while self.chapters.len() > CHAPTERS_MAX {
            self.chapters.pop_front();
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}
