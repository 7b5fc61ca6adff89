"""One HTTP client for every vendor: patient, modest, and never silent.

Whatever does not end in a usable answer ends in a `VendorError` with a named fault.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

from analysis.retries import tries
from analysis.sources.faults import PASSING, Fault, VendorError
from analysis.sources.gate import Gate, Manners
from analysis.sources.http_cache import HttpCache, Kept

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    import stamina

# httpx brings a command line with it and takes a third of a second to import, so it is
# imported when somebody is asked: a note of an evening that is kept asks nobody.

USER_AGENT = "Undertow/0.1 (end-of-day market-flow commentary; one run an evening)"

MOST_MOVES = 3
"""Redirects followed, on the same host only."""

Query = Mapping[str, str | int]


class Expect(Enum):
    """What an answer should be: the content types it may have, and how its text may begin."""

    JSON = (("json", "text/plain", "octet-stream"), (b"{", b"["))
    TABLE = (("csv", "text/plain", "octet-stream"), ())


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer: its bytes, and where they came from."""

    url: str
    content: bytes
    content_type: str
    unchanged: bool = False
    """True where the host said that the kept answer still holds."""


class Http:
    """Asks hosts, through one gate, with one cache.

    Parameters
    ----------
    gate
        Budget and memory of failures, shared with every other client of the run.
    cache_folder
        Where answers are kept that can be asked for "if changed".
    """

    def __init__(self, gate: Gate, cache_folder: Path) -> None:
        self.gate = gate
        self._cache = HttpCache(cache_folder)
        self._open: httpx.Client | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of open connections; the next question opens new ones."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def _client(self) -> httpx.Client:
        import httpx

        manners = self.gate.manners
        with self._lock:
            if self._open is None:
                self._open = httpx.Client(
                    timeout=httpx.Timeout(manners.read_seconds, connect=manners.connect_seconds),
                    headers={"User-Agent": USER_AGENT},
                )
            return self._open

    def get(
        self,
        source: str,
        url: str,
        expect: Expect,
        *,
        query: Query | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Return what an address answers; with a ``body`` of JSON, what it answers to that.

        Raises
        ------
        VendorError
            Naming the fault, once trying again is pointless.
        """
        from httpx import URL

        address = URL(url, params=dict(query)) if query else URL(url)
        host = address.netloc.decode()
        try:
            for attempt in asked_again(self.gate.manners):
                with attempt:
                    answer = self._once(source, address, expect, body)
        except VendorError as error:
            if error.fault in PASSING:
                self.gate.failed(host, error.problem, for_good=_out_of_reach(error))
            raise
        self.gate.answered(host)
        return answer

    def _once(self, source: str, address: httpx.URL, expect: Expect, body: bytes | None) -> Answer:
        kept = self._cache.find(str(address)) if body is None else None
        where = address
        for _ in range(MOST_MOVES + 1):
            self.gate.enter(source, where.netloc.decode())
            with _faults(source, where.host), self._send(where, kept, body) as response:
                if response.status_code == HTTPStatus.NOT_MODIFIED and kept:
                    return Answer(str(address), kept.content, kept.content_type, unchanged=True)
                if not response.has_redirect_location:
                    _check_status(source, response)
                    content = self._read(source, response)
                    content_type = response.headers.get("content-type", "")
                    check_body(source, where.host, expect, content_type, content)
                    if body is None:
                        self._cache.keep(str(address), _kept(response, content))
                    return Answer(str(address), content, content_type)
                where = _same_host(source, where, response)
        raise VendorError(source, Fault.MOVED, f"{address.host} redirects in a circle")

    @contextmanager
    def _send(
        self, where: httpx.URL, kept: Kept | None, body: bytes | None
    ) -> Iterator[httpx.Response]:
        headers = dict(kept.conditions) if kept else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        method = "GET" if body is None else "POST"
        with self._client().stream(method, where, headers=headers, content=body) as response:
            yield response

    def _read(self, source: str, response: httpx.Response) -> bytes:
        """Read a body, no larger and no longer than an answer can be."""
        manners = self.gate.manners
        deadline = time.monotonic() + manners.answer_seconds
        host = response.url.host
        parts, size = [], int(response.headers.get("content-length") or 0)
        received = 0
        for part in response.iter_bytes():
            received += len(part)
            if max(size, received) > manners.largest_bytes:
                limit = manners.largest_bytes / 1e6
                raise VendorError(
                    source, Fault.TOO_LARGE, f"{host} sends more than {limit:g} MB; not read on"
                )
            if time.monotonic() > deadline:
                raise VendorError(
                    source, Fault.TIMED_OUT, f"{host} took over {manners.answer_seconds:g} s"
                )
            parts.append(part)
        return b"".join(parts)


def _kept(response: httpx.Response, content: bytes) -> Kept:
    headers = response.headers
    return Kept(
        content=content,
        content_type=headers.get("content-type", ""),
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
    )


def _out_of_reach(error: VendorError) -> bool:
    """Say whether not even a connection came about: then the host is left alone at once."""
    from httpx import ConnectTimeout

    return error.fault in (Fault.NO_HOST, Fault.REFUSED) or isinstance(
        error.__cause__, ConnectTimeout
    )


def asked_again(manners: Manners) -> Iterator[stamina.Attempt]:
    """Return the tries that one question is worth: more than one for faults that may pass."""

    def worth(error: Exception) -> bool | float:
        """Say whether to try again, and after how long if the host asked for a pause."""
        if not isinstance(error, VendorError) or error.fault not in PASSING:
            return False
        if error.pause_seconds is None:
            return True
        wait = error.pause_seconds <= manners.longest_wait_seconds
        return error.pause_seconds if wait else False

    return tries(
        worth,
        attempts=manners.attempts,
        patience_seconds=manners.answer_seconds,
        first_wait_seconds=manners.wait_seconds,
        longest_wait_seconds=manners.longest_wait_seconds,
    )


def check_body(source: str, host: str, expect: Expect, content_type: str, content: bytes) -> None:
    """Raise `VendorError` unless a body can be what was asked for, by its type and its start."""
    types, begins = expect.value
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise VendorError(source, Fault.EMPTY, f"{host} sent an empty answer")
    if start.startswith(b"<"):
        raise VendorError(
            source, Fault.WRONG_TYPE, f"{host} sent a web page instead of {expect.name}"
        )
    if content_type and not any(kind in content_type.lower() for kind in types):
        raise VendorError(
            source, Fault.WRONG_TYPE, f"{host} sent {content_type} instead of {expect.name}"
        )
    if begins and not start.startswith(begins):
        raise VendorError(source, Fault.UNREADABLE, f"{host} sent what is no {expect.name}")


@contextmanager
def _faults(source: str, host: str) -> Iterator[None]:
    """Turn the client's errors into faults with a name."""
    import httpx

    try:
        yield
    except httpx.ConnectError as error:
        fault, problem = _connection_fault(error)
        raise VendorError(source, fault, f"{host}: {problem}") from error
    except httpx.TimeoutException as error:
        raise VendorError(source, Fault.TIMED_OUT, f"{host} did not answer in time") from error
    except httpx.DecodingError as error:
        problem = f"{host} sent a body whose compression is damaged"
        raise VendorError(source, Fault.UNREADABLE, problem) from error
    except httpx.TransportError as error:
        problem = f"the connection to {host} broke off before the answer was whole"
        raise VendorError(source, Fault.BROKEN_OFF, problem) from error


def _connection_fault(error: BaseException) -> tuple[Fault, str]:
    """Tell a name that cannot be found from a host that refuses."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return Fault.NO_HOST, "the host's name cannot be found"
        cause = cause.__cause__ or cause.__context__
    return Fault.REFUSED, "the connection was refused"


def _check_status(source: str, response: httpx.Response) -> None:
    code, host = response.status_code, response.url.host
    if code == HTTPStatus.OK:
        return
    raise status_error(source, host, code, response.headers.get("retry-after"))


def status_error(source: str, host: str, code: int, retry_after: str | None = None) -> VendorError:
    """Return the error for an answer whose status is not 200."""
    if code in (401, 403):
        return VendorError(source, Fault.DENIED, f"{host} denies access (HTTP {code})")
    if code in (404, 410):
        return VendorError(source, Fault.NOT_THERE, f"{host} has no such file (HTTP {code})")
    if code == 429 or (code == 503 and retry_after):
        problem = f"{host} asks to slow down (HTTP {code})"
        return VendorError(source, Fault.TOO_MANY, problem, pause_seconds=_pause(retry_after))
    if code >= 500:
        return VendorError(source, Fault.SERVER, f"{host} is in trouble (HTTP {code})")
    return VendorError(source, Fault.WRONG_TYPE, f"{host} answered HTTP {code}")


def _pause(retry_after: str | None) -> float | None:
    """Return the pause a host asks for [s]; a date counts as too long to wait for."""
    if retry_after is None:
        return None
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        return float("inf")


def _same_host(source: str, where: httpx.URL, response: httpx.Response) -> httpx.URL:
    target = where.join(response.headers["location"])
    if target.host != where.host:
        raise VendorError(source, Fault.MOVED, f"{where.host} points to {target.host} instead")
    return target
