"""ccxt's unified calls over REST: every order kind, the account, both modes, its exceptions."""

from decimal import Decimal

import ccxt
import pytest

from ccxt_client import BTC, ETH, rest
from paper import Refused


@pytest.fixture
def ex(paper):
    return rest(paper)


def test_markets_carry_the_filters_of_exchange_info(ex):
    market = ex.load_markets()[BTC]
    assert market["id"] == "BTCUSDT"
    assert market["linear"] and market["swap"] and market["active"]
    assert market["precision"]["price"] == 0.1
    assert market["precision"]["amount"] == 0.001
    assert market["limits"]["amount"]["min"] == 0.001
    assert market["limits"]["market"]["max"] == 120
    assert market["limits"]["cost"]["min"] == 50
    assert ex.price_to_precision(BTC, 60000.16) == "60000.2"
    assert ex.amount_to_precision(BTC, 0.0129) == "0.012"


def test_market_data_follows_the_price(paper, ex):
    paper.price("BTCUSDT", "61000")
    book = ex.fetch_order_book(BTC, 5)
    assert book["bids"][0][0] == 61000 and book["asks"][0][0] == 61000.1
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert [bid[0] for bid in book["bids"]] == sorted((b[0] for b in book["bids"]), reverse=True)
    ticker = ex.fetch_ticker(BTC)
    assert ticker["last"] == 61000
    assert ticker["high"] == 61000 and ticker["low"] == 60000
    sides = ex.fetch_bids_asks([BTC])[BTC]
    assert sides["bid"] == 61000 and sides["ask"] == 61000.1
    assert ex.fetch_mark_price(BTC)["markPrice"] == 61000
    assert ex.fetch_last_prices([BTC])[BTC]["price"] == 61000
    bar = ex.fetch_ohlcv(BTC, "1m")[-1]
    assert bar[0] % 60_000 == 0 and bar[4] == 61000
    assert ex.fetch_time() == pytest.approx(ex.milliseconds(), abs=5_000)


def test_the_funding_rate_has_a_next_time(ex):
    funding = ex.fetch_funding_rate(BTC)
    assert funding["fundingRate"] == 0.0001
    assert funding["fundingTimestamp"] % 28_800_000 == 0
    assert funding["fundingTimestamp"] > ex.milliseconds()


def test_a_fresh_account_shows_its_balance(ex):
    balance = ex.fetch_balance()["USDT"]
    assert balance["total"] == 1_000_000
    assert balance["free"] == 1_000_000
    assert balance["used"] == 0


def test_a_limit_order_lives_from_new_to_canceled(paper, ex):
    order = ex.create_order(BTC, "limit", "buy", 0.01, 59000, {"clientOrderId": "cx-1"})
    assert order["status"] == "open" and order["clientOrderId"] == "cx-1"
    assert order["price"] == 59000 and order["amount"] == 0.01 and order["filled"] == 0
    assert order["timeInForce"] == "GTC"
    # Ids are above 2^53: a client that reads them as doubles would ask for another order.
    assert int(order["id"]) > 2**53

    found = ex.fetch_order(order["id"], BTC)
    assert found["id"] == order["id"] and found["remaining"] == 0.01
    assert [row["id"] for row in ex.fetch_open_orders(BTC)] == [order["id"]]
    assert ex.fetch_open_order(order["id"], BTC)["price"] == 59000

    canceled = ex.cancel_order(order["id"], BTC)
    assert canceled["status"] == "canceled"
    assert ex.fetch_open_orders(BTC) == []
    assert paper.order(symbol="BTCUSDT", origClientOrderId="cx-1")["status"] == "CANCELED"


def test_a_market_order_fills_and_makes_a_position(paper, ex):
    order = ex.create_order(BTC, "market", "buy", 0.01)
    assert order["status"] == "closed" and order["filled"] == 0.01
    assert ex.fetch_order(order["id"], BTC)["average"] == 60000.1

    (trade,) = ex.fetch_my_trades(BTC)
    assert trade["order"] == order["id"]
    assert trade["price"] == 60000.1 and trade["amount"] == 0.01 and trade["side"] == "buy"
    assert trade["takerOrMaker"] == "taker"
    rate = ex.fetch_trading_fee(BTC)["taker"]
    assert trade["fee"]["currency"] == "USDT"
    assert trade["fee"]["cost"] == pytest.approx(600.001 * rate)

    paper.price("BTCUSDT", "61000")
    (position,) = ex.fetch_positions([BTC])
    assert position["side"] == "long" and position["contracts"] == 0.01
    assert position["entryPrice"] == 60000.1 and position["markPrice"] == 61000
    assert position["unrealizedPnl"] == pytest.approx(9.999)
    assert position["hedged"] is False

    balance = ex.fetch_balance()["USDT"]
    assert balance["total"] == pytest.approx(1_000_000 + 9.999 - trade["fee"]["cost"])
    assert balance["used"] > 0

    closed = ex.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    assert closed["reduceOnly"] is True
    assert ex.fetch_positions([BTC]) == []
    assert float(ex.fetch_my_trades(BTC)[-1]["info"]["realizedPnl"]) == pytest.approx(9.999)


def test_a_crossing_limit_order_takes_the_book(ex):
    order = ex.create_order(BTC, "limit", "buy", 0.01, 60500)
    assert order["status"] == "closed"
    assert ex.fetch_order(order["id"], BTC)["average"] == 60000.1


def test_a_resting_order_fills_when_the_price_comes(paper, ex):
    order = ex.create_order(ETH, "limit", "sell", 1, 3010)
    paper.price("ETHUSDT", "3015")
    found = ex.fetch_order(order["id"], ETH)
    assert found["status"] == "closed" and found["average"] == 3010
    (trade,) = ex.fetch_my_trades(ETH)
    assert trade["takerOrMaker"] == "maker"
    assert ex.fetch_positions([ETH])[0]["side"] == "short"


def test_orders_are_told_apart_by_their_end(ex):
    filled = ex.create_order(BTC, "market", "buy", 0.01)
    canceled = ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    resting = ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    ex.cancel_order(canceled["id"], BTC)
    ids = lambda rows: {row["id"] for row in rows}
    assert ids(ex.fetch_orders(BTC)) == {filled["id"], canceled["id"], resting["id"]}
    assert ids(ex.fetch_closed_orders(BTC)) == {filled["id"]}
    assert ids(ex.fetch_canceled_orders(BTC)) == {canceled["id"]}
    assert ids(ex.fetch_open_orders(BTC)) == {resting["id"]}


def test_cancel_all_leaves_conditional_orders_alone(ex):
    ex.create_order(BTC, "market", "buy", 0.01)
    ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    ex.create_order(BTC, "limit", "buy", 0.01, 58000)
    stop = ex.create_order(BTC, "market", "sell", 0.01, None, {"stopLossPrice": 58500})
    ex.cancel_all_orders(BTC)
    assert ex.fetch_open_orders(BTC) == []
    (resting,) = ex.fetch_open_orders(BTC, params={"trigger": True})
    assert resting["id"] == stop["id"]
    ex.cancel_all_orders(BTC, {"trigger": True})
    assert ex.fetch_open_orders(BTC, params={"trigger": True}) == []


def test_a_stop_order_rests_and_fires(paper, ex):
    ex.create_order(BTC, "market", "buy", 0.02)
    params = {"stopLossPrice": 58000, "reduceOnly": True, "clientOrderId": "cx-stop"}
    stop = ex.create_order(BTC, "market", "sell", 0.02, None, params)
    assert stop["status"] == "open" and stop["triggerPrice"] == 58000
    assert stop["amount"] == 0.02 and stop["reduceOnly"] is True
    found = ex.fetch_order(stop["id"], BTC, {"trigger": True})
    assert found["clientOrderId"] == "cx-stop" and found["status"] == "open"

    paper.price("BTCUSDT", "57990")
    fired = ex.fetch_order(stop["id"], BTC, {"trigger": True})
    assert fired["info"]["algoStatus"] == "FINISHED"
    assert paper.amount("BTCUSDT") == 0
    child = ex.fetch_order(fired["info"]["actualOrderId"], BTC)
    assert child["type"] == "market" and child["filled"] == 0.02


def test_a_take_profit_order_rests_on_the_other_side(paper, ex):
    ex.create_order(BTC, "market", "buy", 0.02)
    params = {"takeProfitPrice": 62000, "reduceOnly": True}
    target = ex.create_order(BTC, "market", "sell", 0.02, None, params)
    assert target["info"]["orderType"] == "TAKE_PROFIT_MARKET"
    canceled = ex.cancel_order(target["id"], BTC, {"trigger": True})
    assert canceled["id"] == target["id"]
    assert paper.ask("GET", "/fapi/v1/openAlgoOrders") == []


def test_a_close_position_stop_has_no_quantity_and_closes_all(paper, ex):
    ex.create_order(BTC, "market", "buy", 0.03)
    params = {"triggerPrice": 58000, "closePosition": True}
    stop = ex.create_order(BTC, "STOP_MARKET", "sell", None, None, params)
    assert stop["info"]["closePosition"] is True
    assert stop["info"]["quantity"] == "0"
    assert stop["info"]["timeInForce"] == "GTE_GTC"
    paper.price("BTCUSDT", "57000")
    assert paper.amount("BTCUSDT") == 0
    assert ex.fetch_my_trades(BTC)[-1]["amount"] == 0.03


def test_leverage_margin_and_position_mode_are_settings_of_the_account(paper, ex):
    assert ex.set_leverage(10, BTC)["leverage"] == 10
    assert ex.set_margin_mode("isolated", BTC)["code"] == 200
    told = ex.fetch_leverages([BTC])[BTC]
    assert told["longLeverage"] == told["shortLeverage"] == 10
    assert told["marginMode"] == "isolated"
    assert ex.fetch_margin_mode(BTC)["marginMode"] == "isolated"
    tier = ex.fetch_leverage_tiers([BTC])[BTC][0]
    assert tier["maxLeverage"] == 125 and tier["maintenanceMarginRate"] > 0
    assert ex.fetch_position_mode(BTC)["hedged"] is False


def test_an_ed25519_key_signs_rest_requests(paper):
    ex = rest(paper, secret=paper.ed25519_pem)
    order = ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    assert paper.order(symbol="BTCUSDT", orderId=order["id"])["status"] == "NEW"


def refusals():
    """What is tried, ccxt's exception for it on an address that is not the venue's, the code."""
    stop = {"triggerPrice": 61000}
    above = lambda ex: ex.create_order(BTC, "STOP_MARKET", "sell", 0.01, None, stop)
    return {
        "an unknown order is not found": (
            ccxt.OrderNotFound, -2013, lambda ex: ex.fetch_order("1", BTC)),
        "an unknown order is not canceled": (
            ccxt.OrderNotFound, -2011, lambda ex: ex.cancel_order("1", BTC)),
        "an unknown conditional order is not canceled": (
            ccxt.OrderNotFound, -2011, lambda ex: ex.cancel_order("1", BTC, {"trigger": True})),
        "a reduce-only order needs a position": (
            ccxt.ExchangeError, -2022,
            lambda ex: ex.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})),
        "a stop beyond the price would fire at once": (
            ccxt.ExchangeError, -2021, above),
        "too small a notional is refused": (
            ccxt.ExchangeError, -4164,
            lambda ex: ex.create_order(ETH, "limit", "buy", 0.005, 2950)),
        "a price too far away is refused": (
            ccxt.ExchangeError, -4016,
            lambda ex: ex.create_order(BTC, "limit", "buy", 0.01, 70000)),
        "the venue knows no leverage of 500": (
            ccxt.ExchangeError, -4028, lambda ex: ex.fapiPrivatePostLeverage(
                {"symbol": "BTCUSDT", "leverage": 500})),
        "a margin type that is set already is no news": (
            ccxt.MarginModeAlreadySet, -4046, lambda ex: ex.set_margin_mode("cross", BTC)),
        "an unknown symbol is a bad symbol": (
            ccxt.BadSymbol, -1121, lambda ex: ex.fapiPublicGetDepth({"symbol": "NOUSDT"})),
        "a conditional type does not belong on the ordinary path": (
            ccxt.ExchangeError, -4120, lambda ex: ex.fapiPrivatePostOrder(
                {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.01",
                 "stopPrice": "58000"})),
        "close-position needs a position": (
            ccxt.ExchangeError, -4509, lambda ex: ex.create_order(
                BTC, "STOP_MARKET", "sell", None, None,
                {"triggerPrice": 58000, "closePosition": True})),
    }


@pytest.mark.parametrize("case", refusals())
def test_refusal(ex, case):
    kind, code, attempt = refusals()[case]
    ex.load_markets()
    with pytest.raises(kind) as caught:
        attempt(ex)
    assert f'"code":{code}' in str(caught.value)


def test_a_second_close_position_stop_is_refused(ex):
    ex.create_order(BTC, "market", "buy", 0.01)
    params = {"triggerPrice": 58000, "closePosition": True}
    ex.create_order(BTC, "STOP_MARKET", "sell", None, None, params)
    with pytest.raises(ccxt.ExchangeError, match='"code":-4130'):
        ex.create_order(BTC, "STOP_MARKET", "sell", None, None, params)


def test_a_wrong_secret_is_an_authentication_error(paper):
    ex = rest(paper, secret="not the secret")
    with pytest.raises(ccxt.AuthenticationError, match="-1022"):
        ex.fapiPrivateV3GetBalance()


def test_a_wrong_key_is_an_authentication_error(paper):
    ex = rest(paper, apiKey="not the key")
    with pytest.raises(ccxt.AuthenticationError, match="-2015"):
        ex.fapiPrivateV3GetBalance()


def test_a_clock_far_off_is_an_invalid_nonce(ex):
    ex.load_markets()
    ex.options["timeDifference"] = 3_600_000
    with pytest.raises(ccxt.InvalidNonce, match="-1021"):
        ex.fetch_balance()


def test_what_ccxt_writes_is_what_the_venue_holds(paper, ex):
    order = ex.create_order(ETH, "limit", "buy", 0.5, 2950.25, {"timeInForce": "GTC"})
    held = paper.order(symbol="ETHUSDT", orderId=order["id"])
    assert Decimal(held["price"]) == Decimal("2950.25")
    assert Decimal(held["origQty"]) == Decimal("0.5")
    with pytest.raises(Refused) as refused:
        paper.order(symbol="BTCUSDT", orderId=order["id"])
    assert refused.value.code == -2013
