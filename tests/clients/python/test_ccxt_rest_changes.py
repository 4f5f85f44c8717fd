"""ccxt: changed orders, batches, and the rarer kinds of orders."""

import ccxt
import pytest

from ccxt_client import BTC, ETH, rest


@pytest.fixture
def ex(paper):
    exchange = rest(paper)
    exchange.load_markets()
    return exchange


def test_a_limit_order_is_changed_in_place(paper, ex):
    order = ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    changed = ex.edit_order(order["id"], BTC, "limit", "buy", 0.02, 58000)
    assert changed["id"] == order["id"] and changed["status"] == "open"
    assert changed["amount"] == 0.02 and changed["price"] == 58000
    held = ex.fetch_order(order["id"], BTC)
    assert held["amount"] == 0.02 and held["price"] == 58000
    with pytest.raises(ccxt.ExchangeError, match='"code":-5027'):
        ex.edit_order(order["id"], BTC, "limit", "buy", 0.02, 58000)
    assert ex.fetch_order(order["id"], BTC)["status"] == "open"


def test_a_batch_has_an_answer_for_each(ex):
    limit = {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01}
    first, second = ex.create_orders([{**limit, "price": 59000}, {**limit, "price": 58900}])
    assert first["status"] == second["status"] == "open"
    assert {row["price"] for row in ex.fetch_open_orders(BTC)} == {59000, 58900}
    changed = ex.edit_orders([
        {"id": first["id"], **limit, "price": 58800}, {"id": second["id"], **limit, "price": 58700},
    ])
    assert [row["price"] for row in changed] == [58800, 58700]
    canceled = ex.cancel_orders([first["id"], second["id"]], BTC)
    assert [row["status"] for row in canceled] == ["canceled", "canceled"]
    assert ex.fetch_open_orders(BTC) == []


def test_a_refused_member_leaves_the_others_alone(ex):
    limit = {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01}
    placed = ex.create_orders([{**limit, "price": 59000}, {**limit, "price": 70000}])
    # Sorted by ccxt, by the time that a refused one has not.
    assert {row["status"] for row in placed} == {"open", "rejected"}
    assert [row["info"]["code"] for row in placed if "code" in row["info"]] == [-4016]
    assert len(ex.fetch_open_orders(BTC)) == 1


def test_a_post_only_order_never_takes(ex):
    crossing = ex.create_order(BTC, "limit", "buy", 0.01, 60500, {"postOnly": True})
    assert ex.fetch_order(crossing["id"], BTC)["status"] == "expired"
    assert ex.fetch_my_trades(BTC) == []
    resting = ex.create_order(BTC, "limit", "buy", 0.01, 59900, {"postOnly": True})
    assert resting["status"] == "open" and resting["timeInForce"] == "PO"


def test_an_ioc_order_takes_what_is_there(ex):
    order = ex.create_order(BTC, "limit", "buy", 0.01, 60100, {"timeInForce": "IOC"})
    assert order["status"] == "closed" and order["filled"] == 0.01
    order = ex.create_order(BTC, "limit", "buy", 0.01, 59000, {"timeInForce": "IOC"})
    assert order["status"] == "expired" and order["filled"] == 0


def test_a_large_market_order_walks_the_book(ex):
    book = ex.fetch_order_book(BTC, 20)
    amount = round(sum(ask[1] for ask in book["asks"][:3]), 3)
    ex.create_order(BTC, "market", "buy", amount)
    trades = ex.fetch_my_trades(BTC)
    assert [trade["price"] for trade in trades] == [ask[0] for ask in book["asks"][:3]]
    assert sum(trade["amount"] for trade in trades) == pytest.approx(amount)


def test_a_stop_limit_order_leaves_a_limit_order(paper, ex):
    ex.create_order(ETH, "market", "buy", 1)
    params = {"stopLossPrice": 2900, "reduceOnly": True}
    stop = ex.create_order(ETH, "limit", "sell", 1, 2905, params)
    assert stop["info"]["orderType"] == "STOP" and stop["price"] == 2905
    paper.price("ETHUSDT", "2899")
    (resting,) = ex.fetch_open_orders(ETH)
    assert resting["price"] == 2905 and resting["type"] == "limit"
    paper.price("ETHUSDT", "2906")
    assert ex.fetch_positions([ETH]) == []


def test_a_trailing_stop_follows_the_best_price(paper, ex):
    ex.create_order(ETH, "market", "buy", 1)
    params = {"trailingPercent": 1, "reduceOnly": True}
    stop = ex.create_order(ETH, "market", "sell", 1, None, params)
    assert stop["info"]["orderType"] == "TRAILING_STOP_MARKET"
    assert float(stop["info"]["callbackRate"]) == 1
    for price in ["3050", "3100", "3080"]:
        paper.price("ETHUSDT", price)
        assert ex.fetch_positions([ETH])[0]["contracts"] == 1
    paper.price("ETHUSDT", "3068")
    assert ex.fetch_positions([ETH]) == []


def test_public_trades_are_told(paper, ex):
    paper.price("BTCUSDT", "61000")
    trades = ex.fetch_trades(BTC)
    assert trades and trades[-1]["symbol"] == BTC and trades[-1]["price"] > 0
