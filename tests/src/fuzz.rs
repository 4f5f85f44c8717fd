//! Every parser that reads what others wrote, as a function over bytes, and a seeded way to drive
//! it. The same functions are what the coverage-guided fuzzer of `tests/fuzz` calls.

pub mod bus;
pub mod corpus;
pub mod mutate;
pub mod venue;
pub mod wire;

use paper_exchange::rng::SplitMix64;

use self::mutate::mutated;

/// Longest input that is tried; the venue's longest answers are longer, their rows are not.
pub const INPUT_MAX: usize = 64 * 1024;

/// One parser.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, as the fuzzer knows it.
    pub name: &'static str,
    /// Reads one input; a panic is a finding.
    pub run: fn(&[u8]),
    /// Inputs to begin with, made from our own samples.
    pub corpus: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 15] = [
    Target {
        name: "user_event",
        run: wire::user_events,
        corpus: corpus::user_events,
    },
    Target {
        name: "market_frame",
        run: wire::market_frame,
        corpus: corpus::market_frames,
    },
    Target {
        name: "answer",
        run: wire::answer,
        corpus: corpus::answers,
    },
    Target {
        name: "exchange_info",
        run: wire::exchange_infos,
        corpus: corpus::exchange_infos,
    },
    Target {
        name: "outcome",
        run: wire::outcome,
        corpus: corpus::outcomes,
    },
    Target {
        name: "socket_answer",
        run: wire::socket_answer,
        corpus: corpus::socket_answers,
    },
    Target {
        name: "bus_message",
        run: bus::message,
        corpus: corpus::bus_messages,
    },
    Target {
        name: "approval",
        run: bus::approval,
        corpus: corpus::approvals,
    },
    Target {
        name: "direct_kill",
        run: bus::direct_kill,
        corpus: corpus::direct_kills,
    },
    Target {
        name: "venue_request",
        run: venue::request,
        corpus: corpus::requests,
    },
    Target {
        name: "venue_ws_api",
        run: venue::ws_api,
        corpus: corpus::ws_frames,
    },
    Target {
        name: "venue_control",
        run: venue::control,
        corpus: corpus::control_frames,
    },
    Target {
        name: "feed_file",
        run: venue::feed_file,
        corpus: corpus::feed_files,
    },
    Target {
        name: "fault_plan",
        run: venue::fault_plan,
        corpus: corpus::fault_plans,
    },
    Target {
        name: "policy",
        run: bus::policy,
        corpus: corpus::policies,
    },
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Drives the target of that name with one input.
///
/// # Panics
/// Where there is none of that name, and where the parser does not keep what it promises.
pub fn run(name: &str, input: &[u8]) {
    let target = target(name).expect("a target of that name");
    (target.run)(input);
}

/// Inputs for a target without end: the corpus as it is, then its mutants; the seed says all.
pub fn inputs(target: &Target, seed: u64) -> impl Iterator<Item = Vec<u8>> {
    let corpus = (target.corpus)();
    assert!(!corpus.is_empty(), "{} has no samples", target.name);
    let mut rng = SplitMix64::new(seed);
    let first = corpus.clone().into_iter();
    first.chain(std::iter::from_fn(move || Some(mutated(&corpus, &mut rng))))
}
