"""A relay that encrypts, one that does not, and one that is not who it says it is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.ledger import Ledger
from bot.mail import relay as relays
from bot.mail.doctor import examine_mail
from bot.mail.relay import Tls, relay_of
from bot.settings import Settings
from tests.bot.mail.authority import Authority, new_authority
from tests.bot.mail.conftest import Desk, desk_at
from tests.bot.mail.relays import MoodyRelay

PASSWORD = " ".join(("open", "sesame"))
OF_THIS_MACHINE = "DNS:localhost,IP:127.0.0.1"
OF_ANOTHER = "DNS:relay.other.test"


@dataclass
class WatchfulRelay(MoodyRelay):
    """Notes which of its visitors spoke in the clear, and every password it was told."""

    in_the_clear: list[str] = field(default_factory=list)
    passwords: list[tuple[str, bool]] = field(default_factory=list)
    hellos: int = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's own name for it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        """Count the greetings, of which there is one more after each change to encryption."""
        self.hellos += 1
        return await super().handle_EHLO(server, session, envelope, hostname, lines)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Note a sender that was named in the clear."""
        if session.ssl is None and not _is_encrypted(server):
            self.in_the_clear.append(address)
        return await super().handle_MAIL(server, session, envelope, address, options)

    def authenticate(
        self, server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        """Let in whoever knows the password, and note whether others could hear it."""
        assert isinstance(data, LoginPassword)
        told = data.password.decode()
        self.passwords.append((told, session.ssl is not None or _is_encrypted(server)))
        return AuthResult(success=told == PASSWORD, handled=False)


def _is_encrypted(server: SMTP) -> bool:
    transport = server.transport
    return transport is not None and transport.get_extra_info("ssl_object") is not None


@asynccontextmanager
async def listening(
    relay: WatchfulRelay, context: ssl.SSLContext | None, *, at_once: bool = False
) -> AsyncIterator[WatchfulRelay]:
    """Run a relay that offers STARTTLS, speaks it at once, or knows nothing of it."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            relay,
            hostname="mx.reader.test",
            loop=loop,
            tls_context=None if at_once else context,
            authenticator=relay.authenticate,
            auth_require_tls=False,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if at_once else None)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return an authority for the tests of this file."""
    return new_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust it, as an operator does who runs an authority of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    relays.tls_context.cache_clear()
    yield
    relays.tls_context.cache_clear()


@pytest.fixture
def untrusted() -> Iterator[None]:
    """Trust nobody but the authorities of the machine."""
    relays.tls_context.cache_clear()
    yield
    relays.tls_context.cache_clear()


async def mailed(ledger: Ledger, url: str) -> Desk:
    """Send one note over a relay as far as it goes."""
    desk = desk_at(ledger, url)
    await desk.join("ana")
    await desk.publish()
    await desk.outbox.run_once()
    await desk.outbox.rest()
    return desk


def url_of(relay: WatchfulRelay, host: str = "localhost", *, login: bool = False) -> str:
    who = f"desk:{PASSWORD.replace(' ', '%20')}@" if login else ""
    return f"smtp://{who}{host}:{relay.port}?starttls=required"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://relay.example", Tls.IF_OFFERED),
        ("smtp://relay.example?starttls=required", Tls.REQUIRED),
        ("smtp://desk:word@relay.example", Tls.REQUIRED),
        ("smtps://relay.example", Tls.AT_ONCE),
        ("smtps://127.0.0.1", Tls.AT_ONCE),
        ("smtp://127.0.0.1", Tls.NEVER),
        ("smtp://desk:word@127.0.0.1", Tls.NEVER),
        ("smtp://localhost?starttls=required", Tls.REQUIRED),
    ],
)
def test_what_is_asked_of_a_relay_stands_in_its_address(url: str, expected: Tls) -> None:
    assert relay_of(url).tls is expected


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.usefixtures("trusted")
async def test_where_encryption_is_required_and_offered_the_mail_goes_encrypted(
    ledger: Ledger, authority: Authority, host: str
) -> None:
    async with listening(WatchfulRelay(), authority.server_context(OF_THIS_MACHINE)) as relay:
        desk = await mailed(ledger, url_of(relay, host, login=True))

    assert await desk.states() == ["sent"]
    assert [one.recipient for one in relay.caught] == ["ana@reader.test"]
    assert relay.in_the_clear == []
    assert relay.passwords == [(PASSWORD, True)]
    assert relay.hellos == 2


async def test_where_encryption_is_required_and_not_offered_nothing_is_said(
    ledger: Ledger,
) -> None:
    async with listening(WatchfulRelay(), None) as relay:
        desk = await mailed(ledger, url_of(relay, login=True))

    [row] = await desk.rows()
    assert row.state == "pending"
    assert row.detail == (
        "the relay does not offer STARTTLS, so it was told nothing, least of all a password; "
        "use its smtps:// port, or a relay that encrypts"
    )
    assert (relay.caught, relay.asked, relay.in_the_clear, relay.passwords) == ([], [], [], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.usefixtures("trusted")
async def test_a_relay_with_another_ones_name_is_told_nothing(
    ledger: Ledger, authority: Authority, scheme: str
) -> None:
    context = authority.server_context(OF_ANOTHER)
    async with listening(WatchfulRelay(), context, at_once=scheme == "smtps") as relay:
        ending = "?starttls=required" if scheme == "smtp" else ""
        url = f"{scheme}://desk:{PASSWORD.replace(' ', '%20')}@localhost:{relay.port}{ending}"
        desk = await mailed(ledger, url)

    [row] = await desk.rows()
    assert row.state == "pending"
    assert "is for another name" in (row.detail or "")
    assert "SMTP_URL" in (row.detail or "")
    assert (relay.caught, relay.asked, relay.in_the_clear, relay.passwords) == ([], [], [], [])


@pytest.mark.usefixtures("untrusted")
async def test_a_relay_that_nobody_vouches_for_is_told_nothing(
    ledger: Ledger, authority: Authority
) -> None:
    async with listening(WatchfulRelay(), authority.server_context(OF_THIS_MACHINE)) as relay:
        desk = await mailed(ledger, url_of(relay, login=True))

    [row] = await desk.rows()
    assert "SSL_CERT_FILE" in (row.detail or "")
    assert (relay.caught, relay.asked, relay.in_the_clear, relay.passwords) == ([], [], [], [])


@pytest.mark.usefixtures("trusted")
async def test_a_line_that_is_encrypted_from_the_first_byte_carries_password_and_mail(
    ledger: Ledger, authority: Authority
) -> None:
    context = authority.server_context(OF_THIS_MACHINE)
    async with listening(WatchfulRelay(), context, at_once=True) as relay:
        word = PASSWORD.replace(" ", "%20")
        desk = await mailed(ledger, f"smtps://desk:{word}@localhost:{relay.port}")

    assert await desk.states() == ["sent"]
    assert (relay.in_the_clear, relay.passwords) == ([], [(PASSWORD, True)])


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_loses_nobody_a_note(ledger: Ledger, authority: Authority) -> None:
    async with listening(WatchfulRelay(), authority.server_context(OF_THIS_MACHINE)) as relay:
        desk = await mailed(ledger, f"smtp://desk:wrong@localhost:{relay.port}?starttls=required")

    [row] = await desk.rows()
    assert row.state == "pending"
    assert "535" in (row.detail or "")
    assert "wrong" not in (row.detail or "")
    assert set(relay.passwords) == {("wrong", True)}


@dataclass(frozen=True)
class NoNames:
    """A DNS that knows nothing."""

    def look_up(self, name: str, kind: str) -> list[str]:
        """Find nothing."""
        return []


@pytest.mark.usefixtures("trusted")
async def test_the_doctor_says_what_is_wrong_with_the_relay_and_what_to_do(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERTOW_MAIL_FROM", "note@desk.test")
    async with listening(WatchfulRelay(), authority.server_context(OF_ANOTHER)) as relay:
        monkeypatch.setenv("UNDERTOW_SMTP_URL", url_of(relay))
        [finding, *_] = await asyncio.to_thread(examine_mail, Settings(), NoNames())

    assert (finding.name, finding.status) == ("relay", "failed")
    assert finding.found.endswith("the relay's certificate is for another name")
    assert finding.advice.startswith("write into SMTP_URL the name")
