"""Commit a post's own files and nothing else.

The repository is the operator's, but what it holds may come from others. So git runs with a bare
environment (the desk's passwords are not in it), without hooks, file-system monitors, signing or
prompts, and takes paths literally.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from bot.blogs.faults import BlogError

SECONDS = 60.0
TAME = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "core.editor=true",
    "gc.auto=0",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
)
NAMELESS = ("user.name=Undertow", "user.email=undertow@localhost")
"""Who commits where the operator has told git no name."""


async def commit(root: Path, paths: Sequence[Path], words: str, *, push: bool = False) -> None:
    """Commit these files as they are, if they have changed; push only if told to.

    What else is staged stays staged.

    Raises
    ------
    BlogError
        With git's own words.
    """
    names = [path.relative_to(root).as_posix() for path in paths]
    known = [name for name in names if await _is_known(root, name)]
    if known and await _run(root, "status", "--porcelain", "--untracked-files=all", "--", *known):
        await _run(root, "add", "--", *known)
        who = () if await _has_name(root) else NAMELESS
        await _run(root, "commit", "--quiet", "-m", words, "--only", "--", *known, settings=who)
    if push:
        await _run(root, "push", "--quiet", "--no-verify", "--no-recurse-submodules")


async def check(root: Path) -> str:
    """Return the branch that commits go to.

    Raises
    ------
    BlogError
        If this is no repository, or git is not installed.
    """
    return (await _run(root, "symbolic-ref", "--short", "HEAD")).strip()


async def _is_known(root: Path, name: str) -> bool:
    # A file that was removed before it was ever committed is nothing to git.
    if (root / name).exists():
        return True
    return bool(await _run(root, "ls-files", "--", name))


async def _has_name(root: Path) -> bool:
    try:
        return bool(await _run(root, "config", "user.email"))
    except BlogError:
        return False


async def _run(root: Path, *arguments: str, settings: Sequence[str] = ()) -> str:
    program = shutil.which("git")
    if program is None:
        raise BlogError("git is not installed; install it, or empty UNDERTOW_BLOG_GIT", "git")
    options = [part for setting in (*TAME, *settings) for part in ("-c", setting)]
    process = await asyncio.create_subprocess_exec(
        program,
        "--literal-pathspecs",
        *options,
        *arguments,
        cwd=root,
        env={
            "HOME": str(Path.home()),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise BlogError(f"git {arguments[0]} took too long", "git") from error
    if process.returncode != 0:
        lines = complained.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise BlogError(f"git {arguments[0]}: {lines[0][:200]}", "git")
    return said.decode("utf-8", "replace")
