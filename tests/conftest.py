"""The markets every test may start from."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from analysis.market import Market
from analysis.sources.demo import DemoSource

ROOT = Path(__file__).parent.parent

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Take off the log handlers a test's command set up: they write to a stream that is gone."""
    root, fetching = logging.getLogger(), logging.getLogger("undertow.sources")
    handlers, level, filters = root.handlers[:], root.level, fetching.filters[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    fetching.filters[:] = filters


@pytest.fixture(scope="session")
def simulated_market() -> Market:
    """Return the demo market: four years with every input there is."""
    return DemoSource().fetch()


@pytest.fixture(scope="session")
def market_folder() -> Path:
    """Return the folder of real market data that lies beside a checkout, or skip."""
    folder = Path(os.environ.get("UNDERTOW_MARKET", ROOT / "../shared/market"))
    if not (folder / "prices").is_dir():
        pytest.skip(f"no real market folder at {folder}; set UNDERTOW_MARKET to one")
    return folder
