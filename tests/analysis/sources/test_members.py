"""The list of the index's members says of which day it is, where it is from, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import analysis.sources.yahoo
from analysis.market import Market
from analysis.participation import member_marks
from analysis.report import build_report
from analysis.sources.members import MembersError, member_list
from tests.replay.server import Replay, serving
from tests.replay.small_day import SYMBOLS, serve_small_day, small_desk

DAYS = pd.DatetimeIndex(["2026-07-27", "2026-07-28", "2026-07-29"])


def written(place: Path, *lines: str) -> Path:
    path = place / "members.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_the_list_that_ships_is_dated_names_its_source_and_says_it_has_no_weights() -> None:
    found = member_list()

    assert len(found.symbols) == 503
    assert found.as_of == pd.Timestamp("2025-08-01")
    assert "it has no weights" in found.remark
    assert "source: public announcements" in found.remark
    assert found.facts() is None


def test_an_operators_weights_in_per_cent_become_parts_of_one(tmp_path: Path) -> None:
    found = member_list(
        written(
            tmp_path,
            "# as of 2026-07-01",
            "# source: my broker",
            "symbol,weight",
            "AAPL,6%",
            "BRK-B,2",
        )
    )

    facts = found.facts()
    assert facts is not None
    assert facts.rows["weight"].tolist() == [0.75, 0.25]
    assert found.remark == "2 members; with weights; source: my broker"


def test_an_undated_list_is_told_and_its_weights_are_left_alone(tmp_path: Path) -> None:
    found = member_list(written(tmp_path, "symbol,weight", "AAPL,6"))

    assert "does not say of which day" in found.remark
    assert found.facts() is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [(("ticker", "AAPL"), "no column `symbol`"), (("symbol,weight", "A,-1"), "below zero")],
)
def test_a_list_that_cannot_be_meant_is_refused(
    lines: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(MembersError, match=words) as raised:
        member_list(written(tmp_path, *lines))

    assert raised.value.exit_code == 2


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MembersError, match="cannot be read"):
        member_list(tmp_path / "nowhere.csv")


def three_days() -> Market:
    close = pd.DataFrame(
        {"A": [10.0, 11.0, 12.0], "B": [10.0, 9.0, 8.0], "C": [10.0, 9.0, 8.0]}, index=DAYS
    )
    weights = pd.DataFrame(
        {
            "date": pd.Timestamp("2026-07-28"),
            "known": pd.Timestamp("2026-07-28"),
            "symbol": ["A", "B", "C"],
            "weight": [0.7, 0.2, 0.1],
        }
    )
    return Market(sessions=DAYS, member_close=close, member_weights=weights)


def test_one_heavy_member_lifts_an_index_whose_members_mostly_fell() -> None:
    marks = member_marks(three_days())

    assert marks["breadth"].iloc[-1] == pytest.approx(1 / 3)
    assert marks["up_weight_share"].iloc[-1] == pytest.approx(0.7)
    # The list is of the 28th: on the 27th nobody had it.
    assert marks["up_weight_share"].isna().tolist() == [True, False, False]


def test_too_little_of_the_weight_seen_is_not_known() -> None:
    market = three_days()

    marks = member_marks(replace(market, member_close=market.member_close[["B", "C"]]))

    assert marks["up_weight_share"].isna().all()


def test_weights_look_back_and_nowhere_else() -> None:
    market = three_days()

    then = member_marks(market.until(DAYS[1]))

    pd.testing.assert_frame_equal(then, member_marks(market).loc[: DAYS[1]], check_exact=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    monkeypatch.setattr(analysis.sources.yahoo, "desk_symbols", lambda: SYMBOLS)
    with serving(Replay()) as replayed:
        serve_small_day(replayed)
        yield replayed


def test_a_live_run_keeps_the_weights_and_tells_of_the_list(server: Replay, tmp_path: Path) -> None:
    desk = small_desk(tmp_path, server.url)
    source = desk.source()
    source.members = member_list(
        written(tmp_path, "# as of 2026-07-01", "# source: ours", "symbol,weight", "SPY,3", "IWM,1")
    )

    market = source.fetch()

    weights = market.member_weights.set_index("symbol")["weight"]
    assert weights.to_dict() == {"IWM": 0.25, "SPY": 0.75}
    (told,) = [one for one in build_report(market).sources if one.name == "S&P 500 member list"]
    assert (told.status, told.note) == ("fresh", "2 members; with weights; source: ours")
