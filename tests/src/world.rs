//! All services' state machines and the venue in one thread, on a virtual clock, from one seed.
//!
//! No I/O, no sleeps: time passes from delivery to delivery. After each one the sixteen truths of
//! `domain::invariant` are checked against what the venue itself holds.

mod blows;
pub mod cast;
mod digest;
mod effects;
mod exchange;
mod leases;
mod lives;
mod look;
pub mod options;
mod owner;
mod performance;
mod queue;
mod rights;
mod route;
mod said;
mod script;
mod seat;
mod spoken;
pub mod tally;
mod touched;
mod transcript;
pub mod truth;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use bus::Message;
use bus::policy::Policy as ServerPolicy;
use domain::invariant::Verdict;
use domain::mode::Mode;
use domain::{Span, Timestamp};
use paper_exchange::faults::Faults;
use paper_exchange::protection::{DEFAULT_WINDOW_MS, ProtectionJudge};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{SymbolSpec, Venue, VenueConfig};

pub use blows::{SKEW_MAX, is_lived_with};
use cast::Cast;
pub use cast::{Service, signer};
use leases::LeaseStore;
pub use options::{Chaos, Executors, WorldOptions, flags};
use queue::{Delivery, Lane, Queue};
use route::Routes;
use said::Said;
pub use seat::Seat;
use tally::Tally;
pub use watch::naked::Owner;

use touched::Touched;
use transcript::Transcript;
use watch::Watch;

/// When every world begins: some day in 2026, in ms.
const BEGIN_MS: i64 = 1_790_000_000_000;
/// The runtime's beat.
const BEAT: Span = Span::from_millis(100);
/// A world that is not ready after this long never will be.
const READY_MAX: Span = Span::from_secs(10);

/// The whole system.
#[derive(Debug)]
pub struct World {
    options: WorldOptions,
    now: Timestamp,
    rng: SplitMix64,
    chaos: Chaos,
    queue: Queue,
    cast: Cast,
    /// By service: how often it has started, and whether it runs.
    lives: [u32; Service::ALL.len()],
    alive: [bool; Service::ALL.len()],
    /// Services that die after so many more effects.
    armed: BTreeMap<Service, u32>,
    /// Services that are paused, and what waits for each.
    paused: BTreeMap<Service, Vec<Delivery>>,
    leases: LeaseStore,
    /// Clocks that are wrong, and by how much.
    clocks: BTreeMap<Service, Span>,
    /// The time that a service has seen before its clock stepped back a little.
    stands_still: BTreeMap<Service, Timestamp>,
    routes: Rc<Routes>,
    server: ServerPolicy,
    /// What was said on the bus, while it is recorded.
    tape: Option<Vec<Message>>,
    venue: Touched<Venue>,
    faults: Faults,
    judge: ProtectionJudge,
    connection: Option<u32>,
    connections: u32,
    /// What the gateway adds to its clock where it signs, ms.
    clock_offset_ms: i64,
    /// When the connection that is alive began: it tells nothing that happened before.
    connected_at: Timestamp,
    /// A connection whose listen key is dead: nothing is told on it.
    mute: Option<u32>,
    watch: Watch,
    transcript: Transcript,
    tally: Tally,
    /// When the server's policy let the executor ask for the last time, before it changed.
    could_ask_until: Timestamp,
    /// Messages that the server dropped for lack of a right.
    violations: u64,
    /// Whose intents the server has refused, until it is told.
    forbidden: BTreeSet<(Service, u32)>,
    /// Orders given by hand or by the strategy so far: the numbers in their names.
    hands: u64,
    /// What the bus loses: the beginnings of subjects.
    lost: Vec<&'static str>,
    /// The operator has taken it back: the incumbents protect.
    taken_back: bool,
    /// Until when the venue has said that it takes nothing.
    shut_until: Timestamp,
}

impl World {
    /// A world whose services have started and agree on the mode.
    #[must_use]
    pub fn new(options: WorldOptions) -> Self {
        let mut world = Self::cold(options);
        let mode = world.options.flags.resolve();
        world.run_until("services ready", READY_MAX, |it| it.is_ready(mode));
        world
    }

    /// A world in LIVE.
    #[must_use]
    pub fn live(seed: u64) -> Self {
        Self::new(WorldOptions {
            seed,
            ..WorldOptions::default()
        })
    }

    /// A world in SHADOW.
    #[must_use]
    pub fn shadow(seed: u64) -> Self {
        Self::new(WorldOptions {
            seed,
            flags: flags(Mode::Shadow),
            ..WorldOptions::default()
        })
    }

    /// A world at the moment at which its processes start.
    #[must_use]
    pub fn cold(options: WorldOptions) -> Self {
        let specs = options.symbols.iter();
        let specs = specs.map(|it| SymbolSpec::named(it.0).expect("a symbol of the paper venue"));
        let venue = Venue::new(VenueConfig {
            symbols: specs.collect(),
            ..options.venue.clone()
        });
        let server = ServerPolicy::of(&options.flags);
        let mut world = Self {
            now: Timestamp::from_millis(BEGIN_MS),
            rng: SplitMix64::new(options.seed),
            chaos: Chaos::default(),
            queue: Queue::default(),
            cast: Cast::default(),
            lives: Default::default(),
            alive: Default::default(),
            armed: BTreeMap::new(),
            paused: BTreeMap::new(),
            leases: LeaseStore::new(Timestamp::from_millis(BEGIN_MS)),
            clocks: BTreeMap::new(),
            stands_still: BTreeMap::new(),
            routes: Routes::shared(&options.incumbents, options.executors),
            server,
            tape: None,
            venue: Touched::new(venue),
            faults: Faults::none(),
            judge: ProtectionJudge::new(DEFAULT_WINDOW_MS),
            connection: None,
            connections: 0,
            clock_offset_ms: 0,
            connected_at: Timestamp::default(),
            mute: None,
            watch: Watch::default(),
            transcript: Transcript::new(options.transcript),
            tally: Tally::default(),
            could_ask_until: Timestamp::default(),
            violations: 0,
            forbidden: BTreeSet::new(),
            hands: 0,
            lost: Vec::new(),
            taken_back: false,
            shut_until: Timestamp::default(),
            options,
        };
        world.begin();
        world
    }

    /// Keeps every message that is said from now on.
    pub fn record(&mut self) {
        self.tape = Some(Vec::new());
    }

    /// What was said since [`World::record`].
    #[must_use]
    pub fn recorded(&self) -> &[Message] {
        self.tape.as_deref().unwrap_or_default()
    }

    fn begin(&mut self) {
        self.owner_changes();
        for (name, price) in self.options.symbols.clone() {
            self.price(name, price);
            let symbol = name.to_owned();
            self.queue.push(self.now, Delivery::Mark { symbol });
        }
        for service in self.services() {
            self.boot(service);
        }
        self.chaos = self.options.chaos;
    }

    /// Lets time pass.
    pub fn run_for(&mut self, span: Span) {
        let end = self.now + span;
        while self.queue.next_at().is_some_and(|at| at <= end) {
            self.step();
        }
        self.now = end;
    }

    /// Lets time pass until `done`, for `max` at most; the words say what is waited for.
    ///
    /// # Panics
    /// With the end of the transcript, where it never comes.
    pub fn run_until(&mut self, words: &str, max: Span, done: impl Fn(&Self) -> bool) {
        let end = self.now + max;
        while !done(self) {
            if self.queue.next_at().is_none_or(|at| at > end) {
                self.fail(&format!("not within {} ms: {words}", max.millis()));
            }
            self.step();
        }
    }

    /// Delivers what arrives next.
    fn step(&mut self) {
        let Some((at, delivery)) = self.queue.pop() else {
            return;
        };
        self.now = at.max(self.now);
        self.transcript.record(self.now, &delivery);
        self.tally.delivered(&delivery);
        let reader = delivery.reader();
        self.deliver(delivery);
        self.tell_venue_events();
        self.check(reader);
    }

    fn deliver(&mut self, delivery: Delivery) {
        let Some(delivery) = self.unless_paused(delivery) else {
            return;
        };
        match delivery {
            Delivery::Bus { to, life, said } if self.is_life(to.service, life) => {
                self.watch.on_heard(self.now, to, &said.heard);
                let now = self.clock(to.service);
                let effects = self.cast.hear(to, now, said::taken(said));
                self.carry_out(to, effects);
            }
            Delivery::Beat { to, life } if self.is_life(to, life) => {
                for seat in Seat::of(to, &self.options.incumbents) {
                    self.tell_forbidden(seat, life);
                    let effects = self.cast.beat(seat, self.clock(to));
                    self.carry_out(seat, effects);
                }
                self.queue
                    .push(self.now + BEAT, Delivery::Beat { to, life });
            }
            Delivery::Bus { .. } | Delivery::Beat { .. } => {}
            Delivery::LeaseRequest { .. } | Delivery::LeaseAnswer { .. } => {
                self.deliver_lease(delivery);
            }
            venue => self.deliver_venue(venue),
        }
    }

    fn publish(&mut self, from: Seat, message: Message) {
        let writer = from.identities();
        let message = match self.routes.land(writer, message, self.server) {
            Ok(message) => message,
            Err(dropped) => return self.drop_said(from, &dropped),
        };
        if let Some(tape) = &mut self.tape {
            tape.push(message.clone());
        }
        let said = Said::from(message);
        let heard = said.heard.as_ref();
        let heard = heard.expect("a service says only what can be decoded");
        let times = (self.now, self.clock(from.service));
        let verdict = self.watch.on_said(times, from, heard, &self.venue);
        self.demand(verdict);
        self.send(Some(from), &Rc::new(said));
    }

    /// Sends a message to everybody who hears its subject.
    fn send(&mut self, from: Option<Seat>, said: &Rc<Said>) {
        let subject = &said.message.subject;
        if self.lost.iter().any(|start| subject.starts_with(start)) {
            let note = format_args!("lost for everybody: {subject}");
            return self.transcript.note(self.now, note);
        }
        let route = self.routes.of(subject);
        let orders = subject.starts_with("order.approved.");
        for to in route.readers.iter().copied() {
            if !self.is_alive(to.service) {
                continue;
            }
            if self.rng.chance_ppm(self.chaos.loss_ppm) {
                let note = format_args!("lost on the way to {to}: {subject}");
                self.transcript.note(self.now, note);
                continue;
            }
            let heard = self.interpreted(from, to, said);
            let copies = 1 + u32::from(self.rng.chance_ppm(self.chaos.duplicate_ppm));
            for _ in 0..copies {
                let lane = from.map(|from| Lane::Bus(from, to, orders));
                self.send_one(lane, to, Rc::clone(&heard));
            }
        }
    }

    fn send_one(&mut self, lane: Option<Lane>, to: Seat, said: Rc<Said>) {
        let life = self.life(to.service);
        let at = self.now + self.latency(60, 400);
        let delivery = Delivery::Bus { to, life, said };
        let late = self.rng.chance_ppm(self.chaos.delay_ppm);
        match lane {
            Some(lane) if !late => self.queue.push_behind(lane, at, delivery),
            _ if late => {
                let extra = self.latency(0, self.chaos.delay_max.micros());
                self.queue.push(at + extra, delivery);
            }
            _ => self.queue.push(at, delivery),
        }
    }

    fn latency(&mut self, low_us: i64, high_us: i64) -> Span {
        Span::from_micros(self.rng.between(low_us, high_us))
    }

    /// Checks what must be so after every step; `reader` is the service that got an input in it.
    fn check(&mut self, reader: Option<Service>) {
        let times = (self.now, self.clock(Service::Legacy));
        let verdict = self
            .watch
            .after_step(times, reader, &self.cast, &self.venue, &self.judge);
        self.venue.checked();
        self.demand(verdict);
    }

    fn demand(&self, verdict: Verdict) {
        if let Err(violation) = verdict {
            self.fail(&violation.to_string());
        }
    }

    fn fail(&self, why: &str) -> ! {
        panic!(
            "{why}\nseed {}, step {}\n{}",
            self.options.seed,
            self.transcript.steps(),
            self.transcript.tail(),
        );
    }
}
