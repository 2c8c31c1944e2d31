"""What is forgotten or pruned is nowhere any more: not in a table, not in a document, not in a file."""

import io
import json
import sqlite3
import sys
from compression import zstd
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.cli.program import Run
from tests.postgresql import Server

ADA = "Ada: Good evening, and welcome to the show.\nBab: The lantern keeps the light of the harbour.\n"
BAB = "Ada: Good evening, and welcome to the show.\nBab: The lantern keeps the zanzibar of the harbour.\n"
CID = "Ada: Good evening, and welcome to the show.\nBab: So the lantern keeps a light of the harbour.\n"
FRAME = b"\x28\xb5\x2f\xfd"  # how Zstandard begins
OWN = b"zanzibar"  # what only one source says


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"ada": ADA, "bab": BAB, "cid": CID}.items():
        (tmp_path / f"{name}.txt").write_text(text)
    return tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of database in turn, new."""
    url = f"sqlite:///{tmp_path}/db/episodic.sqlite3"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        url = server.database()
    monkeypatch.setenv("EPISODIC_DATABASE_URL", url)
    return url


def ingest(run: Run, folder: Path, *names: str, episode: str = "one") -> None:
    sources = [str(folder / f"{name}.txt") for name in names]
    done = run("ingest", *sources, "--series", "s", "--episode", episode, "--quiet", "--replace-sources")
    assert done.code == 0, done.err


def kept(url: str) -> bytes:
    """Everything in all tables, unpacked."""
    found: list[object] = []
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            tables = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for table in tables:
                found += [value for row in connection.execute(f'SELECT * FROM "{table}"') for value in row]
    else:
        with psycopg.connect(url) as connection:
            query = (
                "SELECT schemaname, tablename FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for name in connection.execute(query).fetchall():
                rows = connection.execute(
                    sql.SQL("SELECT * FROM {}").format(sql.Identifier(*name))
                ).fetchall()
                found += [value for row in rows for value in row]
    return b"\n".join(map(unpacked, found))


def unpacked(value: object) -> bytes:
    if isinstance(value, bytes):
        return zstd.decompress(value) if value.startswith(FRAME) else value
    return str(value).encode()


def files(url: str, request: pytest.FixtureRequest) -> bytes:
    """What is in the files of the database."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    server: Server = request.getfixturevalue("postgresql")
    name = url.rpartition("/")[2]
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (number,) = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = %s", [name]
        ).fetchone() or (0,)
    data = server.folder / "data" / "base" / str(number)
    return b"".join(path.read_bytes() for path in data.iterdir())


def test_the_words_of_a_forgotten_source_are_nowhere(
    run: Run, folder: Path, url: str, request: pytest.FixtureRequest
) -> None:
    ingest(run, folder, "ada")
    ingest(run, folder, "ada", "bab")
    run("decide", "s/one", "-/zanzibar", "--text", "glow", "--by", "Dee")
    listed = run("decisions", "s/one", "--json").out
    assert "zanzibar" in listed
    run("decide", "s/one", "-/Good evening", "--text", "Good morning,", "--by", "Dee")
    ingest(run, folder, "ada", "bab", "cid")
    ingest(run, folder, "ada", "cid")
    before = run("history", "s/one").out
    assert OWN in kept(url)
    newest = run("show", "s/one", "--format", "text").out

    done = run("forget", "s/one", "bab.txt", "--yes")
    assert (done.code, done.err) == (0, "")
    assert f"s/one: {folder / 'bab.txt'} is forgotten" in done.out
    assert "made anew without it" in done.out
    assert OWN not in kept(url)
    assert OWN not in files(url, request)
    assert run("db", "verify").out.endswith("everything is whole\n")
    after = run("history", "s/one").out
    assert "bab.txt" not in after
    assert [line for line in after.splitlines() if line.startswith("revision")] == [
        line for line in before.splitlines() if line.startswith("revision")
    ]
    assert run("show", "s/one", "--format", "text").out == newest
    assert newest.startswith("Ada: Good morning, and welcome")
    for revision in "12345":
        shown = run("show", "s/one", "--revision", revision, "--format", "tei").out
        assert "bab.txt" not in shown
        assert "zanzibar" not in shown


def test_a_decision_for_a_reading_of_the_source_goes_with_it(run: Run, folder: Path, url: str) -> None:
    ingest(run, folder, "ada", "bab", "cid")
    sources = json.loads(run("sources", "s/one", "--json").out)
    (siglum,) = [each["siglum"] for each in sources if each["uri"].endswith("bab.txt")]
    conflicts = json.loads(run("decisions", "s/one", "--json").out)
    (address,) = [each["address"] for each in conflicts if "zanzibar" in json.dumps(each)]
    assert run("decide", "s/one", address, "--reading", siglum, "--by", "Dee").code == 0
    ingest(run, folder, "ada", "bab", episode="two")
    assert "zanzibar" in run("show", "s/one", "--format", "text").out

    done = run("forget", "s/one", siglum, "--yes")
    assert f"removed with it, for it has words or a place of it: {address}, by Dee" in done.out
    assert "s/two has the same bytes, and keeps them" in done.out
    assert "zanzibar" not in run("show", "s/one", "--format", "text").out
    assert "decided" not in run("history", "s/one").out
    assert run("forget", "s/two", "bab.txt", "--yes").code == 0
    assert OWN not in kept(url)


def test_what_an_editor_said_where_only_the_source_spoke_goes_with_it(
    run: Run, folder: Path, url: str
) -> None:
    (folder / "long.txt").write_text(f"{ADA}Bab: Nobody else heard of zanzibar at all tonight.\n")
    ingest(run, folder, "ada", "long")
    assert run("decide", "s/one", "-/of zanzibar", "--text", "of the isle", "--by", "Dee").code == 0
    done = run("forget", "s/one", "long.txt", "--yes")
    assert "by Dee" in done.out
    assert OWN not in kept(url)
    assert "isle" not in run("decisions", "s/one").out


def test_an_episode_that_had_nothing_else_is_gone(run: Run, folder: Path, url: str) -> None:
    ingest(run, folder, "bab")
    done = run("forget", "s/one", "s1", "--yes")
    assert "revision 1 removed" in done.out
    assert "s/one" not in run("episodes").out
    assert OWN not in kept(url)
    assert run("db", "verify").code == 0
    place = str(folder / "bab.txt")
    again = run("ingest", place, "--series", "s", "--episode", "one", "--quiet")
    assert (again.code, "is no source: it was forgotten on" in again.err) == (1, True)
    assert run("ingest", place, "--series", "s", "--episode", "two", "--quiet").code == 0
    assert "s/one" not in run("episodes").out


def test_what_was_forgotten_is_passed_over_unless_it_is_meant(run: Run, folder: Path, url: str) -> None:
    ingest(run, folder, "ada", "bab")
    run("forget", "s/one", "bab.txt", "--yes", "--by", "Dee", "--note", "the guest withdrew")
    (folder / "other-name.txt").write_text(BAB)
    command = ["ingest", str(folder), "--series", "s", "--episode", "one", "--quiet", "--replace-sources"]
    for attempt in (command, [*command, "--dry-run"]):
        done = run(*attempt)
        assert done.code == 0
        for name in ("bab.txt", "other-name.txt"):
            assert f"{folder / name}: passed over: it was forgotten on" in done.err
        assert "by Dee, because the guest withdrew; if it is meant: --source TYPE=" in done.err
    assert OWN not in kept(url)
    assert "forgotten" in run("jobs").out
    meant = f"transcript={folder / 'bab.txt'}"
    assert run("ingest", "--source", meant, "--series", "s", "--episode", "one", "--add").code == 0
    assert (
        "zanzibar"
        in run("show", "s/one", "--format", "text", "--witness", "s1").out + run("decisions", "s/one").out
    )
    assert "it was forgotten" not in run(*command).err


def test_the_next_ingest_goes_on_after_a_revision_that_is_gone(run: Run, folder: Path, url: str) -> None:
    ingest(run, folder, "ada")
    ingest(run, folder, "bab")
    ingest(run, folder, "ada", "cid")
    assert (
        "revision 2 removed: there was nothing else in it" in run("forget", "s/one", "bab.txt", "--yes").out
    )
    ingest(run, folder, "cid")
    assert [line[:10] for line in run("history", "s/one").out.splitlines() if line[0] == "r"] == [
        "revision 4",
        "revision 3",
        "revision 1",
    ]
    assert run("diff", "s/one", "--from", "1", "--to", "4").code == 0
    assert "there is revision 4, the newest" in run("show", "s/one", "--revision", "2").err
    assert run("db", "verify").code == 0
    backup = folder / "backup.sqlite3"
    assert run("db", "backup", str(backup)).code == 0
    assert OWN not in kept(f"sqlite:///{backup}")


def test_what_is_not_there_is_refused_with_what_is(run: Run, folder: Path, url: str) -> None:
    ingest(run, folder, "ada", "bab")
    assert "there is" in run("forget", "s/one", "s9", "--yes").err
    assert "no episode 's/none'" in run("forget", "s/none", "s1", "--yes").err


def test_nothing_is_removed_unasked(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(run, folder, "ada", "bab")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    done = run("forget", "s/one", "bab.txt")
    assert (done.code, "say --yes" in done.err) == (2, True)
    run("delete", "s/one", "--yes")
    assert run("db", "prune").code == 2
    assert "s/one~1" in run("episodes", "--deleted").out


def test_pruning_removes_deleted_episodes_and_old_revisions_for_good(
    run: Run, folder: Path, url: str, request: pytest.FixtureRequest
) -> None:
    ingest(run, folder, "ada")
    ingest(run, folder, "ada", "cid")
    ingest(run, folder, "bab", episode="two")
    assert run("db", "prune", "--yes").out == "nothing to remove\n"
    run("delete", "s/two", "--yes")
    assert run("db", "prune", "--yes").out.splitlines() == [
        "s/two~1, with all its revisions",
        "the bytes of 1 source that nothing else uses",
        "removed",
    ]
    assert OWN not in kept(url)
    assert OWN not in files(url, request)
    assert run("db", "prune", "--keep", "1", "--yes").out.splitlines() == [
        "s/one, 1 older revision: 1",
        "removed",
    ]
    assert run("db", "verify").code == 0
    assert "revision     2" in run("show", "s/one").out
    run("decide", "s/one", "title", "--text", "New", "--by", "Dee")
    assert "revision 3" in run("history", "s/one").out
    assert run("db", "verify").code == 0


def test_older_revisions_keep_what_was_decided_then(run: Run, folder: Path) -> None:
    ingest(run, folder, "ada", "bab")
    run("decide", "s/one", "-/Good evening", "--text", "Good morning,", "--by", "Dee")
    assert run("decide", "s/one", "-/Good evening", "--revert", "--by", "Dee").code == 0

    def greetings() -> list[bool]:
        texts = [run("show", "s/one", "--revision", n, "--format", "text").out for n in "123"]
        return ["Good morning" in text for text in texts]

    assert greetings() == [False, True, False]
    assert run("forget", "s/one", "bab.txt", "--yes").code == 0
    assert greetings() == [False, True, False]


def test_what_waits_to_be_ingested_is_not_forgotten_behind_its_back(run: Run, folder: Path) -> None:
    ingest(run, folder, "ada", "bab")
    run("queue", "pause")
    sources = [str(folder / f"{name}.txt") for name in ("ada", "bab")]
    submitted = run("submit", *sources, "--series", "s", "--episode", "one").out.split()[0]
    done = run("forget", "s/one", "bab.txt", "--yes")
    assert done.code == 1
    assert f"is waiting to be ingested; first: episodic queue cancel {submitted}" in done.err
    assert run("queue", "cancel", submitted).code == 0
    assert run("forget", "s/one", "bab.txt", "--yes").code == 0
    assert OWN not in kept(f"sqlite:///{folder}/db/episodic.sqlite3")
