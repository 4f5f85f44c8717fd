//! What the operator's verbs that change something, or read the bus's table, tell programs: the
//! documents of `-o json` and `-o yaml`, against a running system of real processes.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use bus::Identity;
use bus::map::ROWS;
use serde_json::Value;
use support::*;
use tests::system::{System, SystemOptions, binary};

fn exitctl(typed: &[&str]) -> Command {
    let mut command = Command::new(binary("exitctl").unwrap());
    command.args(typed).env_remove("EXITBRAIN_CONFIG");
    command
}

/// The document of a verb that needs no running system, with the keys in `keys`.
fn alone(typed: &[&str], keys: &Path) -> Value {
    let mut command = exitctl(typed);
    let output = command
        .args(["-o", "json", "--keys-dir"])
        .arg(keys)
        .output();
    document(&output.unwrap(), 0)
}

/// The document of a verb that speaks on the bus of this system.
fn on_bus(system: &System, typed: &[&str], code: i32) -> Value {
    let mut command = exitctl(typed);
    let command = command.args(["-o", "json", "--timeout", "20s"]);
    let command = command.args(["--nats-url", &system.addresses().nats]);
    let command = command.args(["--grpc", &system.addresses().grpc.unwrap()]);
    let output = command
        .arg("--keys-dir")
        .arg(system.files().keys())
        .output();
    document(&output.unwrap(), code)
}

fn document(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(document["apiVersion"], "exitbrain/v1", "{document:#}");
    document
}

#[test]
fn keys_configuration_and_table_of_the_bus_are_documents() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let made = alone(&["bus", "keys"], &keys);
    assert_eq!(made["kind"], "BusKeyList");
    let items = made["items"].as_array().unwrap();
    assert_eq!(items.len(), Identity::ALL.len());
    for item in items {
        let (name, public) = (&item["identity"], item["public"].as_str().unwrap());
        let seed = keys.join(format!("{}.nk", name.as_str().unwrap()));
        let seed = std::fs::read_to_string(seed).unwrap();
        assert!(public.starts_with('U'), "{item}");
        assert!(!made.to_string().contains(seed.trim()), "no secret: {name}");
    }
    assert_eq!(
        alone(&["bus", "keys"], &keys),
        made,
        "nothing is made twice"
    );

    let config = alone(&["bus", "config", "--policy", "live"], &keys);
    assert_eq!(config["kind"], "BusConfig");
    let text = config["items"][0].as_str().unwrap();
    let executor = items
        .iter()
        .find(|it| it["identity"] == "executor")
        .unwrap();
    assert!(
        text.contains(executor["public"].as_str().unwrap()),
        "{text}"
    );

    let mut command = exitctl(&["bus", "map", "-o", "json"]);
    let map = document(&command.output().unwrap(), 0);
    assert_eq!(map["kind"], "BusMap");
    let rows = map["items"].as_array().unwrap();
    assert_eq!(rows.len(), ROWS.len());
    for (told, row) in rows.iter().zip(ROWS) {
        assert_eq!(told["pattern"], row.pattern);
        assert_eq!(told["writer"], row.writer.name());
        assert_eq!(told["readers"].as_array().unwrap().len(), row.readers.len());
    }
}

#[tokio::test]
async fn what_is_done_to_a_running_system_is_told_as_a_document() {
    let system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;

    let bucket = on_bus(&system, &["provision"], 0);
    assert_eq!(
        (&bucket["kind"], &bucket["created"]),
        (&"Provision".into(), &false.into())
    );
    let policy = on_bus(&system, &["bus", "verify", "--policy", "live"], 0);
    assert_eq!(policy["kind"], "BusPolicy");
    assert_eq!(
        (&policy["in_force"], &policy["policy"]),
        (&true.into(), &"LIVE".into())
    );
    assert_eq!(policy["incumbents"], "diverted", "{policy:#}");
    assert_eq!(policy["executor_asks"], true, "{policy:#}");
    let other = ["bus", "verify", "--policy", "shadow"];
    let other = on_bus(&system, &other, 3);
    assert_eq!(
        (&other["in_force"], &other["policy"]),
        (&false.into(), &"SHADOW".into())
    );

    // Only said: nothing is looked at, so nothing is listed; the executor does it all the same.
    let flatten = ["flatten", "--all", "--no-wait", "--yes", "--confirm", "ALL"];
    let said = on_bus(&system, &flatten, 0);
    assert_eq!(
        (&said["kind"], &said["what"]),
        (&"Flatten".into(), &"ALL".into())
    );
    assert_eq!(said["positions"].as_array().unwrap().len(), 0, "{said:#}");
    assert!(
        said["text"].as_str().unwrap().starts_with("published"),
        "{said:#}"
    );
    let closed = venue_until(&system, "closed and swept", |report| {
        report["positions_closed"] == 1 && report["orphaned_orders"] == 0
    });
    assert_never_naked(&closed.await);

    let kill = ["kill", "--to", "shadow", "--yes", "--confirm", "SHADOW"];
    let only_said = on_bus(&system, &[&kill[..], &["--no-wait"]].concat(), 0);
    assert_eq!(only_said["done"], false, "nobody has looked: {only_said:#}");
    assert!(only_said["effective"].is_null(), "{only_said:#}");
    let killed = on_bus(&system, &kill, 0);
    assert_eq!(
        (&killed["kind"], &killed["to"]),
        (&"Kill".into(), &"SHADOW".into())
    );
    assert_eq!(killed["done"], true, "{killed:#}");
    assert_eq!(killed["effective"], "SHADOW", "{killed:#}");

    let config = system.files().nats().join("nats.conf");
    let config = config.to_str().unwrap();
    let apply = ["bus", "apply", "--policy", "shadow", "--yes", "--confirm"];
    let apply = [&apply[..], &["SHADOW", "--config", config]].concat();
    let applied = on_bus(&system, &apply, 0);
    assert_eq!(applied["kind"], "BusPolicy");
    assert_eq!(
        (&applied["in_force"], &applied["policy"]),
        (&true.into(), &"SHADOW".into())
    );
    assert_eq!(applied["incumbents"], "arrive", "{applied:#}");
}

#[tokio::test]
async fn the_doctor_asks_the_venue_too_where_it_is_told_to() {
    let system = start(SystemOptions::live()).await;
    open(&system, "BUY", "0.1", "50000").await;
    settled(&system).await;
    let config = system.addresses().config;
    let config = config.to_str().unwrap();
    let row = |document: &Value| {
        let rows = document["checks"].as_array().unwrap();
        rows.iter().find(|row| row["check"] == "venue").cloned()
    };
    let without = on_bus(&system, &["doctor", "--config", config], 0);
    assert_eq!(row(&without), None, "only where it is asked for");
    let with = on_bus(&system, &["doctor", "--venue", "--config", config], 0);
    assert_eq!(row(&with).unwrap()["verdict"], "ok", "{with:#}");

    // A key that the venue does not know.
    let (wrong, folder) = (tempfile::tempdir().unwrap(), system.files().root());
    let text = std::fs::read_to_string(config).unwrap();
    let mut settings: toml::Table = text.parse().unwrap();
    let key = wrong.path().join("api-key");
    std::fs::write(&key, "nobody-has-this-key").unwrap();
    let venue = settings["venue"].as_table_mut().unwrap();
    let file = key.to_string_lossy().into_owned();
    venue.insert("key_file".into(), file.into());
    let other = folder.join("wrong-key.toml");
    std::fs::write(&other, settings.to_string()).unwrap();
    let other = other.to_str().unwrap();
    let found = on_bus(&system, &["doctor", "--venue", "--config", other], 2);
    let venue = row(&found).unwrap();
    assert_eq!(venue["verdict"], "fail", "{found:#}");
    assert!(
        venue["todo"]
            .as_str()
            .unwrap()
            .contains("exitctl venue check"),
        "{venue}"
    );
}
