//! What the server does with what its policy lets nobody say: it drops it and tells the writer.

use bus::Message;

use super::{Seat, World, cast};

impl World {
    /// Drops a message; a writer of intents hears of it with its next beat, as the loop of a real
    /// one does.
    pub(super) fn drop_said(&mut self, from: Seat, dropped: &Message) {
        self.violations += 1;
        let subject = &dropped.subject;
        if subject.starts_with("order.intent.") {
            let service = from.service;
            self.forbidden.insert((service, self.life(service)));
        }
        let note = format_args!("the server drops {subject} of {from}");
        self.transcript.note(self.now, note);
    }

    /// Tells an owner that intents of this life of it were dropped.
    pub(super) fn tell_forbidden(&mut self, seat: Seat, life: u32) {
        if !self.forbidden.remove(&(seat.service, life)) {
            return;
        }
        self.tally.happen("an executor may not ask");
        let now = self.clock(seat.service);
        let mut out = Vec::new();
        if let Some(actor) = self.cast.owning(seat.service) {
            actor.forbidden(now, &mut out);
        }
        self.carry_out(seat, cast::owned(out));
    }
}
