"""yfinance as it comes, asked on our session; what it swallows is said aloud."""

from __future__ import annotations

import datetime as dt
import logging
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from analysis.sources.faults import PASSING, Fault, VendorError
from analysis.sources.gate import Gate
from analysis.sources.http import asked_again
from analysis.sources.parsing import json_body
from analysis.sources.vendor import Raw
from analysis.sources.yahoo_bars import Bars
from analysis.sources.yahoo_memory import keep_in_memory

if TYPE_CHECKING:
    from yfinance import Ticker

    from analysis.sources.yahoo_session import YahooSession

SOURCE = "yahoo"
QUOTE_URL = "https://query1.finance.yahoo.com/v7/finance/quote"
SUMMARY_URL = "https://query2.finance.yahoo.com/v10/finance/quoteSummary"

Result = TypeVar("Result")


class YahooClient:
    """yfinance on a session of ours, made ready at the first question.

    Parameters
    ----------
    gate
        The run's budget and memory.
    base
        Address in place of Yahoo's own; "" for Yahoo itself.
    """

    def __init__(self, gate: Gate, base: str) -> None:
        self._gate = gate
        self._base = base
        self._session: YahooSession | None = None
        self._tickers: dict[str, Ticker] = {}

    def bars(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp) -> Bars:
        """Return a symbol's daily bars from ``first`` to ``last``, both included."""
        session = self._ready()

        def ask() -> pd.DataFrame:
            import yfinance

            history: pd.DataFrame = yfinance.Ticker(symbol, session=session).history(
                start=f"{first:%Y-%m-%d}",
                end=f"{last + pd.Timedelta(days=1):%Y-%m-%d}",
                auto_adjust=False,
                actions=False,
            )
            return history

        frame = self._asked(symbol, ask, partial(chart_result, symbol))
        raw = self._last_raw(f"chart {symbol} {first.date()} {last.date()}")
        result = chart_result(symbol, raw.content)
        traded = result["meta"].get("regularMarketTime")
        return Bars(
            bars=_bar_rows(symbol, frame),
            raw=raw,
            traded_at=pd.Timestamp(traded, unit="s", tz="UTC") if traded else None,
        )

    def quotes(self, symbols: Sequence[str]) -> tuple[list[dict[str, Any]], Raw]:
        """Return the quotes of up to a hundred symbols; unknown ones are left out by Yahoo."""
        session = self._ready()

        def ask() -> Any:  # noqa: ANN401
            from yfinance.data import YfData

            query = {"symbols": ",".join(symbols), "formatted": "false"}
            return YfData(session=session).get_raw_json(QUOTE_URL, params=query)

        what = f"quotes of {symbols[0]} and others"
        self._asked(what, ask, partial(json_body, SOURCE))
        raw = self._last_raw(f"quotes {symbols[0]}..{symbols[-1]}")
        body = json_body(SOURCE, raw.content)
        try:
            found: list[dict[str, Any]] = body["quoteResponse"]["result"]
        except (KeyError, TypeError) as error:
            raise VendorError(SOURCE, Fault.UNREADABLE, "the quotes have no result") from error
        return found, raw

    def statistics(self, symbol: str) -> tuple[dict[str, Any], Raw]:
        """Return a stock's key statistics, its short interest among them."""
        session = self._ready()

        def ask() -> Any:  # noqa: ANN401
            from yfinance.data import YfData

            query = {"modules": "defaultKeyStatistics", "formatted": "false"}
            return YfData(session=session).get_raw_json(f"{SUMMARY_URL}/{symbol}", params=query)

        self._asked(f"statistics of {symbol}", ask, partial(json_body, SOURCE))
        raw = self._last_raw(f"statistics {symbol}")
        body = json_body(SOURCE, raw.content)
        try:
            found: dict[str, Any] = body["quoteSummary"]["result"][0]["defaultKeyStatistics"]
        except (KeyError, TypeError, IndexError) as error:
            problem = f"{symbol}: Yahoo has no key statistics"
            raise VendorError(SOURCE, Fault.EMPTY, problem) from error
        return found, raw

    def expiries(self, symbol: str) -> list[dt.date]:
        """Return the expiries that a symbol's options are listed for, in order."""
        ticker = self._ticker(symbol)
        self._asked(f"options of {symbol}", lambda: ticker.options, partial(options_result, symbol))
        result = options_result(symbol, self._last_raw(f"options {symbol}").content)
        return sorted(
            dt.datetime.fromtimestamp(seconds, tz=dt.UTC).date()
            for seconds in result.get("expirationDates") or []
        )

    def chains(self, symbol: str, expiries: Sequence[dt.date]) -> list[Raw]:
        """Return the answers for some expiries of a symbol, one question each."""
        ticker = self._ticker(symbol)
        found = []
        for expiry in expiries:
            day = f"{expiry:%Y-%m-%d}"
            self._asked(
                f"options of {symbol} to {day}",
                partial(ticker.option_chain, day),
                partial(options_result, symbol),
            )
            raw = self._last_raw(f"options {symbol} {day}")
            options_result(symbol, raw.content)
            found.append(raw)
        return found

    def _ticker(self, symbol: str) -> Ticker:
        """Return a symbol's ticker, the same each time: it keeps the list of expiries."""
        import yfinance

        session = self._ready()
        if symbol not in self._tickers:
            self._tickers[symbol] = yfinance.Ticker(symbol, session=session)
        return self._tickers[symbol]

    def _ready(self) -> YahooSession:
        """Set yfinance up for this run: our session, no files, nothing left from before."""
        if self._session is None:
            import yfinance
            from yfinance.data import YfData

            from analysis.sources.yahoo_session import YahooSession

            logging.getLogger("yfinance").setLevel(logging.CRITICAL)
            keep_in_memory()
            yfinance.config.debug.hide_exceptions = False
            self._session = YahooSession(self._gate, self._base)
            YfData(session=self._session)
        return self._session

    def _asked(
        self, what: str, ask: Callable[[], Result], check: Callable[[bytes], object]
    ) -> Result:
        """Ask once, or a few times where the fault may pass, and tell the gate how it went.

        ``check`` reads a body that yfinance could not use, and raises with our own words.
        """
        session = self._ready()
        try:
            for attempt in asked_again(self._gate.manners):
                with attempt:
                    _forget()
                    session.begin()
                    found = _spoken(session, what, ask, check)
        except VendorError as error:
            for host in session.exchange.hosts if error.fault in PASSING else ():
                unreachable = error.fault in (Fault.NO_HOST, Fault.REFUSED, Fault.TOO_MANY)
                self._gate.failed(host, error.problem, for_good=unreachable)
            raise
        for host in session.exchange.hosts:
            self._gate.answered(host)
        return found

    def _last_raw(self, name: str) -> Raw:
        session = self._ready()
        if not session.exchange.answers:
            raise VendorError(SOURCE, Fault.EMPTY, f"no answer to {name}")
        _, response = session.exchange.answers[-1]
        kind = response.headers.get("content-type") or ""
        return Raw(name=name, content=response.content, content_type=kind)


def _forget() -> None:
    """Empty yfinance's memory of answers: it keeps failures too, and would repeat them."""
    from yfinance.data import YfData

    YfData.cache_get.cache_clear()


def _spoken(
    session: YahooSession,
    what: str,
    ask: Callable[[], Result],
    check: Callable[[bytes], object],
) -> Result:
    """Return what yfinance made of the answer, or raise what was wrong with the answer itself."""
    from curl_cffi import CurlError
    from yfinance.exceptions import YFException

    problem = ""
    found: Result | None = None
    try:
        with warnings.catch_warnings():
            # yfinance 1.7 uses calls that pandas 4 will drop.
            warnings.simplefilter("ignore")
            found = ask()
    except VendorError as error:
        raise session.exchange.fault or error from error
    except (YFException, CurlError, ValueError, LookupError, TypeError, AttributeError) as error:
        problem = str(error)
    if session.exchange.fault is not None:
        raise session.exchange.fault
    if problem or found is None:
        if session.exchange.answers:
            check(session.exchange.answers[-1][1].content)
        raise VendorError(SOURCE, Fault.UNREADABLE, f"{what}: {problem or 'no usable answer'}")
    return found


def chart_result(symbol: str, content: bytes) -> dict[str, Any]:
    """Return the result of a chart's answer, refusing two bars of a day that differ.

    yfinance keeps the first of such bars without a word.
    """
    body = json_body(SOURCE, content)
    try:
        result: dict[str, Any] = body["chart"]["result"][0]
        quote = result["indicators"]["quote"][0]
        meta = result["meta"]
    except (KeyError, TypeError, IndexError) as error:
        raise VendorError(SOURCE, Fault.EMPTY, f"{symbol}: the chart is empty") from error
    stamps, closes = result.get("timestamp") or [], quote.get("close") or []
    if not stamps:
        raise VendorError(SOURCE, Fault.EMPTY, f"{symbol}: the chart has no bars")
    if len(closes) != len(stamps):
        problem = f"{symbol}: {len(stamps)} days and {len(closes)} closes in the chart"
        raise VendorError(SOURCE, Fault.UNREADABLE, problem)
    days = pd.to_datetime(pd.Series(stamps, dtype="int64"), unit="s")
    offset = pd.Timedelta(seconds=int(meta.get("gmtoffset") or 0))
    rows = pd.DataFrame({"date": (days + offset).dt.date, "close": closes})
    whole = rows.iloc[:-1]  # The last bar may come twice: as a bar, and as the latest trade.
    once = whole.drop_duplicates()
    if once["date"].duplicated().any():
        day = once["date"][once["date"].duplicated()].iloc[0]
        problem = f"{symbol}: two bars of {day} contradict each other"
        raise VendorError(SOURCE, Fault.UNREADABLE, problem)
    return result


def options_result(symbol: str, content: bytes) -> dict[str, Any]:
    """Return the result of an options answer; yfinance makes an empty tuple of an empty one."""
    body = json_body(SOURCE, content)
    try:
        result: dict[str, Any] = body["optionChain"]["result"][0]
        listed = result["expirationDates"]
    except (KeyError, TypeError, IndexError) as error:
        raise VendorError(SOURCE, Fault.EMPTY, f"{symbol}: the option chain is empty") from error
    if not listed:
        raise VendorError(SOURCE, Fault.EMPTY, f"{symbol}: no options are listed")
    return result


def _bar_rows(symbol: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return yfinance's frame as rows: date, symbol, open, high, low, close, volume."""
    days = pd.DatetimeIndex(frame.index)
    names = ("Open", "High", "Low", "Close", "Volume")
    columns = {name.lower(): frame[name].to_numpy(float) for name in names}
    plain = days.tz_localize(None).normalize()
    return pd.DataFrame({"date": plain.astype("datetime64[us]"), "symbol": symbol, **columns})
