//! What a policy file may say, and how everything wrong in it is told at once.

use super::*;
use domain::policy::{ProfileMode, StepClose, TrailActivation};
use domain::{Ratio, Span};

/// The faults as the log tells them.
fn told(text: &str) -> Vec<String> {
    let faults = parse(text).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_changes_what_it_names_and_nothing_else() {
    let policy =
        parse("[base]\nstop = \"0.02\"\n[stops]\ngrace = \"2s\"\nratchet = false\n").unwrap();
    let mut expected = Policy::default();
    expected.base.stop = Ratio::basis_points(200);
    expected.stops.grace = Span::from_secs(2);
    expected.stops.ratchet = false;
    assert_eq!(policy, expected);
    assert_eq!(parse("").unwrap(), Policy::default());
}

#[test]
fn a_list_is_given_as_a_whole() {
    let text = "[[ladder.steps]]\ntarget_multiple = \"1\"\nsize = \"1\"\nclose = \"market\"\n\
                [profiles]\nmode = \"static\"\n\
                [profiles.dynamic]\nsizes = [\"0.2\", \"0.3\", \"0.5\"]\n";
    let policy = parse(text).unwrap();
    assert_eq!(policy.ladder.steps.len(), 1);
    assert_eq!(policy.ladder.steps[0].close, StepClose::Market);
    assert_eq!(policy.profiles.mode, ProfileMode::Static);
    assert_eq!(policy.profiles.table, Policy::default().profiles.table);
    assert_eq!(policy.profiles.dynamic.sizes[2], Ratio::basis_points(5_000));
}

#[test]
fn a_profile_of_ones_own_needs_no_trailing() {
    let text = "[[profiles.table]]\nname = \"MINE\"\n\
                legs = [{ r_multiple = \"1\", size = \"1\", close = \"limit\" }]\n\
                [[profiles.mapping]]\nsymbol = \"BTCUSDT\"\nstrategy = \"*\"\nregime = \"NORMAL\"\n\
                profile = \"MINE\"\n";
    let policy = parse(text).unwrap();
    assert_eq!(policy.profiles.table.len(), 1);
    assert_eq!(policy.profiles.table[0].trailing, None);
}

#[test]
fn another_form_replaces_the_shipped_one() {
    let policy = parse("[ladder]\nactivation = { target_multiple = \"2\" }\n").unwrap();
    let two = Ratio::new(2.into());
    assert_eq!(
        policy.ladder.activation,
        TrailActivation::TargetMultiple(two)
    );
    for (text, expected) in [
        (
            "activation = { target_multiple = \"2\", of_first_target = \"1\" }",
            "must have exactly one key",
        ),
        (
            "activation = { after = \"2\" }",
            "unknown variant `after`, expected `of_first_target` or `target_multiple`",
        ),
        ("activation = \"0.5\"", "must be a table"),
    ] {
        let told = told(&format!("[ladder]\n{text}\n"));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("ladder.activation = "), "{told:?}");
        assert!(told[0].ends_with(expected), "{told:?}");
    }
}

#[test]
fn every_fault_is_told_at_once_by_its_key() {
    let text = r#"
        [base]
        stpo = "0.02"
        stop = 0.02
        [stops]
        grace = "soon"
        [costs]
        fundings = "2"
        [trend]
        enabled = "no"
        [hints]
        confidence_min = 50
        [heat]
        from = "70"
        [[ladder.steps]]
        target_multiple = "1"
        size = "all"
        close = "limit"
        [[ladder.steps]]
        target_multiple = 2
        size = "1"
        close = "stop"
        [profiles.dynamic]
        sizes = ["0.3", 0.3, "0.4"]
    "#;
    assert_eq!(
        told(text),
        [
            "base.stop = 0.02: write it in quotes: \"0.02\"",
            "base.stpo = \"0.02\": is unknown here: use stop, target, trail",
            "costs.fundings = \"2\": write it without quotes: 2",
            "hints.confidence_min = 50: write it in quotes: \"50\"",
            "ladder.steps.0.size = \"all\": invalid value: string \"all\", expected a decimal \
             number in quotes, like \"0.025\"",
            "ladder.steps.1.close = \"stop\": unknown variant `stop`, expected one of `limit`, \
             `market`, `trail`",
            "ladder.steps.1.target_multiple = 2: write it in quotes: \"2\"",
            "profiles.dynamic.sizes.1 = 0.3: write it in quotes: \"0.3\"",
            "stops.grace = \"soon\": invalid value: string \"soon\", expected a span of time in \
             quotes, like \"1500ms\", \"5s\", \"10m\" or \"48h\"",
            "trend.enabled = \"no\": invalid type: string \"no\", expected a boolean",
            "heat.from = \"70\": must be 0 or more and below 1, a share: 0.25 is a quarter",
        ]
    );
}

#[test]
fn a_section_that_is_none_is_named_with_those_that_are() {
    let told = told("[bse]\nstop = \"0.02\"\n[stops.more]\na = 1\n");
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("bse = "), "{told:?}");
    assert!(told[0].contains("use base, bounds, breakeven"), "{told:?}");
    assert!(told[1].starts_with("stops.more = "), "{told:?}");
}

#[test]
fn a_key_alone_in_its_section_is_unknown_all_the_same() {
    assert_eq!(
        told("[base]\nstpo = \"0.02\"\n"),
        ["base.stpo = \"0.02\": is unknown here: use stop, target, trail"]
    );
}

#[test]
fn what_a_row_lacks_or_has_too_much_is_named() {
    let row = |text: &str| told(&format!("[[ladder.steps]]\n{text}\n"));
    let lacks = row("target_multiple = \"1\"\nsize = \"1\"");
    assert_eq!(lacks.len(), 1);
    assert!(lacks[0].starts_with("ladder.steps.0 = {"), "{lacks:?}");
    assert!(lacks[0].ends_with("missing field `close`"), "{lacks:?}");
    assert_eq!(
        row("target_multiple = \"1\"\nsize = \"1\"\nclose = \"limit\"\nclsoe = \"limit\""),
        ["ladder.steps.0.clsoe = \"limit\": is unknown here: use close, size, target_multiple"]
    );
    let deep = "[[profiles.table]]\nname = \"A\"\nlegs = [\"none\"]\n\
                trailing = { callback = 1, activation_r = \"1\" }\n";
    assert_eq!(
        told(deep),
        [
            "profiles.table.0.legs.0 = \"none\": must be a table",
            "profiles.table.0.trailing.callback = 1: write it in quotes: \"1\"",
        ]
    );
}

#[test]
fn a_value_of_another_kind_is_told_by_its_kind() {
    for (text, expected) in [
        ("base = \"none\"", "must be a table"),
        ("[ladder]\nsteps = \"none\"", "must be a list"),
        ("[profiles.dynamic]\nsizes = [\"1\"]", "must hold 3 values"),
        ("[costs]\nfundings = -1", "must be a whole number"),
        ("[costs]\nfundings = 1.5", "must be a whole number"),
        ("[base]\nstop = []", "expected a decimal number in quotes"),
    ] {
        let told = told(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(expected), "{told:?}");
    }
}

#[test]
fn text_that_is_no_toml_is_told_by_its_line() {
    let told = told("[base]\nstop = \"0.02\"\ntarget = 0,03\n");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("line 3 = target = 0,03: "), "{told:?}");
    let twice = parse("[base]\nstop = \"0.02\"\nstop = \"0.03\"\n").unwrap_err();
    assert_eq!(twice[0].field, "line 3");
    assert!(twice[0].why.contains("duplicate"), "{twice:?}");
}

#[test]
fn a_long_value_is_clipped() {
    let faults = parse(&format!("[base]\nstop = \"{}\"\n", "é".repeat(500))).unwrap_err();
    assert_eq!(faults[0].value.chars().count(), VALUE_CHARS_MAX + 1);
}

#[test]
fn a_file_that_cant_be_read_is_named_with_its_key() {
    let missing = load(Some(Path::new("/nowhere/policy.toml"))).unwrap_err();
    let missing = missing.to_string();
    assert!(missing.starts_with("policy.file="), "{missing}");
    assert!(missing.contains("/nowhere/policy.toml"), "{missing}");
    assert!(!missing.contains("EXITBRAIN_CONFIG"), "{missing}");
    let large = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(large.path(), "#".repeat(256 * 1024 + 1)).unwrap();
    let large = load(Some(large.path())).unwrap_err().to_string();
    assert!(large.contains("larger than 262144 bytes"), "{large}");
}

#[test]
fn a_file_that_cant_be_used_is_named_with_all_faults() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[base]\nstop = \"2\"\ntrial = \"0.1\"\n").unwrap();
    let told = load(Some(file.path())).unwrap_err().to_string();
    let path = file.path().to_string_lossy();
    assert!(told.contains(&*path), "{told}");
    assert!(told.contains("base.stop = \"2\""), "{told}");
    assert!(told.contains("base.trial = \"0.1\""), "{told}");
    assert_eq!(load(None).unwrap(), Policy::default());
}

#[test]
fn what_is_written_is_read_again() {
    let mut policy = Policy::default();
    policy.base.stop = Ratio::basis_points(201);
    policy.ladder.activation = TrailActivation::TargetMultiple(Ratio::ONE);
    policy.profiles.table.truncate(1);
    policy.profiles.mapping.truncate(1);
    assert_eq!(parse(&write(&policy)).unwrap(), policy);
}

#[test]
fn a_change_is_told_with_both_values() {
    let mut policy = Policy::default();
    assert_eq!(changes(&policy), []);
    policy.base.stop = Ratio::basis_points(200);
    policy.stops.ratchet = false;
    policy.ladder.activation = TrailActivation::TargetMultiple(Ratio::ONE);
    policy.ladder.steps.truncate(2);
    let told: Vec<String> = changes(&policy)
        .into_iter()
        .map(|change| {
            let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".into());
            let (shipped, here) = (or_none(change.shipped), or_none(change.here));
            format!("{} {shipped} {here}", change.key)
        })
        .collect();
    assert_eq!(
        told,
        [
            "base.stop \"0.025\" \"0.02\"",
            "ladder.activation.of_first_target \"0.5\" -",
            "ladder.activation.target_multiple - \"1\"",
            "ladder.steps.2.close \"trail\" -",
            "ladder.steps.2.size \"0.5\" -",
            "ladder.steps.2.target_multiple \"2\" -",
            "stops.ratchet true false",
        ]
    );
}
