"""What is known of the VIX and the index, found again on real prices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.drivers.hedge_unwinding import spot_vol_residual
from analysis.market import VIX, Market
from analysis.sources.folder import FolderSource

ANSWERS = json.loads((Path(__file__).parents[1] / "answers" / "spot_vol.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def market(market_folder: Path) -> Market:
    return FolderSource(market_folder).fetch()


@pytest.fixture(scope="module")
def change(market: Market) -> pd.Series:
    return pd.Series(np.log(market.closes(VIX)).diff())


@pytest.mark.slow
def test_the_vix_falls_about_six_and_a_half_per_cent_for_each_per_cent_the_index_rises(
    market: Market, change: pd.Series
) -> None:
    known = ANSWERS["median_slope"]

    slope = spot_vol_residual(market.day_return, change)["slope"]

    assert slope.median() == pytest.approx(known["value"], abs=known["within"])


@pytest.mark.slow
def test_the_fit_explains_more_than_half_of_the_vix_a_day_ahead(
    market: Market, change: pd.Series
) -> None:
    fit = spot_vol_residual(market.day_return, change)
    seen = change[fit["residual"].notna()]
    unexplained = (fit["residual"] ** 2).sum() / ((seen - seen.mean()) ** 2).sum()

    assert 1.0 - unexplained >= ANSWERS["out_of_sample_explained_variance_at_least"]


@pytest.mark.slow
def test_the_residual_is_a_standard_figure(market: Market, change: pd.Series) -> None:
    z = spot_vol_residual(market.day_return, change)["residual_z"].loc["2011":]

    assert 1.4826 * z.abs().median() == pytest.approx(1.0, abs=0.15)
