"""While the members' pasts are still coming in, nothing is summed over a few and then over all."""

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.sessions import sessions_between
from analysis.sources.live_members import without_thin_sessions

SESSIONS = sessions_between(pd.Timestamp("2026-03-02"), pd.Timestamp("2026-07-29"))
MEMBERS = [f"M{place}" for place in range(10)]


def market(known: pd.DataFrame) -> Market:
    """Return a market of ten members at 10 dollars, 100 shares each where known."""
    close = known.astype(float).replace(0.0, np.nan) * 10.0
    one = pd.DataFrame({"^GSPC": 5000.0, "SPY": 500.0}, index=SESSIONS)
    volume = pd.DataFrame({"SPY": 20.0}, index=SESSIONS)
    return Market(
        sessions=SESSIONS,
        close=one,
        volume=volume,
        member_close=close,
        member_volume=close * 10.0,
    )


def all_known() -> pd.DataFrame:
    return pd.DataFrame(True, index=SESSIONS, columns=MEMBERS)


def test_a_first_evening_has_no_yardstick_of_two_members_for_ten() -> None:
    known = all_known()
    known.loc[SESSIONS[:-1], MEMBERS[2:]] = False

    found, remark = without_thin_sessions(market(known))

    assert found.dollar_volume_usd.iloc[-1] == 10 * 10.0 * 100.0
    assert found.adv_usd().isna().all()
    assert "the past of only 2 of 10 members" in remark


def test_an_archive_with_every_past_is_left_as_it_is() -> None:
    whole = market(all_known())

    found, remark = without_thin_sessions(whole)

    assert found is whole
    assert remark == ""


def test_one_new_member_in_ten_changes_nothing() -> None:
    known = all_known()
    known.loc[SESSIONS[:-1], MEMBERS[9]] = False

    found, remark = without_thin_sessions(market(known))

    assert found.member_close.notna().sum().tolist() == [len(SESSIONS)] * 9 + [1]
    assert remark == ""


def test_a_session_on_which_most_quotes_failed_is_left_out_alone() -> None:
    known = all_known()
    known.loc[SESSIONS[-5], MEMBERS[:6]] = False

    found, remark = without_thin_sessions(market(known))

    assert SESSIONS[-5] not in found.member_close.index
    assert len(found.member_close) == len(SESSIONS) - 1
    assert remark == ""


def test_a_desk_without_members_is_left_as_it_is() -> None:
    close = pd.DataFrame({"^GSPC": 5000.0}, index=SESSIONS)

    found, remark = without_thin_sessions(Market(sessions=SESSIONS, close=close))

    assert found.member_close.empty
    assert remark == ""
