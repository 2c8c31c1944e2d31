"""Editing an episode whose sources are no longer at hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from episodic.canonical.domain import EditorialDecision, Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingService
from episodic.canonical.errors import EditError, NotFoundError, StaleRevisionError
from episodic.canonical.finding import find_revision
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Store
from episodic.canonical.removal_service import RemovalService
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork
from episodic.canonical.tei import reader
from tests.canonical.ingesting import request, service, source

ADA = "Ada: Good evening, and welcome.\nBab: The lantern keeps the light of the harbour.\n"
BAB = "Ada: Good evening, and welcome.\nBab: The lantern kept the light of the harbour.\n"
CID = "Ada: Good evening, and welcome.\nBab: So the lantern kept a light of the old harbour.\n"


async def ingest(store: Store, **texts: str) -> IngestionOutcome:
    sources = [source(f"{name}.txt", text) for name, text in texts.items()]
    return await service(store).ingest_multi_source(request(*sources))


def editing(store: Store) -> EditingService:
    return EditingService(store=store, compose=service(store).compose)


async def edit(store: Store, *edits: Edit, against: int | None = None) -> Revision:
    outcome = await editing(store).edit("lantern-hour/first-light", edits, against)
    return outcome.revision


def lemma(revision: Revision) -> str:
    return reader.read(revision.tei).text()


def conflict(revision: Revision) -> str:
    (address,) = [d.address for d in revision.decisions if "kept" in str(d.variation)]
    return address


async def kept(store: Store, revision: Revision) -> Sequence[EditorialDecision]:
    async with store.begin(read_only=True) as work:
        return await work.edits.of(revision.episode_id)


async def test_a_decision_makes_a_revision_with_the_editors_words(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    second = await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    assert second.number == 2
    assert "The lantern will keep the light" in lemma(second)
    for siglum in ("s1", "s2"):
        assert reader.read(second.tei).text(siglum) == reader.read(first.tei).text(siglum)


async def test_a_reading_is_chosen_by_its_siglum(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    loser = next(d for d in first.decisions if d.address == conflict(first)).variation.others[0]
    second = await edit(store, Edit(address=conflict(first), by="Ada", reading=loser.sigla[0]))
    assert f"The lantern {loser.text}the light" in lemma(second)


async def test_the_same_sources_again_are_nothing_new_after_a_decision(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    second = await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    again = await ingest(store, a=ADA, b=BAB)
    assert (again.created, again.revision.number) == (False, second.number)


async def test_a_decision_is_in_force_when_sources_come_and_go(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    for texts in ({"a": ADA, "b": BAB, "c": CID}, {"c": CID}, {"b": BAB}):
        revision = (await ingest(store, **texts)).revision
        assert [replay.in_force for replay in revision.replays] == [True]
        assert "antern will keep" in lemma(revision)


async def test_a_decision_without_its_place_waits_and_comes_back(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    other = (await ingest(store, d="Ada: Something else was said by everyone today.\n")).revision
    assert [bool(replay.reason) for replay in other.replays] == [True]
    back = (await ingest(store, a=ADA, c=CID)).revision
    assert "antern will keep" in lemma(back)


async def test_a_decision_that_is_taken_back_stays_on_record(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    third = await edit(store, Edit(address=conflict(first), by="Bab"))
    assert (third.number, lemma(third)) == (3, lemma(first))
    (decision,) = await kept(store, third)
    assert (decision.by, decision.withdrawn_by) == ("Ada", "Bab")


async def test_a_later_decision_replaces_the_one_at_its_place(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    third = await edit(store, Edit(address=conflict(first), by="Bab", text="was keeping"))
    assert "lantern was keeping the" in lemma(third)
    assert [decision.stands for decision in await kept(store, third)] == [False, True]


async def test_words_that_all_sources_have_wrong_are_found_by_themselves(store: Store) -> None:
    await ingest(store, a=ADA, b=BAB)
    second = await edit(store, Edit(address="-/good evening", by="Ada", text="Good morning,"))
    assert lemma(second).startswith("Good morning, and welcome.")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Edit(address="0:00:00/12345678", by="Ada", text="x"), "no such place"),
        (Edit(address="-/the", by="Ada", text="x"), "stand in .* places"),
        (Edit(address="-/light", by="Ada"), "nobody has decided"),
        (Edit(address="-/light", by=" ", text="x"), "name"),
        (Edit(address="title", by="Ada", text=" "), "empty"),
        (Edit(address="guid", by="Ada", text="x"), "not a field that can be decided"),
        (Edit(address="-/light", by="\x07", text="x"), "name"),
        (Edit(address="published", by="Ada", text="last Tuesday"), "not a date"),
        (Edit(address="episode", by="Ada", text="twelve"), "not a number"),
        (Edit(address="duration", by="Ada", text="an hour"), "not a duration"),
        (Edit(address="prose/00000000", by="Ada", text="x"), "no passage"),
    ],
)
async def test_what_cannot_be_decided_changes_nothing(store: Store, made: Edit, message: str) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    with pytest.raises(EditError, match=message):
        await edit(store, made)
    assert await kept(store, first) == []


async def test_a_reading_that_is_not_there_is_named_with_those_that_are(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    with pytest.raises(NotFoundError, match="there is s1, s2"):
        await edit(store, Edit(address=conflict(first), by="Ada", reading="s9"))


async def test_a_title_is_decided_once_and_for_all(store: Store) -> None:
    await ingest(store, a=ADA)
    second = await edit(store, Edit(address="title", by="Ada", text="First Light"))
    assert (second.title, reader.read(second.tei).title) == ("First Light", "First Light")
    assert (await ingest(store, a=ADA, b=BAB)).revision.title == "First Light"


async def test_what_an_editor_writes_is_kept_as_the_document_has_it(store: Store) -> None:
    await ingest(store, a=ADA)
    made = Edit(address="title", by=" Ada\n", text="First\x1b\n Light\x00", note="\t")
    (decision,) = await kept(store, await edit(store, made))
    assert (decision.text, decision.by, decision.note) == ("First Light", "Ada", None)


async def test_a_duration_may_be_written_as_a_clock_has_it(store: Store) -> None:
    await ingest(store, a=ADA)
    (decision,) = await kept(store, await edit(store, Edit(address="duration", by="Ada", text="1:00:05")))
    assert decision.text == "3605"


async def test_a_person_who_was_renamed_is_renamed_again_under_either_name(store: Store) -> None:
    await ingest(store, a=ADA)
    await edit(store, Edit(address="person: Bab", by="Ada", text="Charles"))
    third = await edit(store, Edit(address="person: Charles", by="Ada", text="Charles Babbage"))
    assert set(reader.read(third.tei).canonical.names.values()) == {"Ada", "Charles Babbage"}
    fourth = await edit(store, Edit(address="person: Charles Babbage", by="Ada"))
    assert set(reader.read(fourth.tei).canonical.names.values()) == {"Ada", "Bab"}
    assert not any(decision.stands for decision in await kept(store, fourth))


async def test_a_reading_cannot_be_taken_from_a_source_that_does_not_reach_there(store: Store) -> None:
    long = "".join(f"Ada: And the keeper lit lamp number {number} by hand.\n" for number in range(20))
    half = long[: len(long) // 2]
    first = (await ingest(store, a=long, b=long.replace("hand", "heart"), c=half)).revision
    decision = next(d for d in first.decisions if any(o.cause for o in d.variation.others))
    (short,) = next(other.sigla for other in decision.variation.others if other.cause)
    with pytest.raises(EditError, match=f"{short} does not reach here"):
        await edit(store, Edit(address=decision.address, by="Ada", reading=short))


async def test_prose_is_decided_and_stays_so(store: Store) -> None:
    said = "The engine weaves algebraic patterns just as the loom weaves flowers and leaves."
    brief, notes = (f"# Notes\n\n{text}\n" for text in (said, said.replace("the loom", "a loom")))
    sources = [source("brief.md", brief), source("notes.md", notes)]
    first = (await service(store).ingest_multi_source(request(*sources))).revision
    (address,) = [d.address for d in first.decisions if d.kind == "prose"]
    second = await edit(store, Edit(address=address, by="Ada", text="The engine weaves."))
    assert ("p", "The engine weaves.") in list(reader.read(second.tei).prose())
    third = (await service(store).ingest_multi_source(request(sources[1]))).revision
    assert ("p", "The engine weaves.") in list(reader.read(third.tei).prose())
    fourth = await edit(store, Edit(address=address, by="Bab"))
    assert ("p", "The engine weaves.") not in list(reader.read(fourth.tei).prose())


async def test_an_editor_is_told_which_other_decision_no_longer_applies(store: Store) -> None:
    await ingest(store, a=ADA)
    await edit(store, Edit(address="-/evening", by="Ada", text="morning"))
    wider = Edit(address="-/good evening", by="Bab", text="Hello,")
    outcome = await editing(store).edit("lantern-hour/first-light", [wider])
    assert "Ada decided at -/evening, “morning”, waits now" in outcome.besides[0]
    back = await editing(store).edit("lantern-hour/first-light", [replace(wider, text=None)])
    assert back.besides == ("what Ada decided at -/evening, “morning”, is in force again",)


async def test_an_edit_is_a_job_that_says_what_it_was(store: Store) -> None:
    await ingest(store, a=ADA)
    await edit(store, Edit(address="title", by="Ada", text="First Light"))
    async with store.begin(read_only=True) as work:
        assert [job.status for job in await work.jobs.list()] == [JobStatus.EDITED, JobStatus.COMPLETED]


async def test_a_person_gets_another_name(store: Store) -> None:
    await ingest(store, a=ADA)
    second = await edit(store, Edit(address="person: Bab", by="Ada", text="Charles Babbage"))
    assert set(reader.read(second.tei).canonical.names.values()) == {"Ada", "Charles Babbage"}


async def test_two_editors_at_once_lose_nothing(store: Store) -> None:
    await ingest(store, a=ADA, b=BAB)
    one = Edit(address="-/good evening", by="Ada", text="Good morning,")
    other = Edit(address="-/harbour", by="Bab", text="port.")
    await asyncio.gather(edit(store, one, against=1), edit(store, other, against=1))
    async with store.begin(read_only=True) as work:
        episode = await work.episodes.get("lantern-hour", "first-light")
        assert episode
        newest = await work.revisions.newest(episode.id)
    assert newest
    assert newest.number == 3
    assert lemma(newest).startswith("Good morning, and welcome.")
    assert lemma(newest).endswith("port. ")


async def test_the_second_editor_is_told_what_the_first_changed(store: Store) -> None:
    await ingest(store, a=ADA, b=BAB)
    await edit(store, Edit(address="-/good evening", by="Ada", text="Good morning,"))
    made = Edit(address="-/harbour", by="Bab", text="port.")
    outcome = await editing(store).edit("lantern-hour/first-light", [made], 1)
    assert outcome.meanwhile == ("Ada decided -/good evening: “Good morning,”",)


async def test_what_the_first_editor_decided_is_not_overwritten_unseen(store: Store) -> None:
    first = (await ingest(store, a=ADA, b=BAB)).revision
    await edit(store, Edit(address=conflict(first), by="Ada", text="will keep"))
    with pytest.raises(
        StaleRevisionError, match=r"revision 1, but the newest is 2 .*Ada decided .*will keep"
    ):
        await edit(store, Edit(address=conflict(first), by="Bab", text="was keeping"), against=1)
    assert [d.by for d in await kept(store, first)] == ["Ada"]


async def test_who_decides_anew_what_he_decided_before_takes_that_back(store: Store) -> None:
    await ingest(store, a=ADA)
    await edit(store, Edit(address="-/evening", by="Ada", text="morning"))
    wider = Edit(address="-/good evening", by="Ada", text="Hello,")
    outcome = await editing(store).edit("lantern-hour/first-light", [wider])
    assert outcome.besides == ()
    assert [replay.reason for replay in outcome.revision.replays] == [None]
    assert [d.stands for d in await kept(store, outcome.revision)] == [False, True]


async def test_an_addition_is_edited_under_the_address_that_it_has_then(store: Store) -> None:
    await ingest(store, a=ADA)
    put_in = await edit(store, Edit(address="after -/welcome.", by="Ada", text="Cid: Good evening."))
    (address,) = [replay.address or "" for replay in put_in.replays]
    again = await edit(store, Edit(address=address, by="Bab", text="Cid: Hello. \n - Hm?"))
    assert [(u.speaker, u.text) for u in reader.read(again.tei).utterances()][1:3] == [
        ("Cid", "Hello."),
        (None, "Hm?"),
    ]
    gone = await edit(store, Edit(address=address, by="Bab"))
    assert lemma(gone) == lemma((await ingest(store, a=ADA)).revision)


@pytest.mark.parametrize("what", ["edit", "restore", "forget"])
async def test_a_cancellation_that_comes_after_the_commit_comes_too_late(
    store: Store, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await ingest(store, ada=ADA, bab=BAB)
    await edit(store, Edit(address="title", by="ben", text="Other"))
    name, commit = "lantern-hour/first-light", SqlUnitOfWork.commit

    async def commit_and_be_cancelled(work: SqlUnitOfWork) -> None:
        await commit(work)
        if task := asyncio.current_task():
            task.cancel()
        await asyncio.sleep(0)

    monkeypatch.setattr(SqlUnitOfWork, "commit", commit_and_be_cancelled)
    match what:
        case "edit":
            made = (await edit(store, Edit(address="title", by="ada", text="Another"))).number
        case "restore":
            made = (await editing(store).restore(name, 1, "ada")).number
        case _:
            removal = RemovalService(store=store, compose=service(store).compose)
            made = len((await removal.forget(name, "bab.txt", "by ada")).made_anew)
    async with store.begin(read_only=True) as work:
        assert (await find_revision(work, name))[1].number == made


@pytest.mark.parametrize("what", ["edit", "forget"])
async def test_a_cancellation_that_comes_before_the_commit_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await ingest(store, ada=ADA, bab=BAB)
    name = "lantern-hour/first-light"

    async def be_cancelled(_: SqlUnitOfWork) -> None:
        if task := asyncio.current_task():
            task.cancel()
        await asyncio.sleep(0)

    removal = RemovalService(store=store, compose=service(store).compose)
    with monkeypatch.context() as patched:
        patched.setattr(SqlUnitOfWork, "commit", be_cancelled)
        work = (
            edit(store, Edit(address="title", by="ada", text="Another"))
            if what == "edit"
            else removal.forget(name, "bab.txt", "by ada")
        )
        with pytest.raises(asyncio.CancelledError):
            await work
    async with store.begin(read_only=True) as unit:
        newest = (await find_revision(unit, name))[1]
    assert (newest.number, len(newest.sources)) == (1, 2)
