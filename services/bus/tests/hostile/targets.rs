//! Everything that a hostile process can try: each subject of the table, each wildcard over them,
//! the others' inboxes, and each API that a server of NATS has.

use std::collections::BTreeSet;

use bus::Identity;
use bus::map::{ROWS, Row};

/// Requests of the streams' API, by the server's own list (2.15); `{s}` is a stream, `{c}` a
/// consumer.
const STREAM_API: &[&str] = &[
    "INFO",
    "ACCOUNT.PURGE.TRADE",
    "ACCOUNT.STREAM.MOVE.TRADE.{s}",
    "ACCOUNT.STREAM.CANCEL_MOVE.TRADE.{s}",
    "SERVER.REMOVE",
    "SERVER.EVACUATE",
    "META.LEADER.STEPDOWN",
    "META.RESCUE",
    "STREAM.NAMES",
    "STREAM.LIST",
    "STREAM.CREATE.{s}",
    "STREAM.UPDATE.{s}",
    "STREAM.DELETE.{s}",
    "STREAM.INFO.{s}",
    "STREAM.PURGE.{s}",
    "STREAM.SNAPSHOT.{s}",
    "STREAM.RESTORE.{s}",
    "STREAM.MSG.GET.{s}",
    "STREAM.MSG.DELETE.{s}",
    "STREAM.PEER.REMOVE.{s}",
    "STREAM.PEER.EVACUATE.{s}",
    "STREAM.CANCEL_MOVE.{s}",
    "STREAM.LEADER.STEPDOWN.{s}",
    "DIRECT.GET.{s}",
    "DIRECT.GET.{s}.order.intent.exit_executor.main.BTCUSDT.LONG",
    "CONSUMER.NAMES.{s}",
    "CONSUMER.LIST.{s}",
    "CONSUMER.CREATE.{s}",
    "CONSUMER.CREATE.{s}.{c}",
    "CONSUMER.CREATE.{s}.{c}.order.>",
    "CONSUMER.DURABLE.CREATE.{s}.{c}",
    "CONSUMER.INFO.{s}.{c}",
    "CONSUMER.DELETE.{s}.{c}",
    "CONSUMER.PAUSE.{s}.{c}",
    "CONSUMER.RESET.{s}.{c}",
    "CONSUMER.UNPIN.{s}.{c}",
    "CONSUMER.MSG.NEXT.{s}.{c}",
    "CONSUMER.LEADER.STEPDOWN.{s}.{c}",
    "CONSUMER.PEER.REMOVE.{s}.{c}",
    "CONSUMER.PEER.EVACUATE.{s}.{c}",
];

/// Requests of the server's own API, with its id for `{id}` and an account for `{a}`.
const SERVER_API: &[&str] = &[
    "$SYS.REQ.USER.INFO",
    "$SYS.REQ.USER.AUTH",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.SERVER.{id}.RELOAD",
    "$SYS.REQ.SERVER.{id}.KICK",
    "$SYS.REQ.SERVER.{id}.LDM",
    "$SYS.REQ.CLAIMS.UPDATE",
    "$SYS.REQ.CLAIMS.DELETE",
    "$SYS.REQ.CLAIMS.LIST",
    "$SYS.REQ.CLAIMS.PACK",
    "$SYS.REQ.ACCOUNT.{a}.CLAIMS.LOOKUP",
    "$SYS.REQ.ACCOUNT.{a}.CLAIMS.UPDATE",
    "$SYS.REQ.ACCOUNT.PING.STATZ",
    "$SYS.REQ.ACCOUNT.PING.CONNZ",
    "$SYS.REQ.ACCOUNT.NSUBS",
    "$SYS.DEBUG.SUBSCRIBERS",
    "$SYS.ACCOUNT.{a}.CONNECT",
    "$SYS.ACCOUNT.{a}.SERVER.CONNS",
    "$SYS.SERVER.{id}.SHUTDOWN",
    "$SYS.SERVER.ACCOUNT.{a}.CONNS",
    "$SYS.LATENCY.M2.x",
    "$SYS._INBOX.x",
];
/// What a server tells of itself, under `$SYS.REQ.SERVER.`.
const OF_SERVER: &[&str] = &[
    "VARZ",
    "SUBSZ",
    "CONNZ",
    "ROUTEZ",
    "GATEWAYZ",
    "LEAFZ",
    "ACCOUNTZ",
    "JSZ",
    "HEALTHZ",
    "STATSZ",
    "IDZ",
    "PROFILEZ",
    "EXPVARZ",
    "IPQUEUESZ",
    "RAFTZ",
];
/// And of an account, under `$SYS.REQ.ACCOUNT.`.
const OF_ACCOUNT: &[&str] = &["SUBSZ", "CONNZ", "LEAFZ", "JSZ", "INFO"];

/// One kind of attempt.
pub struct Group {
    pub name: &'static str,
    /// Subjects to publish on and to ask; wildcards stand for themselves there.
    pub subjects: Vec<String>,
}

/// A subject that falls under the row's pattern.
pub fn subject(row: &Row) -> String {
    row.pattern
        .replace("*.*.*", "main.BTCUSDT.LONG")
        .replace('*', "one")
}

/// Everything, for whoever is `me`.
pub fn groups(me: Identity, server_id: &str) -> Vec<Group> {
    let group = |name, subjects: BTreeSet<String>| Group {
        name,
        subjects: subjects.into_iter().collect(),
    };
    vec![
        group(
            "each subject of the table",
            ROWS.iter().map(subject).collect(),
        ),
        group("each pattern and wildcard over them", wildcards()),
        group("inboxes, its own aside", inboxes(me)),
        group("streams: `$JS.API.>`", stream_api()),
        group("streams: acknowledgements, flow, buckets", stream_rest()),
        group("the server: `$SYS.>`", server_api(server_id)),
        group("services, replies, other protocols", others()),
    ]
}

fn wildcards() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = [">", "*", "*.>", "*.*", "*.*.*.*.*.*"]
        .map(String::from)
        .into();
    for row in ROWS {
        all.insert(row.family.into());
        let tokens: Vec<&str> = row.pattern.split('.').collect();
        for len in 1..tokens.len() {
            let prefix = tokens[..len].join(".");
            all.insert(format!("{prefix}.>"));
            all.insert(format!("{prefix}{}", ".*".repeat(tokens.len() - len)));
        }
        all.insert(row.pattern.into());
    }
    all
}

fn inboxes(me: Identity) -> BTreeSet<String> {
    let others = Identity::ALL.into_iter().filter(|it| *it != me);
    let theirs = others.flat_map(|it| {
        let prefix = it.inbox_prefix();
        [
            format!("{prefix}.x"),
            format!("{prefix}.x.1"),
            format!("{prefix}.>"),
        ]
    });
    let all = ["_INBOX.>", "_INBOX.*", "_INBOX.*.*", "_INBOX.x"].map(String::from);
    theirs.chain(all).collect()
}

/// The streams' API, over a stream that does not exist and over the bucket of leases.
pub fn stream_api() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = ["$JS.>", "$JS.API.>", "$JS.*.>", "$JS.API.*"]
        .map(String::from)
        .into();
    for request in STREAM_API {
        for stream in ["NOWHERE", bus::lease::STREAM] {
            let named = request.replace("{s}", stream).replace("{c}", "worker");
            all.insert(format!("$JS.API.{named}"));
        }
    }
    all
}

fn stream_rest() -> BTreeSet<String> {
    let leases = Identity::ALL.into_iter().filter_map(bus::lease::family);
    let keys = leases.map(|family| family.replace('*', "x"));
    let fixed = [
        "$KV.>",
        "$KV.leases.>",
        "$KV.leases.guard.all",
        "$KV.leases.gateway.main",
        "$KV.leases.stranger",
        "$KV.other.x",
        "$O.files.C.x",
        "$O.>",
        "$JS.ACK.KV_leases.worker.1.1.1.1.0",
        "$JS.ACK.>",
        "$JS.FC.KV_leases.worker.x",
        "$JS.FC.>",
        "$JS.EVENT.ADVISORY.>",
        "$JS.EVENT.ADVISORY.STREAM.DELETED.KV_leases",
        "$JS.SNAPSHOT.RESTORE.KV_leases.x",
        "$JS.SNAPSHOT.ACK.KV_leases.x",
        "$JS.TRADE.API.INFO",
        "$JSC.R.x",
        "$JSC.>",
        "$NRG.V.x",
        "$NRG.>",
    ];
    keys.chain(fixed.map(String::from)).collect()
}

/// The server's own API.
pub fn server_api(server_id: &str) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = ["$SYS.>", "$SYS.REQ.>", "$SYS.*.>"]
        .map(String::from)
        .into();
    for request in SERVER_API {
        for account in ["TRADE", "ORDERS", "LEGACY", "SYS", "$G"] {
            all.insert(request.replace("{id}", server_id).replace("{a}", account));
        }
    }
    for word in OF_SERVER {
        all.insert(format!("$SYS.REQ.SERVER.PING.{word}"));
        all.insert(format!("$SYS.REQ.SERVER.{server_id}.{word}"));
    }
    for word in OF_ACCOUNT {
        for account in ["TRADE", "ORDERS", "LEGACY", "SYS", "$G"] {
            all.insert(format!("$SYS.REQ.ACCOUNT.{account}.{word}"));
        }
    }
    all
}

fn others() -> BTreeSet<String> {
    [
        "$SRV.PING",
        "$SRV.INFO",
        "$SRV.STATS",
        "$SRV.>",
        "$MQTT.msgs.x",
        "$MQTT.sess.x",
        "$MQTT.JSA.x",
        "$MQTT.>",
        "$GR.x",
        "_GR_.x.y.z",
        "_GR_.>",
        "_R_.x",
        "_R_.>",
        "$LDS.x",
        "$LDS.>",
        "$GNR.x",
        "$TEST.x",
        "$>",
        "signal.rl.BTCUSDT.extra",
        "order",
        "order.intent",
        "order.approved",
        "order.sent.main.BTCUSDT.LONG",
    ]
    .map(String::from)
    .into()
}
