//! Settings that are taken, and those that are refused by name.

use super::*;
use crate::venue::{AccountState, Side, SymbolStatus, Unfillable};
use crate::world::OpenWish;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn a_misspelt_key_is_refused_by_name() {
    let file = file("sped = \"60x\"\n");
    let error = Config::read(file.path()).unwrap_err().to_string();
    assert!(error.contains("sped"), "{error}");
}

#[test]
fn without_keys_signatures_cannot_be_verified() {
    let error = Config::default().build(0).unwrap_err().to_string();
    assert!(
        error.contains("api_key_file") && error.contains("--no-verify"),
        "{error}"
    );
    assert!(
        Config {
            verify: false,
            ..Config::default()
        }
        .build(0)
        .is_ok()
    );
    let key = file("key");
    let path = Some(key.path().to_owned());
    let error = Config {
        api_key_file: path,
        ..Config::default()
    }
    .build(0)
    .unwrap_err();
    assert!(error.to_string().contains("secret_file"), "{error}");
}

#[test]
fn a_fault_plan_in_toml_is_read() {
    let plan = file(
        "seed = 4\n[[requests]]\nmethod = \"POST\"\noften = { chance_ppm = 1000 }\n\
         action = \"execute_then_unknown\"\n[[requests]]\n\
         action = { refuse_with = { code = -2019, message = \"no\" } }\n\
         [[events]]\nname = \"ALGO_UPDATE\"\naction = { delay = { ms = 300 } }\n",
    );
    let faults = Some(plan.path().to_owned());
    let config = Config {
        verify: false,
        faults,
        ..Config::default()
    };
    let plan = config.fault_plan().unwrap();
    assert_eq!((plan.requests.len(), plan.events.len()), (2, 1));
    assert!(config.build(0).is_ok());
}

#[test]
fn key_material_never_shows_in_an_error() {
    let key = file("very-secret-material");
    let path = Some(key.path().to_owned());
    let config = Config {
        api_key_file: path.clone(),
        ed25519_public_key_file: path,
        ..Config::default()
    };
    let error = config.build(0).unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("very-secret"),
        "{error}"
    );
}

#[test]
fn the_example_plan_is_read_and_shows_every_action() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let example = root.join("deploy/config/faults.example.toml");
    let config = Config {
        verify: false,
        faults: Some(example.clone()),
        ..Config::default()
    };
    let plan = config.fault_plan().unwrap();
    assert_eq!(plan.seed, 7);
    let shown = serde_json::to_string(&plan).unwrap();
    let actions = [
        "execute_then_unknown",
        "lose_then_unknown",
        "execute_then_timeout",
        "lose_then_timeout",
        "execute_then_cut",
        "lose_then_cut",
        "execute_then_fail",
        "refuse_overload",
        "refuse_internal",
        "refuse_unavailable",
        "refuse_with",
        "slow",
        "lose",
        "duplicate",
        "swap",
        "delay",
        "kill_listen_key",
        "hang_up",
        "clock",
        "limit",
        "ban",
    ];
    for action in actions {
        assert!(
            shown.contains(&format!("\"{action}\"")),
            "{action} is missing"
        );
    }
    assert!(config.build(0).is_ok());
}

#[test]
fn events_are_shuffled_where_the_settings_or_the_plan_say_so() {
    let plan = |text: &str, order| {
        let plan = file(text);
        let config = Config {
            faults: Some(plan.path().to_owned()),
            event_order: order,
            ..Config::default()
        };
        config.fault_plan().unwrap().event_order
    };
    assert_eq!(plan("", EventOrder::Measured), EventOrder::Measured);
    assert_eq!(plan("", EventOrder::Shuffled), EventOrder::Shuffled);
    let own = "event_order = \"shuffled\"\n";
    assert_eq!(plan(own, EventOrder::Measured), EventOrder::Shuffled);
}

#[test]
fn the_rules_of_the_venue_can_be_switched_in_the_file() {
    let text = "verify = false\n[rules]\nlegacy_order_fields = true\npost_only = \"reject\"\n\
                account = \"cooling_off\"\nsymbol_status = { ETHUSDT = \"TRADING_HALT\" }\n";
    let config = Config::read(file(text).path()).unwrap();
    let world = config.build(0).unwrap();
    let rules = &world.venue().config().rules;
    assert!(rules.legacy_order_fields);
    assert_eq!(rules.post_only, Unfillable::Reject);
    assert_eq!(rules.account, AccountState::CoolingOff);
    let halted = world.venue().symbol_status("ETHUSDT");
    assert_eq!(halted, SymbolStatus::TradingHalt);
    assert_eq!(
        world.venue().symbol_status("BTCUSDT"),
        SymbolStatus::Trading
    );
    let unknown = Config::read(file("[rules]\nnonsense = 1\n").path());
    assert!(unknown.unwrap_err().to_string().contains("nonsense"));
}

#[test]
fn numbers_that_no_run_can_mean_are_refused_by_name() {
    for (text, key) in [
        ("wallet = \"70000000000000000000000000000\"", "wallet"),
        ("taker_fee = \"2\"", "taker_fee"),
        ("funding_rate = \"-1\"", "funding_rate"),
        (
            "level_notional = \"9000000000000000000000\"",
            "level_notional",
        ),
        (
            "funding_interval_ms = 9223372036854775807",
            "funding_interval_ms",
        ),
        (
            "[rules]\ntrigger_multiplier_up = \"7e20\"",
            "trigger_multiplier_up",
        ),
    ] {
        let file = file(&format!("verify = false\n{text}\n"));
        let error = Config::read(file.path())
            .and_then(|it| it.build(0))
            .unwrap_err();
        assert!(error.to_string().contains(key), "{text}: {error}");
    }
}

#[test]
fn a_later_run_gives_no_id_of_an_earlier_one() {
    let config = Config {
        strategy: false,
        verify: false,
        ..Config::default()
    };
    let first_id = |now_ms| {
        let mut world = config.build(now_ms).unwrap();
        world.set_price("BTCUSDT", 60_000.into(), now_ms).unwrap();
        let wish = OpenWish {
            symbol: "BTCUSDT".into(),
            side: Side::Buy,
            leg: None,
            qty: 1.into(),
            leverage: None,
        };
        world.open(&wish, now_ms).unwrap().id
    };
    let ids_a_second = 1_000;
    assert!(first_id(1_795_178_174_912) >= first_id(1_795_178_173_912) + ids_a_second);
}
