"""A file is there whole or not at all, whatever happens while it is written."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Timer

import pytest

from episodic.whole_file import draft_of, replacing


def test_until_the_end_the_file_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    with replacing(file) as draft:
        draft.write_text("ne")
        assert file.read_text() == "old"
        draft.write_text("new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def fail_in_the_middle(file: Path) -> None:
    with replacing(file) as draft:
        draft.write_text("ne")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_what_fails_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    with pytest.raises(OSError, match="No space left"):
        fail_in_the_middle(file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_keeps_its_mode_and_a_new_one_has_the_users(tmp_path: Path) -> None:
    file, new = tmp_path / "old", tmp_path / "new"
    file.write_text("old")
    file.chmod(0o640)
    mask = os.umask(0o027)
    try:
        for each in (file, new):
            with replacing(each) as draft:
                draft.write_text("new")
    finally:
        os.umask(mask)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, new)] == [0o640, 0o640]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    with replacing(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert file.read_text() == "new"


def test_what_is_no_regular_file_is_written_to() -> None:
    with replacing(Path("/dev/null")) as draft:
        draft.write_text("new")
    assert Path("/dev/null").is_char_device()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), replacing(tmp_path):
        pass


DIES = """
import os, signal, sys
from pathlib import Path
from episodic.whole_file import draft_of, replacing
with {how}(Path(sys.argv[1])) as draft:
    draft.write_text("ne")
    draft.with_name(draft.name + "-journal").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["draft_of", "replacing"])
def test_what_a_killed_process_leaves_goes_when_the_file_is_written_again(how: str, tmp_path: Path) -> None:
    file = tmp_path / "[run] 灯灯.json"
    done = subprocess.run([sys.executable, "-c", DIES.format(how=how), file], check=False)
    assert done.returncode == -signal.SIGKILL
    others = [tmp_path / ".[run] 灯灯.json.swp", tmp_path / ".r 灯灯.json.unfinished-abcdefgh"]
    for other in others:
        other.touch()
    left = set(tmp_path.iterdir()) - set(others)
    assert len(left) == 2
    assert not file.exists()
    with {"draft_of": draft_of, "replacing": replacing}[how](file) as draft:
        draft.write_text("new")
    assert file.read_text() == "new"
    assert set(tmp_path.iterdir()) == {file, *others}


def test_a_draft_that_another_is_still_at_stays(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    with replacing(file) as first:
        first.write_text("first")
        with replacing(file) as second:
            second.write_text("second")
            assert first.exists()
        assert file.read_text() == "second"
    assert file.read_text() == "first"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("letter", ["x", "灯"])
def test_a_name_as_long_as_names_get_can_be_written(letter: str, tmp_path: Path) -> None:
    file = tmp_path / (letter * (255 // len(letter.encode())))
    with replacing(file) as draft:
        draft.write_text("new")
    assert file.read_text() == "new"


def test_a_draft_that_is_just_being_swept_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    make = tempfile.mkstemp
    sweeping: list[Timer] = []

    def make_where_one_sweeps(*, dir: Path, prefix: str) -> tuple[int, str]:  # noqa: A002 # as it is called
        handle, name = make(dir=dir, prefix=prefix)
        if not sweeping:
            other = os.open(name, os.O_RDONLY)
            fcntl.flock(other, fcntl.LOCK_EX)
            sweeping.append(Timer(0.1, lambda: (Path(name).unlink(), os.close(other))))
            sweeping[0].start()
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", make_where_one_sweeps)
    with draft_of(file) as draft, draft.open("w") as opened:
        sweeping[0].join()
        opened.write("whole")
    assert file.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [file]
