"""Cboe's delayed-quotes JSON: one object with the underlying and every contract.

Times: ``last_trade_time`` is New York wall-clock time, ``timestamp`` is UTC.
After the close ``current_price`` of a fund follows late trading while ``close``
is the session's own; before it, ``current_price`` is the price.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from analysis.options.clock import as_utc, new_york, parse_moment
from analysis.options.document import Document
from analysis.options.json_text import is_json_with, load_json, number, numbers, rows_of, texts
from analysis.options.quotes import Quotes
from analysis.options.trading_days import session_at

CLOSES = time(16, 0)
"""Regular trading ends, New York."""


def recognises(document: Document) -> bool:
    """Say whether this is a JSON object with Cboe's `options` in it."""
    return is_json_with(document.content, b'"options"', b'"option"')


def read(document: Document) -> Quotes:
    """Read one delayed-quotes answer.

    Raises
    ------
    ChainError
        When the JSON is cut or has no contracts.
    """
    answer = load_json(document)
    data = answer.get("data", answer)
    rows = rows_of(data, "options")
    made = answer.get("timestamp")
    stamp = parse_moment(made, "timestamp").replace(tzinfo=UTC) if made else None
    session = _session(data.get("last_trade_time"), stamp)
    return Quotes(
        symbol=str(data.get("symbol") or answer.get("symbol", "")).lstrip("^_$"),
        option=texts(rows, "option"),
        bid=numbers(rows, "bid"),
        ask=numbers(rows, "ask"),
        iv=numbers(rows, "iv"),
        gamma=numbers(rows, "gamma"),
        open_interest=numbers(rows, "open_interest"),
        spot=price_at_close(data, stamp, session),
        session=session,
        as_of=as_utc(stamp) if stamp else "",
        source="Cboe delayed quotes",
    )


def price_at_close(
    data: Mapping[str, Any], stamp: datetime | None, session: date | None
) -> float | None:
    """Choose the session's own price: its close once it has closed, else the latest trade."""
    over = stamp is None or session is None or _closed(stamp, session)
    for field in ("close", "current_price") if over else ("current_price", "close"):
        price = number(data.get(field))
        if price is not None:
            return price
    return None


def _closed(stamp: datetime, session: date) -> bool:
    local = stamp.astimezone(new_york())
    return local.date() > session or local.time() >= CLOSES


def _session(last_trade: str | None, stamp: datetime | None) -> date | None:
    if last_trade:
        return parse_moment(last_trade, "last_trade_time").date()
    return session_at(stamp.astimezone(new_york())) if stamp else None
