"""The session that yfinance asks through: ours, so that nothing it meets stays silent.

yfinance swallows most failures and returns empty frames. It does take any session of
curl_cffi's, and every request goes through that one object. So this one sends requests to the
address in the settings, counts them, stops a failing host, and keeps each answer: after a call
the desk looks at what really came and not at what yfinance made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from curl_cffi import CurlError, CurlOpt
from curl_cffi import requests as curl

from analysis.sources.faults import PASSING, Fault, VendorError
from analysis.sources.gate import Gate
from analysis.sources.http import Expect, check_body, status_error

SOURCE = "yahoo"

DATA_PATHS = ("/v7/", "/v8/", "/v10/", "/ws/")
"""Where facts come from; everything else is cookies and crumbs."""

MOST_REQUESTS = 8
"""For one question: an answer, a fresh crumb if the old one is refused, and the answer again."""

COULD_NOT_RESOLVE, COULD_NOT_CONNECT, TIMED_OUT, TOO_LARGE = 6, 7, 28, 63
BAD_ENCODING = 61

CURL_FAULTS = {
    COULD_NOT_RESOLVE: (Fault.NO_HOST, "the host's name cannot be found"),
    5: (Fault.NO_HOST, "the proxy's name cannot be found"),
    COULD_NOT_CONNECT: (Fault.REFUSED, "the connection was refused"),
    TIMED_OUT: (Fault.TIMED_OUT, "no whole answer in time"),
    TOO_LARGE: (Fault.TOO_LARGE, "the answer is larger than it can be"),
    BAD_ENCODING: (Fault.UNREADABLE, "the body's compression is damaged"),
    23: (Fault.UNREADABLE, "the body's compression is damaged"),
}


@dataclass
class Exchange:
    """What was asked, and the last answer with facts in it."""

    asked: int = 0
    answers: list[tuple[str, curl.Response]] = field(default_factory=list)
    fault: VendorError | None = None


class YahooSession(curl.Session):
    """A browser-like session for one run.

    Parameters
    ----------
    gate
        The run's budget and memory.
    base
        Address that stands in for every host of Yahoo's; "" leaves them as they are.
    """

    def __init__(self, gate: Gate, base: str = "") -> None:
        manners = gate.manners
        options = {CurlOpt.MAXFILESIZE_LARGE: manners.largest_bytes}
        super().__init__(impersonate="chrome", curl_options=options, trust_env=not base)
        self._gate = gate
        self._base = base
        self.exchange = Exchange()

    def begin(self) -> None:
        """Forget the last question."""
        self.exchange = Exchange()

    def request(self, method: str, url: str, *args: Any, **options: Any) -> curl.Response:  # type: ignore[override]  # noqa: ANN401
        """Send one request of yfinance's, within the run's manners."""
        manners = self._gate.manners
        address = self._address(url)
        host = urlsplit(address).netloc
        self._enter(host)
        options["timeout"] = (manners.connect_seconds, manners.read_seconds)
        try:
            response = super().request(method, address, *args, **options)
        except CurlError as error:
            self._note(host, curl_fault(host, error))
            raise
        if urlsplit(url).path.startswith(DATA_PATHS):
            self.exchange.answers.append((address, response))
            self._judge(host, response)
        return response

    def _enter(self, host: str) -> None:
        if self.exchange.asked >= MOST_REQUESTS:
            problem = f"{host} did not answer one question in {MOST_REQUESTS} requests"
            self.exchange.fault = self.exchange.fault or VendorError(
                SOURCE, Fault.UNREADABLE, problem
            )
            raise self.exchange.fault
        try:
            self._gate.enter(SOURCE, host)
        except VendorError as error:
            self.exchange.fault = self.exchange.fault or error
            raise
        self.exchange.asked += 1

    def _judge(self, host: str, response: curl.Response) -> None:
        """Note the answer's fault, or that it has none: a second try may mend the first."""
        try:
            check_answer(host, response)
        except VendorError as error:
            self._note(host, error)
            return
        self.exchange.fault = None
        self._gate.answered(host)

    def _note(self, host: str, error: VendorError) -> None:
        self.exchange.fault = error
        if error.fault in PASSING:
            unreachable = error.fault in (Fault.NO_HOST, Fault.REFUSED, Fault.TOO_MANY)
            self._gate.failed(host, for_good=unreachable)

    def _address(self, url: str) -> str:
        """Return where a request goes: to the stand-in, if there is one."""
        parts = urlsplit(url)
        if not self._base:
            return url
        return self._base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def check_answer(host: str, response: curl.Response) -> None:
    """Raise `VendorError` unless an answer can hold facts."""
    code = response.status_code
    if code == 404 and response.content.lstrip().startswith(b"{"):
        return  # An unknown symbol: the body says so, and is read for it.
    if code != 200:
        raise status_error(SOURCE, host, code, response.headers.get("retry-after"))
    kind = response.headers.get("content-type", "")
    check_body(SOURCE, host, Expect.JSON, kind, response.content)


def curl_fault(host: str, error: CurlError) -> VendorError:
    """Return the named fault of a curl error."""
    fault, problem = CURL_FAULTS.get(
        int(error.code), (Fault.BROKEN_OFF, "the connection broke off before the answer was whole")
    )
    return VendorError(SOURCE, fault, f"{host}: {problem}")
