//! Faults that only a socket can show: cuts, late answers, hang-ups.

use super::*;

async fn follow(venue: &Running, plan: &Value) {
    assert_eq!(venue.post("/paper/faults", plan).await.0, 200);
}

const PRICE: &str = r#"{"symbol":"BTCUSDT","price":60000}"#;
const BUY: &str = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";

async fn buy(venue: &Running) -> Result<reqwest::Response, reqwest::Error> {
    let url = format!("http://{}/fapi/v1/order?{BUY}", venue.host);
    reqwest::Client::new().post(url).send().await
}

async fn is_flat(venue: &Running) -> bool {
    let risk = venue.get("/fapi/v3/positionRisk?symbol=BTCUSDT").await;
    risk.as_array().unwrap().is_empty()
}

#[tokio::test]
async fn a_connection_is_cut_without_an_answer_before_or_after_execution() {
    for (action, executed) in [("lose_then_cut", false), ("execute_then_cut", true)] {
        let venue = Running::start("manual").await;
        venue
            .send(reqwest::Method::POST, "/paper/price", PRICE.to_owned())
            .await;
        let rule = json!({"method": "POST", "often": {"times": 1}, "action": action});
        follow(&venue, &json!({"requests": [rule]})).await;
        assert!(buy(&venue).await.is_err(), "{action}");
        assert_eq!(!is_flat(&venue).await, executed, "{action}");
        assert_eq!(buy(&venue).await.unwrap().status(), 200);
        venue.end().await;
    }
}

#[tokio::test]
async fn the_websocket_api_is_cut_too_and_a_slow_answer_lets_later_ones_pass() {
    let venue = Running::start("manual").await;
    let slow = json!({"path": "time", "action": {"slow": {"ms": 50}}});
    let cut = json!({"path": "depth", "action": "lose_then_cut"});
    follow(&venue, &json!({"requests": [slow, cut]})).await;
    let mut api = venue.connect("/ws-fapi/v1").await;
    for method in ["time", "ping"] {
        let frame = json!({"id": method, "method": method}).to_string();
        api.send(Message::from(frame)).await.unwrap();
    }
    assert_eq!(next(&mut api).await["id"], "ping");
    assert_eq!(next(&mut api).await["id"], "time");
    let frame = json!({"id": 1, "method": "depth"}).to_string();
    api.send(Message::from(frame)).await.unwrap();
    assert!(!matches!(api.next().await, Some(Ok(Message::Text(_)))));
    venue.end().await;
}

async fn is_hung_up_on(socket: &mut Socket) {
    loop {
        match tokio::time::timeout(PATIENCE, socket.next()).await.unwrap() {
            Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test]
async fn a_hang_up_ends_the_sockets_it_names_and_no_others() {
    let venue = Running::start("manual").await;
    let mut user = venue.connect("/private/ws/some-key").await;
    let mut market = venue.connect("/market/ws/btcusdt@markPrice").await;
    let mut api = venue.connect("/ws-fapi/v1").await;
    let hang_up = |kind: &str| json!({"timed": [{"action": {"hang_up": kind}}]});
    follow(&venue, &hang_up("user")).await;
    is_hung_up_on(&mut user).await;
    follow(&venue, &hang_up("ws_api")).await;
    is_hung_up_on(&mut api).await;
    let list = json!({"method": "LIST_SUBSCRIPTIONS", "id": 1}).to_string();
    market.send(Message::from(list)).await.unwrap();
    assert_eq!(next(&mut market).await["id"], 1);
    follow(&venue, &hang_up("all")).await;
    is_hung_up_on(&mut market).await;
    venue.end().await;
}

#[tokio::test]
async fn a_killed_listen_key_is_told_and_then_the_open_socket_is_silent() {
    let venue = Running::start("manual").await;
    let (_, key) = venue.post("/fapi/v1/listenKey", &Value::Null).await;
    let key = key["listenKey"].as_str().unwrap().to_owned();
    let mut user = venue.connect(&format!("/private/ws/{key}")).await;
    follow(&venue, &json!({"timed": [{"action": "kill_listen_key"}]})).await;
    let told = next(&mut user).await;
    assert_eq!(
        (&told["e"], &told["listenKey"]),
        (&json!("listenKeyExpired"), &json!(key))
    );
    venue
        .send(reqwest::Method::POST, "/paper/price", PRICE.to_owned())
        .await;
    assert_eq!(buy(&venue).await.unwrap().status(), 200);
    // The fill is told to nobody: the next text is the answer to this question.
    let list = json!({"method": "LIST_SUBSCRIPTIONS", "id": 2}).to_string();
    user.send(Message::from(list)).await.unwrap();
    assert_eq!(next(&mut user).await["id"], 2);
    let (status, again) = venue
        .send(reqwest::Method::PUT, "/fapi/v1/listenKey", String::new())
        .await;
    assert_eq!((status, &again["code"]), (400, &json!(-1125)));
    venue.end().await;
}

#[tokio::test]
async fn a_banned_address_gets_no_connection_of_the_websocket_api_either() {
    use tokio_tungstenite::tungstenite::Error;
    let venue = Running::start("manual").await;
    for (action, status) in [
        (json!({"limit": {"ms": 60_000}}), 429),
        (json!({"ban": {"ms": 60_000}}), 418),
    ] {
        follow(&venue, &json!({"timed": [{"action": action}]})).await;
        let refused = connect_async(format!("ws://{}/ws-fapi/v1", venue.host)).await;
        let Err(Error::Http(refused)) = refused else {
            panic!("{status}: the handshake was answered with {refused:?}");
        };
        assert_eq!(refused.status().as_u16(), status);
        assert!(refused.headers().contains_key("retry-after"));
    }
    venue.end().await;
}
