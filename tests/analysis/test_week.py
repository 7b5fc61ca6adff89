"""A week adds up to what its published reports say, and to nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from analysis.reading import Estimate
from analysis.week import NoNotesError, Settled, week_of

MONDAY = date(2025, 11, 24)
WEEK = [MONDAY + timedelta(place) for place in range(5)]
THANKSGIVING = [day for day in WEEK if day != date(2025, 11, 27)]


def report(
    session: date,
    close: float,
    day_return: float,
    *,
    label: str = "mixed",
    forced: tuple[float, float, float] | None = None,
    funds: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return a published report with one driver, leveraged_etf, as (score, mid dollars)."""
    flow = None if funds is None else {"low": funds[1] - 1, "mid": funds[1], "high": funds[1] + 1}
    driver = {
        "slug": "leveraged_etf",
        "title": "Leveraged-ETF rebalancing",
        "kind": "mechanical",
        "grade": "A",
        "measured": funds is not None,
        "score": 0.0 if funds is None else funds[0],
        "surprise": None,
        "flow_usd": flow,
    }
    return {
        "session": session.isoformat(),
        "content_hash": f"sha256:{session:%Y%m%d}",
        "as_of": f"{session}T21:00:00Z",
        "demo": False,
        "index": {"close": close, "day_return": day_return, "vix_close": 20.0, "vix_change": 1.0},
        "verdict": {
            "label": label,
            "side": "buying",
            "mechanical_usd": None if forced is None else dict(zip(ENDS, forced, strict=True)),
            "mechanical_share_of_volume": {"low": 0.01, "mid": 0.04, "high": 0.09},
        },
        "drivers": [driver],
        "calendar": [],
    }


ENDS = ("low", "mid", "high")


def test_the_weeks_return_runs_from_the_close_before_to_the_last_close() -> None:
    week = week_of([report(WEEK[0], 101.0, 0.01), report(WEEK[4], 104.0, 0.004)], WEEK)

    # Monday's close of 101 after a rise of 1 % means 100 on the Friday before.
    assert week.index_return == pytest.approx(0.04)


def test_forced_dollars_add_up_end_by_end_and_days_without_them_are_left_out() -> None:
    week = week_of(
        [
            report(WEEK[0], 100.0, 0.0, forced=(1e9, 3e9, 4e9)),
            report(WEEK[1], 100.0, 0.0, forced=(-5e9, -2e9, -1e9)),
            report(WEEK[2], 100.0, 0.0),
        ],
        WEEK,
    )

    assert week.forced_usd == Estimate(-4e9, 1e9, 3e9)
    assert week.forced_share == pytest.approx(0.04)


def test_a_driver_is_summed_over_the_days_it_was_measured() -> None:
    days = [(0.9, 8.0), (-0.7, -3.0), (0.1, 1.0)]
    reports = [report(d, 100.0, 0.0, funds=f) for d, f in zip(WEEK, days, strict=False)]
    [funds] = week_of([*reports, report(WEEK[3], 100.0, 0.0)], WEEK).drivers

    assert (funds.days_measured, funds.days_strong) == (3, 2)
    # A score of 0.1 is negligible: it is on no side.
    assert (funds.days_buying, funds.days_selling) == (1, 1)
    assert funds.net_usd == Estimate(3.0, 6.0, 9.0)
    assert funds.heaviest.session == WEEK[0]


def test_a_driver_nobody_could_measure_is_named_as_such() -> None:
    week = week_of([report(WEEK[0], 100.0, 0.0)], WEEK)

    assert week.drivers == ()
    assert week.unmeasured == ("Leveraged-ETF rebalancing",)


def test_a_holiday_is_no_missing_note_and_a_held_session_is() -> None:
    reports = [report(day, 100.0, 0.0) for day in THANKSGIVING[:2]]
    friday = {**report(THANKSGIVING[3], 100.0, 0.0), "calendar": ["half_day"]}
    week = week_of([*reports, friday], THANKSGIVING)

    assert week.closed == (date(2025, 11, 27),)
    assert week.half_days == (date(2025, 11, 28),)
    assert week.missing == (date(2025, 11, 26),)
    assert week.session == date(2025, 11, 28)


def test_reports_of_other_weeks_do_not_count_and_order_does_not_matter() -> None:
    mine = [report(day, 100.0, 0.0) for day in WEEK]
    other = report(MONDAY - timedelta(3), 90.0, -0.1)

    assert week_of([other, *reversed(mine)], WEEK) == week_of(mine, WEEK)


def test_the_hash_covers_what_came_due() -> None:
    claim = Settled(session=MONDAY, key="next_sign", probability=0.5, base_rate=0.5, came_true=True)
    reports = [report(MONDAY, 100.0, 0.0)]
    without, with_one = week_of(reports, WEEK, []), week_of(reports, WEEK, [claim])

    assert without.content_hash != with_one.content_hash
    assert with_one.as_dict()["settled"] == [
        {
            "session": "2025-11-24",
            "key": "next_sign",
            "probability": 0.5,
            "base_rate": 0.5,
            "came_true": True,
        }
    ]


def test_a_week_without_notes_is_refused() -> None:
    with pytest.raises(NoNotesError, match="from 2025-11-24 to 2025-11-28"):
        week_of([], WEEK)
