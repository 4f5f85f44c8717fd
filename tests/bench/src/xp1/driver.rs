//! The workload on the trigger book: each open slot gives it two levels, and only whoever the price
//! wakes is looked at.

use domain::triggers::{Levels, Slot as Place, TriggerBook};

use super::slot::{At, Book, Slot};
use super::{Outcome, Size, Tick};

/// The slots of one symbol.
struct Symbol {
    triggers: TriggerBook,
    slots: Vec<Slot>,
    /// The first slot's number among those of all symbols.
    first: u64,
    /// Who enters for the first time, and when; the next one last.
    waiting: Vec<(u64, Place)>,
    /// Who has left at the last tick, and enters at the next one.
    flat: Vec<Place>,
    due: Vec<Place>,
    now: u64,
}

impl Symbol {
    fn new(number: u32, count: u32) -> Self {
        let first = u64::from(number) * u64::from(count);
        let places = 0..count;
        let mut waiting: Vec<(u64, Place)> = places
            .clone()
            .map(|place| (Slot::first_entry(u64::from(place)), place))
            .collect();
        waiting.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            triggers: TriggerBook::new(),
            slots: places
                .map(|place| Slot::new(first + u64::from(place)))
                .collect(),
            first,
            waiting,
            flat: Vec::new(),
            due: Vec::new(),
            now: 0,
        }
    }

    #[inline]
    fn tick(&mut self, tick: u64, price: i64, book: &mut Book) {
        self.triggers.cross(price, &mut self.due);
        let enters = self.waiting.last().is_some_and(|next| next.0 <= self.now);
        if enters || !self.flat.is_empty() {
            self.let_in();
        }
        self.now += 1;
        if !self.due.is_empty() {
            self.look(tick, price, book);
        }
    }

    fn let_in(&mut self) {
        self.due.append(&mut self.flat);
        while let Some((_, place)) = self.waiting.pop_if(|next| next.0 <= self.now) {
            self.due.push(place);
        }
        self.due.sort_unstable();
    }

    fn look(&mut self, tick: u64, price: i64, book: &mut Book) {
        for place in self.due.drain(..) {
            let slot = &mut self.slots[place as usize];
            let at = At {
                tick,
                slot: self.first + u64::from(place),
                price,
            };
            if slot.is_open {
                slot.look(at, book);
            } else {
                slot.enter(at, book);
            }
            if slot.is_open {
                let (below, above) = slot.levels();
                let levels = Levels {
                    below: Some(below),
                    above: Some(above),
                };
                self.triggers.set(place, levels);
            } else {
                self.flat.push(place);
            }
        }
    }
}

/// Runs the workload; `told` is called after each tick, and whether something was decided on it.
pub fn run(size: Size, ticks: &[Tick], mut told: impl FnMut(bool)) -> Outcome {
    let symbols = 0..size.symbols;
    let mut symbols: Vec<Symbol> = symbols.map(|it| Symbol::new(it, size.slots)).collect();
    let mut book = Book::new();
    for (tick, Tick { price, symbol }) in (0..).zip(ticks) {
        let before = book.decisions();
        symbols[*symbol as usize].tick(tick, *price, &mut book);
        told(book.decisions() != before);
    }
    book.outcome()
}
