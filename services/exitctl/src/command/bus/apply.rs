//! `exitctl bus apply`: one command from one policy to another, with the time it took.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ::bus::policy::{self, Policy};
use ::bus::{Identity, system};
use serde::Serialize;
use tokio::time::Instant;

use super::file::{Fresh, ServerFile};
use super::verify::{self, Proof, Told};
use crate::answer::{Answer, Trouble};
use crate::cli::{BusApply, BusTarget, Cli};
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
    let (config, program) = (&order.config, &order.program.nats_server);
    let draft = Draft::new(policy, config, program, &order.bus)?;
    if order.confirm.dry_run {
        return written(cli, policy, &draft.unlike());
    }
    if order.no_reload {
        let words = by_hand(config, policy, draft.checked);
        draft.replace()?;
        return written(cli, policy, &words);
    }
    draft
        .put_in_force(&order.bus, cli.timeout)
        .await?
        .answer(cli)
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

/// The server's next file, checked and beside the one that it has: nothing has changed yet.
pub struct Draft<'a> {
    policy: Policy,
    config: &'a Path,
    file: ServerFile,
    text: String,
    fresh: Fresh,
    checked: &'static str,
}

impl<'a> Draft<'a> {
    /// The file `config` with the rights of `policy`, looked at by the server's own `program`.
    ///
    /// # Errors
    /// [`Trouble::Failure`] where the file or a key can't be used, or the program refuses it.
    pub fn new(
        policy: Policy,
        config: &'a Path,
        program: &Path,
        bus: &BusTarget,
    ) -> Result<Self, Trouble> {
        let file = ServerFile::read(config)?;
        let public = super::public_keys(&bus.keys_dir)?;
        let text = policy::replace(&file.text, &public, policy)
            .map_err(|error| Trouble::Failure(format!("{}: {error}", config.display())))?;
        let fresh = file.write_beside(&text)?;
        let checked = check(program, &fresh)?;
        Ok(Self {
            policy,
            config,
            file,
            text,
            fresh,
            checked,
        })
    }

    /// What would change in the file, in words.
    pub fn unlike(&self) -> String {
        let (config, policy) = (self.config.display(), self.policy);
        let (before, after) = (&self.file.text, &self.text);
        if before == after {
            return format!("{config} holds the policy {policy} already: nothing would change");
        }
        let count = |of: &str, other: &str| {
            let known: BTreeSet<&str> = other.lines().collect();
            of.lines().filter(|line| !known.contains(line)).count()
        };
        let (more, less) = (count(after, before), count(before, after));
        format!(
            "{config} would hold the policy {policy} ({}): {more} line(s) in, {less} out; nothing \
             was changed",
            self.checked
        )
    }

    /// Takes the place of the file that it was made of.
    fn replace(self) -> Result<ServerFile, Trouble> {
        self.file.is_unchanged()?;
        self.fresh.replace()?;
        Ok(self.file)
    }

    /// Replaces the file, has the server read it, and looks until the policy is proven, at most for
    /// `longest`.
    ///
    /// # Errors
    /// As [`run`].
    pub async fn put_in_force(self, bus: &BusTarget, longest: Duration) -> Result<Told, Trouble> {
        // Everybody is connected before anything changes: who can't prove it, does not begin.
        let mut proof = Proof::new(bus).await?;
        let system = connect(bus, Identity::System).await?;
        let (policy, checked) = (self.policy, self.checked);
        let begin = Instant::now();
        let old = self.replace()?;
        if let Err(error) = system::reload(&system).await {
            old.write_beside(&old.text)?.replace()?;
            return Err(verify::refused(error).and("; the old file is back"));
        }
        let finding = proof.until(policy, longest).await?;
        let took = begin.elapsed();
        let how = format!("in force {took:.1?} after the file was replaced ({checked})");
        Ok(Told::new(policy, finding, &how, Some(took)))
    }
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
