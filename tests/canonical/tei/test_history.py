"""What the documents of an episode say of the revisions before them."""

from episodic.canonical.domain import Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingService
from episodic.canonical.ports import Store
from episodic.canonical.tei.elements import TEI, parse
from tests.canonical.ingesting import request, service, source
from tests.canonical.tei.test_writer import Faults

KEEPS = "Ada: Good evening, and welcome.\nBab: The lantern keeps the light of the harbour.\n"
KEPT = "Ada: Good evening, and welcome.\nBab: The lantern kept the light of the harbour.\n"


async def ingest(store: Store, title: str | None = None, **texts: str) -> Revision:
    sources = [source(f"{name}.txt", text) for name, text in texts.items()]
    outcome = await service(store).ingest_multi_source(request(*sources, title=title))
    return outcome.revision


async def edit(store: Store, change: Edit) -> Revision:
    editing = EditingService(store=store, compose=service(store).compose)
    outcome = await editing.edit("lantern-hour/first-light", [change])
    return outcome.revision


def changes(revision: Revision) -> list[str]:
    """What each change says, without the number of the revision, the newest first."""
    found = list(parse(revision.tei).iter(f"{TEI}change"))
    numbers = range(revision.number, 0, -1)
    assert [change.get("n") for change in found] == [str(number) for number in numbers]
    said = zip(found, numbers, strict=True)
    return [(change.text or "").removeprefix(f"Revision {number}, ") for change, number in said]


async def test_a_first_revision_names_its_sources(store: Store) -> None:
    first = await ingest(store, a=KEEPS)
    assert changes(first) == ["merged from 1 witness: a.txt."]


async def test_each_change_says_which_sources_came_went_and_changed(store: Store) -> None:
    await ingest(store, a=KEEPS, b=KEPT)
    await ingest(store, a=KEEPS, b=KEPT, c=KEPT + "Bab: And more.")
    await ingest(store, a=KEEPS + "Ada: Good night.", c=KEPT + "Bab: And more.")
    last = await ingest(store, "Dawn", a=KEEPS + "Ada: Good night.", c=KEPT + "Bab: And more.")
    assert changes(last)[:-1] == [
        "merged from the same 2 witnesses.",
        "merged from 2 witnesses; removed: b.txt; changed: a.txt.",
        "merged from 3 witnesses; added: c.txt.",
    ]


async def test_a_change_is_as_old_as_its_revision(store: Store) -> None:
    first = await ingest(store, a=KEEPS)
    second = await ingest(store, a=KEEPS, b=KEPT)
    dates = [change.get("when") for change in parse(second.tei).iter(f"{TEI}change")]
    assert dates == [second.created_at.isoformat(), first.created_at.isoformat()]


async def test_what_editors_decided_and_took_back_stays_on_record(store: Store, tei_all: Faults) -> None:
    first = await ingest(store, a=KEEPS, b=KEPT)
    (place,) = [d.address for d in first.decisions if "kept" in str(d.variation)]
    await edit(store, Edit(address=place, by="Ada", text="will keep", note="heard"))
    await edit(store, Edit(address=place, by="Bab"))
    last = await ingest(store, a=KEEPS, b=KEPT, c="Nothing of all this.")
    instead = next(d for d in first.decisions if d.address == place).variation.lemma.text.strip()
    assert changes(last)[:-1] == [
        "merged from 3 witnesses; added: c.txt.",
        f"transcript {place}: “will keep” taken back.",
        f"transcript {place}: “will keep” instead of “{instead}” (heard).",
    ]
    root = parse(last.tei)
    who = [change.get("who") for change in root.iter(f"{TEI}change")]
    assert who == ["#episodic", "#ed-bab", "#ed-ada", "#episodic"]
    assert tei_all(last.tei) == []
