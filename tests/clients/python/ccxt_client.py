"""Points an unmodified ccxt exchange at one paper exchange."""

from urllib.parse import urlsplit

import ccxt

BTC = "BTC/USDT:USDT"
ETH = "ETH/USDT:USDT"


def point(exchange, venue):
    """Replaces the host in every address that ccxt knows; paths stay as they are."""

    def moved(urls):
        if isinstance(urls, dict):
            return {name: moved(url) for name, url in urls.items()}
        parts = urlsplit(urls)
        return (venue.ws if parts.scheme == "wss" else venue.rest) + parts.path

    exchange.urls["api"] = moved(exchange.urls["api"])
    return exchange


def rest(venue, **changed):
    """The synchronous exchange with the account's key."""
    keys = {"apiKey": venue.api_key, "secret": venue.secret, "enableRateLimit": False}
    return point(ccxt.binanceusdm({**keys, **changed}), venue)
