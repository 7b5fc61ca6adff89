"""When figures became known, against days looked up by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.sessions import sessions_between
from analysis.sources.folder.lags import cot_known, sessions_after

SESSIONS = sessions_between(pd.Timestamp("2012-01-03"), pd.Timestamp("2026-08-05"))


def one(day: str) -> pd.Series:
    return pd.Series(pd.DatetimeIndex([day]).as_unit("us"))


@pytest.mark.parametrize(
    ("report", "known"),
    [
        ("2025-04-08", "2025-04-11"),
        ("2025-04-15", "2025-04-21"),
        ("2024-06-18", "2024-06-24"),
        ("2024-07-02", "2024-07-08"),
        ("2024-11-26", "2024-12-02"),
        ("2024-12-24", "2024-12-30"),
        ("2012-12-24", "2012-12-28"),
        ("2023-07-03", "2023-07-07"),
    ],
    ids=[
        "an ordinary Tuesday is out on Friday",
        "Good Friday moves it to Monday",
        "Juneteenth on Wednesday moves it, as the CFTC's schedule of 2024 says",
        "Independence Day on Thursday moves it, as that schedule says",
        "Thanksgiving moves it, as that schedule says",
        "Christmas moves it, as that schedule says",
        "a Monday's report before Christmas Day",
        "a Monday's report before Independence Day on Tuesday",
    ],
)
def test_a_futures_report_is_known_when_the_cftc_published_it(report: str, known: str) -> None:
    assert list(cot_known(one(report), SESSIONS)) == [pd.Timestamp(known)]


@pytest.mark.parametrize(
    ("report", "known"),
    [
        ("2013-10-01", "2013-10-11"),
        ("2018-12-24", "2019-01-04"),
        ("2019-01-22", "2019-02-01"),
        ("2025-09-30", "2025-10-10"),
        ("2025-11-10", "2025-11-21"),
    ],
)
def test_a_report_of_a_shutdown_is_known_ten_days_after_its_tuesday(
    report: str, known: str
) -> None:
    assert list(cot_known(one(report), SESSIONS)) == [pd.Timestamp(known)]


@pytest.mark.parametrize("report", ["2018-12-18", "2019-01-29", "2025-09-23"])
def test_reports_before_and_after_a_shutdown_are_known_on_friday(report: str) -> None:
    friday = pd.Timestamp(report) + pd.Timedelta(days=3)

    assert list(cot_known(one(report), SESSIONS)) == [friday]


def test_what_comes_out_after_the_last_session_is_not_known() -> None:
    assert cot_known(one("2026-08-04"), SESSIONS).isna().all()
    assert sessions_after(one("2026-08-05"), SESSIONS).isna().all()


def test_the_ninth_session_after_a_settlement_skips_the_holidays_between() -> None:
    # 2026-05-18 to 22 are five sessions; the 25th is Memorial Day; the 26th to 29th four.
    assert list(sessions_after(one("2026-05-15"), SESSIONS, 9)) == [pd.Timestamp("2026-05-29")]
