//! The operator's kill that came by the gateway's own port.

use domain::mode::{Kill, Mode};
use domain::{Module, Timestamp};

use super::calls::{Purpose, Waiting, take_waiting};
use super::{GatewayActor, GatewayEffect, TAG};

/// What a kill has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    /// The mode that this process resolved before.
    pub before: Mode,
    /// The one that it resolves now, and until it is started anew.
    pub after: Mode,
    /// Whether it acts for the account.
    pub acts: bool,
    /// Orders and cancels of the executor that waited and were given up.
    pub withdrawn: usize,
    /// Calls on their way to the venue.
    pub in_flight: usize,
}

impl GatewayActor {
    /// Goes down for good, as for a kill on the bus; but nobody else has heard of it. So the others
    /// are told at once by the heartbeat, which the guard goes by: the lowest mode is in force.
    /// With the bus down they are told when it is back.
    pub fn kill(&mut self, now: Timestamp, kill: &Kill, out: &mut Vec<GatewayEffect>) -> Lowered {
        self.turn_to(now);
        self.pulse.count("kills_direct");
        let before = self.mode.own();
        self.mode.lower(kill.to);
        let after = self.mode.own();
        let (mode, by) = (after, &kill.by);
        tracing::warn!(tag = TAG, %before, %mode, by, "killed directly: mode lowered for good");
        let withdrawn = self.withdraw();
        self.settle(out);
        self.publish_heartbeat();
        out.append(&mut self.out);
        Lowered {
            before,
            after,
            acts: self.acts(),
            withdrawn,
            in_flight: self.calls.out_len(),
        }
    }

    /// Outside LIVE, gives up the executor's orders and cancels that wait; each is refused as it
    /// would be when its turn came, and nobody waits for it meanwhile.
    pub(super) fn withdraw(&mut self) -> usize {
        if self.mode.highest(self.now) == Mode::Live {
            return 0;
        }
        let ledger = &self.ledger;
        let of_executor = |waiting: &Waiting| match &waiting.purpose {
            Purpose::Place(id) => {
                matches!(ledger.get(id), Some(own) if own.module == Module::ExitExecutor)
            }
            Purpose::Cancel(cancel) => cancel.author == Module::ExitExecutor,
            Purpose::Read(_) | Purpose::Ask { .. } => false,
        };
        let waiting = take_waiting(&mut self.calls, &mut self.after_clock, of_executor);
        let mut withdrawn = 0;
        for mut it in waiting {
            if self.before_send(&mut it) {
                self.push(it);
            } else {
                withdrawn += 1;
            }
        }
        withdrawn
    }
}
