//! How the system of a seed is set up: mode, symbols, policy, incumbents, venue.

use std::fmt;

use domain::mode::{Flags, Mode};
use domain::policy::{Policy, ProfileMode, StepClose};
use domain::{Module, Money, Span};
use paper_exchange::rng::SplitMix64;
use paper_exchange::venue::VenueConfig;

use crate::world::{Executors, Service, WorldOptions, flags};

/// A leverage whose loss floor can't be held: everything is closed.
pub const OVER_LEVERAGED: u32 = 75;
/// How old a position at a loss may grow, where that is short enough to happen.
const AGE_MAX: Span = Span::from_secs(4);
/// How long a challenge lasts at most, where that is short enough to happen.
const CHALLENGE_MAX: Span = Span::from_secs(3);

/// A symbol that scripts trade.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Traded {
    /// Its name.
    pub name: &'static str,
    /// First price.
    pub price: &'static str,
    /// Quantity of an opening.
    pub qty: &'static str,
    /// Quantity of a small change.
    pub piece: &'static str,
}

impl fmt::Debug for Traded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All of them; a script trades the first few.
pub const TRADED: [Traded; 3] = [
    Traded {
        name: "BTCUSDT",
        price: "50000",
        qty: "0.1",
        piece: "0.002",
    },
    Traded {
        name: "ETHUSDT",
        price: "2000",
        qty: "2",
        piece: "0.04",
    },
    Traded {
        name: "SOLUSDT",
        price: "100",
        qty: "40",
        piece: "1",
    },
];

/// The incumbents that run by default.
pub const INCUMBENTS: [Module; 3] = [
    Module::PositionMonitor,
    Module::TrailingStopManager,
    Module::DynamicTpsl,
];

/// What a script plays on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The seed of every chance in the world itself.
    pub seed: u64,
    /// The mode in which it begins.
    pub mode: Mode,
    /// How many of [`TRADED`].
    pub symbols: usize,
    /// How many of [`INCUMBENTS`].
    pub incumbents: usize,
    /// Who decides.
    pub executors: Executors,
    /// Leverage of every symbol; 3 leaves the margin floor beyond the working stop.
    pub leverage: u32,
    /// Opening balance, USDT.
    pub wallet: u32,
    /// A long and a short of one symbol at once.
    pub hedge: bool,
    /// Positions may not grow old, and challenges are short.
    pub hasty: bool,
    /// How plans are made.
    pub profile: ProfileMode,
    /// Which of the first two steps of the ladder close at market.
    pub market_steps: [bool; 2],
}

impl Setup {
    /// Draws one.
    #[must_use]
    pub fn draw(seed: u64, rng: &mut SplitMix64) -> Self {
        let mode = match rng.below(20) {
            0 => Mode::Legacy,
            1 | 2 => Mode::Shadow,
            _ => Mode::Live,
        };
        let profile = match rng.below(9) {
            0 => ProfileMode::Static,
            1 => ProfileMode::Dynamic,
            2 => ProfileMode::Challenge100,
            _ => ProfileMode::Ladder,
        };
        let leverage = match rng.below(16) {
            0 => 1,
            1 => 10,
            2 => 20,
            3 => OVER_LEVERAGED,
            _ => 3,
        };
        let executors = match rng.below(4) {
            0 => Executors::Leased,
            1 => Executors::Two,
            _ => Executors::Alone,
        };
        Self {
            seed,
            mode,
            executors,
            symbols: match rng.below(8) {
                0 => 3,
                1 | 2 => 2,
                _ => 1,
            },
            incumbents: if rng.below(5) == 0 { 3 } else { 1 },
            leverage,
            // Now and then so little that a gap liquidates before a stop can fill.
            wallet: if leverage > 3 { 1_500 } else { 1_000_000 },
            hedge: rng.below(4) == 0,
            hasty: rng.below(4) == 0,
            profile,
            market_steps: [rng.below(2) == 0, rng.below(3) == 0],
        }
    }

    /// The services that there are.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        self.executors.services().collect()
    }

    /// The symbols that it trades.
    #[must_use]
    pub fn traded(&self) -> &'static [Traded] {
        &TRADED[..self.symbols]
    }

    /// The flags that it begins with.
    #[must_use]
    pub fn flags(&self) -> Flags {
        flags(self.mode)
    }

    /// The world's options.
    #[must_use]
    pub fn options(&self) -> WorldOptions {
        WorldOptions {
            seed: self.seed,
            flags: self.flags(),
            policy: self.policy(),
            executors: self.executors,
            incumbents: INCUMBENTS[..self.incumbents].into(),
            symbols: self.traded().iter().map(|it| (it.name, it.price)).collect(),
            hands_may_err: true,
            venue: VenueConfig {
                wallet: self.wallet.into(),
                leverage: self.leverage,
                hedge: self.hedge,
                ..VenueConfig::default()
            },
            ..WorldOptions::default()
        }
    }

    fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        policy.profiles.mode = self.profile;
        policy.profiles.challenge.equity_default = Money::new(20_000.into());
        if self.hasty {
            policy.emergency.age_max = AGE_MAX;
            policy.profiles.challenge.time_stop = CHALLENGE_MAX;
        }
        for (step, market) in policy.ladder.steps.iter_mut().zip(self.market_steps) {
            if market {
                step.close = StepClose::Market;
            }
        }
        policy
    }
}
