"""What python-binance makes of a venue in trouble."""

import pytest
from binance.client import Client
from binance.exceptions import BinanceAPIException

from binance_client import point

LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
         "quantity": "0.010", "price": "59000"}


@pytest.fixture
def api(paper):
    return point(Client, paper)(api_key=paper.api_key, api_secret=paper.secret)


@pytest.mark.parametrize("action, status, code, executed", [
    ("execute_then_timeout", 408, -1007, True),
    ("lose_then_timeout", 408, -1007, False),
    ("refuse_overload", 503, -1008, False),
    ("refuse_internal", 503, -1001, False),
    ({"execute_then_fail": {"code": -1006, "message": "Execution status unknown."}},
     400, -1006, True),
])
def test_trouble_has_a_status_and_a_code(paper, api, action, status, code, executed):
    once = {"method": "POST", "path": "/fapi/v1/order", "often": {"times": 1}}
    paper.admin("faults", requests=[{**once, "action": action}])
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_create_order(**LIMIT, newClientOrderId="pb-lost")
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert len(api.futures_get_open_orders()) == int(executed)


@pytest.mark.parametrize("limit, status", [("limit", 429), ("ban", 418)])
def test_a_limit_has_its_status(paper, api, limit, status):
    paper.admin("faults", timed=[{"at_ms": 0, "action": {limit: {"ms": 60_000}}}])
    with pytest.raises(BinanceAPIException) as caught:
        api.futures_account_balance()
    assert (caught.value.status_code, caught.value.code) == (status, -1003)
