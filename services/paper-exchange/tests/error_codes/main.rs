//! Every error code of section 4 of the wire contract, brought about over the wire layer: by a
//! rule of the venue, with a case named after it, or else only by script, with the reason.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod account;
mod conditional;
mod desk;
mod modify;
mod ordinary;
mod requests;

use std::collections::BTreeSet;

use desk::{Desk, expected_status};
use paper_exchange::faults::{FaultPlan, Faults, Often, RequestAction, RequestFault};
use paper_exchange::wire::WireRequest;

/// The codes of section 4, in its order.
const SECTION_4: [i32; 107] = [
    -1000, -1001, -1003, -1006, -1007, -1008, -1013, -1015, -1020, -1021, -5028, -1022, -1100,
    -1101, -1102, -1104, -1105, -1106, -1111, -1115, -1116, -1117, -1121, -1125, -1130, -2011,
    -2013, -2014, -2015, -2018, -2019, -2020, -2021, -2022, -2023, -2024, -2025, -2026, -2027,
    -2028, -4001, -4002, -4006, -4007, -4003, -4004, -4005, -4013, -4014, -4015, -4016, -4024,
    -4023, -4028, -4045, -4046, -4047, -4048, -4059, -4060, -4061, -4062, -4067, -4068, -4087,
    -4088, -4109, -4116, -4117, -4118, -4120, -4130, -4131, -4135, -4136, -4137, -4138, -4140,
    -4141, -4142, -4161, -4164, -4183, -4184, -4210, -4211, -4192, -4400, -4401, -4411, -4509,
    -4531, -5000, -5021, -5022, -5024, -5025, -5026, -5027, -5029, -5043, -5047, -5037, -5038,
    -5039, -5040, -5041,
];

/// Codes that no rule brings about here, and why.
const BY_SCRIPT_ONLY: [(i32, &str); 8] = [
    (
        -1000,
        "an inner failure of the venue, which this one does not have",
    ),
    (
        -1001,
        "an inner failure of the venue, which this one does not have",
    ),
    (
        -1006,
        "the venue's own bus lost the answer: a fault, not a rule",
    ),
    (-1007, "the back end is too slow: a fault, not a rule"),
    (
        -1008,
        "the whole venue is overloaded: a storm of the fault plan",
    ),
    (
        -2024,
        "a close that is too large is refused with -2022 (section 3.5)",
    ),
    (-2026, "every type that is traded today can be reduce-only"),
    (
        -4142,
        "the form that -2021 has for strategies, which have no call of their own",
    ),
];

/// Codes for which a module has a case.
fn by_rule() -> BTreeSet<i32> {
    [
        requests::CODES,
        ordinary::CODES,
        conditional::CODES,
        modify::CODES,
        account::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}

#[test]
fn every_code_of_section_4_has_a_case_or_a_reason() {
    let by_rule = by_rule();
    let by_script: BTreeSet<i32> = BY_SCRIPT_ONLY.iter().map(|(code, _)| *code).collect();
    let missing: Vec<i32> = SECTION_4
        .into_iter()
        .filter(|code| !by_rule.contains(code) && !by_script.contains(code))
        .collect();
    assert!(missing.is_empty(), "without a case: {missing:?}");
    let both: Vec<&i32> = by_rule.intersection(&by_script).collect();
    assert!(both.is_empty(), "by rule after all: {both:?}");
    let distinct: BTreeSet<i32> = SECTION_4.into_iter().collect();
    assert_eq!(distinct.len(), SECTION_4.len());
}

#[test]
fn a_script_answers_with_any_code_and_the_status_that_belongs_to_it() {
    for code in SECTION_4 {
        let rule = RequestFault {
            method: Some("POST".to_owned()),
            path: Some("/fapi/v1/order".to_owned()),
            contains: None,
            often: Often::once(),
            action: RequestAction::RefuseWith {
                code,
                message: "scripted".to_owned(),
            },
        };
        let mut faults = Faults::new(FaultPlan {
            requests: vec![rule],
            ..FaultPlan::default()
        });
        let mut desk = Desk::new();
        let query = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010";
        let request = WireRequest::new("POST", "/fapi/v1/order", query);
        let response = faults.handle(&mut desk.venue, &request, desk::NOW);
        assert_eq!(desk::read(&response), (expected_status(code), code));
        assert_eq!(desk.venue.all_orders().count(), 0, "{code} was executed");
        let after = faults.handle(&mut desk.venue, &request, desk::NOW);
        assert_eq!(after.status, 200, "{code} stays");
    }
}
