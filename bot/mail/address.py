"""A mail address that can do no harm in an envelope or a header.

The SMTP library cuts a recipient at a line break and sends to whoever stands before it, without
a word. So nothing but an `Address` ever reaches it, and none can hold a break, a space or a
bracket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from email_validator import EmailNotValidError, validate_email

PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
"""What may stand between the angle brackets of an envelope, all of it ASCII."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class AddressError(ValueError):
    """The text is no address that mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address in ASCII, its domain in punycode where it needs that."""

    text: str

    def __post_init__(self) -> None:
        if not PLAIN.fullmatch(self.text):
            raise AddressError(
                f"an address of {len(self.text)} characters holds what an envelope cannot; "
                "make addresses with bot.mail.address.address_of"
            )

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.text.rpartition("@")[2]

    def __str__(self) -> str:
        """Return the address as it stands in an envelope."""
        return self.text


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name people see."""

    name: str
    address: Address

    @property
    def header(self) -> str:
        """The value of a From header, its name encoded where it must be."""
        return formataddr((self.name, self.address.text))


def address_of(text: str) -> Address:
    """Return an address that a person typed.

    Raises
    ------
    AddressError
        If it is none, or if what stands before the @ cannot be written in ASCII, which most
        relays do not take yet.
    """
    try:
        found = validate_email(
            text, check_deliverability=False, test_environment=True, allow_smtputf8=True
        )
    except EmailNotValidError as error:
        raise AddressError(f"not a mail address: {error}") from error
    if found.ascii_email is None:
        raise AddressError("the part before the @ is not ASCII; the relay may not take that")
    return Address(found.ascii_email)


def kept_address(text: str) -> Address:
    """Return a reader's address as the ledger keeps it, which was looked at when it came in.

    One in ASCII needs no second look at what it means, only at what it could do; that costs a
    tenth of sending a mail less.

    Raises
    ------
    AddressError
        As `address_of`.
    """
    return Address(text) if PLAIN.fullmatch(text) else address_of(text)


def mailbox_of(text: str) -> Mailbox:
    """Return the mailbox that a setting names, such as ``Undertow <note@undertow.example>``."""
    name, address = parseaddr(CONTROL.sub(" ", text))
    return Mailbox(CONTROL.sub(" ", name).strip(), address_of(address))
