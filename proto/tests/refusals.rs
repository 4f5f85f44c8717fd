//! Single refusals that matter by themselves, with the words an operator reads.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::ids::{Account, Epoch, PositionKey, Symbol};
use domain::intent::Denial;
use domain::market::MarkTick;
use domain::mode::{Kill, Mode};
use domain::order::OrderKind;
use domain::plan::convert::DynamicTpsl;
use domain::plan::request::PlanReply;
use domain::{Module, Price, Ratio, Side, Timestamp};
use prost::Message;
use proto::{Wire, wire};
use rust_decimal::Decimal;

fn tick() -> wire::MarkTick {
    let tick = MarkTick {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        mark_price: Price::new(Decimal::new(65_000, 0)).unwrap(),
        index_price: None,
        event_at: Timestamp::from_millis(1),
        received_at: Timestamp::from_millis(2),
        sequence: 1,
    };
    wire::MarkTick::decode(tick.encode().as_slice()).unwrap()
}

fn told(tick: &wire::MarkTick) -> String {
    MarkTick::decode(&tick.encode_to_vec())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_refusal_names_message_field_and_value() {
    let mut tick = tick();
    tick.mark_price = Some("abc".into());
    let words = told(&tick);
    assert!(
        words.starts_with("MarkTick.mark_price \"abc\": not a decimal"),
        "{words}"
    );
}

#[test]
fn a_missing_field_is_called_missing() {
    let mut tick = tick();
    tick.received_at = None;
    assert_eq!(told(&tick), "MarkTick.received_at is missing");
}

#[test]
fn a_price_that_is_zero_negative_or_beyond_all_sense_is_refused() {
    for text in ["0", "-1", "0.0000000000001", "1000000000001"] {
        let mut tick = tick();
        tick.mark_price = Some(text.into());
        assert!(told(&tick).contains(text), "{text}");
    }
}

#[test]
fn a_time_in_a_wrong_unit_is_refused() {
    let mut tick = tick();
    // Nanoseconds in 2026.
    tick.event_at = Some(1_790_000_000_000_000_000);
    assert!(told(&tick).contains("event_at"));
}

#[test]
fn a_kill_never_goes_up_to_live() {
    let kill = Kill {
        to: Mode::Live,
        by: "operator".into(),
        at: Timestamp::from_millis(1),
    };
    let error = Kill::decode(&kill.encode()).unwrap_err();
    assert_eq!((error.message, error.field.as_str()), ("Kill", "to"));
    assert!(error.to_string().contains("SHADOW or LEGACY"), "{error}");
}

#[test]
fn words_that_are_too_long_are_clipped_when_written_and_stay_readable() {
    let denial = Denial {
        intent_id: domain::intent::IntentId::from_wire("x"),
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Short,
        },
        module: Module::ExitExecutor,
        fence: 7,
        kind: OrderKind::Sl,
        code: "FILTER_VIOLATED".into(),
        detail: "é".repeat(2_000),
        at: Timestamp::from_millis(1),
    };
    let back = Denial::decode(&denial.encode()).unwrap();
    assert_eq!(back.detail, "é".repeat(512));
}

fn reply(answer: Result<DynamicTpsl, String>) -> PlanReply {
    PlanReply {
        id: 3,
        module: Module::DynamicTpsl,
        key: PositionKey {
            account: Account::new("main").unwrap(),
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side: Side::Long,
        },
        epoch: Epoch(1),
        answer,
        at: Timestamp::from_millis(1),
    }
}

#[test]
fn a_refusal_without_words_is_still_a_refusal() {
    let refused = reply(Err(String::new()));
    assert_eq!(PlanReply::decode(&refused.encode()), Ok(refused));
}

#[test]
fn an_answer_with_a_distance_below_zero_is_refused_by_name() {
    let plan = DynamicTpsl {
        tp_percent: Ratio::basis_points(300),
        sl_percent: Ratio::basis_points(-1),
        trail_percent: Ratio::basis_points(150),
        partial_tp: true,
        rationale: "ladder".into(),
        confidence: Ratio::ONE,
    };
    let error = PlanReply::decode(&reply(Ok(plan)).encode()).unwrap_err();
    assert_eq!(error.field, "plan.sl_percent", "{error}");
}

fn plan_refused(change: impl FnOnce(&mut wire::ExitPlan)) -> String {
    let key = wire::PositionKey {
        account: Some("main".into()),
        symbol: Some("BTCUSDT".into()),
        side: wire::Side::Long as i32,
    };
    let share = || Some("0.5".to_owned());
    let mut plan = wire::ExitPlan {
        id: Some(1),
        key: Some(key),
        epoch: Some(1),
        strategy: wire::Strategy::StandardLadder as i32,
        confidence: share(),
        regime: wire::Regime::Normal as i32,
        target: share(),
        stop: share(),
        trail: share(),
        reason: Some(String::new()),
        policy_hash: Some(1),
        inputs_digest: Some(1),
        created_at: Some(1),
        expires_at: Some(2),
        ..wire::ExitPlan::default()
    };
    let read = |plan: &wire::ExitPlan| domain::plan::ExitPlan::decode(&plan.encode_to_vec());
    assert!(read(&plan).is_ok());
    change(&mut plan);
    read(&plan).unwrap_err().field
}

#[test]
fn a_plan_with_more_than_its_lists_may_hold_is_refused() {
    let row = wire::Tightening {
        from_r: Some("1".into()),
        callback: Some("0.01".into()),
    };
    let leg = wire::ExitLeg {
        kind: wire::LegKind::Trail as i32,
        size: Some("0.5".into()),
        priority: Some(1),
        tightening: vec![row; 9],
        ..wire::ExitLeg::default()
    };
    let step = wire::PlanStep {
        name: wire::StepName::Base as i32,
        target: Some("0.03".into()),
        stop: Some("0.02".into()),
        trail: Some("0.01".into()),
        note: Some(String::new()),
    };
    assert_eq!(
        plan_refused(|plan| plan.legs = vec![leg]),
        "legs.tightening"
    );
    assert_eq!(plan_refused(|plan| plan.steps = vec![step; 17]), "steps");
}

#[test]
fn a_time_stop_is_more_than_nothing_and_at_most_a_year() {
    for micros in [0, -1, 365 * 24 * 3_600 * 1_000_000 + 1] {
        assert_eq!(
            plan_refused(|plan| plan.time_stop = Some(micros)),
            "time_stop"
        );
    }
}

/// A picture whose contract has this name, tick and step.
fn snapshot(symbol: &str, tick: &str, step: &str) -> wire::PositionSnapshot {
    let key = wire::PositionKey {
        account: Some("main".into()),
        symbol: Some("BTCUSDT".into()),
        side: wire::Side::Long as i32,
    };
    let lot = |step: &str| wire::LotFilter {
        step: Some(step.into()),
        min: Some("0.001".into()),
        max: Some("1000".into()),
    };
    let position = wire::Position {
        key: Some(key),
        epoch: Some(Epoch(1).0),
        qty: Some("1".into()),
        initial_qty: Some("1".into()),
        entry_price: Some("65000".into()),
        leverage: Some("10".into()),
        opened_at: Some(1),
    };
    wire::PositionSnapshot {
        position: Some(position),
        instrument: Some(wire::Instrument {
            symbol: Some(symbol.into()),
            tick_size: Some(tick.into()),
            lot: Some(lot(step)),
            market_lot: Some(lot("0.001")),
            min_notional: Some("5".into()),
            percent_price: None,
        }),
        orders: Vec::new(),
        complete: true,
        flat_proven: false,
        sequence: Some(1),
        at: Some(1),
        fence: Some(1),
    }
}

#[test]
fn a_snapshot_whose_filters_are_of_another_contract_or_no_grid_is_refused() {
    let read = |snapshot: wire::PositionSnapshot| {
        domain::snapshot::PositionSnapshot::decode(&snapshot.encode_to_vec())
    };
    let refused = |snapshot| read(snapshot).unwrap_err().field;
    for usable in ["0.000000000001", "0.1", "1000000"] {
        assert!(
            read(snapshot("BTCUSDT", usable, usable)).is_ok(),
            "{usable}"
        );
    }
    assert_eq!(
        refused(snapshot("ETHUSDT", "0.1", "0.1")),
        "instrument.symbol"
    );
    // Beyond all sense, and products with a quantity would overflow.
    for step in [
        "0",
        "-0.1",
        "0.0000000000001",
        "1000001",
        "1000000000000000",
    ] {
        let tick = refused(snapshot("BTCUSDT", step, "0.1"));
        assert_eq!(tick, "instrument.tick_size", "{step}");
        let lot = refused(snapshot("BTCUSDT", "0.1", step));
        assert_eq!(lot, "instrument.lot.step", "{step}");
    }
    let bounded = |up: Option<&str>, down: &str| {
        let mut snapshot = snapshot("BTCUSDT", "0.1", "0.1");
        let percent_price = wire::PercentPrice {
            up: up.map(Into::into),
            down: Some(down.into()),
        };
        snapshot.instrument.as_mut().unwrap().percent_price = Some(percent_price);
        snapshot
    };
    assert!(read(bounded(Some("1.05"), "0.95")).is_ok());
    for (up, down, field) in [(None, "0.95", "up"), (Some("1.05"), "0", "down")] {
        let refused = refused(bounded(up, down));
        assert_eq!(refused, format!("instrument.percent_price.{field}"));
    }
}

proptest::proptest! {
    #[test]
    fn a_decimal_of_full_precision_travels_unchanged(
        mantissa in -(1_i128 << 96) + 1..1_i128 << 96,
        scale in 25_u32..=28,
    ) {
        let exact = domain::Ratio::new(Decimal::from_i128_with_scale(mantissa, scale));
        let hint = domain::signal::RlHint {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            take_profit: Some(exact),
            stop_loss: None,
            trail: None,
            confidence: None,
            signal_confidence: None,
            strategy: None,
            at: Timestamp::from_millis(1),
        };
        proptest::prop_assert_eq!(domain::signal::RlHint::decode(&hint.encode()), Ok(hint));
    }
}
