"""The estimate's words: short, with ranges, of now and of nothing that is still to come."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
import textstat

from analysis.into_close import IntoClose, Scenario, SessionPrices, estimate_into_close
from analysis.reading import Estimate
from analysis.simulate import scenarios
from templates.into_close import CloseCommentary, render_into_close
from tests.analysis.test_into_close import LISTED, monday, now
from tests.templates.gates import ADVICE, BROKEN
from tests.templates.reading_back import banned_words
from tests.templates.test_weekly import unsupported

TIMES = re.compile(r"\b\d\d:\d\d\b")
FORETELLING = re.compile(r"\b(will|going to|expect|likely|should|could rise|could fall)\b")
BILLIONS = 1e9


def priced(up: float, *, billions: float = 100.0) -> IntoClose:
    """Return the estimate for one threefold fund where the index is ``up`` [fraction]."""
    market = monday({"BULL": billions * BILLIONS}, {"BULL": LISTED["BULL"]})
    return estimate_into_close(market, now(GSPC=100.0 * (1.0 + up)))


@cache
def simulated() -> tuple[IntoClose, ...]:
    """Return estimates at nine tenths of the way to the close, over simulated sessions."""
    return tuple(
        _near_close(place, part) for place in (-60, -41, -23, -8, -1) for part in (0.9, -0.5, 2.0)
    )


def _near_close(place: int, part: float) -> IntoClose:
    market = scenarios.demo().market
    before, session = market.sessions[place - 1], market.sessions[place]
    closes = market.close.loc[[before, session]].dropna(axis="columns")
    rows = pd.DataFrame({"prior_close": closes.loc[before]})
    rows["price"] = rows["prior_close"] * (
        1.0 + part * (closes.loc[session] / closes.loc[before] - 1)
    )
    rows["at"] = session.tz_localize("America/New_York") + pd.Timedelta(hours=15, minutes=35)
    prices = SessionPrices(session=session, rows=rows, source="by hand")
    return estimate_into_close(market.until(before), prices)


def told(estimate: IntoClose) -> str:
    return " ".join(one.text for one in CloseCommentary(report=estimate).note.sentences)


def violations(estimate: IntoClose) -> Iterator[str]:
    note = CloseCommentary(report=estimate).note
    for sentence in note.sentences:
        text = sentence.text
        plain = replace(sentence, text=TIMES.sub("", text))
        yield from (f"figure {one}: {text}" for one in unsupported(plain))
        if BROKEN.search(text) or banned_words(text) or ADVICE.search(text):
            yield f"words: {text}"
        if FORETELLING.search(text):
            yield f"foretells: {text}"
        if not text[:1].isupper() or text.endswith(".") == (sentence is note.title):
            yield f"ends: {text}"


@pytest.mark.slow
def test_simulated_estimates_break_no_gate() -> None:
    assert len(simulated()) == 15
    assert [one for estimate in simulated() for one in violations(estimate)] == []


@pytest.mark.parametrize("up", [0.03, -0.03, 0.0004, -0.0049, 0.0049, 0.0])
def test_any_move_breaks_no_gate(up: float) -> None:
    for billions in (100.0, 5.0, 0.001):
        estimate = priced(up, billions=billions)
        cases = [
            estimate,
            replace(estimate, backcast_fraction=0.9),
            replace(estimate, covered_fraction=0.64),
            replace(estimate, buckets_usd={}, covered_fraction=None),
        ]

        assert [one for case in cases for one in violations(case)] == []


def test_an_estimate_is_read_in_half_a_minute() -> None:
    for estimate in simulated():
        text = told(estimate)

        assert 60 <= len(text.split()) <= 132, text
        assert float(textstat.flesch_kincaid_grade(text)) <= 10.0
    assert len(told(priced(0.091)).split()) <= 120
    worst = replace(priced(0.091), backcast_fraction=0.9, covered_fraction=0.64)
    assert len(told(worst).split()) <= 140


def test_a_rise_has_the_funds_buy_with_a_range_and_both_moves() -> None:
    text = told(priced(0.01, billions=1000.0))

    # 6 % of 1,000 bn is 60 bn: 0.26, 0.90 and 1.00 of it. One per cent on it is 120.6 bn.
    assert text.startswith("Leveraged funds have about $54 billion to buy by the bell ")
    assert "15:35 New York the S&P 500 is up 1% on the day" in text
    assert "must buy about $54 billion of stock by the close ($16 billion to $60 billion:" in text
    assert "1% higher at the bell it would be $31 billion to $120 billion of buying" in text
    assert "1% lower, $160 million to $600 million of selling" in text
    assert text.endswith("This is commentary, not advice.")


def test_a_fall_is_told_as_the_mirror_of_a_rise() -> None:
    """Only the words for sides change; the rounded figures of 3 % differ by the compounding."""
    rise, fall = priced(0.03), _mirrored(priced(0.03))
    turned = {"buy": "sell", "up": "down", "buying": "selling"}
    words = re.sub(r"\b(buy|up|buying)\b", lambda found: turned[found[0]], told(rise))

    assert told(fall) == words


def _mirrored(estimate: IntoClose) -> IntoClose:
    return replace(
        estimate,
        identity_usd=-estimate.identity_usd,
        buckets_usd={name: -usd for name, usd in estimate.buckets_usd.items()},
        scenarios=tuple(_turned(one) for one in estimate.scenarios),
    )


def _turned(one: Scenario) -> Scenario:
    flow = Estimate(-one.flow_usd.high, -one.flow_usd.mid, -one.flow_usd.low)
    return replace(one, day_return=-one.day_return, flow_usd=flow)


def test_a_market_that_stands_still_leaves_them_little_to_do() -> None:
    text = told(priced(0.0004, billions=10.0))

    assert re.match(r"Leveraged funds have (little|not much) to trade by the bell", text)
    assert "about where it began the day" in text
    assert "must buy only $6.2 million to $24 million of stock" in text


def test_a_published_total_is_told_as_an_estimate_and_sizes_of_later_as_that() -> None:
    known = priced(0.02)

    assert "published estimates put" in told(replace(known, buckets_usd={}))
    assert "worked out afterwards" in told(replace(known, backcast_fraction=0.9))
    assert "counts only 64% of the funds we list" in told(replace(known, covered_fraction=0.64))


def test_prices_of_several_minutes_are_told_as_such() -> None:
    known = priced(0.02)
    older = replace(known.prices[0], symbol="QQQ", at="2025-06-10T19:12:40Z")

    assert "15:12 to 15:35 New York" in told(replace(known, prices=(*known.prices, older)))


def test_every_edition_tells_the_same() -> None:
    estimate = replace(priced(0.02), demo=True)
    text, answer, whole = (
        render_into_close(estimate, edition) for edition in ("text", "discord", "json")
    )

    assert max(len(line) for line in text.splitlines()) <= 88
    assert "An estimate before the close of Tuesday, 10 June 2025" in text
    assert "simulated" in text.lower()
    assert "simulated" in answer
    assert len(answer) <= 1000
    body = json.loads(whole)
    assert body["estimate"]["content_hash"] == estimate.content_hash
    assert body["note"]["title"] in answer
    assert body["note"]["sentences"][2]["facts"]["close.here_usd"] == pytest.approx(10.8e9)
