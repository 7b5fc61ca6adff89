"""One mail to oneself: the demo note over the real relay, signed as a reader's would be."""

from __future__ import annotations

from bot.channels import InDoubt, Sent
from bot.clock import clock_of
from bot.desk import open_desk
from bot.errors import DeskError
from bot.mail.address import Address, AddressError, address_of
from bot.mail.answers import Answer, receipt_of
from bot.mail.message import Letter, Reader, Sender, make_message
from bot.mail.relay import Relay
from bot.mail.setup import signer_setting
from bot.mail.wire import WIRE_FAULTS, Envelope, Lines, hand, no_line
from bot.newsletter.tokens import preferences_token, unsubscribe_token
from bot.publishing import PICTURE, NoteWriter
from bot.settings import Settings

NOBODY = 0
"""The number of no subscriber: the links in a trial lead to the pages and change nothing."""

NEXT = (
    "open it, show its original, and look for spf=pass, dkim=pass and dmarc=pass in "
    "Authentication-Results; the button to unsubscribe must stand beside the sender's name"
)


async def send_trial(settings: Settings, relay: Relay, sender: Sender, to: str) -> str:
    """Send it, and return the relay's answer and what to look at."""
    try:
        address = address_of(to)
    except AddressError as error:
        raise DeskError(f"--mail-to: {error}") from error
    clock = clock_of(settings.now)
    reader = Reader(
        address=address,
        leave_url=f"{sender.site}/u/{unsubscribe_token(sender.key, NOBODY)}",
        preferences_url=f"{sender.site}/preferences/{preferences_token(sender.key, NOBODY)}",
        message_id=f"<trial.{clock():%Y%m%d%H%M%S}@{sender.domain}>",
        at=clock(),
    )
    message = make_message(sender, trial_letter(settings)).for_reader(reader)
    signer = signer_setting(settings, sender.domain)
    if signer is not None:
        message = signer.sign(message)
    back: Address = sender.bounces or sender.mailbox.address
    return await _given(Lines(relay, sender.domain), Envelope(back, address), message)


def trial_letter(settings: Settings) -> Letter:
    """Return the demo note, which says in every edition that its market is simulated."""
    desk = open_desk(settings, data=None, demo=True)
    edition = NoteWriter(desk.report).write(desk.report("latest").session)
    return Letter(
        session=edition.session,
        edition="trial",
        level="plain",
        content_hash=edition.content_hash,
        text=edition.texts["mail.plain.txt"].decode(),
        page=edition.texts["mail.plain.html"].decode(),
        picture=edition.texts.get(PICTURE),
        picture_alt=edition.texts.get(f"{PICTURE}.alt.txt", b"").decode(),
    )


async def _given(lines: Lines, envelope: Envelope, message: bytes) -> str:
    async def hand_over() -> None:
        """Nobody keeps a record of a trial."""

    try:
        async with lines.line() as line:
            answer = await hand(line, envelope, message, hand_over, lines.text_seconds)
    except WIRE_FAULTS as error:
        answer = no_line(error)
    await lines.close()
    receipt = receipt_of(answer) if isinstance(answer, Answer) else answer
    if isinstance(receipt, Sent):
        return f"sent to {envelope.recipient}, {len(message):,} bytes, {receipt.reference}; {NEXT}"
    if isinstance(receipt, InDoubt):
        raise DeskError(f"the relay fell silent after the text; it may have it: {receipt.reason}")
    raise DeskError(f"the relay did not take it: {receipt.reason}")
