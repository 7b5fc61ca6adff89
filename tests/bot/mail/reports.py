"""Bounces and complaints as mail servers write them, made from their standards."""

from __future__ import annotations

from bot.mail.address import Address
from bot.mail.verp import bounce_address
from tests.bot.mail.letters import KEY

BOUNCES = Address("bounce@desk.test")


def bounced_to(delivery_id: int) -> str:
    """Return the bounce address of a delivery."""
    return str(bounce_address(KEY, BOUNCES, delivery_id))


def failure(
    delivery_id: int,
    status: str = "5.1.1",
    *,
    action: str = "failed",
    diagnostic: str = "smtp; 550 no such user",
    to: str | None = None,
) -> bytes:
    """Return a report that a delivery failed (RFC 3464)."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.reader.test>
To: {to or bounced_to(delivery_id)}
Subject: Undelivered Mail Returned to Sender
Message-ID: <x1@mx.reader.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

It could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.test

Final-Recipient: rfc822; ana@reader.test
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--b1
Content-Type: message/rfc822

Subject: Funds had to buy

--b1--
""".replace("\n", "\r\n").encode()


def complaint(delivery_id: int, kind: str = "abuse") -> bytes:
    """Return a report that a reader called a mail unwanted (RFC 5965)."""
    return f"""From: <abusedesk@big.test>
To: <bounce@desk.test>
Subject: FW: Funds had to buy
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain

This is an abuse report.

--b2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: BigLoop/1.0
Version: 1
Original-Mail-From: <{bounced_to(delivery_id)}>

--b2
Content-Type: message/rfc822

Subject: Funds had to buy

--b2--
""".replace("\n", "\r\n").encode()
