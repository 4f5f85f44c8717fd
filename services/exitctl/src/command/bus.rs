//! `exitctl bus`: what the bus's server has to know, out of the one table.

use std::path::Path;

use ::bus::keys::{self, PublicKeys};
use ::bus::policy::{self, ServerOptions, ServerTls};

use crate::answer::{Answer, Trouble};
use crate::cli::{Bus, BusConfig, Cli};

mod apply;
mod verify;

/// Does one of the verbs; only `apply` and `verify` need a running server.
///
/// # Errors
/// [`Trouble::Failure`] naming the file that is missing or can't be written,
/// [`Trouble::Unreachable`] where no server answers.
pub async fn run(verb: &Bus, cli: &Cli) -> Result<Answer, Trouble> {
    let text = match verb {
        Bus::Config(config) => configuration(config)?,
        Bus::Apply(order) => return apply::run(order, cli).await,
        Bus::Verify(order) => return verify::run(order, cli).await,
        Bus::Keys { keys_dir } => generate(keys_dir)?,
        Bus::Map => ::bus::docs_table().trim_end().to_owned(),
    };
    Ok(Answer::ok(text))
}

fn public_keys(dir: &Path) -> Result<PublicKeys, Trouble> {
    keys::load(dir).map_err(|error| {
        let dir = dir.display();
        Trouble::Failure(format!(
            "{error}; make it with: exitctl bus keys --keys-dir {dir}"
        ))
    })
}

fn configuration(config: &BusConfig) -> Result<String, Trouble> {
    let public = public_keys(&config.keys_dir)?;
    let files = config.tls_cert.clone().zip(config.tls_key.clone());
    let mut options = ServerOptions {
        layout: config.layout.into(),
        tls: files.map(|(cert_file, key_file)| ServerTls {
            cert_file,
            key_file,
            client_ca_file: config.tls_client_ca.clone(),
        }),
        jetstream_dir: config.store_dir.clone(),
        ..ServerOptions::default()
    };
    if let Some(address) = config.listen {
        options.listen = address.to_string();
    }
    let text = policy::render(&public, config.policy.into(), &options);
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
    use crate::cli::bus::{BusLayout, BusPolicy};

    fn rendered(dir: &Path, policy: BusPolicy) -> Result<String, Trouble> {
        configuration(&BusConfig {
            policy,
            layout: BusLayout::Accounts,
            keys_dir: dir.into(),
            listen: None,
            store_dir: None,
            tls_cert: None,
            tls_key: None,
            tls_client_ca: None,
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
        let text = ::bus::docs_table();
        for row in ::bus::map::ROWS {
            assert!(text.contains(row.pattern), "{}", row.pattern);
        }
    }
}
