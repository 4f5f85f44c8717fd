//! The floor: a straight loop over the positions of the symbol.

use super::slot::{At, Book, Slot};
use super::{Outcome, Size, Tick};

/// Runs the workload; `told` is called after each tick, and whether something was decided on it.
pub fn run(size: Size, ticks: &[Tick], mut told: impl FnMut(bool)) -> Outcome {
    let per_symbol = size.slots as usize;
    let count = u64::from(size.symbols) * u64::from(size.slots);
    let mut slots: Vec<Slot> = (0..count).map(Slot::new).collect();
    let mut seen = vec![0_u64; size.symbols as usize];
    let mut book = Book::new();
    for (tick, Tick { price, symbol }) in (0..).zip(ticks) {
        let symbol = *symbol as usize;
        let now = seen[symbol];
        seen[symbol] += 1;
        let first = symbol * per_symbol;
        let before = book.decisions();
        let own = &mut slots[first..first + per_symbol];
        for (place, slot) in (0_u64..).zip(own) {
            let at = At {
                tick,
                slot: first as u64 + place,
                price: *price,
            };
            if slot.is_open {
                slot.look(at, &mut book);
            } else if now >= Slot::first_entry(place) {
                slot.enter(at, &mut book);
            }
        }
        told(book.decisions() != before);
    }
    book.outcome()
}
