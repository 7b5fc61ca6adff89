"""Commands may be offered in another language; what is not translated stays English."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.discord.phrasebook import Phrasebook, read_words
from tests.bot.discord.rooms import Room


def a_folder(path: Path, name: str, text: str) -> Path:
    """Write one file of words."""
    (path / name).write_text(text, "utf-8")
    return path


def test_a_word_is_found_in_its_language_alone(tmp_path: Path) -> None:
    words = read_words(a_folder(tmp_path, "de.json", '{"today": "heute"}'))

    assert words.find("today", "de") == "heute"
    assert words.find("today", "fr") is None
    assert words.find("status", "de") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [("de.json", "{"), ("de.json", "[]"), ("klingon.json", '{"today": "DaHjaj"}')],
    ids=["not JSON", "no object", "no language of Discord's"],
)
def test_a_file_that_is_no_phrasebook_leaves_everything_english(
    tmp_path: Path, name: str, text: str
) -> None:
    assert read_words(a_folder(tmp_path, name, text)).by_language == {}


async def test_discord_is_told_of_a_commands_name_in_another_language(
    room: Room, tmp_path: Path
) -> None:
    words = read_words(a_folder(tmp_path, "de.json", '{"privacy": "datenschutz"}'))
    await room.bot.tree.set_translator(Phrasebook(words))
    command = room.bot.tree.get_command("privacy")
    translator = room.bot.tree.translator

    assert command is not None
    assert translator is not None
    told = await command.get_translated_payload(room.bot.tree, translator)
    assert told["name"] == "privacy"
    assert told["name_localizations"] == {"de": "datenschutz"}


async def test_a_new_translation_is_told_once(room: Room, tmp_path: Path) -> None:
    words = read_words(a_folder(tmp_path, "de.json", '{"privacy": "datenschutz"}'))
    await room.bot.tree.set_translator(Phrasebook(words))

    first, second = await room.bot.sync_commands(), await room.bot.sync_commands()

    assert (first, second) == (True, False)
