"""The official Python connector's sockets: market and user streams, and the WebSocket API."""

import asyncio
from decimal import Decimal

import pytest
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import (
    AccountConfigUpdate,
    AccountUpdate,
    AlgoUpdate,
    ListenKeyExpired,
    OrderTradeUpdate,
    TradeLite,
)

from official import Heard, connector

TEST_SECONDS_MAX = 60

pytestmark = pytest.mark.usefixtures("strict")


def run(test):
    """A test's coroutine, within a bound."""
    asyncio.run(asyncio.wait_for(test, TEST_SECONDS_MAX))


async def hand(call, *args, **kwargs):
    """A blocking call beside the sockets' loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


class Streams:
    """The connector's three stream sockets, closed at the end."""

    def __init__(self, api):
        self.api = api

    async def __aenter__(self):
        self.open = await self.api.websocket_streams.create_connection()
        return self.open

    async def __aexit__(self, *_):
        await self.open.close_connection(close_session=True)


class Orders:
    """The connector's WebSocket API, closed at the end."""

    def __init__(self, api):
        self.api = api

    async def __aenter__(self):
        self.open = await self.api.websocket_api.create_connection()
        return self.open

    async def __aexit__(self, *_):
        await self.open.close_connection(close_session=True)


def test_market_streams_follow_the_price(paper):
    async def test():
        async with Streams(connector(paper)) as streams:
            mark = Heard(await streams.mark_price_stream(symbol="BTCUSDT", update_speed="1s"))
            book = Heard(await streams.individual_symbol_book_ticker_streams(symbol="BTCUSDT"))
            trade = Heard(await streams.aggregate_trade_streams(symbol="BTCUSDT"))
            bar = Heard(await streams.kline_candlestick_streams(symbol="BTCUSDT", interval="1m"))
            depth = Heard(await streams.diff_book_depth_streams(
                symbol="BTCUSDT", update_speed="100ms"))
            top = Heard(await streams.partial_book_depth_streams(symbol="BTCUSDT", levels=5))
            mini = Heard(await streams.individual_symbol_mini_ticker_stream(symbol="BTCUSDT"))
            await hand(paper.price, "BTCUSDT", "61000")

            told = await mark.first("the mark", lambda m: Decimal(m.p) == 61000)
            assert told.s == "BTCUSDT" and told.T % 28_800_000 == 0 and told.st == 1
            told = await book.first("the book's top", lambda m: Decimal(m.b) == 61000)
            assert Decimal(told.a) == Decimal("61000.1") and Decimal(told.B) > 0
            told = await trade.first("a trade", lambda m: Decimal(m.p) == 61000)
            assert told.f <= told.l and told.m in (True, False)
            told = await bar.first("the bar", lambda m: Decimal(m.k.c) == 61000)
            assert told.k.i == "1m" and told.k.t % 60_000 == 0 and Decimal(told.k.l) <= 61000
            told = await depth.first("a change of the book", lambda m: m.b or m.a)
            assert told.U <= told.u
            await hand(paper.price, "BTCUSDT", "61010")
            after = await depth.first("the next change", lambda m: m.u > told.u)
            assert after.pu == told.u
            await hand(paper.price, "BTCUSDT", "61000")
            told = await top.first("the five levels", lambda m: Decimal(m.b[0][0]) == 61000)
            assert len(told.b) == len(told.a) == 5
            told = await mini.first("the day", lambda m: Decimal(m.c) == 61000)
            assert Decimal(told.h) >= 61000 and Decimal(told.l) == 60000

    run(test())


def test_streams_of_all_symbols_come_as_lists(paper):
    async def test():
        async with Streams(connector(paper)) as streams:
            marks = Heard(await streams.mark_price_stream_for_all_market(update_speed="1s"))
            rows = lambda m: getattr(m, "actual_instance", None) or m
            heard = await marks.first("all marks", lambda m: len(rows(m)) > 0)
            assert {row.s for row in rows(heard)} <= {"BTCUSDT", "ETHUSDT"}

    run(test())


async def user(api, streams):
    key = await hand(lambda: api.rest_api.start_user_data_stream().data().listen_key)
    return Heard(await streams.user_data(key))


def order_event(client_id, state):
    return lambda m: isinstance(m, OrderTradeUpdate) and m.o.c == client_id and m.o.X == state


def algo_event(client_id, state):
    return lambda m: isinstance(m, AlgoUpdate) and m.o.caid == client_id and m.o.X == state


def test_the_user_stream_tells_an_orders_life(paper):
    async def test():
        api = connector(paper)
        async with Streams(api) as streams:
            heard = await user(api, streams)
            place = lambda **order: api.rest_api.new_order(symbol="BTCUSDT", **order).data()
            order = await hand(lambda: place(
                side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=59000.0,
                new_client_order_id="ow-1"))
            new = await heard.first("NEW", order_event("ow-1", "NEW"))
            assert new.o.i == order.order_id and new.o.x == "NEW" and Decimal(new.o.p) == 59000
            assert Decimal(new.o.q) == Decimal("0.01") and new.o.ps == "BOTH" and new.o.R is False
            assert new.o.t == 0 and new.o.er == "0"
            await hand(lambda: api.rest_api.cancel_order(
                symbol="BTCUSDT", order_id=order.order_id))
            gone = await heard.first("CANCELED", order_event("ow-1", "CANCELED"))
            assert gone.o.x == "CANCELED" and gone.T >= new.T

            await hand(lambda: place(
                side="SELL", type="MARKET", quantity=0.01, new_client_order_id="ow-2"))
            fill = await heard.first("FILLED", order_event("ow-2", "FILLED"))
            assert fill.o.x == "TRADE" and Decimal(fill.o.L) == 60000 and fill.o.m is False
            assert Decimal(fill.o.z) == Decimal("0.01") and fill.o.N == "USDT"
            assert Decimal(fill.o.n) == Decimal("0.24") and fill.o.t > 0
            lite = await heard.first("the light trade", lambda m: isinstance(m, TradeLite))
            assert lite.i == fill.o.i and lite.t == fill.o.t and Decimal(lite.L) == 60000
            account = await heard.first("the account", lambda m: isinstance(m, AccountUpdate))
            assert account.a.m == "ORDER"
            (position,) = account.a.P
            assert position.s == "BTCUSDT" and Decimal(position.pa) == Decimal("-0.01")
            assert Decimal(position.ep) == 60000
            assert position.mt == "cross" and position.ps == "BOTH"
            (usdt,) = account.a.B
            assert usdt.a == "USDT" and Decimal(usdt.wb) == Decimal("999999.76")

    run(test())


def test_the_user_stream_tells_a_conditional_orders_life(paper):
    async def test():
        api = connector(paper)
        async with Streams(api) as streams:
            heard = await user(api, streams)
            await hand(lambda: api.rest_api.new_order(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.02))
            stop = lambda name, trigger, **more: api.rest_api.new_algo_order(
                algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
                trigger_price=trigger, client_algo_id=name, **more).data()
            first = await hand(lambda: stop("ow-s1", 58000.0, quantity=0.01, reduce_only="true"))
            new = await heard.first("NEW", algo_event("ow-s1", "NEW"))
            assert new.o.aid == first.algo_id and new.o.ai == "" and new.o.cp is False
            assert new.o.o == "STOP_MARKET" and Decimal(new.o.tp) == 58000 and new.o.R is True
            await hand(lambda: api.rest_api.cancel_algo_order(client_algo_id="ow-s1"))
            await heard.first("CANCELED", algo_event("ow-s1", "CANCELED"))

            await hand(lambda: stop("ow-s2", 58500.0, close_position="true"))
            new = await heard.first("NEW", algo_event("ow-s2", "NEW"))
            assert new.o.cp is True and new.o.q == "0" and new.o.f == "GTE_GTC"
            await hand(paper.price, "BTCUSDT", "58400")
            for state in ["TRIGGERING", "TRIGGERED", "FINISHED"]:
                told = await heard.first(state, algo_event("ow-s2", state))
            assert Decimal(told.o.aq) == Decimal("0.02") and told.o.act == "MARKET"
            child = await heard.first("the child's fill", lambda m: (
                isinstance(m, OrderTradeUpdate) and m.o.X == "FILLED" and str(m.o.i) == told.o.ai))
            assert child.o.o == "MARKET" and child.o.R is True and Decimal(child.o.rp) < 0

    run(test())


def test_the_user_stream_tells_settings_and_the_keys_death(paper):
    async def test():
        api = connector(paper)
        async with Streams(api) as streams:
            heard = await user(api, streams)
            await hand(lambda: api.rest_api.change_initial_leverage(symbol="BTCUSDT", leverage=9))
            told = await heard.first("leverage", lambda m: isinstance(m, AccountConfigUpdate))
            assert told.ac.s == "BTCUSDT" and told.ac.l == 9

            # A dead key: the socket stays open and silent; a new key brings the events back.
            await hand(paper.admin, "faults", timed=[{"at_ms": 0, "action": "kill_listen_key"}])
            await heard.first("the key's end", lambda m: isinstance(m, ListenKeyExpired))
            again = await user(api, streams)
            await hand(lambda: api.rest_api.new_order(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01,
                new_client_order_id="ow-new-key"))
            await again.first("a fill", order_event("ow-new-key", "FILLED"))

    run(test())


def answer(response):
    """The result member of a WebSocket API answer; a refusal is a dict and not a model."""
    data = response.data()
    assert not isinstance(data, dict), data
    return data.result


def refusal(response):
    """The error member."""
    data = response.data()
    assert isinstance(data, dict) and "error" in data, data
    return data["error"]


@pytest.mark.parametrize("kind", ["hmac", "ed25519"])
def test_orders_over_the_websocket_api(paper, kind):
    async def test():
        async with Orders(connector(paper, kind=kind)) as api:
            response = await api.new_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01,
                price=59000.0, new_client_order_id="wa-1")
            order = answer(response)
            assert order.status == "NEW" and Decimal(order.price) == 59000
            counted = {(row.rateLimitType, row.interval): row.count
                       for row in response.rate_limits}
            assert counted["ORDERS", "SECOND"] == 1
            held = await hand(paper.order, symbol="BTCUSDT", origClientOrderId="wa-1")
            assert held["orderId"] == order.order_id

            found = answer(await api.query_order(symbol="BTCUSDT", order_id=order.order_id))
            assert found.client_order_id == "wa-1" and Decimal(found.orig_qty) == Decimal("0.01")
            gone = answer(await api.cancel_order(symbol="BTCUSDT", order_id=order.order_id))
            assert gone.status == "CANCELED"

            filled = answer(await api.new_order(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.02,
                new_order_resp_type="RESULT"))
            assert filled.status == "FILLED"
            stop = answer(await api.new_algo_order(
                algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
                trigger_price=58000.0, close_position="true", client_algo_id="wa-s"))
            assert stop.algo_status == "NEW" and stop.close_position is True
            done = answer(await api.cancel_algo_order(algo_id=stop.algo_id))
            assert done.code == "200"

            for response in [await api.position_information(symbol="BTCUSDT"),
                             await api.position_information_v2(symbol="BTCUSDT")]:
                (position,) = answer(response)
                assert Decimal(position.position_amt) == Decimal("0.02")
            for response in [await api.futures_account_balance(),
                             await api.futures_account_balance_v2()]:
                (usdt,) = answer(response)
                assert usdt.asset == "USDT" and 999_000 < Decimal(usdt.balance) < 1_000_000
            for response in [await api.account_information(), await api.account_information_v2()]:
                assert Decimal(answer(response).total_wallet_balance) < 1_000_000

    run(test())


def test_market_data_over_the_websocket_api(paper):
    async def test():
        async with Orders(connector(paper)) as api:
            book = answer(await api.order_book(symbol="BTCUSDT", limit=5))
            # The connector has no members for the two sides; it keeps them aside.
            levels = book.additional_properties
            assert Decimal(levels["bids"][0][0]) == 60000 and len(levels["asks"]) == 5
            sides = (await api.symbol_order_book_ticker(symbol="BTCUSDT")).data()
            sides = getattr(sides, "actual_instance", sides).result
            assert Decimal(sides.bid_price) == 60000
            price = (await api.symbol_price_ticker(symbol="BTCUSDT")).data()
            price = getattr(price, "actual_instance", price).result
            assert Decimal(price.price) == 60000

    run(test())


def test_the_websocket_api_refuses_with_the_venues_codes(paper):
    async def test():
        async with Orders(connector(paper)) as api:
            market = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": 0.01}
            for code, attempt in [
                (-2013, api.query_order(symbol="BTCUSDT", order_id=1)),
                (-2011, api.cancel_order(symbol="BTCUSDT", order_id=1)),
                (-2011, api.cancel_algo_order(algo_id=1)),
                (-2022, api.new_order(**market, reduce_only="true")),
                (-4120, api.new_order(**{**market, "type": "STOP_MARKET"})),
                (-4509, api.new_algo_order(
                    algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
                    trigger_price=58000.0, close_position="true")),
            ]:
                assert refusal(await attempt)["code"] == code
        async with Orders(connector(paper, api_secret="not the secret")) as api:
            assert refusal(await api.new_order(**market))["code"] == -1022

    run(test())


def test_a_listen_key_can_be_had_over_the_websocket_api(paper):
    async def test():
        async with Orders(connector(paper)) as api:
            key = answer(await api.start_user_data_stream()).listen_key
            assert len(key) == 64
            assert answer(await api.keepalive_user_data_stream()).listen_key == key
            await api.close_user_data_stream()
            assert refusal(await api.keepalive_user_data_stream())["code"] == -1125

    run(test())
