"""The regime against fifteen years of published gamma."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.gamma_regime import GEX_UNIT, RegimeModel, features, fit, predict, regime
from analysis.market import Market

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("UNDERTOW_MARKET", ROOT / "../shared/market"))
ANSWERS: dict[str, Any] = json.loads((ROOT / "tests/answers/dealer_gamma.json").read_text())

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (FOLDER / "positioning/squeezemetrics_dix_gex.csv").is_file(),
        reason="no market folder; set UNDERTOW_MARKET",
    ),
]


@pytest.fixture(scope="module")
def market() -> Market:
    prices = pd.read_parquet(FOLDER / "prices/funds_and_indices.parquet")
    wanted = prices[prices["symbol"].isin(["^GSPC", "^VIX", "^VIX3M"])]
    close = wanted.pivot(index="date", columns="symbol", values="close")
    close = close[close["^GSPC"].notna()]
    sessions = pd.DatetimeIndex(close.index)
    rows = pd.read_csv(
        FOLDER / "positioning/squeezemetrics_dix_gex.csv", parse_dates=["date"]
    ).sort_values("date")
    following = pd.Series(sessions[1:], index=sessions[:-1])
    rows["known"] = rows["date"].map(following)
    return Market(sessions=sessions, close=close, dix=rows.dropna(subset=["known"]))


@pytest.fixture(scope="module")
def gex(market: Market) -> pd.Series:
    return market.dix.set_index("date")["gex"] / GEX_UNIT


def fitted_between(market: Market, gex: pd.Series, first: str, last: str) -> RegimeModel:
    seen = features(market).reindex(gex.index).assign(gex=gex).dropna().loc[first:last]
    following = market.day_return.shift(-1).reindex(seen.index).to_numpy()
    move = market.move.shift(-1).reindex(seen.index).to_numpy()
    return fit(seen.drop(columns="gex").to_numpy(), seen["gex"].to_numpy(), following, move)


def spearman(left: pd.Series, right: pd.Series) -> float:
    both = pd.DataFrame({"left": left, "right": right}).dropna().rank()
    return float(both["left"].corr(both["right"]))


def area_under_curve(guess: pd.Series, negative: pd.Series) -> float:
    """Return the chance that a negative day was guessed lower than another one."""
    both = pd.DataFrame({"guess": guess, "negative": negative}).dropna()
    rank, lower = both["guess"].rank(), both["negative"].astype(bool)
    ones, others = int(lower.sum()), int((~lower).sum())
    return float((rank[~lower].sum() - others * (others + 1) / 2) / (ones * others))


def test_price_and_the_vix_explain_three_fifths_of_published_gamma(
    market: Market, gex: pd.Series
) -> None:
    model = fitted_between(market, gex, "2012", "2019")
    guess = predict(model, features(market))["gex"]
    inside, late = gex["2012":"2019"], gex["2020":]
    told = ANSWERS["fit_2012_2019"]

    rest = inside - guess.reindex(inside.index)
    assert 1.0 - rest.var() / inside.var() == pytest.approx(told["explained_variance"], abs=0.01)
    assert spearman(guess, late) == pytest.approx(told["spearman_from_2020"], abs=0.01)
    assert area_under_curve(guess, late < 0.0) == pytest.approx(
        told["auc_negative_from_2020"], abs=0.005
    )


def test_the_printed_constants_are_the_fit_of_2011_to_2019(market: Market, gex: pd.Series) -> None:
    refitted = fitted_between(market, gex, "2011-05", "2019")
    printed = regime(replace(market, dix=pd.DataFrame()))

    expected = predict(refitted, features(market)).loc["2020":]
    both = printed.loc["2020":, expected.columns]
    assert np.nanmax((both - expected).abs().to_numpy()) < 2e-3


def test_refitted_each_january_it_knows_negative_gamma_out_of_sample(
    market: Market, gex: pd.Series
) -> None:
    read = regime(market)["gex"]

    assert read.first_valid_index() == pd.Timestamp("2012-05-01")
    assert spearman(read["2020":], gex["2020":]) > 0.72
    # 2022 is the hard year: gamma was near zero for months.
    assert area_under_curve(read["2020":], gex["2020":] < 0.0) > 0.91


def test_the_stated_chance_of_negative_gamma_is_calibrated(market: Market, gex: pd.Series) -> None:
    stated = regime(market)["negative_probability"]
    came = (gex < 0.0).astype(float)
    both = pd.DataFrame({"stated": stated, "came": came}).dropna().loc["2013":]

    brier = float(((both["stated"] - both["came"]) ** 2).mean())

    assert brier < 0.6 * float(both["came"].var())


def test_gamma_tells_how_far_the_next_day_moves(market: Market, gex: pd.Series) -> None:
    after = market.day_return.shift(-1).abs().reindex(gex.index)
    fifth = pd.qcut(gex, 5, labels=False)

    moves = 1e4 * after.groupby(fifth).mean()

    assert moves.to_list() == pytest.approx(
        ANSWERS["next_day_move_bps_by_published_fifth"], abs=1.0
    )


def test_the_move_stated_for_tomorrow_is_right_on_average(market: Market) -> None:
    read = regime(market)
    both = read.assign(after=market.day_return.shift(-1).abs()).dropna()

    assert both["next_day_move"].mean() == pytest.approx(both["after"].mean(), rel=0.1)
    calm, rough = both["next_day_move"] < 0.006, both["next_day_move"] > 0.01
    assert both["after"][rough].mean() > 2.0 * both["after"][calm].mean()
