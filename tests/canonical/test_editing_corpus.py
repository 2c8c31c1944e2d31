"""Fifty decisions on a real conversation, and a third transcript of it that arrives later."""

from collections.abc import Sequence
from pathlib import Path

from episodic.canonical.domain import Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingService
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.ports import Store
from episodic.canonical.sources import RawSource
from episodic.canonical.tei import reader
from tests.canonical.ingesting import request, service


def sources(corpus: Path, *names: str) -> Sequence[RawSource]:
    folder = corpus / "talk-python"
    return [path_source(str(folder / f"395-readme-tools.{name}"), metadata={}) for name in names]


def edits(revision: Revision) -> list[Edit]:
    """Fifty decisions from the beginning to the end, of losing readings and of words that nobody has."""
    own = [
        decision
        for decision in revision.decisions
        if decision.kind == "transcript" and not decision.address.startswith("witness")
    ]
    chosen = own[:: len(own) // 50][:50]
    made: list[Edit] = []
    for number, decision in enumerate(chosen):
        text = f"editor{number}" if number % 2 else decision.variation.others[0].text
        made.append(Edit(address=decision.address, by="Ada", text=text))
    return made


async def test_fifty_decisions_survive_the_arrival_of_a_third_transcript(store: Store, corpus: Path) -> None:
    ingesting = service(store)
    first = await ingesting.ingest_multi_source(request(*sources(corpus, "vtt", "youtube.vtt")))
    made = edits(first.revision)
    assert len(made) == 50
    editing = EditingService(store=store, compose=ingesting.compose)
    second = await editing.edit("lantern-hour/first-light", made)
    third = await ingesting.ingest_multi_source(request(*sources(corpus, "vtt", "youtube.vtt", "txt")))
    before, after = (reader.read(r.revision.tei) for r in (second, third))
    assert [replay.reason for replay in third.revision.replays] == [None] * 50
    for number in range(1, 50, 2):
        assert f"editor{number} " in before.text()
        assert f"editor{number} " in after.text()
    old, new = ({w.sha256: d.text(w.siglum) for w in d.witnesses} for d in (before, after))
    assert old.items() <= new.items()
