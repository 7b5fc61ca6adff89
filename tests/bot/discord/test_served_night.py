"""A whole `undertow serve` overnight: figures corrected by morning, data that come late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.bot.discord.houses import House
from tests.bot.discord.test_ops import given
from tests.bot.discord.test_posting import texts
from tests.bot.discord.wire import WireServer
from tests.market_folder import PRICES, cut_folder, read_frame, write_frame, write_small_folder

THURSDAY, FRIDAY = "2025-05-29", "2025-05-30"
THURSDAY_EVENING, FRIDAY_MORNING = f"{THURSDAY}T17:15:00-04:00", f"{FRIDAY}T08:33:00-04:00"
FRIDAY_LATE, FRIDAY_LATER = f"{FRIDAY}T17:30:00-04:00", f"{FRIDAY}T17:45:00-04:00"


@pytest.fixture
def house(tmp_path: Path, wire: WireServer) -> House:
    """Give a desk whose small market folder ends on Thursday."""
    whole = write_small_folder(tmp_path / "whole")
    market = cut_folder(whole, tmp_path / "market", pd.Timestamp(THURSDAY))
    return House(tmp_path, market, wire)


@pytest.fixture
def settings(place: int) -> Mapping[str, str]:
    """Return the settings that name the desk's own channel."""
    return {"DISCORD_CHANNEL_ID": str(place)}


def posts(wire: WireServer, place: int) -> list[dict[str, Any]]:
    """Return what stands in the channel, less what readers were told for themselves."""
    return [one for one in wire.messages(place) if one["type"] == 0]


def raise_the_index(market: Path, day: str, close: float) -> None:
    """Let the vendor correct the index's close of a day."""
    frame = read_frame(market, PRICES)
    wrong = (frame["symbol"] == "^GSPC") & (frame["date"] == pd.Timestamp(day))
    frame.loc[wrong, ["open", "high", "low", "close"]] = close
    write_frame(market, PRICES, frame)


@pytest.mark.slow
async def test_a_close_corrected_overnight_is_in_the_post_by_morning(
    house: House, settings: Mapping[str, str], wire: WireServer, place: int, reader: int
) -> None:
    async with house.serving(THURSDAY_EVENING, **settings):
        await house.until(f"{THURSDAY} publish", f"{THURSDAY} note on discord")
    [evening] = posts(wire, place)
    raise_the_index(house.market, THURSDAY, 5_350.0)

    async with house.serving(FRIDAY_MORNING, **settings):
        await house.until(f"{THURSDAY} revise", f"{THURSDAY} revision on discord")
        said = await house.told((place, reader), "**+0.9%**")

    [morning] = posts(wire, place)
    # 5,000 and 5 a session: Thursday is the 62nd, 5,305 after 5,300, and 5,350 once corrected.
    assert "S&P 500 **+0.09%**" in texts(evening)
    assert morning["id"] == evening["id"]
    assert "S&P 500 **+0.9%**" in texts(morning)
    assert "Corrected <t:" in texts(morning)
    assert "S&P 500 **+0.09%**" not in said


@pytest.mark.slow
async def test_a_night_that_corrects_nothing_leaves_the_post_alone(
    house: House, settings: Mapping[str, str], wire: WireServer, place: int
) -> None:
    async with house.serving(THURSDAY_EVENING, **settings):
        await house.until(f"{THURSDAY} publish", f"{THURSDAY} note on discord")
    [evening] = posts(wire, place)

    async with house.serving(FRIDAY_MORNING, **settings):
        await house.until(f"{THURSDAY} revise")

    assert posts(wire, place) == [evening]


@pytest.mark.slow
async def test_data_that_come_late_turn_the_pending_post_into_the_note(
    house: House, settings: Mapping[str, str], wire: WireServer, place: int, reader: int
) -> None:
    async with house.serving(THURSDAY_EVENING, **settings):
        await house.until(f"{THURSDAY} publish", f"{THURSDAY} note on discord")

    async with house.serving(FRIDAY_LATE, **settings):
        await house.until(f"{FRIDAY} pending on discord")
        waiting = await given(wire, (place, reader), "flow today")
    before = posts(wire, place)
    cut_folder(house.home / "whole", house.market, pd.Timestamp(FRIDAY))
    async with house.serving(FRIDAY_LATER, **settings):
        await house.until(f"{FRIDAY} publish", f"{FRIDAY} note on discord")
        said = await house.told((place, reader), "30 May")

    after = posts(wire, place)
    assert "Data pending" in texts(before[-1])
    assert "This is the note of **Thu 29 May 2025**" in waiting
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert "Data pending" not in texts(after[-1])
    assert "Close of Fri 30 May 2025" in texts(after[-1])
    assert "This is the note of" not in said
