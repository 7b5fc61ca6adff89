"""A market folder's option chains, summed up: one row a session and underlying.

Chains lie in three places: ``chains/cboe/SYMBOL/SESSION.csv.gz`` says its session in its
name, and a file that holds another one is refused; the loose downloads in
``chains/quotedata_csv`` and ``chains/payloads`` count by the session inside them.

The rows are `Market.gamma`: ``date`` and ``known`` (the evening of the session itself),
``symbol``, and the columns of `analysis.gamma_chains.SUMMARY`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.gamma_chains import CONVENTIONS, FUND_CHAIN, INDEX_CHAIN, SUMMARY
from analysis.market import SourceNote

if TYPE_CHECKING:
    from analysis.options.chain import Chain

NAME = "option chains"
STALE_DAYS = 0
"""A chain speaks for its own session only."""

WANTED = (INDEX_CHAIN, FUND_CHAIN, "NDX", "QQQ", "RUT", "IWM")
"""Index complexes that a whole-market reading rests on; single names are left to the command."""

BY_NAME = "chains/cboe"
LOOSE = ("chains/quotedata_csv", "chains/payloads")

COLUMNS = ["date", "known", "symbol", *SUMMARY]

OPTION = re.compile(rb"[A-Z]{1,6}(\d{6})[CP]\d{8}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one file gave: a chain, or why it was refused."""

    chain: Chain | None
    problem: str = ""


def gamma_table(
    folder: Path, until: pd.Timestamp | None, prior_closes: pd.Series
) -> tuple[pd.DataFrame, list[SourceNote]]:
    """Return the gamma of every usable chain by the evening of ``until``.

    Parameters
    ----------
    folder
        A market folder; it need not have chains.
    until
        Last session to read; None reads all.
    prior_closes : shape (n_sessions,)
        Close of the S&P 500 the session before each [points]: where gamma is measured a
        second time, for the day's first spot. Missing or absent leaves the first spot out.

    Returns
    -------
    tuple of shape (n_chains, ...) and notes
        Sorted by session and symbol, and one note with every refused file.
    """
    named, loose = list(_named(folder, until)), list(_loose(folder, until))
    answers = [*named, *loose]
    chains = _best(_read(named), _read(loose))
    spots = {chain.session: chain.spot for chain in chains if chain.symbol == INDEX_CHAIN}
    rows = [gamma_row(chain, _start(chain, spots, prior_closes)) for chain in chains]
    table = pd.DataFrame(rows, columns=COLUMNS)
    newest = None if table.empty else pd.Timestamp(table["date"].iloc[-1])
    refused = "; ".join(answer.problem for answer in answers if answer.problem)
    note = SourceNote(name=NAME, as_of=newest, stale_days=STALE_DAYS, problem=refused)
    return table, [note]


def index_chain(folder: Path, session: pd.Timestamp) -> Chain | None:
    """Return the S&P 500's own chain of one session, None where the folder has no usable one.

    Parameters
    ----------
    folder
        A market folder; it need not have chains.
    session
        The session whose chain is asked for.
    """
    named = sorted((folder / BY_NAME / INDEX_CHAIN).glob(f"{session:%Y-%m-%d}.csv*"))
    chains = _read([_answer(path, path.name, session) for path in named])
    is_whole = any(chain.expiries_share == 1.0 for chain in chains)
    loose = [] if is_whole else _read(_loose(folder, session))
    # The one that `gamma_table` sums up: a picture of another would contradict its words.
    wanted = (INDEX_CHAIN, session.date())
    best = _best(chains, loose)
    return next((chain for chain in best if (chain.symbol, chain.session) == wanted), None)


def _read(answers: Iterable[Answer]) -> list[Chain]:
    return [answer.chain for answer in answers if answer.chain is not None]


def _start(chain: Chain, spots: dict[date, float], prior_closes: pd.Series) -> float | None:
    """Return the price a session began at: the fund's is moved as far as the index's."""
    prior = prior_closes.get(pd.Timestamp(chain.session))
    if chain.symbol not in (INDEX_CHAIN, FUND_CHAIN) or chain.session not in spots or prior is None:
        return None
    return chain.spot * float(prior) / spots[chain.session]


def gamma_row(chain: Chain, prior_close: float | None) -> dict[str, object]:
    """Return one chain's row of `Market.gamma`.

    Parameters
    ----------
    chain
        Of one session, expired contracts already dropped.
    prior_close
        Its underlying's close the session before [points or USD]; None or missing leaves
        gamma at the day's first spot unknown.
    """
    # Measured piece by piece: the full summary adds a profile and scenarios nobody reads here.
    from analysis.options.exposure import charm_usd, vanna_usd
    from analysis.options.levels import levels

    session = pd.Timestamp(chain.session)
    return {
        "date": session,
        "known": session,
        "symbol": chain.symbol,
        **_gamma(chain, prior_close),
        "vanna_usd_per_vol_point": vanna_usd(chain),
        "charm_usd_per_day": charm_usd(chain),
        "spot": chain.spot,
        **levels(chain),
        "oi_covered": chain.oi_covered,
        "expiries_share": chain.expiries_share,
    }


def _gamma(chain: Chain, prior_close: float | None) -> dict[str, float]:
    """Return dollar gamma under each convention at the close and, where known, the open."""
    from analysis.options.profile import fold, gamma_usd

    gamma: dict[str, float] = {}
    for name in CONVENTIONS:
        bells = fold(chain, name)
        gamma[f"{name}_usd_per_pct"] = gamma_usd(bells, chain.spot)
        gamma[f"{name}_open_usd_per_pct"] = (
            gamma_usd(bells, prior_close) if prior_close and prior_close > 0.0 else float("nan")
        )
    return gamma


def _named(folder: Path, until: pd.Timestamp | None) -> Iterator[Answer]:
    """Read the files whose name is a session, in order, those of later sessions unopened."""
    for symbol in WANTED:
        for path in sorted((folder / BY_NAME / symbol).glob("*.csv*")):
            try:
                session = pd.Timestamp(path.name.partition(".")[0])
            except ValueError:
                yield Answer(None, f"{symbol}/{path.name}: its name is no session")
                continue
            if until is None or session <= until:
                yield _answer(path, f"{symbol}/{path.name}", session)


def _loose(folder: Path, until: pd.Timestamp | None) -> Iterator[Answer]:
    """Read the downloads that say their session inside; later ones and other names are passed."""
    for place in LOOSE:
        for path in sorted(path for path in (folder / place).glob("*") if path.is_file()):
            answer = _answer(path, path.name, None)
            if answer.chain is None and until is not None and _after(path, until):
                continue
            if answer.chain is None or (
                answer.chain.symbol in WANTED
                and (until is None or pd.Timestamp(answer.chain.session) <= until)
            ):
                yield answer


def _answer(path: Path, name: str, session: pd.Timestamp | None) -> Answer:
    from analysis.options.chain import ChainError, read_chain

    try:
        return Answer(read_chain(path, session=session.date() if session is not None else None))
    except ChainError as error:
        problem = str(error).removeprefix(f"{path.name}: ")
        return Answer(None, f"{name} refused: {problem}")


def _after(path: Path, until: pd.Timestamp) -> bool:
    """Say whether a refused file is of a later session, as its first expiry tells.

    A chain's session is no later than its first expiry, so this never lets a file of the
    future be named.
    """
    from analysis.options.document import open_document
    from analysis.options.errors import ChainError

    try:
        expiries = OPTION.findall(open_document(path).content)
    except ChainError:
        return False
    return bool(expiries) and f"20{min(expiries).decode()}" > until.strftime("%Y%m%d")


def _best(named: Sequence[Chain], loose: Sequence[Chain]) -> list[Chain]:
    """Keep one chain a session and underlying, by session and underlying.

    One with every expiry goes before one without, then one whose file is named by its session,
    then the latest made.
    """
    ranked = [*((chain, True) for chain in named), *((chain, False) for chain in loose)]
    best: dict[tuple[object, str], Chain] = {}
    for chain, _ in sorted(ranked, key=lambda one: _worth(*one)):
        best[chain.session, chain.symbol] = chain
    return list(best.values())


def _worth(chain: Chain, is_named: bool) -> tuple[date, str, float, bool, str]:
    """Order chains so that the best of a session and underlying comes last."""
    return chain.session, chain.symbol, chain.expiries_share, is_named, chain.as_of
