"""python-binance in hedge mode."""

from decimal import Decimal

import pytest
from binance.client import Client
from binance.exceptions import BinanceAPIException

from binance_client import point

MARKET = {"symbol": "BTCUSDT", "type": "MARKET"}
LONG = {"positionSide": "LONG"}
SHORT = {"positionSide": "SHORT"}


@pytest.fixture
def api(hedge):
    return point(Client, hedge)(api_key=hedge.api_key, api_secret=hedge.secret)


def amounts(api):
    rows = api.futures_position_information(symbol="BTCUSDT")
    return {row["positionSide"]: Decimal(row["positionAmt"])
            for row in rows if Decimal(row["positionAmt"])}


def test_the_mode_is_switched_there_and_back(paper):
    api = point(Client, paper)(api_key=paper.api_key, api_secret=paper.secret)
    done = api.futures_change_position_mode(dualSidePosition="true")
    assert done == {"code": 200, "msg": "success"}
    assert api.futures_get_position_mode() == {"dualSidePosition": True}
    assert api.futures_account_config()["dualSidePosition"] is True
    api.futures_change_position_mode(dualSidePosition="false")
    assert api.futures_get_position_mode() == {"dualSidePosition": False}


def test_each_side_has_its_own_position_trades_and_stop(hedge, api):
    api.futures_create_order(**MARKET, **LONG, side="BUY", quantity="0.02")
    api.futures_create_order(**MARKET, **SHORT, side="SELL", quantity="0.01")
    assert amounts(api) == {"LONG": Decimal("0.02"), "SHORT": Decimal("-0.01")}
    trades = api.futures_account_trades(symbol="BTCUSDT")
    assert [trade["positionSide"] for trade in trades] == ["LONG", "SHORT"]
    stop = {"symbol": "BTCUSDT", "type": "STOP_MARKET", "closePosition": "true"}
    below = api.futures_create_order(**stop, **LONG, side="SELL", stopPrice="58000")
    above = api.futures_create_order(**stop, **SHORT, side="BUY", stopPrice="62000")
    assert (below["positionSide"], above["positionSide"]) == ("LONG", "SHORT")
    hedge.price("BTCUSDT", "62000")
    assert amounts(api) == {"LONG": Decimal("0.02")}
    state = lambda leg: api.futures_get_algo_order(algoId=leg["algoId"])["algoStatus"]
    assert (state(below), state(above)) == ("NEW", "FINISHED")


def test_a_limit_order_closes_its_side_and_is_reduce_only_by_itself(hedge, api):
    api.futures_create_order(**MARKET, **LONG, side="BUY", quantity="0.02")
    target = {"symbol": "BTCUSDT", "type": "LIMIT", "timeInForce": "GTC", "price": "61000"}
    order = api.futures_create_order(**target, **LONG, side="SELL", quantity="0.02")
    assert order["positionSide"] == "LONG" and order["reduceOnly"] is True
    hedge.price("BTCUSDT", "61100")
    assert amounts(api) == {}
    assert Decimal(api.futures_account_trades(symbol="BTCUSDT")[-1]["realizedPnl"]) == Decimal(
        "19.998")


@pytest.mark.parametrize("code, order", [
    (-4061, {**MARKET, "side": "BUY", "quantity": "0.01"}),
    (-4060, {**MARKET, "side": "BUY", "quantity": "0.01", "positionSide": "UP"}),
    (-2022, {**MARKET, **LONG, "side": "SELL", "quantity": "0.01"}),
    (-4509, {"symbol": "BTCUSDT", "type": "STOP_MARKET", "side": "SELL", **LONG,
             "closePosition": "true", "triggerPrice": "58000"}),
])
def test_refusal(api, code, order):
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_create_order(**order)
    assert caught.value.code == code, caught.value
