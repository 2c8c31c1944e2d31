"""Sources in files."""

import os
import pickle
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.sources import SourceType


async def test_a_file_is_read_when_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    raw = path_source(path, SourceType.BRIEF, {"episode": "12"})
    path.write_bytes(b"written later")
    assert (raw.uri, raw.source_type, raw.metadata) == (str(path), SourceType.BRIEF, {"episode": "12"})
    assert await raw.load() == b"written later"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.txt", "there is no such file; check the path"),
        ("", "is a folder; give the files in it"),
        ("pipe", "is not a regular file; give a file"),
        ("notes.txt/below", "cannot be opened: Not a directory"),
        ("nul\0byte", "cannot be opened: open: embedded null"),
        ("x" * 300, "cannot be opened: File name too long"),
    ],
)
async def test_what_is_no_file_is_refused_at_once_with_the_reason(
    tmp_path: Path, name: str, reason: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(SourceError, match=reason):
        await path_source(f"{tmp_path}/{name}").load()


@pytest.mark.parametrize(
    "url", ["https://lamp.example/feed.xml", "file:///etc/passwd", "FTP://lamp.example/a"]
)
async def test_a_url_is_not_fetched(url: str) -> None:
    with pytest.raises(SourceError, match="is a URL and is not fetched; download it and give the file"):
        await path_source(url).load()


async def test_a_file_of_more_bytes_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"x" * 11)
    limits = Limits(source_bytes=10)
    with pytest.raises(
        SourceLimitError, match="more than 10 bytes, the limit for a source; raise EPISODIC_SOURCE_BYTES or"
    ):
        await path_source(path, limits=limits).load()
    path.write_bytes(b"x" * 10)
    assert len(await path_source(path, limits=limits).load()) == 10


async def test_an_endless_device_is_no_file() -> None:
    with pytest.raises(SourceError, match="is not a regular file"):
        await path_source("/dev/zero").load()


async def test_a_source_can_be_loaded_by_another_process(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    sent = pickle.loads(pickle.dumps(path_source(tmp_path / "a.txt", metadata={"episode": "one"})))
    assert sent == path_source(tmp_path / "a.txt", metadata={"episode": "one"})
    assert await sent.load() == b"hello"


async def test_the_limit_goes_with_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hello")
    sent = pickle.loads(pickle.dumps(path_source(tmp_path / "a.txt", limits=Limits(source_bytes=4))))
    with pytest.raises(SourceLimitError, match="more than 4 bytes"):
        await sent.load()
