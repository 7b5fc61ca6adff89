"""Read what a form sends, and know whether it was ours and how long it was looked at."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

LARGEST_FORM = 16_384
"""Bytes that any of our forms may send."""

MOST_FIELDS = 40
FORM_LIVES = timedelta(hours=24)


async def read_body(request: Request) -> bytes:
    """Return what was sent, or refuse what is larger than any form of ours."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, "the form is too large")
    return body


async def read_form(request: Request) -> Mapping[str, str]:
    """Return a form's fields; of a field that was sent twice the last counts.

    What is no form, or not in UTF-8, has no fields.
    """
    body = await read_body(request)
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return {}
    return dict(pairs)


def form_stamp(key: str, now: datetime) -> str:
    """Return a signed moment that a form carries from its making to its sending."""
    moment = str(int(now.timestamp()))
    return f"{moment}.{_signature(key, moment)}"


def form_age(key: str, stamp: str, now: datetime) -> timedelta | None:
    """Return how long ago a form was made; nothing if the stamp is not ours, or a day old."""
    moment, _, signature = stamp.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(key, moment).encode()):
        return None
    age = timedelta(seconds=int(now.timestamp()) - int(moment))
    return age if timedelta(0) <= age <= FORM_LIVES else None


def _signature(key: str, moment: str) -> str:
    digest = hmac.digest(key.encode(), f"form:{moment}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")
