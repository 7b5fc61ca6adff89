"""A loopback server that replays vendors' answers, and every way an answer can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request: path without its query, the query, the body and the headers."""

    path: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]


Route = Callable[[Question], Reply]
Fault = Callable[[BaseHTTPRequestHandler, Reply], None]

NOT_FOUND = Reply(status=404, content_type="text/html", body=b"<html>no such page</html>")


class Replay:
    """What the server answers: routes by the beginning of the path, and a fault laid over them.

    ``faults`` names a fault for paths that begin so; ``hits`` counts requests in order.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.faults: dict[str, Fault] = {}
        self.hits: list[str] = []
        self.questions: list[Question] = []
        self.url = ""

    def asked(self, start: str) -> int:
        """Return how many requests began so."""
        return sum(hit.startswith(start) for hit in self.hits)

    def answer(self, question: Question) -> Reply:
        """Return what the longest fitting route says."""
        fitting = [start for start in self.routes if question.path.startswith(start)]
        return self.routes[max(fitting, key=len)](question) if fitting else NOT_FOUND

    def fault_of(self, path: str) -> Fault | None:
        """Return the fault laid over a path."""
        fitting = [start for start in self.faults if path.startswith(start)]
        return self.faults[max(fitting, key=len)] if fitting else None


class _Server(ThreadingHTTPServer):
    """Many small connections at once; nothing printed when a client goes away."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: broken connections are what is tested here."""


@contextmanager
def serving(replay: Replay) -> Iterator[Replay]:
    """Serve on a free loopback port for the length of a `with` block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            question = Question(
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query)),
                body=self.rfile.read(length),
                headers={name.lower(): value for name, value in self.headers.items()},
            )
            replay.hits.append(question.path)
            replay.questions.append(question)
            reply = replay.answer(question)
            fault = replay.fault_of(question.path)
            (fault or send)(self, reply)

        do_POST = do_GET  # noqa: N815 - the name the standard library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    replay.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send an answer as it should be sent."""
    handler.send_response(reply.status)
    headers = {"content-type": reply.content_type, **reply.headers}
    for name, value in headers.items():
        handler.send_header(name, value)
    if reply.status != 304:
        handler.send_header("content-length", str(len(reply.body)))
    handler.end_headers()
    if reply.status != 304:
        handler.wfile.write(reply.body)
