"""Post each edition to an address of the operator's choosing, signed.

The receiver gets the note's JSON and these headers::

    Undertow-Delivery: 2025-04-09/note/webhook/hooks.example.org-1f0c9a2b
    Undertow-Edition: note
    Undertow-Timestamp: 1744233300
    Undertow-Signature: v1=<hex>

``Undertow-Edition`` says what it is: ``note``; ``revision``, the same note with later figures,
to put in the first one's place; ``weekly``; or ``retraction``, an order to take the note down,
whose body is ``{"version": 1, "edition": "retraction", "session": "2025-04-09", "reason": "…"}``.
A note published again after its retraction is a ``note`` once more, or a ``revision`` where it
was corrected, under an ``Undertow-Delivery`` of its own.

The signature is HMAC-SHA256 with the shared secret over ``timestamp + "." + body``. A receiver
should refuse a timestamp more than five minutes off, answer 2xx once it has kept the body, and
treat a second post with the same ``Undertow-Delivery`` as the first. It may answer 409 to say
that it has it already. Any other answer than these means "not kept, send again"; a broken
connection means nothing, so the desk does not guess and puts the delivery in doubt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

import httpx

from bot.channels import (
    AfterSilence,
    Delivery,
    HandOver,
    InDoubt,
    Load,
    Receipt,
    Refused,
    RetryLater,
    Sent,
    one_target,
)
from bot.channels.address_guard import (
    Resolver,
    SafeAddress,
    UnknownHostError,
    UnsafeAddressError,
    resolve,
    safe_address,
)
from bot.clock import Clock, real_clock
from bot.edition import (
    AGAIN,
    CHANGES_TEXT,
    NOTE,
    REASON_TEXT,
    REMOVAL,
    RETRACTION,
    REVISION,
    WEEKLY,
    WITHDRAWALS,
)
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace

TIMEOUT_SECONDS = 20.0
ANSWER_LIMIT_BYTES = 2_000
ASK_AGAIN = frozenset({408, 421, 425, 429, 500, 503})
A_PROXY_SPEAKS = frozenset({502, 504})
"""Answers of something in between: the receiver may have the body."""

SHORTEST_SECRET = 16
GENTLE = Pace(per_second=5.0, burst=5)
TWO_AT_ONCE = Load(connections=2)


@dataclass(frozen=True)
class WebhookChannel:
    """One receiver of signed posts.

    Parameters
    ----------
    url
        Where to post. Only https on the public internet, unless ``allow_private``.
    secret
        Shared with the receiver, at least 16 characters.
    deduplicates
        The receiver keeps one of two posts with the same ``Undertow-Delivery``, so that a
        broken connection may simply be tried again.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)
    deduplicates: bool = False
    allow_private: bool = False
    wants: tuple[str, ...] = ("note.json", REASON_TEXT, CHANGES_TEXT)
    name: str = "webhook"
    carries: frozenset[str] = frozenset({NOTE, REVISION, WEEKLY, RETRACTION, REMOVAL, AGAIN})
    keeps_archive: bool = False
    pace: Pace = field(default=GENTLE)
    load: Load = field(default=TWO_AT_ONCE)
    timeout_seconds: float = TIMEOUT_SECONDS
    clock: Clock = real_clock
    resolver: Resolver = resolve

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError(
                f"the webhook secret has {len(self.secret)} characters; give it at least "
                f"{SHORTEST_SECRET}, or anyone can sign in our name"
            )

    @property
    def after_silence(self) -> AfterSilence:
        """Only a receiver that deduplicates may be sent the same thing twice."""
        return AfterSilence.RESEND if self.deduplicates else AfterSilence.DOUBT

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the receiver, by its host and a mark of its address: the path may be secret."""
        mark = hashlib.sha256(self.url.encode()).hexdigest()[:8]
        return one_target(f"{httpx.URL(self.url).host}-{mark}")

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Post the note and read the answer."""
        body = withdrawal(delivery) if delivery.kind in WITHDRAWALS else None
        body = body or delivery.texts.get(self.wants[0])
        if body is None:
            return Refused(f"the edition has no {self.wants[0]}", our_fault=True)
        try:
            address = await safe_address(
                self.url, allow_private=self.allow_private, resolver=self.resolver
            )
        except UnsafeAddressError as error:
            return Refused(str(error), "unsafe", our_fault=True)
        except UnknownHostError as error:
            return RetryLater(str(error), "dns")
        return await self._post(address, body, self._headers(delivery, body), hand_over)

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        timestamp = str(int(self.clock().timestamp()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "undertow",
            "Idempotency-Key": delivery.key,
            "Undertow-Delivery": delivery.key,
            "Undertow-Edition": edition_of(delivery),
            "Undertow-Hash": delivery.content_hash,
            "Undertow-Timestamp": timestamp,
            "Undertow-Signature": sign(self.secret, timestamp, body),
        }

    async def _post(
        self, address: SafeAddress, body: bytes, headers: dict[str, str], hand_over: HandOver
    ) -> Receipt:
        async def before_the_first_byte(event: str, _details: Mapping[str, object]) -> None:
            if event.endswith("send_request_headers.started"):
                await hand_over()

        target = httpx.URL(self.url).copy_with(host=str(address.ip), port=address.port)
        extensions = {"sni_hostname": address.host, "trace": before_the_first_byte}
        try:
            # No proxy and no netrc of the machine: they would lead round the check above.
            async with (
                httpx.AsyncClient(
                    timeout=self.timeout_seconds, trust_env=False, verify=_tls()
                ) as client,
                client.stream(
                    "POST",
                    target,
                    content=body,
                    headers={**headers, "Host": address.url.netloc},
                    extensions=extensions,
                    follow_redirects=False,
                ) as answer,
            ):
                return receipt_of(answer, await _beginning(answer), self.deduplicates)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return RetryLater(f"no connection: {type(error).__name__}", "connect")
        except httpx.TransportError as error:
            return lost_answer(f"no answer: {type(error).__name__}", self.deduplicates)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    # Reading all the world's certificates takes longer than a post does, so once is enough.
    return httpx.create_ssl_context(trust_env=False)


def edition_of(delivery: Delivery) -> str:
    """Return what a receiver is told it gets: how a note ends is one thing to them.

    So is how it begins: a note published again is a note, or a revision where it was corrected.
    """
    if delivery.kind in WITHDRAWALS:
        return RETRACTION
    if delivery.kind == AGAIN:
        return REVISION if delivery.is_correction else NOTE
    return delivery.kind


def withdrawal(delivery: Delivery) -> bytes:
    """Return the order to take a session's note down."""
    order = {
        "version": 1,
        "edition": RETRACTION,
        "session": delivery.session.isoformat(),
        "reason": delivery.texts.get(REASON_TEXT, b"").decode("utf-8"),
    }
    return json.dumps(order, ensure_ascii=False).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body, as it stands in the header."""
    signed = timestamp.encode("ascii") + b"." + body
    return "v1=" + hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()


async def _beginning(answer: httpx.Response) -> bytes:
    beginning = b""
    async for chunk in answer.aiter_raw():
        beginning += chunk
        if len(beginning) >= ANSWER_LIMIT_BYTES:
            break
    return beginning[:ANSWER_LIMIT_BYTES]


def receipt_of(answer: httpx.Response, beginning: bytes, deduplicates: bool) -> Receipt:
    """Return what a receiver's answer means."""
    code = str(answer.status_code)
    if answer.is_success or answer.status_code == httpx.codes.CONFLICT:
        return Sent(hashlib.sha256(beginning).hexdigest()[:16] if beginning else "")
    if answer.status_code in ASK_AGAIN:
        return RetryLater(f"the receiver answered {code}", code, retry_after(answer.headers))
    if answer.status_code in A_PROXY_SPEAKS:
        return lost_answer(f"a proxy answered {code}", deduplicates, code)
    if answer.is_redirect:
        return Refused("it redirects; set the address it redirects to", code, our_fault=True)
    return Refused(f"the receiver answered {code}", code, our_fault=True)


def lost_answer(reason: str, deduplicates: bool, code: str | None = None) -> Receipt:
    """Return what to do when the receiver may have the body: try again only if that is safe."""
    return RetryLater(reason, code) if deduplicates else InDoubt(reason, code)


def retry_after(headers: httpx.Headers) -> timedelta | None:
    """Return how long a receiver asks us to wait, in either of the forms it may use."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 86_400))
    try:
        at, sent_at = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return max(at - sent_at, timedelta(0))
