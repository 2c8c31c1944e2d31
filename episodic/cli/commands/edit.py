"""`episodic edit`: the canonical text in an editor, and what is changed in it as decisions.

An hour's work in the editor is not lost with the program: until it is taken, the text lies in the user's data
folder, in a folder for each episode. Beside it lies what it was, by which the next `edit` knows that somebody
changed it, and opens it again.
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import platformdirs

from episodic import settings
from episodic.canonical.domain import Episode
from episodic.canonical.exhaustion import how_it_ended
from episodic.cli.commands.apply import apply
from episodic.cli.corrected import load
from episodic.cli.exits import DONE, FAILED, UsageError
from episodic.cli.exports import unchanged
from episodic.cli.interrupts import handled
from episodic.cli.options import By, DryRun, EpisodeName
from episodic.cli.output import OutputError, complain, say
from episodic.cli.store import read_revision
from episodic.whole_file import replacing

_PRIVATE: Final = 0o600


def edit(episode: EpisodeName, /, *, by: By = None, dry_run: DryRun = False) -> int:
    """Open the canonical text in $EDITOR, and decide what was changed in it."""
    editor = _editor()
    found, newest, _ = read_revision(episode, None)
    with _held(found) as folder:
        named = folder / f"{episode.replace('/', '-')}.md"
        # What was kept has the name that the episode had then.
        file, before = next(folder.glob("[!.]*.md"), named), folder / "as-it-was"
        if _is_changed(file, before):
            complain(f"what was edited before is opened again; to begin anew, remove {file}")
        else:
            text = next(unchanged(named.name, found, newest, settings.load()))
            try:
                file.unlink(missing_ok=True)
                file = named
                for each in (before, file):
                    with replacing(each, mode=_PRIVATE) as draft:
                        draft.write_bytes(text)
            except OSError as error:
                raise _unusable(folder, error) from error
        taken = False
        try:
            code = _call(editor, file)
            if code == DONE and load(str(file)) and not _is_changed(file, before):
                say("nothing was changed")
            elif code == DONE:
                code = apply(episode, str(file), by=by, dry_run=dry_run)
                taken = code == DONE and not dry_run
            return code
        finally:
            if taken or not _is_changed(file, before):
                shutil.rmtree(folder)
            else:
                complain(f"the edited text is kept; to take it: episodic apply {episode} {file}")


def _editor() -> list[str]:
    """The editor's command, as the environment names it."""
    given = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise UsageError(f"$EDITOR is {given}, which is no command: {str(error).lower()}") from error
    if not words:
        raise UsageError("name your editor in the environment: EDITOR=nano episodic edit …")
    return words


@contextmanager
def _held(found: Episode) -> Generator[Path]:
    """Give an episode's folder, which nobody else edits in meanwhile."""
    folder = platformdirs.user_data_path("episodic", appauthor=False) / "edits" / str(found.id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        if _is_held(handle):
            raise UsageError(f"{found.name} is being edited already; end that first")
        yield folder
    finally:
        os.close(handle)


def _unusable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"{folder}: {error.strerror}; the text to be edited needs this folder")


def _is_held(folder: int) -> bool:
    """Whether somebody else has a folder; where nobody does, it is ours until it is closed."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass  # some network folders know of no such thing
    return False


def _call(editor: Sequence[str], file: Path) -> int:
    """Have a file edited; return how that went, and say if it went wrong."""
    try:
        # Ctrl-C and what else a terminal sends need not mean the end in the editor, which has it as well.
        # Unlike a handler, what is ignored here would be ignored by the editor too.
        with handled(_heed_nothing, signal.SIGINT, signal.SIGQUIT):
            code = subprocess.run([*editor, str(file)], check=False).returncode  # noqa: S603  # the user named it
    except OSError as error:
        raise UsageError(f"{editor[0]} cannot be started: {error.strerror}; see $EDITOR") from error
    if code == -signal.SIGINT:
        raise KeyboardInterrupt
    if code:
        complain(f"{editor[0]} {how_it_ended(code)}; nothing was done")
        return FAILED
    return DONE


def _heed_nothing(_number: int, _frame: object) -> None:
    pass


def _is_changed(file: Path, before: Path) -> bool:
    """Whether a text is not as it was; one that an editor's window saved later has nothing beside it."""
    return file.is_file() and not (before.is_file() and file.read_bytes() == before.read_bytes())
