"""Try again what may pass, after pauses that grow and are never quite the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stamina


def tries(
    worth: Callable[[Exception], bool | float],
    *,
    attempts: int | None,
    patience_seconds: float,
    first_wait_seconds: float,
    longest_wait_seconds: float,
) -> Iterator[stamina.Attempt]:
    """Return the tries that something is worth: ``for attempt in tries(…): with attempt: …``.

    Parameters
    ----------
    worth
        Says of an error whether to try again, or after how many seconds.
    attempts
        Tries at most; without a number as many as the patience allows.
    patience_seconds
        After this long the last error is raised.
    first_wait_seconds, longest_wait_seconds
        The pause after the first error, and the longest; chance adds up to the first.
    """
    # It takes a while to import, and most things go well the first time.
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    # Retries are told by the run's own log, never on a terminal that a note is printed to.
    set_on_retry_hooks(())
    return iter(
        stamina.retry_context(
            on=worth,
            attempts=attempts,
            timeout=patience_seconds,
            wait_initial=first_wait_seconds,
            wait_max=longest_wait_seconds,
            wait_jitter=first_wait_seconds,
        )
    )
