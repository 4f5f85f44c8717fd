//! `exitctl bus apply`: one command from one policy to another, with the time it took.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use ::bus::policy::{self, Policy};
use ::bus::{Identity, system};
use serde::Serialize;
use tokio::time::Instant;

use super::verify::{self, Proof};
use crate::answer::{Answer, Trouble};
use crate::cli::{BusApply, Cli};
use crate::command::confirm::{Danger, confirm};
use crate::command::connect::connect;
use crate::render;

/// Replaces the rights in the server's file, has the server read it, and proves what it does then.
///
/// # Errors
/// [`Trouble`]; before the file is replaced nothing has changed, and where the server refuses the
/// file the old one is put back.
pub async fn run(order: &BusApply, cli: &Cli) -> Result<Answer, Trouble> {
    runtime::install_crypto();
    let policy: Policy = order.policy.into();
    confirmed(order, policy)?;
    let file = ServerFile::read(&order.config)?;
    let public = super::public_keys(&order.bus.keys_dir)?;
    let text = policy::replace(&file.text, &public, policy)
        .map_err(|error| Trouble::Failure(format!("{}: {error}", order.config.display())))?;
    let fresh = file.write_beside(&text)?;
    let checked = check(&order.nats_server, &fresh)?;
    if order.confirm.dry_run {
        return written(
            cli,
            policy,
            &unlike(&order.config, policy, &file.text, &text, checked),
        );
    }
    if order.no_reload {
        fresh.replace()?;
        return written(cli, policy, &by_hand(&order.config, policy, checked));
    }
    // Everybody is connected before anything changes: who can't prove it, does not begin.
    let mut proof = Proof::new(&order.bus).await?;
    let system = connect(&order.bus, Identity::System).await?;
    let begin = Instant::now();
    fresh.replace()?;
    if let Err(error) = system::reload(&system).await {
        file.write_beside(&file.text)?.replace()?;
        let trouble = verify::refused(error);
        return Err(match trouble {
            Trouble::Failure(text) => Trouble::Failure(format!("{text}; the old file is back")),
            _ => Trouble::Unreachable(format!("{trouble}; the old file is back")),
        });
    }
    let finding = proof.until(policy, cli.timeout).await?;
    let took = begin.elapsed();
    let how = format!("in force {took:.1?} after the file was replaced ({checked})");
    verify::answer(cli, policy, finding, &how)
}

fn confirmed(order: &BusApply, policy: Policy) -> Result<(), Trouble> {
    let word = policy.to_string();
    let danger = Danger {
        verb: &format!("bus apply --policy {}", word.to_lowercase()),
        effect: "changes who may say what on the bus",
        word: &word,
    };
    confirm(&order.confirm, &danger)
}

/// The JSON form of a file that is replaced and not in force yet.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    policy: String,
    in_force: bool,
    text: &'a str,
}

fn written(cli: &Cli, policy: Policy, words: &str) -> Result<Answer, Trouble> {
    let document = Written {
        api_version: "exitbrain/v1",
        kind: "BusPolicy",
        policy: policy.to_string(),
        in_force: false,
        text: words,
    };
    let text = render::told(cli.format(), &document, |_| words.to_owned())?;
    Ok(Answer::ok(text))
}

/// What would change in the file, in words.
fn unlike(config: &Path, policy: Policy, before: &str, after: &str, checked: &str) -> String {
    let config = config.display();
    if before == after {
        return format!("{config} holds the policy {policy} already: nothing would change");
    }
    let count = |of: &str, other: &str| {
        let known: std::collections::BTreeSet<&str> = other.lines().collect();
        of.lines().filter(|line| !known.contains(line)).count()
    };
    let (more, less) = (count(after, before), count(before, after));
    format!(
        "{config} would hold the policy {policy} ({checked}): {more} line(s) in, {less} out; \
         nothing was changed"
    )
}

fn by_hand(config: &Path, policy: Policy, checked: &str) -> String {
    let name = policy.to_string().to_lowercase();
    format!(
        "{} holds the policy {policy} ({checked}); nothing is in force yet. In a cluster:\n  \
         kubectl -n NAMESPACE create configmap nats-config --from-file=nats.conf={} \
         --dry-run=client -o yaml | kubectl apply -f -\n  and, for each server of the bus: exitctl \
         bus verify --policy {name} --reload --timeout 180s --nats-url SERVER",
        config.display(),
        config.display(),
    )
}

/// Whether the server's own program takes the file.
fn check(program: &Path, fresh: &Fresh) -> Result<&'static str, Trouble> {
    let told = Command::new(program)
        .arg("-t")
        .arg("-c")
        .arg(&fresh.path)
        .output();
    match told {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok("not checked: no nats-server here")
        }
        Err(error) => Err(Trouble::Failure(format!("{}: {error}", program.display()))),
        Ok(output) if output.status.success() => Ok("checked with nats-server -t"),
        Ok(output) => {
            let words = [output.stdout, output.stderr].concat();
            let words = String::from_utf8_lossy(&words).trim().to_owned();
            Err(Trouble::Failure(format!(
                "nats-server -t refuses the new file, nothing was changed: {words}"
            )))
        }
    }
}

/// The server's file as it is.
struct ServerFile {
    path: PathBuf,
    text: String,
    mode: u32,
}

impl ServerFile {
    fn read(path: &Path) -> Result<Self, Trouble> {
        // Where it is a link, the link stays and what it leads to is replaced.
        let named = |error: io::Error| {
            Trouble::Failure(format!(
                "{}: {error}; name the server's file with --config, or make it with: exitctl bus \
                 config",
                path.display()
            ))
        };
        let path = fs::canonicalize(path).map_err(named)?;
        let text = fs::read_to_string(&path).map_err(named)?;
        let mode = fs::metadata(&path).map_err(named)?.mode();
        Ok(Self { path, text, mode })
    }

    /// The file's next content, whole and on the disk, beside it.
    fn write_beside(&self, text: &str) -> Result<Fresh, Trouble> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let fresh = Fresh {
            path: name.into(),
            to: self.path.clone(),
        };
        let write = || {
            let options = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh.path);
            let mut file: File = options?;
            file.set_permissions(fs::Permissions::from_mode(self.mode & 0o777))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Trouble::Failure(format!("{}: {error}", fresh.path.display())))?;
        Ok(fresh)
    }
}

/// A file that is to take the place of another; without that it is removed.
struct Fresh {
    path: PathBuf,
    to: PathBuf,
}

impl Fresh {
    /// In one step: a server that starts meanwhile reads the old one or the new one.
    fn replace(self) -> Result<(), Trouble> {
        fs::rename(&self.path, &self.to)
            .map_err(|error| Trouble::Failure(format!("{}: {error}", self.to.display())))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // Gone already, where it has taken the other's place.
        drop(fs::remove_file(&self.path));
    }
}
