"""Points the unmodified official connector at one paper exchange, and listens to its streams."""

import asyncio

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)

# The connector's own default of one second is short for a busy machine.
TIMEOUT_MS = 5_000
ANSWER_SECONDS_MAX = 10


def keys(venue, kind="hmac"):
    """The account's key in the words of the connector's configurations."""
    if kind == "ed25519":
        return {"api_key": venue.api_key, "private_key": venue.ed25519_pem}
    return {"api_key": venue.api_key, "api_secret": venue.secret}


def connector(venue, kind="hmac", **changed):
    """REST, WebSocket API and streams of one venue."""
    own = {**keys(venue, kind), **changed}
    return DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(base_path=venue.rest, timeout=TIMEOUT_MS, **own),
        config_ws_api=ConfigurationWebSocketAPI(
            stream_url=f"{venue.ws}/ws-fapi/v1", timeout=TIMEOUT_MS, **own
        ),
        config_ws_streams=ConfigurationWebSocketStreams(
            stream_url=venue.ws, reconnect_delay=100
        ),
    )


def loosely_read(records):
    """What the connector's log says of answers and events that its strict models do not fit.

    It only warns: an answer it then reads loosely, an event it hands on raw or drops.
    """
    words = (
        "did not match the declared types", "Failed to parse", "Unknown user data event",
        "Error in callback",
    )
    said = [record.getMessage() for record in records]
    return [text for text in said if any(word in text for word in words)]


class Heard:
    """What a stream told, in order, already parsed into the connector's models."""

    def __init__(self, stream):
        self.seen = []
        self.grew = asyncio.Event()
        stream.on("message", self._take)

    def _take(self, message):
        # User events come in a wrapper, one member for every kind of event.
        self.seen.append(getattr(message, "actual_instance", None) or message)
        self.grew.set()

    async def first(self, what, wanted):
        """The first message that is wanted, already here or still to come."""

        async def search():
            known = 0
            while True:
                for message in self.seen[known:]:
                    known += 1
                    if wanted(message):
                        return message
                self.grew.clear()
                await self.grew.wait()

        try:
            return await asyncio.wait_for(search(), ANSWER_SECONDS_MAX)
        except asyncio.TimeoutError:
            raise AssertionError(f"{what} never came; heard: {self.seen}") from None
