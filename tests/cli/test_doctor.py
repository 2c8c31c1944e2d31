"""`episodic doctor`: what it says of the environment, and what it calls a fault."""

import json
import platform
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.isolation import process
from episodic.canonical.normalizers.isolation.sandbox import Walls
from episodic.cli import main

type Findings = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path / 'db'}")
    return tmp_path / "db"


def findings(capfd: pytest.CaptureFixture[str], code: int = 0) -> Findings:
    assert main(["doctor", "--json"]) == code
    out, err = capfd.readouterr()
    assert err == ""
    return {title: {each["what"]: each for each in found} for title, found in json.loads(out).items()}


def test_it_says_what_there_is(database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = findings(capfd)
    assert found["environment"]["python"]["found"] == f"{platform.python_version()} ({sys.executable})"
    assert found["database"]["place"]["found"] == f"{database}, which the first ingest makes"
    assert found["libraries"]["lxml"]["well"]
    assert found["settings"]["EPISODIC_PAGES"]["found"] == "2,000"


def test_a_library_that_two_extras_ask_for_stands_once(
    database: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert capfd.readouterr().out.count("  psycopg ") == 1


def test_it_makes_no_database(database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    findings(capfd)
    assert not database.exists()


def test_it_says_what_was_set_and_no_password(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPISODIC_PAGES", "5")
    monkeypatch.setenv("EPISODIC_DATABASE_URL", "postgresql://ada:verysecret@127.0.0.1:1/x")
    found = findings(capfd, code=1)
    assert found["settings"]["EPISODIC_PAGES"]["found"] == "5, instead of 2,000"
    assert not found["database"]["place"]["well"]
    assert "verysecret" not in str(found)


def test_a_database_that_does_not_fit_is_a_fault(database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE other (number INTEGER)")
    assert main(["doctor"]) == 1
    assert "FAULT: " in capfd.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")
def test_the_walls_around_parsers_are_those_that_stand(
    database: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = findings(capfd)["parsers"]
    assert found["process"]["found"] == "starts, under hard limits"
    assert found["no capabilities"]["found"] == "stands"


def test_a_wall_that_is_missing_is_said_and_no_fault(
    database: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def standing(_limits: Limits) -> Walls:
        return Walls(seccomp=True)

    monkeypatch.setattr(process, "standing_walls", standing)
    found = findings(capfd)["parsers"]
    assert found["Landlock"]["found"] == "is missing; it needs Linux 5.13, with Landlock switched on"
    assert found["calls filtered"]["found"] == "stands"


def test_a_parser_that_does_not_start_is_a_fault(
    database: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    found = findings(capfd, code=1)["parsers"]
    assert found["process"]["found"] == "a parser's process ends as soon as it has started"
