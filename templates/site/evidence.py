"""Every sentence of a note with its rule and figures, gathered under what they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from templates.figures import percentile, reading

Explained = Mapping[str, object]

GROUP_TITLES: Mapping[str, str] = {
    "_lead": "Title and lead",
    "_contrast": "Contrasts of the day",
    "_also": "Also today",
    "_attribution": "How much was explained",
    "_absent": "What is missing",
    "_stick": "Will it stick?",
    "_checkable": "Checkable claims",
    "_settled": "How an earlier day turned out",
    "_known": "How we know",
}
"""What the groups are called that are no driver's."""

METHOD = ("formula", "inputs", "reference", "caveat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure behind a sentence, ready to print."""

    label: str
    value: str
    rank: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One sentence with the condition that chose it."""

    id: str
    text: str
    rule: str
    level: str
    """The first level it is told at."""
    facts: tuple[Fact, ...]


@dataclass(slots=True, kw_only=True)
class Group:
    """Sentences about one thing; a driver's group has its method."""

    key: str
    title: str
    method: Mapping[str, str]
    sentences: list[Told] = field(default_factory=list)


def evidence_of(levels: Mapping[str, Iterable[Explained]]) -> list[Group]:
    """Gather the sentences of all levels, each once, under the first level that tells it.

    A sentence that another level tells in other words keeps the words of the first.
    """
    groups: dict[str, Group] = {}
    seen: set[str] = set()
    for level, sentences in levels.items():
        for one in sentences:
            if str(one["id"]) in seen:
                continue
            seen.add(str(one["id"]))
            key = group_key(str(one["id"]))
            group = groups.setdefault(key, _group(key, one))
            group.sentences.append(_told(one, level))
    return list(groups.values())


def group_key(sentence_id: str) -> str:
    """Return what a sentence speaks of: its driver, or a part of the note.

    >>> group_key("leveraged_etf.flow.buying"), group_key("_contrast_rules_disagree.both")
    ('leveraged_etf', '_contrast')
    """
    head = sentence_id.partition(".")[0]
    return "_contrast" if head.startswith("_contrast") else head


def _group(key: str, one: Explained) -> Group:
    title = GROUP_TITLES.get(key) or key.strip("_").replace("_", " ").capitalize()
    method = {name: str(one[name]) for name in METHOD if one.get(name)}
    return Group(key=key, title=title, method=method)


def _told(one: Explained, level: str) -> Told:
    figures = one["figures"]
    rows: Sequence[Explained] = figures if isinstance(figures, list) else ()
    return Told(
        id=str(one["id"]),
        text=str(one["text"]).removeprefix("- "),
        rule=str(one["rule"]),
        level=level,
        facts=tuple(_fact(row) for row in rows),
    )


def _fact(row: Explained) -> Fact:
    rank = row["percentile"]
    return Fact(
        label=str(row["label"]),
        value=reading(float(str(row["value"])), str(row["unit"])).replace("-", "\u2212"),
        rank=f"{percentile(rank)} of its year" if isinstance(rank, float) else "",
        as_of=str(row["as_of"] or ""),
        source=str(row["source"] or ""),
    )
