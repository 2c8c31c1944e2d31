"""Names of earlier episodes: what an episode has of them, and keeps whatever comes."""

import uuid
from dataclasses import replace

from episodic.canonical.domain import Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingService
from episodic.canonical.ports import Store
from episodic.canonical.removal_service import RemovalService
from episodic.canonical.resolved import Learned
from episodic.canonical.sources import RawSource
from episodic.canonical.tei import reader
from tests.canonical.ingesting import request, service, source

BRIEF = "# About\n\nThis time we talk about {} and the people who use it.\n"
KOBOL = (
    "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ada>Good evening, and welcome.\n\n"
    "00:02.000 --> 00:05.000\n<v Bab>They wrote it in Kobol for the old bank.\n"
)
COBOL = "Ada: Good evening, and welcome.\nBab: They wrote it in COBOL for the old bank.\n"
HEARD = (source("a.vtt", KOBOL), source("b.txt", COBOL))
NAME = "lantern-hour/second"


async def ingest(
    store: Store, *sources: RawSource, episode: str = "second", series: str = "lantern-hour"
) -> Revision:
    asked = request(*sources, episode=episode, series=series)
    return (await service(store).ingest_multi_source(asked)).revision


async def tell(store: Store, *names: str, episode: str = "first", series: str = "lantern-hour") -> None:
    """Ingest another episode, whose brief has names."""
    paper = source("brief.md", BRIEF.format(" and ".join(names)))
    talk = source("talk.txt", f"Ada: Good evening from {episode}.\nBab: We begin.\n")
    await ingest(store, paper, talk, episode=episode, series=series)


def text(revision: Revision) -> str:
    return reader.read(revision.tei).text()


async def test_a_name_of_an_earlier_episode_decides(store: Store) -> None:
    alone = await ingest(store, *HEARD, episode="before")
    assert ("Kobol" in text(alone), alone.learned) == (True, Learned())
    await tell(store, "COBOL")
    learned = await ingest(store, *HEARD)
    assert "COBOL" in text(learned)
    assert learned.learned == Learned(said=("COBOL",), decided=("COBOL",))


async def test_another_series_has_nothing_to_say(store: Store) -> None:
    await tell(store, "COBOL", series="elsewhere")
    assert "Kobol" in text(await ingest(store, *HEARD))


async def test_an_episode_does_not_learn_from_its_own_former_papers(store: Store) -> None:
    await ingest(store, *HEARD, source("brief.md", BRIEF.format("COBOL")))
    without = await ingest(store, *HEARD)
    assert ("Kobol" in text(without), without.learned) == (True, Learned())


async def test_what_others_bring_later_does_not_make_an_episode_another_one(store: Store) -> None:
    first = await ingest(store, *HEARD)
    await tell(store, "COBOL")
    assert await ingest(store, *HEARD) == first
    more = await ingest(store, *HEARD, source("notes.md", "# Notes\n\nwe met at noon.\n"))
    assert (more.number, "COBOL" in text(more)) == (2, True)


async def test_a_preview_learns_and_stores_nothing(store: Store) -> None:
    await tell(store, "COBOL")
    asked = request(*HEARD, episode="second")
    shown = await service(store).preview(asked, uuid.uuid7())
    assert shown.revision.learned.decided == ("COBOL",)
    async with store.begin(read_only=True) as work:
        assert [episode.slug for episode in await work.episodes.list()] == ["first"]


async def test_editing_keeps_what_was_learned_then(store: Store) -> None:
    await tell(store, "COBOL")
    first = await ingest(store, *HEARD)
    await tell(store, "Kobol", "bank", episode="third")
    editing = EditingService(store=store, compose=service(store).compose)
    told = (await editing.edit(NAME, [Edit(address="title", by="Ada", text="Old Banks")])).revision
    assert ("COBOL" in text(told), told.learned) == (True, first.learned)
    back = await editing.restore(NAME, 1, "Ada")
    assert (text(back), back.learned) == (text(first), first.learned)
    assert replace(reader.read(back.tei).canonical, editors=()) == reader.read(first.tei).canonical


async def test_restoring_takes_what_that_revision_had_learned(store: Store) -> None:
    first = await ingest(store, *HEARD)
    await tell(store, "COBOL")
    second = await ingest(store, *HEARD, source("notes.md", "# Notes\n\nwe met at noon.\n"))
    assert "COBOL" in text(second)
    editing = EditingService(store=store, compose=service(store).compose)
    back = await editing.restore(NAME, 1, "Ada")
    assert (text(back), back.learned) == (text(first), Learned())


async def test_forgetting_keeps_what_was_learned_and_forgets_what_was_for_others(store: Store) -> None:
    await tell(store, "COBOL")
    notes = source("notes.md", "# Notes\n\nWe met with Zuse at noon.\n")
    await ingest(store, *HEARD, notes)
    removal = RemovalService(store=store, compose=service(store).compose)
    await tell(store, "Kobol", episode="third")
    async with store.begin(read_only=True) as work:
        assert "zuse" in (await work.revisions.terms("lantern-hour"))["second"]
    await removal.forget(NAME, "notes.md", "by Ada")
    async with store.begin(read_only=True) as work:
        episode = await work.episodes.get("lantern-hour", "second")
        assert episode is not None
        anew = await work.revisions.newest(episode.id)
        assert "zuse" not in (await work.revisions.terms("lantern-hour"))["second"]
    assert anew is not None
    assert ("COBOL" in text(anew), anew.learned) == (True, Learned(said=("COBOL",), decided=("COBOL",)))
    await removal.forget("lantern-hour/first", "brief.md", "by Ada")
    assert "Kobol" in text(await ingest(store, *HEARD, episode="fourth"))


async def test_a_deleted_episode_teaches_nothing(store: Store) -> None:
    await tell(store, "COBOL")
    async with store.begin() as work:
        episode = await work.episodes.get("lantern-hour", "first")
        assert episode is not None
        await work.episodes.put(replace(episode, slug="first~1"))
        await work.commit()
    assert "Kobol" in text(await ingest(store, *HEARD))


async def test_the_episodes_of_a_batch_learn_what_was_there_before_it(store: Store) -> None:
    async with store.begin(read_only=True) as work:
        batch = replace(service(store), terms=await work.revisions.terms("lantern-hour"))
    await tell(store, "COBOL")
    made = await batch.ingest_multi_source(request(*HEARD, episode="second"))
    assert "Kobol" in text(made.revision)
