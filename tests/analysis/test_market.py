"""The market's own arithmetic and its point in time, on numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.market import DATED, INDEX, PANELS, Market, age_days

SESSIONS = pd.bdate_range("2025-03-03", periods=40).as_unit("us")


def index_market(closes: list[float]) -> Market:
    """Return a market of the index alone."""
    sessions = pd.bdate_range("2025-03-03", periods=len(closes)).as_unit("us")
    return Market(sessions=sessions, close=pd.DataFrame({INDEX: closes}, index=sessions))


def volume_market(member_sessions: int) -> Market:
    """Return a market in which members trade twice SPY's dollars while they are known."""
    ones = np.ones(len(SESSIONS))
    close = pd.DataFrame({INDEX: 5000.0 * ones, "SPY": 500.0 * ones}, index=SESSIONS)
    volume = pd.DataFrame({"SPY": 100.0 * ones}, index=SESSIONS)
    members = pd.DataFrame({"A": 10.0 * ones, "B": 30.0 * ones}, index=SESSIONS)
    traded = pd.DataFrame({"A": 4000.0 * ones, "B": 2000.0 * ones}, index=SESSIONS)
    traded.iloc[member_sessions:] = np.nan
    return Market(
        sessions=SESSIONS,
        close=close,
        volume=volume,
        member_close=members,
        member_volume=traded,
    )


def published(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return a dated table of (date, known, figure)."""
    frame = pd.DataFrame(rows, columns=["date", "known", "figure"])
    days = {name: pd.to_datetime(frame[name]).dt.as_unit("us") for name in ("date", "known")}
    return frame.assign(**days)


def test_a_return_is_close_over_prior_close_less_one() -> None:
    market = index_market([100.0, 102.0, 96.9])

    assert list(market.day_return.iloc[1:]) == [pytest.approx(0.02), pytest.approx(-0.05)]


def test_a_return_needs_both_neighbouring_sessions() -> None:
    market = index_market([100.0, math.nan, 104.0, 105.04])

    assert list(market.day_return.isna()) == [True, True, True, False]
    assert market.day_return.iloc[3] == pytest.approx(0.01)


def test_a_symbol_nobody_knows_is_missing_throughout() -> None:
    assert index_market([100.0, 101.0]).closes("NVDA").isna().all()


def test_volatility_leaves_the_day_itself_out() -> None:
    # Returns alternate between +1 % and -1 %; the last day falls a tenth.
    closes = [100.0]
    for i in range(30):
        closes.append(closes[-1] * (1.01 if i % 2 == 0 else 0.99))
    market = index_market([*closes, closes[-1] * 0.9])

    # Standard deviation of thirty returns of size 0.01 around zero: 0.01 * sqrt(30 / 29).
    assert market.sigma.iloc[-1] == pytest.approx(0.010171, abs=1e-6)
    assert market.move.iloc[-1] == pytest.approx(-0.1 / 0.010171, rel=1e-4)
    assert market.sigma.iloc[:22].isna().all()


def test_dollar_volume_is_that_of_the_members() -> None:
    # 10 * 4,000 + 30 * 2,000 dollars, against SPY's 500 * 100.
    market = volume_market(member_sessions=40)

    assert set(market.dollar_volume_usd) == {100_000.0}
    assert set(market.volume_age_days) == {0.0}


def test_spy_stands_in_at_its_last_known_ratio_and_ages() -> None:
    market = volume_market(member_sessions=30)

    assert market.dollar_volume_usd.iloc[-1] == pytest.approx(100_000.0)
    # The thirtieth session is Friday 2025-04-11, the fortieth Friday 2025-04-25.
    assert market.volume_age_days.iloc[-1] == 14.0


def test_the_volume_yardstick_is_the_twenty_sessions_before_the_day() -> None:
    market = volume_market(member_sessions=40)
    stampede = market.member_volume.copy()
    stampede.iloc[-1] *= 10.0
    crowded = Market(
        sessions=SESSIONS,
        close=market.close,
        volume=market.volume,
        member_close=market.member_close,
        member_volume=stampede,
    )

    assert crowded.adv_usd().iloc[-1] == 100_000.0
    assert crowded.adv_usd().iloc[:10].isna().all()


def test_the_newest_row_known_that_evening_is_found() -> None:
    market = Market(sessions=SESSIONS)
    table = published(
        ("2025-03-04", "2025-03-07", 1.0),
        ("2025-03-11", "2025-03-14", 2.0),
    )
    known = market.known(table, ["figure"])["figure"]

    assert np.isnan(known["2025-03-06"])
    assert known["2025-03-07"] == 1.0
    assert known["2025-03-13"] == 1.0
    assert known["2025-03-14"] == 2.0


def test_what_was_known_before_the_first_session_is_still_known() -> None:
    known = Market(sessions=SESSIONS).known(
        published(("2025-02-18", "2025-02-21", 5.0)), ["figure"]
    )

    assert set(known["figure"]) == {5.0}
    assert set(known["date"]) == {pd.Timestamp("2025-02-18")}


def test_of_an_empty_table_nothing_is_known() -> None:
    known = Market(sessions=SESSIONS).known(pd.DataFrame(), ["figure"])

    assert known["figure"].isna().all()
    assert known["date"].isna().all()


def test_age_counts_calendar_days_since_the_last_value() -> None:
    values = pd.Series(np.nan, index=SESSIONS[:4])
    values.iloc[1] = 7.0

    # Tuesday's value is a day old on Wednesday and two on Thursday.
    assert list(age_days(values).iloc[1:]) == [0.0, 1.0, 2.0]
    assert np.isnan(age_days(values).iloc[0])


@given(place=st.integers(0, 39))
def test_a_cut_market_holds_nothing_from_after_the_cut(
    place: int, simulated_market: Market
) -> None:
    session = simulated_market.sessions[-40 + place]
    cut = simulated_market.until(session)

    assert cut.sessions[-1] == session
    for name in PANELS:
        panel = getattr(cut, name)
        assert panel.empty or panel.index.max() <= session, name
    for name in DATED:
        table = getattr(cut, name)
        assert table.empty or table["known"].max() <= session, name


def test_cutting_twice_is_cutting_once(simulated_market: Market) -> None:
    early, late = simulated_market.sessions[[-30, -10]]
    once, twice = simulated_market.until(early), simulated_market.until(late).until(early)

    pd.testing.assert_frame_equal(once.close, twice.close, check_exact=True)
    pd.testing.assert_frame_equal(once.cot, twice.cot, check_exact=True)
