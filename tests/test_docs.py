"""What the documents show is what the program does."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, create_task, run
from tests.console import ROOT, comparable, shell, steps

PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if any(steps(page.read_text()))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    with shell(tmp_path) as opened:
        for step in steps(page.read_text()):
            assert comparable(opened.run(step.command)) == comparable(step.output), f"$ {step.command}"


def test_the_observer_that_the_developers_guide_shows_observes() -> None:
    (example,) = re.findall(
        r"^```python\n(class .*?)^```$",
        (ROOT / "docs" / "developers-guide.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    shown: dict[str, Any] = {"TaskObserver": TaskObserver}
    exec(example, shown)
    observer = shown["Longest"]()

    async def main() -> None:
        for seconds in (0.0, 0.02, 0.0):
            metadata: TaskMetadata = {"operation_name": "test"}
            await create_task(asyncio.sleep(seconds), name=f"sleeps {seconds}", metadata=metadata)

    run(main(), observers=[observer])
    assert observer.longest[1] == "sleeps 0.02"


def test_the_tasks_that_the_users_guide_shows_run(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (ROOT / "docs" / "users-guide.md").read_text()
    (example,) = re.findall(r"^```python\n(import asyncio.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    exec(example, {"__name__": "example"})
    assert capsys.readouterr().out == "['a for order-7', 'b for order-7']\n"
