"""The note as a mail: what a mail program shows, and what it can bear."""

from __future__ import annotations

import re

import pytest

from analysis.report import FlowReport
from templates import Event, render, write_commentary
from templates.mailing import READER_FOOTER, check_mjml, mail_of, mjml
from templates.note import compose
from tests.templates import reports as days


@pytest.mark.parametrize("report", days.all_days())
def test_the_mjml_holds_only_what_is_known(report: FlowReport) -> None:
    commentary = write_commentary(report)

    check_mjml(mjml(commentary, compose(commentary)))


@pytest.mark.parametrize(
    ("bad", "said"),
    [("<mjml><mj-body>", "not well formed"), ("<mjml><mj-txet>x</mj-txet></mjml>", "mj-txet")],
)
def test_mjml_that_the_renderer_would_let_pass_is_refused(bad: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_mjml(bad)


@pytest.mark.parametrize("report", days.all_days())
def test_a_mail_fits_what_programs_show(report: FlowReport) -> None:
    commentary = write_commentary(report)
    mail = mail_of(commentary, compose(commentary), render(commentary, "text"))

    assert len(mail.subject) <= 78
    assert "\n" not in mail.subject + mail.preheader
    assert len(mail.preheader) <= 121
    assert mail.html.count(READER_FOOTER) == 1
    assert len(mail.html.encode()) < 100_000


def test_the_html_fetches_nothing_and_carries_its_styles_inline() -> None:
    html = render(write_commentary(days.rally()), "mail_html")

    assert not re.search(r'\b(src|href)="(?!mailto:|#)', html)
    assert "<h1 style=" in html
    assert "prefers-color-scheme: dark" in html
    assert "<script" not in html


def test_what_comes_from_outside_stays_text_in_a_mail() -> None:
    event = Event(words="<b>calm</b> & <script>x</script>", source="a & b")
    commentary = write_commentary(days.rally(), [event])
    check_mjml(mjml(commentary, compose(commentary)))
    html = render(commentary, "mail_html")

    assert "<b>calm" not in html
    assert "<script>" not in html
    assert "calm" in html


def test_the_mail_edition_begins_with_subject_and_preheader() -> None:
    lines = render(write_commentary(days.demo()), "mail").split("\n")

    assert lines[0].startswith("Subject: Simulated: ")
    assert lines[1].startswith("Preheader: ")
    assert lines[2] == ""
