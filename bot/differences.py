"""Where two reports differ, figure by figure."""

from __future__ import annotations

MOST_SHOWN = 12
"""Differences shown in full; the rest is counted."""


def differences(before: object, now: object, where: str = "") -> list[str]:
    """Return where two reports differ, one line a figure: place, before, now.

    >>> differences({"score": 0.5, "slug": "a"}, {"score": 0.25, "slug": "a"})
    ['score: 0.5 became 0.25']
    """
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        inner = [
            differences(before.get(key), now.get(key), f"{where}.{key}".lstrip(".")) for key in keys
        ]
        return [line for lines in inner for line in lines]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        inner = [
            differences(one, other, f"{where}[{_label(one, place)}]")
            for place, (one, other) in enumerate(zip(before, now, strict=True))
        ]
        return [line for lines in inner for line in lines]
    return [] if before == now else [f"{where}: {before} became {now}"]


def shown(changes: list[str] | tuple[str, ...]) -> list[str]:
    """Return the first changes in full and the number of the others.

    >>> shown(["a: 1 became 2"])
    ['a: 1 became 2']
    """
    rest = len(changes) - MOST_SHOWN
    return [*changes[:MOST_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]


def _label(item: object, place: int) -> str:
    """Name a list's item by what it is called, else by its place."""
    if isinstance(item, dict):
        for key in ("slug", "key", "name"):
            if key in item:
                return str(item[key])
    return str(place)
