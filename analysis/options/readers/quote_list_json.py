"""Single-name chains as one JSON object with a flat list of `quotes`.

Fields are spelt as Yahoo spells them (openInterest, expiration, side); the
greeks beside them come from Cboe. ``updated`` is when the list was made.
"""

import numpy as np

from analysis.options.clock import as_utc, new_york, parse_moment
from analysis.options.document import Document
from analysis.options.errors import ChainError
from analysis.options.json_text import is_json_with, load_json
from analysis.options.quotes import Quotes
from analysis.options.readers.cboe_json import column
from analysis.options.trading_days import session_at


def recognises(document: Document) -> bool:
    """Say whether this is a JSON object with `quotes` and the price of the underlying."""
    return is_json_with(document.content, b'"quotes"', b'"underlyingPrice"')


def read(document: Document) -> Quotes:
    """Read one name.

    Raises
    ------
    ChainError
        When the JSON is cut or its list is empty.
    """
    answer = load_json(document)
    rows = answer["quotes"]
    if not rows:
        raise ChainError("the list of quotes is empty")
    updated = answer.get("updated")
    moment = parse_moment(updated, "updated") if updated else None
    return Quotes(
        symbol=str(answer.get("symbol", "")),
        option=np.array([row["symbol"] for row in rows]),
        bid=column(rows, "bid"),
        ask=column(rows, "ask"),
        iv=column(rows, "iv"),
        gamma=column(rows, "gamma"),
        open_interest=column(rows, "openInterest"),
        spot=answer.get("underlyingPrice"),
        session=session_at(moment.astimezone(new_york())) if moment else document.session,
        as_of=as_utc(moment) if moment else "",
        source="quote list with Cboe greeks",
    )
