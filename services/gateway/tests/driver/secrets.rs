//! What a gateway writes at its most talkative: this very test, run again with `RUST_LOG=trace`.

use std::process::Command;

use binance::PositionMode;
use domain::order::OrderStatus;
use domain::{LegId, Side};

use crate::desk::{disaster, with_gateway};
use crate::paper::{API_KEY, Kind, Paper, SECRET, Way};

const CHILD: &str = "GATEWAY_TEST_TALKS";
const NAME: &str = "secrets::the_most_talkative_log_shows_no_key_no_signature_and_no_listen_key";

/// An order over either way, signed and after a logon, and a user stream.
async fn trade() {
    drop(runtime::telemetry::init("gateway", "one"));
    tracing::trace!("talks at its lowest level");
    for (kind, way) in [
        (Kind::Hmac, Way::Socket),
        (Kind::Ed25519, Way::Socket),
        (Kind::Hmac, Way::Rest),
    ] {
        let paper = Paper::with(kind, false).await;
        paper.price("60000").await;
        let venue = paper.connect(way).await;
        with_gateway(venue, PositionMode::OneWay, async |desk| {
            paper.open("BUY", "0.010", None).await;
            let position = desk.opened(Side::Long).await;
            let leg = (LegId::Disaster, 1);
            let stop = desk.place(&position, leg, disaster("58000")).await;
            desk.until_status(&stop, OrderStatus::Accepted).await;
        })
        .await;
        paper.end();
    }
}

#[tokio::test]
async fn the_most_talkative_log_shows_no_key_no_signature_and_no_listen_key() {
    if std::env::var_os(CHILD).is_some() {
        return trade().await;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    for sign_of_life in ["talks at its lowest level", "submitting"] {
        assert!(said.contains(sign_of_life), "{said}");
    }
    for secret in [API_KEY, SECRET, "signature", "listenKey"] {
        let shown = said.lines().find(|line| line.contains(secret));
        assert_eq!(shown, None, "{secret}");
    }
}
