"""Yahoo's option answers as they came, one for each expiry, joined in one JSON object.

``optionChain.result`` holds one object an answer: the quote of the underlying, the list of all
expiries there are, and the contracts of one of them. Which expiries were asked for is up to
who asked, so the reader counts those it finds against those that are listed.
"""

from datetime import UTC, date, datetime
from typing import Any

from analysis.options.clock import as_utc, new_york
from analysis.options.document import Document
from analysis.options.errors import ChainError
from analysis.options.json_text import is_json_with, load_json, number, numbers, rows_of, texts
from analysis.options.quotes import Quotes

Answers = list[dict[str, Any]]


def recognises(document: Document) -> bool:
    """Say whether this is a JSON object with Yahoo's `optionChain` in it."""
    return is_json_with(document.content, b'"optionChain"', b'"underlyingSymbol"')


def read(document: Document) -> Quotes:
    """Read the answers of one underlying.

    Raises
    ------
    ChainError
        When the JSON is cut, an answer has no contracts, or two are of different underlyings.
    """
    answers: Answers = rows_of(load_json(document).get("optionChain"), "result")
    quote = _quote(answers)
    rows = [row for answer in answers for row in _contracts(answer)]
    if not rows:
        raise ChainError("Yahoo answered with empty chains; ask again later")
    held, listed = _expiries(answers, quote)
    traded = _traded(quote)
    return Quotes(
        symbol=str(answers[0].get("underlyingSymbol", "")).lstrip("^"),
        option=texts(rows, "contractSymbol"),
        bid=numbers(rows, "bid"),
        ask=numbers(rows, "ask"),
        iv=numbers(rows, "impliedVolatility"),
        gamma=numbers(rows, "gamma"),
        open_interest=numbers(rows, "openInterest"),
        spot=number(quote.get("regularMarketPrice")),
        session=traded.date() if traded else None,
        as_of=as_utc(traded) if traded else "",
        source="Yahoo option chain",
        notes=(f"Holds {held} of {listed} expiries.",) if held < listed else (),
        expiries_share=held / listed if listed else 1.0,
    )


def _quote(answers: Answers) -> dict[str, Any]:
    symbols = {str(answer.get("underlyingSymbol")) for answer in answers}
    if len(symbols) > 1:
        raise ChainError(f"answers of {' and '.join(sorted(symbols))} were joined in one file")
    quotes = [answer["quote"] for answer in answers if isinstance(answer.get("quote"), dict)]
    return quotes[-1] if quotes else {}


def _contracts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return calls and puts of an answer, none where its expiry holds none."""
    found: list[dict[str, Any]] = []
    for expiry in answer.get("options") or []:
        for side in ("calls", "puts"):
            found += expiry.get(side) or []
    return found


def _expiries(answers: Answers, quote: dict[str, Any]) -> tuple[int, int]:
    """Return how many living expiries the answers hold, and how many are listed."""
    traded = _traded(quote)
    last = traded.date() if traded else date.min
    listed = {day for answer in answers for day in answer.get("expirationDates") or []}
    held = {
        day["expirationDate"]
        for answer in answers
        for day in answer.get("options") or []
        if day.get("calls") or day.get("puts")
    }
    alive = {day for day in listed if datetime.fromtimestamp(day, tz=UTC).date() > last}
    return len(held & alive), len(alive)


def _traded(quote: dict[str, Any]) -> datetime | None:
    """Return the New York time of the underlying's last regular trade."""
    seconds = quote.get("regularMarketTime")
    if not isinstance(seconds, (int, float)) or not seconds:
        return None
    return datetime.fromtimestamp(float(seconds), tz=UTC).astimezone(new_york())
