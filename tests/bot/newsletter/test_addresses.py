"""One mailbox is one reader, and nothing typed into a form breaks a header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.subscribers import address_key
from bot.newsletter.addresses import AddressError, mailbox, readable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ana@reader.test\t", "ana@reader.test"),
        ("Ana.B+news@Example.COM", "Ana.B+news@example.com"),
        ("ana@MÜNCHEN.de", "ana@xn--mnchen-3ya.de"),
        ("ana@xn--mnchen-3ya.de", "ana@xn--mnchen-3ya.de"),
        ("o'neil@example.com", "o'neil@example.com"),
    ],
)
def test_an_address_is_kept_as_it_goes_on_the_wire(typed: str, kept: str) -> None:
    assert mailbox(typed) == kept


def test_two_spellings_of_a_mailbox_are_one_reader() -> None:
    spellings = ["Ana@München.de", "ana@xn--mnchen-3ya.de", "ANA@MÜNCHEN.DE"]

    assert len({address_key(mailbox(typed)) for typed in spellings}) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "ana@",
        "@reader.test",
        "ana@reader",
        "ana@reader.test, bo@reader.test",
        "ana@reader.test\r\nBcc: bo@reader.test",
        "ana@reader.test\nbo",
        "ana\x00@reader.test",
        '"a b"@reader.test',
        "<ana@reader.test>",
        "Ana <ana@reader.test>",
        "ana@[127.0.0.1]",
        "anä@reader.test",
        "a" * 65 + "@reader.test",
        "ana@" + "b" * 300 + ".test",
        "ana\u202e@reader.test",
    ],
)
def test_what_no_server_would_take_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(AddressError) as refused:
        mailbox(typed)

    assert "reader.test" not in str(refused.value)


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(max_size=20))
def test_nothing_that_is_taken_can_begin_a_second_header_or_recipient(
    before: str, after: str
) -> None:
    try:
        kept = mailbox(f"{before}ana@reader.test{after}")
    except AddressError:
        return

    assert kept.isascii()
    assert kept.isprintable()
    assert kept.count("@") == 1
    assert not set(kept) & set(' ,;:<>()[]\\"')


def test_a_reader_sees_their_domain_in_its_own_letters() -> None:
    assert readable("ana@xn--mnchen-3ya.de") == "ana@münchen.de"
    assert readable("ana@xn--.test") == "ana@xn--.test"
