"""python-binance's sockets: the market and user streams, and its WebSocket API calls."""

import asyncio
from decimal import Decimal

import pytest
from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException

from binance_client import point

TEST_SECONDS_MAX = 60
# A socket of the client closes only when it has heard something, or nothing for so long.
SILENCE_SECONDS = 0.5
ANSWER_SECONDS_MAX = 10


def run(venue, test):
    """A test's coroutine with a client and a socket manager of its own, within a bound."""

    async def whole():
        keys = {"api_key": venue.api_key, "api_secret": venue.secret}
        client = await point(AsyncClient, venue).create(**keys)
        sockets = BinanceSocketManager(client)
        sockets.FSTREAM_URL = f"{venue.ws}/"
        try:
            await test(client, sockets)
        finally:
            await client.close_connection()

    asyncio.run(asyncio.wait_for(whole(), TEST_SECONDS_MAX))


async def hand(call, *args, **kwargs):
    """A blocking call beside the sockets' loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


class Ear:
    """What a socket told, in order: what comes early is not lost to a later question."""

    def __init__(self, socket):
        socket.TIMEOUT = SILENCE_SECONDS
        self.socket = socket
        self.seen = []

    async def first(self, what, wanted):
        """The first message that is wanted, already here or still to come."""

        async def search():
            known = 0
            while True:
                for message in self.seen[known:]:
                    known += 1
                    if wanted(message):
                        return message
                self.seen.append(await self.socket.recv())

        try:
            return await asyncio.wait_for(search(), ANSWER_SECONDS_MAX)
        except asyncio.TimeoutError:
            raise AssertionError(f"{what} never came; heard {self.seen}") from None


def test_market_streams_follow_the_price(paper):
    async def test(_, sockets):
        public = sockets.futures_multiplex_socket(["btcusdt@bookTicker"], category="public")
        market = sockets.futures_multiplex_socket(
            ["btcusdt@aggTrade", "btcusdt@markPrice@1s", "btcusdt@kline_1m"])
        async with public as public, market as market:
            public, market = Ear(public), Ear(market)
            await hand(paper.price, "BTCUSDT", "61000")
            top = await public.first("the top", lambda m: Decimal(m["data"]["b"]) == 61000)
            assert top["stream"] == "btcusdt@bookTicker" and top["data"]["e"] == "bookTicker"
            assert Decimal(top["data"]["a"]) == Decimal("61000.1")
            of = lambda kind, test: lambda m: m["data"]["e"] == kind and test(m["data"])
            await market.first("a trade", of("aggTrade", lambda d: Decimal(d["p"]) == 61000))
            await market.first("the mark", of(
                "markPriceUpdate", lambda d: Decimal(d["p"]) == 61000))
            bar = await market.first("the bar", of(
                "kline", lambda d: Decimal(d["k"]["c"]) == 61000))
            assert bar["data"]["k"]["i"] == "1m" and type(bar["data"]["k"]["t"]) is int

    run(paper, test)


def test_single_streams_come_unwrapped(paper):
    async def test(_, sockets):
        bars = sockets.kline_futures_socket("BTCUSDT")
        marks = sockets.symbol_mark_price_socket("BTCUSDT", fast=True)
        depth = sockets.futures_depth_socket("BTCUSDT")
        async with bars as bars, marks as marks, depth as depth:
            bars, marks, depth = Ear(bars), Ear(marks), Ear(depth)
            await hand(paper.price, "BTCUSDT", "61000")
            bar = await bars.first("the bar", lambda m: Decimal(m["k"]["c"]) == 61000)
            assert bar["e"] == "continuous_kline" and bar["ps"] == "BTCUSDT"
            assert bar["ct"] == "PERPETUAL"
            mark = await marks.first("the mark", lambda m: Decimal(
                m.get("data", m)["p"]) == 61000)
            assert mark.get("data", mark)["s"] == "BTCUSDT"
            change = await depth.first("the book", lambda m: m.get("data", m)["b"])
            assert change.get("data", change)["e"] == "depthUpdate"

    run(paper, test)


def test_the_user_stream_tells_fills_and_conditional_orders(paper):
    async def test(client, sockets):
        async with sockets.futures_user_socket() as socket:
            user = Ear(socket)
            of = lambda kind, test: lambda m: m["e"] == kind and test(m)
            await client.futures_create_order(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02",
                newClientOrderId="pw-1")
            fill = await user.first("the fill", of("ORDER_TRADE_UPDATE", lambda m: (
                m["o"]["c"] == "pw-1" and m["o"]["X"] == "FILLED")))
            assert Decimal(fill["o"]["L"]) == Decimal("60000.1") and fill["o"]["m"] is False
            stop = await client.futures_create_order(
                symbol="BTCUSDT", side="SELL", type="STOP_MARKET", stopPrice="58000",
                closePosition="true")
            told = await user.first("the stop", of("ALGO_UPDATE", lambda m: m["o"]["X"] == "NEW"))
            assert told["o"]["aid"] == stop["algoId"] and told["o"]["cp"] is True
            await hand(paper.price, "BTCUSDT", "57900")
            flat = await user.first("flat", of("ACCOUNT_UPDATE", lambda m: any(
                Decimal(row["pa"]) == 0 for row in m["a"]["P"])))
            assert flat["a"]["m"] == "ORDER"
            done = await user.first("the stop's end", of("ALGO_UPDATE", lambda m: (
                m["o"]["X"] == "FINISHED")))
            assert done["o"]["aid"] == stop["algoId"]
            assert Decimal(done["o"]["aq"]) == Decimal("0.02")

    run(paper, test)


def test_the_user_stream_survives_a_hang_up(paper):
    async def test(client, sockets):
        async with sockets.futures_user_socket() as socket:
            user = Ear(socket)
            hang_up = [{"at_ms": 0, "action": {"hang_up": "user"}}]
            await hand(paper.admin, "faults", timed=hang_up)
            # It tells of the loss, connects again by itself, and goes on.
            while socket.ws_state.value != "Reconnecting":
                await asyncio.sleep(0.01)
            while socket.ws_state.value != "Streaming":
                await asyncio.sleep(0.01)
            await client.futures_create_order(
                symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01",
                newClientOrderId="pw-again")
            await user.first("the fill", lambda m: (
                m["e"] == "ORDER_TRADE_UPDATE" and m["o"]["c"] == "pw-again"))

    run(paper, test)


def test_orders_over_the_websocket_api(paper):
    async def test(client, _):
        order = await client.ws_futures_create_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity=0.01,
            price=59000, newClientOrderId="pq-1")
        assert order["status"] == "NEW" and type(order["orderId"]) is int
        ref = {"symbol": "BTCUSDT", "orderId": order["orderId"]}
        held = await hand(paper.order, **ref)
        assert held["clientOrderId"] == "pq-1" and Decimal(held["price"]) == 59000
        assert (await client.ws_futures_get_order(**ref))["clientOrderId"] == "pq-1"
        assert (await client.ws_futures_cancel_order(**ref))["status"] == "CANCELED"

        await client.ws_futures_create_order(
            symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.02)
        (position,) = await client.ws_futures_v2_account_position(symbol="BTCUSDT")
        assert Decimal(position["positionAmt"]) == Decimal("0.02")
        (usdt,) = await client.ws_futures_v2_account_balance()
        assert usdt["asset"] == "USDT" and Decimal(usdt["balance"]) < 1_000_000
        stop = await client.ws_futures_create_algo_order(
            symbol="BTCUSDT", side="SELL", type="STOP_MARKET", triggerPrice=58000,
            closePosition="true", algoType="CONDITIONAL")
        assert stop["algoStatus"] == "NEW" and stop["closePosition"] is True
        done = await client.ws_futures_cancel_algo_order(algoId=stop["algoId"])
        assert done["algoId"] == stop["algoId"]

    run(paper, test)


def test_the_websocket_api_refuses_with_the_venues_codes(paper):
    async def test(client, _):
        for code, attempt in [
            (-2013, lambda: client.ws_futures_get_order(symbol="BTCUSDT", orderId=1)),
            (-2011, lambda: client.ws_futures_cancel_order(symbol="BTCUSDT", orderId=1)),
            (-2022, lambda: client.ws_futures_create_order(
                symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.01, reduceOnly="true")),
        ]:
            with pytest.raises(BinanceAPIException) as caught:
                await attempt()
            assert caught.value.code == code

    run(paper, test)
