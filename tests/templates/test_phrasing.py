"""How a phrase file becomes sentences: slots, rules, alternatives, traces."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from templates import phrasing
from templates.facts import Figure, Standing, Trace, Traced
from templates.phrasing import Paragraph, write
from templates.say_tag import SayTag


def written(
    monkeypatch: pytest.MonkeyPatch, source: str, turn: int = 0, **context: object
) -> list[Paragraph]:
    """Write a phrase file that exists only here."""
    environment = Environment(
        loader=DictLoader({"phrases/here.md.j2": source}),
        undefined=StrictUndefined,
        extensions=[SayTag],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    monkeypatch.setattr(phrasing, "_environment", lambda: environment)
    trace = Trace()
    figures = {"size": Figure(3.0, "size", Standing(label="Size", unit="x"))}
    return write("here", {"facts": Traced("here", figures, trace), **context}, turn, trace)


def test_of_a_slot_the_first_sentence_whose_rule_holds_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = (
        '{% say "flow.big" when size > 5 %}Big.{% endsay %}\n'
        '{% say "flow.some" when size > 1 %}Some.{% endsay %}\n'
        '{% say "flow" %}Little.{% endsay %}\n'
    )

    (paragraph,) = written(monkeypatch, source, size=3)

    assert [(s.id, s.text, s.rule) for s in paragraph.sentences] == [
        ("here.flow.some", "Some.", "size > 1")
    ]


def test_a_sentence_remembers_the_facts_its_rule_and_its_words_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = '{% say "a" %}None.{% endsay %}{% say "b" when facts.size > 1 %}Some.{% endsay %}'

    (paragraph,) = written(monkeypatch, source)

    assert [dict(sentence.facts) for sentence in paragraph.sentences] == [{}, {"here.size": 3.0}]


def test_the_turn_decides_between_ways_of_saying_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    source = '{% say "a" %}One.{% say_or %}Two.{% say_or %}Three.{% endsay %}'

    said = [written(monkeypatch, source, turn)[0].text for turn in range(4)]

    assert set(said[:3]) == {"One.", "Two.", "Three."}
    assert said[3] == said[0]


def test_clauses_in_brackets_combine_and_none_returns_before_all_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = '{% say "a" %}\n[A||Some||Every] fund [bought||sold][||, {{ word }}].\n{% endsay %}'

    said = [written(monkeypatch, source, turn, word="again")[0].text for turn in range(24)]

    assert len(set(said[:12])) == 12
    assert said[12:] == said[:12]
    assert "Some fund sold, again." in said


def test_a_blank_line_begins_a_paragraph_and_a_dash_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        '{% say "a" %}One.{% endsay %}\n'
        '{% say "b" %}Two.{% endsay %}\n'
        "\n"
        '{% for word in ("x", "y") %}\n'
        '{% say "item*" %}- {{ word }}{% endsay %}\n'
        "{% endfor %}\n"
    )

    running, listed = written(monkeypatch, source)

    assert running.text == "One. Two."
    assert listed.is_list
    assert listed.items == ("x", "y")
    assert [sentence.id for sentence in listed.sentences] == ["here.item.1", "here.item.2"]


def test_words_outside_a_say_block_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="outside a say block"):
        written(monkeypatch, 'Loose words.{% say "a" %}One.{% endsay %}')


def test_a_fact_nobody_knows_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UndefinedError):
        written(monkeypatch, '{% say "a" %}{{ facts.unheard_of }}{% endsay %}')
