"""What a newcomer gets wrong is answered by one line that helps."""

import io
import shlex
import sys

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE

STUDIO = SAMPLE / "studio.vtt"


@pytest.fixture(autouse=True)
def ingested(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert run("ingest", str(STUDIO), "--series", "s", "--episode", "one").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("forget s/one s9 --yes", "no source 's/one s9'; there is studio.vtt"),
        ("forget s1 s/one --yes", "no series 's1'; there is s"),
        ("forget s s1 --yes", "no episode 's'; there is s/one"),
        ("forget s/one", "SOURCE requires an argument"),
        ("delete s/nine", "no episode 's/nine'"),
        ("delete s/one", "say --yes"),
        ("db prune --keep 0", "Must be >= 1"),
        ("db prune --keep ten", 'Invalid value for --keep: "ten" is not a whole number.'),
        ("queue cancel 12", 'Invalid value for SUBMISSION: "12" is not an id.'),
        ("decisions s/one --since soon", "write 2026-03-03, 2026-03-03T12:00 or 3"),
        ("decisions s/one --kind numbers", 'Did you mean "number"?'),
        ("decide s/one 'speaker 7:00:00' --text Ada", "nobody says anything there"),
        ("decide s/one 'speaker 0:00:07/' --text Ada", "is not an address"),
        ("decide s/one 'banana 0:00:12/So tell us' --text Ada", "is not an address"),
        ("decide s/one 'after banana' --text 'Ada: Yes.'", "'after H:MM:SS/words'"),
        ("decide s/one 'after 0:00:00/Welcome' --text 'Ada: '", 'write "NAME: words"'),
        ("decide s/one 'after 0:00:00/banana' --text 'Ada: Yes.'", "these words are not in the transcript"),
        ("decide s/one 'after 0:00:00/Welcome' --reading s1", "no reading"),
        ("review s/one --kind banana", "Choose from"),
        ("forget s/one nothing.srt --yes", "there is studio.vtt"),
        ("series set s --feed https://x.example/feed", "fetch the show's feed into one"),
        ("show -", "Only 'episodic ingest' and 'submit' read standard input"),
        ("ingest - --series s --episode x", "say with --name"),
        ("submit - --series s --episode x", "say with --name"),
        ("restore s/one --revision 1", "is the newest"),
        ("diff s/one", "has no revision before 1 to compare it with"),
        ("apply s/one nothing.md", "there is no such file"),
        ("review s/one", "needs a terminal"),
    ],
)
def test_a_mistake_is_answered_by_one_line(run: Run, arguments: str, says: str) -> None:
    done = run(*shlex.split(arguments))
    assert done.code in {1, 2}
    assert says in done.err
    assert done.err.count("\n") == 1
    assert done.err.startswith("episodic: ")


@pytest.mark.parametrize("command", ["ingest", "submit"])
def test_a_series_that_is_new_and_nearly_another_is_mentioned(run: Run, command: str) -> None:
    run("series", "set", "lantern-hour")
    done = run(command, str(STUDIO), "--series", "lantren-hour", "--episode", "one")
    assert (done.code, done.err) == (
        0,
        "episodic: series 'lantren-hour' is new; did you mean lantern-hour?\n",
    )
