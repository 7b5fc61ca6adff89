"""Gamma of the archive's chains: measured once a session, then read.

A chain of 30,000 contracts takes half a second, and the drivers want years of sessions. The
rows are kept in one file beside the archive, each under a key of all it rests on: the chains'
hashes, the close before, and the version of the method. Nothing is lost with the file.
"""

from __future__ import annotations

import hashlib
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from analysis.contract import METHOD_VERSION
from analysis.market import SourceNote
from analysis.sources.archive import Archive
from analysis.sources.archive_care import UNDERLYING, write_chains
from analysis.sources.chains import COLUMNS, NAME, STALE_DAYS, gamma_table, index_chain
from analysis.sources.safe_write import write_whole
from analysis.sources.tables import to_parquet

if TYPE_CHECKING:
    from analysis.options.chain import Chain

KEY = "key"

Chains = dict[str, tuple[str, str]]


def archived_gamma(
    archive: Archive, session: pd.Timestamp, prior_closes: pd.Series, upto: int | None = None
) -> tuple[pd.DataFrame, SourceNote]:
    """Return the gamma of every chain kept by a session, and how the chains stood.

    Parameters
    ----------
    prior_closes : shape (n_sessions,)
        Close of the S&P 500 the session before each [points].
    upto
        The last entry to know of; None for all.
    """
    path = archive.root / "derived" / "gamma.parquet"
    kept = _kept(path)
    tables = []
    for day, chains in _by_session(archive.chains(upto), session).items():
        key = _key(chains, prior_closes.get(day))
        rows = kept[kept[KEY] == key]
        if rows.empty:
            rows = _measured(archive, chains, day, prior_closes).assign(**{KEY: key})
            kept = pd.concat([kept, rows], ignore_index=True) if len(kept) else rows
            write_whole(path, to_parquet(kept))
        tables.append(rows)
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    whole = whole[COLUMNS].sort_values(["date", "symbol"], ignore_index=True)
    newest = None if whole.empty else pd.Timestamp(whole["date"].iloc[-1])
    return whole, SourceNote(name=NAME, as_of=newest, stale_days=STALE_DAYS)


def archived_chain(
    archive: Archive, session: pd.Timestamp, upto: int | None = None
) -> Chain | None:
    """Return the S&P 500's chain of a session from the archive, None where it kept none."""
    chains = _by_session(archive.chains(upto), session).get(session)
    if chains is None:
        return None
    with tempfile.TemporaryDirectory(prefix="undertow-chain-") as place:
        write_chains(archive, Path(place), chains)
        return index_chain(Path(place), session)


def _kept(path: Path) -> pd.DataFrame:
    """Return the rows measured before, none where the file is absent or damaged."""
    try:
        return pd.read_parquet(BytesIO(path.read_bytes()))
    except (OSError, pa.ArrowException):
        return pd.DataFrame(columns=[KEY, *COLUMNS])


def _by_session(chains: Chains, until: pd.Timestamp) -> dict[pd.Timestamp, Chains]:
    """Group chains by session, in order; the file about all sessions goes with each."""
    shared = {name: told for name, told in chains.items() if name == UNDERLYING}
    grouped: dict[pd.Timestamp, Chains] = {}
    for name, told in sorted(chains.items(), key=lambda chain: (chain[1][0], chain[0])):
        if name not in shared and pd.Timestamp(told[0]) <= until:
            grouped.setdefault(pd.Timestamp(told[0]), dict(shared))[name] = told
    return grouped


def _key(chains: Chains, prior_close: float | None) -> str:
    hashes = sorted(sha256 for _, sha256 in chains.values())
    told = [*hashes, repr(prior_close), METHOD_VERSION, *COLUMNS]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _measured(
    archive: Archive, chains: Chains, session: pd.Timestamp, prior_closes: pd.Series
) -> pd.DataFrame:
    """Measure one session's chains, laid out as a market folder of their own."""
    with tempfile.TemporaryDirectory(prefix="undertow-chains-") as place:
        write_chains(archive, Path(place), chains)
        return gamma_table(Path(place), session, prior_closes)[0]
