"""Who says the utterances of each voice, and when each of its words is said."""

from collections.abc import Sequence

from episodic.canonical.resolution.collation import Collation, Voice
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.tokens import printable


def speakers_of(collation: Collation, speakers: Speakers) -> list[list[str | None]]:
    """Name the speaker of every utterance of every voice.

    Where the base names none, the utterance gets the speaker for whom most weight speaks among the
    voices that have its words beside a speaker, if at least half of its words are so supported.

    Returns
    -------
    For each voice, the `Person.key` of each utterance's speaker.
    """
    named = [
        [speakers.get((voice.siglum, printable(u.speaker or ""))) for u in voice.utterances]
        for voice in collation.voices
    ]
    base = named[collation.base]
    if None not in base:
        return named
    support: dict[int, dict[str, int]] = {}
    supported: dict[int, dict[str, int]] = {}
    voice = collation.voices[collation.base]
    row = collation.rows[collation.base]
    for index, other in enumerate(collation.voices):
        people = named[index]
        if index == collation.base or not any(people):
            continue
        for place, its_place in zip(row, collation.rows[index], strict=True):
            if place < 0 or its_place < 0 or voice.interned[place] != other.interned[its_place]:
                continue
            person = people[other.utterance_of[its_place]]
            number = voice.utterance_of[place]
            if person and not base[number]:
                votes = support.setdefault(number, {})
                votes[person] = votes.get(person, 0) + other.weight
                words = supported.setdefault(number, {})
                words[person] = words.get(person, 0) + 1
    for number, votes in support.items():
        person = max(votes, key=votes.__getitem__)
        if 2 * supported[number][person] >= voice.tokens.lengths[number]:
            base[number] = person
    return named


class Timing:
    """When the words of a voice are said, in seconds on its own clock.

    Between the start and the end of its utterance, a word's time is interpolated by its place.
    """

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._firsts: list[int] = []
        first = 0
        for length in voice.tokens.lengths:
            self._firsts.append(first)
            first += length

    def begins_utterance(self, token: int) -> bool:
        """Whether a token is the first of its utterance."""
        return self._firsts[self._voice.utterance_of[token]] == token

    def ends_utterance(self, token: int) -> bool:
        """Whether a token is the last of its utterance."""
        number = self._voice.utterance_of[token]
        return self._firsts[number] + self._voice.tokens.lengths[number] == token + 1

    def start(self, token: int) -> float | None:
        """When a token starts."""
        number = self._voice.utterance_of[token]
        return self._at(number, token - self._firsts[number])

    def end(self, token: int) -> float | None:
        """When a token ends."""
        number = self._voice.utterance_of[token]
        return self._at(number, token + 1 - self._firsts[number])

    def _at(self, number: int, words: int) -> float | None:
        utterance = self._voice.utterances[number]
        length = self._voice.tokens.lengths[number]
        if words == 0:
            return utterance.start
        if words == length:
            return utterance.end
        if utterance.start is None or utterance.end is None:
            return None
        return round(utterance.start + (utterance.end - utterance.start) * words / length, 3)


def first_present(row: Sequence[int], start: int, end: int, step: int = 1) -> int | None:
    """Find the first token of a row in a range of columns, walking by `step`."""
    for index in range(start, end, step):
        if row[index] >= 0:
            return row[index]
    return None
