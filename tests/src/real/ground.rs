//! A network of the test's own, in which the way from the gateway to the venue can be cut.

use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;

use crate::system::process::{Process, find_on_path};
use crate::system::{Places, SystemOptions};

/// Our side and the gateway's of the two wires: to the bus, and to the venue.
const BUS: Wire = Wire {
    ours: ("bus0", "10.0.1.1"),
    theirs: ("bus1", "10.0.1.2"),
};
const VENUE: Wire = Wire {
    ours: ("venue0", "10.0.2.1"),
    theirs: ("venue1", "10.0.2.2"),
};
/// A station that is not there: what is sent to it is lost without a word.
const NOBODY: &str = "02:00:00:00:00:99";
/// The gateway's place lives no longer than this, in seconds, even where nobody clears it away.
const HOLD_S: &str = "600";

struct Wire {
    ours: (&'static str, &'static str),
    theirs: (&'static str, &'static str),
}

/// Which way is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The wire: the gateway is told at once.
    Both,
    /// From the gateway to the venue, silently.
    Requests,
    /// From the venue to the gateway, silently: what is asked for is done, and nobody hears it.
    Answers,
}

/// The network. Everything in it goes with the processes that live there.
#[derive(Debug)]
pub struct Ground {
    /// Keeps the gateway's place while the gateway is restarted.
    holder: Process,
    _log: TempDir,
}

impl Ground {
    /// Moves the calling thread, and whatever it starts from now on, into a network of its own,
    /// with a second one beside it for the gateway.
    ///
    /// # Errors
    /// Why that is not allowed or not possible here.
    pub fn new() -> Result<Self, String> {
        let tool = |name| find_on_path(name).ok_or(format!("no {name} on PATH"));
        let unshare_tool = tool("unshare")?;
        tool("nsenter")?;
        tool("ip")?;
        unshare(CloneFlags::CLONE_NEWNET)
            .map_err(|error| format!("no network namespace for us: {error}"))?;
        let log = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = Command::new(unshare_tool);
        command.args(["--net", "sleep", HOLD_S]);
        let holder = Process::spawn("holder", command, &log.path().join("holder.log"));
        let holder = holder.map_err(|error| error.to_string())?;
        let ground = Self { holder, _log: log };
        ground.lay()?;
        Ok(ground)
    }

    /// `options` with bus and venue on the two wires and the gateway at their other ends.
    #[must_use]
    pub fn carry(&self, mut options: SystemOptions) -> SystemOptions {
        let address = |wire: &Wire| wire.ours.1.parse().expect("a constant address");
        options.places = Places {
            nats: address(&BUS),
            paper: address(&VENUE),
            starters: [("gateway".to_owned(), self.enter())].into(),
        };
        options
    }

    /// Cuts the way between gateway and venue.
    pub fn cut(&self, cut: Cut) {
        let done = match cut {
            Cut::Both => self.theirs(&["link", "set", VENUE.theirs.0, "down"]),
            Cut::Requests => self.theirs(&lose(VENUE.ours.1, VENUE.theirs.0)),
            Cut::Answers => ip(&[], &lose(VENUE.theirs.1, VENUE.ours.0)),
        };
        done.unwrap_or_else(|told| panic!("{cut:?} can't be cut: {told}"));
    }

    /// Makes it whole again.
    pub fn heal(&self, cut: Cut) {
        let done = match cut {
            Cut::Both => self.theirs(&["link", "set", VENUE.theirs.0, "up"]),
            Cut::Requests => self.theirs(&["neigh", "del", VENUE.ours.1, "dev", VENUE.theirs.0]),
            Cut::Answers => ip(&[], &["neigh", "del", VENUE.theirs.1, "dev", VENUE.ours.0]),
        };
        done.unwrap_or_else(|told| panic!("{cut:?} can't be healed: {told}"));
    }

    fn lay(&self) -> Result<(), String> {
        // The holder is in its own network only once it has become `sleep`.
        let comm = format!("/proc/{}/comm", self.holder.pid());
        let mut looks = 0;
        while std::fs::read_to_string(&comm).unwrap_or_default().trim() != "sleep" {
            looks += 1;
            if looks > 500 {
                return Err("no second network namespace".into());
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        ip(&[], &["link", "set", "lo", "up"])?;
        self.theirs(&["link", "set", "lo", "up"])?;
        for Wire { ours, theirs } in [BUS, VENUE] {
            let pair = [
                "link", "add", ours.0, "type", "veth", "peer", "name", theirs.0,
            ];
            ip(&[], &pair)?;
            let pid = self.holder.pid().to_string();
            ip(&[], &["link", "set", theirs.0, "netns", &pid])?;
            ip(
                &[],
                &["addr", "add", &format!("{}/30", ours.1), "dev", ours.0],
            )?;
            ip(&[], &["link", "set", ours.0, "up"])?;
            self.theirs(&["addr", "add", &format!("{}/30", theirs.1), "dev", theirs.0])?;
            self.theirs(&["link", "set", theirs.0, "up"])?;
        }
        Ok(())
    }

    fn theirs(&self, words: &[&str]) -> Result<(), String> {
        ip(&self.enter(), words)
    }

    /// What starts a program in the gateway's place.
    fn enter(&self) -> Vec<String> {
        let nsenter = find_on_path("nsenter").unwrap_or_default();
        let net = format!("--net=/proc/{}/ns/net", self.holder.pid());
        vec![nsenter.to_string_lossy().into_owned(), net]
    }
}

fn lose(address: &'static str, device: &'static str) -> [&'static str; 9] {
    [
        "neigh",
        "replace",
        address,
        "lladdr",
        NOBODY,
        "dev",
        device,
        "nud",
        "permanent",
    ]
}

/// `ip` with `words`, started by `starter`.
fn ip(starter: &[String], words: &[&str]) -> Result<(), String> {
    let mut command = Command::new("ip");
    command.args(words);
    let output = crate::system::process::prefixed(command, starter).output();
    let output = output.map_err(|error| format!("ip {words:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("ip {}: {}", words.join(" "), told.trim()))
}
