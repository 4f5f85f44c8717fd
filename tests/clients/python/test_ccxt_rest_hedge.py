"""ccxt in hedge mode: a long and a short of one symbol side by side."""

import ccxt
import pytest

from ccxt_client import BTC, ETH, rest

LONG = {"positionSide": "LONG"}
SHORT = {"positionSide": "SHORT"}


@pytest.fixture
def ex(hedge):
    return rest(hedge)


def sides(ex, symbol=BTC):
    return {row["side"]: row for row in ex.fetch_positions([symbol]) if row["contracts"]}


def test_the_mode_is_switched_by_the_client(paper):
    ex = rest(paper)
    ex.load_markets()
    assert ex.fetch_position_mode(BTC)["hedged"] is False
    assert ex.set_position_mode(True)["code"] == 200
    assert ex.fetch_position_mode(BTC)["hedged"] is True
    with pytest.raises(ccxt.ExchangeError, match='"code":-4059'):
        ex.set_position_mode(True)
    ex.create_order(BTC, "market", "buy", 0.01, None, LONG)
    with pytest.raises(ccxt.ExchangeError, match='"code":-4068'):
        ex.set_position_mode(False)


def test_long_and_short_stand_side_by_side(hedge, ex):
    ex.create_order(BTC, "market", "buy", 0.02, None, LONG)
    ex.create_order(BTC, "market", "sell", 0.01, None, SHORT)
    hedge.price("BTCUSDT", "61000")
    held = sides(ex)
    assert held["long"]["contracts"] == 0.02 and held["short"]["contracts"] == 0.01
    assert held["long"]["hedged"] is True and held["short"]["hedged"] is True
    assert held["long"]["unrealizedPnl"] == pytest.approx(0.02 * (61000 - 60000.1))
    assert held["short"]["unrealizedPnl"] == pytest.approx(-0.01 * (61000 - 60000))

    ex.create_order(BTC, "market", "sell", 0.02, None, LONG)
    assert set(sides(ex)) == {"short"}
    ex.create_order(BTC, "market", "buy", 0.01, None, SHORT)
    assert sides(ex) == {}
    assert hedge.amount("BTCUSDT", "SHORT") == 0


def test_ccxts_own_hedged_flag_picks_the_side(hedge, ex):
    ex.create_order(ETH, "market", "buy", 1, None, {"hedged": True})
    ex.create_order(ETH, "market", "sell", 1, None, {"hedged": True})
    assert set(sides(ex, ETH)) == {"long", "short"}
    # Reduce-only turns the side around, and is not sent.
    ex.create_order(ETH, "market", "sell", 1, None, {"hedged": True, "reduceOnly": True})
    assert set(sides(ex, ETH)) == {"short"}


def test_each_side_has_a_stop_of_its_own(hedge, ex):
    ex.create_order(BTC, "market", "buy", 0.02, None, LONG)
    ex.create_order(BTC, "market", "sell", 0.01, None, SHORT)
    close = {"closePosition": True}
    ex.create_order(BTC, "STOP_MARKET", "sell", None, None, {
        "triggerPrice": 58000, **close, **LONG})
    ex.create_order(BTC, "STOP_MARKET", "buy", None, None, {
        "triggerPrice": 62000, **close, **SHORT})
    resting = ex.fetch_open_orders(BTC, params={"trigger": True})
    assert {row["info"]["positionSide"] for row in resting} == {"LONG", "SHORT"}
    hedge.price("BTCUSDT", "57900")
    assert set(sides(ex)) == {"short"}
    hedge.price("BTCUSDT", "62100")
    assert sides(ex) == {}


def test_what_one_way_mode_takes_is_refused(ex):
    ex.load_markets()
    for code, side, params in [
        (-4061, "buy", {}),
        (-4061, "buy", {"positionSide": "BOTH"}),
        (-2022, "sell", LONG),
        (-2022, "buy", SHORT),
    ]:
        with pytest.raises(ccxt.ExchangeError, match=f'"code":{code}'):
            ex.create_order(BTC, "market", side, 0.01, None, params)
    with pytest.raises(ccxt.ExchangeError, match='"code":-(1106|4062)'):
        ex.fapiPrivatePostOrder({
            "symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.01",
            "positionSide": "LONG", "reduceOnly": "true"})
