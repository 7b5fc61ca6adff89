"""What was learnt stays, in order, once, and the same folder comes out of it every time."""

from __future__ import annotations

import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sources.archive import Archive, read_table
from analysis.sources.archive_care import export, import_folder, prune, verify
from analysis.sources.folder import FolderSource
from analysis.sources.folder.prices import PRICES
from analysis.sources.objects import DamagedError
from analysis.sources.tables import empty, grown, normal
from analysis.sources.vendor import Facts, Findings, Item, Raw
from tests.market_folder import write_small_folder

DAY = pd.Timestamp("2026-07-29")
ITEM = Item(key="chart/SPY", feed="prices")


def bars(closes: dict[str, float], symbol: str = "SPY") -> pd.DataFrame:
    rows = [{"date": day, "symbol": symbol, "close": close} for day, close in closes.items()]
    return normal(PRICES.path, pd.DataFrame(rows))


def findings(
    closes: dict[str, float], content: bytes = b"raw", *, replaces: tuple[str, ...] = ()
) -> Findings:
    facts = Facts(path=PRICES.path, rows=bars(closes), replaces=replaces)
    return Findings(
        as_of=DAY, final=True, raws=(Raw(name="chart", content=content),), facts=(facts,)
    )


def closes(archive: Archive) -> dict[str, float]:
    with archive.view() as view:
        rows = read_table(view.folder, PRICES.path)
    return {f"{row['date']:%Y-%m-%d}": row["close"] for row in rows.to_dict("records")}


def test_an_answer_that_says_nothing_new_is_not_kept_twice(tmp_path: Path) -> None:
    archive = Archive(tmp_path)

    first = archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 1.0}), "2026-07-29T21:00:00Z")
    second = archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 1.0}), "2026-07-29T22:00:00Z")

    assert (first, second) == (True, False)
    assert archive.index.newest() == 1


def test_a_late_correction_wins_and_the_first_answer_stays(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-28": 1.0, "2026-07-29": 2.0}, b"a"), "T1")
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 2.5}, b"b"), "T2")

    export(archive, tmp_path / "then", upto=1)

    assert closes(archive) == {"2026-07-28": 1.0, "2026-07-29": 2.5}
    assert read_table(tmp_path / "then", PRICES.path)["close"].tolist() == [1.0, 2.0]


def test_after_a_split_the_whole_past_of_a_symbol_is_taken_anew(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-27": 90.0, "2026-07-28": 100.0}), "T1")

    split = findings({"2026-07-28": 10.0, "2026-07-29": 11.0}, b"b", replaces=("SPY",))
    archive.keep(DAY, "yahoo", ITEM, split, "T2")

    assert closes(archive) == {"2026-07-28": 10.0, "2026-07-29": 11.0}


NEWS = st.lists(
    st.tuples(
        st.dictionaries(st.integers(1, 9), st.integers(1, 99), min_size=1, max_size=4),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@given(NEWS, st.integers(0, 8))
def test_a_folder_grown_evening_by_evening_is_the_folder_made_at_once(
    told: list[tuple[dict[int, int], bool]], stop: int
) -> None:
    news = [
        Facts(
            path=PRICES.path,
            rows=bars({f"2026-07-{day:02}": float(close) for day, close in days.items()}),
            replaces=("SPY",) if anew else (),
        )
        for days, anew in told
    ]

    at_once = grown(PRICES.path, empty(PRICES.path), news)
    step_by_step = grown(
        PRICES.path, grown(PRICES.path, empty(PRICES.path), news[:stop]), news[stop:]
    )

    pd.testing.assert_frame_equal(step_by_step, at_once, check_exact=True)


@pytest.mark.slow
@given(NEWS, st.integers(0, 8), st.integers(0, 8))
def test_taking_the_last_evenings_in_again_after_a_crash_changes_nothing(
    told: list[tuple[dict[int, int], bool]], done: int, crashed: int
) -> None:
    news = [
        Facts(
            path=PRICES.path,
            rows=bars({f"2026-07-{day:02}": float(close) for day, close in days.items()}),
            replaces=("SPY",) if anew else (),
        )
        for days, anew in told
    ]
    begin = min(done, crashed)
    ahead = grown(PRICES.path, empty(PRICES.path), news[: max(done, crashed)])

    again = grown(PRICES.path, ahead, news[begin:])

    pd.testing.assert_frame_equal(again, grown(PRICES.path, empty(PRICES.path), news))


def test_a_view_that_fell_behind_or_was_lost_is_made_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 2.0}), "T1")
    before = closes(archive)
    (tmp_path / "state.json").write_text("half a li", "utf-8")
    (tmp_path / "market" / PRICES.path).unlink()

    assert closes(archive) == before


def test_two_writers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    def write(part: int) -> None:
        archive = Archive(tmp_path)
        for n in range(15):
            item = Item(key=f"{part}/{n}", feed="prices")
            archive.keep(DAY, "yahoo", item, findings({f"2026-07-{n + 1:02}": 1.0}), "T")
            closes(archive)

    writers = [threading.Thread(target=write, args=(part,)) for part in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    archive = Archive(tmp_path)
    assert archive.index.newest() == 30
    assert verify(archive) == []
    assert len(closes(archive)) == 15


def test_a_damaged_object_is_named(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 2.0}), "T1")
    damaged = next(iter(archive.objects.names()))
    path = tmp_path / "objects" / damaged[:2] / f"{damaged[2:]}.gz"
    path.write_bytes(path.read_bytes()[:-4])

    assert len(verify(archive)) == 1
    with pytest.raises(DamagedError, match=damaged[:12]):
        archive.objects.get(damaged)


def test_pruning_lets_go_of_old_answers_and_of_no_fact(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep(DAY, "yahoo", ITEM, findings({"2026-07-29": 2.0}, b"old"), "T1")
    later = pd.Timestamp("2026-07-30")
    archive.keep(later, "yahoo", ITEM, findings({"2026-07-30": 3.0}, b"new"), "T2")
    (tmp_path / "objects" / "aa").mkdir(exist_ok=True)
    (tmp_path / "objects" / "aa" / ".draft-left").write_bytes(b"half")

    found = prune(archive, later)

    assert (found.answers, found.leftovers) == (1, 1)
    assert verify(archive) == []
    export(archive, tmp_path / "out")
    assert read_table(tmp_path / "out", PRICES.path)["close"].tolist() == [2.0, 3.0]


def test_a_market_folder_comes_out_as_it_went_in(tmp_path: Path) -> None:
    folder = write_small_folder(tmp_path / "in")
    archive = Archive(tmp_path / "archive")

    import_folder(archive, folder, "2026-07-29T21:00:00Z")
    export(archive, tmp_path / "out")

    before, after = (FolderSource(place).fetch() for place in (folder, tmp_path / "out"))
    for name in ("close", "volume", "member_volume", "breadth", "fund_assets_usd", "dix", "cot"):
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))
    assert [note.as_of for note in after.notes] == [note.as_of for note in before.notes]
