"""The official Python connector in hedge mode, over REST and over the WebSocket API."""

import asyncio
from decimal import Decimal

import pytest
from binance_common.errors import BadRequestError

from official import connector

pytestmark = pytest.mark.usefixtures("strict")


@pytest.fixture
def api(hedge):
    return connector(hedge).rest_api


def market(api, side, position_side, quantity):
    return api.new_order(
        symbol="BTCUSDT", side=side, type="MARKET", quantity=quantity,
        position_side=position_side, new_order_resp_type="RESULT",
    ).data()


def amounts(api):
    rows = api.position_information_v2(symbol="BTCUSDT").data()
    return {row.position_side: Decimal(row.position_amt) for row in rows}


def test_there_are_three_rows_of_a_symbol(api):
    assert api.get_current_position_mode().data().dual_side_position is True
    assert market(api, "BUY", "LONG", 0.02).position_side == "LONG"
    assert market(api, "SELL", "SHORT", 0.01).position_side == "SHORT"
    assert amounts(api) == {"BOTH": 0, "LONG": Decimal("0.02"), "SHORT": Decimal("-0.01")}
    live = {row.position_side for row in api.position_information_v3(symbol="BTCUSDT").data()}
    assert live >= {"LONG", "SHORT"}


def test_a_stop_belongs_to_its_side(hedge, api):
    market(api, "BUY", "LONG", 0.02)
    market(api, "SELL", "SHORT", 0.02)
    stop = api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="BUY", type="STOP_MARKET",
        trigger_price=61000.0, close_position="true", position_side="SHORT",
    ).data()
    assert stop.position_side == "SHORT" and stop.algo_status == "NEW"
    hedge.price("BTCUSDT", "61000")
    assert amounts(api) == {"BOTH": 0, "LONG": Decimal("0.02"), "SHORT": 0}


def test_the_mode_is_kept_while_there_is_something_open(api):
    order = api.new_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01,
        price=59000.0, position_side="LONG",
    ).data()
    with pytest.raises(BadRequestError) as caught:
        api.change_position_mode(dual_side_position="false")
    assert caught.value.status_code == -4067
    api.cancel_order(symbol="BTCUSDT", order_id=order.order_id)
    assert api.change_position_mode(dual_side_position="false").data().code == 200


def test_orders_over_the_websocket_api_name_their_side(hedge):
    async def test():
        api = await connector(hedge).websocket_api.create_connection()
        try:
            order = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": 0.01}
            long = (await api.new_order(**order, side="BUY", position_side="LONG")).data()
            short = (await api.new_order(**order, side="SELL", position_side="SHORT")).data()
            assert long.result.position_side == "LONG"
            assert short.result.position_side == "SHORT"
            refused = (await api.new_order(**order, side="BUY")).data()
            assert refused["error"]["code"] == -4061
        finally:
            await api.close_connection(close_session=True)

    asyncio.run(asyncio.wait_for(test(), 60))
    assert hedge.amount("BTCUSDT", "LONG") == Decimal("0.01")
    assert hedge.amount("BTCUSDT", "SHORT") == Decimal("-0.01")
