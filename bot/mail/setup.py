"""From settings to the mail channel, or to the sentence that says what is wrong with them."""

from __future__ import annotations

from bot.channels.mail import MailChannel
from bot.clock import Clock
from bot.errors import BadArgumentError
from bot.ledger import Ledger
from bot.mail.address import Address, AddressError, Mailbox, mailbox_of
from bot.mail.bounces import Mark
from bot.mail.boxes import box_of
from bot.mail.message import Sender
from bot.mail.reading import BounceReader
from bot.mail.relay import Relay, relay_of
from bot.mail.signing import Signer, SigningError
from bot.mail.throttle import Throttle
from bot.mail.wire import Lines
from bot.service import Service
from bot.settings import Settings, reveal


def mail_channel(settings: Settings, ledger: Ledger, clock: Clock) -> MailChannel | None:
    """Return the mail channel, or nothing where no relay is set.

    Raises
    ------
    BadArgumentError
        With the name of the setting that cannot be used.
    """
    relay = relay_setting(settings)
    sender = sender_setting(settings)
    if relay is None or sender is None:
        return None
    return MailChannel(
        ledger=ledger,
        sender=sender,
        lines=Lines(relay, sender.domain),
        clock=clock,
        throttle=Throttle(relay.per_second, clock),
        signer=signer_setting(settings, sender.domain),
        connections=settings.mail_connections,
        marker_batch=settings.mail_marker_batch,
    )


def relay_setting(settings: Settings) -> Relay | None:
    """Return the relay that is set."""
    url = reveal(settings.smtp_url)
    if not url:
        return None
    try:
        return relay_of(url)
    except ValueError as error:
        raise BadArgumentError(f"UNDERTOW_SMTP_URL: {error}") from error


def sender_setting(settings: Settings) -> Sender | None:
    """Return who sends, as the settings say."""
    if not settings.mail_from:
        return None
    mailbox = _mailbox(settings.mail_from)
    return Sender(
        mailbox=mailbox,
        site=settings.public_url.rstrip("/"),
        postal=settings.postal_address or "",
        key=reveal(settings.secret_key) or "",
        bounces=_bounces(settings, mailbox.address.domain),
    )


def _bounces(settings: Settings, domain: str) -> Address | None:
    """Return where bounces are to come; nothing where nobody would read them."""
    box = box_of(reveal(settings.bounce_url), domain)
    if box is not None:
        return box.address
    return None if settings.bounce_webhook_secret is None else Address(f"bounce@{domain}")


def signer_setting(settings: Settings, domain: str) -> Signer | None:
    """Return what signs, where a key is set."""
    key, selector = reveal(settings.dkim_key), settings.dkim_selector
    if not key or not selector:
        return None
    try:
        return Signer(selector, domain, key.encode())
    except SigningError as error:
        raise BadArgumentError(f"UNDERTOW_DKIM_KEY: {error}") from error


def _mailbox(text: str) -> Mailbox:
    try:
        return mailbox_of(text)
    except AddressError as error:
        raise BadArgumentError(f"UNDERTOW_MAIL_FROM: {error}") from error


def bounce_reader(settings: Settings, service: Service) -> BounceReader | None:
    """Return what reads the bounces, where there is a mailbox for them."""
    sender = sender_setting(settings)
    if sender is None or sender.bounces is None:
        return None
    box = box_of(reveal(settings.bounce_url), sender.domain)
    if box is None:
        return None
    mark = Mark(sender.key, sender.bounces)
    return BounceReader(service.ledger, mark, box, service.clock, service.alerts)
