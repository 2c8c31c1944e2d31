"""An episode under another name, or out of the way."""

import io
import os
import pty
import sys

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE

STUDIO = SAMPLE / "studio.vtt"


@pytest.fixture(autouse=True)
def ingested(run: Run) -> None:
    for slug in ("one", "two"):
        assert run("ingest", str(STUDIO), "--series", "s", "--episode", slug).code == 0


def test_an_episode_gets_another_name_with_all_that_it_has(run: Run) -> None:
    run("decide", "s/one", "title", "--text", "A Light")
    assert run("rename", "s/one", "eins").out == "s/one is s/eins now\n"
    assert run("show", "s/eins").out.startswith("s/eins: A Light\nrevision     2")
    assert run("show", "s/one").code == 1
    run("series", "set", "t")
    assert run("rename", "s/eins", "t/uno").code == 0
    assert "t/uno" in run("episodes").out
    assert "revision 1 (new)" in run("ingest", str(STUDIO), "--series", "s", "--episode", "one").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("s/one", "two"), "there is an episode s/two already"),
        (("s/one", "one"), "s/one has this name already"),
        (("s/one", "no/thing"), "no series 'no'"),
        (("s/nine", "ten"), "no episode 's/nine'"),
        (("s/one", "a~1"), "a~1"),
        (("s/one", ""), ""),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(run: Run, arguments: tuple[str, str], message: str) -> None:
    done = run("rename", *arguments)
    assert done.code in {1, 2}
    assert message in done.err
    assert "s/one" in run("episodes").out


def test_a_deleted_episode_is_out_of_the_way_and_comes_back(run: Run) -> None:
    done = run("delete", "s/one", "--yes")
    assert "kept as s/one~1; to have it back: episodic rename s/one~1 s/one" in done.out
    assert "s/one" not in run("episodes").out
    assert "s/one~1" in run("episodes", "--deleted").out
    assert "revision 1 (new)" in run("ingest", str(STUDIO), "--series", "s", "--episode", "one").out
    assert run("delete", "s/one", "--yes").out.count("s/one~2") == 2
    assert run("delete", "s/one~2", "--yes").code == 2
    assert run("rename", "s/one~1", "s/one").code == 0
    assert run("show", "s/one").code == 0
    assert "everything is whole" in run("db", "verify").out


def test_nobody_is_deleted_unasked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    done = run("delete", "s/one")
    assert (done.code, "say --yes" in done.err) == (2, True)
    assert "s/one" in run("episodes").out


@pytest.mark.parametrize(("answer", "there"), [("y", "s/eins"), ("n", "s/one"), (None, "s/eins")])
def test_on_a_terminal_a_new_name_is_asked_about(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str | None, there: str
) -> None:
    keys, terminal = pty.openpty()
    os.write(keys, f"{answer}\n".encode())
    with os.fdopen(keys, "wb"), os.fdopen(terminal, encoding="utf-8") as asked:
        monkeypatch.setattr(sys, "stdin", asked)
        run("rename", "s/one", "eins", *(() if answer else ("--yes",)))
        assert there in run("episodes").out
