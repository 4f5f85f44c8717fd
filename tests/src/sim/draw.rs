//! Scripts, drawn from seeds: which kinds of trouble a seed knows is drawn first, then the steps.
//! Few kinds at a time reach deeper than all of them at once.

use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, Rollout};
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::{FilterChange, SymbolStatus};
use rust_decimal::Decimal;

use super::act::Action;
use super::faults;
use super::setup::{Setup, Traded};
use crate::world::{Chaos, Service, flags};

/// Every so many seeds a long one.
const LONG_EVERY: u64 = 50;
/// Steps of a long script.
const LONG_STEPS: (i64, i64) = (30, 60);
/// Steps of any other.
const SHORT_STEPS: (i64, i64) = (5, 14);
/// Time after a step, ms: mostly short, so that the next one falls into what it began.
const PAUSE_MS: (i64, i64) = (5, 900);
/// Clocks jump by so much at most, ms.
const JUMP_MAX_MS: i64 = 20_000;
/// A crash is armed for at most so many effects later.
const EFFECTS_MAX: u64 = 24;

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
}

const TROUBLES: [Trouble; 11] = [
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
];

impl Script {
    /// The script of a seed: always the same.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        // The state itself counts on by a constant: neighbours would be the same stream, shifted.
        let mut rng = SplitMix64::new(SplitMix64::new(seed).next_u64());
        let setup = Setup::draw(seed, &mut rng);
        let steps = Drawer::new(&setup, &mut rng).steps(seed.is_multiple_of(LONG_EVERY));
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

struct Drawer<'a> {
    setup: &'a Setup,
    rng: &'a mut SplitMix64,
    troubles: Vec<Trouble>,
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
            let action = self.action();
            self.then(&mut steps, action);
        }
        steps
    }

    fn then(&mut self, steps: &mut Vec<Step>, action: Action) {
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

    fn action(&mut self) -> Action {
        let symbol = self.symbol();
        let troubles = self.troubles.len();
        let pick = self.rng.below(10);
        if pick < 5 && troubles > 0 {
            let which = self.index(troubles);
            return self.trouble(self.troubles[which], symbol);
        }
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

    fn trouble(&mut self, trouble: Trouble, symbol: Traded) -> Action {
        match trouble {
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
        }
    }

    fn crashes(&mut self) -> Action {
        let service = self.service();
        match self.rng.below(6) {
            0 => Action::Crash(service),
            1 | 2 => Action::Rise(service),
            _ => {
                let effects = u32::try_from(self.rng.below(EFFECTS_MAX)).unwrap_or_default();
                Action::CrashAfter(service, effects)
            }
        }
    }

    fn bus(&mut self) -> Action {
        let mut ppm = |most| u32::try_from(self.rng.below(most)).unwrap_or_default();
        let (loss_ppm, duplicate_ppm, delay_ppm) = (ppm(40_000), ppm(40_000), ppm(60_000));
        Action::Bus(Chaos {
            loss_ppm,
            duplicate_ppm,
            delay_ppm,
            delay_max: Span::from_millis(self.rng.between(10, 600)),
        })
    }

    /// Who owns is put in doubt: a pause that nobody tells, or no store that could.
    fn owners(&mut self) -> Action {
        match self.rng.below(8) {
            0 => Action::LoseLeases,
            1 => Action::FindLeases { anew: false },
            2 => Action::FindLeases { anew: true },
            3 | 4 => Action::Resume(self.service()),
            5 => Action::Pause(self.service()),
            _ => Action::Pause([Service::Executor, Service::SecondExecutor][self.index(2)]),
        }
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
            2 => Action::StartOver(Flags {
                exit_mode: ExitMode::Legacy,
                ..live
            }),
            3 => Action::StartOver(Flags {
                executor_mode: ExecutorMode::Shadow,
                ..live
            }),
            4 => Action::StartOver(Flags {
                rollout: Rollout::Disabled,
                ..live
            }),
            5 => Action::StartOver(Flags {
                rollout_pct: u8::try_from(self.rng.below(100)).unwrap_or(50),
                ..live
            }),
            _ => Action::StartOver(live),
        }
    }

    fn signals(&mut self, symbol: Traded) -> Action {
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

    fn moves(&mut self, symbol: Traded, most: i64) -> Action {
        let points = self.rng.between(-most, most);
        Action::Move { symbol, points }
    }

    fn symbol(&mut self) -> Traded {
        let traded = self.setup.traded();
        traded[self.index(traded.len())]
    }

    fn service(&mut self) -> Service {
        let services = self.setup.services();
        services[self.index(services.len())]
    }

    /// A service whose clock may jump. Those whose word is ordered by its date are left out: what
    /// a wrong clock dated ahead outdates what comes after it.
    fn clocked(&mut self) -> Service {
        const CLOCKED: [Service; 3] = [Service::Market, Service::Planner, Service::Diagnostics];
        CLOCKED[self.index(CLOCKED.len())]
    }

    fn side(&mut self) -> Side {
        [Side::Long, Side::Short][self.index(2)]
    }

    fn index(&mut self, len: usize) -> usize {
        let bound = u64::try_from(len).unwrap_or_default();
        usize::try_from(self.rng.below(bound)).unwrap_or_default()
    }
}
