"""A record of claims as pages and the API tell it, without a market to ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.site.shelf import NO_RECORD, Json

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market


def record_of_claims(claims: pd.DataFrame) -> Json:
    """Score published claims; base rates and short interest need a market and are left out.

    Parameters
    ----------
    claims : shape (n_claims, 9)
        In the shape of `bot.grading.live_claims`.
    """
    from analysis.contract import rounded
    from analysis.record import score_of
    from bot.recording import score_body

    found = [score_of(key, claims) for key in sorted(set(claims["key"]))]
    scores = [score_body(score) for score in found if score is not None]
    first, last = claims["session"].min(), claims["session"].max()
    told = {"first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}", "scores": scores}
    return {**NO_RECORD, **{key: rounded(value) for key, value in told.items()}}


def hindsight_record(market: Market) -> Json:
    """Return what today's method would have scored on every evening of a market."""
    from bot.recording import hindsight_of, record_json

    body: Json = json.loads(record_json(hindsight_of(market), demo=market.simulated))
    return body
