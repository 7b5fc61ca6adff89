"""A session's charts in a folder: two grounds, one drawing to scale, and the words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main

LARGEST = 60_000
"""What a chart may weigh in a letter [bytes]."""


@pytest.mark.slow
def test_a_note_with_charts_leaves_pictures_for_both_grounds_and_says_what_it_could_not_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["note", "--demo", "--charts", str(tmp_path)])
    printed = capsys.readouterr()
    stems = {path.name.split(".")[0] for path in tmp_path.glob("*.svg")}

    assert status == 0
    assert "SIMULATED MARKET" in printed.out
    assert "not drawn" not in printed.err
    drawn = ("driver_bars", "gamma_profile", "rebalancing", "odds", "forced_share")
    assert {f"2026-06-30-{slug}" for slug in drawn} <= stems
    for stem in stems:
        assert (tmp_path / f"{stem}.png").stat().st_size <= LARGEST
        assert (tmp_path / f"{stem}-dark.png").stat().st_size <= LARGEST
        assert (tmp_path / f"{stem}.txt").read_text("utf-8").strip().endswith(".")
