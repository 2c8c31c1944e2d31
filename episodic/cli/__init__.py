"""The `episodic` command: `program` is what runs; each command group has a module."""

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final, Never

from episodic.cli.exits import DONE, FAILED, INTERRUPTED, USAGE, leave
from episodic.cli.interrupts import all_is_said, hear, raised
from episodic.observability.terminal import give_up

# New objects after which Python looks for garbage: what a command loads stays, and is looked through in vain.
_YOUNG: Final = 200_000


def program() -> Never:
    """Be the program."""
    hear()  # before anything that takes long to load
    from episodic.canonical.exhaustion import cramped
    from episodic.cli.last_word import LastWord
    from episodic.cli.output import complain

    LastWord().is_said()
    collect_rarely()
    if says := cramped():
        complain(says)
        leave(FAILED)
    code = main()
    all_is_said(code)
    leave(code)


def collect_rarely() -> None:
    """Look for garbage when there may be much: looking takes a quarter of an episode's time."""
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    _open_streams()
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            give_up(stream)  # whoever reads it no more is not told; the exit code stands
    return code


def _run(arguments: Sequence[str] | None) -> int:
    from episodic.canonical.exhaustion import exhausted
    from episodic.cli.output import complain

    try:
        from cyclopts import CycloptsError

        from episodic.cli.app import app, prepare_help
        from episodic.cli.wording import mistaken
    except (MemoryError, ImportError, OSError) as error:
        if (says := exhausted(error)) is None:
            raise
        complain(says)
        return FAILED
    try:
        prepare_help(sys.argv[1:] if arguments is None else arguments)
        with raised():
            code = app.meta(arguments, exit_on_error=False, print_error=False)
            sys.stdout.flush()
    except CycloptsError as error:
        complain(mistaken(error))
        return USAGE
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        give_up(sys.stdout)  # the reader of our output has gone
        return FAILED
    except OSError as error:  # sources and databases have errors of their own: this is our output
        give_up(sys.stdout)
        complain(f"cannot write the output: {error.strerror or error}")
        return FAILED
    except Exception as error:
        # A command's module loads before the command runs, which says such things itself.
        if (says := exhausted(error)) is None:
            raise
        complain(says)
        return FAILED
    return code or DONE


def _open_streams() -> None:
    """Have streams that can be used, whatever was closed and whatever the locale cannot spell."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # for good
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
