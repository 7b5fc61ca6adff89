"""The days at hand are what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.market import INDEX, VIX, Market
from analysis.report import build_report
from analysis.simulate import scenarios
from analysis.simulate.simulation import simulate
from analysis.verdict import Label, Side


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rallies_rise_and_sell_offs_fall_by_more_than_two_deviations(seed: int) -> None:
    assert scenarios.rally(seed).market.move.iloc[-1] > 1.5
    assert scenarios.sell_off(seed).market.move.iloc[-1] < -1.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_has_much_to_do_on_a_quiet_day(seed: int) -> None:
    quiet = scenarios.quiet(seed)

    assert abs(quiet.market.move.iloc[-1]) < 0.5
    assert quiet.planted[["short_covering", "real_money"]].iloc[-1].abs().max() < 1e9


def test_shorts_buy_what_hedgers_sell_on_a_mixed_day() -> None:
    last = scenarios.mixed().planted.iloc[-1]

    assert last["short_covering"] > 1e9
    assert last["hedge_unwinding"] < -1e9


def test_patient_money_leads_its_days() -> None:
    assert scenarios.conviction().planted["real_money"].iloc[-1] > 10e9
    assert scenarios.liquidation().planted["real_money"].iloc[-1] < -10e9


def test_a_poor_day_has_prices_and_says_what_it_lacks() -> None:
    market = scenarios.poor_data(sessions=100).market

    assert not market.close.empty
    assert all(getattr(market, name).empty for name in scenarios.OPTIONAL)
    assert "short_interest" in market.notes[-1].problem


@pytest.fixture(scope="module")
def small() -> Market:
    return simulate(2, sessions=80).market


def test_a_mirrored_day_negates_every_last_log_return(small: Market) -> None:
    turned = scenarios.mirrored(small)
    for panel in ("close", "member_close"):
        was = np.log(getattr(small, panel)).diff().iloc[-1]
        now = np.log(getattr(turned, panel)).diff().iloc[-1]
        assert now.to_numpy() == pytest.approx(-was.to_numpy(), abs=1e-12)
    assert turned.close.iloc[:-1].equals(small.close.iloc[:-1])
    assert turned.breadth["advancers"].iloc[-1] == small.breadth["decliners"].iloc[-1]


def test_a_mirrored_bar_still_holds_together(small: Market) -> None:
    turned = scenarios.mirrored(small)

    assert (turned.low.iloc[-1] <= turned.close.iloc[-1] * (1 + 1e-12)).all()
    assert (turned.close.iloc[-1] <= turned.high.iloc[-1] * (1 + 1e-12)).all()


def test_a_day_mirrored_twice_is_the_day(small: Market) -> None:
    twice = scenarios.mirrored(scenarios.mirrored(small))

    assert twice.closes(INDEX).iloc[-1] == pytest.approx(small.closes(INDEX).iloc[-1])
    assert twice.closes(VIX).iloc[-1] == pytest.approx(small.closes(VIX).iloc[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "label", "side"),
    [
        ("demo", Label.MECHANICAL, Side.BUYING),
        ("rally", Label.MECHANICAL, Side.BUYING),
        ("sell_off", Label.MECHANICAL, Side.SELLING),
        ("mixed", Label.MIXED, Side.BUYING),
        ("conviction", Label.CONVICTION, None),
        ("liquidation", Label.CONVICTION, None),
        ("quiet", Label.QUIET, None),
        ("poor_data", Label.UNCLEAR, None),
    ],
)
def test_the_desk_reads_each_day_as_it_was_made(name: str, label: Label, side: Side | None) -> None:
    market = getattr(scenarios, name)().market
    verdict = build_report(market, market.sessions[-1]).verdict

    assert verdict.label is label
    assert side is None or verdict.side is side
