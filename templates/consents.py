"""The words readers agreed to, by version; what was once shown is never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """What a reader agrees to, and the version it goes by."""

    version: str
    words: str


@cache
def consent_words() -> tuple[ConsentWords, ...]:
    """Return every version ever shown, oldest first."""
    found = yaml.safe_load((Path(__file__).parent / "consents.yaml").read_text("utf-8"))
    return tuple(ConsentWords(version, words) for version, words in found.items())


def current_consent() -> ConsentWords:
    """Return the words that the form shows today."""
    return consent_words()[-1]
