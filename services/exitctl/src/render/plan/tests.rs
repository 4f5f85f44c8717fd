//! The story of a plan, letter by letter.

use proto::wire::PlanTighteningStatus;

use super::*;

fn step(name: &str, [target, stop, trail]: [&str; 3], note: &str) -> PlanStepStatus {
    PlanStepStatus {
        name: name.into(),
        target: target.into(),
        stop: stop.into(),
        trail: trail.into(),
        note: note.into(),
    }
}

fn leg(priority: u32, kind: &str, size: &str, place: [&str; 3]) -> PlanLegStatus {
    let [offset, trigger, r_multiple] = place.map(|it| Some(it.to_owned()));
    PlanLegStatus {
        kind: kind.into(),
        size: size.into(),
        offset,
        trigger_price: trigger,
        r_multiple,
        priority,
        ..PlanLegStatus::default()
    }
}

fn legs() -> Vec<PlanLegStatus> {
    let mut first = leg(0, "TAKE_PROFIT", "0.25", ["0.0126", "96197", "0.72"]);
    first.target_multiple = Some("0.5".into());
    let mut trail = leg(2, "TRAIL", "0.5", ["0.0063", "95598.5", "0.36"]);
    trail.target_multiple = Some("2".into());
    trail.callback = Some("0.02".into());
    trail.tightening = vec![PlanTighteningStatus {
        from_r: "3".into(),
        callback: "0.015".into(),
    }];
    vec![
        leg(0, "STOP", "1", ["-0.0175", "93337.5", "-1"]),
        first,
        trail,
    ]
}

fn sample() -> PlanStatus {
    PlanStatus {
        account: "main".into(),
        symbol: "BTCUSDT".into(),
        side: "LONG".into(),
        epoch: 1_765_404_895_000,
        id: "1d2c3b4a59687786".into(),
        in_force: true,
        strategy: "STANDARD_LADDER".into(),
        strategy_id: "RL_V3".into(),
        regime: "VOLATILE".into(),
        confidence: "0.75".into(),
        target: "0.0252".into(),
        stop: "0.0175".into(),
        trail: "0.015".into(),
        reason: "ladder in a VOLATILE market, risk mode CONSERVATIVE".into(),
        policy_hash: "00000000deadbeef".into(),
        inputs_digest: "0123456789abcdef".into(),
        created_at: "2025-12-10T22:14:55.000Z".into(),
        expires_at: "2025-12-11T22:14:55.000Z".into(),
        age_ms: 725_000,
        heard_age_ms: 3_100,
        entry_price: Some("95000".into()),
        legs: legs(),
        steps: vec![
            step("base", ["0.03", "0.025", "0.015"], "target 3%, stop 2.5%"),
            step("risk", ["0.021", "0.0175", "0.015"], "CONSERVATIVE x0.7"),
            step("legs", ["0.0252", "0.0175", "0.015"], "ladder"),
        ],
        ..PlanStatus::default()
    }
}

fn assert_golden(plan: &PlanStatus, golden: &str) {
    let text = render(plan);
    assert_eq!(format!("{text}\n"), golden, "it was:\n{text}");
}

#[test]
fn a_plan_tells_how_it_came_about_and_what_it_will_do() {
    assert_golden(&sample(), include_str!("golden/explain.txt"));
}

#[test]
fn an_emergency_of_another_life_says_so_and_has_no_distances_on_its_leg() {
    let mut plan = sample();
    plan.in_force = false;
    plan.not_in_force = "it is of another life of the position".into();
    plan.strategy = "EMERGENCY_EXIT".into();
    plan.entry_price = None;
    plan.time_stop_ms = Some(7_200_000);
    plan.profile = Some("CHALLENGE_100".into());
    plan.steps = vec![step("legs", ["0.03", "0.025", "0.015"], "close now")];
    plan.legs = vec![PlanLegStatus {
        kind: "EMERGENCY".into(),
        size: "1".into(),
        ..PlanLegStatus::default()
    }];
    assert_golden(&plan, include_str!("golden/emergency.txt"));
}
