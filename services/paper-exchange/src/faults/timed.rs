//! What happens by itself: bans, clocks, dead keys, hang-ups.

use super::{Faults, TimedAction, error};
use crate::venue::Venue;
use crate::wire::{WireResponse, banned};
use crate::world::SocketKind;

impl Faults {
    /// Lets time pass: timed actions that are due happen. [`Faults::handle`] does it too.
    pub fn advance(&mut self, venue: &mut Venue, now_ms: i64) {
        if self.began_ms.is_none() {
            venue
                .session_mut()
                .set_clock_offset(self.plan.clock_offset_ms);
        }
        let since_ms = self.since_ms(now_ms);
        while let Some(timed) = self.plan.timed.get(self.next_timed).copied() {
            if timed.at_ms > since_ms {
                return;
            }
            self.next_timed += 1;
            self.act(timed.action.name());
            match timed.action {
                TimedAction::KillListenKey => venue.session_mut().kill_listen_key(now_ms),
                TimedAction::HangUp(kind) => self.hang_ups.push(kind),
                TimedAction::Clock { offset_ms } => {
                    venue.session_mut().set_clock_offset(offset_ms);
                }
                TimedAction::Ban { ms } => self.banned_until_ms = now_ms.saturating_add(ms),
                TimedAction::Limit { ms } => self.limited_until_ms = now_ms.saturating_add(ms),
            }
        }
    }

    /// When the next timed action is due, ms; none before the plan has begun.
    #[must_use]
    pub fn next_timed_ms(&self) -> Option<i64> {
        let timed = self.plan.timed.get(self.next_timed)?;
        self.began_ms.map(|began| began.saturating_add(timed.at_ms))
    }

    /// Sockets that have to be hung up on now.
    pub fn take_hang_ups(&mut self) -> Vec<SocketKind> {
        std::mem::take(&mut self.hang_ups)
    }

    /// 418 and 429 while they last.
    pub(crate) fn gate(&self, now_ms: i64) -> Option<WireResponse> {
        if now_ms < self.banned_until_ms {
            return Some(banned(self.banned_until_ms, now_ms));
        }
        if now_ms >= self.limited_until_ms {
            return None;
        }
        let text = "Too many requests; current limit is 2400 request weight per 1 MINUTE.";
        let wait_s = (self.limited_until_ms - now_ms) / 1_000 + 1;
        Some(WireResponse {
            headers: vec![("retry-after", wait_s.to_string())],
            ..error(-1003, text)
        })
    }
}
