"""A whole `undertow serve` on a real afternoon: the estimate before the bell, then the note."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.bot.discord.houses import House
from tests.bot.discord.wire import WireServer

AT_THE_TIME_SET, IN_THE_EVENING = "2025-04-09T15:35:00-04:00", "2025-04-09T17:15:00-04:00"
SETTINGS = {
    "CLOSE_ESTIMATE_AT": "15:35",
    # Late enough that the note of the day before has no revision in the afternoon.
    "REVISION_AT": "22:00",
}


async def page(address: str) -> str:
    """Return the page that shows the latest note."""
    async with httpx.AsyncClient(trust_env=False, timeout=60.0) as client:
        return (await client.get(address)).raise_for_status().text


@pytest.mark.slow
async def test_a_served_afternoon_has_the_estimate_for_those_who_ask_and_the_note_for_all(
    market_folder: Path, wire: WireServer, place: int, reader: int, tmp_path: Path
) -> None:
    house = House(tmp_path, market_folder, wire)

    async with house.serving(AT_THE_TIME_SET, **SETTINGS) as address:
        await house.until("2025-04-09 estimate", "2025-04-08 note on folder")
        said = await house.told((place, reader), "Into today's close")
        shown = await page(address)

    # docs/into-the-close.md has the table: +9.14 % and 18.6 billion at 15:35.
    assert "**Into today's close, an estimate.**" in said
    assert "Leveraged funds have about $19 billion to buy by the bell." in said
    assert "At prices of 15:35 New York the S&P 500 is up 9.1% on the day." in said
    assert "This is the note of **Tue 8 Apr 2025**" in said
    assert "billion to buy by the bell" not in shown
    assert "8 April 2025" in shown
    assert house.notes() == ["2025-04-08.md"]

    async with house.serving(IN_THE_EVENING, **SETTINGS) as address:
        await house.until("2025-04-09 publish", "2025-04-09 note on folder")
        said = await house.told((place, reader), "9 Apr")
        shown = await page(address)

    # The same table: 29.1 billion by all funds at the evening's prices.
    assert "Into today's close" not in said
    assert "This is the note of" not in said
    assert "$29 billion" in shown
    assert house.notes() == ["2025-04-08.md", "2025-04-09.md"]
