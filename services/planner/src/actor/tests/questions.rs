//! An incumbent asks, the planner answers or says why not.

use super::*;

use domain::Module;

/// A question about life `epoch` of the position, good for 200 ms.
fn question(millis: i64, id: u64, epoch: u64) -> PlanRequest {
    PlanRequest {
        id,
        module: Module::DynamicTpsl,
        key: snapshot(0, epoch, "1").position.key,
        epoch: Epoch(epoch),
        at: at(millis),
        expires_at: at(millis + 200),
    }
}

impl Run {
    fn ask(&mut self, millis: i64, request: PlanRequest) -> &mut Self {
        self.hear(millis, Heard::PlanRequest(request))
    }

    /// Why the last question was not answered, and under what name that is counted.
    fn refusal(&mut self, counted: &str) -> &str {
        self.beat(100_000, 100_000);
        assert_eq!(self.counter(&format!("requests_refused.{counted}")), 1);
        self.replies.last().unwrap().answer.as_ref().unwrap_err()
    }
}

#[test]
fn m100_the_answer_is_the_active_plan_in_the_askers_terms() {
    let mut run = Run::new();
    run.hear(0, open(0)).ask(100, question(100, 42, 7));
    let reply = run.replies.pop().unwrap();
    assert_eq!((reply.id, reply.epoch), (42, Epoch(7)));
    assert_eq!((&reply.module, reply.at), (&Module::DynamicTpsl, at(100)));
    let told = reply.answer.unwrap();
    // The first target of the ladder is half of 3 %.
    assert_eq!(told.tp_percent, Ratio::basis_points(150));
    assert_eq!(told.sl_percent, Ratio::basis_points(250));
    assert_eq!(told.trail_percent, Ratio::basis_points(150));
    assert!(told.partial_tp);
    assert_eq!(told.rationale, run.last().reason);
    assert_eq!(told.confidence, Ratio::basis_points(7_500));
    assert_eq!(run.plans.len(), 1, "a question makes no plan");
    run.beat(200, 200);
    assert_eq!(run.counter("requests_answered"), 1);
}

#[test]
fn a_question_about_a_position_that_is_not_known_is_refused_in_words() {
    let mut run = Run::new();
    run.ask(0, question(0, 1, 7));
    let why = run.refusal("unknown_position");
    assert!(why.contains("main.BTCUSDT.LONG is not known"), "{why}");
}

#[test]
fn a_question_about_another_life_is_refused_in_words() {
    let mut run = Run::new();
    run.hear(0, open(0)).ask(0, question(0, 1, 8));
    let why = run.refusal("other_epoch");
    assert!(why.contains("life 7") && why.contains("life 8"), "{why}");
}

#[test]
fn a_question_about_a_proven_flat_position_is_refused() {
    let mut run = Run::new();
    run.hear(0, open(0));
    run.hear(100, Heard::Position(snapshot(100, 7, "0")));
    run.ask(100, question(100, 1, 7));
    run.refusal("unknown_position");
}

#[test]
fn an_emergency_plan_is_refused_as_what_it_is() {
    let mut run = Run::new();
    run.hear(0, risk(0, RiskMode::EssActive)).hear(0, open(0));
    run.ask(0, question(0, 1, 7));
    let why = run.refusal("emergency");
    assert!(why.contains("close now"), "{why}");
}

#[test]
fn a_locked_profit_is_refused_as_what_it_is() {
    let mut run = Run::new();
    run.hear(0, mark(0, "102")).hear(0, open(0));
    run.ask(0, question(0, 1, 7));
    let why = run.refusal("locked");
    assert!(why.contains("locks the profit"), "{why}");
}

#[test]
fn a_question_that_has_run_out_is_not_answered() {
    let mut run = Run::new();
    run.hear(0, open(0));
    run.ask(199, question(0, 1, 7));
    assert_eq!(run.replies.len(), 1);
    run.ask(200, question(0, 2, 7));
    assert_eq!(run.replies.len(), 1);
    run.beat(300, 300);
    assert_eq!(run.counter("requests_expired"), 1);
    assert_eq!(run.counter("requests_answered"), 1);
}
