"""A message, made once for an edition and a level, and completed for each reader.

Everything that is the same for all is encoded once. What differs (To, Date, Message-ID, the way
out, the address in the footer) is put into gaps, which costs microseconds and not a rendering.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import format_datetime

from bot.mail.address import Address, Mailbox
from bot.mail.headers import header, subject_header
from bot.mail.quoted import gap, quoted, with_gaps
from templates.letters import LINK
from templates.mail_footer import Imprint, footer
from templates.mailing import PICTURE_OF_DRIVERS, READER_FOOTER

LARGEST_PICTURE = 60_000
"""A chart above this is left out [bytes]: a mail is read on a telephone, on a train."""

LARGEST_MESSAGE = 100_000
"""A message in all [bytes]; above about 102,000 large providers cut the HTML."""

PICTURE_NAME = "drivers.png"
READERS_WORDS = ("address", "leave", "preferences", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends, as every message says it.

    ``site`` is the public address without a slash at its end, ``postal`` the sender's address
    on paper. ``bounces`` is the mailbox that bounces come to, nothing where nobody reads one.
    """

    mailbox: Mailbox
    site: str
    postal: str
    key: str = field(repr=False)
    bounces: Address | None = None

    @property
    def domain(self) -> str:
        """The domain that the mail is from."""
        return self.mailbox.address.domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One edition at one level, as the ledger holds it.

    ``text`` begins with a line for the subject and one for the preheader. Without ``page`` (HTML)
    it is sent as plain text; without ``picture`` (PNG) without a chart. ``is_answer`` marks a
    letter to one person who asked at the form: it belongs to no list, and has one link to fill.
    """

    session: date
    edition: str
    level: str
    content_hash: str
    text: str
    page: str | None = None
    picture: bytes | None = None
    picture_alt: str = ""
    is_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What differs from reader to reader."""

    address: Address
    leave_url: str
    preferences_url: str
    message_id: str
    """The delivery's own, the same at every attempt."""
    at: datetime
    link: str = ""
    """What an answer is about."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with gaps: ``fixed`` pieces, and between them the names of what goes there."""

    fixed: tuple[bytes, ...]
    gaps: tuple[str, ...]

    @property
    def size(self) -> int:
        """How large it is before its gaps are filled [bytes]."""
        return sum(len(piece) for piece in self.fixed)

    def for_reader(self, reader: Reader) -> bytes:
        """Return the whole message for one reader."""
        words = _words(reader, self.gaps)
        pieces = [self.fixed[0]]
        for name, piece in zip(self.gaps, self.fixed[1:], strict=True):
            pieces += (words[name], piece)
        return b"".join(pieces)


def make_message(sender: Sender, letter: Letter) -> Message:
    """Make the message of an edition; a chart there is no room for is left out.

    Raises
    ------
    ValueError
        If it is too large even without its chart.
    """
    picture = letter.picture
    if picture is not None and len(picture) > LARGEST_PICTURE:
        picture = None
    message = _assemble(sender, letter, picture)
    if picture is not None and message.size > LARGEST_MESSAGE:
        message = _assemble(sender, letter, None)
    if message.size > LARGEST_MESSAGE:
        raise ValueError(
            f"the mail of {letter.session} has {message.size:,} bytes at level {letter.level}; "
            f"at most {LARGEST_MESSAGE:,}"
        )
    return message


def _words(reader: Reader, gaps: Collection[str]) -> Mapping[str, bytes]:
    """Return what goes into the gaps: as it is in headers, encoded in the two texts."""
    words = {
        "header:to": header("To", f"<{reader.address.text}>"),
        "header:date": header("Date", format_datetime(reader.at)),
        "header:message_id": header("Message-ID", reader.message_id),
        "header:leave": header("List-Unsubscribe", f"<{reader.leave_url}>"),
    }
    own = (reader.address.text, reader.leave_url, reader.preferences_url, reader.link)
    for name, value in zip(READERS_WORDS, own, strict=True):
        if f"text:{name}" in gaps:
            words[f"text:{name}"] = quoted(value)
        if f"page:{name}" in gaps:
            words[f"page:{name}"] = quoted(html.escape(value))
    return words


def _assemble(sender: Sender, letter: Letter, picture: bytes | None) -> Message:
    subject, text = _opened(letter.text)
    whole = f"{text.rstrip()}\n\n{_foot(sender, letter, 'txt')}\n".replace(LINK, gap("link"))
    parts = [_encoded_text(whole, "plain", "text")]
    if letter.page is not None:
        shown = _page(letter, _foot(sender, letter, "html"), picture is not None)
        page = _encoded_text(shown, "html", "page")
        if picture is not None:
            page = _together("related", letter, [page, _picture_part(sender, letter, picture)])
        parts.append(page)
    body = parts[0] if len(parts) == 1 else _together("alternative", letter, parts)
    return _message([*_head(sender, letter, subject), *body])


def _opened(text: str) -> tuple[str, str]:
    """Take the two lines off that a reader sees before opening the mail."""
    first, _, rest = text.partition("\n")
    subject = first.removeprefix("Subject: ")
    if rest.startswith("Preheader: "):
        rest = rest.partition("\n")[2]
    return subject, rest.lstrip("\n")


def _foot(sender: Sender, letter: Letter, kind: str) -> str:
    postal = ", ".join(line.strip() for line in sender.postal.splitlines() if line.strip())
    if letter.is_answer:
        return html.escape(postal) if kind == "html" else postal
    imprint = Imprint(
        address=gap("address"),
        leave=gap("leave"),
        preferences=gap("preferences"),
        site=sender.site,
        note=f"{sender.site}/{letter.session:%Y/%m/%d}/",
        postal=postal,
    )
    return footer(imprint, kind)


def _page(letter: Letter, foot: str, has_picture: bool) -> str:
    image = (
        f'<img src="cid:{_content_id(letter)}" alt="{html.escape(letter.picture_alt)}" '
        'width="600" style="width:100%;max-width:600px;height:auto;margin:0 0 14px;">'
    )
    page = (letter.page or "").replace(READER_FOOTER, foot).replace(LINK, gap("link"))
    return page.replace(PICTURE_OF_DRIVERS, image if has_picture else "")


def _head(sender: Sender, letter: Letter, subject: str) -> list[bytes | str]:
    return [
        header("From", sender.mailbox.header),
        "header:to",
        subject_header(subject),
        "header:date",
        "header:message_id",
        *([] if letter.is_answer else _list_headers(sender, letter)),
        header("Auto-Submitted", "auto-generated"),
        header("Content-Language", "en"),
        header("MIME-Version", "1.0"),
    ]


def _list_headers(sender: Sender, letter: Letter) -> list[bytes | str]:
    domain, day = sender.domain, f"{letter.session:%Y%m%d}"
    return [
        header("List-Id", f"Undertow market note <note.{domain}>"),
        "header:leave",
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        header("List-Archive", f"<{sender.site}/archive/>"),
        header("Feedback-ID", f"{day}:{letter.edition}:{letter.level}:undertow"),
        header("Precedence", "bulk"),
    ]


def _encoded_text(text: str, subtype: str, kind: str) -> list[bytes | str]:
    head = header("Content-Type", f"text/{subtype}; charset=utf-8")
    head += header("Content-Transfer-Encoding", "quoted-printable")
    return [head + b"\r\n", *with_gaps(text, kind), b"\r\n"]


def _picture_part(sender: Sender, letter: Letter, picture: bytes) -> list[bytes | str]:
    head = header("Content-Type", f'image/png; name="{PICTURE_NAME}"')
    head += header("Content-Transfer-Encoding", "base64")
    head += header("Content-ID", f"<{_content_id(letter)}>")
    head += header("Content-Disposition", f'inline; filename="{PICTURE_NAME}"')
    return [head + b"\r\n", base64.encodebytes(picture).replace(b"\n", b"\r\n"), b"\r\n"]


def _content_id(letter: Letter) -> str:
    return f"drivers.{letter.session:%Y%m%d}@undertow"


def _together(subtype: str, letter: Letter, parts: list[list[bytes | str]]) -> list[bytes | str]:
    # Neither encoding ever writes these two characters next to each other.
    boundary = "=_" + hashlib.sha256(f"{subtype}:{letter.content_hash}".encode()).hexdigest()[:30]
    line = b"--" + boundary.encode("ascii")
    whole: list[bytes | str] = [
        header("Content-Type", f'multipart/{subtype}; boundary="{boundary}"') + b"\r\n"
    ]
    for part in parts:
        whole += [line + b"\r\n", *part]
    return [*whole, line + b"--\r\n"]


def _message(parts: list[bytes | str]) -> Message:
    fixed, gaps = [b""], []
    for part in parts:
        if isinstance(part, str):
            gaps.append(part)
            fixed.append(b"")
        else:
            fixed[-1] += part
    return Message(tuple(fixed), tuple(gaps))
