"""Real money: was the move broad, heavy, and backed by credit?

Mechanical flows hit the index; people who choose to buy or sell spread over many names, trade
during the day, and take credit with them. Nobody reports who chose, so this driver describes
the tape by its marks, each above zero where it points to buying:

- up-volume share: dollar volume of rising members over that of rising and falling ones;
- breadth: rising members over rising and falling ones;
- relative volume of SPY, ln(volume / median of 20 sessions before), with the sign of the day;
- close location: (2C - H - L) / (H - L) of the index;
- intraday share: SPY's return from open to close over overnight plus intraday moves;
- RSP - SPY and IWM - SPY: did the small names come along?
- HYG less its slope (252 sessions before) times SPY, and LQD - IEF: did credit?
- SPY less utilities and staples, (XLU + XLP) / 2: was it appetite or shelter?

Each mark, shares less one half, is divided by 1.4826 times the median of its size over the 252
sessions before and held to +-3. Their mean over the known marks (at least four), divided by
its own usual size in the same way, is z: above zero real money bought.

Nearly all of these follow the return: most names rise on most up days. What is left beyond
the size of the move is the fact ``participation``: the mean in the direction of the move,
ranked among the 60 to 250 past sessions with the nearest move of the same sign. A half is
usual for such a move, one is as broad and heavy as it gets, zero as narrow and thin.

Units: shares and ranks in [0, 1], returns are fractions, z in robust standard deviations.

Dollars: creations of the big index funds (SPY, IVV, VOO, QQQ), and only where the figure
dated that session was known that evening. Most are published the next day; then there are no
dollars, and the newest known figure is evidence with its own date. The range of one half to
one and a half admits baskets exchanged for tax reasons only.

Missing data: every mark is optional and costs its part of the coverage; without members the
breadth counted by others is used, and up-volume is missing. Volume is left out on half days,
quarterly expiries and the Russell reconstitution.

Pitfalls: breadth does not tell conviction from short covering; six well-known mechanical
rallies of 2022 to 2025 had every sector up. Participation has not predicted reversal: say
broad or narrow, and no more. SPY's close is struck a quarter of an hour after the index's.

References
----------
Lou, D., Polk, C. and Skouras, S. (2019). A Tug of War: Overnight versus Intraday Expected
Returns. Journal of Financial Economics 134(1).
Campbell, J., Grossman, S. and Wang, J. (1993). Trading Volume and Serial Correlation in Stock
Returns. Quarterly Journal of Economics 108(4).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.fund_changes import newest_total
from analysis.market import Market
from analysis.neighbours import conditional_rank
from analysis.participation import fund_marks, member_marks, tape_marks
from analysis.reading import Driver, Fact, Grade, Input, Kind
from analysis.statistics import prior_scale, weighted_mean

USUAL_SESSIONS = 252
"""A year: the memory of each mark's usual size."""

LEAST_SESSIONS = 63
"""Known sessions that a mark's usual size needs, of 252."""

LIMIT = 3.0
"""One mark may count for no more than three of its usual sizes."""

LEAST_MARKS = 4
"""Fewer marks than this describe a fund, not a market."""

INDEX_FUNDS = ("IVV", "QQQ", "SPY", "VOO")

CREATED_RANGE = (0.5, 1.0, 1.5)
"""Low, mid, high part of creations that is new money rather than baskets exchanged."""

CAVEAT = "It describes who took part; it does not say that the move will last."


def marks(market: Market) -> pd.DataFrame:
    """Return every mark of the tape by session, as a reader would check it."""
    return pd.concat(
        [member_marks(market), tape_marks(market), fund_marks(market)], axis="columns", sort=False
    )


def pointing_to_buying(tape: pd.DataFrame, day_return: pd.Series) -> pd.DataFrame:
    """Return the marks centred where neither side leads, above zero for buying."""
    heavy = np.log(tape["relative_volume"]) * np.sign(day_return)
    return pd.DataFrame(
        {
            "up_volume_share": tape["up_volume_share"] - 0.5,
            "breadth": tape["breadth"] - 0.5,
            "relative_volume": heavy,
            **{
                name: tape[name]
                for name in (
                    "close_location",
                    "intraday_share",
                    "equal_weight_spread_return",
                    "small_spread_return",
                    "high_yield_residual_return",
                    "credit_spread_return",
                    "defensives_spread_return",
                )
            },
        }
    )


def conviction(pointing: pd.DataFrame) -> pd.Series:
    """Return the mean of the known marks, each against its usual size and held to three.

    Missing where fewer than four marks are known. Above zero for buying.
    """
    usual = {
        name: (values / prior_scale(values, window=USUAL_SESSIONS, least=LEAST_SESSIONS)).clip(
            -LIMIT, LIMIT
        )
        for name, values in pointing.items()
    }
    known = pd.DataFrame(usual).notna().sum(axis="columns")
    return weighted_mean([(1.0, part) for part in usual.values()]).where(known >= LEAST_MARKS)


def measure(market: Market) -> pd.DataFrame:
    """Describe, session by session, how broad and heavy the buying or selling was."""
    tape = marks(market)
    pointing = pointing_to_buying(tape, market.day_return)
    mean = conviction(pointing)
    with_the_move = mean * np.sign(market.day_return)
    sheet = tape.assign(
        z=mean / prior_scale(mean, window=USUAL_SESSIONS, least=LEAST_SESSIONS),
        participation=conditional_rank(with_the_move, market.move),
    )
    sheet = pd.concat([sheet, _creations(market)], axis="columns", sort=False)
    sheet["share_of_adv"] = sheet["flow_mid_usd"] / market.adv_usd()
    return pd.concat([sheet, _knowledge(pointing)], axis="columns", sort=False)


def _creations(market: Market) -> pd.DataFrame:
    """Money put into the big index funds, as far as it was known that evening."""
    newest = newest_total(market.fund_flows_usd, "flow_usd", INDEX_FUNDS, market.sessions)
    today = newest["as_of"] == pd.Series(market.sessions, index=market.sessions)
    flow = newest["total"].where(today)
    low, mid, high = CREATED_RANGE
    age = pd.Series(market.sessions, index=market.sessions) - newest["as_of"]
    return pd.DataFrame(
        {
            "flow_low_usd": np.minimum(low * flow, high * flow),
            "flow_mid_usd": mid * flow,
            "flow_high_usd": np.maximum(low * flow, high * flow),
            "creations_usd": newest["total"],
            "creations_date": newest["as_of"],
            "has_creations": newest["funds"] / len(INDEX_FUNDS),
            "age_creations": age.dt.days.astype(float),
        }
    )


def _knowledge(pointing: pd.DataFrame) -> pd.DataFrame:
    """Return the part of each group of marks that was known."""
    known = pointing.notna().astype(float)
    groups = {
        "has_up_volume": ["up_volume_share"],
        "has_breadth": ["breadth"],
        "has_volume": ["relative_volume"],
        "has_path": ["close_location", "intraday_share"],
        "has_styles": [
            "equal_weight_spread_return",
            "small_spread_return",
            "defensives_spread_return",
        ],
        "has_credit": ["high_yield_residual_return", "credit_spread_return"],
    }
    return pd.DataFrame({key: known[names].mean(axis="columns") for key, names in groups.items()})


real_money = Driver(
    slug="real_money",
    title="Real money",
    kind=Kind.CONVICTION,
    grade=Grade.C,
    measure=measure,
    inputs=(
        Input(key="up_volume", weight=0.2, missing="volume of the index members"),
        Input(key="breadth", weight=0.2, missing="how many members rose and fell"),
        Input(key="volume", weight=0.15, missing="a volume of SPY that compares with its usual"),
        Input(key="path", weight=0.15, missing="open, high and low of the day"),
        Input(key="styles", weight=0.15, missing="equal-weight, small-company or defensive funds"),
        Input(key="credit", weight=0.1, missing="credit funds"),
        Input(
            key="creations",
            weight=0.05,
            missing="creations of the big index funds, so no dollars",
            half_life_days=5.0,
        ),
    ),
    facts=(
        Fact(
            key="participation",
            label="Breadth and weight against moves of this size",
            unit="fraction",
            source="all marks, ranked among past sessions",
        ),
        Fact(
            key="up_volume_share",
            label="Dollar volume in rising members",
            unit="fraction",
            source="S&P 500 members, close and volume",
        ),
        Fact(
            key="breadth",
            label="Members that rose",
            unit="fraction",
            source="S&P 500 members, or advancers and decliners",
        ),
        Fact(
            key="up_weight_share",
            label="Weight in the index of rising members",
            unit="fraction",
            source="S&P 500 members, close; weights of the list of members",
        ),
        Fact(
            key="relative_volume",
            label="SPY's volume against its usual",
            unit="x",
            source="SPY volume over its median of 20 sessions",
        ),
        Fact(
            key="month_volume",
            label="SPY's volume of the past month against that of the past year",
            unit="x",
            source="SPY volume, medians of 20 and 252 sessions",
        ),
        Fact(
            key="close_location",
            label="Close within the day's range, -1 low to 1 high",
            unit="x",
            source="S&P 500 high, low and close",
        ),
        Fact(
            key="intraday_share",
            label="Part of the move made between open and close",
            unit="fraction",
            source="SPY open and close",
        ),
        Fact(
            key="equal_weight_spread_return",
            label="Equal-weight fund minus SPY",
            unit="fraction",
            source="RSP and SPY, close",
        ),
        Fact(
            key="small_spread_return",
            label="Small companies minus SPY",
            unit="fraction",
            source="IWM and SPY, close",
        ),
        Fact(
            key="high_yield_residual_return",
            label="High-yield bonds beyond their usual share of SPY's move",
            unit="fraction",
            source="HYG and SPY, close",
        ),
        Fact(
            key="credit_spread_return",
            label="Company bonds minus Treasuries",
            unit="fraction",
            source="LQD and IEF, close",
        ),
        Fact(
            key="defensives_spread_return",
            label="SPY minus utilities and staples",
            unit="fraction",
            source="SPY, XLU and XLP, close",
        ),
        Fact(
            key="creations_usd",
            label="Money put into the big index funds",
            unit="usd",
            source="fund flows",
            as_of="creations_date",
        ),
    ),
    caveat=CAVEAT,
    witness="participation",
)
