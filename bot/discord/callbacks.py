"""Hand an answer to Discord in one request, written once for everyone who is given it.

The library builds each answer anew, with its picture, and reads back the message that was made.
With two hundred people asking at once that is most of the work, and all of it is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import orjson
import structlog
import yarl
from aiohttp import BytesPayload
from discord.http import Route

from bot.discord.posts import Attachment

log = structlog.get_logger(__name__)

LONGEST = aiohttp.ClientTimeout(total=15.0)
"""Discord takes a first answer for three seconds; it may be long in saying so."""

MESSAGE = discord.InteractionResponseType.channel_message
OF_COMPONENTS, FOR_ONE = 1 << 15, 1 << 6
"""Flags of a message: it is made of components; only its asker sees it."""

PAYLOAD = 'form-data; name="payload_json"\r\nContent-Type: application/json'


def letter(
    components: Sequence[Mapping[str, Any]], pictures: Sequence[Attachment], *, share: bool
) -> BytesPayload:
    """Write an answer made of components, for the asker alone unless it is shared.

    Bytes are not used up by sending them, so one letter serves everyone who is given it.
    """
    data: dict[str, Any] = {
        "flags": OF_COMPONENTS if share else OF_COMPONENTS | FOR_ONE,
        "components": components,
        "allowed_mentions": {"parse": []},
        "attachments": [
            {"id": number, "filename": one.name, "description": one.alt}
            for number, one in enumerate(pictures)
        ],
    }
    payload = orjson.dumps({"type": MESSAGE.value, "data": data})
    if not pictures:
        return BytesPayload(payload, content_type="application/json")
    # The mark between parts must stand in none of them; a hash of the words stands in no picture.
    mark = hashlib.sha256(payload).hexdigest()
    parts = [(PAYLOAD, payload)]
    parts += [(_named(number, one), one.png) for number, one in enumerate(pictures)]
    body = b"".join(
        b"--%b\r\nContent-Disposition: %b\r\n\r\n%b\r\n" % (mark.encode(), head.encode(), content)
        for head, content in parts
    )
    body += f"--{mark}--\r\n".encode()
    return BytesPayload(body, content_type=f"multipart/form-data; boundary={mark}")


def _named(number: int, one: Attachment) -> str:
    return f'form-data; name="files[{number}]"; filename="{one.name}"\r\nContent-Type: image/png'


@dataclass
class Callbacks:
    """A line of our own to where Discord takes first answers; they need no token."""

    user_agent: str
    trace: aiohttp.TraceConfig | None = None
    _session: aiohttp.ClientSession | None = None

    async def hand_over(self, interaction: discord.Interaction[Any], written: BytesPayload) -> bool:
        """Hand an answer over, and say whether that is all that can be done.

        One that Discord did not take is for the library, which waits and tries again, or says
        what is wrong. After a long silence it is too late for either.
        """
        if self._session is None:
            self._session = self._opened()
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        url = yarl.URL(Route.BASE + path, encoded=True)
        try:
            async with self._session.post(url, data=written) as answer:
                taken = answer.ok
                await answer.release()
        except TimeoutError:
            log.info("answer_not_confirmed", interaction=interaction.id)
            return True
        except (aiohttp.ClientError, OSError):
            return False
        if taken:
            # The library must know, or what comes after would be a second first answer.
            interaction.response._response_type = MESSAGE
        return taken

    def _opened(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.user_agent},
            timeout=LONGEST,
            trace_configs=None if self.trace is None else [self.trace],
        )

    async def close(self) -> None:
        """Close the line."""
        if self._session is not None:
            await self._session.close()
