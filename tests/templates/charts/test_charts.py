"""Every chart: what it says, what it prints, how large it is, and what it does without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings

from analysis.report import build_report
from analysis.sources.folder import FolderSource
from templates.charts import (
    Chart,
    Extras,
    NoChart,
    all_charts,
    charts_of,
    day_facts,
    pictures,
    render_png,
    render_svg,
    spec_json,
    web_script,
)
from templates.charts.drawing import render
from templates.charts.drawing.render import LARGEST_PNG, ChartSizeError
from templates.charts.drawing.themes import DARK, LIGHT, Theme
from tests.templates import random_reports
from tests.templates import reports as made
from tests.templates.charts.drawings import EVERYTHING, layers, numbers, printed, size_of

ROOT = Path(__file__).parent.parent.parent.parent
SLUGS = [
    "driver_bars",
    "gamma_profile",
    "rebalancing",
    "forced_share",
    "odds",
    "calibration",
]


@pytest.fixture(scope="module")
def charts() -> dict[str, Chart]:
    return {chart.slug: chart for chart in charts_of(made.rally(), EVERYTHING)}


def test_a_note_has_its_charts_in_the_order_of_its_argument() -> None:
    assert list(all_charts()) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_alternative_text_carries_every_number_in_the_picture(
    charts: dict[str, Chart], slug: str
) -> None:
    chart = charts[slug]
    told = printed(chart.spec)

    assert len(told) > 2
    assert numbers(" ".join(told)) <= numbers(chart.alt)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_picture_bears_the_title_that_the_chart_claims(
    charts: dict[str, Chart], slug: str
) -> None:
    title = " ".join(charts[slug].spec["title"]["text"]).replace("\N{NO-BREAK SPACE}", " ")

    assert title == charts[slug].title


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_picture_fits_a_telephone_and_a_mail(
    charts: dict[str, Chart], slug: str, dark: bool
) -> None:
    picture = render_png(charts[slug].spec, 390, dark=dark, scale=2.0)

    assert size_of(picture)[0] == 780
    assert len(picture) <= LARGEST_PNG


@pytest.mark.parametrize("slug", SLUGS)
def test_a_picture_is_as_wide_as_it_is_asked_to_be(charts: dict[str, Chart], slug: str) -> None:
    assert "<svg" in render_svg(charts[slug].spec, 600)
    assert size_of(render_png(charts[slug].spec, 600, scale=1.0))[0] == 600


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_facts_give_the_same_bytes(charts: dict[str, Chart], slug: str) -> None:
    again = {chart.slug: chart for chart in charts_of(made.rally(), EVERYTHING)}[slug]

    assert again == charts[slug]
    assert render_png(again.spec) == render_png(charts[slug].spec)
    assert render_svg(again.spec) == render_svg(charts[slug].spec)


def test_light_and_dark_differ_in_colour_only(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        light, dark = (json.loads(spec_json(chart.spec, dark=dark)) for dark in (False, True))

        assert light.pop("config") != dark.pop("config")
        assert light == dark


@pytest.mark.parametrize("slug", SLUGS)
def test_a_chart_names_no_colour_of_its_own(charts: dict[str, Chart], slug: str) -> None:
    assert not re.search(r'"#[0-9a-fA-F]{3,8}"', json.dumps(charts[slug].spec))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_with_a_chart_asks_nobody_for_anything(charts: dict[str, Chart], slug: str) -> None:
    body = json.loads(spec_json(charts[slug].spec))
    body.pop("$schema")  # names the language; nothing reads it from there

    assert "http" not in json.dumps(body)
    assert all(layer["rows"] for layer in layers(body))


def test_the_script_of_a_page_draws_without_evaluating_text() -> None:
    assert "ast:true" in web_script().replace(" ", "")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_chart_of_the_demo_market_says_so(slug: str) -> None:
    report = replace(made.rally(), demo=True)
    chart = {one.slug: one for one in charts_of(report, EVERYTHING)}[slug]

    assert chart.spec["title"]["subtitle"][0] == "SIMULATED MARKET"
    assert chart.alt.startswith("Simulated market. ")


def test_a_chart_of_a_real_market_does_not_call_it_simulated(charts: dict[str, Chart]) -> None:
    assert not any("imulated" in json.dumps(chart.spec) + chart.alt for chart in charts.values())


def test_what_cannot_be_drawn_is_left_out_with_its_reason() -> None:
    report = replace(
        made.rally(),
        odds=(),
        readings=tuple(made.unmeasured(one.slug) for one in made.rally().readings),
    )

    reasons = {one.slug: one.reason for one in pictures(report) if isinstance(one, NoChart)}

    assert charts_of(report) == []
    assert reasons == {
        "driver_bars": "no driver could be measured in dollars",
        "gamma_profile": "there is no option chain of this session",
        "rebalancing": "what the leveraged funds traded is not known by its parts",
        "forced_share": "fewer than 10 past sessions are known",
        "odds": "too few days like this one are on record",
        "calibration": "no claim has come due yet",
    }


@pytest.mark.slow
@given(random_reports.seeds)
@settings(max_examples=25, deadline=None)
def test_any_report_can_be_drawn(seed: int) -> None:
    for chart in charts_of(random_reports.report_of(seed), Extras()):
        assert "nan" not in chart.alt.lower().split()
        assert "None" not in chart.alt
        assert numbers(" ".join(printed(chart.spec))) <= numbers(chart.alt)
        assert len(chart.spec["title"]["text"]) <= 3


def test_a_picture_is_less_sharp_rather_than_too_large(
    charts: dict[str, Chart], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "LARGEST_PNG", 20_000)
    picture = render_png(charts["driver_bars"].spec, scale=2.0)

    assert len(picture) <= 20_000
    assert 390 <= size_of(picture)[0] < 780


def test_a_picture_too_large_at_any_scale_is_refused(
    charts: dict[str, Chart], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "LARGEST_PNG", 1_000)

    with pytest.raises(ChartSizeError, match="1,000 is the limit"):
        render_png(charts["odds"].spec, scale=1.0)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_and_bars_stand_out_from_their_ground(theme: Theme) -> None:
    for letters in (theme.ink, theme.muted):
        assert contrast(letters, theme.ground) >= 4.5
    for mark in (theme.buying, theme.selling, theme.other):
        assert contrast(mark, theme.ground) >= 3.0


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2, from 1 for the same colour to 21 for black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_black_on_white_has_the_published_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_a_note_without_charts_does_not_wait_for_their_library() -> None:
    code = (
        "import sys; from templates import render, write_commentary; import templates.charts;"
        "from tests.templates.reports import rally; render(write_commentary(rally()), 'text');"
        "print([name for name in ('altair', 'vl_convert') if name in sys.modules])"
    )
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )

    assert run.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("session", ["2017-10-06", "2025-04-04", "2025-04-09"])
def test_the_charts_of_a_real_day_fit_their_bounds(market_folder: Path, session: str) -> None:
    from analysis.history import read

    market = FolderSource(market_folder).fetch(pd.Timestamp(session))
    extras = replace(EVERYTHING, days=day_facts(read(market, market.sessions[-60:])))

    for chart in charts_of(build_report(market), extras):
        picture = render_png(chart.spec)
        assert size_of(picture)[0] == 780
        assert len(picture) <= LARGEST_PNG
        assert numbers(" ".join(printed(chart.spec))) <= numbers(chart.alt)
        assert len(chart.spec["title"]["text"]) <= 3
