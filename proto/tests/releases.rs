//! Today's schemas against those of every release that may run beside this one: nothing in them
//! breaks a neighbour, and whatever would is found.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeMap;

use common::IN_TWO_STEPS;
use common::changes::breaks;
use common::release::{Release, Schema, folder_of};

#[test]
fn nothing_in_the_schemas_breaks_a_neighbour() {
    let today = Schema::today();
    for release in Release::all() {
        let breaks = breaks(&release.schema, &today, &IN_TWO_STEPS);
        let version = &release.version;
        assert!(
            breaks.is_empty(),
            "against {version}:\n{}",
            breaks.join("\n")
        );
    }
}

#[test]
fn what_takes_two_steps_is_still_under_way() {
    let today = Schema::today();
    let releases = Release::all();
    for name in IN_TWO_STEPS {
        let others: Vec<&str> = IN_TWO_STEPS.into_iter().filter(|it| *it != name).collect();
        let excuses = |it: &Release| !breaks(&it.schema, &today, &others).is_empty();
        assert!(releases.iter().any(excuses), "{name} excuses nothing");
    }
}

#[test]
fn the_version_that_this_is_has_been_frozen() {
    let version = env!("CARGO_PKG_VERSION");
    let folder = folder_of(version);
    assert!(
        folder.is_dir(),
        "{version} is not in proto/releases: run `make freeze`"
    );
}

/// A schema with one of everything.
const BASE: &str = r#"syntax = "proto3";
package exitbrain.v1;

enum Color {
  COLOR_UNSPECIFIED = 0;
  COLOR_RED = 1;
  COLOR_BLUE = 2;
  reserved 7;
  reserved "COLOR_OLD";
}

message Part {
  // Required.
  optional string name = 1;
  optional string alias = 3;
}

message Tick {
  // Required.
  optional int64 at = 1;
  optional string note = 2;
  Color color = 3;
  repeated Part parts = 4;
  map<string, uint64> counts = 5;
  optional uint64 count = 6;
  reserved 8, 9;
  reserved "gone";
  // Required.
  oneof what {
    Part part = 10;
    string text = 11;
  }
  uint64 plain = 12;
}

// Only a wish.
message Wish {
  oneof maybe {
    string one = 1;
    string two = 2;
  }
}

message Approval {
  // Required.
  Part part = 1;
}

service Desk {
  rpc Ask(Wish) returns (Tick);
  rpc Watch(Wish) returns (stream Tick);
}
"#;

fn schema(text: &str) -> Schema {
    Schema::of(&BTreeMap::from([("base.proto".into(), text.into())]))
}

/// What breaks where each first text is replaced by the second.
fn broken_by(edits: &[(&str, &str)], in_two_steps: &[&str]) -> Vec<String> {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from:?} is there once");
        text = text.replacen(from, to, 1);
    }
    breaks(&schema(BASE), &schema(&text), in_two_steps)
}

/// One break each: what is replaced, by what, and the only line that tells it.
const PLANTED: &[(&str, &str, &str)] = &[
    (
        "  optional string note = 2;\n",
        "  reserved \"note\";\n",
        "Tick.note is gone, and its number 2 is not reserved",
    ),
    (
        "  optional string note = 2;\n",
        "  reserved 2;\n",
        "Tick.note is gone, and its name is not reserved",
    ),
    (
        "  // Required.\n  optional string name = 1;\n",
        "  reserved 1;\n  reserved \"name\";\n",
        "Part.name is gone, and neighbours refuse a message without it",
    ),
    (
        "    string text = 11;\n  }\n",
        "  }\n  reserved 11;\n  reserved \"text\";\n",
        "Tick.text is gone, and neighbours may still say it",
    ),
    (
        "string note = 2",
        "string remark = 2",
        "Tick.note had the name note, now remark",
    ),
    (
        "string note = 2;",
        "string note = 2 [json_name = \"remark\"];",
        "Tick.note had the JSON name note, now remark",
    ),
    (
        "string note = 2",
        "string note = 20",
        "Tick.note has moved from number 2 to 20",
    ),
    (
        "optional uint64 count = 6",
        "optional sint64 count = 6",
        "Tick.count had the type optional uint64, now optional sint64",
    ),
    (
        "optional uint64 count = 6",
        "repeated uint64 count = 6",
        "Tick.count had the type optional uint64, now repeated uint64",
    ),
    (
        "optional uint64 count = 6",
        "uint64 count = 6",
        "Tick.count had the type optional uint64, now uint64",
    ),
    (
        "repeated Part parts = 4",
        "repeated Wish parts = 4",
        "Tick.parts had the type repeated Part, now repeated Wish",
    ),
    (
        "map<string, uint64> counts",
        "map<string, uint32> counts",
        "Tick.CountsEntry.value had the type uint64, now uint32",
    ),
    (
        "    Part part = 10;\n    string text = 11;\n  }\n",
        "    Part part = 10;\n  }\n  string text = 11;\n",
        "Tick.text had the oneof what, now none",
    ),
    (
        "  optional string note = 2;\n  Color",
        "  oneof other {\n    string note = 2;\n  }\n  Color",
        "Tick.note had the oneof none, now other",
    ),
    (
        "  optional string note = 2;",
        "  // Required.\n  optional string note = 2;",
        "Tick.note is required now, and neighbours may leave it out",
    ),
    (
        "  // Required.\n  optional int64 at",
        "  optional int64 at",
        "Tick.at is optional now, and neighbours require it",
    ),
    (
        "  optional string alias = 3;\n",
        "  optional string alias = 3;\n  // Required.\n  optional string last = 2;\n",
        "Part.last is new and required, and neighbours leave it out",
    ),
    (
        "  // Required.\n  oneof what {",
        "  oneof what {",
        "Tick.what is optional now, and neighbours require it",
    ),
    (
        "  oneof maybe {",
        "  // Required.\n  oneof maybe {",
        "Wish.maybe is required now, and neighbours may lack it",
    ),
    (
        "    string two = 2;\n  }\n",
        "    string two = 2;\n  }\n  // Required.\n  oneof more {\n    string three = 3;\n  }\n",
        "Wish.more is new and required, and neighbours lack it",
    ),
    (
        "    string two = 2;\n",
        "    string two = 2;\n    string three = 3;\n",
        "Wish.three is a new choice, and neighbours refuse a message with it",
    ),
    (
        "  Part part = 1;\n",
        "  Part part = 1;\n  optional string by = 2;\n",
        "Approval.by is new in what is signed, and neighbours refuse a body with it",
    ),
    (
        "  optional string alias = 3;\n",
        "  optional string alias = 3;\n  optional string more = 4;\n",
        "Part.more is new in what is signed, and neighbours refuse a body with it",
    ),
    (
        "  optional string alias = 3;\n",
        "  reserved 3;\n  reserved \"alias\";\n",
        "Part.alias is gone from what is signed, and neighbours may still say it",
    ),
    (
        "  reserved 8, 9;\n",
        "  reserved 8;\n",
        "Tick no longer reserves 9..10",
    ),
    ("  reserved \"gone\";\n", "", "Tick no longer reserves gone"),
    (
        "  COLOR_BLUE = 2;\n",
        "  reserved 2;\n  reserved \"COLOR_BLUE\";\n",
        "Color.COLOR_BLUE is gone, and neighbours may still say it",
    ),
    (
        "COLOR_BLUE = 2",
        "COLOR_BLUE = 3",
        "Color.COLOR_BLUE has moved from number 2 to 3",
    ),
    (
        "COLOR_BLUE = 2",
        "COLOR_GREEN = 2",
        "Color.COLOR_BLUE has lost its number 2 to COLOR_GREEN",
    ),
    (
        "  COLOR_BLUE = 2;\n",
        "  COLOR_BLUE = 2;\n  COLOR_GREEN = 3;\n",
        "Color.COLOR_GREEN is a new value, and neighbours refuse a message with it",
    ),
    ("  reserved 7;\n", "", "Color no longer reserves 7..=7"),
    (
        "  reserved \"COLOR_OLD\";\n",
        "",
        "Color no longer reserves COLOR_OLD",
    ),
    (
        "  rpc Ask(Wish) returns (Tick);\n",
        "",
        "Desk.Ask is gone: neighbours still call it",
    ),
    (
        "rpc Ask(Wish)",
        "rpc Ask(Part)",
        "Desk.Ask was (Wish) returns (Tick), is (Part) returns (Tick)",
    ),
    (
        "rpc Watch(Wish) returns (stream Tick)",
        "rpc Watch(Wish) returns (Tick)",
        "Desk.Watch was (Wish) returns (stream Tick), is (Wish) returns (Tick)",
    ),
    (
        "service Desk",
        "service Table",
        "Desk is gone: neighbours still call it",
    ),
];

#[test]
fn every_planted_break_is_found_and_told_in_one_line() {
    for (from, to, line) in PLANTED {
        let found = broken_by(&[(from, to)], &[]);
        assert_eq!(found, [*line], "{from:?} became {to:?}");
    }
}

#[test]
fn a_message_or_an_enum_that_is_gone_is_found() {
    let edits = [
        ("message Wish", "message Whim"),
        ("rpc Ask(Wish)", "rpc Ask(Whim)"),
        ("rpc Watch(Wish)", "rpc Watch(Whim)"),
    ];
    let found = broken_by(&edits, &[]);
    assert_eq!(found[0], "Wish is gone: neighbours still say it");
    let edits = [
        ("enum Color", "enum Paint"),
        ("  Color color", "  Paint color"),
    ];
    let found = broken_by(&edits, &[]);
    let told = [
        "Tick.color had the type Color, now Paint",
        "Color is gone: neighbours still say it",
    ];
    assert_eq!(found, told);
}

#[test]
fn what_neighbours_do_not_mind_is_no_break() {
    let harmless: [&[(&str, &str)]; 6] = [
        // More messages, calls and what goes with them.
        &[("message Part {", "message Piece {}\n\nmessage Part {")],
        &[(
            "service Desk {",
            "service Desk {\n  rpc Tell(Part) returns (Part);",
        )],
        // An optional field, and a choice that need not be made, in what nobody signs.
        &[(
            "message Wish {",
            "message Wish {\n  optional string by = 3;",
        )],
        &[(
            "message Wish {",
            "message Wish {\n  oneof who {\n    string by = 3;\n  }",
        )],
        // An optional field that is gone for good.
        &[(
            "  optional string note = 2;\n",
            "  reserved 2;\n  reserved \"note\";\n",
        )],
        // More numbers and names that nobody may use.
        &[(
            "  reserved 8, 9;\n",
            "  reserved 8 to 9, 30;\n  reserved \"never\";\n",
        )],
    ];
    for edits in harmless {
        let found = broken_by(edits, &[]);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn what_is_done_in_two_steps_is_excused_by_name_and_nothing_else_is() {
    let more = (
        "  COLOR_BLUE = 2;\n",
        "  COLOR_BLUE = 2;\n  COLOR_GREEN = 3;\n",
    );
    let renamed = ("string note = 2", "string remark = 2");
    let staged = ["Color.COLOR_GREEN", "Tick.note"];
    let found = broken_by(&[more, renamed], &staged);
    assert_eq!(found, ["Tick.note had the name note, now remark"]);
    let found = broken_by(&[more], &["Color.COLOR_RED"]);
    assert_eq!(found.len(), 1, "{found:?}");
}
