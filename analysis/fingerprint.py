"""Two markets with the same fingerprint yield the same figures."""

from __future__ import annotations

import hashlib

import pandas as pd

from analysis.contract import METHOD_VERSION
from analysis.market import DATED, PANELS, Market

REFERENCES = ("leveraged_funds", "leveraged_sensitivity", "most_shorted")


def fingerprint(market: Market) -> str:
    """Return the sha256 of everything a driver could see, and of the method's version.

    Symbols of which nothing is known are left out: a folder read on an earlier evening does
    not list those that began later.
    """
    digest = hashlib.sha256(f"{METHOD_VERSION} {market.simulated}".encode())
    digest.update(market.sessions.to_numpy("datetime64[us]").tobytes())
    for name in PANELS:
        panel: pd.DataFrame = getattr(market, name).dropna(axis="columns", how="all")
        digest.update(f"{name} {sorted(panel.columns)}".encode())
        for column in sorted(panel.columns):
            digest.update(_bytes(panel[column]))
    for name in (*DATED, *REFERENCES):
        table: pd.DataFrame = getattr(market, name)
        digest.update(f"{name} {list(table.columns) if len(table) else []}".encode())
        digest.update(table.to_csv(index=name in REFERENCES).encode() if len(table) else b"")
    return digest.hexdigest()


def _bytes(column: pd.Series) -> bytes:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy("float64").tobytes()
    return column.to_csv(index=False).encode()
