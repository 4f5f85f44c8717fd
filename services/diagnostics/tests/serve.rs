//! The endpoints over real sockets: what they answer, and that they answer when all else fails.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::thread;

use bus::Heard;
use common::served::{Served, calls, clock, live, serve};
use common::*;
use diagnostics::server::Listeners;
use diagnostics::{DiagnosticsActor, status};
use domain::Span;
use domain::decision::Action;
use proto::wire::status_client::StatusClient;
use proto::wire::{PlansRequest, StatusRequest, TpPerformanceRequest};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Status code, headers, body.
fn get(served: &Served, path: &str) -> (u16, String, String) {
    get_as(served, path, "*/*")
}

fn get_as(served: &Served, path: &str, accept: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(served.addresses.http).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let code = head.split(' ').nth(1).unwrap().parse().unwrap();
    (code, head.to_lowercase(), body.into())
}

#[test]
fn m066_the_endpoint_and_grpc_say_the_same() {
    let actor = live();
    let expected = status::document(&actor.status(clock())).unwrap();
    let served = serve(actor);
    let (code, head, body) = get(&served, "/health/exit_brain_status");
    assert_eq!((code, body.as_str()), (200, expected.as_str()));
    assert!(head.contains("application/json"), "{head}");
    let told = calls(&served, async |channel| {
        let answer = StatusClient::new(channel).get(StatusRequest {}).await;
        answer.unwrap().into_inner()
    });
    assert_eq!(status::document(&told).unwrap(), expected);
}

#[test]
fn grpc_tells_the_plans_that_are_asked_for() {
    let mut actor = live();
    hear(&mut actor, NOW, Heard::Plan(plan(0xabc, 5, NOW)));
    let served = serve(actor);
    let ask = |symbol: &str| PlansRequest {
        symbol: Some(symbol.into()),
        side: None,
    };
    let told = calls(&served, async |channel| {
        let mut client = StatusClient::new(channel);
        let told = client.plans(ask("BTCUSDT")).await.unwrap().into_inner();
        let none = client.plans(ask("ETHUSDT")).await.unwrap().into_inner();
        assert!(none.plans.is_empty(), "{none:?}");
        told.plans
    });
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id, "0000000000000abc");
}

#[test]
fn grpc_tells_how_targets_perform() {
    let actor = common::targets::one_hit_one_premature();
    let asked = TpPerformanceRequest {
        symbol: Some("BTCUSDT".into()),
    };
    let expected = diagnostics::performance::list(actor.model(), &asked, clock());
    let served = serve(actor);
    let told = calls(&served, async |channel| {
        let answer = StatusClient::new(channel).tp_performance(asked).await;
        answer.unwrap().into_inner()
    });
    assert_eq!(told, expected);
    assert_eq!(told.symbols[0].targets[0].hit, Some(1));
}

#[test]
fn readiness_needs_the_bus_and_both_gates_but_liveness_nothing() {
    let served = serve(live());
    assert_eq!(get(&served, "/readyz").0, 200);
    served.connected.store(false, Ordering::SeqCst);
    let (code, _, body) = get(&served, "/readyz?verbose");
    assert_eq!(code, 503);
    assert!(body.contains("[-]bus failed: no connection"), "{body}");
    assert!(body.contains("[+]gateway-guard ok"), "{body}");
    assert!(body.contains("[+]gateway ok"), "{body}");
    assert_eq!(get(&served, "/livez").0, 200);
    assert_eq!(get(&served, "/healthz").0, 200);
    let alone = serve(actor());
    let (code, _, body) = get(&alone, "/readyz");
    assert_eq!(code, 503);
    assert!(
        body.contains("[-]gateway failed: no heartbeat yet"),
        "{body}"
    );
    assert!(!body.contains("[+]"), "{body}");
}

#[test]
fn a_broken_read_model_is_an_error_with_its_detail() {
    let served = serve(live());
    let shared = served.shared.clone();
    let broken = thread::spawn(move || shared.read(|_| panic!("as a rule that fails would")));
    assert!(broken.join().is_err());
    let (code, _, body) = get(&served, "/health/exit_brain_status");
    assert_eq!(code, 500);
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(json["detail"].as_str().unwrap().contains("read model"));
    assert_eq!(get(&served, "/metrics").0, 500);
    assert_eq!(get(&served, "/livez").0, 200);
}

/// A system in which everything has happened that is counted.
fn busy() -> DiagnosticsActor {
    let mut actor = live();
    let mut guard = heartbeat("gateway-guard", live_flags(), later(1));
    guard.metrics.blocked_by_module = counts(&[("position_monitor", 18)]);
    guard.metrics.ownership_conflicts = 18;
    guard.metrics.denied_by_code = counts(&[("INTENT_EXPIRED", 2)]);
    guard.counters = counts(&[
        ("verdict.denied.position_monitor.sl.LIVE", 18),
        ("positions_naked", 1),
        ("intent.gaps", 4),
        ("bus.disconnects", 2),
    ]);
    let mut gateway = heartbeat("gateway", live_flags(), later(1));
    gateway.metrics.sent_by_module = counts(&[("exit_executor", 49)]);
    gateway.metrics.venue_errors = counts(&[("-2021", 3)]);
    gateway.counters = counts(&[("alarms", 5), ("approvals.bus.disconnects", 6)]);
    let naked = snapshot(
        position("ETHUSDT", "2", NOW - Span::from_secs(9)),
        Vec::new(),
        NOW,
    );
    let noted = decision(Action::NoChange, NOW);
    let decided = Heard::Decision {
        live: false,
        decision: noted,
    };
    let latency = event(
        domain::order::OrderStatus::Submitting,
        Some(Span::from_micros(850)),
        NOW,
    );
    let unknown = event(domain::order::OrderStatus::Unknown, None, NOW);
    for heard in [
        Heard::Health(guard),
        Heard::Health(gateway),
        Heard::Position(naked),
        Heard::Event(latency),
        Heard::Event(unknown.clone()),
        Heard::Event(unknown),
        decided,
    ] {
        hear(&mut actor, NOW, heard);
    }
    actor
}

#[test]
fn metrics_bear_the_names_that_alerts_are_written_for() {
    let served = serve(busy());
    let (code, head, body) = get(&served, "/metrics");
    assert_eq!(code, 200);
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let (_, head, open) = get_as(&served, "/metrics", "application/openmetrics-text");
    assert!(head.contains("openmetrics-text; version=1.0.0"), "{head}");
    assert!(
        open.contains("\n# UNIT exitbrain_tick_to_order_seconds seconds\n"),
        "{open}"
    );
    assert!(
        open.ends_with("# EOF\n") && !body.contains("# EOF"),
        "{open}"
    );
    for line in [
        "exitbrain_naked_positions 1",
        "exitbrain_blocked_legacy_orders_total 18",
        "exitbrain_ownership_conflicts_total 18",
        "exitbrain_exit_orders_total 67",
        "exitbrain_orders_submitted_total{module=\"exit_executor\"} 49",
        "exitbrain_orders_sent_total{module=\"exit_executor\",kind=\"sl\",result=\"unknown\"} 1",
        "exitbrain_order_status_unknown 1",
        "exitbrain_guard_verdicts_total{verdict=\"denied\",module=\"position_monitor\",\
         kind=\"sl\",mode=\"LIVE\"} 18",
        "exitbrain_unprotected_quantity_ratio 1.0",
        "exitbrain_service_naked_positions{service=\"gateway-guard\",replica=\"one\"} 1",
        "exitbrain_stream_gap_total{service=\"gateway-guard\",replica=\"one\",stream=\"intent\"} 4",
        "exitbrain_bus_faults_total{service=\"gateway-guard\",replica=\"one\",\
         fault=\"disconnects\"} 2",
        "exitbrain_bus_faults_total{service=\"gateway\",replica=\"one\",\
         fault=\"approvals.disconnects\"} 6",
        "exitbrain_alarms_total{service=\"gateway\",replica=\"one\"} 5",
        "exitbrain_decisions_total{type=\"no_change\",mode=\"SHADOW\"} 1",
        "exitbrain_guard_denials_total{code=\"INTENT_EXPIRED\"} 2",
        "exitbrain_venue_errors_total{code=\"-2021\"} 3",
        "exitbrain_effective_mode_info{mode=\"LIVE\"} 1",
        "exitbrain_flag_state{flag=\"EXIT_EXECUTOR_MODE\",value=\"LIVE\"} 1",
        "exitbrain_service_up{service=\"executor\"} 1",
        "exitbrain_service_up{service=\"market\"} 0",
        "exitbrain_tick_to_order_seconds_bucket{le=\"0.0005\"} 0",
        "exitbrain_tick_to_order_seconds_bucket{le=\"0.001\"} 1",
        "exitbrain_tick_to_order_seconds_bucket{le=\"+Inf\"} 1",
        "exitbrain_tick_to_order_seconds_sum 0.00085",
    ] {
        assert!(body.lines().any(|it| it == line), "no {line:?} in\n{body}");
    }
    assert!(body.contains("exitbrain_build_info{version="), "{body}");
}

#[test]
fn grpc_health_names_each_service_and_the_server_itself() {
    let served = serve(live());
    let serving = calls(&served, async |channel| {
        let mut client = HealthClient::new(channel);
        let mut answers = Vec::new();
        for service in ["", "gateway", "market"] {
            let request = HealthCheckRequest {
                service: service.into(),
            };
            // The first look at the services may still be on its way.
            let answer = loop {
                match client.check(request.clone()).await {
                    Ok(answer) => break answer.into_inner().status,
                    Err(status) => assert_eq!(status.code(), tonic::Code::NotFound),
                }
                tokio::task::yield_now().await;
            };
            answers.push((service, answer));
        }
        answers
    });
    // SERVING = 1, NOT_SERVING = 2 (grpc.health.v1).
    assert_eq!(serving, [("", 1), ("gateway", 1), ("market", 2)]);
}

#[test]
fn m069_grpc_reflection_lists_the_status_service() {
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, server_reflection_response};
    let served = serve(live());
    let listed = calls(&served, async |channel| {
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let requests = futures_util::stream::iter([request]);
        let mut client = ServerReflectionClient::new(channel);
        let answers = client.server_reflection_info(requests).await.unwrap();
        let answer = answers.into_inner().message().await.unwrap().unwrap();
        answer.message_response.unwrap()
    });
    let server_reflection_response::MessageResponse::ListServicesResponse(list) = listed else {
        panic!("no list of services: {listed:?}");
    };
    let names: Vec<_> = list.service.iter().map(|it| it.name.as_str()).collect();
    for name in ["exitbrain.v1.Status", "grpc.health.v1.Health"] {
        assert!(names.contains(&name), "{name} not in {names:?}");
    }
}

#[test]
fn a_taken_port_is_named_with_its_setting() {
    let served = serve(actor());
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let error = Listeners::bind(served.addresses.http, free).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("diagnostics.http_listen = 127.0.0.1:"),
        "{text}"
    );
}
