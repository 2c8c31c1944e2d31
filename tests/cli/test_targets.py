"""What a command writes to is nothing that it is made of, and that is said before anything is read."""

import subprocess
from pathlib import Path

import pytest

from episodic.cli import main
from tests.cli.program import COMMAND, PATIENCE, environment


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "db" / "episodic.sqlite3"
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{file}")
    return file


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.txt").write_text("ADA: Good evening.\n")
    return folder


def ingest(*arguments: str | Path) -> int:
    return main(["ingest", *map(str, arguments), "--series", "s", "--episode", "e", "--quiet"])


@pytest.mark.parametrize("how", ["file", "folder", "typed", "link"])
def test_a_timeline_over_a_source_is_refused(
    how: str, database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = target = sources / "a.txt"
    if how == "link":
        target = sources.parent / "run.json"
        target.symlink_to(source)
    named = {"folder": [sources], "typed": ["--source", f"transcript={source}"]}.get(how, [source])
    assert ingest(*named, "--timeline", target) == 2
    assert capsys.readouterr().err == (
        f"episodic: --timeline {target} is one of the sources; name another file\n"
    )
    assert source.read_text() == "ADA: Good evening.\n"
    assert not database.exists()


def test_a_folder_is_no_target(database: Path, sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ingest(sources, "--timeline", sources) == 2
    assert main(["show", "s/e", "--output", str(sources)]) == 2
    assert capsys.readouterr().err == (
        f"episodic: --timeline {sources} is a folder; name a file in it\n"
        f"episodic: --output {sources} is a folder; name a file in it\n"
    )


def test_the_database_is_no_target(database: Path, sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ingest(sources) == 0
    capsys.readouterr()
    kept = database.read_bytes()
    assert main(["show", "s/e", "--output", str(database)]) == 2
    assert ingest(sources, "--timeline", database) == 2
    assert main(["db", "backup", str(database)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(str(database))[2] for line in said] == [
        " is the database; name another file",
        " is the database; name another file",
        " is there already; name another file",
    ]
    assert database.read_bytes() == kept


@pytest.mark.parametrize("by", ["link", "name"])
@pytest.mark.parametrize("made", [True, False])
def test_neither_the_database_nor_where_it_will_be_is_a_target(
    made: bool, by: str, database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if made:
        assert ingest(sources) == 0
    target = database
    if by == "link":
        target = sources.parent / "run.json"
        target.symlink_to(database)
    assert ingest(sources, "--timeline", target) == 2
    assert main(["show", "s/e", "--output", str(target)]) == 2
    assert capsys.readouterr().err == (
        f"episodic: --timeline {target} is the database; name another file\n"
        f"episodic: --output {target} is the database; name another file\n"
    )
    assert database.exists() is made


def test_a_link_to_a_folder_is_no_target(
    database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = sources.parent / "run.json"
    link.symlink_to(sources)
    assert ingest(sources, "--timeline", link) == 2
    assert capsys.readouterr().err == f"episodic: --timeline {link} is a folder; name a file in it\n"


def test_a_page_is_no_target_for_its_own_recording(
    database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = sources / "a.txt"
    assert (
        main(["show", "s/e", "--format", "html", "--audio", str(recording), "--output", str(recording)]) == 2
    )
    assert "is one of the sources" in capsys.readouterr().err


def test_an_output_replaces_what_was_there_as_a_whole(database: Path, sources: Path, tmp_path: Path) -> None:
    assert ingest(sources) == 0
    output = tmp_path / "e.txt"
    output.write_text("old")
    with output.open() as held:
        assert main(["show", "s/e", "--format", "text", "--output", str(output)]) == 0
        assert held.read() == "old"
    assert "Good evening." in output.read_text()


def test_a_source_of_the_episode_is_no_target(
    database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(sources) == 0
    capsys.readouterr()
    source = sources / "a.txt"
    assert main(["show", "s/e", "--format", "text", "--output", str(source)]) == 2
    assert capsys.readouterr().err == (
        f"episodic: --output {source} is one of the sources; name another file\n"
    )
    assert source.read_text() == "ADA: Good evening.\n"


def test_a_folder_where_a_source_has_the_name_of_what_is_published_is_left_as_it_is(
    database: Path, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (sources / "a.txt").rename(sources / "e.txt")
    assert ingest(sources) == 0
    capsys.readouterr()
    assert main(["publish", "s/e", str(sources)]) == 2
    assert (
        capsys.readouterr().err == f"episodic: the file {source} is one of the sources; name another file\n"
    )
    assert list(sources.iterdir()) == [source]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_device_is_not_read_before_it_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada: Good evening, and welcome.\n")
    env = environment(tmp_path / "db")
    done = [
        subprocess.run(
            [*COMMAND, *words], env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        for words in (
            ("ingest", str(tmp_path / "a.txt"), "--series", "s", "--episode", "e", "--quiet"),
            ("show", "s/e", "--format", "text", "--output", "/dev/full"),
        )
    ]
    assert [each.returncode for each in done] == [0, 1]
    assert done[1].stderr.startswith("episodic: /dev/full: No space left on device; ")
