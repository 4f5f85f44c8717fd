"""The official Python connector over REST. Every answer must fit its strictly typed models."""

from decimal import Decimal

import pytest
from binance_common.errors import (
    BadRequestError,
    NotFoundError,
    ServerError,
    UnauthorizedError,
)

from official import connector
from paper import wait_until

pytestmark = pytest.mark.usefixtures("strict")


@pytest.fixture
def api(paper):
    return connector(paper).rest_api


def limit(api, **changed):
    order = {
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC",
        "quantity": 0.01, "price": 59000.0, **changed,
    }
    return api.new_order(**order).data()


def market(api, side, quantity, **changed):
    order = {"symbol": "BTCUSDT", "side": side, "type": "MARKET", "quantity": quantity, **changed}
    return api.new_order(new_order_resp_type="RESULT", **order).data()


def test_market_data_fits_its_models(paper, api):
    paper.price("BTCUSDT", "61000")
    info = api.exchange_information().data()
    btc = next(row for row in info.symbols if row.symbol == "BTCUSDT")
    tick = next(row for row in btc.filters if row.filter_type == "PRICE_FILTER")
    assert tick.tick_size == "0.10" and btc.price_precision == 2
    assert type(api.check_server_time().data().server_time) is int
    mark = api.mark_price(symbol="BTCUSDT").data()
    mark = getattr(mark, "actual_instance", mark)
    assert Decimal(mark.mark_price) == 61000 and mark.next_funding_time > mark.time
    book = api.order_book(symbol="BTCUSDT", limit=5).data()
    assert Decimal(book.bids[0][0]) == 61000 and Decimal(book.asks[0][0]) == Decimal("61000.1")
    bars = api.kline_candlestick_data(symbol="BTCUSDT", interval="1m").data()
    assert Decimal(bars[-1][4]) == 61000
    side = api.symbol_order_book_ticker(symbol="BTCUSDT").data()
    side = getattr(side, "actual_instance", side)
    assert Decimal(side.bid_price) == 61000
    day = api.ticker24hr_price_change_statistics(symbol="BTCUSDT").data()
    day = getattr(day, "actual_instance", day)
    assert Decimal(day.last_price) == 61000 and Decimal(day.open_price) == 60000
    price = api.symbol_price_ticker_v2(symbol="BTCUSDT").data()
    price = getattr(price, "actual_instance", price)
    assert Decimal(price.price) == 61000


def test_an_order_is_placed_queried_and_canceled(paper, api):
    order = limit(api, new_client_order_id="op-1")
    assert order.status == "NEW" and order.client_order_id == "op-1"
    assert Decimal(order.price) == 59000 and Decimal(order.orig_qty) == Decimal("0.01")
    assert order.reduce_only is False and order.order_id > 2**53

    found = api.query_order(symbol="BTCUSDT", order_id=order.order_id).data()
    assert found.orig_type == "LIMIT" and Decimal(found.avg_price) == 0
    assert found.time == order.update_time
    by_client = api.query_current_open_order(symbol="BTCUSDT", orig_client_order_id="op-1").data()
    assert by_client.order_id == order.order_id
    assert [row.order_id for row in api.current_all_open_orders().data()] == [order.order_id]

    canceled = api.cancel_order(symbol="BTCUSDT", order_id=order.order_id).data()
    assert canceled.status == "CANCELED"
    assert api.current_all_open_orders(symbol="BTCUSDT").data() == []
    (row,) = api.all_orders(symbol="BTCUSDT").data()
    assert row.status == "CANCELED"
    assert paper.order(symbol="BTCUSDT", orderId=order.order_id)["status"] == "CANCELED"


def test_cancel_all_answers_with_a_number(api):
    limit(api)
    limit(api, price=58900.0)
    done = api.cancel_all_open_orders(symbol="BTCUSDT").data()
    assert done.code == 200
    assert api.current_all_open_orders(symbol="BTCUSDT").data() == []


def test_limits_are_told_with_every_answer(api):
    answer = api.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01)
    told = {(row.rateLimitType, row.interval, row.intervalNum): row.count
            for row in answer.rate_limits}
    assert told["ORDERS", "SECOND", 10] == 1 and told["ORDERS", "MINUTE", 1] == 1
    assert ("REQUEST_WEIGHT", "MINUTE", 1) in told
    limits = {(row.interval, row.limit) for row in api.query_user_rate_limit().data()}
    assert limits == {("SECOND", 300), ("MINUTE", 1200)}


def test_a_position_is_told_alike_by_every_endpoint(paper, api):
    order = market(api, "SELL", 0.02)
    assert order.status == "FILLED" and Decimal(order.executed_qty) == Decimal("0.02")
    paper.price("BTCUSDT", "59000")

    v3 = api.position_information_v3(symbol="BTCUSDT").data()[0]
    assert Decimal(v3.position_amt) == Decimal("-0.02") and v3.position_side == "BOTH"
    assert Decimal(v3.entry_price) == 60000 and Decimal(v3.un_realized_profit) == 20
    v2 = api.position_information_v2(symbol="BTCUSDT").data()[0]
    assert v2.leverage == "20" and v2.margin_type == "cross" and v2.position_amt == v3.position_amt

    (trade,) = api.account_trade_list(symbol="BTCUSDT").data()
    assert trade.order_id == order.order_id and Decimal(trade.price) == 60000
    fee = Decimal(trade.commission)
    rate = api.user_commission_rate(symbol="BTCUSDT").data()
    assert fee == 1200 * Decimal(rate.taker_commission_rate)

    account = api.account_information_v3().data()
    assert Decimal(account.total_wallet_balance) == 1_000_000 - fee
    assert Decimal(account.total_unrealized_profit) == 20
    assert account.positions[0].position_amt == v3.position_amt
    older = api.account_information_v2().data()
    assert older.can_trade is True and older.total_wallet_balance == account.total_wallet_balance
    for balances in [api.futures_account_balance_v2(), api.futures_account_balance_v3()]:
        (usdt,) = balances.data()
        assert usdt.asset == "USDT" and Decimal(usdt.balance) == 1_000_000 - fee

    market(api, "BUY", 0.02, reduce_only="true")
    assert api.position_information_v3(symbol="BTCUSDT").data() == []
    assert paper.amount("BTCUSDT") == 0


def test_conditional_orders_live_in_the_algo_service(paper, api):
    market(api, "BUY", 0.02)
    stop = api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
        trigger_price=58000.0, close_position="true", working_type="MARK_PRICE",
        price_protect="true", client_algo_id="op-stop",
    ).data()
    assert stop.algo_status == "NEW" and stop.order_type == "STOP_MARKET"
    assert stop.close_position is True and stop.reduce_only is True and stop.price_protect is True
    assert stop.quantity == "0" and stop.time_in_force == "GTE_GTC"
    assert Decimal(stop.trigger_price) == 58000 and stop.trigger_time == 0
    target = api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="TAKE_PROFIT_MARKET",
        trigger_price=62000.0, quantity=0.01, reduce_only="true",
    ).data()
    assert Decimal(target.quantity) == Decimal("0.01")

    assert [row.algo_id for row in api.current_all_algo_open_orders().data()] == [
        stop.algo_id, target.algo_id
    ]
    assert api.current_all_open_orders().data() == []
    found = api.query_algo_order(client_algo_id="op-stop").data()
    assert found.algo_id == stop.algo_id and found.actual_order_id == ""

    paper.price("BTCUSDT", "62000")
    done = api.query_algo_order(algo_id=target.algo_id).data()
    assert done.algo_status == "FINISHED" and paper.amount("BTCUSDT") == Decimal("0.01")
    child = api.query_order(symbol="BTCUSDT", order_id=int(done.actual_order_id)).data()
    assert child.type == "MARKET" and Decimal(child.executed_qty) == Decimal("0.01")
    assert Decimal(done.actual_price) == Decimal(child.avg_price) == 62000

    canceled = api.cancel_algo_order(algo_id=stop.algo_id).data()
    assert canceled.code == "200" and canceled.msg == "success"
    assert api.query_algo_order(algo_id=stop.algo_id).data().algo_status == "CANCELED"
    all_of_them = api.query_all_algo_orders(symbol="BTCUSDT").data()
    assert [row.algo_status for row in all_of_them] == ["CANCELED", "FINISHED"]


def test_all_conditional_orders_go_at_once(api):
    market(api, "BUY", 0.02)
    for trigger in [58000.0, 57000.0]:
        api.new_algo_order(
            algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
            trigger_price=trigger, quantity=0.01, reduce_only="true",
        )
    assert api.cancel_all_algo_open_orders(symbol="BTCUSDT").data().code == 200
    assert api.current_all_algo_open_orders().data() == []


def test_a_close_position_stop_goes_with_its_position(api):
    market(api, "BUY", 0.02)
    stop = api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
        trigger_price=58000.0, close_position="true",
    ).data()
    market(api, "SELL", 0.02)
    state = lambda: api.query_algo_order(algo_id=stop.algo_id).data().algo_status
    wait_until("the stop expires", lambda: state() == "EXPIRED")


def test_settings_are_kept(api):
    changed = api.change_initial_leverage(symbol="BTCUSDT", leverage=21).data()
    assert changed.leverage == 21 and type(changed.max_notional_value) is str
    assert api.change_margin_type(symbol="BTCUSDT", margin_type="ISOLATED").data().code == 200
    (config,) = api.symbol_configuration(symbol="BTCUSDT").data()
    assert config.leverage == 21 and config.margin_type == "ISOLATED"
    assert config.is_auto_add_margin is False
    assert api.futures_account_configuration().data().dual_side_position is False
    assert api.get_current_position_mode().data().dual_side_position is False
    assert api.get_current_multi_assets_mode().data().multi_assets_margin is False
    brackets = api.notional_and_leverage_brackets(symbol="BTCUSDT").data()
    rows = getattr(brackets, "actual_instance", brackets)
    assert rows[0].brackets[0].initial_leverage == 125


def test_a_listen_key_lives_and_dies(api):
    key = api.start_user_data_stream().data().listen_key
    assert len(key) == 64
    assert api.start_user_data_stream().data().listen_key == key
    api.keepalive_user_data_stream()
    api.close_user_data_stream()
    with pytest.raises(BadRequestError) as caught:
        api.keepalive_user_data_stream()
    assert caught.value.status_code == -1125


@pytest.mark.parametrize("code, attempt", [
    (-2013, lambda api: api.query_order(symbol="BTCUSDT", order_id=1)),
    (-2011, lambda api: api.cancel_order(symbol="BTCUSDT", order_id=1)),
    (-2013, lambda api: api.query_algo_order(algo_id=1)),
    (-2011, lambda api: api.cancel_algo_order(algo_id=1)),
    (-2022, lambda api: market(api, "SELL", 0.01, reduce_only="true")),
    (-4164, lambda api: limit(api, symbol="ETHUSDT", quantity=0.005, price=2950.0)),
    (-4024, lambda api: limit(api, side="SELL", price=50000.0)),
    (-1111, lambda api: limit(api, quantity=0.0101)),
    (-1121, lambda api: limit(api, symbol="NOUSDT")),
    (-4061, lambda api: market(api, "BUY", 0.01, position_side="LONG")),
    (-4046, lambda api: api.change_margin_type(symbol="BTCUSDT", margin_type="CROSSED")),
    (-4028, lambda api: api.change_initial_leverage(symbol="BTCUSDT", leverage=126)),
    (-4059, lambda api: api.change_position_mode(dual_side_position="false")),
    (-4120, lambda api: api.test_order(
        symbol="BTCUSDT", side="SELL", type="STOP_MARKET", stop_price=58000.0, quantity=0.01)),
    (-2021, lambda api: api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
        trigger_price=61000.0, quantity=0.01)),
    (-4509, lambda api: api.new_algo_order(
        algo_type="CONDITIONAL", symbol="BTCUSDT", side="SELL", type="STOP_MARKET",
        trigger_price=58000.0, close_position="true")),
])
def test_refusal(api, code, attempt):
    with pytest.raises(BadRequestError) as caught:
        attempt(api)
    # The connector keeps the venue's code under this name.
    assert caught.value.status_code == code, caught.value


def test_an_unknown_path_is_not_found(api):
    with pytest.raises(NotFoundError) as caught:
        api.accept_the_offered_quote(quote_id="1")
    assert caught.value.status_code == -5000


def test_keys_are_checked(paper):
    with pytest.raises(BadRequestError) as caught:
        connector(paper, api_secret="not the secret").rest_api.account_information_v3()
    assert caught.value.status_code == -1022
    with pytest.raises(UnauthorizedError) as caught:
        connector(paper, api_key="not the key").rest_api.account_information_v3()
    assert caught.value.status_code == -2015


def test_an_ed25519_key_signs_rest_requests(paper):
    api = connector(paper, kind="ed25519").rest_api
    order = limit(api)
    assert paper.order(symbol="BTCUSDT", orderId=order.order_id)["status"] == "NEW"
