"""Verifying a store names what is not whole, and nothing else."""

import sqlite3
import uuid
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from episodic.canonical.domain import Revision
from episodic.canonical.jobs import JobStatus
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.ports import Store
from episodic.canonical.sources import Content
from episodic.canonical.storage.store import open_store
from episodic.canonical.tei.checking import read_to_check
from episodic.canonical.verification import Verifier
from tests.canonical.ingesting import TALK, request, service, source
from tests.canonical.storage import examples

NAME = "lantern-hour/first-light"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """A store with one good revision."""
    async with open_store(tmp_path / "db") as opened:
        await ingest(opened, TALK)
        yield opened


async def ingest(store: Store, text: str) -> Revision:
    outcome = await service(store).ingest_multi_source(request(source("talk.txt", text)))
    return outcome.revision


async def faults(store: Store) -> list[str]:
    return [str(fault) async for fault in Verifier(store, SourceNormalizer(), read_to_check).faults()]


async def append_changed(store: Store, old: bytes, new: bytes, *contents: Content, **changes: object) -> None:
    """Add a second revision that is the first with something changed in its document."""
    async with store.begin() as work:
        (episode,) = await work.episodes.list()
        first = await work.revisions.newest(episode.id)
        assert first
        assert old in first.tei
        sources = tuple(replace(s, id=uuid.uuid7(), **changes) for s in first.sources)
        for content in contents:
            await work.contents.put(content)
        await work.revisions.append(
            replace(
                first,
                id=uuid.uuid7(),
                number=2,
                fingerprint="2",
                tei=first.tei.replace(old, new),
                sources=sources,
            )
        )
        await work.commit()


async def test_a_store_that_is_whole_has_no_faults(store: Store) -> None:
    await ingest(store, TALK + "Ada: Good night.\n")
    assert await faults(store) == []


async def test_content_without_its_hash_is_named(store: Store) -> None:
    async with store.begin() as work:
        await work.contents.put(Content("0" * 64, 4, examples.content(b"text").compressed))
        await work.commit()
    (fault,) = await faults(store)
    assert fault.startswith(f"content {'0' * 64}: ")


async def test_a_document_that_is_not_well_formed_is_named(store: Store) -> None:
    await append_changed(store, b"</TEI>", b"")
    (fault,) = await faults(store)
    assert fault.startswith(f"{NAME}, revision 2: cannot be read back")


async def test_a_pointer_to_nothing_is_named(store: Store) -> None:
    await append_changed(store, b'who="#sp-ada"', b'who="#sp-eve"')
    assert f'{NAME}, revision 2: u/@who="#sp-eve" points to nothing' in await faults(store)


async def test_a_document_that_says_something_else_than_its_source_is_named(store: Store) -> None:
    await append_changed(store, b"Good evening", b"Good morning")
    (fault,) = await faults(store)
    assert fault.startswith(
        f"{NAME}, revision 2, s1: the document, read under its siglum, is not what its kept"
    )
    assert fault.endswith("if it was updated since, ingest the episode again")


async def test_a_document_of_another_version_may_have_read_its_source_in_another_way(store: Store) -> None:
    from episodic.canonical.tei.header import VERSION

    await append_changed(store, f'version="{VERSION}"'.encode(), b'version="0.0.1"', format="markdown")
    assert await faults(store) == []


async def test_a_witness_of_which_other_bytes_are_kept_is_named(store: Store) -> None:
    other = examples.content()
    await append_changed(store, b"", b"", other, sha256=other.sha256)
    assert await faults(store) == [
        f"{NAME}, revision 2: its document names other witnesses than those that are kept"
    ]


async def test_a_document_that_does_not_keep_our_profile_is_named(store: Store) -> None:
    await append_changed(store, b"</body>", b"<lg/></body>")
    (fault,) = await faults(store)
    assert fault.startswith(f"{NAME}, revision 2: does not keep our profile of the TEI: line ")


async def test_an_invalid_document_is_named_when_a_schema_is_given(store: Store) -> None:
    verifier = Verifier(store, SourceNormalizer(), read_to_check, lambda _: ["line 3: no such element"])
    assert [str(fault) async for fault in verifier.faults()] == [
        f"{NAME}, revision 1: is not valid TEI: line 3: no such element"
    ]


async def test_a_completed_job_without_its_result_is_named(store: Store) -> None:
    lost = replace(examples.job(), status=JobStatus.COMPLETED)
    async with store.begin() as work:
        await work.jobs.add(lost)
        await work.commit()
    assert await faults(store) == [f"job {lost.id}: is completed and made no revision"]


EDIT_ID = uuid.uuid7()
EDIT = f"""INSERT INTO editorial_decisions
SELECT '{EDIT_ID.hex}', id, 'claim', 'title', 'T', 'Ada', 'odd', 1, NULL, '[]', '[]', NULL, NULL
FROM episodes"""


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("DELETE FROM contents", "database: sources: sha256 {sha256} is not in contents"),
        ("DELETE FROM contents", NAME + ", revision 1, s1: its bytes, {sha256}, are missing"),
        ("UPDATE revisions SET tei = x'00'", NAME + ", revision 1: a stored document is damaged"),
        ("DELETE FROM revisions", "database: jobs: revision_id {revision} is not in revisions"),
        ("DELETE FROM revisions", NAME + ": has no revision"),
        ("DELETE FROM series", "database: episodes: series_slug lantern-hour is not in series"),
        ("UPDATE series SET policy = 'odd'", "database: series {series}: its policy cannot be 'odd'"),
        ("UPDATE episodes SET created_at = 'odd'", "database: episodes {episode}: its created_at cannot be"),
        ("UPDATE contents SET size = 'odd'", "database: contents {sha256}: its size cannot be 'odd'"),
        ("UPDATE contents SET compressed = 'odd'", "content {sha256}: the table contents is damaged"),
        ("UPDATE jobs SET status = 'odd'", "database: jobs {job}: its status cannot be 'odd'"),
        ("UPDATE jobs SET revision_id = 'odd'", "database: jobs {job}: its revision_id cannot be 'odd'"),
        ("UPDATE jobs SET error = x'00'", "database: jobs {job}: its error cannot be b'\\x00'"),
        ("UPDATE sources SET weight = 'odd'", "database: sources {source}: its weight cannot be 'odd'"),
        ("UPDATE sources SET weight = 'odd'", NAME + ", revision 1: the table sources is damaged"),
        ("UPDATE revisions SET job_id = 'odd'", "database: revisions {revision}: its job_id cannot be 'odd'"),
        ("UPDATE revisions SET decisions = x'00'", NAME + ", revision 1: a stored document is damaged"),
        (EDIT, "database: editorial_decisions {edit}: its made_at cannot be 'odd'"),
    ],
)
async def test_damage_to_the_file_is_named(tmp_path: Path, damage: str, says: str) -> None:
    async with open_store(tmp_path / "db") as store:
        first = await ingest(store, TALK)
        async with store.begin(read_only=True) as work:
            (show,), (episode,), (job,) = (
                await work.series.list(),
                await work.episodes.list(),
                await work.jobs.list(),
            )
    with closing(sqlite3.connect(tmp_path / "db")) as connection, connection:
        connection.execute(damage)
    async with open_store(tmp_path / "db") as store:
        found = await faults(store)
    named = {"revision": first, "source": first.sources[0], "series": show, "episode": episode, "job": job}
    expected = says.format(
        sha256=first.sources[0].sha256,
        edit=EDIT_ID.hex,
        **{name: entity.id.hex for name, entity in named.items()},
    )
    assert any(fault.startswith(expected) for fault in found), found


async def test_damaged_pages_are_named(tmp_path: Path) -> None:
    async with open_store(tmp_path / "db") as store:
        await ingest(store, TALK * 200)
    raw = bytearray((tmp_path / "db").read_bytes())
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'ix_sources_sha256'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    raw[(page - 1) * size + 8 : page * size] = bytes(size - 8)
    (tmp_path / "db").write_bytes(raw)
    async with open_store(tmp_path / "db") as store:
        assert any(fault.startswith("database: file: ") for fault in await faults(store))
