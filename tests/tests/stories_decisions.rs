//! One story for each rule that decides, through the whole system: from what the venue, the risk
//! system or the learned policy says, to what then rests on the venue.

mod story;

use domain::decision::Rule;
use domain::market::Regime;
use domain::policy::{Mapping, Policy, ProfileMode, StepClose};
use domain::signal::RiskMode;
use domain::{Side, Span};
use paper_exchange::faults::FaultPlan;
use story::*;
use tests::world::Service;

#[test]
fn the_emergency_stop_system_closes_at_market() {
    let mut world = with_policy(Policy::default());
    world.risk(RiskMode::EssActive);
    world.run_until("closed and swept", secs(3), is_gone);
    assert_out(&world, Rule::EmergencyStopSystem);
}

#[test]
fn the_operators_order_closes_at_market() {
    let mut world = with_policy(Policy::default());
    world.flatten(None);
    world.run_until("closed and swept", secs(3), is_gone);
    assert_out(&world, Rule::Operator);
}

/// The crash is made of marks alone: the market service measures them, the executor hears it.
#[test]
fn a_crash_that_the_marks_tell_closes_at_market() {
    let mut world = bitcoin(Policy::default(), "52000");
    world.run_for(secs(16 * 60));
    go(&mut world, "50000");
    open(&mut world, Side::Long);
    go(&mut world, "49400");
    assert_eq!(qty(&world), "0.4", "5 % lower, but only -3.6 % of margin");
    world.price(BTC, "49100");
    world.run_until("closed and swept", secs(3), is_gone);
    assert_out(&world, Rule::Crash);
}

/// The age that ships is two days; a world of one minute shows that the rule gets its input.
#[test]
fn a_position_that_loses_for_too_long_is_closed_at_market() {
    let mut policy = Policy::default();
    policy.emergency.age_max = secs(60);
    let mut world = with_policy(policy);
    go(&mut world, "49600");
    assert_eq!(qty(&world), "0.4", "-2.4 % of margin, but young");
    world.run_until("old enough, closed and swept", secs(62), is_gone);
    assert_out(&world, Rule::Age);
}

/// 1R is 1.5 % of the equity: of 20000 that is 1.5 % of this position.
fn challenge() -> Policy {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Challenge100;
    policy.profiles.challenge.time_stop = secs(60);
    policy
}

#[test]
fn a_challenge_without_its_target_in_time_is_closed_at_market() {
    let mut world = bitcoin(challenge(), "50000");
    worth(&mut world, 20_000);
    open(&mut world, Side::Long);
    go(&mut world, "50400");
    assert_eq!(qty(&world), "0.4", "no target reached, but in time");
    world.run_until("out of time, closed and swept", secs(62), is_gone);
    assert_out(&world, Rule::TimeStop);
}

#[test]
fn a_challenge_with_its_target_goes_to_breakeven_and_trails() {
    let mut world = bitcoin(challenge(), "50000");
    worth(&mut world, 20_000);
    open(&mut world, Side::Long);
    world.price(BTC, "50760");
    world.run_until("the target is closed at market", secs(3), |it| {
        qty(it) == "0.28"
    });
    world.run_until("the stop covers the costs", secs(3), |it| {
        it.working_stops(BTC) == stop("50050.2", "0.28")
    });
    assert_eq!(world.decided_by(Rule::Partial), 1);
    assert_eq!(world.decided_by(Rule::Breakeven), 1);
    world.run_for(secs(90));
    assert_eq!(world.decided_by(Rule::TimeStop), 0, "it has its target");
    // Two average true ranges behind the price: the default of 1 % each, so far.
    go(&mut world, "51500");
    assert_stop(&world, Rule::Trailing, 1, &stop("50470", "0.28"));
}

/// Both stops have fired and hang; the guard does not wait for their grace to run out.
#[test]
fn the_loss_guard_closes_what_hanging_stops_do_not() {
    let mut world = bitcoin(Policy::default(), "50000");
    world.venue_faults(FaultPlan {
        stuck_triggering_ppm: 1_000_000,
        ..FaultPlan::default()
    });
    open(&mut world, Side::Long);
    assert_eq!(world.naked_ms(), 0);
    world.allow_naked(secs(2));
    world.price(BTC, "47950");
    world.run_for(Span::from_millis(300));
    assert_eq!(qty(&world), "0.4", "-12.3 % of margin");
    world.price(BTC, "47910");
    world.run_until("closed", Span::from_millis(900), |it| {
        it.position(BTC).is_none()
    });
    assert_eq!(world.decided_by(Rule::LossGuard), 1);
    assert_eq!(world.decisions("full_exit_now"), 1);
    assert_eq!(sent(&world, "MARKET"), 1);
}

/// 25 % rest at 0.5 R, 25 % close at market at 1 R, 50 % at 2 R; 1 R is 2.5 %.
#[test]
fn a_leg_at_market_closes_its_share() {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Static;
    let mut world = with_policy(policy);
    assert_eq!(world.ladder(BTC), [target(1, "50625.1", "0.1")]);
    go(&mut world, "50625.1");
    assert_eq!((qty(&world).as_str(), sent(&world, "MARKET")), ("0.3", 0));
    go(&mut world, "51250.2");
    assert_eq!((qty(&world).as_str(), sent(&world, "MARKET")), ("0.2", 1));
    assert_eq!(world.working_stops(BTC)[0].1, "0.2");
    world.price(BTC, "52500.2");
    world.run_until("all is closed and swept", secs(4), is_gone);
    assert_eq!(
        (world.decided_by(Rule::Partial), sent(&world, "MARKET")),
        (2, 2)
    );
    assert_eq!(world.decisions("full_exit_now"), 0);
    assert_eq!(world.naked_ms(), 0);
}

/// The mark is here before the venue tells that the target, which it passed, was filled.
#[test]
fn a_jump_over_a_target_to_a_leg_at_market_closes_both_shares_once() {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Static;
    let mut world = with_policy(policy);
    go(&mut world, "51250.2");
    assert_eq!(qty(&world), "0.2", "{}", world.tail());
    assert_eq!(world.working_stops(BTC)[0].1, "0.2");
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn a_newer_plan_moves_the_targets_and_not_the_stop() {
    let mut world = with_policy(Policy::default());
    let ladder = [target(1, "50750.1", "0.1"), target(2, "51500.1", "0.1")];
    assert_eq!(world.ladder(BTC), ladder);
    assert_eq!(world.decided_by(Rule::Targets), 1);
    let stops = sent(&world, "STOP_MARKET");
    // 3.12 % instead of 3: the first target would move by 0.06 %, the second by more than 0.1 %.
    world.hint(BTC, 312, 250, 150, 8_500);
    world.run_for(secs(2));
    let ladder = [target(1, "50750.1", "0.1"), target(2, "51560.1", "0.1")];
    assert_eq!(world.ladder(BTC), ladder, "{}", world.tail());
    world.hint(BTC, 400, 250, 150, 8_500);
    world.run_for(secs(2));
    let ladder = [target(1, "51000.1", "0.1"), target(2, "52000.1", "0.1")];
    assert_eq!(world.ladder(BTC), ladder);
    assert_eq!(world.decided_by(Rule::Targets), 3);
    assert_eq!(
        sent(&world, "STOP_MARKET"),
        stops,
        "the stop is not touched"
    );
    assert_eq!(world.naked_ms(), 0);
}

/// 3 % by the learned policy's advice, farther than the base's 2.5 %: the first stop is the plan's.
#[test]
fn the_first_stop_is_the_one_of_the_plan() {
    let mut world = bitcoin(Policy::default(), "50000");
    world.hint(BTC, 300, 300, 150, 8_500);
    world.run_for(secs(1));
    open(&mut world, Side::Long);
    assert_stop(&world, Rule::InitialStop, 1, &stop("48500.1", "0.4"));
    assert_eq!(world.disaster_stops(BTC), ["48333.5"]);
    assert_eq!(sent(&world, "STOP_MARKET"), 2, "placed once each");
}

#[test]
fn without_a_planner_the_first_stop_lies_at_the_base_distance() {
    let mut world = bitcoin(Policy::default(), "50000");
    world.crash(Service::Planner);
    open(&mut world, Side::Long);
    assert_stop(&world, Rule::InitialStop, 1, &stop("48750.1", "0.4"));
    assert!(world.ladder(BTC).is_empty());
}

#[test]
fn breakeven_covers_both_fees() {
    let mut world = with_policy(late_trail());
    go(&mut world, "50750.1");
    assert_eq!(
        world.decided_by(Rule::Breakeven),
        0,
        "1.5 % is not above it"
    );
    go(&mut world, "50760");
    assert_stop(&world, Rule::Breakeven, 1, &stop("50050.2", "0.3"));
}

/// Of `TREND_DEFAULT` 35 % trail from 1.5 R on: 2 % behind, from 3 R 1.5 %, from 5 R 1 %.
#[test]
fn the_trailing_distance_tightens_with_the_profit() {
    let mut policy = Policy::default();
    policy.profiles.mode = ProfileMode::Static;
    policy.profiles.mapping = vec![Mapping {
        symbol: BTC.into(),
        strategy: "*".into(),
        regime: Regime::Normal,
        profile: "TREND_DEFAULT".into(),
    }];
    let mut world = with_policy(policy);
    for price in ["50700", "51300", "51870"] {
        go(&mut world, price);
        assert_eq!(world.decided_by(Rule::Trailing), 0, "at {price}");
    }
    go(&mut world, "52500.2");
    assert_stop(&world, Rule::Trailing, 1, &stop("51450.2", "0.14"));
    go(&mut world, "54000");
    assert_stop(&world, Rule::Trailing, 2, &stop("53190", "0.14"));
    go(&mut world, "56500");
    assert_stop(&world, Rule::Trailing, 3, &stop("55935", "0.14"));
    go(&mut world, "55940");
    assert_eq!(qty(&world), "0.14");
    world.price(BTC, "55930");
    world.run_until("the stop closes it", secs(3), is_gone);
    assert_eq!(sent(&world, "MARKET"), 2, "the two legs at market");
    assert_eq!(world.naked_ms(), 0);
}

#[test]
fn filled_targets_ratchet_the_stop() {
    for first in [StepClose::Limit, StepClose::Market] {
        let mut policy = late_trail();
        policy.ladder.steps[0].close = first;
        let mut world = with_policy(policy);
        go(&mut world, "50750.1");
        assert_stop(&world, Rule::Ratchet, 1, &stop("50000.1", "0.3"));
        go(&mut world, "51500.1");
        assert_stop(&world, Rule::Ratchet, 2, &stop("50750.1", "0.2"));
    }
}

#[test]
fn a_ratchet_that_is_switched_off_leaves_the_stop() {
    let mut policy = late_trail();
    policy.stops.ratchet = false;
    let mut world = with_policy(policy);
    go(&mut world, "50750.1");
    assert_stop(&world, Rule::Ratchet, 0, &stop("48750.1", "0.3"));
}

/// The planner is dead: its last plan stands, and the profit is locked all the same.
#[test]
fn profit_is_locked_under_a_standing_plan() {
    let mut policy = late_trail();
    policy.stops.ratchet = false;
    let mut world = with_policy(policy);
    world.crash(Service::Planner);
    go(&mut world, "51660");
    assert_eq!(world.decided_by(Rule::ProfitLock), 0, "9.96 % of margin");
    assert_eq!(world.working_stops(BTC), stop("50050.2", "0.2"));
    go(&mut world, "51670");
    assert_stop(&world, Rule::ProfitLock, 1, &stop("50100.2", "0.2"));
    world.price(BTC, "50100");
    world.run_until("stopped out in profit", secs(3), is_gone);
}
