"""The `episodic` command: `program` is what runs; each command group has a module."""

import gc
import os
import sys
import threading
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final, Never

from episodic.canonical.exhaustion import cramped, exhausted
from episodic.cli.exits import DONE, FAILED, INTERRUPTED, USAGE, leave
from episodic.cli.output import complain
from episodic.observability.terminal import give_up

# New objects after which Python looks for garbage: what a command loads stays, and is looked through in vain.
_YOUNG: Final = 200_000
_RESERVE_BYTES: Final = 2**22  # of address space, for saying that there is no more


def program() -> Never:
    """Be the program."""
    last_word = _LastWord()
    sys.unraisablehook = last_word.unraisable
    threading.excepthook = last_word.of_a_thread
    collect_rarely()
    if says := cramped():
        complain(says)
        leave(FAILED)
    leave(main())


class _LastWord:
    """Ends the program where Python would print a traceback and go on.

    That is where a finalizer is interrupted, and where a thread ends of what ran out: whoever waits for it
    would wait for ever.
    """

    def __init__(self) -> None:
        self._reserve: bytes | None = bytes(
            _RESERVE_BYTES
        )  # whose pages, unlike a bytearray's, are not touched

    def unraisable(self, args: sys.UnraisableHookArgs) -> None:
        self._reserve = None  # first of all: there may be no memory for anything else
        if isinstance(args.exc_value, KeyboardInterrupt):
            complain("interrupted")
            os._exit(INTERRUPTED)
        if isinstance(args.exc_value, MemoryError):
            self._end_of(args.exc_value)
        sys.__unraisablehook__(args)

    def of_a_thread(self, args: threading.ExceptHookArgs) -> None:
        self._reserve = None
        if args.exc_value is not None:
            self._end_of(args.exc_value)
        threading.__excepthook__(args)

    def _end_of(self, error: BaseException) -> None:
        if says := exhausted(error):
            complain(says)
            os._exit(FAILED)


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
    try:
        from cyclopts import CycloptsError

        from episodic.cli.app import app, mistaken, prepare_help
    except KeyboardInterrupt:
        return INTERRUPTED
    except (MemoryError, ImportError, OSError) as error:
        if (says := exhausted(error)) is None:
            raise
        complain(says)
        return FAILED
    try:
        prepare_help(sys.argv[1:] if arguments is None else arguments)
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
