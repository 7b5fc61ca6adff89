"""Which expiries are the standard monthly ones, and how much gamma is about to run off."""

from datetime import date, timedelta

import numpy as np

from analysis.options.chain import Chain
from analysis.options.exposure import gamma_usd_by_contract
from analysis.options.trading_days import FRIDAY, is_session

THIRD_WEEK = range(15, 22)


def is_monthly(day: date) -> bool:
    """Say whether a date is a standard monthly expiry.

    That is the third Friday of a month, or the session before where New York is
    shut that Friday.
    """
    friday = day + timedelta(FRIDAY - day.weekday())
    if friday.day not in THIRD_WEEK or day > friday:
        return False
    while not is_session(friday):
        friday -= timedelta(1)
    return day == friday


def nearest_monthly(chain: Chain) -> np.datetime64 | None:
    """Return the first standard monthly expiry of a chain, None where it has none."""
    for expiry in np.unique(chain.expiry):
        if is_monthly(expiry.astype(date)):
            return np.datetime64(expiry, "D")
    return None


def expiring_share(chain: Chain, days: int) -> float:
    """Return the share of unsigned gamma that expires within some days.

    Parameters
    ----------
    chain
        Measured at its spot.
    days
        Calendar days after the session: 1 is tomorrow's expiry, none on a Friday.

    Returns
    -------
    float
        Of all gamma times open interest [0, 1].
    """
    live = chain.select(chain.measurable)
    usd = gamma_usd_by_contract(live)
    return float(usd[live.dte <= days].sum() / usd.sum())
