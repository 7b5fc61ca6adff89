"""How phrase files become sentences: one tag, ``say``, and three rules.

A phrase file is a list of sentences, each in a ``say`` block::

    {% say "flow.tiny" when point.strength == "negligible" %}
    Leveraged funds had little to do.
    {% say_or %}
    The leveraged funds hardly had to trade.
    {% endsay %}

1. What stands before the first dot of the name is its *slot*. Of each slot the first
   sentence whose condition holds is said; the rest stay silent.
2. ``say_or`` parts other ways of saying the same thing; the session decides which.
3. A blank line begins a paragraph; a sentence that begins with a dash is a list item.

A name that ends in a star is said again for every item of a loop, and numbered.
Each sentence keeps its id, its rule (the condition, as written) and the figures that the
condition and the words touched, so that `why` needs nothing written twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, nodes, select_autoescape
from jinja2.ext import Extension
from jinja2.parser import Parser

from templates.compiled import compiled_templates
from templates.facts import Figure, Trace
from templates.figures import FILTERS

ALWAYS = "always"
"""The rule of a sentence without a condition."""

_WHEN = re.compile(r'\{%\s*say\s+"(?P<name>[^"]+)"\s+when\s+(?P<rule>.+?)\s*%\}', re.DOTALL)
_BEGIN, _END = "\x02", "\x03"
"""Start and end of text: where the words of a sentence stand in what a template sets."""

_BETWEEN = re.compile(f"{_BEGIN}([^{_END}]*){_END}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with the rule that chose them and the figures they rest on."""

    id: str
    text: str
    rule: str
    facts: tuple[tuple[str, Figure], ...] = ()

    def __str__(self) -> str:
        """Read as its words."""
        return self.text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that belong together, or the items of a list."""

    sentences: tuple[Sentence, ...]

    @property
    def is_list(self) -> bool:
        """Whether its sentences are list items."""
        return self.sentences[0].text.startswith("- ")

    @property
    def items(self) -> tuple[str, ...]:
        """The words of a list's items, without their dashes."""
        return tuple(sentence.text.removeprefix("- ") for sentence in self.sentences)

    @property
    def text(self) -> str:
        """Read as running text."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass
class Scribe:
    """Writes one phrase file down: which slots have spoken, and with what."""

    stem: str
    turn: int
    trace: Trace
    sentences: list[Sentence] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)

    def open(self, name: str) -> bool:
        """Say whether a sentence's slot is still silent, and start its trace."""
        self.trace.restart()
        return name.endswith("*") or _slot(name) not in self.spoken

    def picks(self, place: int, ways: int) -> bool:
        """Say whether it is the turn of the alternative at ``place``."""
        return self.turn % ways == place

    def close(self, name: str, rule: str) -> str:
        """Enter a sentence whose words have just been set, and mark their end."""
        self.spoken.add(_slot(name))
        facts = tuple(self.trace.touched.items())
        self.sentences.append(Sentence(f"{self.stem}.{self._id(name)}", "", rule, facts))
        return _END

    def read(self, output: str) -> list[Paragraph]:
        """Part what was set into paragraphs of sentences."""
        texts = [" ".join(words.split()) for words in _BETWEEN.findall(output)]
        whole = iter(
            replace(one, text=text) for one, text in zip(self.sentences, texts, strict=True)
        )
        paragraphs = []
        for line in _BETWEEN.sub(_END, output).split("\n"):
            if line.replace(_END, "").strip():
                raise ValueError(
                    f"phrases/{self.stem}.md.j2 holds {line!r} outside a say block; "
                    'wrap it in {% say "name" %} … {% endsay %}'
                )
            if _END in line:
                paragraphs.append(Paragraph(tuple(islice(whole, line.count(_END)))))
        return paragraphs

    def _id(self, name: str) -> str:
        """Return a sentence's own name, numbered where it stands in a list."""
        if not name.endswith("*"):
            return name
        stem = name.removesuffix("*")
        earlier = sum(s.id.startswith(f"{self.stem}.{stem}.") for s in self.sentences)
        return f"{stem}.{earlier + 1}"


class SayTag(Extension):
    """The ``say`` block; see the module's words."""

    def __init__(self, environment: Environment) -> None:
        self.tags = {"say"}
        super().__init__(environment)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Keep each condition's own wording as the sentence's rule."""
        return _WHEN.sub(_with_rule, source)

    def parse(self, parser: Parser) -> nodes.Node:
        """Turn a block into: if its slot is silent and its rule holds, say one of its ways."""
        lineno = next(parser.stream).lineno
        name = nodes.Const(parser.stream.expect("string").value)
        rule: nodes.Expr = nodes.Const(ALWAYS)
        test: nodes.Expr = nodes.Const(True)
        if parser.stream.skip_if("name:rule"):
            rule = nodes.Const(parser.stream.expect("string").value)
            parser.stream.expect("name:when")
            test = parser.parse_expression()
        ways = [
            [_output(nodes.Const(_BEGIN)), *way, _output(_call("close", [name, rule]))]
            for way in _ways(parser)
        ]
        said = ways[0] if len(ways) == 1 else [_turn(place, ways) for place in range(len(ways))]
        holds = nodes.And(_call("open", [name]), test)
        return nodes.If(holds, said, [], []).set_lineno(lineno)


def write(stem: str, context: Mapping[str, object], turn: int, trace: Trace) -> list[Paragraph]:
    """Return what ``phrases/<stem>.md.j2`` says of a context, paragraph by paragraph.

    Raises
    ------
    ValueError
        If the file holds words outside a ``say`` block: they would have no id.
    """
    scribe = Scribe(stem, turn, trace)
    return scribe.read(_template(stem).render(context, scribe=scribe))


def has_phrases(stem: str) -> bool:
    """Say whether a phrase file of that name exists."""
    return f"phrases/{stem}.md.j2" in _names()


def _slot(name: str) -> str:
    return name.partition(".")[0]


def _with_rule(match: re.Match[str]) -> str:
    rule = " ".join(match["rule"].split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'{{% say "{match["name"]}" rule "{rule}" when {match["rule"]} %}}'


def _ways(parser: Parser) -> list[list[nodes.Node]]:
    ways = []
    while True:
        ways.append(parser.parse_statements(("name:say_or", "name:endsay")))
        if next(parser.stream).value == "endsay":
            return ways


def _turn(place: int, ways: list[list[nodes.Node]]) -> nodes.Node:
    picked = _call("picks", [nodes.Const(place), nodes.Const(len(ways))])
    return nodes.If(picked, ways[place], [], [])


def _output(words: nodes.Expr) -> nodes.Output:
    return nodes.Output([nodes.MarkSafe(words)])


def _call(method: str, arguments: list[nodes.Expr]) -> nodes.Call:
    scribe = nodes.Name("scribe", "load")
    return nodes.Call(nodes.Getattr(scribe, method, "load"), arguments, [], None, None)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", ""),
        bytecode_cache=compiled_templates(),
        undefined=StrictUndefined,
        extensions=[SayTag],
        # Phrases are words, not markup; each edition escapes them in its own way.
        autoescape=select_autoescape([]),
        # Every template is read once a process: folding constants would cost more than it saves.
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    return environment


@cache
def _names() -> frozenset[str]:
    return frozenset(_environment().list_templates())


def _template(stem: str) -> Template:
    return _environment().get_template(f"phrases/{stem}.md.j2")
