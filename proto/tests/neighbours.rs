//! Messages between today's code and every release that may run beside it, in both directions,
//! with the checks of the border on them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[macro_use]
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use common::both_ways::{both_ways, facts, known};
use common::release::{DIVIDER, PACKAGE, Release, Schema, folder_of};
use common::schema::texts;
use common::{IN_TWO_STEPS, mark_tick, market_context, orders};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use prost::Message;
use prost_reflect::text_format::FormatOptions;
use prost_reflect::{DynamicMessage, ReflectMessage};
use proto::{Wire, WireError};

static TODAY: LazyLock<Schema> = LazyLock::new(Schema::today);
static RELEASES: LazyLock<Vec<Release>> = LazyLock::new(Release::all);

/// Values from which a release's golden messages are chosen.
const SAMPLES: usize = 512;

fn with_every_release<M: Wire>(value: &M) -> Result<(), TestCaseError> {
    for release in RELEASES.iter() {
        let done = both_ways(value, release, &TODAY, &IN_TWO_STEPS);
        done.map_err(|why| TestCaseError::fail(format!("{}: {why}", release.version)))?;
    }
    Ok(())
}

/// The bytes that the reader of `M` writes after it has read some.
fn again<M: Wire>(bytes: &[u8]) -> Result<Vec<u8>, WireError> {
    M::decode(bytes).map(|value| value.encode())
}

/// Bytes of some values of a message.
fn samples<M: Wire>(strategy: impl Strategy<Value = M>) -> Vec<Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    let mut one = || strategy.new_tree(&mut runner).unwrap().current().encode();
    (0..SAMPLES).map(|_| one()).collect()
}

macro_rules! both_ways_for_every_message {
    ($($name:ident: $type:ty = $strategy:expr;)+) => {
        $(
            mod $name {
                use super::*;

                proptest! {
                    #![proptest_config(ProptestConfig::with_cases(48))]

                    #[test]
                    fn pass_between_releases_both_ways(value in $strategy) {
                        with_every_release::<$type>(&value)?;
                    }
                }
            }
        )+

        fn read_again(name: &str, bytes: &[u8]) -> Option<Result<Vec<u8>, WireError>> {
            $(if name == <$type as Wire>::NAME {
                return Some(again::<$type>(bytes));
            })+
            None
        }

        const NAMES: &[&str] = &[$(<$type as Wire>::NAME,)+];

        fn all_samples() -> Vec<(&'static str, Vec<Vec<u8>>)> {
            vec![$((<$type as Wire>::NAME, samples::<$type>($strategy)),)+]
        }
    };
}

for_every_message!(both_ways_for_every_message);

#[test]
fn what_a_release_wrote_is_read_today_with_all_that_it_said() {
    for release in RELEASES.iter() {
        for (name, golden) in &release.golden {
            for said in golden {
                let bytes = said.encode_to_vec();
                let read =
                    read_again(name, &bytes).unwrap_or_else(|| panic!("{name} has no reader"));
                let bytes = read.unwrap_or_else(|fault| panic!("{}: {fault}", release.version));
                let back = DynamicMessage::decode(said.descriptor(), bytes.as_slice()).unwrap();
                assert_eq!(&known(back), said, "{} of {}", name, release.version);
            }
        }
    }
}

#[test]
fn every_message_of_a_release_is_among_its_golden_ones() {
    for release in RELEASES.iter() {
        assert!(!release.golden.is_empty());
        for name in NAMES {
            let is_known = release
                .schema
                .pool
                .get_message_by_name(&format!("{PACKAGE}{name}"));
            let has_golden = release.golden.contains_key(*name);
            assert_eq!(
                is_known.is_some(),
                has_golden,
                "{name} of {}",
                release.version
            );
        }
    }
}

/// Today's schemas as they were before an edit, as a release.
fn before(file: &str, from: &str, to: &str) -> Release {
    let mut texts = texts(Path::new(env!("CARGO_MANIFEST_DIR")));
    let text = texts.get_mut(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} is in {file} once");
    *text = text.replacen(from, to, 1);
    Release {
        schema: Schema::of(&texts),
        version: "planted".into(),
        ..RELEASES.last().unwrap().clone()
    }
}

/// The first thing in `samples` that does not pass.
fn first_fault<M: Wire>(
    strategy: impl Strategy<Value = M>,
    release: &Release,
    in_two_steps: &[&str],
) -> Option<String> {
    let samples = samples(strategy);
    let values = samples.iter().map(|bytes| M::decode(bytes).unwrap());
    let faults = values.map(|value| both_ways(&value, release, &TODAY, in_two_steps));
    faults.filter_map(Result::err).next()
}

#[test]
fn a_field_that_the_neighbour_does_not_know_is_passed_over() {
    let line = "  optional string atr = 7;\n";
    let release = before("market.proto", line, "");
    assert_eq!(first_fault(market_context(), &release, &[]), None);
    let release = before("position.proto", "  bool complete = 4;\n", "");
    let fault = first_fault(orders::position_snapshot(), &release, &[]);
    assert_eq!(fault, None, "a flag is false where nobody says it");
}

#[test]
fn a_required_field_that_the_neighbour_does_not_write_is_found() {
    let line = "  optional uint64 sequence = 6;\n";
    let fault = first_fault(mark_tick(), &before("market.proto", line, ""), &[]);
    assert_eq!(fault.as_deref(), Some("MarkTick.sequence is missing"));
}

#[test]
fn a_value_a_choice_and_a_word_that_the_neighbour_refuses_are_found() {
    let line = "  ORDER_STATUS_REJECTED = 10;\n";
    let release = before("position.proto", line, "");
    let fault = first_fault(orders::order_event(), &release, &[]);
    let told = "OrderEvent.status has a value 10 that the neighbour refuses";
    assert_eq!(fault.as_deref(), Some(told));
    let staged = ["OrderStatus.ORDER_STATUS_REJECTED"];
    assert_eq!(first_fault(orders::order_event(), &release, &staged), None);

    let release = before(
        "position.proto",
        "    DisasterStop disaster_stop = 4;\n",
        "",
    );
    let fault = first_fault(orders::order_intent(), &release, &[]);
    let told = "CloseOrder.disaster_stop is no choice that the neighbour knows";
    assert_eq!(fault.as_deref(), Some(told));

    let mut release = RELEASES.last().unwrap().clone();
    assert!(release.facts.remove("Decision.rule trailing"));
    let fault = first_fault(common::decision(), &release, &[]);
    let told = "Decision.rule has a word \"trailing\" that the neighbour refuses";
    assert_eq!(fault.as_deref(), Some(told));
}

#[test]
fn a_type_that_reads_another_number_is_found() {
    let (was, is) = (
        "optional int64 event_at = 4",
        "optional sint64 event_at = 4",
    );
    let fault = first_fault(mark_tick(), &before("market.proto", was, is), &[]);
    assert!(fault.unwrap().starts_with("MarkTick.event_at is "));
}

/// `make freeze`: today's schemas and what today's code writes, as the release that this is.
#[test]
#[ignore = "writes proto/releases: run it as `make freeze`"]
fn freeze() {
    let folder = folder_of(env!("CARGO_PKG_VERSION"));
    assert!(
        !folder.exists(),
        "{folder:?} is frozen: set the version of this release first"
    );
    let golden = folder.join("golden");
    fs::create_dir_all(&golden).unwrap();
    for (name, text) in texts(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        fs::write(folder.join(name), text).unwrap();
    }
    for (name, samples) in all_samples() {
        let chosen: Vec<String> = fewest(name, samples).iter().map(text_of).collect();
        let file = golden.join(format!("{name}.txtpb"));
        fs::write(file, chosen.join(DIVIDER)).unwrap();
    }
}

/// A few of the samples, the short ones first, in which all occurs that occurs in any.
fn fewest(name: &str, mut samples: Vec<Vec<u8>>) -> Vec<DynamicMessage> {
    let message = TODAY.pool.get_message_by_name(&format!("{PACKAGE}{name}"));
    let message = message.unwrap();
    samples.sort_by_key(Vec::len);
    let mut seen = BTreeSet::new();
    let all = samples
        .iter()
        .map(|it| DynamicMessage::decode(message.clone(), it.as_slice()));
    all.map(Result::unwrap)
        .filter(|sample| {
            let before = seen.len();
            facts(sample, &mut seen);
            seen.len() > before
        })
        .collect()
}

fn text_of(message: &DynamicMessage) -> String {
    let options = FormatOptions::new().pretty(true);
    message.to_text_format_with_options(&options) + "\n"
}
