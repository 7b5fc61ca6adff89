"""The ``say`` tag: a sentence under a rule, in as many ways as the phrase file allows.

Square brackets with bars hold clauses of which one is taken::

    {% say "flow.tiny" %}
    [Leveraged||Geared] funds [had little to do||hardly had to trade].
    {% endsay %}

Every way of a sentence, and within it every choice of clauses, counts as one wording; the
session decides which wording is said, and neighbouring sessions take wordings far apart.
"""

from __future__ import annotations

import re

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

ALWAYS = "always"
"""The rule of a sentence without a condition."""

BEGIN, END = "\x02", "\x03"
"""Start and end of text: where the words of a sentence stand in what a template sets."""

_WHEN = re.compile(r'\{%\s*say\s+"(?P<name>[^"]+)"\s+when\s+(?P<rule>.+?)\s*%\}', re.DOTALL)
_CHOICE = re.compile(r"\[([^\[\]]*\|\|[^\[\]]*)\]")


class SayTag(Extension):
    """The ``say`` block and the choices within it; see the module's words."""

    def __init__(self, environment: Environment) -> None:
        self.tags = {"say", "choose"}
        self._choices: list[int] = []
        super().__init__(environment)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Keep each condition's own wording as its rule; turn brackets into choices."""
        return _CHOICE.sub(_choice, _WHEN.sub(_with_rule, source))

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Turn a block into: if its slot is silent and its rule holds, say one wording."""
        tag = next(parser.stream)
        return self._choose(parser) if tag.value == "choose" else self._say(parser, tag.lineno)

    def _say(self, parser: Parser, lineno: int) -> nodes.Node:
        name = nodes.Const(parser.stream.expect("string").value)
        rule: nodes.Expr = nodes.Const(ALWAYS)
        test: nodes.Expr = nodes.Const(True)
        if parser.stream.skip_if("name:rule"):
            rule = nodes.Const(parser.stream.expect("string").value)
            parser.stream.expect("name:when")
            test = parser.parse_expression()
        ways, shape = self._ways(parser)
        said = [_turn(place, way) for place, way in enumerate(ways)] if len(ways) > 1 else ways[0]
        body = [
            _silent("settle", [name, nodes.Const(shape)]),
            _output(nodes.Const(BEGIN)),
            *said,
            _output(_call("close", [name, rule])),
        ]
        return nodes.If(nodes.And(_call("open", [name]), test), body, [], []).set_lineno(lineno)

    def _ways(self, parser: Parser) -> tuple[list[list[nodes.Node]], tuple[tuple[int, ...], ...]]:
        """Return the ways of a sentence, and for each how many clauses its choices offer."""
        ways, shape = [], []
        while True:
            self._choices = []
            ways.append(parser.parse_statements(("name:say_or", "name:endsay")))
            shape.append(tuple(self._choices))
            if next(parser.stream).value == "endsay":
                return ways, tuple(shape)

    def _choose(self, parser: Parser) -> list[nodes.Node]:
        place = len(self._choices)
        self._choices.append(0)
        clauses = []
        while True:
            clauses.append(parser.parse_statements(("name:or_else", "name:endchoose")))
            if next(parser.stream).value == "endchoose":
                break
        self._choices[place] = len(clauses)
        return [
            nodes.If(
                _is(nodes.Getitem(_of("clauses"), nodes.Const(place), "load"), one), clause, [], []
            )
            for one, clause in enumerate(clauses)
        ]


def _choice(match: re.Match[str]) -> str:
    # The plus signs keep the space and the line break that Jinja would trim around a tag.
    clauses = match[1].split("||")
    return "{%+ choose +%}" + "{%+ or_else +%}".join(clauses) + "{%+ endchoose +%}"


def _with_rule(match: re.Match[str]) -> str:
    rule = " ".join(match["rule"].split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'{{% say "{match["name"]}" rule "{rule}" when {match["rule"]} %}}'


def _turn(place: int, way: list[nodes.Node]) -> nodes.Node:
    return nodes.If(_is(_of("way"), place), way, [], [])


def _output(words: nodes.Expr) -> nodes.Output:
    return nodes.Output([nodes.MarkSafe(words)])


def _silent(method: str, arguments: list[nodes.Expr]) -> nodes.Node:
    return nodes.ExprStmt(_call(method, arguments))


def _is(value: nodes.Expr, place: int) -> nodes.Expr:
    return nodes.Compare(value, [nodes.Operand("eq", nodes.Const(place))])


def _of(attribute: str) -> nodes.Expr:
    return nodes.Getattr(nodes.Name("scribe", "load"), attribute, "load")


def _call(method: str, arguments: list[nodes.Expr]) -> nodes.Call:
    return nodes.Call(_of(method), arguments, [], None, None)
