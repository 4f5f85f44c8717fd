"""python-binance: changed orders, batches, countdowns, and the rarer kinds of orders."""

from decimal import Decimal

import pytest
from binance.client import Client
from binance.exceptions import BinanceAPIException

from binance_client import point
from paper import wait_until

LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
         "quantity": "0.010"}


@pytest.fixture
def api(paper):
    return point(Client, paper)(api_key=paper.api_key, api_secret=paper.secret)


def test_a_limit_order_is_changed_in_place(paper, api):
    order = api.futures_create_order(**LIMIT, price="59000")
    ref = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    changed = api.futures_modify_order(**ref, side="BUY", quantity="0.020", price="58000")
    assert changed["orderId"] == order["orderId"] and changed["status"] == "NEW"
    assert Decimal(changed["price"]) == 58000 and Decimal(changed["origQty"]) == Decimal("0.02")
    held = paper.order(**ref)
    assert Decimal(held["price"]) == 58000
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_modify_order(**ref, side="BUY", quantity="0.020", price="58000")
    assert caught.value.code == -5027


def test_a_batch_is_placed_and_canceled(api):
    order = {name: value for name, value in LIMIT.items()}
    placed = api.futures_place_batch_order(batchOrders=[
        {**order, "price": "59000"}, {**order, "price": "58900"}, {**order, "price": "70000"},
    ])
    assert [row.get("status") for row in placed] == ["NEW", "NEW", None]
    assert placed[2]["code"] == -4016
    ids = [row["orderId"] for row in placed[:2]]
    gone = api.futures_cancel_orders(symbol="BTCUSDT", orderidlist=ids)
    assert [row["status"] for row in gone] == ["CANCELED", "CANCELED"]


def test_a_countdown_cancels_ordinary_orders_alone(api):
    api.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
    api.futures_create_order(
        symbol="BTCUSDT", side="SELL", type="STOP_MARKET", stopPrice="58000", quantity="0.01")
    api.futures_create_order(**LIMIT, price="59000")
    told = api.futures_countdown_cancel_all(symbol="BTCUSDT", countdownTime=200)
    assert told == {"symbol": "BTCUSDT", "countdownTime": "200"}
    wait_until("the countdown", lambda: api.futures_get_open_orders(symbol="BTCUSDT") == [])
    assert len(api.futures_get_open_algo_orders()) == 1


def test_a_stop_limit_order_leaves_a_limit_order(paper, api):
    api.futures_create_order(symbol="ETHUSDT", side="BUY", type="MARKET", quantity="1")
    stop = api.futures_create_order(
        symbol="ETHUSDT", side="SELL", type="STOP", stopPrice="2900", price="2905", quantity="1",
        timeInForce="GTC", reduceOnly="true")
    assert stop["orderType"] == "STOP" and Decimal(stop["price"]) == 2905
    paper.price("ETHUSDT", "2899")
    (resting,) = api.futures_get_open_orders(symbol="ETHUSDT")
    assert resting["type"] == "LIMIT" and Decimal(resting["price"]) == 2905
    fired = api.futures_get_algo_order(algoId=stop["algoId"])
    assert fired["algoStatus"] == "TRIGGERED"
    assert fired["actualOrderId"] == str(resting["orderId"])


def test_a_trailing_stop_follows_the_best_price(paper, api):
    api.futures_create_order(symbol="ETHUSDT", side="SELL", type="MARKET", quantity="1")
    stop = api.futures_create_order(
        symbol="ETHUSDT", side="BUY", type="TRAILING_STOP_MARKET", callbackRate="2",
        activatePrice="2950", quantity="1", reduceOnly="true")
    assert Decimal(stop["callbackRate"]) == 2 and Decimal(stop["activatePrice"]) == 2950
    for price in ["3050", "2940", "2900", "2950"]:
        paper.price("ETHUSDT", price)
        assert paper.amount("ETHUSDT") == -1
    paper.price("ETHUSDT", "2959")
    assert paper.amount("ETHUSDT") == 0


def test_public_trades_are_told(paper, api):
    paper.price("BTCUSDT", "61000")
    trade = api.futures_aggregate_trades(symbol="BTCUSDT")[-1]
    assert type(trade["a"]) is int and type(trade["m"]) is bool and Decimal(trade["p"]) > 0
