"""JSON chains: recognise them cheaply, load them quickly, say where they are cut."""

from typing import Any

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
