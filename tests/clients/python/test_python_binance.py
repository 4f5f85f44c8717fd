"""python-binance over REST: form bodies, its routing of conditional orders, both modes."""

from decimal import Decimal

import pytest
from binance.client import Client
from binance.exceptions import BinanceAPIException

from binance_client import point
from paper import wait_until


def client(venue, **keys):
    keys = {"api_key": venue.api_key, "api_secret": venue.secret, **keys}
    # The address is a class attribute, and the constructor pings it.
    return point(Client, venue)(**keys)


@pytest.fixture
def api(paper):
    return client(paper)


def test_the_constructor_meets_a_venue_that_answers(api):
    assert api.ping() == {}
    assert api.futures_ping() == {}
    assert type(api.futures_time()["serverTime"]) is int


def test_exchange_info_holds_filters_as_texts(api):
    info = api.futures_exchange_info()
    symbol = next(row for row in info["symbols"] if row["symbol"] == "BTCUSDT")
    filters = {row["filterType"]: row for row in symbol["filters"]}
    assert filters["PRICE_FILTER"]["tickSize"] == "0.10"
    assert filters["LOT_SIZE"]["stepSize"] == "0.001"
    assert filters["MIN_NOTIONAL"]["notional"] == "50"
    limits = {(row["rateLimitType"], row["interval"]): row["limit"] for row in info["rateLimits"]}
    assert limits["REQUEST_WEIGHT", "MINUTE"] == 2400
    assert limits["ORDERS", "SECOND"] == 300


def test_market_data_follows_the_price(paper, api):
    paper.price("BTCUSDT", "61000")
    assert Decimal(api.futures_mark_price(symbol="BTCUSDT")["markPrice"]) == 61000
    sides = api.futures_orderbook_ticker(symbol="BTCUSDT")
    assert Decimal(sides["bidPrice"]) == 61000
    assert Decimal(sides["askPrice"]) == Decimal("61000.1")
    assert Decimal(api.futures_symbol_ticker(symbol="BTCUSDT")["price"]) == 61000
    assert Decimal(api.futures_ticker(symbol="BTCUSDT")["lastPrice"]) == 61000
    book = api.futures_order_book(symbol="BTCUSDT", limit=5)
    assert len(book["bids"]) == 5 and Decimal(book["bids"][0][0]) == 61000
    row = api.futures_klines(symbol="BTCUSDT", interval="1m")[-1]
    assert [type(cell) for cell in row] == [int, *[str] * 5, int, str, int, str, str, str]
    assert Decimal(row[4]) == 61000


def test_a_limit_order_is_placed_queried_and_canceled(paper, api):
    order = api.futures_create_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.010",
        price="59000.0", newClientOrderId="pb-1",
    )
    assert type(order["orderId"]) is int and order["status"] == "NEW"
    assert order["clientOrderId"] == "pb-1"
    assert Decimal(order["price"]) == 59000 and order["origQty"] == "0.010"
    assert order["reduceOnly"] is False and order["closePosition"] is False
    assert order["positionSide"] == "BOTH"
    # Gone from the answers of placing and cancelling since July 2026, still in queries.
    assert "avgPrice" not in order and "cumQuote" not in order

    ref = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
    assert Decimal(api.futures_get_order(**ref)["avgPrice"]) == 0
    by_client = api.futures_get_order(symbol="BTCUSDT", origClientOrderId="pb-1")
    assert by_client["orderId"] == order["orderId"]
    assert [row["orderId"] for row in api.futures_get_open_orders()] == [order["orderId"]]

    assert api.futures_cancel_order(**ref)["status"] == "CANCELED"
    assert api.futures_get_open_orders(symbol="BTCUSDT") == []
    assert api.futures_get_all_orders(symbol="BTCUSDT")[0]["status"] == "CANCELED"
    assert paper.order(**ref)["status"] == "CANCELED"


def test_a_test_order_leaves_nothing(api):
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert isinstance(api.futures_create_test_order(**order), dict)
    assert api.futures_get_all_orders(symbol="BTCUSDT") == []
    assert api.futures_position_information() == []


def test_a_market_order_makes_a_position_trades_and_a_balance(paper, api):
    order = api.futures_create_order(
        symbol="ETHUSDT", side="SELL", type="MARKET", quantity="0.5", newOrderRespType="RESULT"
    )
    assert order["status"] == "FILLED" and Decimal(order["executedQty"]) == Decimal("0.5")

    (trade,) = api.futures_account_trades(symbol="ETHUSDT")
    assert trade["orderId"] == order["orderId"] and trade["side"] == "SELL"
    assert Decimal(trade["price"]) == 3000 and Decimal(trade["quoteQty"]) == 1500
    assert trade["buyer"] is False and trade["maker"] is False
    fee = Decimal(trade["commission"])
    rate = Decimal(api.futures_commission_rate(symbol="ETHUSDT")["takerCommissionRate"])
    assert fee == 1500 * rate

    paper.price("ETHUSDT", "2990")
    (position,) = api.futures_position_information(symbol="ETHUSDT")
    assert Decimal(position["positionAmt"]) == Decimal("-0.5")
    assert Decimal(position["entryPrice"]) == 3000
    assert Decimal(position["unRealizedProfit"]) == 5
    assert Decimal(position["notional"]) == -1495
    assert type(position["adl"]) is int and type(position["updateTime"]) is int

    (balance,) = api.futures_account_balance()
    assert Decimal(balance["balance"]) == 1_000_000 - fee
    assert Decimal(balance["crossUnPnl"]) == 5
    account = api.futures_account()
    assert account["canTrade"] is True
    assert Decimal(account["totalWalletBalance"]) == 1_000_000 - fee
    assert Decimal(account["totalMarginBalance"]) == 1_000_000 - fee + 5
    held = next(row for row in account["positions"] if row["symbol"] == "ETHUSDT")
    assert Decimal(held["positionAmt"]) == Decimal("-0.5") and held["leverage"] == "20"


def test_a_conditional_order_is_routed_to_the_algo_service(paper, api):
    api.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02")
    stop = api.futures_create_order(
        symbol="BTCUSDT", side="SELL", type="STOP_MARKET", stopPrice="58000", quantity="0.02",
        reduceOnly="true", workingType="MARK_PRICE",
    )
    assert type(stop["algoId"]) is int and stop["algoStatus"] == "NEW"
    assert stop["orderType"] == "STOP_MARKET" and stop["workingType"] == "MARK_PRICE"
    assert Decimal(stop["triggerPrice"]) == 58000 and stop["quantity"] == "0.020"
    assert stop["reduceOnly"] is True and stop["closePosition"] is False
    assert stop["clientAlgoId"].startswith("x-")

    found = api.futures_get_algo_order(algoId=stop["algoId"])
    assert found["clientAlgoId"] == stop["clientAlgoId"] and found["actualOrderId"] == ""
    assert len(api.futures_get_open_algo_orders()) == 1
    paper.price("BTCUSDT", "57990")
    fired = api.futures_get_algo_order(algoId=stop["algoId"])
    assert fired["algoStatus"] == "FINISHED" and type(fired["actualOrderId"]) is str
    child = api.futures_get_order(symbol="BTCUSDT", orderId=fired["actualOrderId"])
    assert child["status"] == "FILLED" and child["type"] == "MARKET"
    assert api.futures_position_information() == []
    assert [row["algoId"] for row in api.futures_get_all_algo_orders(symbol="BTCUSDT")] == [
        stop["algoId"]
    ]


def test_stop_and_target_close_the_position_and_go_with_it(paper, api):
    api.futures_create_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.02")
    legs = {"symbol": "BTCUSDT", "side": "BUY", "closePosition": "true"}
    stop = api.futures_create_order(**legs, type="STOP_MARKET", stopPrice="62000")
    target = api.futures_create_order(**legs, type="TAKE_PROFIT_MARKET", stopPrice="58000")
    assert stop["quantity"] == target["quantity"] == "0"
    assert stop["timeInForce"] == "GTE_GTC" and stop["closePosition"] is True
    paper.price("BTCUSDT", "57900")
    assert api.futures_position_information() == []
    state = lambda leg: api.futures_get_algo_order(algoId=leg["algoId"])["algoStatus"]
    assert state(target) == "FINISHED"
    wait_until("the stop goes with its position", lambda: state(stop) == "EXPIRED")


def test_a_conditional_order_is_canceled_by_either_id(api):
    api.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02")
    place = lambda name: api.futures_create_order(
        symbol="BTCUSDT", side="SELL", type="STOP_MARKET", triggerPrice="58000", quantity="0.01",
        clientAlgoId=name,
    )
    first, second = place("pb-s1"), place("pb-s2")
    done = api.futures_cancel_algo_order(algoId=first["algoId"])
    # Text on the real venue too.
    assert done["code"] == "200" and done["msg"] == "success"
    assert api.futures_cancel_algo_order(clientAlgoId="pb-s2")["algoId"] == second["algoId"]
    place("pb-s3")
    assert api.futures_cancel_all_algo_open_orders(symbol="BTCUSDT")["code"] == 200
    assert api.futures_get_open_algo_orders() == []


def test_leverage_and_margin_type_are_set(paper, api):
    assert api.futures_change_leverage(symbol="BTCUSDT", leverage=7)["leverage"] == 7
    done = api.futures_change_margin_type(symbol="BTCUSDT", marginType="ISOLATED")
    assert done["code"] == 200
    (config,) = api.futures_symbol_config(symbol="BTCUSDT")
    assert config["leverage"] == 7 and config["marginType"] == "ISOLATED"
    assert api.futures_account_config()["dualSidePosition"] is False
    (brackets,) = api.futures_leverage_bracket(symbol="BTCUSDT")
    assert brackets["brackets"][0]["initialLeverage"] == 125
    assert api.futures_get_position_mode() == {"dualSidePosition": False}
    assert api.futures_get_multi_assets_mode() == {"multiAssetsMargin": False}


def test_a_listen_key_lives_and_dies(api):
    key = api.futures_stream_get_listen_key()
    assert len(key) == 64
    assert api.futures_stream_get_listen_key() == key
    api.futures_stream_keepalive(key)
    api.futures_stream_close(key)
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_stream_keepalive(key)
    assert caught.value.code == -1125


MARKET = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.01"}
LIMIT = {**MARKET, "type": "LIMIT", "timeInForce": "GTC", "price": "60500"}
STOP = {**MARKET, "type": "STOP_MARKET", "triggerPrice": "58000"}
CLOSE = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "closePosition": "true"}
REFUSALS = {
    "no side": (-1102, {**MARKET, "side": None}),
    "no such side": (-1117, {**MARKET, "side": "UP"}),
    "no such type": (-1116, {**MARKET, "type": "NICE"}),
    "no such time in force": (-1115, {**LIMIT, "timeInForce": "NOW"}),
    "no such symbol": (-1121, {**MARKET, "symbol": "NOUSDT"}),
    "time in force on a market order": (-1106, {**MARKET, "timeInForce": "GTC"}),
    "too many decimals": (-1111, {**LIMIT, "quantity": "0.0101"}),
    "no multiple of the tick": (-4014, {**LIMIT, "price": "60500.05"}),
    "no quantity at all": (-4003, {**MARKET, "quantity": "0"}),
    "too large a quantity": (-4005, {**MARKET, "quantity": "121"}),
    "a price below the band": (-4024, {**LIMIT, "price": "50000"}),
    "reduce-only without position": (-2022, {**MARKET, "reduceOnly": "true"}),
    "too long a client id": (-4015, {**MARKET, "newClientOrderId": "x" * 37}),
    "the other mode's side": (-4061, {**MARKET, "positionSide": "LONG"}),
    "a trigger that is true already": (-2021, {**STOP, "triggerPrice": "60500"}),
    "close-position without position": (-4509, {**CLOSE, "stopPrice": "58000"}),
    "close-position with a quantity": (
        -4137, {**CLOSE, "stopPrice": "58000", "quantity": "0.01"}),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(api, case):
    code, order = REFUSALS[case]
    order = {name: value for name, value in order.items() if value is not None}
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_create_order(**order)
    assert caught.value.code == code, caught.value
    assert caught.value.status_code == 400
    assert api.futures_get_open_orders() == [] and api.futures_get_open_algo_orders() == []


def test_a_conditional_type_on_the_ordinary_path_is_refused(api):
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_create_test_order(**STOP)
    assert caught.value.code == -4120
    with pytest.raises(BinanceAPIException) as caught:
        api._request_futures_api("post", "order", True, data=dict(STOP))
    assert caught.value.code == -4120


def test_an_open_order_keeps_its_client_id_to_itself(api):
    api.futures_create_order(**LIMIT, newClientOrderId="pb-once")
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_create_order(**LIMIT, newClientOrderId="pb-once")
    assert caught.value.code == -4116
    # But two that end at once may share it: it is no idempotency key.
    for _ in range(2):
        api.futures_create_order(**MARKET, newClientOrderId="pb-twice")
    assert len(api.futures_account_trades(symbol="BTCUSDT")) == 2


def test_unknown_orders_have_two_codes(api):
    for code, attempt in [
        (-2013, lambda: api.futures_get_order(symbol="BTCUSDT", orderId=1)),
        (-2011, lambda: api.futures_cancel_order(symbol="BTCUSDT", orderId=1)),
        (-2013, lambda: api.futures_get_algo_order(algoId=1)),
        (-2011, lambda: api.futures_cancel_algo_order(algoId=1)),
    ]:
        with pytest.raises(BinanceAPIException) as caught:
            attempt()
        assert caught.value.code == code


@pytest.mark.parametrize("keys, status, code", [
    ({"api_secret": "not the secret"}, 400, -1022),
    ({"api_key": "not the key"}, 401, -2015),
])
def test_keys_are_checked(paper, keys, status, code):
    with pytest.raises(BinanceAPIException) as caught:
        client(paper, **keys).futures_account_balance()
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_clock_far_off_is_told_so(api):
    api.timestamp_offset = -3_600_000
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_account_balance()
    assert caught.value.code == -1021


def test_an_ed25519_key_signs_too(paper):
    api = client(paper, api_secret=None, private_key=paper.ed25519_pem)
    order = api.futures_create_order(**LIMIT)
    assert paper.order(symbol="BTCUSDT", orderId=order["orderId"])["status"] == "NEW"
