//! Each setting is explained, with the value that a service would read and with who set it.
#![allow(clippy::unwrap_used, reason = "a test may")]

use runtime::ConfigError;
use runtime::config::explain::{Explanation, SERVICES, Setting, explain};
use runtime::config::{FILE_VARIABLE, KEY_PREFIX};

fn told(variables: &[(&str, &str)]) -> Result<Explanation, ConfigError> {
    explain(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn setting(explanation: &Explanation, key: &str) -> Setting {
    let found = explanation.settings.iter().find(|it| it.key == key);
    found.unwrap_or_else(|| panic!("{key}")).clone()
}

/// What the reader of settings says that it takes in `section`.
fn expected(section: &str) -> Vec<String> {
    let strange = format!("{section}nonsense")
        .replace('.', "__")
        .to_uppercase();
    let told = told(&[(&format!("{KEY_PREFIX}{strange}"), "1")]).unwrap_err();
    let ConfigError::Key { reason, .. } = told else {
        panic!("{told}");
    };
    // unknown field: found `nonsense`, expected `one of `a`, `b``
    let (_, known) = reason.split_once("expected").unwrap();
    let known = known.replace("one of", "").replace(" or ", ",");
    let other = |c: char| !c.is_ascii_lowercase() && c != '_';
    let names = known.split(other).filter(|name| !name.is_empty());
    names.map(|name| format!("{section}{name}")).collect()
}

#[test]
fn every_key_that_is_read_is_explained_and_no_other() {
    let mut all = Vec::new();
    for section in expected("") {
        for key in expected(&format!("{section}.")) {
            match key.as_str() {
                "bus.tls" => all.extend(expected("bus.tls.")),
                _ => all.push(key),
            }
        }
    }
    let explained = told(&[]).unwrap().settings.into_iter();
    let keys = explained.map(|it| it.key).filter(|key| key.contains('.'));
    assert_eq!(keys.collect::<Vec<_>>(), all);
}

#[test]
fn the_origin_of_each_value_is_the_one_that_won() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let text = "[bus]\nurl = \"nats://file:1\"\nkeys_dir = \"/file\"\n[market]\n\
                symbols = [\"BTCUSDT\", \"ETHUSDT\"]\n";
    std::fs::write(&path, text).unwrap();
    let explanation = told(&[
        (FILE_VARIABLE, path.to_str().unwrap()),
        ("EXITBRAIN__BUS__URL", "tls://env:2"),
        ("EXITBRAIN__BUS__TLS__CA_FILE", "/ca"),
        ("EXIT_MODE", "exit_brain_v3"),
        ("RUST_LOG", "debug"),
    ])
    .unwrap();
    let file = format!("file {}", path.display());
    for (key, value, origin) in [
        (
            "bus.url",
            Some("tls://env:2"),
            "environment variable EXITBRAIN__BUS__URL",
        ),
        ("bus.keys_dir", Some("/file"), file.as_str()),
        ("bus.leases", Some("kv"), "default"),
        (
            "bus.tls.ca_file",
            Some("/ca"),
            "environment variable EXITBRAIN__BUS__TLS__CA_FILE",
        ),
        ("bus.tls.key_file", None, "default"),
        ("market.symbols", Some("BTCUSDT,ETHUSDT"), file.as_str()),
        ("venue.recv_window_ms", Some("5000"), "default"),
        (
            "EXIT_MODE",
            Some("EXIT_BRAIN_V3"),
            "environment variable EXIT_MODE",
        ),
        ("EXIT_EXECUTOR_MODE", Some("SHADOW"), "default"),
        ("EXIT_BRAIN_V3_ENABLED", None, "default"),
        ("RUST_LOG", Some("debug"), "environment variable RUST_LOG"),
    ] {
        let found = setting(&explanation, key);
        let (said, from) = (found.value.as_deref(), found.origin.to_string());
        assert_eq!((said, from.as_str()), (value, origin), "{key}");
    }
    assert_eq!(explanation.warnings, []);
}

#[test]
fn what_a_service_would_refuse_is_refused_here_and_a_bad_flag_is_warned_of() {
    let error = told(&[("EXITBRAIN__VENUE__RECV_WINDOW_MS", "0")]).unwrap_err();
    assert!(
        error.to_string().contains("venue.recv_window_ms"),
        "{error}"
    );
    let explanation = told(&[("EXIT_MODE", "BRAIN"), ("EXIT_BRAIN_PROFILE", "X")]).unwrap();
    let flags: Vec<_> = explanation.warnings.iter().map(|it| it.flag).collect();
    assert_eq!(flags, ["EXIT_MODE", "EXIT_BRAIN_PROFILE"]);
    let mode = setting(&explanation, "EXIT_MODE");
    assert_eq!(
        mode.value.as_deref(),
        Some("LEGACY"),
        "what is taken instead"
    );
}

#[test]
fn the_login_in_an_address_is_left_out() {
    let explanation = told(&[
        ("EXITBRAIN__BUS__URL", "nats://ada:s3cret@bus:4222"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://token@collector/a@b"),
    ])
    .unwrap();
    let value = |key: &str| setting(&explanation, key).value.unwrap();
    assert_eq!(value("bus.url"), "nats://***@bus:4222");
    assert_eq!(
        value("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "https://***@collector/a@b"
    );
}

#[test]
fn each_setting_says_what_it_is_and_whose() {
    for setting in told(&[]).unwrap().settings {
        assert!(
            !setting.doc.is_empty() && !setting.kind.is_empty(),
            "{setting:?}"
        );
        assert!(!setting.services.is_empty(), "{setting:?}");
        let mut services = setting.services.iter();
        assert!(services.all(|it| SERVICES.contains(it)), "{setting:?}");
    }
}
