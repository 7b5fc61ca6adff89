"""How phrase files become sentences: one tag, ``say``, and three rules.

A phrase file is a list of sentences, each in a ``say`` block::

    {% say "flow.tiny" when point.strength == "negligible" %}
    Leveraged funds had little to do.
    {% say_or %}
    The leveraged funds hardly had to trade.
    {% endsay %}

1. What stands before the first dot of the name is its *slot*. Of each slot the first
   sentence whose condition holds is said; the rest stay silent.
2. ``say_or`` parts other ways of saying the same thing, and ``[this||that]`` the choice of a
   clause; the session decides which (see `templates.wording`).
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

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from templates.compiled import compiled_templates
from templates.facts import Figure, Trace
from templates.figures import FILTERS
from templates.say_tag import BEGIN, END, SayTag
from templates.wording import wording

_BETWEEN = re.compile(f"{BEGIN}([^{END}]*){END}")


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
    way: int = 0
    """Which way of the sentence being written is taken."""
    clauses: tuple[int, ...] = ()
    """Which clause of each of its choices."""
    sentences: list[Sentence] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)

    def open(self, name: str) -> bool:
        """Say whether a sentence's slot is still silent, and start its trace."""
        self.trace.restart()
        return name.endswith("*") or _slot(name) not in self.spoken

    def settle(self, name: str, shape: tuple[tuple[int, ...], ...]) -> None:
        """Settle which of its wordings a sentence takes."""
        self.way, self.clauses = wording(f"{self.stem}.{name}", self.turn, shape)

    def close(self, name: str, rule: str) -> str:
        """Enter a sentence whose words have just been set, and mark their end."""
        self.spoken.add(_slot(name))
        facts = tuple(self.trace.touched.items())
        self.sentences.append(Sentence(f"{self.stem}.{self._id(name)}", "", rule, facts))
        return END

    def read(self, output: str) -> list[Paragraph]:
        """Part what was set into paragraphs of sentences."""
        texts = [" ".join(words.split()) for words in _BETWEEN.findall(output)]
        whole = iter(
            replace(one, text=text) for one, text in zip(self.sentences, texts, strict=True)
        )
        paragraphs = []
        for line in _BETWEEN.sub(END, output).split("\n"):
            if line.replace(END, "").strip():
                raise ValueError(
                    f"phrases/{self.stem}.md.j2 holds {line!r} outside a say block; "
                    'wrap it in {% say "name" %} … {% endsay %}'
                )
            if END in line:
                paragraphs.append(Paragraph(tuple(islice(whole, line.count(END)))))
        return paragraphs

    def _id(self, name: str) -> str:
        """Return a sentence's own name, numbered where it stands in a list."""
        if not name.endswith("*"):
            return name
        stem = name.removesuffix("*")
        earlier = sum(s.id.startswith(f"{self.stem}.{stem}.") for s in self.sentences)
        return f"{stem}.{earlier + 1}"


def write(stem: str, context: Mapping[str, object], turn: int, trace: Trace) -> list[Paragraph]:
    """Return what ``phrases/<stem>.md.j2`` says of a context, paragraph by paragraph.

    Raises
    ------
    ValueError
        If the file holds words outside a ``say`` block: they would have no id.
    """
    scribe = Scribe(_label(stem), turn, trace)
    return scribe.read(_template(stem).render(context, scribe=scribe))


@cache
def contrast_stems() -> tuple[str, ...]:
    """Return the contrast rules, weightiest first: one phrase file each, in file order."""
    found = (name for name in _names() if name.startswith("phrases/contrasts/"))
    return tuple(sorted(one.removeprefix("phrases/").removesuffix(".md.j2") for one in found))


def has_phrases(stem: str) -> bool:
    """Say whether a phrase file of that name exists."""
    return f"phrases/{stem}.md.j2" in _names()


def _slot(name: str) -> str:
    return name.partition(".")[0]


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
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    return environment


def _label(stem: str) -> str:
    """Name a phrase file in ids; a contrast goes by its name without its place in the order."""
    return re.sub(r"^contrasts/\d+_", "_contrast_", stem)


@cache
def _names() -> frozenset[str]:
    return frozenset(_environment().list_templates())


def _template(stem: str) -> Template:
    return _environment().get_template(f"phrases/{stem}.md.j2")
