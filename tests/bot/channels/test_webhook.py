"""A receiver can tell who posts, gets each note once, and is never guessed about."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.channels import InDoubt, LeaseLostError, Receipt, Refused, RetryLater, Sent
from bot.channels.webhook import WebhookChannel
from bot.edition import NOTE, REASON_TEXT, REMOVAL, RETRACTION, REVISION
from tests.bot.fakes import FakeClock, a_delivery

SHARED = "a secret of some length"
REASON = b"A price file was wrong."
BODY = b'{"version":1,"session":"2025-11-21"}'


@dataclass
class Receiver:
    """An HTTP server on loopback that answers every request with the same bytes."""

    answer: bytes
    port: int = 0
    length: int = len(BODY)
    requests: list[bytes] = field(default_factory=list)
    serving: list[asyncio.Task[None] | None] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and answer it, or hang up."""
        self.serving.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head + await reader.readexactly(self.length))
            writer.write(self.answer)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    def header(self, name: str) -> str:
        """Return a header of the first request."""
        lines = self.requests[0].split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}[name.lower()]


@asynccontextmanager
async def receiver(answer: bytes) -> AsyncIterator[Receiver]:
    """Run a receiver."""
    mine = Receiver(answer)
    server = await asyncio.start_server(mine.serve, "127.0.0.1", 0)
    mine.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mine
    # A connection that was made and closed may not have been looked at yet.
    await asyncio.sleep(0.01)
    await asyncio.gather(*(task for task in mine.serving if task))


@dataclass
class Marks:
    """Counts hand-overs."""

    count: int = 0
    lost: bool = False

    async def __call__(self) -> None:
        """Take one, or say that the lease is gone."""
        if self.lost:
            raise LeaseLostError("somebody else has it")
        self.count += 1


async def post(
    port: int, *, deduplicates: bool = False, marks: Marks | None = None, edition: str = NOTE
) -> Receipt:
    channel = WebhookChannel(
        f"http://localhost:{port}/hook?key=geheim",
        SHARED,
        deduplicates=deduplicates,
        allow_private=True,
        clock=FakeClock(),
    )
    texts = {"note.json": BODY, REASON_TEXT: REASON}
    return await channel.send(a_delivery(edition=edition, texts=texts), marks or Marks())


def http(status: str, headers: str = "", body: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode()


async def test_a_receiver_can_check_the_signature_with_the_shared_secret() -> None:
    async with receiver(http("200 OK")) as there:
        receipt = await post(there.port)

    stamp = there.header("Undertow-Timestamp")
    expected = hmac.new(SHARED.encode(), f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert receipt == Sent("")
    assert there.header("Undertow-Signature") == f"v1={expected}"
    assert stamp == "1763763300"
    assert there.requests[0].endswith(BODY)
    assert there.header("Idempotency-Key") == "2025-11-21/note/paper/ana"
    assert there.header("Host") == f"localhost:{there.port}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http("204 No Content"), Sent("")),
        (http("409 Conflict"), Sent("")),
        (
            http("503 Busy", "Retry-After: 120\r\n"),
            RetryLater("the receiver answered 503", "503", timedelta(minutes=2)),
        ),
        (
            http(
                "429 Slow",
                "Date: Fri, 21 Nov 2025 22:15:00 GMT\r\n"
                "Retry-After: Fri, 21 Nov 2025 22:20:00 GMT\r\n",
            ),
            RetryLater("the receiver answered 429", "429", timedelta(minutes=5)),
        ),
        (http("500 Oops"), RetryLater("the receiver answered 500", "500")),
        (http("410 Gone"), Refused("the receiver answered 410", "410", our_fault=True)),
        (http("504 Gateway"), InDoubt("a proxy answered 504", "504")),
        (b"", InDoubt("no answer: RemoteProtocolError")),
        (b"HTTP/1.1 2", InDoubt("no answer: RemoteProtocolError")),
    ],
    ids=["kept", "had it", "busy", "slow down", "fault", "gone", "proxy", "hung up", "cut"],
)
async def test_an_answer_means_what_the_contract_says(answer: bytes, expected: Receipt) -> None:
    marks = Marks()
    async with receiver(answer) as there:
        receipt = await post(there.port, marks=marks)

    assert receipt == expected
    assert marks.count == 1


async def test_a_redirect_is_not_followed() -> None:
    async with receiver(http("200 OK")) as inside:
        to_inside = f"Location: http://127.0.0.1:{inside.port}/\r\n"
        async with receiver(http("307 Elsewhere", to_inside)) as there:
            receipt = await post(there.port)

    assert isinstance(receipt, Refused)
    assert inside.requests == []


async def test_a_receiver_that_deduplicates_is_simply_tried_again() -> None:
    async with receiver(b"") as there:
        receipt = await post(there.port, deduplicates=True)

    assert receipt == RetryLater("no answer: RemoteProtocolError")


async def test_no_connection_means_nothing_was_handed_over() -> None:
    async with receiver(b"") as there:
        port = there.port
    marks = Marks()

    receipt = await post(port, marks=marks)

    assert receipt == RetryLater("no connection: ConnectError", "connect")
    assert marks.count == 0


async def test_a_lost_lease_stops_it_before_the_first_byte() -> None:
    async with receiver(http("200 OK")) as there:
        with pytest.raises(LeaseLostError):
            await post(there.port, marks=Marks(lost=True))

    assert there.requests == []


async def test_a_name_that_leads_inside_is_refused() -> None:
    async def to_the_metadata_service(host: str, port: int) -> list[str]:
        return ["169.254.169.254"]

    channel = WebhookChannel(
        "https://hooks.example.org/x", SHARED, resolver=to_the_metadata_service
    )
    receipt = await channel.send(a_delivery(texts={"note.json": BODY}), Marks())

    assert isinstance(receipt, Refused)
    assert receipt.code == "unsafe"


def test_neither_the_path_nor_the_secret_is_ever_shown() -> None:
    channel = WebhookChannel("https://hooks.example.org/T0/geheim", SHARED)

    assert "geheim" not in repr(channel)
    assert SHARED not in repr(channel)


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        WebhookChannel("https://hooks.example.org/", "geheim")


async def test_of_a_long_answer_two_kilobytes_are_read_and_only_their_hash_is_kept() -> None:
    page = b"x" * 60_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + page
    async with receiver(answer) as far:
        receipt = await post(far.port)

    assert receipt == Sent(hashlib.sha256(page[:2_000]).hexdigest()[:16])


async def test_a_correction_says_that_it_is_one() -> None:
    async with receiver(http("200 OK")) as there:
        await post(there.port, edition=REVISION)

    assert there.header("Undertow-Edition") == "revision"
    assert there.header("Undertow-Delivery") == "2025-11-21/revision/paper/ana"


@pytest.mark.parametrize("edition", ["again", "again-2"])
async def test_a_note_published_again_is_a_note_under_a_delivery_of_its_own(edition: str) -> None:
    async with receiver(http("200 OK")) as there:
        await post(there.port, edition=edition)

    assert there.header("Undertow-Edition") == "note"
    assert there.header("Undertow-Delivery") == f"2025-11-21/{edition}/paper/ana"


@pytest.mark.parametrize("edition", [RETRACTION, REMOVAL, "retraction-2"])
async def test_a_withdrawal_is_an_order_to_take_the_note_down(edition: str) -> None:
    order = (
        b'{"version": 1, "edition": "retraction", "session": "2025-11-21", '
        b'"reason": "A price file was wrong."}'
    )
    async with receiver(http("200 OK")) as there:
        there.length = len(order)
        receipt = await post(there.port, edition=edition)

    assert receipt == Sent("")
    assert there.header("Undertow-Edition") == "retraction"
    assert there.requests[0].endswith(order)
