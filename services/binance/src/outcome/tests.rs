//! What each answer proves, by table; and that doubt about a write is never called a refusal.

use super::*;
use proptest::prelude::*;

const WRITES: [Method; 3] = [Method::Post, Method::Put, Method::Delete];

fn answer(status: u16, body: &str) -> Result<HttpResult, TransportError> {
    Ok(HttpResult {
        status,
        body: body.to_owned(),
        ..HttpResult::default()
    })
}

fn coded(status: u16, code: i32) -> Result<HttpResult, TransportError> {
    answer(status, &format!(r#"{{"code":{code},"msg":"m"}}"#))
}

#[test]
fn an_answer_that_leaves_it_open_is_unknown_for_writes_and_retryable_for_reads() {
    let unknown_text = "Unknown error, please check your request or try again later.";
    for result in [
        Err(TransportError::Timeout),
        Err(TransportError::Other),
        coded(408, -1007),
        coded(408, -1003),
        coded(503, -1008),
        coded(400, -1008),
        coded(500, -1001),
        coded(400, -1001),
        coded(400, -1006),
        coded(400, -1000),
        coded(400, -4116),
        coded(502, -2022),
        answer(503, unknown_text),
        answer(503, "Service Unavailable."),
        answer(504, "<html>gateway</html>"),
        answer(400, "<html>bad request</html>"),
        answer(400, r#"{"code":200,"msg":"odd"}"#),
        answer(404, ""),
        answer(302, ""),
    ] {
        for method in WRITES {
            let outcome = classify(method, &result);
            assert!(
                matches!(outcome, Outcome::Unknown { .. }),
                "{method:?} {result:?}"
            );
            assert_eq!(outcome.reaction(), Some(Reaction::QueryById));
        }
        let read = classify(Method::Get, &result);
        assert!(
            matches!(read, Outcome::Retryable { .. }),
            "{result:?} {read:?}"
        );
    }
}

#[test]
fn a_code_that_nobody_knows_proves_nothing() {
    for status in [400, 401, 403, 404, 500, 503] {
        let result = coded(status, -7777);
        for method in WRITES {
            let outcome = classify(method, &result);
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
            assert_eq!(outcome.reaction(), Some(Reaction::Reconcile));
        }
        let read = classify(Method::Get, &result);
        assert!(matches!(read, Outcome::Retryable { .. }), "{read:?}");
    }
}

#[test]
fn a_call_that_never_left_may_be_sent_again() {
    let outcome = classify(Method::Post, &Err(TransportError::Connect));
    assert_eq!(
        outcome,
        Outcome::Retryable {
            code: None,
            after_ms: READ_RETRY_MS
        }
    );
    assert!(outcome.is_surely_not_executed());
}

#[test]
fn a_business_refusal_is_rejected_with_its_code() {
    for code in [-2021, -2022, -4130, -4118, -4045, -2011, -2013, -1102] {
        let outcome = classify(Method::Post, &coded(400, code));
        assert_eq!(
            outcome,
            Outcome::Rejected {
                code,
                msg: "m".to_owned()
            }
        );
        assert_eq!(outcome.reaction(), Some(reaction(code)));
    }
    for (status, code) in [(401, -2015), (404, -5000)] {
        let outcome = classify(Method::Post, &coded(status, code));
        assert!(matches!(outcome, Outcome::Rejected { .. }), "{outcome:?}");
    }
}

#[test]
fn what_passes_by_itself_is_retryable_after_its_pause() {
    for (code, pause) in [(-4509, 300), (-4131, 250), (-1021, 0), (-5028, 0)] {
        let outcome = classify(Method::Post, &coded(400, code));
        assert_eq!(
            outcome,
            Outcome::Retryable {
                code: Some(code),
                after_ms: pause
            }
        );
    }
}

#[test]
fn a_limit_tells_which_and_until_when() {
    let ban = r#"{"code":-1003,"msg":"Way too many requests; IP banned until 1795178173912."}"#;
    let mut banned = HttpResult {
        status: 418,
        body: ban.to_owned(),
        ..HttpResult::default()
    };
    banned.retry_after_s = Some(120);
    let expected = Outcome::Limited {
        limit: Limit::Banned,
        until_ms: Some(1_795_178_173_912),
        retry_after_ms: Some(120_000),
    };
    assert_eq!(classify(Method::Get, &Ok(banned)), expected);
    for (result, which) in [
        (coded(429, -1003), Limit::Weight),
        (answer(429, "slow down"), Limit::Weight),
        (coded(429, -1015), Limit::Orders),
        (coded(400, -1015), Limit::Orders),
        (coded(400, -1003), Limit::Weight),
        (answer(403, "<html>blocked</html>"), Limit::Firewall),
    ] {
        for method in [Method::Get, Method::Post] {
            let outcome = classify(method, &result);
            let limit = match outcome {
                Outcome::Limited { limit, .. } => limit,
                other => panic!("{result:?} gave {other:?}"),
            };
            assert_eq!(limit, which);
        }
    }
}

#[test]
fn a_done_answer_that_cannot_be_read_is_unknown() {
    let done = classify(Method::Post, &answer(200, r#"{"orderId":1}"#));
    let read = done.clone().read(super::super::response::order);
    let Outcome::Unknown {
        why: UnknownWhy::Unreadable(error),
    } = read
    else {
        panic!("{read:?}");
    };
    assert!(error.to_string().contains("symbol"), "{error}");
    assert_eq!(done.read(|body| Ok(body.len())), Outcome::Done(13));
}

proptest! {
    /// Only a 4xx other than 408 with a business code may ever be called rejected.
    #[test]
    fn doubt_about_a_write_is_never_called_a_refusal(
        status in 100u16..=599,
        code in -6000i32..=300,
        text: bool,
        verb in 0usize..3,
    ) {
        let result = if text { answer(status, "text") } else { coded(status, code) };
        let outcome = classify(WRITES[verb], &result);
        if outcome.is_surely_not_executed() {
            prop_assert!((400..500).contains(&status) && status != 408);
            prop_assert!(![-1000, -1001, -1006, -1007, -1008].contains(&code) || status == 418
                || status == 429 || text);
        }
        let done = matches!(outcome, Outcome::Done(_));
        prop_assert_eq!(done, (200..300).contains(&status));
    }
}
