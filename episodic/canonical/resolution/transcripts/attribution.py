"""Who says the utterances of each voice, and where the voices contradict each other about it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.document import Reading, Variation
from episodic.canonical.editing.addresses import clock, fingerprint
from episodic.canonical.resolution.names import folded
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import decimal
from episodic.canonical.text.labels import is_label
from episodic.canonical.text.tokens import printable

_TIMES: Final = 10  # how many a reason lists


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who speaks.

    Parameters
    ----------
    people
        For each voice, the `Person.key` of each utterance's speaker.
    contradictions
        A decision for each set of contradicting names, whatever the number of utterances that it is about,
        and which of the base's these are.
    """

    people: Sequence[Sequence[str | None]]
    contradictions: Sequence[tuple[Decision, Sequence[int]]]


def attribute(collation: Collation, speakers: Speakers, called: Collection[str] = ()) -> Attribution:
    """Name the speaker of every utterance of every voice.

    Where the base names none, or only by a label, the utterance gets the speaker for whom most weight
    speaks: a name wins over a label, whoever is meant by it elsewhere. A voice names a speaker for an
    utterance of the base when it gives that person at least half of the words.

    Parameters
    ----------
    called
        Folded labels that are as good as names, because an editor or the series says who they are.
    """
    labels = [
        {
            name
            for name in {u.speaker or "" for u in voice.utterances}
            if _is_unknown(name, called) or name in voice.thread.called.values()
        }
        for voice in collation.voices
    ]
    named = [
        [
            speakers.get(who) if u.speaker and (who := collation.mention(index, number)) else None
            for number, u in enumerate(voice.utterances)
        ]
        for index, voice in enumerate(collation.voices)
    ]
    contradictions: dict[tuple[Reading, ...], list[int]] = {}
    for number, voices in enumerate(_named_by(collation, named)):
        if voices:
            by_name = {
                v: n
                for v, n in voices.items()
                if (collation.voices[v].utterances[n].speaker or "") not in labels[v]
            }
            person, readings = _elect(collation, by_name, voices, named)
            named[collation.base][number] = person
            if len(readings) > 1:
                contradictions.setdefault(readings, []).append(number)
    spoken = collation.voices[collation.base].utterances
    return Attribution(
        named,
        [
            (_decision(readings, [spoken[number].start for number in numbers]), numbers)
            for readings, numbers in contradictions.items()
        ],
    )


def _is_unknown(name: str, called: Collection[str]) -> bool:
    return is_label(name) and folded(printable(name)) not in called


def _named_by(collation: Collation, named: Sequence[Sequence[str | None]]) -> Iterator[Mapping[int, int]]:
    """Yield for each utterance of the base the voices that name its speaker, each with its own utterance."""
    base, row = collation.voices[collation.base], collation.rows[collation.base]
    heard: list[dict[int, dict[int, int]]] = [{} for _ in base.utterances]
    for index in sorted(collation.family):
        other, people = collation.voices[index], named[index]
        if index == collation.base or not any(people):
            continue
        for place, its_place in zip(row, collation.rows[index], strict=True):
            if place < 0 or its_place < 0 or base.interned[place] != other.interned[its_place]:
                continue
            number = other.utterance_of[its_place]
            if people[number]:
                words = heard[base.utterance_of[place]].setdefault(index, {})
                words[number] = words.get(number, 0) + 1
    for number, (voices, length) in enumerate(zip(heard, base.tokens.lengths, strict=True)):
        found = {collation.base: number} if named[collation.base][number] else {}
        for index, words in voices.items():
            by_person: dict[str | None, int] = {}
            for its_number, count in words.items():
                person = named[index][its_number]
                by_person[person] = by_person.get(person, 0) + count
            person = max(by_person, key=by_person.__getitem__)
            if 2 * by_person[person] >= length:
                found[index] = next(n for n in words if named[index][n] == person)
        yield found


def _elect(
    collation: Collation,
    by_name: Mapping[int, int],
    by_anything: Mapping[int, int],
    people: Sequence[Sequence[str | None]],
) -> tuple[str | None, tuple[Reading, ...]]:
    """Choose the base's speaker, or else the one with most weight; give every candidate, that one first.

    Of labels, the base's gives way to one that several others have and that has more weight.
    """
    voices = by_name or by_anything
    candidates: dict[str | None, list[int]] = {}
    for index in sorted(voices):
        candidates.setdefault(people[index][voices[index]], []).append(index)

    def weight(person: str | None) -> int:
        # Copies speak once, with the heaviest that names this person; their words alone made them copies.
        heaviest: dict[int, int] = {}
        for index in candidates[person]:
            heaviest.setdefault(collation.original(index), collation.voices[index].weight)
        return sum(heaviest.values())

    def comes_first(person: str | None) -> bool:
        own = candidates[person]
        return collation.base in own or (not by_name and len(own) > 1)

    of_base = next((weight(person) for person, own in candidates.items() if collation.base in own), 0)
    order = sorted(
        candidates,
        key=lambda person: (
            not comes_first(person) or weight(person) < of_base,
            -weight(person),
        ),
    )
    readings: list[Reading] = []
    for person in order:
        own = candidates[person]
        spoken = collation.voices[own[0]].utterances[voices[own[0]]].speaker
        sigla = tuple(collation.siglum(index, voices[index]) for index in own)
        readings.append(Reading(printable(spoken or ""), sigla, weight(person)))
    return order[0], tuple(readings)


def _decision(readings: tuple[Reading, ...], starts: Sequence[float | None]) -> Decision:
    times = [clock(start) for start in starts if start is not None]
    listed = ", ".join(times[:_TIMES]) + (", …" if len(times) > _TIMES else "")
    count = f"{len(starts)} utterances" if len(starts) > 1 else "1 utterance"
    lemma, *others = readings
    strongest = max(other.weight for other in others)
    whose = "" if lemma.weight >= strongest else "; the base has it"
    reason = (
        f"who speaks in {count}{f' ({listed})' if listed else ''}: {decimal(lemma.weight)} for it, "
        f"{decimal(strongest)} for the strongest other{whose}"
    )
    digest = fingerprint(part for reading in readings for part in (reading.text, *reading.sigla))
    start = starts[0]
    return Decision(
        "speaker", f"speaker {clock(start)}/{digest}", Variation(lemma, tuple(others)), reason, start
    )
