"""The week's digest as a post: its title, its lead, who had to trade and what the odds came to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.channels import Delivery
from bot.discord.ids import SHOW, Mark
from bot.discord.posts import DOWN, NEITHER, SIMULATED, SUMMARY_LIMIT, UP, Post, fitted
from bot.discord.published import UnreadableNoteError
from bot.discord.wording import cut_at_sentence, plain
from templates.words import direction

TEXT = "note.json"
FOOTER = "Sums of our daily notes, as they were published; commentary, not advice."
LEAD, SKIPPED = "_weekly_lead.", "_weekly_lead.title"
LISTED = ("_weekly_forced.", "_weekly_odds.due")
"""Sentences that stand below the lead, by how their ids begin."""


def weekly_post(delivery: Delivery, role_id: int | None = None) -> Post:
    """Return the post of a digest.

    Raises
    ------
    UnreadableNoteError
        If the frozen text holds no digest.
    """
    try:
        body = json.loads(delivery.texts[TEXT])
        return _post(delivery, body["week"], body["note"], role_id)
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableNoteError(
            f"the digest's JSON cannot be read ({type(error).__name__}: {error}); "
            "expected the week and note objects"
        ) from error


def _post(
    delivery: Delivery, week: Mapping[str, Any], note: Mapping[str, Any], role_id: int | None
) -> Post:
    told = [(one["id"], plain(one["text"].removeprefix("- "))) for one in note["sentences"]]
    lead = [
        text
        for id_, text in told
        if id_.startswith("_weekly_lead.") and not id_.startswith(SKIPPED)
    ]
    lines = tuple(
        f"• {text}" for id_, text in told if id_.startswith(LISTED) and ".heading" not in id_
    )
    return fitted(
        Post(
            # Without a button the post could not be found again.
            mark=Mark("post", delivery.session, delivery.edition),
            headline=plain(note["title"]),
            dateline=plain(note["dateline"]),
            summary=cut_at_sentence(" ".join(lead), SUMMARY_LIMIT),
            drivers=lines,
            bar_drivers=lines,
            notice=SIMULATED if week["demo"] else "",
            footer=FOOTER,
            accent={"up": UP, "down": DOWN, "flat": NEITHER}[direction(week["index_return"])],
            buttons=((SHOW, "Last note"),),
            role_id=role_id,
        )
    )
