"""What counts as a mail address: one spelling, one mailbox, nothing that could break a header."""

from __future__ import annotations

from bot.errors import BadArgumentError

LONGEST = 254
"""Characters that an address may have on the wire."""

RESERVED_FOR_TESTS = ".test"


class AddressError(BadArgumentError):
    """What was typed is no address we can write to; the message never repeats it."""


def mailbox(typed: str) -> str:
    """Return an address as it goes on the wire: ASCII, its domain folded, its name as given.

    A domain in other letters is written in its ASCII form, so ``ana@münchen.de`` and
    ``ana@xn--mnchen-3ya.de`` are the same reader. Nobody is asked whether the mailbox exists.

    Raises
    ------
    AddressError
        If it has no @, a line break, a second address, quotes, a bracketed number for a host,
        or letters before the @ that not every server carries.
    """
    from email_validator import EmailNotValidError, validate_email

    text = typed.strip(" \t")
    if len(text) > LONGEST:
        raise AddressError(f"the address has {len(text)} characters; at most {LONGEST} can be sent")
    try:
        valid = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            test_environment=text.lower().endswith(RESERVED_FOR_TESTS),
        )
    except EmailNotValidError as error:
        raise AddressError(str(error)) from error
    if valid.ascii_email is None:
        raise AddressError("The part before the @-sign has letters that not every server carries.")
    return valid.ascii_email


def domain_of(address: str) -> str:
    """Return the part after the @, folded.

    >>> domain_of("Ana@Reader.test")
    'reader.test'
    """
    return address.rpartition("@")[2].casefold()


def readable(address: str) -> str:
    """Return an address with its domain in its own letters, for people to read.

    >>> readable("ana@xn--mnchen-3ya.de"), readable("ana@reader.test")
    ('ana@münchen.de', 'ana@reader.test')
    """
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address
