"""JSON chains: recognise them cheaply, load them quickly, say where they are cut."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.options.document import Document
from analysis.options.errors import ChainError

LOOK_BYTES = 100_000


def is_json_with(content: bytes, *keys: bytes) -> bool:
    """Say whether the content opens as a JSON object and names all the keys early on."""
    start = content[:LOOK_BYTES]
    return start.lstrip()[:1] == b"{" and all(key in start for key in keys)


def load_json(document: Document) -> dict[str, Any]:
    """Parse a JSON object; raise ChainError where it is cut or something else."""
    import orjson

    try:
        answer = orjson.loads(document.content)
    except orjson.JSONDecodeError as error:
        raise ChainError(f"no complete JSON ({error}): the file was cut; fetch it again") from error
    if not isinstance(answer, dict):
        raise ChainError(f"a JSON {type(answer).__name__}; expected an object")
    return answer


Rows = list[dict[str, Any]]


def rows_of(holder: object, name: str) -> Rows:
    """Return a list of objects under a name; raise ChainError where it is something else."""
    rows = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ChainError(
            f"{name!r} is no list of contracts; the file is damaged or of another kind"
        )
    if not rows:
        raise ChainError(f"the list of {name} is empty")
    return rows


def texts(rows: Rows, name: str) -> NDArray[np.str_]:
    """Return one text field of every row; raise ChainError where a row has none."""
    values = [row.get(name) for row in rows]
    if not all(isinstance(value, str) for value in values):
        raise ChainError(f"a contract has no {name!r}; the file is damaged")
    return np.array(values, dtype="U")


def numbers(rows: Rows, name: str) -> NDArray[np.float64]:
    """Return one field of every row as floats, NaN where it is null or absent."""
    try:
        values = np.array([row.get(name) for row in rows], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ChainError(f"{name!r} of a contract is no number ({error})") from error
    if np.isinf(values).any():
        raise ChainError(f"{name!r} of a contract is infinite")
    return values


def number(value: object) -> float | None:
    """Return a price above zero, None of anything else."""
    if not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) and found > 0.0 else None
