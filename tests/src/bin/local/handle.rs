//! How another shell finds a running `run`, and hands it other flags.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tests::system::await_it::until;
use tests::system::{Addresses, FLAGS};

/// The newest run, beside the numbered ones.
const LAST: &str = "last";
/// What a shell reads to speak with the run; there as long as it runs.
const ENV: &str = "env";
/// Flags to take over; gone once they have been.
const WANTED: &str = "flags";
/// Seven services stop and start within this, also where the machine has much else to do.
const CHANGE_MAX: Duration = Duration::from_secs(120);

/// What a run leaves for other shells. Dropping it says that nobody runs.
#[derive(Debug)]
pub struct Handle {
    root: PathBuf,
}

impl Handle {
    /// Points `last` in `runs` to the run in `root`, and writes what a shell has to know.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn create(runs: &Path, root: &Path, addresses: &Addresses) -> io::Result<Self> {
        fs::write(root.join(ENV), environment(root, addresses))?;
        let (fresh, last) = (root.join(LAST), runs.join(LAST));
        symlink(root, &fresh)?;
        fs::rename(fresh, last)?;
        Ok(Self { root: root.into() })
    }

    /// The flags that somebody wants to be taken over, if somebody does.
    pub fn wanted(&self) -> Option<Vec<(String, String)>> {
        let text = fs::read_to_string(self.root.join(WANTED)).ok()?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Some(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// Says that they have been.
    ///
    /// # Errors
    /// Where the disk says so.
    pub fn taken(&self) -> io::Result<()> {
        fs::remove_file(self.root.join(WANTED))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A folder that somebody has cleared away has nothing to remove.
        drop(fs::remove_file(self.root.join(ENV)));
    }
}

/// Has the newest run in `runs` take the flags over that `of` knows, and waits until it has.
pub async fn change(
    runs: &Path,
    of: impl Fn(&str) -> Option<String>,
) -> Result<Vec<(String, String)>, String> {
    let named = FLAGS.iter().map(|name| (*name, of(name)));
    let flags = named.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let flags: Vec<(String, String)> = flags.collect();
    if flags.is_empty() {
        return Err(format!("no flag is set: use one of {}", FLAGS.join(", ")));
    }
    let last = runs.join(LAST);
    if !last.join(ENV).exists() {
        return Err(format!(
            "nothing runs in {last:?}: start it with `make run`"
        ));
    }
    let lines = flags
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"));
    let fault = |error: io::Error| format!("{last:?} can't be written: {error}");
    let (fresh, wanted) = (last.join("flags.new"), last.join(WANTED));
    fs::write(&fresh, lines.collect::<String>()).map_err(fault)?;
    fs::rename(fresh, &wanted).map_err(fault)?;
    let taken = until("the run to take the flags over", CHANGE_MAX, || {
        let over = !wanted.exists() || !last.join(ENV).exists();
        over.then(|| last.join(ENV).exists())
    });
    match taken.await {
        Ok(true) => Ok(flags),
        Ok(false) => Err("it has ended meanwhile: see its last words".into()),
        Err(late) => Err(late.to_string()),
    }
}

/// In the words of a shell.
fn environment(root: &Path, addresses: &Addresses) -> String {
    let none = String::new;
    let pairs = [
        ("RUN", root.display().to_string()),
        ("HTTP", addresses.http.clone().unwrap_or_else(none)),
        ("EXITCTL_GRPC", addresses.grpc.clone().unwrap_or_else(none)),
        ("EXITCTL_NATS_URL", addresses.nats.clone()),
        ("EXITCTL_KEYS_DIR", root.join("keys").display().to_string()),
        (
            "EXITCTL_GATEWAY",
            addresses.admin.clone().unwrap_or_else(none),
        ),
        ("VENUE", addresses.paper.clone()),
        ("EXITBRAIN_CONFIG", addresses.config.display().to_string()),
    ];
    let lines = pairs.map(|(name, value)| format!("export {name}='{value}'\n"));
    lines.concat()
}

#[cfg(test)]
mod tests_of_handle {
    use super::*;

    fn addresses(root: &Path) -> Addresses {
        Addresses {
            http: Some("http://127.0.0.1:1".into()),
            grpc: Some("http://127.0.0.1:2".into()),
            admin: None,
            nats: "nats://127.0.0.1:3".into(),
            paper: "http://127.0.0.1:4".into(),
            logs: root.join("logs"),
            config: root.join("config.toml"),
        }
    }

    #[tokio::test]
    async fn another_shell_hands_flags_to_the_newest_run_and_waits_for_it() {
        let runs = tempfile::tempdir().unwrap();
        let flag = |name: &str| (name == "EXIT_MODE").then(|| "LEGACY".to_owned());
        let told = change(runs.path(), flag).await.unwrap_err();
        assert!(told.contains("make run"), "{told}");
        for number in ["1", "2"] {
            let root = runs.path().join(number);
            fs::create_dir(&root).unwrap();
            drop(Handle::create(runs.path(), &root, &addresses(&root)).unwrap());
        }
        let root = runs.path().join("2");
        let handle = Handle::create(runs.path(), &root, &addresses(&root)).unwrap();
        assert_eq!(handle.wanted(), None);
        let environment = fs::read_to_string(runs.path().join("last/env")).unwrap();
        assert!(environment.contains("export EXITCTL_GRPC='http://127.0.0.1:2'\n"));
        let run = async {
            let wanted = until("flags", CHANGE_MAX, || handle.wanted()).await;
            handle.taken().unwrap();
            wanted.unwrap()
        };
        let (changed, wanted) = tokio::join!(change(runs.path(), flag), run);
        assert_eq!(wanted, [("EXIT_MODE".to_owned(), "LEGACY".to_owned())]);
        assert_eq!(changed.unwrap(), wanted);
        assert!(
            change(runs.path(), |_| None)
                .await
                .unwrap_err()
                .contains("EXIT_MODE")
        );
    }
}
