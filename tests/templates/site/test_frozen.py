"""What is kept of a note for the site: all its words, their evidence, its pictures."""

from __future__ import annotations

import json
import re
import struct
from html import unescape

import pytest

from analysis.report import FlowReport
from templates import LEVELS, Commentary, write_commentary
from templates.commentary import Event
from templates.note import compose
from templates.site import frozen_texts
from templates.site.card import title_lines
from templates.site.evidence import evidence_of
from templates.site.facts import leader
from tests.templates.reports import demo, quiet, rally, sell_off

TAG = re.compile(r"<[^>]+>")
WHY = re.compile(r'href="urn:day:why/#([^"]+)"')


def levels_of(report: FlowReport, events: tuple[Event, ...] = ()) -> dict[str, Commentary]:
    """Return the note at every level."""
    return {level: write_commentary(report, events, level) for level in LEVELS}


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    """Return what is kept of the rally."""
    return frozen_texts(levels_of(rally()))


def words_of(html: bytes) -> str:
    """Return the words of a piece, without its marks of evidence."""
    text = re.sub(r'<a class="why"[^>]*>[^<]*</a>', "", html.decode())
    return " ".join(unescape(TAG.sub("", text)).split())


@pytest.mark.parametrize("level", LEVELS)
def test_a_reader_without_javascript_has_every_sentence(kept: dict[str, bytes], level: str) -> None:
    told = words_of(kept[f"page.{level}.html"])

    for sentence in [*compose(levels_of(rally())[level]).sentences][1:]:
        assert " ".join(sentence.text.removeprefix("- ").split()) in told


@pytest.mark.parametrize("level", LEVELS)
def test_every_sentence_leads_to_evidence_that_is_there(kept: dict[str, bytes], level: str) -> None:
    led_to = WHY.findall(kept[f"page.{level}.html"].decode())
    there = set(re.findall(r'class="told" id="([^"]+)"', kept["page.why.html"].decode()))

    assert len(led_to) == len([*compose(levels_of(rally())[level]).sentences]) - 1
    assert set(led_to) <= there


def test_the_evidence_gives_a_figure_with_its_source(kept: dict[str, bytes]) -> None:
    groups = evidence_of({"plain": [sentence()]})

    assert groups[0].key == "leveraged_etf"
    assert groups[0].sentences[0].facts[0].value == "$29 billion"
    assert groups[0].sentences[0].facts[0].source == "fund list"


def sentence() -> dict[str, object]:
    """Return a sentence as `why` explains it."""
    figure = {
        "key": "mid_usd",
        "value": 28.6e9,
        "unit": "usd",
        "label": "Most likely flow",
        "percentile": 0.99,
        "as_of": "2025-04-09",
        "source": "fund list",
    }
    return {
        "id": "leveraged_etf.flow.buying",
        "text": "They needed about $29 billion.",
        "rule": "point.buying",
        "figures": [figure],
    }


def test_a_figure_of_every_driver_stands_in_the_table(kept: dict[str, bytes]) -> None:
    table = words_of(kept["page.data.html"])

    for one in rally().readings:
        assert one.driver.title in table


def test_news_from_outside_is_escaped() -> None:
    events = (Event(words="<script>alert(1)</script> & Co.", source='"a"'),)
    texts = frozen_texts(levels_of(rally(), events))

    for name in ("page.plain.html", "page.why.html"):
        assert b"<script" not in texts[name]


def test_the_head_names_the_driver_whose_section_comes_first(kept: dict[str, bytes]) -> None:
    head = json.loads(kept["page.json"])

    assert head["leader"] == leader(compose(levels_of(rally())["plain"]))
    assert head["title"] == compose(levels_of(rally())["plain"]).title.text
    assert {one["slug"] for one in head["drivers"]} == {one.slug for one in rally().readings}


def test_a_quiet_evening_has_no_leading_driver() -> None:
    assert json.loads(frozen_texts(levels_of(quiet()))["page.json"])["leader"] is None


def test_each_chart_is_kept_still_and_alive_and_named_in_the_head(kept: dict[str, bytes]) -> None:
    slugs = [one["slug"] for one in json.loads(kept["page.json"])["charts"]]

    assert "driver_bars" in slugs
    for slug in slugs:
        assert kept[f"chart.{slug}.svg"].startswith(b"<svg")
        assert b"prefers-color-scheme:dark" in kept[f"chart.{slug}.svg"]
        assert "config" not in json.loads(kept[f"chart.{slug}.json"])
        assert f"urn:day:{slug}.svg" in kept["page.plain.html"].decode()


def test_the_card_has_the_size_that_networks_ask_for(kept: dict[str, bytes]) -> None:
    assert struct.unpack(">II", kept["card.png"][16:24]) == (1200, 630)


def test_a_long_title_is_set_smaller_and_never_over_three_lines() -> None:
    short, long = title_lines("A quiet day"), title_lines("word " * 60)

    assert short[0] > long[0]
    assert len(long[1]) == 3


def test_a_sell_off_is_told_in_its_own_words() -> None:
    assert frozen_texts(levels_of(sell_off()))["page.plain.html"] != b""


def test_a_simulated_market_is_marked_in_head_and_words() -> None:
    texts = frozen_texts(levels_of(demo()))

    assert json.loads(texts["page.json"])["demo"] is True
    assert b"simulated" in texts["page.plain.html"].lower()
