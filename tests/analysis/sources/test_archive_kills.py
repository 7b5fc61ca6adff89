"""An archive outlives a process that is killed with no warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.archive_kills import kill_runs

pytestmark = pytest.mark.slow


def test_twenty_kills_lose_nothing_double_nothing_and_fetch_nothing_twice(tmp_path: Path) -> None:
    found = kill_runs(20, tmp_path)

    assert found.damage == []
    assert found.asked_again == []
    assert found.midway > 0
