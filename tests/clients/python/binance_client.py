"""Points python-binance's unmodified classes at one paper exchange."""


def point(kind, venue):
    """The same class with other addresses: they are class attributes, and subclasses may differ."""
    return type(
        kind.__name__,
        (kind,),
        {
            "API_URL": f"{venue.rest}/api",
            "MARGIN_API_URL": f"{venue.rest}/sapi",
            "FUTURES_URL": f"{venue.rest}/fapi",
            "FUTURES_DATA_URL": f"{venue.rest}/futures/data",
            "WS_FUTURES_URL": f"{venue.ws}/ws-fapi/v1",
        },
    )
