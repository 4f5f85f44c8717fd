//! Starts the single processes: the bus, the venue, and a service's command line.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use bus::keys::PublicKeys;
use bus::policy::{self, Policy, ServerOptions, ServerTls};
use bus::{Client, ClientTls, ConnectOptions, Identity, lease};

use super::options::{BusTls, FLAGS, NATS, PAPER, SystemOptions};
use super::process::{Process, prefixed};
use super::{Files, System, SystemError, during, files, http, ready};
use crate::nats::{NatsServer, Place};

impl System {
    /// Has `name` find the bus at `url` from its next start on.
    pub fn bus_through(&mut self, name: &str, url: &str) {
        let words = [
            "/usr/bin/env".to_owned(),
            format!("EXITBRAIN__BUS__URL={url}"),
        ];
        self.options
            .places
            .starters
            .insert(name.into(), words.into());
    }
}

pub(super) fn nats_config(
    files: &Files,
    keys: &PublicKeys,
    policy: Policy,
    tls: Option<&BusTls>,
) -> String {
    let options = ServerOptions {
        jetstream_dir: Some(files.nats().join("store")),
        tls: tls.map(|tls| ServerTls {
            cert_file: tls.server.cert_file.clone(),
            key_file: tls.server.key_file.clone(),
            client_ca_file: None,
        }),
        ..ServerOptions::default()
    };
    policy::render(keys, policy, &options)
}

pub(super) async fn start_nats(
    files: &Files,
    options: &SystemOptions,
    keys: &PublicKeys,
    policy: Policy,
) -> Result<NatsServer, SystemError> {
    let config = nats_config(files, keys, policy, options.bus_tls.as_ref());
    let port = files::usual_port(options.ports, 4_222);
    let place = Place {
        address: options.places.nats,
        port,
        starter: options.places.starter(NATS).to_vec(),
    };
    Ok(NatsServer::start_in(&files.nats(), &config, place).await?)
}

/// Makes the bucket of leases where it is missing.
pub(super) async fn provision(
    files: &Files,
    url: &str,
    tls: Option<&BusTls>,
) -> Result<(), SystemError> {
    runtime::install_crypto();
    let identity = Identity::Provisioner;
    let options = ConnectOptions {
        url: url.into(),
        identity,
        seed_file: files.keys().join(format!("{}.nk", identity.name())),
        capacity: 16,
        tls: ClientTls {
            ca_file: tls.map(|tls| tls.ca_file.clone()),
            identity: None,
        },
    };
    let told = |error: &dyn std::error::Error| SystemError::Provision(error.to_string());
    let client = Client::connect(&options)
        .await
        .map_err(|error| told(&error))?;
    let made = lease::provision(&client, 1).await;
    made.map(drop).map_err(|error| told(&error))
}

pub(super) async fn start_paper(
    files: &Files,
    options: &SystemOptions,
) -> Result<(Process, String), SystemError> {
    let port = files::usual_port(options.ports, 9_080);
    let listen = format!("{}:{port}", options.places.paper);
    let mut paper = spawn_paper(files, options, &listen)?;
    let venue = ready::venue(files, &mut paper).await?;
    Ok((paper, venue))
}

pub(super) fn spawn_paper(
    files: &Files,
    options: &SystemOptions,
    listen: &str,
) -> Result<Process, SystemError> {
    http::forget(&files.ports(PAPER));
    let mut command = Command::new(binary(PAPER)?);
    clear_environment(&mut command);
    let strategy = if options.strategy { "on" } else { "off" };
    command
        .args(["--listen", listen])
        .args(["--data", &options.data, "--speed", &options.speed])
        .args(["--seed", &options.seed.to_string()])
        .args(["--strategy", strategy])
        .arg("--api-key-file")
        .arg(files.api_key())
        .arg("--secret-file")
        .arg(files.api_secret())
        .arg("--ports-file")
        .arg(files.ports(PAPER))
        .args(&options.paper_args);
    if !options.places.paper.is_loopback() {
        command.arg("--allow-remote");
    }
    if !options.symbols.is_empty() {
        command.args(["--symbols", &options.symbols.join(",")]);
    }
    let command = prefixed(command, options.places.starter(PAPER));
    Ok(Process::spawn(PAPER, command, &files.log(PAPER))?)
}

/// Our own flags and settings are not the services': they get exactly what the options say.
pub(super) fn clear_environment(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with("EXITBRAIN") || FLAGS.contains(&name));
        if ours {
            command.env_remove(name);
        }
    }
}

/// Where the binary `name` of this build lies: where cargo put us, `target/<profile>`, with tests
/// one folder deeper.
///
/// # Errors
/// Where our own place is unknown.
pub fn binary(name: &str) -> Result<PathBuf, SystemError> {
    let own = env::current_exe().map_err(during("finding our own binary"))?;
    let dir = own.parent().unwrap_or(Path::new("."));
    let dir = if dir.ends_with("deps") {
        dir.parent().unwrap_or(dir)
    } else {
        dir
    };
    Ok(dir.join(name))
}
