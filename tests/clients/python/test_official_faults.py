"""What the official Python connector makes of a venue in trouble."""

import pytest
from binance_common.errors import (
    BadRequestError,
    RateLimitBanError,
    ServerError,
    TooManyRequestsError,
)

from official import connector

LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC",
         "quantity": 0.01, "price": 59000.0}


@pytest.fixture
def api(paper):
    return connector(paper).rest_api


def fault(paper, method, action, times=1):
    rule = {"method": method, "path": "/fapi/v1/order", "often": {"times": times}}
    paper.admin("faults", requests=[{**rule, "action": action}])


def test_a_placement_of_unknown_fate_is_not_sent_twice(paper, api):
    fault(paper, "POST", "execute_then_unknown")
    with pytest.raises(ServerError):
        api.new_order(**LIMIT, new_client_order_id="of-lost")
    assert [row.client_order_id for row in api.all_orders(symbol="BTCUSDT").data()] == ["of-lost"]


def test_a_query_is_asked_again_by_itself(paper, api):
    order = api.new_order(**LIMIT).data()
    fault(paper, "GET", "refuse_unavailable")
    assert api.query_order(symbol="BTCUSDT", order_id=order.order_id).data().status == "NEW"


def test_a_cancel_that_worked_is_sent_again_and_finds_nothing(paper, api):
    order = api.new_order(**LIMIT).data()
    fault(paper, "DELETE", "execute_then_unknown")
    with pytest.raises(BadRequestError) as caught:
        api.cancel_order(symbol="BTCUSDT", order_id=order.order_id)
    assert caught.value.status_code == -2011
    assert paper.order(symbol="BTCUSDT", orderId=order.order_id)["status"] == "CANCELED"


@pytest.mark.parametrize("limit, kind", [
    ("limit", TooManyRequestsError), ("ban", RateLimitBanError),
])
def test_a_limit_says_how_long_to_wait(paper, api, limit, kind):
    paper.admin("faults", timed=[{"at_ms": 0, "action": {limit: {"ms": 60_000}}}])
    with pytest.raises(kind) as caught:
        api.check_server_time()
    assert caught.value.status_code == -1003 and 0 < caught.value.retry_after <= 61
