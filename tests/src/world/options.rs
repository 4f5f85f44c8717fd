//! What a world is made of: seed, flags, policy, symbols, and how unruly its bus is.

use std::sync::Arc;

use domain::mode::{ExecutorMode, ExitMode, Flags, Mode, Rollout};
use domain::policy::Policy;
use domain::{Module, Span};
use paper_exchange::venue::VenueConfig;

use super::cast::Service;
use crate::neighbour::Neighbours;

/// What may happen to a message on the bus, by chance in a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chaos {
    /// It never arrives.
    pub loss_ppm: u32,
    /// It arrives twice.
    pub duplicate_ppm: u32,
    /// It arrives late, and what was said after it may arrive before it.
    pub delay_ppm: u32,
    /// How late at most.
    pub delay_max: Span,
}

impl Chaos {
    /// Nothing arrives.
    #[must_use]
    pub const fn lost() -> Self {
        Self {
            loss_ppm: 1_000_000,
            duplicate_ppm: 0,
            delay_ppm: 0,
            delay_max: Span::ZERO,
        }
    }

    /// Whether nothing arrives.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        self.loss_ppm >= 1_000_000
    }

    /// Two in a hundred lost, two twice, three late by up to 300 ms.
    #[must_use]
    pub const fn rough() -> Self {
        Self {
            loss_ppm: 20_000,
            duplicate_ppm: 20_000,
            delay_ppm: 30_000,
            delay_max: Span::from_millis(300),
        }
    }
}

/// Who decides, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Executors {
    /// One, in a deployment without leases.
    #[default]
    Alone,
    /// One that acts by leases.
    Leased,
    /// Two that act by leases.
    Two,
}

impl Executors {
    /// Whether a lease is needed to act.
    #[must_use]
    pub const fn by_lease(self) -> bool {
        matches!(self, Self::Leased | Self::Two)
    }

    /// After a restart of what protects, a naked position is excused for so long. With leases a
    /// gateway waits its own out before it reads the venue (4.7 s), and the executor, which hears
    /// of the position only then, its own after that (3.5 s).
    #[must_use]
    pub const fn recovery(self) -> Span {
        match self {
            Self::Alone => Span::from_secs(5),
            Self::Leased | Self::Two => Span::from_secs(10),
        }
    }

    /// The services that there are.
    pub fn services(self) -> impl Iterator<Item = Service> {
        let plays = move |it: &Service| *it != Service::SecondExecutor || self == Self::Two;
        Service::ALL.into_iter().filter(plays)
    }
}

/// Everything that a run depends on. Two equal ones give the same run, delivery by delivery.
#[derive(Debug, Clone)]
pub struct WorldOptions {
    /// Where every chance comes from.
    pub seed: u64,
    /// The flags of every service.
    pub flags: Flags,
    /// The numbers of planner and executor.
    pub policy: Policy,
    /// Traded symbols with their first price.
    pub symbols: Vec<(&'static str, &'static str)>,
    /// The incumbents of the one legacy process.
    pub incumbents: Vec<Module>,
    /// Who decides.
    pub executors: Executors,
    /// The bus.
    pub chaos: Chaos,
    /// Who is of another release, where anybody is.
    pub neighbours: Option<Arc<Neighbours<Service>>>,
    /// Naked time beyond the placement window that is no violation; zero where nothing fails.
    pub naked_max: Span,
    /// The same where incumbents own a position, who look at their own pace.
    pub naked_max_of_incumbents: Span,
    /// The venue may refuse what people ask for by hand: where chance asks, not a story.
    pub hands_may_err: bool,
    /// The venue; its symbols are set from `symbols`.
    pub venue: VenueConfig,
    /// Whether the last deliveries are kept in words for a failure to show. The run is the same
    /// without, and faster: whoever runs many seeds repeats one that fails with its transcript.
    pub transcript: bool,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            flags: flags(Mode::Live),
            policy: Policy::default(),
            symbols: vec![
                ("BTCUSDT", "50000"),
                ("ETHUSDT", "2000"),
                ("SOLUSDT", "100"),
            ],
            incumbents: vec![Module::PositionMonitor],
            executors: Executors::default(),
            chaos: Chaos::default(),
            neighbours: None,
            naked_max: Span::ZERO,
            naked_max_of_incumbents: Span::ZERO,
            hands_may_err: false,
            // A margin floor at 3.33 %: beyond the working stop, so that the two can be told apart.
            venue: VenueConfig {
                leverage: 3,
                ..VenueConfig::default()
            },
            transcript: true,
        }
    }
}

/// The flags that resolve to `mode`.
#[must_use]
pub fn flags(mode: Mode) -> Flags {
    let brain = Flags {
        exit_mode: ExitMode::ExitBrainV3,
        ..Flags::default()
    };
    match mode {
        Mode::Legacy => Flags::default(),
        Mode::Shadow => brain,
        Mode::Live => Flags {
            executor_mode: ExecutorMode::Live,
            rollout: Rollout::Enabled,
            ..brain
        },
    }
}
