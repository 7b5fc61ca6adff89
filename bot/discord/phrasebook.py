"""Names and descriptions of commands in other languages, from files an operator may add.

A file is called by Discord's name of the language, such as ``de.json``, and holds one object:
our English words, and theirs. What it lacks stays English. Notes are written in English only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import structlog
from discord import app_commands

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent / "phrases"
LANGUAGES = frozenset(one.value for one in discord.Locale)


@dataclass(frozen=True, slots=True)
class Words:
    """Our words in other languages, by language."""

    by_language: Mapping[str, Mapping[str, str]]

    def find(self, ours: str, language: str) -> str | None:
        """Return ours in a language, nothing where it stays English."""
        return self.by_language.get(language, {}).get(ours)


def read_words(folder: Path = FOLDER) -> Words:
    """Read every language of a folder; a file that is none is named in the log and left out."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            words = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            log.warning("phrases_not_read", file=path.name, problem=type(error).__name__)
            continue
        if path.stem not in LANGUAGES or not isinstance(words, dict):
            log.warning("phrases_not_read", file=path.name, problem="no language of Discord's")
            continue
        found[path.stem] = {str(ours): str(theirs) for ours, theirs in words.items()}
    return Words(found)


class Phrasebook(app_commands.Translator):
    """Hands the library what the files say."""

    def __init__(self, words: Words) -> None:
        self.words = words

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        """Translate one name or description."""
        return self.words.find(string.message, locale.value)
