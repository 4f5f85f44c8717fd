"""The official Python connector: changed orders, batches, and the rarer kinds of orders."""

import asyncio
from decimal import Decimal

import pytest
from binance_common.errors import BadRequestError
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import (
    ModifyMultipleOrdersBatchOrdersParameterInner as Change,
    PlaceMultipleOrdersBatchOrdersParameterInner as Order,
)

from official import connector
from paper import wait_until

pytestmark = pytest.mark.usefixtures("strict")


@pytest.fixture
def api(paper):
    return connector(paper).rest_api


def limit(api, price, **changed):
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC",
             "quantity": 0.01, "price": price, **changed}
    return api.new_order(**order).data()


def test_a_limit_order_is_changed_in_place(paper, api):
    order = limit(api, 59000.0)
    changed = api.modify_order(
        symbol="BTCUSDT", side="BUY", quantity=0.02, price=58000.0, order_id=order.order_id).data()
    assert changed.order_id == order.order_id and changed.status == "NEW"
    assert Decimal(changed.price) == 58000 and Decimal(changed.orig_qty) == Decimal("0.02")
    held = paper.order(symbol="BTCUSDT", orderId=order.order_id)
    assert Decimal(held["origQty"]) == Decimal("0.02")
    with pytest.raises(BadRequestError) as caught:
        api.modify_order(symbol="BTCUSDT", side="BUY", quantity=0.02, price=58000.0,
                         order_id=order.order_id)
    assert caught.value.status_code == -5027


def test_a_batch_is_placed_changed_and_canceled(api):
    order = lambda price: Order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity=0.01, price=price)
    placed = api.place_multiple_orders(batch_orders=[order(59000.0), order(58900.0)]).data()
    assert [row.status for row in placed] == ["NEW", "NEW"]
    ids = [row.order_id for row in placed]
    change = lambda order_id, price: Change(
        symbol="BTCUSDT", side="BUY", orderId=order_id, quantity=0.01, price=price)
    changed = api.modify_multiple_orders(
        batch_orders=[change(ids[0], 58800.0), change(ids[1], 58700.0)]).data()
    assert [Decimal(row.price) for row in changed] == [58800, 58700]
    gone = api.cancel_multiple_orders(symbol="BTCUSDT", order_id_list=ids).data()
    assert [row.status for row in gone] == ["CANCELED", "CANCELED"]
    assert api.current_all_open_orders().data() == []


def test_a_countdown_cancels_what_rests(api):
    limit(api, 59000.0)
    told = api.auto_cancel_all_open_orders(symbol="BTCUSDT", countdown_time=200).data()
    assert told.symbol == "BTCUSDT" and told.countdown_time == "200"
    wait_until("the countdown", lambda: api.current_all_open_orders().data() == [])


def test_a_trailing_stop_and_a_stop_limit_rest(paper, api):
    api.new_order(symbol="ETHUSDT", side="BUY", type="MARKET", quantity=1.0)
    base = {"algo_type": "CONDITIONAL", "symbol": "ETHUSDT", "side": "SELL", "quantity": 1.0,
            "reduce_only": "true"}
    trailing = api.new_algo_order(
        **base, type="TRAILING_STOP_MARKET", callback_rate=1.5, activate_price=3100.0).data()
    assert Decimal(trailing.callback_rate) == Decimal("1.5")
    assert Decimal(trailing.activate_price) == 3100
    stop = api.new_algo_order(
        **base, type="STOP", trigger_price=2900.0, price=2890.0, time_in_force="GTC").data()
    assert stop.order_type == "STOP" and Decimal(stop.price) == 2890
    rows = api.current_all_algo_open_orders().data()
    assert {row.order_type for row in rows} == {"TRAILING_STOP_MARKET", "STOP"}
    paper.price("ETHUSDT", "2895")
    assert paper.amount("ETHUSDT") == 0
    assert api.query_algo_order(algo_id=stop.algo_id).data().algo_status == "FINISHED"


def test_an_order_is_changed_over_the_websocket_api(paper):
    async def test():
        api = await connector(paper).websocket_api.create_connection()
        try:
            order = (await api.new_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01,
                price=59000.0)).data().result
            changed = (await api.modify_order(
                symbol="BTCUSDT", side="BUY", quantity=0.02, price=58000.0,
                order_id=order.order_id)).data().result
            assert changed.order_id == order.order_id
            assert Decimal(changed.orig_qty) == Decimal("0.02")
            return order.order_id
        finally:
            await api.close_connection(close_session=True)

    order_id = asyncio.run(asyncio.wait_for(test(), 60))
    assert Decimal(paper.order(symbol="BTCUSDT", orderId=order_id)["price"]) == 58000
