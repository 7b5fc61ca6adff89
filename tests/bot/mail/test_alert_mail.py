"""Troubles come over the newsletter's own relay, and its password goes to no stranger."""

from __future__ import annotations

import pytest

from bot.alerts import BearerError, MailAlert, bearers_for
from bot.mail.relay import Tls, relay_of
from tests.bot.mail.relays import MoodyRelay


async def test_a_trouble_comes_by_mail(relay: MoodyRelay) -> None:
    url = f"smtp://127.0.0.1:{relay.port}"
    [bearer] = bearers_for("mailto:ops@desk.test", smtp_url=url, mail_from="Desk <note@desk.test>")
    await bearer.tell("Undertow: deliveries are in doubt;\nlist them")
    [caught] = relay.caught

    assert caught.recipient == "ops@desk.test"
    assert caught.message["Subject"] == "Undertow: deliveries are in doubt; list them"
    assert caught.message["Auto-Submitted"] == "auto-generated"


async def test_a_relay_that_cannot_be_had_is_a_trouble_of_its_own() -> None:
    with pytest.raises(BearerError, match="did not take it"):
        await MailAlert("smtp://127.0.0.1:1", "note@desk.test", "ops@desk.test").tell("words")


@pytest.mark.parametrize(
    ("url", "tls", "rate"),
    [
        ("smtp://127.0.0.1", Tls.NEVER, None),
        ("smtp://user:word@127.0.0.1:587", Tls.NEVER, None),
        ("smtp://relay.test", Tls.IF_OFFERED, 14.0),
        ("smtp://relay.test?starttls=required", Tls.REQUIRED, 14.0),
        ("smtp://user:word@relay.test:587", Tls.REQUIRED, 14.0),
        ("smtps://user:word@relay.test?per_second=80", Tls.AT_ONCE, 80.0),
    ],
)
def test_a_password_goes_to_nobody_who_has_not_proved_who_they_are(
    url: str, tls: Tls, rate: float | None
) -> None:
    relay = relay_of(url)

    assert (relay.tls, relay.per_second) == (tls, rate)
    assert "word" not in repr(relay)
    assert tls.proves_the_relay or not relay.password or relay.host == "127.0.0.1"


@pytest.mark.parametrize(
    "url", ["http://u:word@x", "smtp://", "smtp://x:y", "smtp://x?rate=1", "smtp://x?per_second=no"]
)
def test_a_relay_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"it|per_second") as refused:
        relay_of(url)

    assert "word" not in str(refused.value)
