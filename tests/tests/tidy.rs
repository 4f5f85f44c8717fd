//! The house rules that can be held mechanically, one test each.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod tree;

use std::collections::BTreeSet;
use std::fs;

use tree::*;

const COLUMNS_MAX: usize = 100;
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const README_LINES_MAX: usize = 150;

/// What the owner fixed, and what tools force into the root.
const TOP_LEVEL: [&str; 15] = [
    "Cargo.toml",
    "services",
    "proto",
    "deploy",
    "k8s",
    "tests",
    "docs",
    "Makefile",
    "README.md",
    "Cargo.lock",
    "clippy.toml",
    ".gitignore",
    ".git",
    ".ci",
    "LICENSE",
];

/// Which of our crates each of our crates may know.
const EDGES: [(&str, &[&str]); 18] = [
    ("domain", &[]),
    ("proto", &["domain"]),
    ("bus", &["domain", "proto"]),
    ("runtime", &["domain", "proto", "bus"]),
    ("market", &SERVICE),
    ("planner", &SERVICE),
    ("executor", &SERVICE),
    ("gateway-guard", &SERVICE),
    ("binance", &[]),
    ("gateway", &["domain", "proto", "bus", "runtime", "binance"]),
    ("legacy", &SERVICE),
    ("records", &["domain", "proto"]),
    (
        "diagnostics",
        &["domain", "proto", "bus", "runtime", "records"],
    ),
    (
        "exitctl",
        &[
            "domain", "proto", "bus", "runtime", "binance", "lab", "records",
        ],
    ),
    ("paper-exchange", &[]),
    (
        "lab",
        &[
            "domain",
            "proto",
            "records",
            "bus",
            "runtime",
            "market",
            "planner",
            "executor",
            "legacy",
            "paper-exchange",
        ],
    ),
    ("models", &["domain", "legacy"]),
    (
        "tests",
        &[
            "domain",
            "proto",
            "bus",
            "runtime",
            "market",
            "planner",
            "executor",
            "gateway-guard",
            "binance",
            "gateway",
            "legacy",
            "diagnostics",
            "records",
            "lab",
            "paper-exchange",
        ],
    ),
];
const SERVICE: [&str; 4] = ["domain", "proto", "bus", "runtime"];

#[test]
fn the_top_level_holds_what_the_owner_fixed_and_nothing_else() {
    let ignored = ["target", ".tools", ".run"];
    let strangers: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()) && !ignored.contains(&name.as_str()))
        .collect();
    assert_none(&strangers);
}

#[test]
fn lines_fit_the_page() {
    assert_none(&lines_where(&[".rs", ".proto"], |_, line| {
        line.chars().count() > COLUMNS_MAX
    }));
}

#[test]
fn files_and_functions_can_be_proof_read() {
    let mut faults = Vec::new();
    for path in files(&[".rs"]) {
        let name = relative(&path);
        let text = fs::read_to_string(&path).unwrap();
        let count = text.lines().count();
        if count > FILE_LINES_MAX {
            faults.push(format!("{name}: {count} lines"));
        }
        for (function, length) in functions(&text) {
            if length > FUNCTION_LINES_MAX {
                faults.push(format!("{name}: fn {function} has {length} lines"));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn dependencies_point_in_one_direction() {
    let ours: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    let mut faults = Vec::new();
    for (package, allowed) in EDGES {
        let folder = match package {
            "proto" | "tests" => root().join(package),
            "models" => root().join("tests/models"),
            service => root().join("services").join(service),
        };
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let normal = manifest.split("[dev-dependencies]").next().unwrap();
        for line in normal.lines() {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if ours.contains(name) && name != package && !allowed.contains(&name) {
                faults.push(format!("{package} knows {name}"));
            }
        }
    }
    assert_none(&faults);
}

/// The time of day has one reader. A loop that does I/O may measure how long it waits.
#[test]
fn only_the_clock_reads_the_clock() {
    let tests = |name: &str| name.starts_with("tests/") || name.contains("/tests");
    // A venue of its own, on the other side of the wire.
    let venue = |name: &str| name.starts_with("services/paper-exchange/");
    let clock = |name: &str| name == "services/runtime/src/clock.rs";
    let waits = |name: &str| {
        [
            "/driver.rs",
            "/stream.rs",
            "/command/kill.rs",
            "/bus/apply.rs",
            "/bus/verify.rs",
        ]
        .iter()
        .any(|end| name.ends_with(end))
    };
    assert_none(&lines_where(&[".rs"], |name, line| {
        let day = line.contains("SystemTime::now") && !clock(name);
        let span = line.contains("Instant::now") && !waits(name);
        !tests(name) && !venue(name) && (day || span)
    }));
}

#[test]
fn rules_and_actors_do_no_input_or_output() {
    let words = [
        "tokio::", "async fn", "std::net", "std::fs", "std::env", "reqwest", "HashMap",
    ];
    let pure = |name: &str| {
        name.starts_with("services/domain/src/")
            || is_service(name) && name.ends_with("/actor.rs")
            || is_service(name) && name.contains("/src/actor/")
            || name.starts_with("services/paper-exchange/src/venue/")
    };
    assert_none(&lines_where(&[".rs"], |name, line| {
        let code = line.split("//").next().unwrap_or_default();
        pure(name) && words.iter().any(|word| code.contains(word))
    }));
}

fn is_service(name: &str) -> bool {
    let frames = ["services/runtime/", "services/paper-exchange/"];
    name.starts_with("services/") && !frames.iter().any(|frame| name.starts_with(frame))
}

#[test]
fn money_is_never_a_float() {
    let money = |name: &str| {
        [
            "domain",
            "bus",
            "planner",
            "executor",
            "gateway-guard",
            "binance",
            "gateway",
            "legacy",
        ]
        .iter()
        .any(|service| name.starts_with(&format!("services/{service}/src/")))
            || name.starts_with("proto/src/")
    };
    assert_none(&lines_where(&[".rs"], |name, line| {
        let code = line.split("//").next().unwrap_or_default();
        money(name) && (code.contains("f64") || code.contains("f32"))
    }));
}

#[test]
fn nothing_is_left_undone_or_printed() {
    // Spelled apart, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("dbg", "!("),
        concat!("to", "do!("),
    ];
    assert_none(&lines_where(
        &[".rs", ".proto", ".md", ".toml"],
        |_, line| words.iter().any(|word| line.contains(word)),
    ));
    let prints = [concat!("print", "ln!("), concat!("eprint", "ln!(")];
    assert_none(&lines_where(&[".rs"], |name, line| {
        let may = ["output.rs", "build.rs"]
            .iter()
            .any(|end| name.ends_with(end))
            || name.contains("/bin/")
            || name.contains("/tests/");
        !may && prints.iter().any(|word| line.contains(word))
    }));
}

#[test]
fn every_source_file_says_its_job_first() {
    let mut faults = Vec::new();
    for path in files(&[".rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            faults.push(relative(&path));
        }
        if text.starts_with(concat!("//! Place", "holder")) {
            faults.push(format!("{} is empty", relative(&path)));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_service_on_the_bus_has_the_same_files() {
    let mut faults = Vec::new();
    let services = [
        "market",
        "planner",
        "executor",
        "gateway-guard",
        "gateway",
        "legacy",
        "diagnostics",
    ];
    for service in services {
        for file in ["main.rs", "lib.rs", "actor.rs", "wiring.rs"] {
            let path = root().join("services").join(service).join("src").join(file);
            if !path.exists() {
                faults.push(relative(&path));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn versions_are_pinned_once() {
    assert_none(&lines_where(&["Cargo.toml"], |name, line| {
        name != "Cargo.toml" && line.contains("version = \"")
    }));
}

#[test]
fn one_crypto_provider_is_linked() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for banned in ["aws-lc-rs", "openssl-sys", "native-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{banned}\"")),
            "{banned} is in the lock file"
        );
    }
}

#[test]
fn the_readme_is_short_and_links_resolve() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(
        readme.lines().count() <= README_LINES_MAX,
        "{} lines",
        readme.lines().count()
    );
    let mut faults = Vec::new();
    for path in files(&[".md"]) {
        let text = fs::read_to_string(&path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            let external = target.is_empty() || target.contains("://");
            if !external && !path.parent().unwrap().join(target).exists() {
                faults.push(format!("{}: {link}", relative(&path)));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn no_secret_is_in_the_tree() {
    let marks = [
        concat!("BEGIN PRIV", "ATE KEY"),
        concat!("SU", "AI"),
        concat!("secret = ", "\""),
    ];
    assert_none(&lines_where(
        &[".rs", ".toml", ".yaml", ".conf", ".md", ".json"],
        |name, line| !name.contains("/tests") && marks.iter().any(|mark| line.contains(mark)),
    ));
}
