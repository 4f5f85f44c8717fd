//! The bus over TLS, on a real server: who proves itself gets in, and plain text does not.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bus::policy::{Policy, ServerOptions, ServerTls, render};
use bus::{CertFiles, Client, ClientTls, ConnectOptions, Heard, Identity, keys, subjects};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use support::*;
use tempfile::TempDir;
use tests::nats::NatsServer;
use tests::system::process::Process;
use tests::system::{BusTls, SystemOptions, binary};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for this machine's loopback, in files.
fn certificate(dir: &Path, name: &str, by: &Authority) -> CertFiles {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, by)
        .unwrap();
    let files = CertFiles {
        cert_file: dir.join(format!("{name}.crt")),
        key_file: dir.join(format!("{name}.key")),
    };
    fs::write(&files.cert_file, made.pem()).unwrap();
    fs::write(&files.key_file, key.serialize_pem()).unwrap();
    files
}

struct Scene {
    folder: TempDir,
    ca_file: PathBuf,
    stranger_file: PathBuf,
    own: CertFiles,
    strange: CertFiles,
    server: NatsServer,
}

impl Scene {
    /// A server with a certificate; with `mutual` it asks its clients for one too.
    async fn new(mutual: bool) -> Self {
        runtime::install_crypto();
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let (ours, stranger) = (authority(), authority());
        let (ca_file, stranger_file) = (dir.join("ca.crt"), dir.join("stranger.crt"));
        fs::write(&ca_file, ours.pem()).unwrap();
        fs::write(&stranger_file, stranger.pem()).unwrap();
        let of_server = certificate(dir, "server", &ours);
        let public = keys::generate(&dir.join("keys")).unwrap();
        let options = ServerOptions {
            tls: Some(ServerTls {
                cert_file: of_server.cert_file,
                key_file: of_server.key_file,
                client_ca_file: mutual.then(|| ca_file.clone()),
            }),
            ..ServerOptions::default()
        };
        let config = render(&public, Policy::Shadow, &options);
        let server = NatsServer::start(dir, &config, 0).await.unwrap();
        Self {
            own: certificate(dir, "client", &ours),
            strange: certificate(dir, "strange", &stranger),
            ca_file,
            stranger_file,
            server,
            folder,
        }
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    async fn connect(&self, identity: Identity, tls: ClientTls) -> Result<Client, bus::BusError> {
        let options = ConnectOptions {
            url: self.server.url(),
            identity,
            seed_file: self.keys().join(format!("{identity}.nk")),
            capacity: 64,
            tls,
        };
        Client::connect(&options).await
    }
}

fn trusting(ca_file: &Path, identity: Option<&CertFiles>) -> ClientTls {
    ClientTls {
        ca_file: Some(ca_file.into()),
        identity: identity.cloned(),
    }
}

#[tokio::test]
async fn a_client_gets_in_by_the_right_authority_alone() {
    let scene = Scene::new(false).await;
    let right = scene
        .connect(Identity::Executor, trusting(&scene.ca_file, None))
        .await;
    right.unwrap().settle().await.unwrap();
    let wrong = scene
        .connect(Identity::Executor, trusting(&scene.stranger_file, None))
        .await;
    assert!(wrong.is_err(), "a server that it can't prove");
    let unaware = scene
        .connect(Identity::Executor, ClientTls::default())
        .await;
    assert!(unaware.is_err(), "nor one that nobody vouches for");
}

#[tokio::test]
async fn a_server_that_asks_for_certificates_gets_ours_and_no_strangers() {
    let scene = Scene::new(true).await;
    let ours = trusting(&scene.ca_file, Some(&scene.own));
    let client = scene.connect(Identity::Executor, ours).await.unwrap();
    client.settle().await.unwrap();
    for tls in [
        trusting(&scene.ca_file, Some(&scene.strange)),
        trusting(&scene.ca_file, None),
    ] {
        assert!(
            scene
                .connect(Identity::Executor, tls.clone())
                .await
                .is_err(),
            "{tls:?}"
        );
    }
}

#[tokio::test]
async fn plain_text_is_refused_by_the_server_and_by_a_client_that_knows_better() {
    let scene = Scene::new(false).await;
    let address = scene.server.url().replace("nats://", "");
    let mut socket = TcpStream::connect(address).await.unwrap();
    let line = "CONNECT {\"verbose\":false}\r\nPING\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut socket, line.as_bytes())
        .await
        .unwrap();
    let mut told = Vec::new();
    // It greets, and hangs up on what is no handshake.
    socket.read_to_end(&mut told).await.ok();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.contains("\"tls_required\":true"), "{told}");
    assert!(!told.contains("PONG"), "{told}");

    // And the other way round: with an authority set, a server without TLS is not good enough.
    let folder = tempfile::tempdir().unwrap();
    let public = keys::load(&scene.keys()).unwrap();
    let config = render(&public, Policy::Shadow, &ServerOptions::default());
    let plain = NatsServer::start(folder.path(), &config, 0).await.unwrap();
    let options = ConnectOptions {
        url: plain.url(),
        identity: Identity::Executor,
        seed_file: scene.keys().join("executor.nk"),
        capacity: 64,
        tls: trusting(&scene.ca_file, None),
    };
    assert!(
        Client::connect(&options).await.is_err(),
        "nothing is sent in plain text"
    );
}

/// A whole service, by its settings.
#[tokio::test]
async fn a_service_speaks_over_tls_by_its_settings() {
    let scene = Scene::new(true).await;
    let mut command = Command::new(binary("market").unwrap());
    let set = |command: &mut Command, key: &str, value: &Path| {
        command.env(format!("EXITBRAIN__BUS__{key}"), value);
    };
    set(&mut command, "KEYS_DIR", &scene.keys());
    set(&mut command, "TLS__CA_FILE", &scene.ca_file);
    set(&mut command, "TLS__CERT_FILE", &scene.own.cert_file);
    set(&mut command, "TLS__KEY_FILE", &scene.own.key_file);
    command
        .env(
            "EXITBRAIN__BUS__URL",
            scene.server.url().replace("nats://", "tls://"),
        )
        .env("EXITBRAIN__MARKET__SYMBOLS", "[\"BTCUSDT\"]")
        .env("EXITBRAIN_INSTANCE", "one");
    let log = scene.folder.path().join("market.log");
    let ours = trusting(&scene.ca_file, Some(&scene.own));
    let ear = scene.connect(Identity::Diagnostics, ours).await.unwrap();
    let mut beats = ear
        .subscribe(subjects::all_health().as_str())
        .await
        .unwrap();
    let _market = Process::spawn("market", command, &log).unwrap();
    let heard = tokio::time::timeout(LONGEST, beats.next()).await;
    let heard = heard.unwrap_or_else(|_| panic!("{}", fs::read_to_string(&log).unwrap()));
    let heard = bus::decode(&heard.unwrap()).unwrap();
    assert!(matches!(heard, Heard::Health(beat) if beat.service == "market"));
}

/// All of them, from the tick to the venue and back, by leases that are renewed over it.
#[tokio::test]
async fn a_whole_system_protects_over_tls() {
    runtime::install_crypto();
    let folder = tempfile::tempdir().unwrap();
    let ours = authority();
    let ca_file = folder.path().join("ca.crt");
    fs::write(&ca_file, ours.pem()).unwrap();
    let mut options = SystemOptions::live();
    options.bus_tls = Some(BusTls {
        server: certificate(folder.path(), "server", &ours),
        ca_file,
    });
    let system = start(options).await;
    open(&system, "BUY", "0.1", "50000").await;
    let protected = settled(&system).await;
    assert!(!stops(&protected, "xe-").is_empty(), "{protected:#}");
    assert_never_naked(&protected);
    price(&system, "51500").await;
    let moved = venue_until(&system, "the stop to follow", |report| {
        working_stops(report) > working_stops(&protected)
    });
    assert_never_naked(&moved.await);
}

#[tokio::test]
async fn the_operators_tool_speaks_over_tls_too() {
    let scene = Scene::new(false).await;
    let verify = |ca: &Path| {
        Command::new(binary("exitctl").unwrap())
            .args(["bus", "verify", "--policy", "shadow", "--nats-url"])
            .arg(scene.server.url())
            .arg("--keys-dir")
            .arg(scene.keys())
            .arg("--nats-ca")
            .arg(ca)
            .output()
            .unwrap()
    };
    let proven = verify(&scene.ca_file);
    assert_eq!(proven.status.code(), Some(0), "{proven:?}");
    let refused = verify(&scene.stranger_file);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
}
