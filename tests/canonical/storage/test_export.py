"""Sources come back bit for bit, into one folder and nowhere else."""

import stat
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.domain import Revision
from episodic.canonical.errors import StorageError
from episodic.canonical.sources import Content
from episodic.canonical.storage.export import export_sources
from tests.canonical.storage import examples

RAW = b"ADA: Good evening.\r\n\xff\x00"


def revision_of(uris: list[str], content: Content) -> Revision:
    made = examples.revision(examples.episode(), examples.job(), contents=(content,) * len(uris))
    sources = [replace(s, id=uuid.uuid7(), uri=uri) for s, uri in zip(made.sources[:-1], uris, strict=True)]
    return replace(made, sources=(*sources, made.sources[-1]))


async def export(folder: Path, *uris: str, raw: bytes = RAW) -> list[Path]:
    content = examples.content(raw)

    async def get(_: str) -> Content:
        return content

    exported = await export_sources(revision_of(list(uris), content), get, folder)
    return [file for _, file in exported]


async def test_sources_come_back_bit_for_bit(tmp_path: Path) -> None:
    (file,) = await export(tmp_path / "out", "talks/395 edited.vtt")
    assert file == tmp_path / "out" / "s1-395_edited.vtt"
    assert file.read_bytes() == RAW


async def test_a_source_without_bytes_is_left_out(tmp_path: Path) -> None:
    await export(tmp_path / "out", "a.vtt")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["s1-a.vtt"]


async def test_files_and_folder_belong_to_the_user_alone(tmp_path: Path) -> None:
    (file,) = await export(tmp_path / "out", "a.vtt")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_sources_of_the_same_name_get_files_of_their_own(tmp_path: Path) -> None:
    files = await export(tmp_path / "out", "one/a.vtt", "two/a.vtt")
    assert [file.name for file in files] == ["s1-a.vtt", "s2-a.vtt"]


@pytest.mark.parametrize(
    "uri",
    ["../../etc/passwd", "/etc/passwd", "..", ".", "", "/", "..\\..\\x", "a/..", "~/.ssh/id", "nul\x00.txt",
     "https://example.org/feed?x=../../y", "-rf", "x" * 5000 + ".vtt", "é" * 300, "a\nb", "file:///etc/passwd"],
)  # fmt: skip
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, uri: str) -> None:
    (file,) = await export(tmp_path / "deep" / "out", uri)
    assert file.parent == tmp_path / "deep" / "out"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    assert file.name.startswith("s1-")


@given(uri=st.text())
async def test_no_text_at_all_leads_out_of_the_folder(
    tmp_path_factory: pytest.TempPathFactory, uri: str
) -> None:
    folder = tmp_path_factory.mktemp("export")
    (file,) = await export(folder, uri)
    assert [path for path in folder.rglob("*") if path.is_file()] == [file]


async def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "s1-a.vtt").symlink_to(outside)
    with pytest.raises(StorageError, match="is there already"):
        await export(tmp_path / "out", "a.vtt")
    assert not outside.exists()


async def test_a_link_to_the_same_bytes_is_not_taken_for_the_file(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(RAW)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "s1-a.vtt").symlink_to(outside)
    with pytest.raises(StorageError, match="is there already"):
        await export(tmp_path / "out", "a.vtt")


async def test_another_file_of_that_name_is_not_overwritten(tmp_path: Path) -> None:
    await export(tmp_path / "out", "a.vtt", raw=b"old")
    with pytest.raises(StorageError, match="is there already"):
        await export(tmp_path / "out", "a.vtt")
    assert (tmp_path / "out" / "s1-a.vtt").read_bytes() == b"old"


async def test_exporting_twice_is_exporting_once(tmp_path: Path) -> None:
    assert await export(tmp_path / "out", "a.vtt") == await export(tmp_path / "out", "a.vtt")


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="cannot be written: "):
        await export(tmp_path / "taken" / "out", "a.vtt")


async def test_bytes_that_are_missing_are_a_clear_error(tmp_path: Path) -> None:
    made = revision_of(["a.vtt"], examples.content(RAW))

    async def get(_: str) -> None:
        return None

    with pytest.raises(StorageError, match=r"the bytes of a\.vtt are missing"):
        await export_sources(made, get, tmp_path)
