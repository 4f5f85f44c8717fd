//! `exitctl bus`: what the bus's server has to know, out of the one table.

use std::path::Path;

use ::bus::keys::{self, PublicKeys};
use ::bus::policy::{self, ServerOptions, ServerTls};
use ::bus::{Identity, map};
use serde::Serialize;

use crate::answer::{Answer, Trouble};
use crate::cli::{Bus, BusConfig, Cli};
use crate::render;

pub(super) mod apply;
mod file;
pub(super) mod verify;

/// Does one of the verbs; only `apply` and `verify` need a running server.
///
/// # Errors
/// [`Trouble::Failure`] naming the file that is missing or can't be written,
/// [`Trouble::Unreachable`] where no server answers.
pub async fn run(verb: &Bus, cli: &Cli) -> Result<Answer, Trouble> {
    match verb {
        Bus::Config(config) => {
            let text = configuration(config)?;
            document(cli, "BusConfig", &text, || vec![&text])
        }
        Bus::Apply(order) => apply::run(order, cli).await,
        Bus::Verify(order) => verify::run(order, cli).await,
        Bus::Keys { keys_dir } => {
            let public = generate(keys_dir)?;
            let key = |identity| KeyItem {
                identity: Identity::name(identity),
                public: public.get(identity),
            };
            let lines = Identity::ALL.map(|who| format!("{who} {}", public.get(who)));
            document(cli, "BusKeyList", &lines.join("\n"), || {
                Identity::ALL.map(key).into()
            })
        }
        Bus::Map => {
            let table = ::bus::docs_table();
            let rows = || map::ROWS.iter().map(MapItem::from).collect();
            document(cli, "BusMap", table.trim_end(), rows)
        }
    }
}

/// The JSON form.
#[derive(Serialize)]
struct Document<T> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    items: Vec<T>,
}

/// One identity in the JSON form.
#[derive(Serialize)]
struct KeyItem<'a> {
    identity: &'static str,
    public: &'a str,
}

/// One row of the table in the JSON form.
#[derive(Serialize)]
struct MapItem {
    pattern: &'static str,
    message: &'static str,
    writer: &'static str,
    readers: Vec<&'static str>,
}

impl From<&map::Row> for MapItem {
    fn from(row: &map::Row) -> Self {
        Self {
            pattern: row.pattern,
            message: row.message,
            writer: row.writer.name(),
            readers: row.readers.iter().map(|it| it.name()).collect(),
        }
    }
}

fn document<T: Serialize>(
    cli: &Cli,
    kind: &'static str,
    words: &str,
    items: impl FnOnce() -> Vec<T>,
) -> Result<Answer, Trouble> {
    let document = Document {
        api_version: "exitbrain/v1",
        kind,
        items: items(),
    };
    let text = render::told(cli.format(), &document, |_| words.to_owned())?;
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

/// Makes what is missing; gives the public keys of all, never a seed.
fn generate(dir: &Path) -> Result<PublicKeys, Trouble> {
    keys::generate(dir).map_err(|error| Trouble::Failure(error.to_string()))
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
        for who in Identity::ALL {
            assert!(live.contains(first.get(who)), "{who}");
        }
        let seed = std::fs::read_to_string(dir.path().join("operator.nk")).unwrap();
        assert!(!live.contains(seed.trim()));
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
