//! `exitctl bus`: what the bus's server has to know, out of the one table.

use std::path::Path;

use ::bus::keys;
use ::bus::policy::{self, Layout, Policy, ServerOptions};

use crate::answer::{Answer, Trouble};
use crate::cli::{Bus, BusConfig, BusLayout, BusPolicy};

/// Does one of the verbs; none of them needs a running system.
///
/// # Errors
/// [`Trouble::Failure`] naming the key file that is missing or can't be written.
pub fn run(verb: &Bus) -> Result<Answer, Trouble> {
    let text = match verb {
        Bus::Config(config) => configuration(config)?,
        Bus::Keys { keys_dir } => generate(keys_dir)?,
        Bus::Map => ::bus::docs_table().trim_end().to_owned(),
    };
    Ok(Answer::ok(text))
}

fn configuration(config: &BusConfig) -> Result<String, Trouble> {
    let public = keys::load(&config.keys_dir).map_err(|error| {
        let dir = config.keys_dir.display();
        Trouble::Failure(format!(
            "{error}; make it with: exitctl bus keys --keys-dir {dir}"
        ))
    })?;
    let mut options = ServerOptions {
        layout: match config.layout {
            BusLayout::Accounts => Layout::Accounts,
            BusLayout::Plain => Layout::Plain,
        },
        jetstream_dir: config.store_dir.clone(),
        ..ServerOptions::default()
    };
    if let Some(address) = config.listen {
        options.listen = address.to_string();
    }
    let policy = match config.policy {
        BusPolicy::Shadow => Policy::Shadow,
        BusPolicy::Live => Policy::Live,
        BusPolicy::Legacy => Policy::Legacy,
        BusPolicy::Staged => Policy::Staged,
    };
    let text = policy::render(&public, policy, &options);
    Ok(text.trim_end().to_owned())
}

/// Makes what is missing; says whose keys there are, never a seed.
fn generate(dir: &Path) -> Result<String, Trouble> {
    let public = keys::generate(dir).map_err(|error| Trouble::Failure(error.to_string()))?;
    let lines = ::bus::Identity::ALL.map(|who| format!("{who} {}", public.get(who)));
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(dir: &Path, policy: BusPolicy) -> Result<String, Trouble> {
        configuration(&BusConfig {
            policy,
            layout: BusLayout::Accounts,
            keys_dir: dir.into(),
            listen: None,
            store_dir: None,
        })
    }

    #[test]
    fn keys_are_made_once_and_configure_the_server() {
        let dir = tempfile::tempdir().unwrap();
        let first = generate(dir.path()).unwrap();
        assert_eq!(
            generate(dir.path()).unwrap(),
            first,
            "a key is never replaced"
        );
        let live = rendered(dir.path(), BusPolicy::Live).unwrap();
        let shadow = rendered(dir.path(), BusPolicy::Shadow).unwrap();
        assert_ne!(live, shadow);
        for line in first.lines() {
            let (_, public) = line.split_once(' ').unwrap();
            assert!(live.contains(public), "{line}");
        }
        let seed = std::fs::read_to_string(dir.path().join("operator.nk")).unwrap();
        assert!(!first.contains(seed.trim()) && !live.contains(seed.trim()));
    }

    #[test]
    fn a_missing_key_is_named_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let trouble = rendered(dir.path(), BusPolicy::Shadow).unwrap_err();
        let text = trouble.to_string();
        assert!(
            text.contains(".pub") && text.contains("exitctl bus keys"),
            "{text}"
        );
    }

    #[test]
    fn the_map_names_every_subject() {
        let text = run(&Bus::Map).unwrap().text;
        for row in ::bus::map::ROWS {
            assert!(text.contains(row.pattern), "{}", row.pattern);
        }
    }
}
