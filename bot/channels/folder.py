"""Write each edition into a folder: a desk's archive, or what another program picks up."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from bot.channels import (
    EVERY_KIND,
    AfterSilence,
    Delivery,
    HandOver,
    Load,
    Receipt,
    Refused,
    RetryLater,
    Sent,
    one_target,
)
from bot.edition import NOTE
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace


@dataclass(frozen=True)
class FolderChannel:
    """One file a text, named by its session; writing it twice changes nothing.

    A note is ``2025-04-09.md``, its revision ``2025-04-09-revision.md``. Readers of the folder
    never see half a file: each appears whole, by a rename, after it has reached the disk.
    """

    folder: Path
    wants: tuple[str, ...] = ("blog.md",)
    name: str = "folder"
    carries: frozenset[str] = EVERY_KIND
    keeps_archive: bool = True
    after_silence: AfterSilence = AfterSilence.RESEND
    pace: Pace = field(default_factory=Pace)
    load: Load = field(default_factory=Load)

    def __post_init__(self) -> None:
        suffixes = [PurePath(name).suffix for name in self.wants]
        if len(set(suffixes)) != len(suffixes) or "" in suffixes:
            raise ValueError(
                f"the folder's texts are {', '.join(self.wants)}, and their files would have the "
                "same name; choose texts with endings of their own"
            )

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the folder itself."""
        return one_target("folder")

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Write the texts, or say why the folder would not take them."""
        missing = [name for name in self.wants if name not in delivery.texts]
        if missing:
            return Refused(f"the edition has no {', '.join(missing)}", our_fault=True)
        try:
            written = await asyncio.to_thread(self._write, delivery)
        except OSError as error:
            return RetryLater(
                f"cannot write to the folder: {error.strerror}", code=error_name(error)
            )
        return Sent(", ".join(path.name for path in written))

    def _write(self, delivery: Delivery) -> list[Path]:
        self.folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in self.wants:
            path = self.folder / file_name(delivery, name)
            if not path.is_file() or path.read_bytes() != delivery.texts[name]:
                write_durably(path, delivery.texts[name])
            written.append(path)
        return written


def file_name(delivery: Delivery, text_name: str) -> str:
    """Return what a text is called on disk, such as ``2025-04-09.md``."""
    kind = "" if delivery.edition == NOTE else f"-{delivery.edition}"
    return f"{delivery.session.isoformat()}{kind}{PurePath(text_name).suffix}"


def error_name(error: OSError) -> str:
    """Return the system's short name of an error, such as ``ENOSPC``."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)[:20]


def write_durably(path: Path, body: bytes) -> None:
    """Put a file in place so that it is there whole or not at all, even after a power cut.

    The unfinished file bears the process's number: two writers do not disturb each other.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
