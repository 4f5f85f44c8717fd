//! Strategies for plans, and for an incumbent's question with its answer.

use domain::Span;
use domain::ids::Epoch;
use domain::plan::convert::DynamicTpsl;
use domain::plan::request::{PlanReply, PlanRequest};
use domain::plan::{
    ExitLeg, ExitPlan, LegKind, PlanId, PlanStep, StepName, Strategy as PlanStrategy,
};
use domain::policy::Tightening;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use super::{distance, key, module, price, qty, ratio, regime, share, time, token, words};

fn tightening() -> impl Strategy<Value = Tightening> {
    (ratio(), ratio()).prop_map(|(from_r, callback)| Tightening { from_r, callback })
}

fn leg() -> impl Strategy<Value = ExitLeg> {
    use LegKind::{Emergency, Partial, Stop, TakeProfit, Trail};
    let kind = select(vec![TakeProfit, Stop, Trail, Partial, Emergency]);
    let distances = (
        option::of(ratio()),
        option::of(ratio()),
        option::of(ratio()),
    );
    let r_multiple = option::of((0_i64..100_000).prop_map(|n| Decimal::new(n, 4)));
    (
        kind,
        share(),
        option::of(price()),
        distances,
        vec(tightening(), 0..3),
        r_multiple,
        any::<u8>(),
    )
        .prop_map(
            |(kind, size, trigger_price, distances, tightening, r_multiple, priority)| {
                let (offset, callback, target_multiple) = distances;
                ExitLeg {
                    kind,
                    size,
                    offset,
                    trigger_price,
                    callback,
                    tightening,
                    target_multiple,
                    r_multiple,
                    priority,
                }
            },
        )
}

fn step() -> impl Strategy<Value = PlanStep> {
    let name = select(StepName::ALL.to_vec());
    (name, ratio(), ratio(), ratio(), words()).prop_map(|(name, target, stop, trail, note)| {
        PlanStep {
            name,
            target,
            stop,
            trail,
            note,
        }
    })
}

fn time_stop() -> impl Strategy<Value = Span> {
    (1_i64..=365 * 24 * 3_600 * 1_000_000).prop_map(Span::from_micros)
}

pub fn exit_plan() -> impl Strategy<Value = ExitPlan> {
    use PlanStrategy::{EmergencyExit, ProfitLock, StandardLadder};
    let strategy = select(vec![StandardLadder, ProfitLock, EmergencyExit]);
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    let ratios = (share(), ratio(), ratio(), ratio());
    let trading = (token(), option::of(token()), option::of(time_stop()));
    (
        numbers,
        (key(), option::of(price()), option::of(qty())),
        (vec(leg(), 0..5), vec(step(), 0..3)),
        (strategy, trading),
        ratios,
        regime(),
        words(),
        (time(), time()),
    )
        .prop_map(
            |(numbers, of, (legs, steps), (strategy, trading), ratios, regime, reason, times)| {
                let (key, entry_price, opened_qty) = of;
                let (id, epoch, policy_hash, inputs_digest) = numbers;
                let (strategy_id, profile, time_stop) = trading;
                let (confidence, target, stop, trail) = ratios;
                ExitPlan {
                    id: PlanId(id),
                    key,
                    epoch: Epoch(epoch),
                    entry_price,
                    opened_qty,
                    legs,
                    strategy,
                    confidence,
                    regime,
                    strategy_id,
                    profile,
                    target,
                    stop,
                    trail,
                    time_stop,
                    steps,
                    reason,
                    policy_hash,
                    inputs_digest,
                    created_at: times.0,
                    expires_at: times.1,
                }
            },
        )
}

pub fn plan_request() -> impl Strategy<Value = PlanRequest> {
    let ids = (any::<u64>(), any::<u64>());
    (ids, module(), key(), time(), time()).prop_map(|((id, epoch), module, key, at, expires_at)| {
        PlanRequest {
            id,
            module,
            key,
            epoch: Epoch(epoch),
            at,
            expires_at,
        }
    })
}

fn dynamic_tpsl() -> impl Strategy<Value = DynamicTpsl> {
    let distances = (distance(), distance(), distance());
    (distances, any::<bool>(), words(), share()).prop_map(
        |((tp_percent, sl_percent, trail_percent), partial_tp, rationale, confidence)| {
            DynamicTpsl {
                tp_percent,
                sl_percent,
                trail_percent,
                partial_tp,
                rationale,
                confidence,
            }
        },
    )
}

pub fn plan_reply() -> impl Strategy<Value = PlanReply> {
    let ids = (any::<u64>(), any::<u64>());
    let answer = prop_oneof![dynamic_tpsl().prop_map(Ok), words().prop_map(Err)];
    (ids, module(), key(), answer, time()).prop_map(|((id, epoch), module, key, answer, at)| {
        PlanReply {
            id,
            module,
            key,
            epoch: Epoch(epoch),
            answer,
            at,
        }
    })
}
