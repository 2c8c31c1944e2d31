"""What a benchmark returns, how times are compared, and how the page is written."""

import gc
import platform
import re
import statistics
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Section:
    """A table with what one needs to know to read it; `text` is Markdown."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", *_wrapped(self.text), ""]
        lines.append("| " + " | ".join(self.columns) + " |")
        lines.append("| " + " | ".join("---" for _ in self.columns) + " |")
        lines.extend("| " + " | ".join(row) + " |" for row in self.rows)
        return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def seconds(
    cases: Mapping[str, Callable[[], object]], *, rounds: int = 11, warmup: int = 1
) -> dict[str, list[float]]:
    """Time all cases in turn, round after round, so that a drift of the machine meets them alike.

    The garbage collector runs before each measurement and is off during it.
    """
    times: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(warmup + rounds):
        for name, case in cases.items():
            gc.collect()
            gc.disable()
            try:
                start = time.perf_counter()
                case()
                taken = time.perf_counter() - start
            finally:
                gc.enable()
            if number >= warmup:
                times[name].append(taken)
    return times


def ratios(times: Mapping[str, Sequence[float]], floor: str) -> dict[str, float]:
    """Median over the rounds of each case's time divided by the floor's time in the same round."""
    return {
        name: statistics.median(a / b for a, b in zip(taken, times[floor], strict=True))
        for name, taken in times.items()
    }


def write(name: str, sections: Sequence[Section]) -> str:
    """Replace the block of this benchmark in ``docs/benchmarks.md`` and return it."""
    made = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, `make bench ARGS={name}`"
    block = "\n\n".join(
        (
            f"<!-- bench {name} -->",
            f"## `{name}`",
            f"Measured on {made}.",
            *(s.markdown() for s in sections),
            f"<!-- /bench {name} -->",
        )
    )
    page = PAGE.read_text() if PAGE.exists() else "# Benchmarks\n"
    old = re.compile(f"<!-- bench {name} -->.*<!-- /bench {name} -->", re.DOTALL)
    page = old.sub(lambda _: block, page) if old.search(page) else f"{page}\n{block}\n"
    PAGE.write_text(page)
    return block
