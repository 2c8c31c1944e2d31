"""What the documents show is what the program does."""

from pathlib import Path

import pytest

from tests.console import ROOT, Shell, comparable, steps

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for step in steps(page.read_text()):
        assert comparable(shell.run(step.command)) == comparable(step.output), f"$ {step.command}"
