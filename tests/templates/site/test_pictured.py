"""The web edition with its charts: complete in itself, the words untouched."""

from __future__ import annotations

from templates import render, write_commentary
from templates.charts import charts_of
from templates.site import with_charts
from tests.templates.reports import rally


def test_every_chart_is_set_into_the_page_and_nothing_is_fetched() -> None:
    plain = render(write_commentary(rally(), (), "plain"), "html")
    charts = charts_of(rally())

    page = with_charts(plain, charts)

    assert page.count("<figure>") == len(charts) > 1
    assert page.index("<figure>") < page.index("<table>")
    assert page.count('src="') == page.count('src="data:image/svg+xml;base64,')


def test_a_page_without_charts_stays_as_it_is() -> None:
    assert with_charts("<html></html>", []) == "<html></html>"
