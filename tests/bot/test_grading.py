"""Published claims are marked once, by closes that are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analysis.market import Market
from analysis.record import score_of
from bot.edition import NOTE, Claim, Edition
from bot.grading import grade_due, live_claims
from bot.ledger import Ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.record import graded_claims
from tests.bot.conftest import AFTER_THE_CLOSE
from tests.markets import index_market

CLOSES = [100.0, 100.0, 102.0, 103.0, 101.0, 104.0, 105.0, 106.0]
"""A rise of 2 % on 20 November 2025, its half given back on the second session after."""


@pytest.fixture
def market() -> Market:
    """Return eight sessions from 18 November 2025."""
    return index_market(CLOSES, first="2025-11-18")


def note(edition: Edition, probability: float = 0.46) -> Edition:
    """Return the note of 20 November with its claims on what follows."""
    claim = edition.claims[0]
    made = (
        replace(claim, probability=probability, resolves_on=date(2025, 11, 27)),
        Claim(
            key="next_sign",
            words="The S&P 500 closes lower in the next session",
            probability=0.49,
            base_rate=0.49,
            interval=(0.45, 0.53),
            n=505,
            horizon_sessions=1,
            resolves_on=date(2025, 11, 21),
        ),
    )
    return replace(edition, session=date(2025, 11, 20), claims=made)


async def publish(ledger: Ledger, edition: Edition) -> None:
    """Put a note into the ledger."""
    async with ledger.write() as tx:
        await freeze(tx, edition, Terms(NOTE), AFTER_THE_CLOSE)


async def test_a_due_claim_is_graded_by_the_closes_that_followed(
    ledger: Ledger, edition: Edition, market: Market
) -> None:
    await publish(ledger, note(edition))

    assert await grade_due(ledger, market, AFTER_THE_CLOSE) == 2
    async with ledger.read() as tx:
        found = {row.claim.key: grade for row, grade in await graded_claims(tx)}
    assert found["half_back_5"].came_true
    assert found["half_back_5"].brier == pytest.approx(0.54**2)
    assert found["half_back_5"].log_loss == pytest.approx(0.776529, abs=1e-5)
    assert not found["next_sign"].came_true
    assert found["next_sign"].evidence == "^GSPC closed at 102.00 on 2025-11-20, then at 103.00"


async def test_a_claim_waits_for_its_last_close(
    ledger: Ledger, edition: Edition, market: Market
) -> None:
    await publish(ledger, note(edition))

    assert await grade_due(ledger, market.until(market.sessions[5]), AFTER_THE_CLOSE) == 1
    claims = await live_claims(ledger)
    assert claims.set_index("key")["outcome"].isna().to_dict() == {
        "next_sign": False,
        "half_back_5": True,
    }


async def test_a_claim_is_graded_once(ledger: Ledger, edition: Edition, market: Market) -> None:
    await publish(ledger, note(edition))
    await grade_due(ledger, market, AFTER_THE_CLOSE)

    assert await grade_due(ledger, market, AFTER_THE_CLOSE) == 0


async def test_a_simulated_market_grades_nothing(
    ledger: Ledger, edition: Edition, market: Market
) -> None:
    await publish(ledger, note(edition))

    assert await grade_due(ledger, replace(market, simulated=True), AFTER_THE_CLOSE) == 0


async def test_a_claim_nobody_makes_any_more_stays_ungraded(
    ledger: Ledger, edition: Edition, market: Market
) -> None:
    old = replace(edition.claims[0], key="month_end_drift", resolves_on=date(2025, 11, 21))
    await publish(ledger, replace(note(edition), claims=(old,)))

    assert await grade_due(ledger, market, AFTER_THE_CLOSE) == 0


async def test_the_live_record_is_scored_like_any_other(
    ledger: Ledger, edition: Edition, market: Market
) -> None:
    await publish(ledger, note(edition, probability=0.6))
    await grade_due(ledger, market, AFTER_THE_CLOSE)

    score = score_of("half_back_5", await live_claims(ledger))
    assert score is not None
    assert (score.n, score.pending) == (1, 0)
    assert score.brier == pytest.approx(0.16)
    assert score.base_rate_brier == pytest.approx(0.54**2)
