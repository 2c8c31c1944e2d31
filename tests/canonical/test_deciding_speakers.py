"""Editors decide who speaks: at a time, in a range, of a label, and for a whole series."""

from dataclasses import replace

import pytest

from episodic.canonical.domain import Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.errors import EditError
from episodic.canonical.ports import Store
from episodic.canonical.tei import reader
from tests.canonical.ingesting import request, service, source
from tests.canonical.test_editing_service import edit, editing

SAID = (
    (1, "Good evening, and welcome to the tower."),
    (4, "We climb a hundred steps tonight."),
    (8, "Mind the last one, it is short."),
    (12, "The lamp has burned since my grandfather was a boy."),
    (17, "And does the sea ever come up here?"),
    (21, "Only once, in the great storm."),
)


def captions(*labels: str, late: float = 0.0, wrong: str = "") -> str:
    """What is said, in captions with these labels; another engine mishears and is late."""
    cues = ["WEBVTT\n"]
    for (start, text), label in zip(SAID, labels, strict=True):
        voice = f"<v {label}>" if label else ""
        heard = text.replace(wrong, "xylophone") if wrong else text
        cues.append(f"00:{start + late:06.3f} --> 00:{start + 3 + late:06.3f}\n{voice}{heard}\n")
    return "\n".join(cues)


ENGINE = captions("Speaker 1", "Speaker 1", "Speaker 2", "Speaker 2", "Speaker 1", "Speaker 2")


async def heard(store: Store, **texts: str) -> Revision:
    sources = [source(f"{name}.vtt", text) for name, text in texts.items()]
    return (await service(store).ingest_multi_source(request(*sources))).revision


def speakers(revision: Revision) -> list[str | None]:
    return [said.speaker for said in reader.read(revision.tei).utterances()]


async def test_who_says_one_utterance_is_decided(store: Store) -> None:
    await heard(store, engine=ENGINE)
    made = await edit(store, Edit(address="speaker 0:00:08", by="Maya", text="Dana Reyes"))
    assert speakers(made) == ["Speaker 1", "Speaker 1", "Dana Reyes", "Speaker 2", "Speaker 1", "Speaker 2"]
    (about,) = [each for each in made.decisions if each.kind == "speaker"]
    assert (about.address, about.reason, about.start) == ("speaker 0:00:08", "decided by Maya", 8.0)
    assert [each.text for each in (about.variation.lemma, *about.variation.others)] == [
        "Dana Reyes",
        "Speaker 2",
    ]


async def test_a_time_within_an_utterance_is_about_it(store: Store) -> None:
    await heard(store, engine=ENGINE)
    made = await edit(store, Edit(address="speaker 0:00:14", by="Maya", text="Dana Reyes"))
    assert speakers(made)[3] == "Dana Reyes"


async def test_a_range_is_one_decision_about_all_that_begins_in_it(store: Store) -> None:
    await heard(store, engine=ENGINE)
    made = await edit(store, Edit(address="speaker 0:00:04-0:00:12", by="Maya", text="Dana Reyes"))
    assert speakers(made) == ["Speaker 1", *["Dana Reyes"] * 3, "Speaker 1", "Speaker 2"]
    back = await edit(store, Edit(address="speaker 0:00:04-0:00:12", by="Maya"))
    assert speakers(back) == speakers(await heard(store, engine=ENGINE))


async def test_a_label_means_a_person_and_is_that_persons_other_name(store: Store) -> None:
    await heard(store, engine=ENGINE)
    made = await edit(store, Edit(address="speaker speaker 2", by="Maya", text="Dana Reyes"))
    assert speakers(made) == [*["Speaker 1"] * 2, *["Dana Reyes"] * 2, "Speaker 1", "Dana Reyes"]
    document = reader.read(made.tei)
    assert sorted(document.canonical.names.values()) == ["Dana Reyes", "Speaker 1"]
    more = captions(*["Dana"] * 3, *["Maya"] * 3, wrong="evening")
    again = await heard(store, engine=ENGINE, other=more)
    assert "Dana" not in reader.read(again.tei).canonical.names.values()  # she is Dana Reyes


async def test_decisions_survive_other_sources_with_other_bounds_and_times(store: Store) -> None:
    await heard(store, engine=ENGINE)
    await edit(store, Edit(address="speaker 0:00:08-0:00:12", by="Maya", text="Dana Reyes"))
    new = captions("A", "A", "B", "B", "A", "B", late=0.7, wrong="evening")
    both = await heard(store, engine=ENGINE, new=new)
    assert [said for said in speakers(both) if said == "Dana Reyes"] == ["Dana Reyes"] * 2
    alone = await heard(store, new=new)
    assert speakers(alone) == ["A", "A", "Dana Reyes", "Dana Reyes", "A", "B"]
    assert [replay.address for replay in alone.replays] == ["speaker 0:00:08-0:00:12"]


async def test_a_contradiction_is_decided_by_its_address(store: Store) -> None:
    other = captions("Ann", "Ann", "Bob", "Ann", "Bob", "Ann", wrong="tower")
    first = await heard(store, a=captions("Ann", "Ann", "Bob", "Bob", "Bob", "Ann"), b=other)
    (about,) = [each for each in first.decisions if each.kind == "speaker"]
    made = await edit(store, Edit(address=about.address, by="Maya", text="Cid Gray"))
    assert speakers(made)[3] == "Cid Gray"
    (decided,) = [each for each in made.decisions if each.kind == "speaker"]
    assert decided.variation.verdict
    assert {"Ann", "Bob"} >= {each.text for each in decided.variation.others}


async def test_the_series_says_whom_labels_mean_and_an_episode_may_say_otherwise(store: Store) -> None:
    await heard(store, engine=ENGINE)
    async with store.begin() as work:
        series = await work.series.get("lantern-hour")
        assert series
        policy = replace(series.policy, speakers={"Speaker 1": "Dana Reyes", "Speaker 2": "Maya Okafor"})
        await work.series.put(replace(series, policy=policy))
        await work.commit()
    assert speakers(await heard(store, engine=ENGINE))[:3] == ["Dana Reyes", "Dana Reyes", "Maya Okafor"]
    made = await edit(store, Edit(address="speaker Speaker 1", by="Maya", text="Cid Gray"))
    assert speakers(made)[:3] == ["Cid Gray", "Cid Gray", "Maya Okafor"]


async def test_a_source_keeps_what_it_says_itself(store: Store) -> None:
    await heard(store, engine=ENGINE)
    made = await edit(store, Edit(address="speaker 0:00:08", by="Maya", text="Dana Reyes"))
    own = [said.speaker for said in reader.read(made.tei).utterances("s1")]
    assert own == ["Speaker 1", "Speaker 1", "Speaker 2", "Speaker 2", "Speaker 1", "Speaker 2"]


async def test_the_later_of_two_decisions_about_an_utterance_is_in_force(store: Store) -> None:
    await heard(store, engine=ENGINE)
    await edit(store, Edit(address="speaker 0:00:08", by="Maya", text="Dana Reyes"))
    outcome = await editing(store).edit(
        "lantern-hour/first-light", [Edit(address="speaker 0:00:04-0:00:12", by="Bob", text="Cid Gray")]
    )
    assert speakers(outcome.revision)[1:4] == ["Cid Gray"] * 3
    assert "waits now: later decisions about the same are in force" in " ".join(outcome.besides)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("banana 0:00:12/So tell us", "is not an address; give one of 'episodic decisions'"),
        ("banana", "is not an address"),
        ("speaker ", "is not an address"),
        ("0:00:12/", "is not an address"),
        ("speaker 0:00:00", "nobody says anything there"),
        ("speaker 0:10:00-0:11:00", "nobody says anything there"),
        ("speaker Speaker 9", "no source calls a speaker Speaker 9"),
        ("speaker 0:00:08/00000000", "there is no such place"),
    ],
)
async def test_an_address_that_names_nothing_is_refused(store: Store, address: str, message: str) -> None:
    await heard(store, engine=ENGINE)
    with pytest.raises(EditError, match=message):
        await edit(store, Edit(address=address, by="Maya", text="Dana Reyes"))


async def test_nobody_is_named_by_nothing(store: Store) -> None:
    await heard(store, engine=ENGINE)
    with pytest.raises(EditError, match="cannot be empty"):
        await edit(store, Edit(address="speaker 0:00:08", by="Maya", text=" "))


async def test_without_a_transcript_decisions_wait(store: Store) -> None:
    await heard(store, engine=ENGINE)
    await edit(store, Edit(address="speaker 0:00:08", by="Maya", text="Dana Reyes"))
    note = source("notes.md", "# Notes\n\nThe lamp was lit in 1870, and has burned since.\n")
    revision = (await service(store).ingest_multi_source(request(note))).revision
    assert [replay.reason for replay in revision.replays] == ["there is no transcript any more"]
