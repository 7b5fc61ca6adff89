"""What a blog cannot do, in words that say what to change, and the receipt it makes."""

from __future__ import annotations

from datetime import timedelta

from bot.channels import Receipt, Refused, RetryLater


class BlogError(Exception):
    """A blog would not take something.

    ``permanent`` says that trying again changes nothing until a person has; ``after`` is how
    long the blog asks us to wait.
    """

    def __init__(
        self,
        reason: str,
        code: str | None = None,
        *,
        permanent: bool = False,
        after: timedelta | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.permanent = permanent
        self.after = after


def receipt_of(error: BlogError) -> Receipt:
    """Return what a blog's refusal means for a delivery.

    A post is found again by its slug, so whatever broke on the way may simply be tried again.
    """
    if error.permanent:
        return Refused(error.reason, error.code, our_fault=True)
    return RetryLater(error.reason, error.code, error.after)
