//! What two releases share besides the schemas: subjects and rights, leases, the names of orders
//! that rest at the venue, signatures, and the files that an operator writes.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};

use bus::map::ROWS;
use bus::{Identity, approval, kill, lease};
use domain::ids::{ClientOrderId, LegId, Module, OrderCause};
use domain::intent::{Approval, IntentId, OrderIntent, Wish};
use domain::lease::{Entry, Holder, LeaseKey};
use domain::mode::{Kill, Mode};
use domain::order::{CloseOrder, OrderKind};
use domain::{Account, Epoch, PositionKey, Price, Ratio, Side, Symbol, Timestamp};
use nkeys::{KeyPair, KeyPairType};
use proto::DirectKill;
use proto::wire::SignedKill;
use rust_decimal::Decimal;
use tests::neighbour::{folder_of, frozen};

/// Files that an operator writes, as they are shipped.
const SHIPPED: [&str; 2] = ["policy.toml", "production.toml"];

fn key() -> PositionKey {
    PositionKey {
        account: Account::new("main").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        side: Side::Long,
    }
}

/// Each subject with its message, its writer and its readers.
fn subjects() -> Vec<String> {
    let line = |(pattern, message, writer, readers): (&str, &str, Identity, &[Identity])| {
        let mut readers: Vec<&str> = readers.iter().map(|it| it.name()).collect();
        readers.sort_unstable();
        format!("{pattern} {message} {writer}: {}", readers.join(" "))
    };
    let rows = ROWS.iter();
    rows.map(|row| line((row.pattern, row.message, row.writer, row.readers)))
        .collect()
}

/// Each lease with each thing that can be written there.
fn leases() -> Vec<String> {
    let holder = || Holder {
        instance: "one".into(),
        boot: 1_790_000_000_000_000,
    };
    let held = |token| Entry::Held {
        holder: holder(),
        token,
    };
    let entries = [held(None), held(Some(7)), Entry::Released];
    let keys = [
        LeaseKey::Guard,
        LeaseKey::Gateway(key().account),
        LeaseKey::Position(key()),
    ];
    let line = |key: &LeaseKey, entry: &Entry| {
        let value = String::from_utf8(lease::encode(entry)).unwrap();
        assert_eq!(lease::decode(value.as_bytes()).as_ref(), Some(entry));
        format!("{} {value}", lease::subject(key))
    };
    keys.iter()
        .flat_map(|key| entries.iter().map(move |entry| line(key, entry)))
        .collect()
}

fn causes() -> Vec<OrderCause> {
    let legs = [
        LegId::Disaster,
        LegId::Stop,
        LegId::TakeProfit(3),
        LegId::Partial(2),
        LegId::Exit,
    ];
    let modules = ROWS.iter().filter_map(|row| {
        let name = row.pattern.strip_prefix("order.denied.")?;
        Some(Module::from_name(name.split('.').next()?))
    });
    let cause = |module: &Module, leg| OrderCause {
        module: module.clone(),
        side: key().side,
        epoch: Epoch(1_790_000_000_123),
        leg,
        generation: 41,
    };
    modules
        .flat_map(|module| legs.map(|leg| cause(&module, leg)))
        .collect()
}

/// The name of an order for each cause.
fn orders() -> Vec<String> {
    let symbol = key().symbol;
    let line = |cause: OrderCause| {
        let name = ClientOrderId::derive(&symbol, &cause);
        assert_eq!(name.cause(&symbol).as_ref(), Some(&cause));
        format!("{name} {cause:?}")
    };
    causes().into_iter().map(line).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn an_approval() -> Approval {
    let client_order_id = ClientOrderId::derive(&key().symbol, &causes()[0]);
    let at = Timestamp::from_millis(1_790_000_000_500);
    let intent = OrderIntent {
        id: IntentId::place(&client_order_id),
        key: key(),
        epoch: causes()[0].epoch,
        module: Module::ExitExecutor,
        kind: OrderKind::HardSl,
        wish: Wish::Place {
            client_order_id,
            order: CloseOrder::DisasterStop {
                trigger: Price::new(Decimal::new(48_000, 0)).unwrap(),
            },
        },
        decision: "move_sl".into(),
        stop_reason: None,
        reason: "the stop that needs nobody alive".into(),
        confidence: Ratio::ONE,
        plan_id: None,
        sequence: 3,
        fence: 2,
        created_at: at,
        expires_at: at,
        tick_received_at: None,
    };
    Approval {
        intent,
        guard_boot: 5,
        sequence: 1,
        gateway: Some(6),
        approved_at: at,
        expires_at: at,
    }
}

/// What is signed, by a key that is known: an approval, and a kill without the bus.
fn signed() -> Vec<String> {
    let signer = KeyPair::new_from_raw(KeyPairType::User, [9; 32]).unwrap();
    let public = KeyPair::from_public_key(&signer.public_key()).unwrap();
    let approved = approval::seal(&an_approval(), &signer).unwrap();
    assert_eq!(approval::open(&approved, &public).unwrap(), an_approval());
    let order = DirectKill {
        kill: Kill {
            to: Mode::Shadow,
            by: "ada".into(),
            at: an_approval().approved_at,
        },
        account: key().account,
    };
    let SignedKill { body, signature } = kill::seal(&order, &signer).unwrap();
    vec![
        format!("{} {}", approved.subject, hex(&approved.payload)),
        format!("kill {} {}", hex(&body), hex(&signature)),
    ]
}

fn lines(release: &Path, file: &str) -> Vec<String> {
    let text = fs::read_to_string(release.join(file)).unwrap();
    text.lines().map(String::from).collect()
}

/// What today's code writes, and reads again, is what the release wrote: each reads the other.
fn assert_same(file: &str, today: &[String]) {
    for release in frozen() {
        assert_eq!(lines(&release, file), today, "{file} of {release:?}");
    }
}

#[test]
fn a_lease_is_written_as_every_release_writes_it() {
    assert_same("leases.txt", &leases());
}

#[test]
fn an_order_at_the_venue_has_the_name_that_every_release_gives_it() {
    assert_same("orders.txt", &orders());
}

#[test]
fn what_is_signed_is_signed_as_in_every_release() {
    assert_same("signed.txt", &signed());
}

/// What is missing of the rights of `before` in `now`.
fn rights_lost(before: &[String], now: &[String]) -> Vec<String> {
    let missing = before.iter().filter_map(|line| {
        let (subject, readers) = line.split_once(": ").unwrap();
        let row = now.iter().filter_map(|line| line.split_once(": "));
        let Some((_, kept)) = row.clone().find(|(it, _)| *it == subject) else {
            return Some(format!("{subject} is gone"));
        };
        let kept: Vec<&str> = kept.split(' ').collect();
        let lost = readers.split(' ').find(|it| !kept.contains(it))?;
        Some(format!("{subject} is no longer read by {lost}"))
    });
    missing.collect()
}

#[test]
fn every_subject_keeps_the_message_the_writer_and_the_readers_of_every_release() {
    for release in frozen() {
        let lost = rights_lost(&lines(&release, "subjects.txt"), &subjects());
        assert!(lost.is_empty(), "{release:?}: {lost:#?}");
    }
}

#[test]
fn a_right_that_is_taken_away_is_found() {
    let row = |text: &str| vec![text.to_owned()];
    let before = row("control.kill Kill operator: executor guard-trade");
    for (now, told) in [
        (
            "control.kill Kill operator: executor",
            "control.kill Kill operator is no longer read by guard-trade",
        ),
        (
            "control.kill Kill planner: executor guard-trade",
            "control.kill Kill operator is gone",
        ),
        (
            "control.kill Stop operator: executor guard-trade",
            "control.kill Kill operator is gone",
        ),
        (
            "control.stop Kill operator: executor guard-trade",
            "control.kill Kill operator is gone",
        ),
    ] {
        assert_eq!(rights_lost(&before, &row(now)), [told]);
    }
    let more = row("control.kill Kill operator: executor guard-trade planner");
    assert!(rights_lost(&before, &more).is_empty());
}

#[test]
fn the_files_that_an_operator_has_from_every_release_can_be_used() {
    for release in frozen() {
        let [policy, config] = SHIPPED.map(|name| release.join(name));
        runtime::policy::load(Some(policy.as_path()))
            .unwrap_or_else(|fault| panic!("{policy:?}: {fault}"));
        let file = config.to_string_lossy().into_owned();
        let read = runtime::Config::load([("EXITBRAIN_CONFIG".to_owned(), file)]);
        read.unwrap_or_else(|fault| panic!("{config:?}: {fault}"));
    }
}

/// The second half of `make freeze`.
#[test]
#[ignore = "writes proto/releases: run it as `make freeze`"]
fn freeze() {
    let folder = folder_of(env!("CARGO_PKG_VERSION"));
    let write = |file: &str, lines: Vec<String>| {
        let path = folder.join(file);
        assert!(
            !path.exists(),
            "{path:?} is frozen: set the version of this release first"
        );
        fs::write(path, lines.join("\n") + "\n").unwrap();
    };
    write("subjects.txt", subjects());
    write("leases.txt", leases());
    write("orders.txt", orders());
    write("signed.txt", signed());
    let shipped: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/config");
    for name in SHIPPED {
        let text = fs::read_to_string(shipped.join(name)).unwrap();
        write(name, text.lines().map(String::from).collect());
    }
}
