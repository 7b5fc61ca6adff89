"""Recorded Yahoo answers of the folder beside a checkout, sorted by what was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.replay.server import Replay, Reply

CHART, OPTIONS, QUOTE, SUMMARY = "chart", "options", "quote", "quoteSummary"
STATISTICS = "defaultKeyStatistics"


@dataclass(frozen=True)
class Recording:
    """One answer: its file, what was asked for, and the body."""

    name: str
    path: str
    symbol: str
    status: int
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        """The service that was asked."""
        return self.path.split("/")[3]


def recordings(folder: Path) -> list[Recording]:
    """Return the answers the desk could get: charts, quotes, options and key statistics."""
    found = []
    for file in sorted((folder / "yahoo_http" / "recorded").glob("*.json")):
        told = json.loads(file.read_bytes())
        parts = told.get("path", "").split("/")
        wanted = len(parts) > 3 and parts[3] in (CHART, OPTIONS, QUOTE, SUMMARY)
        if not wanted or (
            parts[3] == SUMMARY and STATISTICS not in told["query"].get("modules", "")
        ):
            continue
        symbol = told["query"].get("symbols") or parts[-1]
        found.append(Recording(file.name, told["path"], symbol, told["status"], told["body"]))
    return found


def kept_back(all_of_them: list[Recording]) -> list[Recording]:
    """Return every fifth recording: none of these was looked at while the parsers were written."""
    return all_of_them[::5]


def serve_recording(replay: Replay, recording: Recording) -> None:
    """Answer every question with one recording."""
    reply = Reply(status=recording.status, body=json.dumps(recording.body).encode())
    for start in ("/v7/", "/v8/", "/v10/"):
        replay.routes[start] = lambda _: reply
