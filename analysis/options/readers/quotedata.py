"""Cboe's "quotedata" download: calls left, puts right, one row a strike, in any locale.

Two or three lines of prose come first, worded by the browser that saved the
file, sometimes with stray quotes or missing altogether. So nothing is trusted
by position: the table starts at the first row that holds two option symbols,
the price is what follows "Last", the time is whatever reads as one and fits the
expiries, and expiry, right and strike come from the option symbols.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.options.clock import as_utc
from analysis.options.columns import floats, read_table, words
from analysis.options.document import Document
from analysis.options.errors import ChainError
from analysis.options.osi import family, parse_osi
from analysis.options.quotes import Quotes
from analysis.options.readers.stated_time import readings
from analysis.options.trading_days import session_at

if TYPE_CHECKING:
    from pyarrow import Table

SYMBOL = r"[A-Z0-9.^ ]{1,6}\d{6}[CP]\d{8}"
FIRST_ROW = re.compile(rf"^[^\n]*?{SYMBOL}[^\n]*?{SYMBOL}[^\n]*$", re.MULTILINE)
SIDE = ("last", "net", "bid", "ask", "volume", "iv", "delta", "gamma", "oi")
STANDARD = [
    "expiry",
    "call",
    *(f"call_{what}" for what in SIDE),
    "strike",
    "put",
    *(f"put_{what}" for what in SIDE),
]
"""Columns of a table whose header is missing."""

COLUMN_WORDS = {
    "expirationdate": "expiry", "expiration": "expiry", "calls": "call", "puts": "put",
    "strike": "strike", "bid": "bid", "ask": "ask", "iv": "iv", "gamma": "gamma",
    "openinterest": "oi", "openint": "oi",
}  # fmt: skip
WANTED = ["call", "put", "strike"] + [
    f"{side}_{what}" for side in ("call", "put") for what in ("bid", "ask", "iv", "gamma", "oi")
]
NEEDED = {*WANTED} - {"call_iv", "put_iv", "call_gamma", "put_gamma"}
"""Older tables have no greeks: their volatilities are solved from quotes."""

OLDEST_DOWNLOAD = date(2008, 1, 1)
LEAST_LEAD = timedelta(days=-5)
"""A table can be saved on the weekend after its first expiry, not much later."""
MOST_LEAD = timedelta(days=75)
"""A name with monthly options only has its first expiry at most two months away."""


@dataclass(frozen=True)
class Layout:
    """Prose before the table, column names, and the rows as clean comma-separated text."""

    prose: str
    names: list[str]
    rows: str


def recognises(document: Document) -> bool:
    """Say whether a row near the top holds a call and a put symbol side by side."""
    if document.content[:1] in b"{[":
        return False
    return any(FIRST_ROW.search(text) for text in document.head.texts())


def read(document: Document) -> Quotes:
    """Read one download.

    Raises
    ------
    ChainError
        When the table is cut or edited, or its time has no single reading.
    """
    layouts = [_layout(text) for text in document.texts()]
    layout = layouts[0]
    table = read_table(layout.rows.encode(), layout.names, WANTED)
    option = np.concatenate([words(table, "call"), words(table, "put")])
    contracts = parse_osi(option)
    if not np.allclose(contracts.strike, np.tile(floats(table, "strike"), 2), atol=0.005):
        raise ChainError("strikes and option symbols disagree: the file was edited")
    spot = _last_price(layout.prose)
    if spot is not None and contracts.strike[contracts.expiry == contracts.expiry[-1]].max() < spot:
        raise ChainError("the last expiry has no strike above the price: the file is cut")
    proses = [item.prose for item in layouts]
    moment = None
    if document.session is None:
        moment = _moment(proses, contracts.expiry.min().astype(date))
    return Quotes(
        symbol=family(_commonest(contracts.root)),
        option=option,
        bid=_both(table, "bid"),
        ask=_both(table, "ask"),
        iv=_both(table, "iv"),
        gamma=_both(table, "gamma"),
        open_interest=_both(table, "oi"),
        spot=spot,
        session=session_at(moment) if moment else document.session,
        as_of=as_utc(moment) if moment else "",
        source="Cboe quotedata table",
    )


def _both(table: "Table", name: str) -> NDArray[np.float64]:
    return np.concatenate([floats(table, f"call_{name}"), floats(table, f"put_{name}")])


def _commonest(roots: NDArray[np.str_]) -> str:
    names, counts = np.unique(roots, return_counts=True)
    return str(names[np.argmax(counts)])


def _layout(text: str) -> Layout:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    first = FIRST_ROW.search(text)
    if first is None:
        raise ChainError("no row holds a call and a put; this is not a quotedata table")
    above = text[: first.start()].rstrip("\n")
    header = above.rsplit("\n", 1)[-1]
    body = text[first.start() :]
    separator = max(";\t,", key=first[0].count)
    if separator != ",":
        body = body.replace(",", ".").replace(separator, ",")
        header = header.replace(separator, ",")
    if not body.endswith("\n"):
        raise ChainError("the last row does not end: the file is cut; download it again")
    names = _names(header, len(body.split("\n", 1)[0].split(",")))
    titled = "strike" in header.casefold()
    return Layout(above[: -len(header)] if titled else above, names, body.rstrip("\n,") + "\n")


def _names(header: str, width: int) -> list[str]:
    """Name the columns by a header that tells all that is needed, else by the usual order."""
    cells = ["".join(cell.split()).strip('"').casefold() for cell in header.split(",")]
    named, side = [], "call"
    for place, cell in enumerate(cells):
        word = COLUMN_WORDS.get(cell, f"column{place}")
        if word in ("expiry", "call", "put", "strike"):
            side = "put" if word == "put" else side
            named.append(word)
        else:
            named.append(f"{side}_{word}")
    if len(cells) == width and set(named) >= NEEDED:
        return named
    if width == len(STANDARD):
        return STANDARD
    raise ChainError(
        f"the table has {width} columns and no header that explains them; expected {len(STANDARD)}"
    )


def _last_price(prose: str) -> float | None:
    found = re.search(r"Last:?\s*\"?([\d.,]*\d)", prose)
    if found is None:
        return None
    digits = found[1]
    if "," in digits:
        whole, _, decimals = digits.rpartition(
            "," if digits.rfind(",") > digits.rfind(".") else "."
        )
        return float(re.sub(r"[.,]", "", whole) + "." + decimals)
    return float(digits)


def _moment(proses: list[str], first_expiry: date) -> datetime | None:
    """Find the one moment the prose states that fits the chain."""
    stated = [_time_text(prose) for prose in proses]
    if not any(re.search(r"\d{1,4}\D+\d{1,2}\D+\d{1,4}", text) for text in stated):
        return None
    for text in stated:
        fitting = [moment for moment in readings(text) if _fits(moment, first_expiry)]
        sessions = {session_at(moment) for moment in fitting}
        if len(sessions) == 1:
            return fitting[-1]
        if sessions:
            raise ChainError(
                f"the time {text.strip()!r} can mean sessions "
                f"{', '.join(map(str, sorted(sessions)))}; say which with --session"
            )
    raise ChainError(
        f"the time {stated[0].strip()!r} cannot be read, or does not fit a chain whose first "
        f"expiry is {first_expiry}; say the session with --session"
    )


def _fits(moment: datetime, first_expiry: date) -> bool:
    day = moment.date()
    return day >= OLDEST_DOWNLOAD and LEAST_LEAD <= first_expiry - day <= MOST_LEAD


def _time_text(prose: str) -> str:
    found = re.search(r"Date:?(.*?)(?:,\s*\"?\s*Bid|\n|$)", prose, re.DOTALL)
    if found:
        return found[1]
    return prose.strip().rsplit("\n", 1)[-1]
