//! The file, its two parts and its two layouts.

use super::*;

fn keys() -> (tempfile::TempDir, PublicKeys) {
    let folder = tempfile::tempdir().unwrap();
    let keys = crate::keys::generate(folder.path()).unwrap();
    (folder, keys)
}

fn options(layout: Layout) -> ServerOptions {
    ServerOptions {
        layout,
        listen: "10.0.0.7:4222".into(),
        jetstream_dir: Some("/data".into()),
        ..ServerOptions::default()
    }
}

#[test]
fn replacing_the_rights_is_as_good_as_making_the_file_anew() {
    let (_folder, keys) = keys();
    for layout in [Layout::Accounts, Layout::Plain] {
        let options = options(layout);
        let shadow = render(&keys, Policy::Shadow, &options);
        let live = render(&keys, Policy::Live, &options);
        assert_ne!(shadow, live);
        assert_eq!(replace(&shadow, &keys, Policy::Live).unwrap(), live);
        assert_eq!(replace(&live, &keys, Policy::Shadow).unwrap(), shadow);
    }
}

#[test]
fn what_an_operator_changed_in_the_servers_part_stays() {
    let (_folder, keys) = keys();
    let shadow = render(&keys, Policy::Shadow, &options(Layout::Accounts));
    let moved = shadow.replace("10.0.0.7:4222", "10.0.0.8:4333");
    let live = replace(&moved, &keys, Policy::Live).unwrap();
    assert!(live.contains("10.0.0.8:4333") && live.contains("jetstream: enabled"));
    assert!(live.starts_with("# Bus policy LIVE."), "{live}");
}

#[test]
fn a_file_from_elsewhere_is_not_touched() {
    let (_folder, keys) = keys();
    for old in ["", "listen: x", "# Bus policy\n# Rights, by hand:\n"] {
        assert_eq!(replace(old, &keys, Policy::Live), Err(NotOurs), "{old}");
    }
}

#[test]
fn only_live_diverts_and_only_live_and_staged_let_the_executor_ask() {
    let (_folder, keys) = keys();
    for layout in [Layout::Accounts, Layout::Plain] {
        for policy in [Policy::Legacy, Policy::Shadow, Policy::Staged, Policy::Live] {
            let text = render(&keys, policy, &options(layout));
            let rights = text.split_once(RIGHTS).unwrap().1;
            let diverts = rights.contains("order.blocked.position_monitor.$1.$2.$3");
            assert_eq!(diverts, policy == Policy::Live, "{layout:?} {policy}");
            let asks = rights.contains("\"order.intent.exit_executor.*.*.*\"");
            assert_eq!(asks, policy.lets_executor_ask(), "{layout:?} {policy}");
        }
    }
}
