//! What a setting may be, where it may come from, and how a wrong one is named.

use std::fs;

use super::*;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(
        variables
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    )
}

fn load_file(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, text).unwrap();
    let mut all = vec![(FILE_VARIABLE, path.to_str().unwrap())];
    all.extend_from_slice(variables);
    load(&all)
}

fn fault(text: &str, variables: &[(&str, &str)]) -> String {
    load_file(text, variables).unwrap_err().to_string()
}

#[test]
fn nothing_set_is_the_defaults() {
    let config = load(&[("PATH", "/bin"), ("EXIT_MODE", "LEGACY")]).unwrap();
    assert_eq!(config.bus.url, "nats://127.0.0.1:4222");
    assert_eq!(config.venue.account.as_str(), "main");
    assert!(config.market.symbols.is_empty());
    assert_eq!(config.policy.file, None);
    assert_eq!(config.bus.leases, Leases::Kv);
}

#[test]
fn leases_are_kept_on_the_bus_or_by_nobody() {
    let none = load(&[("EXITBRAIN__BUS__LEASES", "none")]).unwrap();
    assert_eq!(none.bus.leases, Leases::None);
    assert!(fault("[bus]\nleases = \"maybe\"\n", &[]).contains("bus.leases"));
}

#[test]
fn the_files_of_tls_are_named_and_a_certificate_comes_with_its_key() {
    let tls = load(&[]).unwrap().bus.tls;
    assert_eq!(tls, bus::ClientTls::default());
    let file = "[bus.tls]\nca_file = \"/ca\"\ncert_file = \"/cert\"\n";
    let both = load_file(file, &[("EXITBRAIN__BUS__TLS__KEY_FILE", "/key")]).unwrap();
    assert_eq!(both.bus.tls.ca_file, Some("/ca".into()));
    let identity = both.bus.tls.identity.unwrap();
    assert_eq!(identity.cert_file, PathBuf::from("/cert"));
    assert_eq!(identity.key_file, PathBuf::from("/key"));
    let told = fault(file, &[]);
    assert!(
        told.contains("bus.tls") && told.contains("needs key_file"),
        "{told}"
    );
    let told = fault("[bus.tls]\nca = \"/ca\"\n", &[]);
    assert!(told.contains("bus.tls.ca"), "{told}");
}

#[test]
fn the_gateways_port_is_on_loopback_unless_it_is_said_otherwise() {
    let admin = load(&[]).unwrap().gateway.admin_listen;
    assert!(admin.ip().is_loopback(), "{admin}");
    let told = fault("", &[("EXITBRAIN__GATEWAY__ADMIN_LISTEN", "gateway:8082")]);
    assert!(told.contains("gateway.admin_listen"), "{told}");
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
    let file = "[bus]\nurl = \"nats://file:1\"\nkeys_dir = \"/file\"\n";
    let config = load_file(file, &[("EXITBRAIN__BUS__URL", "tls://env:2")]).unwrap();
    assert_eq!(config.bus.url, "tls://env:2");
    assert_eq!(config.bus.keys_dir, PathBuf::from("/file"));
    assert_eq!(config.venue.recv_window_ms, 5_000);
}

#[test]
fn lists_and_numbers_come_through_the_environment() {
    let config = load(&[
        ("EXITBRAIN__MARKET__SYMBOLS", "[\"BTCUSDT\", \"ETHUSDT\"]"),
        ("EXITBRAIN__LEGACY__MODULES", "[\"dynamic_tpsl\"]"),
        ("EXITBRAIN__VENUE__RECV_WINDOW_MS", "250"),
        ("EXITBRAIN__VENUE__KEY_KIND", "ed25519"),
        ("EXITBRAIN__VENUE__POSITION_MODE", "hedge"),
        ("EXITBRAIN__DIAGNOSTICS__HTTP_LISTEN", "127.0.0.1:0"),
        ("EXITBRAIN__DIAGNOSTICS__PORTS_FILE", "/tmp/ports.json"),
    ])
    .unwrap();
    let symbols = config.required_symbols().unwrap();
    assert_eq!(symbols.len(), 2);
    assert_eq!(config.legacy.modules, [Module::DynamicTpsl]);
    assert_eq!(config.venue.recv_window_ms, 250);
    assert_eq!(config.venue.key_kind, KeyKind::Ed25519);
    assert_eq!(config.venue.position_mode, PositionMode::Hedge);
    assert_eq!(config.diagnostics.http_listen.port(), 0);
    assert!(config.diagnostics.ports_file.is_some());
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let told = fault("[bus]\nurll = \"nats://a:1\"\n", &[]);
    assert!(told.contains("bus.urll"), "{told}");
    assert!(told.contains("config.toml"), "{told}");
    assert!(told.contains("`keys_dir`"), "what is allowed: {told}");
}

#[test]
fn an_unknown_section_is_named() {
    let told = fault("[buss]\nurl = \"nats://a:1\"\n", &[]);
    assert!(told.contains("buss"), "{told}");
}

#[test]
fn an_unknown_key_is_named_with_its_variable() {
    let told = fault(
        "[bus]\nurl = \"nats://a:1\"\n",
        &[("EXITBRAIN__BUS__URLL", "x")],
    );
    assert!(told.contains("bus.urll"), "{told}");
    assert!(told.contains("EXITBRAIN__BUS__URLL"), "{told}");
}

#[test]
fn a_bad_value_is_named_with_its_key_and_what_to_use() {
    let cases = [
        ("[bus]\nurl = \"http://a\"", "bus.url", "http://a"),
        ("[bus]\nurl = \"nats://\"", "bus.url", "nats://"),
        ("[venue]\naccount = \"a.b\"", "venue.account", "a.b"),
        (
            "[venue]\nrecv_window_ms = 60001",
            "venue.recv_window_ms",
            "60001",
        ),
        ("[venue]\nrecv_window_ms = 0", "venue.recv_window_ms", "0"),
        ("[venue]\nrecv_window_ms = -1", "venue.recv_window_ms", "-1"),
        ("[venue]\nkey_kind = \"rsa\"", "venue.key_kind", "rsa"),
        (
            "[market]\nsymbols = [\"BTC USDT\"]",
            "market.symbols",
            "BTC USDT",
        ),
        (
            "[market]\nsymbols = [\"A\", \"A\"]",
            "market.symbols",
            "twice",
        ),
        ("[legacy]\nmodules = []", "legacy.modules", "[]"),
        (
            "[legacy]\nmodules = [\"position_monitr\"]",
            "legacy.modules",
            "position_monitr",
        ),
        (
            "[legacy]\nmodules = [\"exit_executor\"]",
            "legacy.modules",
            "exit_executor",
        ),
        (
            "[legacy]\nmodules = [\"hybrid_tpsl\", \"hybrid_tpsl\"]",
            "legacy.modules",
            "\"hybrid_tpsl\" stands there twice",
        ),
        (
            "[diagnostics]\nhttp_listen = \"here\"",
            "diagnostics.http_listen",
            "here",
        ),
    ];
    for (text, key, value) in cases {
        let told = fault(text, &[]);
        assert!(told.contains(key) && told.contains(value), "{text}: {told}");
    }
}

#[test]
fn a_bad_value_of_the_environment_is_named_with_its_variable() {
    let told = fault("", &[("EXITBRAIN__VENUE__RECV_WINDOW_MS", "soon")]);
    assert!(told.contains("venue.recv_window_ms"), "{told}");
    assert!(told.contains("EXITBRAIN__VENUE__RECV_WINDOW_MS"), "{told}");
    assert!(told.contains("soon"), "{told}");
}

#[test]
fn a_missing_file_is_named() {
    let told = load(&[(FILE_VARIABLE, "/nowhere/config.toml")]).unwrap_err();
    let told = told.to_string();
    assert!(told.contains("EXITBRAIN_CONFIG"), "{told}");
    assert!(told.contains("/nowhere/config.toml"), "{told}");
}

#[test]
fn a_file_that_is_no_toml_is_named() {
    let told = fault("[bus\n", &[]);
    assert!(told.contains("config.toml"), "{told}");
}

#[test]
fn a_variable_without_a_key_is_refused() {
    for name in ["EXITBRAIN__", "EXITBRAIN__BUS", "EXITBRAIN__BUS__"] {
        assert!(load(&[(name, "x")]).is_err(), "{name}");
    }
}

#[test]
fn a_service_that_needs_symbols_says_which_key_to_set() {
    let told = Config::default().required_symbols().unwrap_err();
    assert!(told.to_string().contains("market.symbols"), "{told}");
}

#[test]
fn the_policy_file_is_named_in_the_settings() {
    let config = load_file("[policy]\nfile = \"policy.toml\"\n", &[]).unwrap();
    assert_eq!(config.policy.file, Some("policy.toml".into()));
}

#[test]
fn the_local_deployment_has_no_key_that_we_do_not_know() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../deploy/config/local.toml"
    );
    let config = load(&[(FILE_VARIABLE, path)]).unwrap();
    assert_eq!(config.required_symbols().unwrap().len(), 3);
}

#[test]
fn the_socket_for_orders_is_off_unless_an_address_is_set() {
    assert_eq!(load(&[]).unwrap().venue.ws_api_url, "");
    let set = |url| load(&[("EXITBRAIN__VENUE__WS_API_URL", url)]);
    assert_eq!(set("").unwrap().venue.ws_api_url, "");
    let url = "wss://ws-fapi.binance.com/ws-fapi/v1";
    assert_eq!(set(url).unwrap().venue.ws_api_url, url);
    assert!(set("https://ws-fapi.binance.com").is_err());
}
