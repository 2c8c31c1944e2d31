"""A temporary folder that goes with the program, however that ends."""

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from episodic.cli.output import OutputError

# Makes the folder and names it; once nobody can write to it any more, removes it. No signal to a group of
# processes ends it first.
_KEEPER: Final = """\
trap "" HUP INT TERM PIPE
PATH=$PATH:/usr/bin:/bin
umask 077
folder=$(mktemp -d "$0/episodic-XXXXXXXX") || exit
printf %s "$folder"
exec >/dev/null
cat
rm -rf "$folder"
"""


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Make a folder, and have it removed at the end of the block, or of this process if that is killed.

    Raises
    ------
    OutputError
        When it cannot be made.
    """
    try:
        place = tempfile.gettempdir()
        keeper = subprocess.Popen(  # noqa: S603  # our own script
            ["/bin/sh", "-c", _KEEPER, place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:  # of which only the shell's names a file
        why = f"{error.filename} cannot be started: {error.strerror}" if error.filename else error.strerror
        raise OutputError(f"no temporary folder can be made: {why}; TMPDIR names where to make it") from error
    with keeper:
        assert keeper.stdout is not None
        if not (made := keeper.stdout.read()):
            raise OutputError(f"no folder can be made in {place}; name another one in TMPDIR")
        yield Path(os.fsdecode(made))
