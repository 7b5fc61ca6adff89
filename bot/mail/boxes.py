"""Where bounces arrive: an IMAP mailbox, a Maildir, or our own door for a mail server's LMTP.

Each box gives its letters one after the other and is told of each when it has been dealt with.
A crash between the two brings a letter again, and the ledger knows it already.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from bot.errors import BadArgumentError
from bot.mail.address import Address, AddressError, address_of
from bot.mail.bounces import LARGEST_READ

IMAP_PORTS = {"imap": 143, "imaps": 993}
LMTP_PORT = 2424
TIMEOUT_SECONDS = 30.0
LETTERS_A_VISIT = 500

Reading = Callable[[bytes, str], bool]
"""Takes a letter and whom it came to; true if it was a report and may be thrown away."""


class Box(Protocol):
    """A mailbox that somebody else fills."""

    def visit(self, read: Reading) -> int:
        """Read what is new, and return how many letters that was. Called in a thread."""
        ...


@dataclass(frozen=True, slots=True)
class BoxSetting:
    """A bounce mailbox, as ``BOUNCE_URL`` names it."""

    kind: str
    address: Address
    host: str = ""
    port: int = 0
    path: Path = Path()
    username: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"


def box_of(url: str | None, domain: str) -> BoxSetting | None:
    """Return the mailbox that an address names; ``bounce@`` the sender's domain if it says none.

    Raises
    ------
    BadArgumentError
        In a sentence that repeats nothing of the address, which may hold a password.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
        wishes = parse_qs(parts.query)
        address = address_of(wishes.get("address", [f"bounce@{domain}"])[0])
    except (ValueError, AddressError) as error:
        raise BadArgumentError(
            "UNDERTOW_BOUNCE_URL: it is no address, or the one behind ?address= is none"
        ) from error
    if parts.scheme == "maildir" and parts.path:
        return BoxSetting("maildir", address, path=Path(unquote(parts.path)))
    if parts.scheme == "lmtp" and parts.hostname:
        return BoxSetting("lmtp", address, parts.hostname, port or LMTP_PORT)
    if parts.scheme not in IMAP_PORTS or not parts.hostname or not parts.username:
        raise BadArgumentError(
            "UNDERTOW_BOUNCE_URL: write imaps://user:word@host, maildir:/path or "
            "lmtp://127.0.0.1:2424"
        )
    return BoxSetting(
        parts.scheme,
        address,
        parts.hostname,
        port or IMAP_PORTS[parts.scheme],
        username=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


@dataclass(frozen=True)
class Maildir:
    """A folder that a mail server on this machine delivers into."""

    path: Path

    def visit(self, read: Reading) -> int:
        """Read what is in ``new``: reports are thrown away, the rest is kept as read."""
        (self.path / "cur").mkdir(parents=True, exist_ok=True)
        new = self.path / "new"
        letters = sorted(new.iterdir())[:LETTERS_A_VISIT] if new.is_dir() else []
        for letter in letters:
            with letter.open("rb") as file:
                was_report = read(file.read(LARGEST_READ), "")
            if was_report:
                letter.unlink()
            else:
                letter.rename(self.path / "cur" / f"{letter.name.partition(':')[0]}:2,S")
        return len(letters)


@dataclass(frozen=True)
class Imap:
    """A mailbox on a server."""

    setting: BoxSetting

    def visit(self, read: Reading) -> int:
        """Read what is unseen: reports are thrown away, the rest is kept as seen.

        Raises
        ------
        OSError, imaplib.IMAP4.error
            If the server is away or refuses us.
        """
        server = self._connect()
        try:
            server.login(self.setting.username, self.setting.password)
            status, _ = server.select(f'"{self.setting.folder}"')
            if status != "OK":
                raise imaplib.IMAP4.error("the bounce folder cannot be opened")
            _, found = server.uid("SEARCH", "UNSEEN")
            numbers = found[0].split()[:LETTERS_A_VISIT] if found and found[0] else []
            for number in numbers:
                self._one(server, number.decode("ascii"), read)
            server.expunge()
        finally:
            server.logout()
        return len(numbers)

    def check(self) -> None:
        """Open the mailbox and look at nothing.

        Raises
        ------
        OSError, imaplib.IMAP4.error
            If the server is away or refuses us.
        """
        server = self._connect()
        try:
            server.login(self.setting.username, self.setting.password)
            status, _ = server.select(f'"{self.setting.folder}"', readonly=True)
            if status != "OK":
                raise imaplib.IMAP4.error(f"there is no folder {self.setting.folder}")
        finally:
            server.logout()

    def _one(self, server: imaplib.IMAP4, number: str, read: Reading) -> None:
        _, data = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST_READ}>)")
        raw = next((one[1] for one in data if isinstance(one, tuple)), b"")
        was_report = read(raw, "")
        server.uid("STORE", number, "+FLAGS", r"(\Seen \Deleted)" if was_report else r"(\Seen)")

    def _connect(self) -> imaplib.IMAP4:
        host, port = self.setting.host, self.setting.port
        if self.setting.kind == "imaps":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_SECONDS)
        return imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
