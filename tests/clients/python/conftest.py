"""Every test has a venue of its own, in one-way mode unless it asks for hedge mode."""

import logging

import pytest

from official import loosely_read
from paper import Paper


@pytest.fixture
def paper():
    """A fresh venue in one-way mode."""
    with Paper() as venue:
        yield venue


@pytest.fixture
def hedge():
    """A fresh venue in hedge mode."""
    with Paper() as venue:
        venue.ask("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        yield venue


@pytest.fixture
def strict(caplog):
    """Fails a test of the official connector in which anything did not fit its models."""
    with caplog.at_level(logging.WARNING):
        yield
    assert loosely_read(caplog.get_records("call")) == []
