"""Everything that decides whether mail arrives, looked at before the first reader waits for it."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Callable
from functools import partial

from bot.errors import BadArgumentError, DeskError
from bot.finding import FAILED, OK, WARNING, Finding
from bot.mail.boxes import BoxSetting, Imap, box_of
from bot.mail.handshake import handshake_trouble
from bot.mail.message import Sender
from bot.mail.names import Names, NoDnsError
from bot.mail.records import Domain, bounces_arrive, dkim, dmarc, pointer, spf
from bot.mail.relay import Relay, Tls
from bot.mail.setup import relay_setting, sender_setting
from bot.mail.wire import WIRE_FAULTS, Lines
from bot.safety import is_local
from bot.settings import Settings, reveal


def examine_mail(settings: Settings, names: Names) -> list[Finding]:
    """Look at the relay, the DNS and the settings that mail needs.

    Raises
    ------
    DeskError
        Where mail is not set up at all.
    """
    relay, sender = relay_setting(settings), sender_setting(settings)
    if relay is None or sender is None:
        raise DeskError("mail is off: set SMTP_URL and MAIL_FROM first; docs/mail.md begins there")
    domain = Domain(sender.domain, names)
    key = reveal(settings.dkim_key)
    looks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("spf", partial(spf, domain)),
        ("dkim", partial(dkim, domain, settings.dkim_selector, key.encode() if key else None)),
        ("dmarc", partial(dmarc, domain)),
        ("ptr", partial(pointer, domain, relay)),
        ("bounces", partial(_bounces, settings, domain)),
    )
    return [
        asyncio.run(_relay(relay, sender.domain)),
        *(_asked(name, look) for name, look in looks),
        _alignment(sender),
        _way_out(sender),
        _postal(sender),
    ]


def _asked(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NoDnsError as error:
        return Finding(name=name, status=WARNING, found=str(error), advice="check the network")


async def _relay(relay: Relay, hostname: str) -> Finding:
    """Open a line as the desk would, log in, and say how it is encrypted."""
    lines = Lines(relay, hostname, command_seconds=10.0)
    where = f"{relay.host}:{relay.port}"
    try:
        async with lines.line() as line:
            tls = line.client.get_transport_info("ssl_object")
            words = tls.version() if isinstance(tls, ssl.SSLObject) else None
    except WIRE_FAULTS as error:
        trouble = handshake_trouble(error)
        if trouble is not None:
            found, _, advice = trouble.partition("; ")
            return Finding(name="relay", status=FAILED, found=f"{where}: {found}", advice=advice)
        return Finding(
            name="relay",
            status=FAILED,
            found=f"{where}: {type(error).__name__}: {str(error)[:120]}",
            advice="check host, port and password in SMTP_URL; try the port with "
            f"`openssl s_client -connect {where} -starttls smtp`",
        )
    await lines.close()
    if words is None and relay.tls is not Tls.NEVER:
        return Finding(
            name="relay",
            status=WARNING,
            found=f"{where} takes mail without encryption",
            advice="use a relay that offers STARTTLS, and add ?starttls=required",
        )
    proved = ", its certificate proved" if relay.tls.proves_the_relay else ""
    how = f"{words}{proved}" if words else "not encrypted: it is on this machine"
    return Finding(name="relay", status=OK, found=f"{where} answers, {how}")


def _bounces(settings: Settings, domain: Domain) -> Finding:
    """Say whether bounces can arrive and be read."""
    box = box_of(reveal(settings.bounce_url), domain.name)
    if box is None and settings.bounce_webhook_secret is not None:
        return Finding(
            name="bounces",
            status=OK,
            found=f"taken at POST {settings.public_url.rstrip('/')}/bounces/NAME",
        )
    if box is None:
        return Finding(
            name="bounces",
            status=WARNING,
            found="nobody reads them: dead addresses would be written to for ever",
            advice="set BOUNCE_URL or BOUNCE_WEBHOOK_SECRET; docs/mail.md shows the ways",
        )
    if is_local(box.host) and box.kind == "lmtp":
        return Finding(name="bounces", status=OK, found=f"brought to {box.host}:{box.port} by LMTP")
    found = bounces_arrive(Domain(box.address.domain, domain.names))
    return found if found.status != OK else _opened(box)


def _opened(box: BoxSetting) -> Finding:
    try:
        if box.kind == "maildir":
            if not (box.path / "new").is_dir():
                raise FileNotFoundError(f"{box.path} has no folder `new`")
        else:
            Imap(box).check()
    except (OSError, imaplib.IMAP4.error) as error:
        return Finding(
            name="bounces",
            status=FAILED,
            found=f"the mailbox cannot be opened: {type(error).__name__}: {str(error)[:100]}",
            advice="check user, password and folder in BOUNCE_URL",
        )
    return Finding(name="bounces", status=OK, found=f"the mailbox of {box.address} opens")


def _alignment(sender: Sender) -> Finding:
    """Say whether the envelope's domain is the From's, or above or below it (relaxed DMARC)."""
    shown = sender.domain.lower()
    back = shown if sender.bounces is None else sender.bounces.domain.lower()
    if shown == back or shown.endswith(f".{back}") or back.endswith(f".{shown}"):
        return Finding(name="alignment", status=OK, found=f"From {shown}, envelope {back}")
    return Finding(
        name="alignment",
        status=FAILED,
        found=f"From is at {shown}, the envelope at {back}: SPF will not count for DMARC",
        advice=f"let bounces come to an address at {shown}, with ?address= in BOUNCE_URL",
    )


def _way_out(sender: Sender) -> Finding:
    if sender.site.startswith("https://"):
        return Finding(name="way out", status=OK, found=f"one click at {sender.site}/u/…")
    return Finding(
        name="way out",
        status=FAILED,
        found=f"{sender.site} is not https, so no mail program offers the one click",
        advice="set PUBLIC_URL to the https address that readers reach",
    )


def _postal(sender: Sender) -> Finding:
    if sender.postal.strip():
        return Finding(name="postal", status=OK, found=" ".join(sender.postal.split()))
    return Finding(
        name="postal",
        status=FAILED,
        found="no address on paper",
        advice="set POSTAL_ADDRESS: the law asks for it in every issue, and the desk does not "
        "start to mail without it",
    )


def mail_to_self(settings: Settings, address: str) -> str:
    """Send the demo note to one address over the real relay, and say what the relay answered.

    Raises
    ------
    DeskError
        If it was not taken.
    """
    from bot.mail.trial import send_trial

    relay, sender = relay_setting(settings), sender_setting(settings)
    if relay is None or sender is None:
        raise BadArgumentError("mail is off: set SMTP_URL and MAIL_FROM first")
    return asyncio.run(send_trial(settings, relay, sender, address))
