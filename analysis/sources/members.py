"""The list of the index's members: a dated file that ships, or the operator's own in its place.

A CSV with a column ``symbol`` in Yahoo's spelling and, where the operator has them, ``weight``:
per cent or fraction, whatever they add up to. Lines that begin with ``#`` tell of the file;
a day (2025-08-01) in one of them is the list's date, and ``# source:`` names where it is from.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from analysis.sources import SourceError
from analysis.sources.folder.prices import WEIGHTS
from analysis.sources.tables import normal
from analysis.sources.vendor import Facts, Feed

SHIPPED = Path(__file__).parents[1] / "data" / "sp500_members.csv"

FEED = Feed(name="S&P 500 member list", stale_days=200, feeds="volume, real_money")
"""Old after half a year and two of the index's quarterly changes."""

DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
SOURCE = re.compile(r"^#\s*source:\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)

UNDATED = "it does not say of which day it is: write `# as of 2026-01-02` above the list"


class MembersError(SourceError):
    """The operator's list cannot be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True, eq=False)
class MemberList:
    """The members by symbol, in the order of the file.

    ``weights`` [fraction, adding up to one] has no rows where the file has none; ``problems``
    say what a reader of the sources should know.
    """

    symbols: tuple[str, ...]
    weights: pd.Series
    as_of: pd.Timestamp | None
    source: str
    sha256: str

    @property
    def remark(self) -> str:
        """What to say of the list beside its date."""
        told = [f"{len(self.symbols)} members"]
        told.append("with weights" if len(self.weights) else "it has no weights")
        told += [] if self.as_of is not None else [UNDATED]
        told.append(f"source: {self.source}" if self.source else "it names no source")
        return "; ".join(told)

    def facts(self) -> Facts | None:
        """Return the weights as a file of the market folder; None without weights or a day."""
        if self.as_of is None or self.weights.empty:
            return None
        rows = pd.DataFrame({"symbol": self.weights.index, "weight": self.weights.to_numpy()})
        return Facts(path=WEIGHTS.path, rows=normal(WEIGHTS.path, rows.assign(date=self.as_of)))


def member_list(path: Path = SHIPPED) -> MemberList:
    """Read a list of members.

    Raises
    ------
    MembersError
        If there is no such file, or it has no column ``symbol``, or a weight below zero.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MembersError("members", f"{path} cannot be read: {error}") from error
    try:
        rows = pd.read_csv(StringIO(text), comment="#", keep_default_na=False, dtype=str)
    except ValueError as error:
        raise MembersError("members", f"{path} is no table: {error}") from error
    if "symbol" not in rows:
        raise MembersError("members", f"{path} has no column `symbol`; see docs/data-sources.md")
    rows["symbol"] = rows["symbol"].str.strip()
    rows = rows[rows["symbol"] != ""].drop_duplicates("symbol")
    comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    day, source = DAY.search(comments), SOURCE.search(comments)
    return MemberList(
        symbols=tuple(rows["symbol"]),
        weights=_weights(rows, path),
        as_of=pd.Timestamp(day[1]) if day else None,
        source=source[1].rstrip(".,;") if source else "",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _weights(rows: pd.DataFrame, path: Path) -> pd.Series:
    """Return the weights as parts of one, those that are known."""
    if "weight" not in rows:
        return pd.Series(dtype=float)
    told = rows["weight"].str.strip().str.removesuffix("%")
    weights = pd.to_numeric(told, errors="coerce").set_axis(rows["symbol"]).dropna()
    if (weights < 0.0).any():
        worst = weights.idxmin()
        raise MembersError("members", f"{path}: the weight of {worst} is below zero")
    return weights / weights.sum() if weights.sum() > 0.0 else pd.Series(dtype=float)
