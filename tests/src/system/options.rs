//! What a system to start looks like.

use std::collections::BTreeMap;
use std::env;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use bus::CertFiles;
use domain::mode::{
    EXIT_BRAIN_V3_ENABLED, EXIT_BRAIN_V3_LIVE_ROLLOUT, EXIT_EXECUTOR_MODE, EXIT_LIVE_ROLLOUT_PCT,
    EXIT_MODE, Flags,
};
use runtime::policy::profile::EXIT_BRAIN_PROFILE;

/// The services in the order in which they start; they stop in the reverse one. Diagnostics hears
/// everything from the first heartbeat on, and nobody decides before there is a guard.
pub const SERVICES: [&str; 7] = [
    "diagnostics",
    "gateway-guard",
    "gateway",
    "market",
    "planner",
    "executor",
    "legacy",
];
/// The venue's name among the processes.
pub const PAPER: &str = "paper-exchange";
/// The bus's name among the processes.
pub const NATS: &str = "nats-server";

/// Every variable that is a flag.
pub const FLAGS: [&str; 6] = [
    EXIT_MODE,
    EXIT_EXECUTOR_MODE,
    EXIT_BRAIN_V3_LIVE_ROLLOUT,
    EXIT_BRAIN_V3_ENABLED,
    EXIT_LIVE_ROLLOUT_PCT,
    EXIT_BRAIN_PROFILE,
];

/// Where a run keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkDir {
    /// A temporary folder, gone at the end.
    Temporary,
    /// A new numbered folder in this one; it stays.
    Under(PathBuf),
}

/// Which ports to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Any free ones.
    Free,
    /// The ones that people know (HTTP 8080, gRPC 8081, NATS 4222, venue 9080), where free.
    Usual,
}

/// Where processes run, where that is not simply this machine's loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The bus listens here.
    pub nats: Ipv4Addr,
    /// The venue listens here.
    pub paper: Ipv4Addr,
    /// The program and the arguments that start a process in its place, by its name.
    pub starters: BTreeMap<String, Vec<String>>,
}

impl Places {
    /// What starts `name`; nothing for one that starts by itself.
    #[must_use]
    pub fn starter(&self, name: &str) -> &[String] {
        self.starters.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Default for Places {
    fn default() -> Self {
        Self {
            nats: Ipv4Addr::LOCALHOST,
            paper: Ipv4Addr::LOCALHOST,
            starters: BTreeMap::new(),
        }
    }
}

/// A system to start.
#[derive(Debug, Clone)]
pub struct SystemOptions {
    /// The flags' variables as the services see them; what is missing is unset for them.
    pub flags: Vec<(String, String)>,
    /// `synthetic`, `manual`, or a file or folder of recorded data.
    pub data: String,
    /// Market time against real time: `60x`.
    pub speed: String,
    /// Of the synthetic market and of the stand-in strategy.
    pub seed: u64,
    /// Contracts to trade and to follow; none means all that the data has.
    pub symbols: Vec<String>,
    /// Whether the stand-in strategy opens positions.
    pub strategy: bool,
    /// What each contract costs at first on a market that moves only when told to.
    pub opening_price: Option<String>,
    /// More arguments for the venue.
    pub paper_args: Vec<String>,
    /// Settings on top, as `("EXITBRAIN__SECTION__KEY", value)`, or any other variable.
    pub overrides: Vec<(String, String)>,
    /// The policy file's text; none means what ships.
    pub policy: Option<String>,
    /// Where the files go.
    pub work_dir: WorkDir,
    /// How the bus is encrypted; none: not at all.
    pub bus_tls: Option<BusTls>,
    /// Which services to start; in the order of [`SERVICES`] whatever the order here.
    pub services: Vec<String>,
    /// Which ports to listen on.
    pub ports: Ports,
    /// Where the processes run.
    pub places: Places,
}

/// Certificates of the bus, in files.
#[derive(Debug, Clone)]
pub struct BusTls {
    /// The server's own.
    pub server: CertFiles,
    /// Of the authority by which the services prove it.
    pub ca_file: PathBuf,
}

impl Default for SystemOptions {
    fn default() -> Self {
        Self {
            flags: Vec::new(),
            data: "synthetic".into(),
            speed: "60x".into(),
            seed: 1,
            symbols: ["BTCUSDT", "ETHUSDT", "SOLUSDT"].map(String::from).into(),
            strategy: true,
            opening_price: None,
            paper_args: Vec::new(),
            overrides: Vec::new(),
            policy: None,
            bus_tls: None,
            work_dir: WorkDir::Temporary,
            services: SERVICES.map(String::from).into(),
            ports: Ports::Free,
            places: Places::default(),
        }
    }
}

impl SystemOptions {
    /// The brain on, in SHADOW.
    #[must_use]
    pub fn shadow() -> Self {
        Self::with_flags(&[
            (EXIT_MODE, "EXIT_BRAIN_V3"),
            (EXIT_EXECUTOR_MODE, "SHADOW"),
            (EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED"),
        ])
    }

    /// The brain on, all three flags aligned.
    #[must_use]
    pub fn live() -> Self {
        Self::with_flags(&[
            (EXIT_MODE, "EXIT_BRAIN_V3"),
            (EXIT_EXECUTOR_MODE, "LIVE"),
            (EXIT_BRAIN_V3_LIVE_ROLLOUT, "ENABLED"),
        ])
    }

    /// The incumbents alone.
    #[must_use]
    pub fn legacy() -> Self {
        Self::with_flags(&[(EXIT_MODE, "LEGACY")])
    }

    /// SHADOW, but for what this process's own environment says.
    #[must_use]
    pub fn from_environment() -> Self {
        let mut options = Self::shadow();
        for name in FLAGS {
            if let Ok(value) = env::var(name) {
                options.set_flag(name, &value);
            }
        }
        options
    }

    /// Sets one flag for the services.
    pub fn set_flag(&mut self, name: &str, value: &str) {
        self.flags.retain(|(known, _)| known != name);
        self.flags.push((name.into(), value.into()));
    }

    /// The flags as the services will read them.
    #[must_use]
    pub fn parsed_flags(&self) -> Flags {
        let get = |name: &str| {
            let found = self.flags.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        Flags::parse(get).0
    }

    fn with_flags(flags: &[(&str, &str)]) -> Self {
        let mut options = Self::default();
        for (name, value) in flags {
            options.set_flag(name, value);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use domain::mode::Mode;

    use super::*;

    #[test]
    fn each_kind_of_system_resolves_to_its_mode() {
        assert_eq!(
            SystemOptions::legacy().parsed_flags().resolve(),
            Mode::Legacy
        );
        assert_eq!(
            SystemOptions::shadow().parsed_flags().resolve(),
            Mode::Shadow
        );
        assert_eq!(SystemOptions::live().parsed_flags().resolve(), Mode::Live);
    }

    #[test]
    fn one_flag_that_is_missing_is_no_live() {
        let mut options = SystemOptions::live();
        options.set_flag(EXIT_BRAIN_V3_LIVE_ROLLOUT, "DISABLED");
        assert_eq!(options.parsed_flags().resolve(), Mode::Shadow);
        assert_eq!(options.flags.len(), 3);
    }
}
