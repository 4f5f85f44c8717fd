//! The image and the laptop's composition agree with the programs and with the manifests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{documents, files, read, render};

/// The folder of the image with the programs.
const BIN: &str = "/usr/local/bin/";

/// Every program of the workspace that is shipped: a service's folder with a `main.rs`.
fn programs() -> BTreeSet<String> {
    let mains = files_of_services();
    let named = mains
        .iter()
        .filter_map(|it| it.strip_suffix("/src/main.rs"));
    named
        .map(|it| it.trim_start_matches("services/").to_owned())
        .collect()
}

fn files_of_services() -> Vec<String> {
    let folder = super::root().join("services");
    let services = std::fs::read_dir(folder).unwrap();
    let mains = services.map(|it| {
        let name = it.unwrap().file_name().to_string_lossy().into_owned();
        format!("services/{name}/src/main.rs")
    });
    mains.filter(|it| super::root().join(it).exists()).collect()
}

/// The Dockerfile as instructions, each on one line.
fn instructions() -> Vec<String> {
    let text = read("deploy/Dockerfile");
    let told = text.lines().filter(|line| !line.starts_with('#'));
    let joined = told.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    joined
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

fn compose() -> Value {
    documents(&read("deploy/compose.yaml")).remove(0).0
}

fn words(value: &Value) -> Vec<&str> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).collect()
}

#[test]
fn the_image_holds_every_program_and_no_other() {
    let all = instructions();
    let programs = programs();
    let built = all
        .iter()
        .find(|line| line.starts_with("RUN cargo build"))
        .unwrap();
    let copied = all
        .iter()
        .find_map(|line| line.strip_prefix("COPY --from=build "))
        .unwrap();
    let wanted = all
        .iter()
        .find_map(|line| line.strip_prefix("ARG PROGRAMS="))
        .unwrap();
    let wanted: BTreeSet<String> = wanted
        .trim_matches('"')
        .split_whitespace()
        .map(String::from)
        .collect();
    assert_eq!(wanted, programs);
    assert!(built.contains("--locked"), "{built}");
    assert_eq!(copied, format!("/out/ {BIN}"));
}

#[test]
fn the_image_builds_dependencies_in_a_layer_of_their_own_and_runs_as_nobody() {
    let all = instructions();
    let at = |head: &str| {
        let found = all.iter().position(|line| line.starts_with(head));
        found.unwrap_or_else(|| panic!("no {head}"))
    };
    let stages: Vec<&String> = all.iter().filter(|it| it.starts_with("FROM ")).collect();
    assert!(stages.len() > 2, "{stages:?}");
    let cooked = at("RUN cargo chef cook");
    let built = at("RUN cargo build");
    let sources = all[cooked..built].iter().position(|it| it == "COPY . .");
    assert_eq!(sources, Some(1), "the sources come after the dependencies");
    let last = all.iter().rposition(|it| it.starts_with("FROM ")).unwrap();
    let user = all[last..].iter().find_map(|it| it.strip_prefix("USER "));
    assert_eq!(user, Some("65532:65532"));
    let run = all[last..].iter().any(|it| it.starts_with("RUN "));
    assert!(!run, "there is no shell in it");
}

#[test]
fn what_is_no_source_stays_out_of_the_build() {
    let text = read("deploy/Dockerfile.dockerignore");
    let kept: BTreeSet<&str> = text.lines().filter(|it| it.starts_with('!')).collect();
    let expected = [
        "!Cargo.lock",
        "!Cargo.toml",
        "!deploy/config",
        "!proto",
        "!services",
        "!tests",
    ];
    assert_eq!(kept, expected.into_iter().collect());
    assert_eq!(text.lines().find(|it| !it.starts_with('#')), Some("*"));
}

#[test]
fn the_composition_runs_programs_of_the_image_and_every_service() {
    let (compose, programs) = (compose(), programs());
    let services = compose["services"].as_object().unwrap();
    for name in tests::system::SERVICES {
        assert!(services.contains_key(name), "{name}");
    }
    for (name, service) in services {
        let command = words(&service["command"]);
        let program = command[0].trim_start_matches(BIN);
        let ours = service["image"].as_str().unwrap().starts_with("exitbrain:");
        assert_eq!(programs.contains(program), ours, "{name}: {program}");
        assert_eq!(service["build"]["dockerfile"].is_string(), ours, "{name}");
        if tests::system::SERVICES.contains(&name.as_str()) {
            assert_eq!(name, program);
        }
    }
}

#[test]
fn the_composition_and_the_manifests_name_the_same_images() {
    let used = |value: &Value, found: &mut BTreeSet<String>| {
        super::walk(value, &mut |key, value| {
            if key == "image" {
                found.extend(value.as_str().map(String::from));
            }
        });
    };
    let (mut laptop, mut base) = (BTreeSet::new(), BTreeSet::new());
    used(&compose(), &mut laptop);
    render("k8s/base")
        .iter()
        .for_each(|doc| used(&doc.0, &mut base));
    assert_eq!(laptop, base);
    for folder in files("k8s/overlays") {
        assert!(folder.ends_with("/kustomization.yaml"), "{folder}");
    }
}

#[test]
fn on_a_laptop_only_gateway_and_venue_see_the_paper_keys_and_nothing_is_published_to_others() {
    let compose = compose();
    for (name, service) in compose["services"].as_object().unwrap() {
        let volumes = words(&service["volumes"]);
        let keys = volumes.iter().any(|it| it.contains("/compose/api-"));
        let may = ["gateway", "paper-exchange"].contains(&name.as_str());
        assert_eq!(keys, may, "{name}");
        for port in words(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
        assert!(service["user"].as_str().is_some(), "{name}");
        let flag = &service["environment"]["EXIT_MODE"];
        assert!(flag.is_null() || flag == "${EXIT_MODE:-LEGACY}", "{name}");
    }
}
