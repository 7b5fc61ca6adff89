"""The desk refuses to start where a reader or the operator could be harmed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.safety import Exposure, unsafe_settings

AT_HOME = Exposure()
OUTSIDE = Exposure(host="192.0.2.1", public_url="https://undertow.example", key_length=64)
MAILING = replace(
    OUTSIDE, smtp_url="smtp://relay", mail_from="desk@desk.test", postal_address="1 Wall St"
)


def test_a_desk_at_home_needs_nothing() -> None:
    assert unsafe_settings(AT_HOME) == []


def test_a_desk_with_everything_in_place_may_start() -> None:
    assert unsafe_settings(MAILING) == []
    hooks = "https://hooks.example.org/x"
    assert unsafe_settings(replace(OUTSIDE, webhook_url=hooks, has_webhook_secret=True)) == []


@pytest.mark.parametrize(
    ("exposure", "complaint"),
    [
        (replace(OUTSIDE, key_length=0), "set SECRET_KEY"),
        (replace(AT_HOME, host="192.168.1.5"), "set SECRET_KEY"),
        (replace(OUTSIDE, key_length=8), "8 characters"),
        (replace(OUTSIDE, public_url="http://undertow.example"), "use https"),
        (replace(MAILING, mail_from=None), "without MAIL_FROM"),
        (replace(MAILING, postal_address=None), "POSTAL_ADDRESS"),
        (replace(AT_HOME, smtp_url="smtp://relay", mail_from="a@b.test"), "POSTAL_ADDRESS"),
        (replace(MAILING, has_dkim_key=True), "set both or neither"),
        (Exposure(has_bounce_secret=True), "nothing is sent that could bounce"),
        (replace(MAILING, bounce_url="imap://u:p@mail.test"), "use imaps"),
        (replace(MAILING, bounce_url="lmtp://0.0.0.0:2424"), "127.0.0.1 only"),
        (replace(AT_HOME, bounce_url="maildir:/var/mail/b"), "without SMTP_URL"),
        (replace(AT_HOME, webhook_url="https://hooks.example.org"), "without WEBHOOK_SECRET"),
        (replace(AT_HOME, alert_url="http://hooks.example.org"), "ALERT_URL begins with http"),
    ],
)
def test_an_unsafe_combination_is_refused_by_name(exposure: Exposure, complaint: str) -> None:
    assert any(complaint in sentence for sentence in unsafe_settings(exposure))
