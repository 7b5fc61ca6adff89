"""The tidy table of a market folder: one row a contract, ``chains/cboe/SYMBOL/SESSION.csv.gz``.

The session in the name and in the first column is when somebody fetched the
file; the session it holds is the New York date of the underlying's last trade,
which ``underlying.csv`` beside the folder has. Without that file the latest trade
of any contract tells. The two differ when a file was fetched after midnight UTC.
"""

import csv
from datetime import UTC, date, datetime

from analysis.options.clock import as_utc, parse_moment
from analysis.options.columns import floats, latest, read_table, words
from analysis.options.document import Document
from analysis.options.errors import ChainError
from analysis.options.quotes import Quotes
from analysis.options.readers.cboe_json import price_at_close
from analysis.options.trading_days import session_at

WANTED = ("option", "bid", "ask", "iv", "gamma", "open_interest", "last_trade_time")
NEEDED = {"option", "open_interest", "iv", "last_trade_time"}


def recognises(document: Document) -> bool:
    """Say whether the first line names the columns a tidy table must have."""
    return set(_header(document)) >= NEEDED


def read(document: Document) -> Quotes:
    """Read one table and, where it lies beside its folder, its row of underlying.csv.

    Raises
    ------
    ChainError
        When the table is cut or empty.
    """
    names = _header(document)
    _, _, rows = document.content.partition(b"\n")
    if not rows[:100].strip():
        raise ChainError("a header and no rows")
    if not rows.endswith(b"\n"):
        raise ChainError("the last row does not end: the file is cut; fetch it again")
    table = read_table(rows, names, WANTED)
    symbol, labelled = _labels(names, rows)
    last_trade = latest(table, "last_trade_time")
    underlying = _underlying(document, labelled, symbol)
    session = _session(underlying.get("last_trade_time", ""), last_trade) or document.session
    fetched = underlying.get("fetched_at_utc")
    stamp = parse_moment(fetched, "fetched_at_utc").astimezone(UTC) if fetched else None
    return Quotes(
        symbol=symbol.lstrip("^_$"),
        option=words(table, "option"),
        bid=floats(table, "bid"),
        ask=floats(table, "ask"),
        iv=floats(table, "iv"),
        gamma=floats(table, "gamma"),
        open_interest=floats(table, "open_interest"),
        spot=price_at_close(underlying, stamp, session),
        session=session,
        as_of=_as_of(stamp, last_trade),
        source="Cboe delayed quotes, tidy table",
        notes=_notes(labelled, session),
    )


def _header(document: Document) -> list[str]:
    first, _, _ = document.content.partition(b"\n")
    return first.decode("utf-8", "replace").lstrip("\ufeff").strip().replace('"', "").split(",")


def _labels(names: list[str], rows: bytes) -> tuple[str, str]:
    first = dict(
        zip(
            names,
            rows.partition(b"\n")[0].decode("utf-8", "replace").strip().split(","),
            strict=False,
        )
    )
    symbol = first.get("ticker") or first["option"].strip()[:-15]
    return symbol, first.get("session_date", "")


def _underlying(document: Document, labelled: str, symbol: str) -> dict[str, str]:
    if document.path is None:
        return {}
    folder = document.path.parent
    for place in (folder.parent / "underlying.csv", folder / "underlying.csv"):
        if not place.is_file():
            continue
        try:
            with place.open(newline="", encoding="utf-8") as lines:
                table = [row for row in csv.DictReader(lines) if _names(row, symbol, labelled)]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ChainError(f"{place.name} beside it cannot be read: {error}") from error
        if table:
            return {key: value or "" for key, value in table[0].items() if key}
    return {}


def _names(row: dict[str, str], symbol: str, labelled: str) -> bool:
    return row.get("ticker") == symbol and row.get("session_date") == labelled


def _session(underlying_traded: str, contract_traded: str) -> date | None:
    if underlying_traded:
        return parse_moment(underlying_traded, "the underlying's last_trade_time").date()
    if contract_traded:
        # Index options also trade at night, before the session their date suggests.
        return session_at(parse_moment(contract_traded, "last_trade_time"))
    return None


def _as_of(stamp: datetime | None, last_trade: str) -> str:
    if stamp:
        return as_utc(stamp)
    return as_utc(parse_moment(last_trade, "last_trade_time")) if last_trade else ""


def _notes(labelled: str, session: date | None) -> tuple[str, ...]:
    if session is None or labelled in ("", session.isoformat()):
        return ()
    return (f"The file is labelled {labelled} but holds the session of {session} again.",)
