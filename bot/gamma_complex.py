"""What `undertow gamma FILE FILE ...` does: several chains of one evening added up."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BadArgumentError
from bot.gamma import ChainWish, billions, read_as, rounded

if TYPE_CHECKING:
    from analysis.options.complex_gamma import ComplexGamma


def added_up(files: list[Path], weights: Path | None, wish: ChainWish, *, as_json: bool) -> str:
    """Return the gamma of indices, funds and members together, as text or one JSON object.

    Parameters
    ----------
    files
        One chain for each underlying, all of one session.
    weights
        CSV with the columns `symbol,weight`: each member's weight in the index [0, 1]. Names
        that are not in it are left out and listed.

    Raises
    ------
    BadArgumentError
        When a price was given for several underlyings, or the weights cannot be read.
    ChainError
        When a file cannot be used, the sessions differ, or an underlying comes twice.
    """
    if wish.spot is not None:
        raise BadArgumentError("--spot is for one chain; each of several has its own price")
    from analysis.options.complex_gamma import add_up
    from analysis.options.summary import summarise

    whole = add_up(
        (summarise(read_as(file, wish), wish.known_convention()) for file in files),
        _weights(weights) if weights is not None else {},
    )
    if as_json:
        return json.dumps(rounded(asdict(whole)), ensure_ascii=False, allow_nan=False) + "\n"
    return complex_text(whole)


def complex_text(whole: ComplexGamma) -> str:
    """Return the complex for a terminal: in all, by part, by underlying, what was left out."""
    conventions = whole.net_gamma_usd_per_pct.items()
    lines = [
        f"{len(whole.by_symbol)} underlyings, session {whole.session}",
        *(f"{name:<13} {billions(usd)} per 1 %" for name, usd in conventions),
        "of the naive figure:",
        *(f"  {part:<13} {billions(book['naive'])}" for part, book in whole.by_part.items()),
        *(f"  {symbol:<13} {billions(usd)}" for symbol, usd in whole.by_symbol.items()),
    ]
    if whole.by_part["single_names"]["naive"]:
        lines.append(f"members counted: {whole.index_weight_covered:.1%} of the index by weight")
    lines += [f"left out {symbol}: {reason}" for symbol, reason in whole.left_out.items()]
    return "\n".join(lines) + "\n"


def _weights(path: Path) -> dict[str, float]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            return {row["symbol"].strip(): float(row["weight"]) for row in csv.DictReader(lines)}
    except OSError as error:
        raise BadArgumentError(f"--weights {path} cannot be read: {error.strerror}") from error
    except (KeyError, ValueError) as error:
        raise BadArgumentError(
            f"--weights {path} must have the columns symbol and weight, such as AAPL,0.07"
        ) from error
