"""How far a run is and what it is doing now, told by its tasks: a bar on a terminal, lines in a pipe."""

import sys
import threading
import time
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome, parse_task_name
from episodic.observability.terminal import Stderr, shown, tell

if TYPE_CHECKING:  # rich loads when there is a terminal to draw on
    from rich.console import RenderableType

# The rate is that of the last so many tasks: a run that goes on where another ended begins with fast ones.
_WINDOW: Final = 50
_SHOWN: Final = 4  # of what runs now


class _Running(NamedTuple):
    what: str
    run: str | None
    since: float


class Progress(TaskObserver):
    """Shows the progress of a run on stderr, from entering its block to leaving it.

    A terminal gets a bar and what runs now, drawn anew eight times a second, below whatever else is
    printed meanwhile. Anything else gets a line now and then, and none when the run is short.

    Parameters
    ----------
    operation
        The ``operation_name`` of the tasks that are counted; what else runs is shown and not counted.
    total
        How many there will be.
    noun
        What one of them is, in the plural.
    interval
        Seconds between lines.
    bar
        Whether a terminal gets a bar; not while another program may print on it.
    """

    def __init__(
        self, operation: str, total: int, noun: str, *, interval: float = 5.0, bar: bool = True
    ) -> None:
        self._operation = operation
        self._total = total
        self._noun = noun
        self._interval = interval
        self._bar = bar
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._ends: deque[float] = deque([time.monotonic()], maxlen=_WINDOW)
        self._done = 0
        self._failed = 0
        self._stack = ExitStack()

    def expect_fewer(self) -> None:
        """Expect one task less: it turned out that there is nothing to do for it."""
        with self._lock:
            self._total -= 1

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Show it, unless it is housekeeping, which has no label."""
        named = parse_task_name(name)
        if named is None or named.label is None:
            return
        with self._lock:
            # Of a path, what tells it from others fits on a line.
            what = shown("/".join(named.label.split("/")[-2:]))
            self._running[name] = _Running(what, metadata.get("correlation_id"), time.monotonic())

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, _ns: int, _: BaseException | None, /
    ) -> None:
        """Count it if it is one of those that count."""
        with self._lock:
            self._running.pop(name, None)
            if metadata.get("operation_name") == self._operation:
                self._done += 1
                self._failed += outcome == "raised"
                self._ends.append(time.monotonic())

    def __enter__(self) -> Self:
        if self._bar and sys.stderr.isatty() and not Stderr.as_json:
            from rich.console import Console
            from rich.live import Live

            # What is printed above the bar is not folded by us: identifiers and JSON are there to be copied.
            console = Console(stderr=True, soft_wrap=True)
            if not console.is_dumb_terminal:
                live = Live(
                    get_renderable=self._drawn,
                    console=console,
                    refresh_per_second=8,
                    transient=True,
                    redirect_stdout=sys.stdout.isatty(),  # into a file goes what is printed, bar or no bar
                )
                self._stack.enter_context(live)
                return self
        over = threading.Event()
        teller = threading.Thread(target=self._tell, args=(over,), name="episodic-progress", daemon=True)
        teller.start()
        self._stack.callback(teller.join)
        self._stack.callback(over.set)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _tell(self, over: threading.Event) -> None:
        while not over.wait(self._interval):
            now = ", ".join(f"{what} {since}".rstrip() for what, since in self._now())
            tell(f"{self._count()}; now {now or 'nothing'}")

    def _drawn(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        line = Table.grid(padding=(0, 1))
        line.add_column(ratio=1, min_width=8)
        line.add_column(no_wrap=True)
        bar = ProgressBar(total=max(self._total, 1), completed=self._done, width=None)
        line.add_row(bar, Text(self._count(), style="progress.percentage"))
        line.expand = True
        now = Table.grid(padding=(0, 1))  # of which the names are cut where they do not fit
        for what, since in self._now():
            now.add_row(Text(f"  {what}", "dim", no_wrap=True, overflow="ellipsis"), Text(since, "dim"))
        return Group(line, now)

    def _count(self) -> str:
        with self._lock:
            left = self._total - self._done
            taken = time.monotonic() - self._ends[0]
            rate = (len(self._ends) - 1) / taken if taken else 0.0
            failed = f", {self._failed} failed" if self._failed else ""
        text = f"{self._done} of {self._total} {self._noun}{failed}"
        if not rate or not left:
            return text
        seconds = round(left / rate)
        per = f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"
        return f"{text}, {per}, {seconds // 60}:{seconds % 60:02d} left"

    def _now(self) -> list[tuple[str, str]]:
        """What runs now and for how long, the oldest first; of a run, its parts rather than all of it."""
        with self._lock:
            running = sorted(self._running.values(), key=lambda task: task.since)
        runs: dict[str | None, list[_Running]] = {}
        for task in running:
            runs.setdefault(task.run, []).append(task)
        leaves = runs.pop(None, [])
        for began, *others in runs.values():
            leaves += [task for task in others if task.what != began.what] or [began]
        leaves.sort(key=lambda task: task.since)
        now = time.monotonic()
        shown = [(task.what, f"({now - task.since:.1f} s)") for task in leaves[:_SHOWN]]
        return [*shown, (f"and {len(leaves) - _SHOWN} more", "")] if len(leaves) > _SHOWN else shown
