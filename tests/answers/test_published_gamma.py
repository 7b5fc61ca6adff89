"""A figure somebody else printed, from the same file, by the convention they used."""

from pathlib import Path

import pytest

from analysis.options.chain import read_chain
from analysis.options.summary import summarise

NET_GAMMA_BN, FLIP = -11.0, 4734.0
"""A third party's chart of the SPX chain of 5 January 2024."""


def test_the_chart_of_5_january_2024_is_reproduced(market_folder: Path) -> None:
    file = market_folder / "chains" / "quotedata_csv" / "spx_phammings_modules.csv.gz"

    summary = summarise(read_chain(file), "published")

    naive_bn = summary.net_gamma_usd_per_pct["naive"] / 1e9
    assert naive_bn == pytest.approx(NET_GAMMA_BN, abs=0.1)
    assert summary.flip.mid == pytest.approx(FLIP, abs=2.0)
