"""Files that are there whole or not at all: written beside their place, then renamed into it."""

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_USUAL_MODE = 0o666  # what the user's mask takes from


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
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        sync(draft)
        _name(draft, file)
        sync(file.parent)
    finally:
        draft.unlink(missing_ok=True)


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
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:200]}.")
    draft = Path(name)
    try:
        os.fchmod(handle, target.stat().st_mode if target.exists() else mode & ~_mask())
        os.close(handle)
        yield draft
        sync(draft)
        draft.replace(target)
        sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


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
