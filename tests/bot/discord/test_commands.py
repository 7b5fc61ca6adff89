"""Every command, in a guild, in a direct message and by a user's own install."""

from __future__ import annotations

import json

import pytest

from bot.discord.errors import AnsweringTree
from bot.edition import ESTIMATE_TEXT, INTO_CLOSE, Claim, Edition
from bot.ledger.record import Grade, grade_claim, ungraded_claims
from templates.into_close import render_into_close
from tests.bot.discord.notes import FRIDAY, a_driver, a_note
from tests.bot.discord.rooms import THURSDAY, Room, words_of
from tests.bot.fakes import NOW
from tests.templates.test_into_close import priced

MINUS = "\N{MINUS SIGN}"

COMMANDS: dict[str, dict[str, object]] = {
    "flow today": {},
    "flow date": {"date": "2025-11-21"},
    "flow driver": {"name": "leveraged_etf"},
    "flow explain": {"term": "gamma"},
    "flow compare": {"a": "2025-11-21", "b": "2025-11-20"},
    "flow status": {},
    "flow accuracy": {},
    "flow newsletter": {},
    "flow level": {"level": "quant"},
    "flow archive": {},
    "privacy": {},
    "delete-my-data": {},
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_answers_in_a_server_for_the_asker_alone(
    room: Room, command: str
) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())

    result = await room.alice.slash(room.channel, command, **COMMANDS[command])

    assert result.response is not None
    assert result.ephemeral
    assert words_of(result.response.components)


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_answers_in_a_direct_message(room: Room, command: str) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())
    reader = room.env.create_user("bea")

    result = await reader.slash(command, **COMMANDS[command])

    assert result.response is not None
    assert words_of(result.response.components)


@pytest.mark.parametrize("command", COMMANDS)
async def test_with_nothing_published_every_command_says_so_plainly(
    room: Room, command: str
) -> None:
    said = await room.ask(command, **COMMANDS[command])

    assert "Something went wrong" not in said
    if command in {"flow today", "flow driver"}:
        assert "Nothing has been published here so far. The next is due <t:" in said


async def test_read_commands_can_be_installed_by_a_reader_alone(room: Room) -> None:
    told = {
        command.name: command.to_dict(room.bot.tree) for command in room.bot.tree.get_commands()
    }

    for name in ("flow", "privacy", "delete-my-data", "Explain this note"):
        assert told[name]["integration_types"] == [0, 1]
        assert told[name]["contexts"] == [0, 1, 2]
    for command in told.values():
        assert len(json.dumps(command)) <= 8_000


async def test_today_is_the_note_with_its_picture_and_where_to_read_on(room: Room) -> None:
    await room.publish(a_note())

    result = await room.alice.slash(room.channel, "flow today")

    assert result.response is not None
    said = words_of(result.response.components)
    assert "Most of the buying was forced" in said
    assert "Close of Fri 21 Nov 2025 · S&P 500 **+1.3%** · VIX 15.8 (−2.1)" in said  # noqa: RUF001
    assert "Full note" in said
    assert [one.filename for one in result.response.attachments] == ["drivers.png"]


async def test_a_shared_answer_is_for_everyone(room: Room) -> None:
    await room.publish(a_note())

    result = await room.alice.slash(room.channel, "flow today", share=True)

    assert not result.ephemeral


async def test_before_publication_yesterdays_note_is_called_that(room: Room) -> None:
    await room.publish(a_note(THURSDAY))
    room.clock.now = NOW.replace(hour=16)

    said = await room.ask("flow today")

    assert "This is the note of **Thu 20 Nov 2025**; the next is due <t:" in said


async def test_on_a_day_off_today_says_that_the_exchange_is_closed(room: Room) -> None:
    await room.publish(a_note())
    room.clock.move(days=1)

    assert "The exchange is closed today." in await room.ask("flow today")


async def test_between_the_estimate_and_the_bell_it_is_told_above_yesterdays_note(
    room: Room,
) -> None:
    words = render_into_close(priced(0.02), "discord").strip()
    await room.publish(a_note(THURSDAY))
    room.clock.now = NOW.replace(hour=20, minute=30)
    assert "Into today's close" not in await room.ask("flow today")

    await room.publish(Edition(FRIDAY, {ESTIMATE_TEXT: words.encode()}, "sha256:1"), INTO_CLOSE)
    room.clock.now = NOW.replace(hour=20, minute=40)
    said = await room.ask("flow today")
    assert "Leveraged funds have about $11 billion to buy by the bell. At" in words
    assert f"**Into today's close, an estimate.** {words}" in said
    assert said.index(words) < said.index("Rule followers took more of the day")
    assert "This is the note of **Thu 20 Nov 2025**" in said

    room.clock.now = NOW.replace(hour=21, minute=0)
    assert "Into today's close" not in await room.ask("flow today")


async def test_yesterdays_estimate_is_not_told_today(room: Room) -> None:
    await room.publish(a_note(THURSDAY))
    late = Edition(THURSDAY, {ESTIMATE_TEXT: b"Funds have much to buy by the bell."}, "sha256:1")
    await room.publish(late, INTO_CLOSE)
    room.clock.now = NOW.replace(hour=20, minute=40)

    assert "by the bell" not in await room.ask("flow today")


async def test_a_day_without_a_note_offers_the_nearest(room: Room) -> None:
    await room.publish(a_note())

    said = await room.ask("flow date", date="2025-11-22")

    assert "There is no published note of Sat 22 Nov 2025." in said
    assert "Fri 21 Nov 2025" in said


async def test_what_is_no_date_is_told_how_to_write_one(room: Room) -> None:
    assert "write it as 2025-04-09" in await room.ask("flow date", date="yesterday")


async def test_dates_are_offered_with_what_was_found(room: Room) -> None:
    await room.publish(a_note(THURSDAY))
    await room.publish(a_note())

    offered = await room.alice.autocomplete(room.channel, "flow date", "date", "")

    assert [one["value"] for one in offered] == ["2025-11-21", "2025-11-20"]
    assert offered[0]["name"] == "Fri 21 Nov 2025 - mechanical rise +1.3%"


async def test_a_term_is_offered_by_its_other_names(room: Room) -> None:
    offered = await room.alice.autocomplete(room.channel, "flow explain", "term", "inverse")

    assert {"name": "inverse fund (bear fund)", "value": "bear fund"} in offered


async def test_a_driver_that_was_not_measured_says_why(room: Room) -> None:
    lost = {**a_driver("dealer_gamma", 0.0), "measured": False, "flow_usd": None}
    await room.publish(a_note(drivers=[{**lost, "missing": ["option chains"]}]))

    said = await room.ask("flow today", driver="dealer_gamma")

    assert "not measured: option chains" in said


async def test_a_name_that_is_no_driver_lists_those_there_are(room: Room) -> None:
    await room.publish(a_note())

    said = await room.ask("flow today", driver="astrology")

    assert "`astrology` is no driver. There are Leveraged-ETF rebalancing" in said


async def test_a_simulated_note_says_so(room: Room) -> None:
    await room.publish(a_note(demo=True))

    assert "Simulated market: no figure here is real." in await room.ask("flow today")


async def test_accuracy_holds_what_was_said_against_what_came(room: Room) -> None:
    claim = Claim("half_back_5", "Half is given back", 0.4, 0.5, (0.4, 0.6), 100, 5, FRIDAY)
    note = a_note(THURSDAY)
    await room.publish(Edition(note.session, note.texts, note.content_hash, (claim,)))
    async with room.ledger.write() as tx:
        [row] = await ungraded_claims(tx, FRIDAY)
        await grade_claim(tx, row.id, Grade(True, 0.36, 0.92, 0.25, "closes"), NOW)

    said = await room.ask("flow accuracy")

    assert "n 1 · said 40% on average, came true 100%" in said
    assert "Brier 0.360 against 0.250, skill over base rate -0.440" in said


async def test_a_readers_level_is_remembered_and_can_be_forgotten(room: Room) -> None:
    await room.publish(a_note())
    await room.ask("flow level", level="quant")
    stored = await room.ask("privacy")
    today = await room.ask("flow today")
    await room.ask("delete-my-data")

    assert "**Of you** I have your reading level." in stored
    assert "This note was written at the plain level only." in today
    assert "**Of you** I have nothing." in await room.ask("privacy")


async def test_the_newsletter_is_a_link_and_never_a_form(room: Room) -> None:
    result = await room.alice.slash(room.channel, "flow newsletter")

    assert result.modal is None
    assert result.response is not None
    assert "https://desk.example/subscribe" in json.dumps(result.response.components)


def patience(room: Room) -> list[float]:
    """Let the seconds by which patience is counted stand; the last of the list is now."""
    seconds = [1.0]
    tree = room.bot.tree
    assert isinstance(tree, AnsweringTree)
    tree.ticks = lambda: seconds[-1]
    return seconds


async def links(room: Room, command: str) -> str:
    """Return everything an answer holds, its links too."""
    result = await room.alice.slash(room.channel, command)
    assert result.response is not None
    return json.dumps(result.response.components)


async def test_asking_too_fast_is_told_when_to_come_back(room: Room) -> None:
    patience(room)
    said = [await room.ask("flow newsletter") for _ in range(6)]

    assert all("That was quick" not in one for one in said[:-1])
    assert "That was quick. Ask again <t:" in said[-1]


async def test_trying_one_command_after_another_is_not_too_fast(room: Room) -> None:
    patience(room)
    said = [await room.ask(command) for command in ("flow newsletter", "flow status") * 5]

    assert all("That was quick" not in one for one in said)


async def test_patience_comes_back_by_our_own_seconds_though_discords_clock_stands(
    room: Room,
) -> None:
    seconds = patience(room)
    for _ in range(6):
        await room.ask("flow newsletter")

    seconds.append(11.5)

    assert "desk.example/subscribe" in await links(room, "flow newsletter")


async def test_a_defect_is_told_with_an_id_that_the_log_has_too(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(room.bot.archive, "latest", broken)

    said = await room.ask("flow today")

    name = said.split("quote error `")[1][:8]
    assert "a defect" not in said
    assert name in capsys.readouterr().out


async def test_a_drivers_history_is_narrow_enough_for_a_telephone(room: Room) -> None:
    await room.publish(a_note(THURSDAY, drivers=[a_driver("leveraged_etf", -0.3)]))
    await room.publish(a_note())

    said = await room.ask("flow driver", name="leveraged_etf")

    rows = said.split("```")[1].strip().splitlines()
    low = f"20 Nov ▰▰▱▱▱  {MINUS}30   {MINUS}$3bn"
    assert rows == ["21 Nov ▰▰▰▰▰  +92  $9.2bn", low]
    assert "2 of 20 sessions asked for are published." in said


async def test_two_days_stand_side_by_side(room: Room) -> None:
    await room.publish(a_note(THURSDAY, drivers=[a_driver("leveraged_etf", -0.3)]))
    await room.publish(a_note())

    said = await room.ask("flow compare", a="2025-11-20", b="2025-11-21")

    assert f"Leveraged-ETF rebalancing: **{MINUS}30** and **+92**" in said


async def test_a_drivers_history_comes_with_a_picture_that_says_its_scores_in_words(
    room: Room,
) -> None:
    await room.publish(a_note(THURSDAY, drivers=[a_driver("leveraged_etf", -0.3)]))
    await room.publish(a_note())

    result = await room.alice.slash(room.channel, "flow driver", name="leveraged_etf")

    assert result.ephemeral
    assert result.response is not None
    [picture] = result.response.attachments
    assert picture.filename == "history.png"
    assert picture.description is not None
    assert "buying on 1, selling on 1 of 2 sessions" in picture.description
    assert "Highest +92 on 21 November 2025, lowest -30 on 20 November 2025" in picture.description


async def test_two_days_come_with_a_picture_that_says_both_days_scores_in_words(
    room: Room,
) -> None:
    await room.publish(a_note(THURSDAY, drivers=[a_driver("leveraged_etf", -0.3)]))
    await room.publish(a_note(FRIDAY))

    result = await room.alice.slash(room.channel, "flow compare", a="2025-11-20", b="2025-11-21")

    assert result.ephemeral
    assert result.response is not None
    [picture] = result.response.attachments
    assert picture.filename == "compare.png"
    assert picture.description is not None
    assert "Scores on 20 November 2025 and 21 November 2025" in picture.description
    assert "Leveraged-ETF rebalancing: -30 and +92." in picture.description


async def test_a_day_beside_itself_needs_no_picture(room: Room) -> None:
    await room.publish(a_note(FRIDAY))

    said = await room.ask("flow compare", a="2025-11-21", b="2025-11-21")

    assert "Leveraged-ETF rebalancing: **+92** and **+92**" in said
    assert not room.bot.pictures._kept
