"""ccxt.pro: what it watches, and its orders over the WebSocket API."""

import asyncio

import ccxt
import ccxt.pro
import pytest

from ccxt_client import BTC, point

TEST_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 10


def run(venue, test):
    """A test's coroutine with an exchange of its own, within a bound."""

    async def whole():
        keys = {"apiKey": venue.api_key, "secret": venue.secret, "enableRateLimit": False}
        exchange = point(ccxt.pro.binanceusdm(keys), venue)
        try:
            await exchange.load_markets()
            await test(exchange)
        finally:
            await exchange.close()

    asyncio.run(asyncio.wait_for(whole(), TEST_SECONDS_MAX))


async def hand(call, *args, **kwargs):
    """A blocking call beside the sockets' loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


async def until(what, watch, wanted):
    """Watches until what comes is wanted: each call of a `watch_...` waits for news."""
    heard = []

    async def search():
        while True:
            heard.append(await watch())
            if wanted(heard[-1]):
                return heard[-1]

    try:
        return await asyncio.wait_for(search(), ANSWER_SECONDS_MAX)
    except asyncio.TimeoutError:
        raise AssertionError(f"{what} never came; heard {heard[-3:]}") from None


async def while_moving(venue, watched):
    """What is watched, in a market that goes to and fro until all of it has come."""

    async def move():
        while True:
            for price in ["60990", "61000"]:
                await hand(venue.price, "BTCUSDT", price)
                # Longer than the slowest stream's pace, so that each price is told.
                await asyncio.sleep(0.5)

    mover = asyncio.ensure_future(move())
    try:
        return await watched
    finally:
        mover.cancel()


def test_market_streams_follow_the_price(paper):
    async def test(ex):
        # ccxt goes on changing what it has returned, so each is judged as it comes.
        watched = asyncio.gather(
            until("the top", lambda: ex.watch_bids_asks([BTC]), lambda m: (
                m[BTC]["bid"] == 61000 and m[BTC]["ask"] == 61000.1 and m[BTC]["bidVolume"] > 0)),
            until("the mark", lambda: ex.watch_mark_price(BTC), lambda m: m["markPrice"] == 61000),
            until("the day", lambda: ex.watch_ticker(BTC), lambda m: (
                m["last"] == 61000 and m["high"] == 61000 and m["low"] == 60000)),
            until("a trade", lambda: ex.watch_trades(BTC), lambda m: (
                m[-1]["price"] == 61000 and m[-1]["amount"] > 0)),
            until("the bar", lambda: ex.watch_ohlcv(BTC, "1m"), lambda m: (
                m[-1][0] % 60_000 == 0 and m[-1][2] == 61000 and m[-1][4] == 61000)),
            until("the book", lambda: ex.watch_order_book(BTC), lambda m: (
                m["bids"] and m["bids"][0][0] == 61000 and m["asks"][0][0] == 61000.1)),
        )
        top, *_ = await while_moving(paper, watched)
        assert top[BTC]["symbol"] == BTC

    run(paper, test)


def test_the_book_follows_many_moves(paper):
    async def test(ex):
        await until("the book", lambda: ex.watch_order_book(BTC), lambda m: m["bids"])
        for price in [60010, 59950, 60100, 60050]:
            # Asked before the move: ccxt answers with the next change, not with the last one.
            asked = asyncio.ensure_future(until(
                f"the book at {price}", lambda: ex.watch_order_book(BTC),
                lambda m: m["bids"] and m["bids"][0][0] == price))
            await asyncio.sleep(0)
            await hand(paper.price, "BTCUSDT", str(price))
            book = await asked
            assert book["asks"][0][0] == pytest.approx(price + 0.1)
        snapshot = await ex.fetch_order_book(BTC, 5)
        assert book["bids"][:5] == snapshot["bids"] and book["asks"][:5] == snapshot["asks"]

    run(paper, test)


def test_the_user_stream_tells_orders_fills_positions_and_balance(paper):
    async def test(ex):
        watched = asyncio.gather(
            until("the fill", lambda: ex.watch_orders(BTC), lambda m: (
                m[-1]["status"] == "closed" and m[-1]["side"] == "buy")),
            until("the trade", lambda: ex.watch_my_trades(BTC), lambda m: m[-1]["side"] == "buy"),
            until("the position", lambda: ex.watch_positions([BTC]), lambda m: (
                m and m[-1]["contracts"] == 0.02)),
            until("the balance", lambda: ex.watch_balance(), lambda m: (
                m.get("USDT", {"total": 1_000_000})["total"] < 1_000_000)),
        )
        placed = set()

        async def trade():
            # In and out again, until each of the four has found its socket and been told.
            while not watched.done():
                for side in ["buy", "sell"]:
                    placed.add((await ex.create_order(BTC, "market", side, 0.02))["id"])
                await asyncio.sleep(0.2)

        trader = asyncio.ensure_future(trade())
        orders, trades, positions, balance = await watched
        await trader
        order, fill, position = orders[-1], trades[-1], positions[-1]
        assert order["id"] in placed and order["filled"] == 0.02 and order["average"] == 60000.1
        assert fill["order"] in placed and fill["takerOrMaker"] == "taker"
        assert fill["price"] == 60000.1 and fill["fee"]["currency"] == "USDT"
        assert position["side"] == "long" and position["entryPrice"] == 60000.1
        assert 999_000 < balance["USDT"]["total"] < 1_000_000

    run(paper, test)


def test_orders_over_the_websocket_api(paper):
    async def test(ex):
        params = {"clientOrderId": "cw-1"}
        order = await ex.create_order_ws(BTC, "limit", "buy", 0.01, 59000, params)
        assert order["status"] == "open" and order["price"] == 59000
        held = await hand(paper.order, symbol="BTCUSDT", origClientOrderId="cw-1")
        assert str(held["orderId"]) == order["id"] and held["status"] == "NEW"
        found = await ex.fetch_order_ws(order["id"], BTC)
        assert found["clientOrderId"] == "cw-1" and found["remaining"] == 0.01
        canceled = await ex.cancel_order_ws(order["id"], BTC)
        assert canceled["status"] == "canceled"

        filled = await ex.create_order_ws(BTC, "market", "buy", 0.02)
        assert filled["status"] == "closed" and filled["filled"] == 0.02
        (position,) = [row for row in await ex.fetch_positions_ws([BTC]) if row["contracts"]]
        assert position["contracts"] == 0.02 and position["side"] == "long"
        assert (await ex.fetch_balance_ws())["USDT"]["total"] < 1_000_000

    run(paper, test)


def test_conditional_orders_over_the_websocket_api(paper):
    async def test(ex):
        await ex.create_order_ws(BTC, "market", "buy", 0.02)
        params = {"stopPrice": 58000, "closePosition": True}
        stop = await ex.create_order_ws(BTC, "STOP_MARKET", "sell", None, None, params)
        assert stop["status"] == "open" and stop["triggerPrice"] == 58000
        (held,) = await hand(paper.ask, "GET", "/fapi/v1/openAlgoOrders")
        assert str(held["algoId"]) == stop["id"] and held["closePosition"] is True
        await hand(paper.price, "BTCUSDT", "57900")
        assert await hand(paper.amount, "BTCUSDT") == 0

    run(paper, test)


def test_the_websocket_api_refuses_with_ccxts_exceptions(paper):
    async def test(ex):
        with pytest.raises(ccxt.OrderNotFound):
            await ex.fetch_order_ws("1", BTC)
        with pytest.raises(ccxt.OrderNotFound):
            await ex.cancel_order_ws("1", BTC)
        with pytest.raises(ccxt.ExchangeError, match="-2022"):
            await ex.create_order_ws(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
        ex.secret = "not the secret"
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await ex.create_order_ws(BTC, "market", "sell", 0.01)

    run(paper, test)
