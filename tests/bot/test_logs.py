"""The log tells what happened and to whom nothing leads back."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logging, scrub


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Log into a buffer, and put the root logger back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("550 <ana.b+news@reader.test> unknown", "550 <[hidden]> unknown"),
        (
            "connect postgresql://desk:geheim@db:5432/undertow failed",
            "connect postgresql://db:5432/[hidden] failed",
        ),
        (
            "POST https://discord.com/api/webhooks/123/geheim 404",
            "POST https://discord.com/[hidden] 404",
        ),
        ("GET https://hooks.example.org/?key=geheim", "GET https://hooks.example.org/[hidden]"),
        ("GET /u/Zm9vYmFyZ2VoZWlt 200", "GET /u/[hidden] 200"),
        ("see https://undertow.example/", "see https://undertow.example/"),
        ("session 2025-11-21 sent", "session 2025-11-21 sent"),
    ],
)
def test_addresses_passwords_and_tokens_are_cut_out(text: str, clean: str) -> None:
    assert scrub(text) == clean


def test_a_line_is_json_with_a_time_and_no_person(log_lines: io.StringIO) -> None:
    log = structlog.get_logger("bot.test")
    log.info(
        "delivery", id=7, email="ana@reader.test", reply="550 ana@reader.test", codes=["a@b.cc"]
    )

    [line] = log_lines.getvalue().splitlines()
    told = json.loads(line)
    assert "ana" not in line
    assert (told["event"], told["id"], told["level"], told["email"]) == (
        "delivery",
        7,
        "info",
        "[hidden]",
    )
    assert told["codes"] == ["[hidden]"]
    assert told["timestamp"].endswith("Z")


def test_a_traceback_and_a_librarys_line_are_cleaned_too(log_lines: io.StringIO) -> None:
    try:
        raise ConnectionError("smtp://desk:geheim@relay.test refused ana@reader.test")
    except ConnectionError as error:
        structlog.get_logger("bot.test").error("fault", exc_info=error)
    logging.getLogger("some.library").warning("sent to %s", "ana@reader.test")
    logging.getLogger("httpx").info("HTTP Request: POST https://hooks.example.org/geheim")

    text = log_lines.getvalue()
    assert len(text.splitlines()) == 2
    assert "ConnectionError" in text
    assert "geheim" not in text
    assert "ana@" not in text


def test_of_all_that_is_fetched_one_line_a_vendor_is_kept(log_lines: io.StringIO) -> None:
    log = logging.getLogger("undertow.sources")
    for done in (1, 2, 3):
        log.info("fetched", extra={"vendor": "cboe", "item": "SPX", "done": done, "total": 3})
    log.warning("slow")

    fetched, slow = (json.loads(line) for line in log_lines.getvalue().splitlines())
    assert (fetched["vendor"], fetched["done"], fetched["total"]) == ("cboe", 3, 3)
    assert slow["event"] == "slow"
