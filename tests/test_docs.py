"""What the documents show is what the program does."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, create_task, run
from episodic.cli.app import app
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


def test_every_question_of_the_users_guide_is_listed_at_its_beginning() -> None:
    guide = (ROOT / "docs" / "users-guide.md").read_text()
    head, *_ = guide.partition("\n## ")
    titles = re.findall(r"^## (.*)$", guide, re.MULTILINE)
    named = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
    assert [name for name in named if f"(#{name})" not in head] == []
    assert len(re.findall(r"\(#", head)) == len(titles)


def options(command: App, name: str = "episodic") -> Iterator[tuple[str, str]]:
    """Every command by its whole name, with each option that its help shows."""
    collected = command.assemble_argument_collection() if command.default_command else ()
    for argument in collected:
        if argument.parameter.show is not False:
            yield from ((name, each) for each in argument.names if re.match("--(?!no-|empty-)", each))
    for inner in set(command) - {*command.help_flags, *command.version_flags}:
        yield from options(command[inner], f"{name} {inner}")


def test_the_users_guide_names_every_command_and_option() -> None:
    guide = (ROOT / "docs" / "users-guide.md").read_text()
    found = list(options(app))
    assert len(found) > 100
    assert {name for name, _ in found if not re.search(rf"(^|[ `$]){name}\b", guide, re.MULTILINE)} == set()
    assert [(name, each) for name, each in found if not re.search(rf"(?<![\w-]){each}\b(?!-)", guide)] == []


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
