"""Single-name chains as one JSON object with a flat list of `quotes`.

Fields are spelt as Yahoo spells them (openInterest, expiration, side); the
greeks beside them come from Cboe. ``updated`` is when the list was made.
"""

from analysis.options.clock import as_utc, new_york, parse_moment
from analysis.options.document import Document
from analysis.options.json_text import is_json_with, load_json, number, numbers, rows_of, texts
from analysis.options.quotes import Quotes
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
    rows = rows_of(answer, "quotes")
    updated = answer.get("updated")
    moment = parse_moment(updated, "updated") if updated else None
    return Quotes(
        symbol=str(answer.get("symbol", "")),
        option=texts(rows, "symbol"),
        bid=numbers(rows, "bid"),
        ask=numbers(rows, "ask"),
        iv=numbers(rows, "iv"),
        gamma=numbers(rows, "gamma"),
        open_interest=numbers(rows, "openInterest"),
        spot=number(answer.get("underlyingPrice")),
        session=session_at(moment.astimezone(new_york())) if moment else document.session,
        as_of=as_utc(moment) if moment else "",
        source="quote list with Cboe greeks",
    )
