"""A person at a terminal sees bars; a pipe or a service sees log lines and nothing else."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from bot.live import shown_progress


class Terminal(io.StringIO):
    """A place to write that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def test_what_is_fetched_is_shown_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    progress = shown_progress()

    progress("yahoo", "chart/^GSPC", 1, 2)
    progress("yahoo", "chart/SPY", 2, 2)

    assert "yahoo chart/" in screen.getvalue()


def test_without_a_terminal_nothing_is_printed_and_the_log_has_a_line_an_item(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    progress = shown_progress()

    with caplog.at_level(logging.INFO, "undertow.sources"):
        progress("yahoo", "chart/^GSPC", 1, 2)

    (line,) = caplog.records
    assert (line.getMessage(), vars(line)["item"]) == ("fetched", "chart/^GSPC")
    assert capsys.readouterr() == ("", "")
