"""Sources in files."""

import pickle
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceLimitError
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.normalizers.limits import Limits


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
