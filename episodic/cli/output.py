"""What commands print: lines and tables for people, JSON for machines, and complaints on stderr."""

import sys
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from episodic.canonical.errors import EpisodicError
from episodic.observability.terminal import shown, shown_json, tell


class OutputError(EpisodicError):
    """What a command makes cannot be written where it should go."""


@contextmanager
def printed_to(file: Path | None) -> Generator[None]:
    """Put into a file, in UTF-8, what the block prints, once it has printed all; ``None``: just print it.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    if file is None:
        yield
        return
    from episodic.whole_file import replacing

    printed = BytesIO()
    with TextIOWrapper(printed, encoding="utf-8", newline="\n") as text, redirect_stdout(text):
        yield
        text.flush()
        try:
            with replacing(file) as draft:
                draft.write_bytes(printed.getvalue())
        except OSError as error:
            raise OutputError(f"{file}: {error.strerror}; name a file that can be written") from error


def say(line: str = "") -> None:
    """Print one line, whatever is in the names and texts that it quotes."""
    print(shown(line))


def complain(line: str) -> None:
    """Print one line on stderr about what is wrong or odd."""
    tell(f"episodic: {shown(line)}", "WARNING")


def print_bytes(text: bytes) -> None:
    """Print a text in UTF-8 as it is, to the byte; on a terminal without what that would obey."""
    if sys.stdout.isatty():
        sys.stdout.writelines(f"{shown(line)}\n" for line in text.decode().splitlines())
    else:
        sys.stdout.buffer.write(text)


def print_json(value: object) -> None:
    """One JSON document in UTF-8, whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json_text(value))


def print_json_line(value: object) -> None:
    """One JSON document on a line of its own, at once."""
    print(shown_json(_in_json(value)), flush=True)


def json_text(value: object) -> bytes:
    """Write one JSON document in UTF-8; dataclasses, dates and UUIDs included."""
    import msgspec

    return f"{shown_json(msgspec.json.format(_in_json(value), indent=2))}\n".encode()


def _in_json(value: object) -> str:
    import msgspec

    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # the name of a file may be any bytes
        import json

        text = json.dumps(
            msgspec.to_builtins(value, str_keys=True), ensure_ascii=False, separators=(",", ":")
        )
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), none: str = ""
) -> None:
    """Columns that fit the terminal, whatever the script; the columns in `right` are numbers.

    Where there are no rows, `none` is said instead.

    In a pipe nothing is cut or folded. A terminal folds the last column; where that is not enough, each row
    is a block of lines.
    """
    if none and not rows:
        say(none)
        return
    sys.stdout.write(drawn_table(columns, rows, right=right, width=width_of(sys.stdout)))


def width_of(stream: TextIO) -> int | None:
    """The width to draw tables in: a terminal's own, ``None``, or one without end."""
    return None if stream.isatty() else _ENDLESS


def drawn_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[str] = (),
    width: int | None = None,
) -> str:
    """Draw a table; `width` is a number of cells, ``None`` that of the terminal."""
    rows = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(_cells, column)) for column in zip(columns, *rows, strict=True)]
    if width == _ENDLESS:
        return _aligned(columns, rows, right, widths)
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, emoji=False, width=width)
    if sum(widths[:-1]) + min(widths[-1], _LAST) + _GAP * (len(widths) - 1) <= console.width:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for number, column in enumerate(columns, 1):
            justify = "right" if column in right else "left"
            table.add_column(column, justify=justify, overflow="fold", no_wrap=number < len(columns))
        for row in rows:
            table.add_row(*map(Text, row))
    else:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for number, row in enumerate(rows):
            if number:
                table.add_row()
            for column, cell in zip(columns, row, strict=True):
                if cell:
                    table.add_row(column, Text(cell))
    with console.capture() as printed:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in printed.get().splitlines())


_ENDLESS: Final = 1_000_000  # the width of a pipe
_RULE: Final = 100  # cells under the head, however long a line is, in a pipe
_GAP: Final = 3  # cells between two columns
_LAST: Final = 16  # cells that the last column needs, whose words may be broken


def _cells(text: str) -> int:
    """How wide a text is on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # its tables of all scripts are of no use to most

    return cell_len(text)


def _aligned(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str], widths: Sequence[int]
) -> str:
    """Draw a table in which nothing is folded as rich does, whose tables and consoles take long to load."""

    def line(cells: Sequence[str]) -> str:
        padded: list[str] = []
        for column, cell, width in zip(columns, cells, widths, strict=True):
            space = " " * (width - _cells(cell))
            padded.append(f"{space}{cell}" if column in right else f"{cell}{space}")
        return (" " * _GAP).join(padded).rstrip()

    rule = "─" * min(_RULE, sum(widths) + _GAP * (len(widths) - 1))
    return "".join(f"{each}\n" for each in (line(columns), rule, *map(line, rows)))


def _plain(cell: str) -> str:
    """Escape what a terminal would take for a command.

    Text that runs from right to left is isolated, or it would reorder the cells beside it.
    """
    text = shown(cell)
    if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text):
        text = f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text


def day_and_time(moment: datetime) -> str:
    """To the second, in local time."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def plural(count: int, noun: str) -> str:
    """``1 word``, ``2 words``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
