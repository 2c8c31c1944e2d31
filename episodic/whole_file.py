"""Files that are there whole or not at all: written beside their place, then renamed into it.

Meanwhile a draft is locked, so that whoever writes the same file next can tell what a killed process left
from what another is still at, and removes the former.
"""

import errno
import fcntl
import glob
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_USUAL_MODE: Final = 0o666  # what the user's mask takes from
# Characters of a file's name that its draft's has: names have 255 bytes, a character four.
_NAMED: Final = 50


@contextmanager
def draft_of(file: Path) -> Generator[Path]:
    """Make a file under another name; at the end of the block it gets its own.

    Whoever looks for the file finds all of it or nothing, also when several processes make it at the same
    instant or one of them dies. It and the folders that are made for it belong to the user alone.

    Raises
    ------
    FileExistsError
        When the file is there, at the start or at the end: it is never replaced.
    OSError
        When it cannot be made.
    """
    if file.exists():
        raise FileExistsError(file)
    for folder in (f for f in reversed(file.parents) if not f.exists()):
        folder.mkdir(mode=0o700, exist_ok=True)
    with _beside(file) as (_, draft):
        yield draft
        sync(draft)
        _name(draft, file)
        sync(file.parent)


def _name(draft: Path, file: Path) -> None:
    try:
        file.hardlink_to(draft)  # unlike a renaming, this fails when the file is there
    except FileExistsError:
        raise
    except OSError:
        # Memory sticks (FAT, exFAT) and some network folders have no links: take the name, then rename.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(file)


@contextmanager
def replacing(file: Path, *, mode: int = _USUAL_MODE) -> Generator[Path]:
    """Give a path to write to; at the end of the block, what is there takes the file's place.

    Until then, and when the block raises, the file is as it was. What is no regular file, such as a pipe or
    ``/dev/stdout``, is itself written to.

    Parameters
    ----------
    file
        A link is followed: what it leads to is replaced.
    mode
        Permissions of a new file, less the user's mask; a file that is there keeps its own.

    Raises
    ------
    OSError
        When it cannot be written, with the file's name.
    """
    target = file.resolve()
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(file))
        yield target
        return
    with _beside(target) as (handle, draft):
        os.fchmod(handle, target.stat().st_mode if target.exists() else mode & ~_mask())
        yield draft
        sync(draft)
        draft.replace(target)
        sync(target.parent)


@contextmanager
def _beside(file: Path) -> Generator[tuple[int, Path]]:
    """Make a draft with mode 0600, and hold it; what is left of it at the end goes."""
    prefix = f".{file.name[:_NAMED]}.unfinished-"
    _sweep(file.parent, prefix)
    while True:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=prefix)
        _hold(handle)  # who sweeps may hold it just now, to remove it in an instant
        if os.fstat(handle).st_nlink:
            break
        os.close(handle)  # somebody swept it before it was held
    draft = Path(name)
    try:
        yield handle, draft
    finally:
        draft.unlink(missing_ok=True)
        os.close(handle)


def _sweep(folder: Path, prefix: str) -> None:
    """Remove the drafts that nobody holds, with what a database has beside itself."""
    for draft in folder.glob(f"{glob.escape(prefix)}{'[a-z0-9_]' * 8}"):
        with suppress(OSError):
            handle = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _hold(handle, fcntl.LOCK_NB):
                    for beside in ("-journal", "-wal", "-shm", ""):
                        draft.with_name(draft.name + beside).unlink(missing_ok=True)
            finally:
                os.close(handle)


def _hold(handle: int, wait: int = 0) -> bool:
    """Lock a draft until it is closed; whether that is possible, which some network folders know not of."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | wait)
    except OSError:
        return False
    return True


def sync(place: Path) -> None:
    """Have a file or a folder on the disk and not only on its way there, as far as the system can."""
    try:
        handle = os.open(place, os.O_RDONLY)
    except OSError:
        return  # a folder that may be written and not read
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network folders know of no such thing
    finally:
        os.close(handle)


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
