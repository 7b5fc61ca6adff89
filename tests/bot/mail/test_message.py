"""What a mail program finds in a message, and what nobody can smuggle into one."""

from __future__ import annotations

import quopri
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.address import Address, AddressError, address_of, kept_address, mailbox_of
from bot.mail.headers import header, subject_header
from bot.mail.message import Letter, make_message
from bot.mail.quoted import quoted
from tests.bot.mail.letters import LETTER, READER, SENDER

ANY_TEXT = st.text(max_size=200)


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def a_message(letter: Letter = LETTER) -> EmailMessage:
    return read(make_message(SENDER, letter).for_reader(READER))


def test_the_one_click_way_out_stands_in_one_line_as_it_was_written() -> None:
    raw = make_message(SENDER, LETTER).for_reader(READER)

    assert b"\r\nList-Unsubscribe: <https://undertow.example/u/Ti3kuyCSxG_tm9YsPtAdYw>\r\n" in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"\r\nList-Id: Undertow market note <note.desk.test>\r\n" in raw
    assert not [line for line in raw.split(b"\r\n") if line.startswith(b"List-") and b"=?" in line]


def test_programs_that_answer_mail_can_tell_that_nobody_wrote_it() -> None:
    message = a_message()

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["Feedback-ID"] == "20251121:note:plain:undertow"


def test_text_and_page_both_name_the_reader_the_way_out_and_the_sender() -> None:
    message = a_message()
    text = message.get_body(("plain",))
    page = message.get_body(("html",))

    assert text is not None
    assert page is not None
    for part in (text, page):
        words = part.get_content()
        assert "ana@reader.test" in words
        assert "https://undertow.example/u/Ti3kuyCSxG_tm9YsPtAdYw" in words
        assert "https://undertow.example/preferences/AAAAuyCSxG_tm9YsPtAdYw" in words
        assert "https://undertow.example/2025/11/21/" in words
        assert "Undertow, 1 Main Street, Springfield" in words


def test_the_text_arrives_with_its_dots_and_signs() -> None:
    text = a_message().get_body(("plain",))

    assert text is not None
    assert text.get_content().startswith("Funds had to buy.\r\n.\r\n.. dots = fine\r\n")
    assert message_ends_no_dialogue(make_message(SENDER, LETTER).for_reader(READER))


def message_ends_no_dialogue(raw: bytes) -> bool:
    """Whether no line begins with a dot, which a server would take for the end."""
    return raw.endswith(b"\r\n") and not re.search(rb"(?m)^\.", raw)


def test_a_reader_who_wants_text_gets_text_alone() -> None:
    message = a_message(replace(LETTER, page=None))

    assert message.get_content_type() == "text/plain"


def test_a_chart_comes_with_the_message_and_can_be_heard() -> None:
    letter = replace(LETTER, picture=b"\x89PNG" + b"x" * 1000, picture_alt='Bars "up"')
    message = a_message(letter)
    page = message.get_body(("html",))
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]

    assert page is not None
    assert 'src="cid:drivers.20251121@undertow" alt="Bars &quot;up&quot;"' in page.get_content()
    assert [part["Content-ID"] for part in pictures] == ["<drivers.20251121@undertow>"]
    assert pictures[0].get_content() == letter.picture


@pytest.mark.parametrize(
    ("picture", "page_bytes", "has_chart"),
    [(60_000, 1_000, True), (60_001, 1_000, False), (60_000, 30_000, False)],
    ids=["at the limit", "too large itself", "too large together"],
)
def test_a_chart_there_is_no_room_for_stays_at_home(
    picture: int, page_bytes: int, has_chart: bool
) -> None:
    page = (LETTER.page or "") + "a" * page_bytes
    raw = make_message(SENDER, replace(LETTER, page=page, picture=b"p" * picture)).for_reader(
        READER
    )

    assert (b"image/png" in raw) is has_chart
    assert (b"cid:" in raw) is has_chart
    assert len(raw) <= 100_000


def test_a_message_that_is_too_large_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="at most 100,000"):
        make_message(SENDER, replace(LETTER, text="Subject: x\n\n" + "a" * 101_000))


def test_the_message_id_is_the_same_at_every_attempt() -> None:
    again = replace(READER, at=READER.at.replace(hour=23))
    first = read(make_message(SENDER, LETTER).for_reader(READER))
    second = read(make_message(SENDER, LETTER).for_reader(again))

    assert first["Message-ID"] == second["Message-ID"] == "<7.cum7rnu6z2ldg3eb@desk.test>"


@settings(max_examples=40, deadline=None)
@given(subject=ANY_TEXT, words=ANY_TEXT)
def test_no_words_of_a_note_become_a_header(subject: str, words: str) -> None:
    text = f"Subject: {subject}\nPreheader: p\n\n{words}"
    plain = message_from_bytes(
        make_message(SENDER, replace(LETTER, text=text)).for_reader(READER),
        policy=policy.compat32,
    )

    assert sorted(plain.keys()) == sorted(headers_of_an_ordinary_mail().keys())
    assert not plain.defects


def headers_of_an_ordinary_mail() -> Message:
    return message_from_bytes(make_message(SENDER, LETTER).for_reader(READER))


@settings(max_examples=40, deadline=None)
@given(text=ANY_TEXT)
def test_a_subject_is_always_one_header(text: str) -> None:
    raw = subject_header(text)
    message = message_from_bytes(raw + b"\r\nbody", policy=policy.default)

    assert list(message.keys()) == ["Subject"]
    assert message.get_payload() == "body"
    assert raw.isascii()


@settings(max_examples=40, deadline=None)
@given(text=ANY_TEXT)
def test_an_address_is_clean_or_it_is_none(text: str) -> None:
    for make in (address_of, Address):
        try:
            address = make(text)
        except AddressError:
            continue
        assert not set(str(address)) & set('\r\n\0 <>,;:"')
        assert str(address).count("@") == 1


@settings(max_examples=40, deadline=None)
@given(name=ANY_TEXT)
def test_a_senders_name_cannot_add_a_header(name: str) -> None:
    try:
        mailbox = mailbox_of(f"{name} <note@desk.test>")
    except AddressError:
        return
    line = header("From", mailbox.header)

    assert line.count(b"\r\n") == 1


@pytest.mark.parametrize(
    "bad", ["ana@reader.test\r\nBcc: eve@x.test", "ana@reader.test,eve@x.test", "<ana@x.test>", ""]
)
def test_addresses_that_would_become_two_are_refused(bad: str) -> None:
    with pytest.raises(AddressError):
        address_of(bad)


@given(
    text=st.one_of(ANY_TEXT, st.emails(), st.emails().map(lambda one: one + "\r\nBcc: x@y.test"))
)
@settings(max_examples=300)
def test_an_address_from_the_ledger_is_as_clean_as_one_that_was_typed(text: str) -> None:
    try:
        kept = kept_address(text)
    except AddressError:
        return

    assert re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", kept.text)
    assert not set('<>()[]:;\\,"') & set(kept.text)


def test_an_address_that_a_backup_brought_in_other_letters_is_written_in_punycode() -> None:
    assert kept_address("ana@münchen.de").text == "ana@xn--mnchen-3ya.de"


def test_a_name_beyond_ascii_in_the_domain_is_written_in_punycode() -> None:
    assert str(address_of("ana@bücher.example")) == "ana@xn--bcher-kva.example"


@settings(max_examples=40, deadline=None)
@given(text=ANY_TEXT)
def test_quoted_printable_gives_back_what_went_in(text: str) -> None:
    encoded = quoted(text)
    expected = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")

    assert quopri.decodestring(encoded).decode("utf-8", "surrogatepass") == expected
    assert all(len(line) <= 78 for line in encoded.split(b"\r\n"))


@settings(max_examples=40, deadline=None)
@given(
    address=st.emails(),
    token=st.text("abcDEF123_-", min_size=22, max_size=22),
)
def test_whatever_a_reader_is_called_the_mail_reads_the_same(address: str, token: str) -> None:
    try:
        to = address_of(address)
    except AddressError:
        return
    reader = replace(READER, address=to, leave_url=f"https://undertow.example/u/{token}")
    message = read(make_message(SENDER, LETTER).for_reader(reader))
    text = message.get_body(("plain",))

    assert text is not None
    assert f"It goes to {to}\r\n" in text.get_content()
    assert f"Unsubscribe: https://undertow.example/u/{token}\r\n" in text.get_content()
    assert message["List-Unsubscribe"] == f"<https://undertow.example/u/{token}>"
