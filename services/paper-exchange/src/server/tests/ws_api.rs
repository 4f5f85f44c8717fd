//! The WebSocket API over a real socket.

use super::*;

async fn ask(socket: &mut Socket, frame: Value) -> Value {
    socket.send(Message::from(frame.to_string())).await.unwrap();
    next(socket).await
}

#[tokio::test]
async fn an_order_placed_by_socket_is_told_on_the_user_stream_and_seen_by_rest() {
    let venue = Running::start("manual").await;
    let mut api = venue.connect("/ws-fapi/v1").await;
    let key = ask(&mut api, json!({"id": 1, "method": "userDataStream.start"})).await;
    let key = key["result"]["listenKey"].as_str().unwrap().to_owned();
    let mut user = venue.connect(&format!("/private/ws/{key}")).await;
    let price = json!({"symbol": "BTCUSDT", "price": 60000});
    assert_eq!(venue.post("/paper/price", &price).await.0, 200);
    let params = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "price": "50000",
        "quantity": "0.01", "timeInForce": "GTC", "newClientOrderId": "by-socket"});
    let place = json!({"id": "p", "method": "order.place", "params": params});
    let placed = ask(&mut api, place).await;
    assert_eq!(placed["id"], "p");
    assert_eq!(placed["result"]["status"], "NEW");
    let told = next(&mut user).await;
    assert_eq!(
        (&told["o"]["c"], &told["o"]["X"]),
        (&json!("by-socket"), &json!("NEW"))
    );
    let open = venue.get("/fapi/v1/openOrders?symbol=BTCUSDT").await;
    assert_eq!(open[0]["clientOrderId"], "by-socket");
    venue.end().await;
}
