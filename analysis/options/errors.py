"""The one error of this package."""


class ChainError(ValueError):
    """A chain that cannot be read or must not be used; the sentence says why."""
