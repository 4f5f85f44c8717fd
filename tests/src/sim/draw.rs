//! Scripts, drawn from seeds: which kinds of trouble a seed knows is drawn first, then the steps.
//! Few kinds at a time reach deeper than all of them at once.

use domain::mode::{ExitMode, Flags, Mode};
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{FilterChange, SymbolStatus};
use rust_decimal::Decimal;

use super::act::Action;
use super::scenes::in_shadow;
use super::setup::{Setup, Traded};
use super::{added, faults};
use crate::world::{Chaos, SKEW_MAX, Service, flags};

/// Every so many seeds a long one.
const LONG_EVERY: u64 = 50;
/// Steps of a long script.
const LONG_STEPS: (i64, i64) = (30, 60);
/// Steps of any other.
const SHORT_STEPS: (i64, i64) = (5, 14);
/// Time after a step, ms: mostly short, so that the next one falls into what it began.
const PAUSE_MS: (i64, i64) = (5, 900);
/// One script in so many takes the quarter of an hour that a crash of the market takes.
const CRASH_EVERY: u64 = 500;
/// A message on the bus is late by at most this, ms, and now and then by more than an intent lives.
const BUS_LATE_MAX_MS: (i64, i64) = (600, 4_000);
/// Of the shares of lost messages that are drawn, those below this stand for a bus that is gone.
const BUS_LOST_BELOW_PPM: u32 = 2_500;
/// Clocks jump by so much at most, ms.
const JUMP_MAX_MS: i64 = 20_000;

/// Everything is started anew so often in one script at most. Each start reads the whole account:
/// more of them in a minute use up what the venue answers, and no process starts as fast.
const STARTS_MAX: u32 = 4;

/// One step: something happens, then time passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub action: Action,
    /// How long nothing else does.
    pub pause: Span,
}

/// A whole seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it plays on.
    pub setup: Setup,
    /// What happens.
    pub steps: Vec<Step>,
}

/// The kinds of trouble that a seed may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Crashes,
    Bus,
    Venue,
    Stream,
    Clocks,
    Rules,
    Hands,
    Modes,
    Signals,
    Gaps,
    Owners,
    Closes,
    Stays,
}

const TROUBLES: [Trouble; 13] = [
    Trouble::Crashes,
    Trouble::Bus,
    Trouble::Venue,
    Trouble::Stream,
    Trouble::Clocks,
    Trouble::Rules,
    Trouble::Hands,
    Trouble::Modes,
    Trouble::Signals,
    Trouble::Gaps,
    Trouble::Owners,
    Trouble::Closes,
    Trouble::Stays,
];

impl Script {
    /// The script of a seed: always the same.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        // The state itself counts on by a constant: neighbours would be the same stream, shifted.
        let mut rng = SplitMix64::new(SplitMix64::new(seed).next_u64());
        let setup = Setup::draw(seed, &mut rng);
        let mut steps = Drawer::new(&setup, &mut rng).steps(seed.is_multiple_of(LONG_EVERY));
        added::add(seed, &setup, &mut steps);
        Self { setup, steps }
    }

    /// The same with some of its steps only.
    #[must_use]
    pub fn only(&self, kept: &[usize]) -> Self {
        let steps = kept.iter().filter_map(|it| self.steps.get(*it).cloned());
        Self {
            setup: self.setup.clone(),
            steps: steps.collect(),
        }
    }
}

/// Draws the steps of one script.
pub(super) struct Drawer<'a> {
    setup: &'a Setup,
    pub(super) rng: &'a mut SplitMix64,
    troubles: Vec<Trouble>,
    /// Services that die somewhere before, and have not risen since.
    fallen: Vec<Service>,
    /// Starts of everything that are left.
    starts: u32,
}

impl<'a> Drawer<'a> {
    fn new(setup: &'a Setup, rng: &'a mut SplitMix64) -> Self {
        let share = 2 + rng.below(3);
        let troubles = TROUBLES.into_iter();
        let troubles = troubles.filter(|_| rng.below(5) < share - 1).collect();
        Self {
            setup,
            rng,
            troubles,
            fallen: Vec::new(),
            starts: STARTS_MAX,
        }
    }

    fn steps(mut self, long: bool) -> Vec<Step> {
        let (least, most) = if long { LONG_STEPS } else { SHORT_STEPS };
        let count = self.rng.between(least, most);
        let opened = Action::Open {
            symbol: self.setup.traded()[0],
            side: self.side(),
        };
        let mut steps = Vec::new();
        if self.knows(Trouble::Bus) {
            let bus = self.bus();
            self.then(&mut steps, bus);
        }
        if self.knows(Trouble::Venue) {
            let plan = faults::plan(self.rng);
            self.then(&mut steps, Action::Venue(Box::new(plan)));
        }
        self.then(&mut steps, opened);
        for _ in 0..count {
            self.next(&mut steps);
        }
        if self.rng.below(CRASH_EVERY) == 0 {
            self.crash_of_the_market(&mut steps);
        }
        // Whatever else goes wrong, somebody may die of it.
        if !self.troubles.is_empty() && self.rng.below(5) > 0 {
            self.deaths(&mut steps);
        }
        steps
    }

    pub(super) fn then(&mut self, steps: &mut Vec<Step>, action: Action) {
        let (least, most) = PAUSE_MS;
        // The square of a chance: short pauses more often than long ones.
        let share = self.rng.between(0, 1_000);
        let ms = least + (most - least) * share / 1_000 * share / 1_000;
        let pause = Span::from_millis(ms);
        steps.push(Step { action, pause });
    }

    fn knows(&self, trouble: Trouble) -> bool {
        self.troubles.contains(&trouble)
    }

    fn next(&mut self, steps: &mut Vec<Step>) {
        let troubles = self.troubles.len();
        let pick = self.rng.below(10);
        if pick < 5 && troubles > 0 {
            let which = self.index(troubles);
            return self.trouble(self.troubles[which], steps);
        }
        let action = self.action(pick);
        self.then(steps, action);
    }

    fn action(&mut self, pick: u64) -> Action {
        let symbol = self.symbol();
        match pick {
            0..=6 => self.moves(symbol, 60),
            7 => self.moves(symbol, 250),
            8 => Action::Close(symbol),
            _ => Action::Open {
                symbol,
                side: self.side(),
            },
        }
    }

    fn trouble(&mut self, trouble: Trouble, steps: &mut Vec<Step>) {
        let symbol = self.symbol();
        let action = match trouble {
            Trouble::Closes => return self.close_goes_wrong(steps),
            Trouble::Owners | Trouble::Crashes if self.rng.below(2) == 0 => {
                return self.words_of_the_dead(steps);
            }
            Trouble::Gaps if self.rng.below(3) == 0 => return self.stop_hangs(steps),
            Trouble::Stays => return self.stay_outside_live(steps),
            Trouble::Crashes => self.crashes(),
            Trouble::Bus => self.bus(),
            Trouble::Venue => match self.rng.below(4) {
                0 => Action::VenueWell,
                _ => Action::Venue(Box::new(faults::plan(self.rng))),
            },
            Trouble::Stream => match self.rng.below(4) {
                0 => Action::ListenKeyDies,
                _ => Action::CutStream(Span::from_millis(self.rng.between(20, 3_000))),
            },
            Trouble::Clocks => match self.rng.below(3) {
                0 => Action::ClocksRight,
                1 => Action::Clock {
                    service: self.service(),
                    jump: Span::from_millis(
                        self.rng.between(-SKEW_MAX.millis(), SKEW_MAX.millis()),
                    ),
                },
                _ => Action::Clock {
                    service: self.clocked(),
                    jump: Span::from_millis(self.rng.between(-JUMP_MAX_MS, JUMP_MAX_MS)),
                },
            },
            Trouble::Rules => self.rules(symbol),
            Trouble::Hands => match self.rng.below(6) {
                0 => Action::Close(symbol),
                1 => Action::Uncover(symbol),
                2 => Action::Rest(symbol),
                3 => Action::Add(symbol),
                _ => Action::Trim(symbol),
            },
            Trouble::Modes => self.modes(),
            Trouble::Signals => self.signals(symbol),
            Trouble::Gaps => self.moves(symbol, 4_000),
            Trouble::Owners => self.owners(),
        };
        self.then(steps, action);
    }

    fn crashes(&mut self) -> Action {
        let pick = self.rng.below(6);
        if pick < 3
            && let Some(service) = self.fallen.pop()
        {
            return Action::Rise(service);
        }
        let service = self.service();
        self.fallen.push(service);
        if pick == 3 {
            return Action::Crash(service);
        }
        Action::CrashAfter(service, self.effects_before_death(service))
    }

    fn bus(&mut self) -> Action {
        let mut ppm = |most| u32::try_from(self.rng.below(most)).unwrap_or_default();
        let (loss_ppm, duplicate_ppm, delay_ppm) = (ppm(40_000), ppm(40_000), ppm(60_000));
        let (most, very_late) = BUS_LATE_MAX_MS;
        let most = if self.rng.below(8) == 0 {
            very_late
        } else {
            most
        };
        let delay_max = Span::from_millis(self.rng.between(10, most));
        if loss_ppm < BUS_LOST_BELOW_PPM {
            return Action::Bus(Chaos::lost());
        }
        Action::Bus(Chaos {
            loss_ppm,
            duplicate_ppm,
            delay_ppm,
            delay_max,
        })
    }

    fn rules(&mut self, symbol: Traded) -> Action {
        match self.rng.below(4) {
            0 => Action::Leverage(symbol, [1, 2, 5, 20][self.index(4)]),
            1 => {
                let halted = [SymbolStatus::TradingHalt, SymbolStatus::Trading];
                Action::Status(symbol, halted[self.index(2)])
            }
            _ => {
                let piece: Decimal = symbol.piece.parse().unwrap_or_default();
                let half = piece / Decimal::TWO;
                let coarser = self.rng.below(2) == 0;
                Action::Filters(
                    symbol,
                    Box::new(FilterChange {
                        tick_size: coarser.then_some(Decimal::new(5, 1)),
                        step_size: (!coarser).then_some(half.normalize()),
                        min_qty: (!coarser).then_some(half.normalize()),
                        ..FilterChange::default()
                    }),
                )
            }
        }
    }

    fn modes(&mut self) -> Action {
        let live = flags(Mode::Live);
        match self.rng.below(8) {
            0 => Action::Kill(Mode::Legacy),
            1 => Action::Kill(Mode::Shadow),
            2 => self.start_over(Flags {
                exit_mode: ExitMode::Legacy,
                ..live
            }),
            3 => self.start_over(in_shadow()[0]),
            4 => self.start_over(in_shadow()[1]),
            5 => {
                let rollout_pct = u8::try_from(self.rng.below(100)).unwrap_or(50);
                self.start_over(Flags {
                    rollout_pct,
                    ..live
                })
            }
            _ => self.start_over(live),
        }
    }

    pub(super) fn signals(&mut self, symbol: Traded) -> Action {
        if self.rng.below(3) == 0 {
            let mut points = |low, high| self.rng.between(low, high);
            let hint = [
                points(10, 900),
                points(10, 500),
                points(5, 300),
                points(0, 10_000),
            ];
            return Action::Hint(symbol, hint);
        }
        let modes = [
            RiskMode::Normal,
            RiskMode::Conservative,
            RiskMode::Critical,
            RiskMode::EssActive,
        ];
        Action::Risk(modes[self.index(4)])
    }

    /// Everything is started anew, as long as it is not done too often.
    pub(super) fn start_over(&mut self, flags: Flags) -> Action {
        match self.starts.checked_sub(1) {
            Some(left) => {
                self.starts = left;
                Action::StartOver(flags)
            }
            None => Action::Kill(flags.resolve()),
        }
    }

    /// Whether everything may be started anew so many times more.
    pub(super) const fn has_starts(&self, count: u32) -> bool {
        self.starts >= count
    }

    pub(super) fn moves(&mut self, symbol: Traded, most: i64) -> Action {
        let points = self.rng.between(-most, most);
        Action::Move { symbol, points }
    }

    pub(super) fn symbol(&mut self) -> Traded {
        let traded = self.setup.traded();
        traded[self.index(traded.len())]
    }

    pub(super) fn service(&mut self) -> Service {
        let services = self.setup.services();
        services[self.index(services.len())]
    }

    pub(super) fn side(&mut self) -> Side {
        [Side::Long, Side::Short][self.index(2)]
    }

    pub(super) fn index(&mut self, len: usize) -> usize {
        let bound = u64::try_from(len).unwrap_or_default();
        usize::try_from(self.rng.below(bound)).unwrap_or_default()
    }
}
