"""Figures others printed, from the same files, by the convention they used."""

from pathlib import Path

import pytest

from analysis.options.chain import read_chain
from analysis.options.summary import summarise

PRINTED = {
    "spx_phammings_modules": (-11.0, 4734.0, 0.1, 2.0),
    "spx_gflows": (-1.075, 4013.95, 0.001, 0.05),
}
"""Net gamma [bn USD per 1 %] and zero gamma [points], each with how exactly it was printed.

The first is a third party's chart of 5 January 2024; the second what Perfiliev's script
gives for 12 December 2022.
"""


@pytest.mark.parametrize("name", PRINTED)
def test_what_others_printed_is_reproduced(name: str, market_folder: Path) -> None:
    net_bn, zero, net_exact, zero_exact = PRINTED[name]
    file = market_folder / "chains" / "quotedata_csv" / f"{name}.csv.gz"

    summary = summarise(read_chain(file), "published")

    assert summary.net_gamma_usd_per_pct["naive"] / 1e9 == pytest.approx(net_bn, abs=net_exact)
    assert summary.flip.mid == pytest.approx(zero, abs=zero_exact)
