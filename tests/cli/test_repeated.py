"""What editors decide again and again, as the program suggests it."""

import json
import shlex
from pathlib import Path

from tests.cli.program import Run

SAID = """WEBVTT

00:01.000 --> 00:03.000
<v Ada>Our bank runs on kobold, still.

00:11.000 --> 00:13.000
<v Bab>And who writes kobold today?

00:21.000 --> 00:23.000
<v Ada>The kobold people do.
"""
SUGGESTED = "“kobold” has become “COBOL” in {}; if it is always wrong: episodic series set s --replace {}\n"


def ingest(run: Run, folder: Path, episode: str) -> str:
    file = folder / f"{episode}.vtt"
    file.write_text(SAID)
    return run("ingest", str(file), "--series", "s", "--episode", episode).out


def decide(run: Run, episode: str, address: str, *more: str) -> str:
    return run("decide", f"s/{episode}", address, "--text", "COBOL", "--by", "Maya", *more).out


def test_the_third_place_of_an_episode_suggests_a_replacement(run: Run, tmp_path: Path) -> None:
    ingest(run, tmp_path, "e")
    for address in ("0:00:01/kobold", "0:00:11/kobold"):
        assert "--replace" not in decide(run, "e", address)
    assert decide(run, "e", "0:00:21/kobold").endswith(SUGGESTED.format("3 places", "kobold=COBOL"))


def test_the_command_that_is_suggested_can_be_copied_and_is_the_end_of_it(run: Run, tmp_path: Path) -> None:
    for episode in ("one", "two", "three"):
        ingest(run, tmp_path, episode)
    assert "--replace" not in decide(run, "one", "0:00:01/kobold")
    line = decide(run, "two", "0:00:01/kobold").splitlines()[-1]
    assert f"{line}\n" == SUGGESTED.format("2 places of 2 episodes", "kobold=COBOL")
    _, *command = shlex.split(line.partition(" wrong: ")[2])
    assert "replace      kobold by COBOL" in run(*command).out
    assert "(new)" in ingest(run, tmp_path, "three")
    assert "kobold" not in run("show", "s/three", "--format", "text").out
    assert "--replace" not in decide(run, "two", "0:00:11/kobold")


def test_a_corrected_text_suggests_it_too_and_json_has_it(run: Run, tmp_path: Path) -> None:
    ingest(run, tmp_path, "e")
    file = tmp_path / "e.md"
    run("show", "s/e", "--output", str(file))
    file.write_text(file.read_text().replace("kobold", "COBOL"))
    told = {"wrong": "kobold", "right": "COBOL", "places": 3, "episodes": 1}
    assert run("apply", "s/e", str(file), "--dry-run").out.count("--replace") == 0
    assert run("apply", "s/e", str(file)).out.endswith(SUGGESTED.format("3 places", "kobold=COBOL"))
    run("restore", "s/e", "--revision", "1")
    assert json.loads(run("apply", "s/e", str(file), "--json").out)["repeated"] == [told]
    ingest(run, tmp_path, "f")
    made = json.loads(decide(run, "f", "0:00:01/kobold", "--json"))
    assert made["repeated"] == [{**told, "places": 4, "episodes": 2}]
