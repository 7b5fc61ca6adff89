"""What `undertow gamma` does: one chain measured, or every chain of a folder."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BadArgumentError, DeskError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.options.chain import Chain
    from analysis.options.summary import Convention, GammaSummary

BILLION = 1e9
SMALLEST_BILLIONS = 0.1
SHOWN = 20
"""Names printed of a whole market; a file or JSON has them all."""

SUFFIXES = (".parquet", ".csv", ".json")
CONVENTIONS: tuple[Convention, ...] = ("undertow", "published")


@dataclass(frozen=True, slots=True)
class ChainWish:
    """How chains are to be read and measured."""

    session: str | None = None
    convention: str = "undertow"
    spot: float | None = None
    least_days: int = 0
    """Contracts with fewer calendar days left are not measured."""

    def known_convention(self) -> Convention:
        """Return the convention, or say which there are."""
        for name in CONVENTIONS:
            if name == self.convention:
                return name
        raise BadArgumentError(
            f"--convention is {self.convention!r}; expected {' or '.join(CONVENTIONS)}"
        )


def read_as(file: Path, wish: ChainWish) -> Chain:
    """Read a chain as wished.

    Raises
    ------
    BadArgumentError
        When the session is no date or the day has none, or the price is not above zero.
    ChainError
        When the file cannot be used, in one sentence.
    """
    if wish.spot is not None and not wish.spot > 0.0:
        raise BadArgumentError(f"--spot is {wish.spot:g}; expected a price above zero")
    from analysis.options.chain import read_chain

    session = None if wish.session is None else _session(wish.session)
    return read_chain(file, session=session, spot=wish.spot).running(wish.least_days)


def one_chain(file: Path, wish: ChainWish, *, as_json: bool) -> str:
    """Return a chain's summary as text or as one JSON object, rounded to nine digits.

    Raises
    ------
    BadArgumentError
        When what is wished cannot be meant.
    ChainError
        When the file cannot be used, in one sentence.
    """
    convention = wish.known_convention()
    chain = read_as(file, wish)
    from analysis.options.summary import summarise

    summary = summarise(chain, convention)
    if as_json:
        return json.dumps(rounded(summary.as_dict()), ensure_ascii=False, allow_nan=False) + "\n"
    return summary_text(summary)


def _session(text: str) -> date:
    from analysis.options.trading_days import is_session

    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadArgumentError(f"--session is {text!r}; expected a date as 2025-04-09") from error
    if not is_session(day):
        raise BadArgumentError(f"{day} is not a session: New York was closed")
    return day


def rounded(value: object) -> object:
    """Keep nine significant digits of every float: more is noise of the last place."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def summary_text(summary: GammaSummary) -> str:
    """Return a chain's summary for a terminal."""
    net, strikes = summary.net_gamma_usd_per_pct, summary.large_gamma_strikes
    hedges = summary.hedge_usd.items()
    agree = "one sign under all" if summary.conventions_agree else "the sign is an assumption"
    total = summary.contracts_used + summary.contracts_left_out
    lines = [
        f"{summary.symbol} {summary.spot:,.2f}, session {summary.session} ({summary.source})",
        f"measured    {summary.contracts_used:,} of {total:,} contracts, "
        f"{summary.oi_covered:.1%} of living open interest",
        *(f"{name:<11} {billions(usd)} gamma per 1 %" for name, usd in net.items()),
        f"            {agree}: dealers' positions are not public",
        f"flip        {_flip(summary)}",
        f"large calls {_levels(strikes['calls'])}",
        f"large puts  {_levels(strikes['puts'])}",
        f"running off {summary.expiring['le_1d']:.0%} of gamma within a day, "
        f"{summary.expiring['le_5d']:.0%} within five",
        "hedges      " + ", ".join(f"{m:>2} %: {billions(usd)}" for m, usd in hedges),
        f"vanna       {billions(summary.vanna_usd_per_vol_point)} when volatilities rise one point",
        f"charm       {billions(summary.charm_usd_per_day)} as a day passes",
        "            flows: above zero is buying, naive convention",
        *(f"note        {note}" for note in summary.notes),
    ]
    return "\n".join(lines) + "\n"


def billions(usd: float) -> str:
    """Return dollars in billions, or in millions where billions would round to nothing."""
    if usd and abs(usd) < SMALLEST_BILLIONS * BILLION:
        return f"{usd / 1e6:+,.3g} mn USD"
    return f"{usd / BILLION:+,.2f} bn USD"


def _flip(summary: GammaSummary) -> str:
    flip = summary.flip
    if flip.low is None or flip.mid is None or flip.high is None:
        return f"none: {flip.reason}"
    return f"{flip.low:,.1f} to {flip.high:,.1f}, middle {flip.mid:,.1f}"


def _levels(levels: list[float]) -> str:
    return ", ".join(f"{level:g}" for level in levels) or "none within 6 %"


def every_chain(folder: Path, workers: str | None, out: Path | None, *, as_json: bool) -> str:
    """Measure every chain of a folder; write the table to `out`, or return it as text.

    Raises
    ------
    BadArgumentError
        When workers or the kind of file to write cannot be meant.
    ChainError
        When the folder holds no chains.
    """
    if out is not None and out.suffix not in SUFFIXES:
        raise BadArgumentError(f"--out {out} ends in none of {', '.join(SUFFIXES)}")
    from analysis.options.whole_market import whole_market
    from bot.executors import open_executor

    with open_executor(workers) as executor:
        table = whole_market(folder, executor, tick=_tick if sys.stderr.isatty() else _silent)
    if out is not None:
        _write(table, out)
        return f"{len(table)} chains, {int((table['error'] != '').sum())} refused: {out}\n"
    return _json(table) if as_json else market_text(table)


def market_text(table: pd.DataFrame) -> str:
    """Return the largest books of a market for a terminal, then what was refused."""
    used = table[table["error"] == ""]
    shown = used.head(SHOWN).copy()
    for name in ("naive", "short_calls", "all_short"):
        shown[f"{name}_mn"] = shown[f"{name}_usd_per_pct"].astype(float) / 1e6
    columns = ["symbol", "spot", "naive_mn", "short_calls_mn", "all_short_mn", "flip_mid"]
    figures: str = shown[columns].to_string(index=False, float_format=lambda v: f"{v:,.1f}")
    refused = [
        f"refused {row.file}: {row.error}" for row in table[table["error"] != ""].itertuples()
    ]
    heading = f"{len(used)} chains, gamma in million USD per 1 %, the {len(shown)} largest:"
    return "\n".join([heading, figures, *refused]) + "\n"


def _json(table: pd.DataFrame) -> str:
    return table.to_json(orient="records", double_precision=9) + "\n"


def _write(table: pd.DataFrame, out: Path) -> None:
    from bot.files import write_whole

    if out.suffix == ".csv":
        write_whole(out, table.to_csv(index=False))
    elif out.suffix == ".json":
        write_whole(out, _json(table))
    else:
        _write_parquet(table, out)


def _write_parquet(table: pd.DataFrame, out: Path) -> None:
    draft = out.with_name(f".{out.name}.draft")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(draft, index=False)
        draft.replace(out)
    except OSError as error:
        raise DeskError(f"cannot write {out}: {error.strerror}; choose another --out") from error


def _tick(done: int, of: int) -> None:
    sys.stderr.write(f"{done}/{of} chains" + ("\n" if done == of else "\r"))
    sys.stderr.flush()


def _silent(done: int, of: int) -> None:
    """Say nothing where nobody watches."""
