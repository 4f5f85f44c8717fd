//! The gateway's state machine: approvals and the venue's words in, calls and news out.

mod answers;
mod ask;
mod book;
mod budget;
mod calls;
mod direct;
mod dispatch;
mod door;
mod effect;
mod events;
mod late;
mod ledger;
mod legs;
mod life;
mod lives;
mod merge;
mod mode;
mod observed;
mod owner;
mod pace;
mod publish;
mod reactions;
mod reads;
mod rules;
mod safe;
mod second_look;
mod submit;

use std::collections::{BTreeMap, BTreeSet};

use bus::{BadMessage, Heard};
use domain::ids::ClientOrderId;
use domain::lease::Answer;
use domain::mode::{Flags, Mode};
use domain::snapshot::ExitMetrics;
use domain::{Account, Span, Symbol, Timestamp};
use runtime::Actor;
use runtime::lease::Ownership;
use runtime::pulse::Pulse;

use book::Books;
use calls::{Calls, Waiting};
use door::Door;
use ledger::Ledger;
use legs::Legs;
use mode::ModeWatch;
use owner::Owner;
use reads::Reads;
use rules::Rules;
use safe::SafeState;

use binance::PositionMode;
use binance::wire::WirePositionSide;

pub use direct::Lowered;
pub use effect::{CallId, GatewayEffect, VenueCall, VenueInput};

/// Tag of the gateway's log lines.
const TAG: &str = "EXIT_GATEWAY";

/// What the gateway is told at its start; everything else it learns from the venue.
#[derive(Debug)]
pub struct GatewayConfig {
    /// The operator's name of the account.
    pub account: Account,
    /// The flags of this process.
    pub flags: Flags,
    /// Start of this process in microseconds: its fencing token.
    pub boot: u64,
    /// Whether it acts, or stands by for another gateway of the account.
    pub ownership: Ownership,
    /// Which instance this is.
    pub instance: String,
    /// The guard's public key; an approval counts only with its signature.
    pub guard_key: nkeys::KeyPair,
    /// Symbols to act on; none for every symbol that the venue lists.
    pub symbols: Option<BTreeSet<Symbol>>,
    /// How old a request may be when the venue takes it: for so long one of unknown fate may
    /// still be executed.
    pub recv_window: Span,
}

/// The state machine. It never waits and never reads a clock: every input brings the time.
#[derive(Debug)]
pub struct GatewayActor {
    account: Account,
    owner: Owner,
    recv_window: Span,
    guard_key: nkeys::KeyPair,
    now: Timestamp,
    out: Vec<GatewayEffect>,
    /// Orders that leave by the last input, and have not been told yet.
    untold: Vec<ClientOrderId>,
    instance: String,
    pulse: Pulse,
    metrics: ExitMetrics,
    mode: ModeWatch,
    door: Door,
    rules: Rules,
    legs: Legs,
    books: Books,
    ledger: Ledger,
    calls: Calls,
    reads: Reads,
    safe: SafeState,
    stream: Stream,
    /// Orders to be sent again as soon as the venue's clock has been measured.
    after_clock: Vec<Waiting>,
    /// Fills whose account event has not come yet, leg by leg: venue time of the newest, and until
    /// when it is waited for.
    fills: BTreeMap<(Symbol, WirePositionSide), (i64, Timestamp)>,
    snapshots: u64,
    booted: bool,
    stopping: bool,
}

#[derive(Debug, Default)]
struct Stream {
    is_connected: bool,
    last_frame_at: Option<Timestamp>,
    /// When the last difference was found that no event had announced.
    renewed_at: Option<Timestamp>,
}

/// No frame for so long while positions are open, and a difference that no event announced: the
/// stream is dead though it answers pings (seen on the venue).
const STREAM_SILENCE: Span = Span::from_secs(60);

impl GatewayActor {
    /// A gateway that knows nothing yet.
    #[must_use]
    pub fn new(config: GatewayConfig) -> Self {
        let pulse = Pulse::new("gateway", &config.instance, config.flags, config.boot);
        Self {
            legs: Legs::new(config.account.clone()),
            account: config.account,
            owner: Owner::new(config.ownership, config.boot),
            recv_window: config.recv_window,
            guard_key: config.guard_key,
            now: Timestamp::default(),
            out: Vec::new(),
            untold: Vec::new(),
            instance: config.instance,
            pulse,
            metrics: ExitMetrics::default(),
            mode: ModeWatch::new(config.flags),
            door: Door::default(),
            rules: Rules::new(config.symbols),
            books: Books::default(),
            ledger: Ledger::default(),
            calls: Calls::default(),
            reads: Reads::new(),
            safe: SafeState::default(),
            stream: Stream::default(),
            after_clock: Vec::new(),
            fills: BTreeMap::new(),
            snapshots: 0,
            booted: false,
            stopping: false,
        }
    }

    /// The same gateway, measuring itself, see [`Pulse::measures`].
    #[must_use]
    pub fn measuring(mut self) -> Self {
        self.pulse = self.pulse.measuring();
        self
    }

    /// Starts to read the account off the venue, where it acts by then; a standby begins when it
    /// has the lease, and until then it asks the venue nothing.
    pub fn start(&mut self, now: Timestamp, out: &mut Vec<GatewayEffect>) {
        self.now = now;
        self.begin();
        self.settle(out);
    }

    /// Takes in what came from the venue.
    pub fn venue(&mut self, now: Timestamp, input: VenueInput, out: &mut Vec<GatewayEffect>) {
        self.turn_to(now);
        match input {
            VenueInput::Answer { call, result } => self.answer(call, &result),
            VenueInput::Stream(item) => self.stream_item(item),
        }
        self.settle(out);
    }

    /// Takes no approval any more; what is on its way is still followed. No order is canceled.
    pub const fn wind_down(&mut self) {
        self.stopping = true;
    }

    /// Whether the venue has been read and orders may be sent.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.booted
    }

    /// Calls whose answer has not come.
    #[must_use]
    pub fn calls_in_flight(&self) -> usize {
        self.calls.out_len()
    }

    /// The mode that this process resolves for itself.
    #[must_use]
    pub const fn own_mode(&self) -> Mode {
        self.mode.own()
    }

    /// How the account keeps positions, once the venue has said it.
    #[must_use]
    pub const fn position_mode(&self) -> Option<PositionMode> {
        self.rules.position_mode
    }

    /// Levels that the heartbeat shall tell beside its own: the faults of the bus.
    pub fn gauge(&mut self, levels: impl IntoIterator<Item = (String, u64)>) {
        for (name, value) in levels {
            self.pulse.set(&name, value);
        }
    }

    /// The order counters.
    #[must_use]
    pub const fn metrics(&self) -> &ExitMetrics {
        &self.metrics
    }

    /// Counters by name: refusals, retries, differences.
    #[must_use]
    pub const fn counters(&self) -> &BTreeMap<String, u64> {
        self.pulse.counters()
    }

    /// Before every input.
    fn turn_to(&mut self, now: Timestamp) {
        self.tell_sent();
        self.now = now;
    }

    /// After every input: due work is queued, what may go goes, what changed is told. While it
    /// does not act, or is in doubt whether it still may, all of that waits.
    fn settle(&mut self, out: &mut Vec<GatewayEffect>) {
        if self.acts() {
            self.queue_reads();
            self.queue_asks();
            self.pump();
            self.publish_dirty();
        }
        out.append(&mut self.out);
    }
}

impl Actor for GatewayActor {
    type Effect = GatewayEffect;

    fn hear(&mut self, now: Timestamp, heard: Heard, out: &mut Vec<GatewayEffect>) {
        self.turn_to(now);
        match heard {
            Heard::Approved(_) if !self.acts() => self.pulse.count("approvals_not_ours"),
            Heard::Approved(sealed) => self.approved(&sealed.message()),
            Heard::Mode(snapshot) => {
                self.mode.hear(&snapshot, now);
                self.withdraw();
            }
            Heard::Kill(kill) => {
                self.pulse.count("kills_heard");
                if self.mode.lower(kill.to) {
                    let mode = self.mode.own();
                    let by = &kill.by;
                    let withdrawn = self.withdraw();
                    tracing::warn!(
                        tag = TAG,
                        %mode,
                        by,
                        withdrawn,
                        "killed: mode lowered for good"
                    );
                }
            }
            _ => self.pulse.count("messages_unexpected"),
        }
        self.settle(out);
    }

    fn beat(&mut self, now: Timestamp, out: &mut Vec<GatewayEffect>) {
        self.turn_to(now);
        self.owner_beat();
        for call in self.calls.lost(now) {
            self.pulse.count("calls_lost");
            self.answer(call, &Err(binance::TransportError::Timeout));
        }
        self.expire_waiting();
        self.await_account_events();
        self.books.prune(now);
        self.ledger.prune(now);
        self.drop_flat_legs();
        self.settle(out);
        self.publish_due();
        out.append(&mut self.out);
    }

    fn refused(&mut self, now: Timestamp, bad: &BadMessage) {
        self.now = now;
        self.pulse.count("messages_refused");
        self.pulse.count(&format!("refused.{}", bad.field()));
    }

    fn lease(&mut self, now: Timestamp, answer: &Answer, out: &mut Vec<GatewayEffect>) {
        self.turn_to(now);
        self.owner_answered(answer);
        self.settle(out);
    }

    fn afterwards(&mut self, _now: Timestamp, out: &mut Vec<GatewayEffect>) {
        self.tell_sent();
        out.append(&mut self.out);
    }

    fn stop(&mut self, now: Timestamp, out: &mut Vec<GatewayEffect>) {
        self.turn_to(now);
        self.retire();
        out.append(&mut self.out);
    }
}
