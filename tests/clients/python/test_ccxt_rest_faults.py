"""What ccxt makes of a venue in trouble."""

import ccxt
import pytest

from ccxt_client import BTC, rest


@pytest.fixture
def ex(paper):
    exchange = rest(paper)
    exchange.load_markets()
    return exchange


def fault(paper, action):
    once = {"method": "POST", "path": "/fapi/v1/order", "often": {"times": 1}}
    paper.admin("faults", requests=[{**once, "action": action}])


def test_an_order_of_unknown_fate_is_found_by_its_own_id(paper, ex):
    fault(paper, "execute_then_unknown")
    with pytest.raises(ccxt.OperationFailed, match="Unknown error"):
        ex.create_order(BTC, "limit", "buy", 0.01, 59000, {"clientOrderId": "cx-lost"})
    found = ex.fetch_order("", BTC, {"clientOrderId": "cx-lost"})
    assert found["status"] == "open" and found["amount"] == 0.01


def test_an_overloaded_venue_has_not_executed(paper, ex):
    fault(paper, "refuse_overload")
    with pytest.raises(ccxt.BaseError, match="-1008"):
        ex.create_order(BTC, "limit", "buy", 0.01, 59000)
    assert ex.fetch_open_orders(BTC) == []


def test_a_connection_cut_after_the_order_is_a_network_error(paper, ex):
    fault(paper, "execute_then_cut")
    with pytest.raises(ccxt.NetworkError):
        ex.create_order(BTC, "limit", "buy", 0.01, 59000, {"clientOrderId": "cx-cut"})
    assert paper.order(symbol="BTCUSDT", origClientOrderId="cx-cut")["status"] == "NEW"


@pytest.mark.parametrize("limit, status", [("limit", "429"), ("ban", "418")])
def test_a_limit_is_a_ddos_protection(paper, ex, limit, status):
    paper.admin("faults", timed=[{"at_ms": 0, "action": {limit: {"ms": 60_000}}}])
    with pytest.raises(ccxt.DDoSProtection, match=status):
        ex.fetch_ticker(BTC)
