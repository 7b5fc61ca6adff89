"""First answers go out in one request; what Discord does not take, the library tries again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.discord.conftest import Live
from tests.bot.discord.notes import picture
from tests.bot.discord.test_posting import texts
from tests.bot.discord.wire import Fault, Kind, WireServer
from tests.bot.discord.wire.rest import Asked


def callbacks(wire: WireServer) -> list[Asked]:
    """Return every first answer that reached the wire."""
    return wire.asked("POST", "/callback")


async def test_a_note_is_answered_in_one_request_with_its_picture_for_the_asker_alone(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    await live.publish()

    record = await wire.slash((place, reader), "flow today")

    [asked] = callbacks(wire)
    data: dict[str, Any] = asked.body["data"]
    assert "Most of the buying was forced" in texts(data)
    assert (asked.files, record.ephemeral) == (["drivers.png"], True)
    assert data["attachments"][0]["description"] == "Bars: funds 92, gamma -55."
    assert data["allowed_mentions"] == {"parse": []}


async def test_the_picture_arrives_byte_for_byte(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    await live.publish()

    record = await wire.slash((place, reader), "flow today", share=True)

    assert record.message_id is not None
    message = wire.backend.get_message(place, record.message_id)
    [kept] = message.attachments
    assert (record.ephemeral, kept["size"]) == (False, len(picture()))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/interactions/*", Kind.STATUS, status=502),
        Fault("POST", "/interactions/*", Kind.DROP),
    ],
    ids=["a server error", "a broken connection"],
)
async def test_an_answer_that_was_not_taken_is_handed_over_again(
    live: Live, wire: WireServer, place: int, reader: int, fault: Fault
) -> None:
    await live.publish()
    wire.fault(fault)

    record = await wire.slash((place, reader), "flow today")

    assert record.responded
    assert [one.files for one in callbacks(wire)] == [["drivers.png"], ["drivers.png"]]


async def test_an_answer_that_was_taken_and_not_confirmed_is_not_given_twice(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    await live.publish()
    wire.fault(Fault("POST", "/interactions/*", Kind.DONE_THEN_STATUS, status=502))

    await wire.slash((place, reader), "flow today")
    await wire.slash((place, reader), "flow newsletter")

    assert len(wire.messages(place)) == 2
