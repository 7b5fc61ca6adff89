"""Times as chain files state them, turned into New York dates and UTC stamps."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from analysis.options.errors import ChainError


@cache
def new_york() -> ZoneInfo:
    """Return the exchange's time zone."""
    return ZoneInfo("America/New_York")


def as_utc(moment: datetime) -> str:
    """Print a moment in UTC, to the second; a time without a zone is New York's."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=new_york())
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: object, what: str) -> datetime:
    """Read an ISO 8601 time; raise ChainError naming the field when it is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise ChainError(
            f"{what} is {text!r}; expected a time such as 2026-07-22T16:14:59"
        ) from error


def new_york_date(stamp: str) -> date:
    """Return the New York date of a UTC stamp made by `as_utc`."""
    return datetime.fromisoformat(stamp).astimezone(new_york()).date()
