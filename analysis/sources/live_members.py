"""Members of the index while most of their pasts are still to come.

A new archive learns the last bar of every member on its first evening, and their pasts over the
next ones. Meanwhile the sum over a hundred members of last week must not be held against the sum
over five hundred of today: that would be a stampede of nobody's making. So sessions on which too
few are known are left out, and the volume of the index is not known for them.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.market import Market

NEARLY_ALL = 0.9
"""Part of the members known lately that a session must have to be added up beside them."""

LATELY_SESSIONS = 60
"""As far as the yardsticks of volume and breadth look back."""


def without_thin_sessions(market: Market) -> tuple[Market, str]:
    """Return the market without sessions on which too few members are known, and why.

    Nothing is changed where the last quarter is whole; the reason is "" then, and where single
    sessions are thin.
    """
    counts = market.member_close.reindex(market.sessions).notna().sum(axis="columns")
    lately = counts.iloc[-LATELY_SESSIONS:]
    whole = counts >= NEARLY_ALL * lately.max()
    if lately.max() == 0 or whole.loc[lately.index].all():
        return market, ""
    thin = market.sessions[~whole]
    kept = replace(
        market,
        member_close=market.member_close.drop(index=thin, errors="ignore"),
        member_volume=market.member_volume.drop(index=thin, errors="ignore"),
    )
    if whole[lately.index[0]]:
        return kept, ""
    remark = f"the past of only {lately.iloc[0]} of {lately.max()} members is kept so far"
    return kept, f"{remark}; the rest comes on the next evenings and nothing is summed before"
