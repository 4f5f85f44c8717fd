//! One shell in which block after block is run, as somebody types them.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::system::process::find_on_path;

/// A failed command anywhere in a block is noted, whatever comes after it.
const PROLOGUE: &str = "set -E -o pipefail
trap 'echo \"$BASH_COMMAND\" >>\"$FAILED\"' ERR
";

/// What a `make` hands on to those below it; the operator's shell is below none.
const OF_MAKE: [&str; 3] = ["MAKEFLAGS", "MAKELEVEL", "MFLAGS"];

/// A shell with a folder of its own for what is said. Dropping it kills what it has started.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    orders: ChildStdin,
    done: Receiver<String>,
    notes: PathBuf,
    blocks: usize,
}

/// What came of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Both outputs, as they came.
    pub output: String,
    /// The commands that failed.
    pub failed: Vec<String>,
}

impl Shell {
    /// A shell in `dir` that keeps its notes in `notes`, with variables on top of ours.
    ///
    /// # Errors
    /// Where there is no bash, or the disk says so.
    pub fn start(dir: &Path, notes: &Path, variables: &[(&str, String)]) -> io::Result<Self> {
        let bash = find_on_path("bash").ok_or(io::ErrorKind::NotFound)?;
        let mut command = Command::new(bash);
        for name in OF_MAKE {
            command.env_remove(name);
        }
        let mut child = command
            .args(["--noprofile", "--norc"])
            .current_dir(dir)
            .env("FAILED", notes.join("failed"))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let orders = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let words = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let (told, done) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(words).lines().map_while(Result::ok) {
                // Nobody waits any longer: the shell is being dropped.
                drop(told.send(line));
            }
        });
        let mut shell = Self {
            child,
            orders,
            done,
            notes: notes.into(),
            blocks: 0,
        };
        shell.orders.write_all(PROLOGUE.as_bytes())?;
        Ok(shell)
    }

    /// Runs a block to its end; what it leaves in the background goes on.
    ///
    /// # Errors
    /// Where it takes longer than `longest`, ends the shell, or the disk says so.
    pub fn run(&mut self, block: &str, longest: Duration) -> io::Result<Said> {
        self.blocks += 1;
        let file = |ending: &str| self.notes.join(format!("{}.{ending}", self.blocks));
        let (script, output, failed) = (file("sh"), file("out"), self.notes.join("failed"));
        fs::write(&script, block)?;
        OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&failed)?;
        let (from, to) = (script.display(), output.display());
        let order = format!(". '{from}' >'{to}' 2>&1 </dev/null; echo done\n");
        self.orders.write_all(order.as_bytes())?;
        let told = self.done.recv_timeout(longest);
        let output = fs::read_to_string(&output)?;
        if let Err(error) = told {
            let text = format!("it has not ended after {longest:?} ({error}): {output}");
            return Err(io::Error::other(text));
        }
        let failed = fs::read_to_string(failed)?;
        // The order itself fails with the last command of the block.
        let failed = failed.lines().filter(|line| !line.starts_with(". '"));
        Ok(Said {
            output,
            failed: failed.map(str::to_owned).collect(),
        })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            // What has ended needs no killing.
            killpg(Pid::from_raw(group), Signal::SIGKILL).unwrap_or_default();
        }
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::await_it::until;

    const LONGEST: Duration = Duration::from_secs(20);

    fn shell(dir: &Path) -> Shell {
        Shell::start(dir, dir, &[("WORD", "hello".into())]).unwrap()
    }

    #[test]
    fn blocks_follow_each_other_in_one_shell() {
        let dir = tempfile::tempdir().unwrap();
        let mut shell = shell(dir.path());
        let said = shell
            .run("x=$WORD\ny() { echo \"$x\" >&2; }\n", LONGEST)
            .unwrap();
        assert_eq!((said.output.as_str(), said.failed.len()), ("", 0));
        let said = shell.run("y\npwd\n", LONGEST).unwrap();
        assert_eq!(said.output, format!("hello\n{}\n", dir.path().display()));
    }

    /// Under `make test` it would otherwise say on what level it is.
    #[test]
    fn it_is_below_no_make() {
        let dir = tempfile::tempdir().unwrap();
        let said = shell(dir.path())
            .run("echo \"${MAKELEVEL-none} ${MAKEFLAGS-none}\"\n", LONGEST)
            .unwrap();
        assert_eq!(said.output, "none none\n");
    }

    #[test]
    fn a_command_that_fails_is_named_wherever_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let mut shell = shell(dir.path());
        let said = shell
            .run("false\nfalse | cat\nnowhere_x\ntrue\n", LONGEST)
            .unwrap();
        assert_eq!(said.failed.first().map(String::as_str), Some("false"));
        assert!(said.failed.iter().any(|it| it == "cat"), "{said:?}");
        assert!(said.failed.iter().any(|it| it == "nowhere_x"), "{said:?}");
        let said = shell
            .run("false || echo \"answers $?\"\n", LONGEST)
            .unwrap();
        assert_eq!(
            (said.output.as_str(), said.failed.len()),
            ("answers 1\n", 0)
        );
    }

    #[tokio::test]
    async fn one_that_hangs_is_told_with_what_it_said_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut shell = shell(dir.path());
        shell.run("sleep 600 &\necho $! >pid\n", LONGEST).unwrap();
        let pid = fs::read_to_string(dir.path().join("pid")).unwrap();
        let told = shell.run("echo before; sleep 600\n", Duration::from_millis(300));
        let told = told.unwrap_err().to_string();
        assert!(told.contains("before"), "{told}");
        drop(shell);
        let stat = format!("/proc/{}/stat", pid.trim());
        let gone = until("its end", LONGEST, || {
            // Killed with its group; whoever inherits it has only to collect it.
            let stat = fs::read_to_string(&stat).unwrap_or_default();
            (stat.is_empty() || stat.contains(" Z ")).then_some(())
        });
        gone.await.unwrap();
    }

    #[test]
    fn one_that_ends_the_shell_is_told() {
        let dir = tempfile::tempdir().unwrap();
        assert!(shell(dir.path()).run("exit 3\n", LONGEST).is_err());
    }
}
