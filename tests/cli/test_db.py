"""`episodic db`, as a person uses it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from episodic.canonical.storage import schema
from episodic.canonical.storage.database import Database
from tests.cli.program import Run
from tests.postgresql import Server


@pytest.fixture
def run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program, with a database whose file the tests name."""
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path / 'db'}")
    return run


@pytest.fixture
def talk(tmp_path: Path) -> str:
    (tmp_path / "talk.txt").write_text("Ada: Good evening.\nBab: Is it on?\n")
    return str(tmp_path / "talk.txt")


def ingest(run: Run, talk: str) -> None:
    code, _, err = run("ingest", talk, "--series", "s", "--episode", "e")
    assert (code, err) == (0, "")


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def test_current_says_which_schema_there_is(run: Run, tmp_path: Path) -> None:
    assert f"has no schema; needed is {schema.HEAD}" in run("db", "current")[1]
    assert not (tmp_path / "db").exists()
    run("db", "upgrade")
    assert f"has schema {schema.HEAD}; needed is {schema.HEAD}" in run("db", "current")[1]


def test_upgrade_makes_a_missing_file(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade") == (0, f"{tmp_path / 'db'}: from no schema to {schema.HEAD}\n", "")
    assert run("db", "upgrade") == (0, f"{tmp_path / 'db'} is at schema {schema.HEAD} already\n", "")


def test_an_older_database_is_refused_by_every_command_until_it_is_upgraded(
    run: Run, tmp_path: Path, talk: str
) -> None:
    ingest(run, talk)
    schema.downgrade(Database(tmp_path / "db"), "0001")
    for command in (["episodes"], ["ingest", talk, "--series", "s", "--episode", "e"], ["db", "verify"]):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert err.endswith(f"needs {schema.HEAD}: run 'episodic db upgrade'\n")
    assert run("db", "upgrade")[0] == 0
    assert "s/e" in run("episodes")[1]


def test_check_names_what_differs(run: Run, tmp_path: Path) -> None:
    assert run("db", "check")[0] == 1
    run("db", "upgrade")
    assert run("db", "check")[0] == 0
    execute(tmp_path / "db", "DROP INDEX ix_jobs_status_request")
    code, out, _ = run("db", "check")
    assert code == 1
    assert "ix_jobs_status_request" in out


def test_verify_says_that_everything_is_whole(run: Run, talk: str) -> None:
    ingest(run, talk)
    code, out, err = run("db", "verify")
    assert (code, err) == (0, "")
    assert out.endswith("everything is whole\n")
    assert json.loads(run("db", "verify", "--json")[1]) == []


def test_verify_names_what_is_not_whole(run: Run, tmp_path: Path, talk: str) -> None:
    ingest(run, talk)
    execute(tmp_path / "db", "UPDATE contents SET size = size + 1")
    code, out, _ = run("db", "verify")
    assert code == 1
    assert out.startswith("content ")
    (fault,) = json.loads(run("db", "verify", "--json")[1])
    assert fault["where"].startswith("content ")


@pytest.mark.parametrize(
    ("damage", "command"),
    [
        ("UPDATE series SET policy = '['", ["show", "s/e"]),
        ("UPDATE series SET id = 'odd'", ["show", "s/e"]),
        ("UPDATE episodes SET created_at = 'odd'", ["episodes"]),
        ("UPDATE jobs SET status = 'odd'", ["jobs"]),
        ("UPDATE jobs SET error = x'00'", ["jobs"]),
        ("UPDATE sources SET factors = '[1]'", ["sources", "s/e"]),
        ("UPDATE sources SET weight = 'odd'", ["sources", "s/e"]),
    ],
)
def test_a_value_that_means_nothing_is_one_clear_line(
    run: Run, tmp_path: Path, talk: str, damage: str, command: list[str]
) -> None:
    ingest(run, talk)
    execute(tmp_path / "db", damage)
    code, out, err = run(*command)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.endswith("'episodic db verify' says where; restore it from a backup\n")
    assert run("db", "verify")[0] == 1


def test_verify_validates_against_a_schema(run: Run, tmp_path: Path, talk: str) -> None:
    ingest(run, talk)
    relax_ng = tmp_path / "schema.rng"
    grammar = '<element name="{}" ns="http://www.tei-c.org/ns/1.0" xmlns="http://relaxng.org/ns/structure/1.0"><empty/></element>'
    relax_ng.write_text(grammar.format("teiCorpus"))
    code, out, _ = run("db", "verify", "--schema", str(relax_ng))
    assert code == 1
    assert "s/e, revision 1: is not valid TEI: line " in out


@pytest.mark.parametrize("name", ["missing.rng", "talk.txt"])
def test_a_schema_that_is_none_is_a_clear_error(run: Run, tmp_path: Path, talk: str, name: str) -> None:
    ingest(run, talk)
    code, _, err = run("db", "verify", "--schema", str(tmp_path / name))
    assert code == 1
    assert "is not a RELAX NG schema" in err


def test_a_backup_is_restored_into_a_new_database(
    run: Run, tmp_path: Path, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(run, talk)
    code, out, _ = run("db", "backup", str(tmp_path / "backup"))
    assert code == 0
    assert f"is in {tmp_path / 'backup'}" in out
    code, _, err = run("db", "backup", str(tmp_path / "backup"))
    assert (code, err) == (1, f"episodic: {tmp_path / 'backup'} is there already; name another file\n")
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path / 'restored'}")
    assert run("db", "restore", str(tmp_path / "backup"))[0] == 0
    assert "s/e" in run("episodes")[1]
    assert run("db", "verify")[0] == 0
    assert "not empty" in run("db", "restore", str(tmp_path / "backup"))[2]


def test_postgresql_is_used_by_one_setting(
    run: Run, postgresql: Server, talk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", postgresql.empty_database())
    code, _, err = run("ingest", talk, "--series", "s", "--episode", "e")
    assert code == 1
    assert err.endswith("run 'episodic db upgrade'\n")
    outputs = [
        run("db", "upgrade"),
        run("ingest", talk, "--series", "s", "--episode", "e"),
        run("ingest", talk, "--series", "s", "--episode", "e", "--json"),
        run("show", "s/e", "--format", "text"),
        run("jobs"),
        run("db", "check"),
        run("db", "verify"),
        run("db", "backup", str(tmp_path / "backup")),
    ]
    assert [code for code, _, _ in outputs] == [0] * len(outputs)
    assert postgresql.password not in str(outputs)
    assert outputs[3][1] == "Ada: Good evening.\nBab: Is it on?\n"
