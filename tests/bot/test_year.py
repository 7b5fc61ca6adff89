"""The weeks in which everything happens at once: clocks change, a half day, two outages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.year import Wall, Year, accounts
from bot.ledger import Ledger

FIRST = datetime(2024, 10, 30, 12, tzinfo=UTC)
LAST = datetime(2024, 12, 3, 12, tzinfo=UTC)


@pytest.mark.slow
async def test_every_session_of_a_bad_month_is_published_once_or_has_its_reason(
    ledger: Ledger, tmp_path: Path
) -> None:
    year = Year(ledger, tmp_path / "notes", Wall(FIRST))

    await year.live(LAST)

    found = await accounts(year, LAST)
    assert [account for account in found if not account.is_settled] == []
    # 29 October to 2 December 2024 has 24 sessions. Off from Thursday evening to Monday evening:
    # Thursday and Friday are history by then; off over Thanksgiving: so is Wednesday.
    assert Counter(account.fate for account in found) == Counter(
        {"on time": 19, "late": 2, "archive only": 3}
    )
    assert max(year.post.got.values()) == 1
