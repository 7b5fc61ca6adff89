"""The session that yfinance asks through: ours, so that nothing it meets stays silent.

yfinance swallows most failures and returns empty frames. It does take any session of
curl_cffi's, and every request goes through that one object. So this one sends requests to the
address in the settings, counts them, stops a failing host, and keeps each answer: after a call
the desk looks at what really came and not at what yfinance made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from curl_cffi import CurlError, CurlOpt
from curl_cffi import requests as curl
from curl_cffi.const import CurlECode
from curl_cffi.requests.exceptions import ConnectionError as CurlConnectionError

from analysis.sources.faults import Fault, VendorError
from analysis.sources.gate import Gate
from analysis.sources.http import Expect, check_body, status_error

if TYPE_CHECKING:
    from curl_cffi.requests.session import HttpMethod

SOURCE = "yahoo"

Send: TypeAlias = Callable[[], curl.Response]

DATA_PATHS = ("/v7/", "/v8/", "/v10/", "/ws/")
"""Where facts come from; everything else is cookies and crumbs."""

COOKIE_PAGE = "https://fc.yahoo.com"

MOST_REQUESTS = 8
"""For one question: an answer, a fresh crumb if the old one is refused, and the answer again."""

ENOUGH = frozenset(
    {Fault.TOO_MANY, Fault.NO_HOST, Fault.REFUSED, Fault.TIMED_OUT, Fault.SERVER, Fault.NOT_THERE}
)
"""Faults after which one question sends nothing more."""

DAMAGED = (Fault.UNREADABLE, "the body's compression is damaged")

CURL_FAULTS = {
    CurlECode.COULDNT_RESOLVE_HOST: (Fault.NO_HOST, "the host's name cannot be found"),
    CurlECode.COULDNT_RESOLVE_PROXY: (Fault.NO_HOST, "the proxy's name cannot be found"),
    CurlECode.COULDNT_CONNECT: (Fault.REFUSED, "the connection was refused"),
    CurlECode.OPERATION_TIMEDOUT: (Fault.TIMED_OUT, "no whole answer in time"),
    CurlECode.FILESIZE_EXCEEDED: (Fault.TOO_LARGE, "the answer is larger than it can be"),
    CurlECode.BAD_CONTENT_ENCODING: DAMAGED,
    CurlECode.WRITE_ERROR: DAMAGED,
}


@dataclass
class Exchange:
    """What was asked, and the last answer with facts in it."""

    asked: int = 0
    answers: list[tuple[str, curl.Response]] = field(default_factory=list)
    fault: VendorError | None = None
    hosts: set[str] = field(default_factory=set)


class YahooSession(curl.Session[curl.Response]):
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
        self._cookie_page: curl.Response | None = None
        self._without_cookies: set[str] = set()
        self.exchange = Exchange()

    def begin(self) -> None:
        """Forget the last question."""
        self.exchange = Exchange()

    def request(
        self, method: HttpMethod, url: str, *args: object, **options: object
    ) -> curl.Response:
        """Send one request of yfinance's, within the run's manners."""
        manners = self._gate.manners
        send: Callable[..., curl.Response] = super().request
        options["timeout"] = (manners.connect_seconds, manners.read_seconds)
        address = self._address(url)
        host = urlsplit(address).netloc.rpartition("@")[2]
        if urlsplit(url).path.startswith(DATA_PATHS):
            return self._facts(host, address, lambda: send(method, address, *args, **options))
        return self._cookie(host, url, lambda: send(method, address, *args, **options))

    def _facts(self, host: str, address: str, send: Send) -> curl.Response:
        """Send a request for facts, and keep the answer and what is wrong with it."""
        self._enter(host)
        self.exchange.hosts.add(host)
        try:
            response = send()
        except CurlError as error:
            self.exchange.fault = curl_fault(host, error)
            raise
        self.exchange.answers.append((address, response))
        self.exchange.fault = answer_fault(host, response)
        if self.exchange.fault and self.exchange.fault.fault is Fault.NOT_THERE:
            # An unknown symbol is an answer. yfinance would take it for a bad crumb and
            # fetch new cookies, four requests, for this question and the next.
            response.status_code = 200
        return response

    def _cookie(self, host: str, url: str, send: Send) -> curl.Response:
        """Send a request for a cookie or crumb; yfinance goes on where there is none."""
        if url == COOKIE_PAGE and self._cookie_page is not None and len(self.cookies.jar):
            # yfinance asks for this page before every question where it cannot store the cookie.
            return self._cookie_page
        if host in self._without_cookies:
            raise CurlConnectionError(f"{host} gave no cookie", CurlECode.COULDNT_CONNECT)
        self._enter(host)
        try:
            response = send()
        except CurlError:
            self._without_cookies.add(host)
            raise
        if url == COOKIE_PAGE:
            self._cookie_page = response
        return response

    def _enter(self, host: str) -> None:
        """Let a request pass, or raise what yfinance passes on."""
        fault = self.exchange.fault
        if fault is not None and fault.fault in ENOUGH:
            raise fault
        if self.exchange.asked >= MOST_REQUESTS:
            problem = f"{host} did not answer one question in {MOST_REQUESTS} requests"
            raise fault or VendorError(SOURCE, Fault.UNREADABLE, problem)
        self.exchange.asked += 1
        try:
            self._gate.enter(SOURCE, host)
        except VendorError as error:
            self.exchange.fault = error
            raise

    def _address(self, url: str) -> str:
        """Return where a request goes: to the stand-in, if there is one."""
        parts = urlsplit(url)
        if not self._base:
            return url
        return self._base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def answer_fault(host: str, response: curl.Response) -> VendorError | None:
    """Return what is wrong with an answer, None where it can hold facts."""
    code = response.status_code
    if code == 404 and response.content.lstrip().startswith(b"{"):
        symbol = unquote(urlsplit(response.url).path).rpartition("/")[2]
        return VendorError(SOURCE, Fault.NOT_THERE, f"Yahoo knows no {symbol}")
    if code != 200:
        return status_error(SOURCE, host, code, response.headers.get("retry-after"))
    kind = response.headers.get("content-type") or ""
    try:
        check_body(SOURCE, host, Expect.JSON, kind, response.content)
    except VendorError as error:
        return error
    return None


def curl_fault(host: str, error: CurlError) -> VendorError:
    """Return the named fault of a curl error."""
    fault, problem = CURL_FAULTS.get(
        CurlECode(error.code),
        (Fault.BROKEN_OFF, "the connection broke off before the answer was whole"),
    )
    return VendorError(SOURCE, fault, f"{host}: {problem}")
