"""Which names are shorted, and when their covering can be checked."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.most_shorted import membership, shipped_list
from analysis.short_interest_calendar import confirmation_dates


@pytest.mark.parametrize(
    ("trade", "settlement", "published"),
    [
        # Settled three days later until September 2017: Thursday 10 March 2016 on the 15th.
        ("2016-03-10", "2016-03-15", "2016-03-24"),
        # One session later that is the 16th, too late for the mid-month report.
        ("2016-03-11", "2016-03-31", "2016-04-11"),
        # Two days later until May 2024: 27 January 2021 on Friday the 29th, a month's end.
        ("2021-01-27", "2021-01-29", "2021-02-09"),
        # One day later since: 9 April 2025 on the 10th; the 18th is Good Friday.
        ("2025-04-09", "2025-04-15", "2025-04-25"),
        ("2025-04-15", "2025-04-30", "2025-05-09"),
    ],
)
def test_a_purchase_is_confirmed_by_the_first_report_after_it_settles(
    trade: str, settlement: str, published: str
) -> None:
    row = confirmation_dates(pd.DatetimeIndex([trade])).iloc[0]

    assert row["settlement"] == pd.Timestamp(settlement)
    assert row["published"] == pd.Timestamp(published)


def test_the_answer_for_a_day_does_not_hang_on_the_days_asked_with_it() -> None:
    days = pd.bdate_range("2023-01-03", "2024-12-31")

    together = confirmation_dates(days)

    for place in (0, 100, 300, 500):
        alone = confirmation_dates(days[: place + 1]).iloc[-1]
        pd.testing.assert_series_equal(alone, together.iloc[place])


def test_every_shipped_name_says_since_when_and_says_it_is_hindsight() -> None:
    names = shipped_list()

    assert names["since"].notna().all()
    assert (names["until"].isna() | (names["until"] > names["since"])).all()
    assert names["source"].str.contains("hindsight").all()


def test_the_shipped_list_has_a_basket_on_every_day_since_2014() -> None:
    inside = membership(shipped_list(), pd.bdate_range("2014-06-02", "2026-06-01"))

    assert inside.sum(axis="columns").min() >= 5


def test_a_name_may_come_back() -> None:
    names = pd.DataFrame(
        {
            "symbol": ["CAR", "CAR"],
            "since": pd.to_datetime(["2021-06-01", "2025-03-03"]),
            "until": [pd.Timestamp("2021-12-31"), pd.NaT],
        }
    )
    days = pd.DatetimeIndex(["2021-05-31", "2021-06-01", "2022-01-03", "2025-03-03"])

    assert membership(names, days)["CAR"].tolist() == [False, True, False, True]
