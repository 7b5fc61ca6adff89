"""The one error of this package."""

from typing import ClassVar


class ChainError(ValueError):
    """A chain that cannot be read or must not be used; the sentence says why."""

    exit_code: ClassVar[int] = 1
