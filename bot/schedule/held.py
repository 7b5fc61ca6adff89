"""What an operator may do with a note that is held: let it go out all the same, or give it up."""

from __future__ import annotations

from datetime import date

from bot.errors import DeskError
from bot.ledger.runs import Job, RunEnd, RunState, find_run
from bot.schedule.due import PUBLISH, Due
from bot.schedule.runner import Runner


async def release(runner: Runner, session: date) -> RunEnd:
    """Publish a held note over its objections, because an operator has looked at it.

    It is written anew first. What cannot go out at all, such as a session without prices,
    stays held.

    Raises
    ------
    DeskError
        If the session's note is not held.
    """
    await _check_held(runner, session)
    due = Due(Job(session, PUBLISH))
    end = await runner.perform(due, by_hand=True, over_objections=True)
    return end or RunEnd(RunState.WAITING, "another process is writing it now")


async def drop(runner: Runner, session: date) -> None:
    """Give a held note up for good, because an operator says so.

    Raises
    ------
    DeskError
        If the session's note is not held.
    """
    await _check_held(runner, session)
    if not await runner.give_up(Job(session, PUBLISH), "dropped by hand"):
        raise DeskError(f"another process is writing the note of {session} now; try again")


async def _check_held(runner: Runner, session: date) -> None:
    async with runner.ledger.read() as tx:
        run = await find_run(tx, Job(session, PUBLISH))
    if run is None or run.state is not RunState.WAITING:
        state = "has not been tried yet" if run is None else f"is {run.state.value}"
        raise DeskError(
            f"the note of {session} is not held, it {state}; `undertow held` lists what is"
        )
