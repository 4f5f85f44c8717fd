//! An incumbent's question for a plan and its answer cross the accounts, and nobody else may say
//! either: asked of a real server.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use bus::policy::Policy;
use bus::{Heard, Identity, decode, subjects};
use common::values::{plan_reply, plan_request};
use common::{Server, next, violations};
use domain::ids::Module;

/// LIVE diverts what incumbents want, not what they ask.
#[tokio::test]
async fn dynamic_tpsl_asks_and_the_planner_answers_under_every_policy() {
    let module = Module::DynamicTpsl;
    for policy in [Policy::Legacy, Policy::Shadow, Policy::Live, Policy::Staged] {
        let server = Server::start(policy);
        let planner = server.client(Identity::Planner).await;
        let asker = server.client(Identity::DynamicTpsl).await;
        let questions = subjects::all_plan_requests();
        let answers = subjects::plan_replies_to(&module);
        let mut heard = planner.subscribe(questions.as_str()).await.unwrap();
        let mut answered = asker.subscribe(answers.as_str()).await.unwrap();

        let asked = plan_request(&module);
        let question = subjects::plan_request(&module, &asked.key).message(&asked);
        asker.publish(question).await.unwrap();
        let question = decode(&next(&mut heard).await).unwrap();
        assert_eq!(question, Heard::PlanRequest(asked), "{policy:?}");

        let said = plan_reply(&module);
        let answer = subjects::plan_reply(&module, &said.key).message(&said);
        planner.publish(answer).await.unwrap();
        let answer = decode(&next(&mut answered).await).unwrap();
        assert_eq!(answer, Heard::PlanReply(said), "{policy:?}");
        violations(&asker, 0).await;
        violations(&planner, 0).await;
    }
}

#[tokio::test]
async fn nobody_else_asks_or_answers_or_hears_the_answers_to_another() {
    let module = Module::DynamicTpsl;
    let server = Server::start(Policy::Live);
    let (asked, said) = (plan_request(&module), plan_reply(&module));
    let question = subjects::plan_request(&module, &asked.key).message(&asked);
    let answer = subjects::plan_reply(&module, &said.key).message(&said);
    let planner = server.client(Identity::Planner).await;
    let asker = server.client(Identity::DynamicTpsl).await;
    let questions = subjects::all_plan_requests();
    let answers = subjects::plan_replies_to(&module);
    let mut heard = planner.subscribe(questions.as_str()).await.unwrap();
    let mut answered = asker.subscribe(answers.as_str()).await.unwrap();
    let strangers = [
        Identity::HybridTpsl,
        Identity::PositionMonitor,
        Identity::Executor,
        Identity::Market,
        Identity::Operator,
        Identity::RlSignal,
    ];
    for identity in strangers {
        let client = server.client(identity).await;
        client.publish(question.clone()).await.unwrap();
        client.publish(answer.clone()).await.unwrap();
        let _answers = client.subscribe(answers.as_str()).await.unwrap();
        let _questions = client.subscribe(questions.as_str()).await.unwrap();
        violations(&client, 4).await;
    }
    // Not even the two that talk may say what is the other's to say.
    planner.publish(question.clone()).await.unwrap();
    violations(&planner, 1).await;
    asker.publish(answer.clone()).await.unwrap();
    violations(&asker, 1).await;

    asker.publish(question.clone()).await.unwrap();
    planner.publish(answer.clone()).await.unwrap();
    assert_eq!(next(&mut heard).await, question, "nothing came before it");
    assert_eq!(next(&mut answered).await, answer, "nothing came before it");
}

/// A module whose questions nobody takes may not ask under its own name either.
#[tokio::test]
async fn a_module_without_a_row_can_not_ask() {
    let server = Server::start(Policy::Live);
    let monitor = server.client(Identity::PositionMonitor).await;
    let asked = plan_request(&Module::PositionMonitor);
    let question = subjects::plan_request(&asked.module, &asked.key).message(&asked);
    monitor.publish(question).await.unwrap();
    violations(&monitor, 1).await;
}
