//! One child process: started, watched, signalled, and never left behind.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use nix::errno::Errno;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use thiserror::Error;

/// Lines of a log that are shown with a death.
const TAIL_LINES: usize = 20;
/// How often the end of a process is looked for.
const LOOK: Duration = Duration::from_millis(10);
/// Runs a program that dies with its parent (util-linux); used where it is there.
const PARENT_BOUND: &str = "setpriv";

/// Why a process can't be started or signalled.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// The binary is missing, or the log can't be opened.
    #[error("{name} ({program:?}) can't be started: {source}; build it with `make build`")]
    Spawn {
        /// Our name for it.
        name: String,
        /// The binary.
        program: OsString,
        /// Why not.
        source: io::Error,
    },
    /// The signal did not arrive.
    #[error("{name} can't be signalled: {source}")]
    Signal {
        /// Our name for it.
        name: String,
        /// Why not.
        source: Errno,
    },
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
    /// Its end was ours: killed or stopped.
    expected: bool,
}

/// A process that ended without being asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// Our name for it.
    pub name: String,
    /// How it ended.
    pub status: String,
    /// The end of its log.
    pub tail: String,
}

impl Process {
    /// Starts `command` with both outputs appended to `log`. It gets a process group of its own,
    /// so that Ctrl-C reaches only us and we stop things in order.
    ///
    /// # Errors
    /// [`ProcessError::Spawn`].
    pub fn spawn(name: &str, command: Command, log: &Path) -> Result<Self, ProcessError> {
        let program = command.get_program().to_owned();
        let fault = |source| ProcessError::Spawn {
            name: name.into(),
            program: program.clone(),
            source,
        };
        if !Path::new(&program).is_file() {
            return Err(fault(io::ErrorKind::NotFound.into()));
        }
        let output = OpenOptions::new().create(true).append(true).open(log);
        let output = output.map_err(&fault)?;
        let errors = output.try_clone().map_err(&fault)?;
        let child = bound_to_us(command)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(&fault)?;
        Ok(Self {
            name: name.into(),
            log: log.to_path_buf(),
            child,
            expected: false,
        })
    }

    /// Our name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal; one that ends processes makes its end an expected one.
    ///
    /// # Errors
    /// [`ProcessError::Signal`], also where it has ended already.
    pub fn signal(&mut self, signal: Signal) -> Result<(), ProcessError> {
        let name = self.name.clone();
        let fault = |source| ProcessError::Signal { name, source };
        // A child that was waited for gives its id back: never signal a stranger who got it.
        if self.exited().is_some() {
            return Err(fault(Errno::ESRCH));
        }
        if matches!(signal, Signal::SIGKILL | Signal::SIGTERM | Signal::SIGINT) {
            self.expected = true;
        }
        let Ok(pid) = i32::try_from(self.pid()) else {
            return Err(fault(Errno::EINVAL));
        };
        signal::kill(Pid::from_raw(pid), signal).map_err(fault)
    }

    /// How it ended, if it has.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// How it ended, if it does within `longest`.
    pub fn wait(&mut self, longest: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + longest;
        loop {
            let status = self.exited();
            if status.is_some() || Instant::now() >= deadline {
                return status;
            }
            thread::sleep(LOOK);
        }
    }

    /// Asks it to stop, waits up to `longest`, then kills it. Whether it stopped when asked.
    pub fn stop(&mut self, longest: Duration) -> bool {
        let asked = self.signal(Signal::SIGTERM).is_ok();
        // One that is frozen (SIGSTOP) would not hear; waking a running one changes nothing, and
        // one that has ended meanwhile needs no waking.
        drop(self.signal(Signal::SIGCONT));
        let stopped = asked && self.wait(longest).is_some();
        self.end();
        stopped
    }

    /// Kills it, if it still runs, and waits until it is gone.
    pub fn end(&mut self) {
        self.expected = self.expected || self.exited().is_none();
        // It may have ended in between; then there is nothing to kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Its end, if it was not ours.
    pub fn dead(&mut self) -> Option<Dead> {
        if self.expected {
            return None;
        }
        let status = self.exited()?;
        Some(Dead {
            name: self.name.clone(),
            status: status.to_string(),
            tail: self.tail(),
        })
    }

    /// The last lines of its log.
    #[must_use]
    pub fn tail(&self) -> String {
        let Ok(file) = File::open(&self.log) else {
            return String::new();
        };
        let mut tail = VecDeque::new();
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            if tail.len() == TAIL_LINES {
                tail.pop_front();
            }
            tail.push_back(line);
        }
        Vec::from(tail).join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The same command, run so that it dies with us even where we are killed and drop nothing.
fn bound_to_us(command: Command) -> Command {
    let Some(bound) = find_on_path(PARENT_BOUND) else {
        return command;
    };
    let bound = bound.to_string_lossy().into_owned();
    let words = ["--pdeathsig", "KILL", "--"].map(String::from);
    prefixed(command, &[vec![bound], words.to_vec()].concat())
}

/// The same command, started by the program and the arguments in `words`; none change nothing.
#[must_use]
pub fn prefixed(command: Command, words: &[String]) -> Command {
    let [program, args @ ..] = words else {
        return command;
    };
    let mut wrapped = Command::new(program);
    wrapped
        .args(args)
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(key, value),
            None => wrapped.env_remove(key),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        wrapped.current_dir(dir);
    }
    wrapped
}

/// Where `program` lies, if it is on PATH.
#[must_use]
pub fn find_on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    fn shell(script: &str, dir: &Path) -> Process {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Process::spawn("shell", command, &dir.join("shell.log")).unwrap()
    }

    fn runs(pid: u32) -> bool {
        let pid = Pid::from_raw(i32::try_from(pid).unwrap());
        signal::kill(pid, None).is_ok()
    }

    #[test]
    fn an_unexpected_end_is_told_with_the_end_of_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = shell("echo out; echo no such thing >&2; exit 3", dir.path());
        process.wait(SOON).unwrap();
        let dead = process.dead().unwrap();
        assert!(dead.status.contains('3'), "{dead:?}");
        assert_eq!(dead.tail, "out\nno such thing");
    }

    #[test]
    fn an_end_that_was_ours_is_no_death() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = shell("exec sleep 600", dir.path());
        process.signal(Signal::SIGKILL).unwrap();
        process.wait(SOON).unwrap();
        assert_eq!(process.dead(), None);
        assert!(process.signal(Signal::SIGTERM).is_err(), "it is gone");
    }

    #[test]
    fn one_that_does_not_hear_is_killed_after_the_bound() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = shell(
            "trap '' TERM; echo ready; while :; do sleep 0.1; done",
            dir.path(),
        );
        while process.tail().is_empty() {
            thread::sleep(LOOK);
        }
        assert!(!process.stop(Duration::from_millis(50)));
        assert!(process.exited().is_some());
    }

    #[test]
    fn one_that_hears_stops_by_itself_even_when_it_was_frozen() {
        let dir = tempfile::tempdir().unwrap();
        let mut process = shell("exec sleep 600", dir.path());
        process.signal(Signal::SIGSTOP).unwrap();
        assert!(process.stop(SOON));
    }

    #[test]
    fn dropping_it_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let process = shell("exec sleep 600", dir.path());
        let pid = process.pid();
        assert!(runs(pid));
        drop(process);
        assert!(!runs(pid));
    }

    #[test]
    fn a_missing_binary_is_named() {
        let log = Path::new("/dev/null");
        let told = Process::spawn("executor", Command::new("/nowhere/executor"), log);
        let told = told.unwrap_err().to_string();
        assert!(told.contains("/nowhere/executor"), "{told}");
    }
}
