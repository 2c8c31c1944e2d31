"""What was decided in a transcript, where and why."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from episodic.canonical.document import Decision, Difference, Reading, Variation
from episodic.canonical.resolution.transcripts.collation import Collation, Voice
from episodic.canonical.sources import decimal
from episodic.canonical.tokens import key, printable

_CONTEXT: Final = 3
_CLOCK: Final = re.compile(r"(\d+):(\d\d):(\d\d)", re.ASCII)


class Record:
    """Collects the decisions of a transcript and names the places that they are about.

    Parameters
    ----------
    lemma
        The form that won in each column.
    """

    def __init__(self, collation: Collation, lemma: Sequence[str]) -> None:
        self._lemma = lemma
        self._taken: dict[str, int] = {}
        self.decisions: list[Decision] = list(_about_witnesses(collation))

    def address(self, said: Iterable[str], start: int, end: int, time: float | None) -> str:
        """Name a place by its time and a digest of what is said there, before and after it.

        Parameters
        ----------
        said
            The keys of the readings, in any order.
        start, end
            Columns.
        time
            Seconds.
        """
        content = (
            *self._context(range(start - 1, -1, -1)),
            "|",
            *sorted(set(said)),
            "|",
            *self._context(range(end, len(self._lemma))),
        )
        name = f"{clock(time)}/{fingerprint(content)}"
        self._taken[name] = number = self._taken.get(name, 0) + 1
        return name if number == 1 else f"{name}-{number}"

    def add(self, variation: Variation, time: float | None) -> None:
        """Record a decision, unless all others just do not reach here."""
        rivals = [other for other in variation.others if other.cause is None]
        lemma = variation.lemma
        weight = decimal(lemma.weight)
        strongest = max((rival.weight for rival in rivals), default=0)
        if verdict := variation.verdict:
            reason = verdict.reason
        elif not rivals:
            return
        elif variation.difference is Difference.ORTHOGRAPHIC:
            reason = (
                f"only the spelling differs; {decimal(lemma.weight)} for it, {decimal(strongest)} for another"
            )
        elif lemma.weight < strongest:
            reason = (
                f"{weight} for it, {decimal(strongest)} for the strongest other; agreement with the others "
                "and the words of the episode speak for it"
            )
        else:
            reason = f"{weight} for it, {decimal(strongest)} for the strongest other"
        self.decisions.append(Decision("transcript", variation.address or "", variation, reason, time))

    def _context(self, columns: Iterable[int]) -> list[str]:
        """Find the nearest words of the lemma."""
        words: list[str] = []
        for column in columns:
            if word := key(self._lemma[column]):
                words.append(word)
                if len(words) == _CONTEXT:
                    break
        return words


def fingerprint(parts: Iterable[str]) -> str:
    """Digest texts into eight hexadecimal digits."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=4).hexdigest()


def seconds_of(clock: str) -> int | None:
    """Read the time of an address, ``H:MM:SS``; ``None`` when it is none."""
    match = _CLOCK.fullmatch(clock)
    return match and (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])


def clock(time: float | None) -> str:
    """Write a time as addresses have it, ``H:MM:SS``; ``-`` for none."""
    if time is None:
        return "-"
    minutes, seconds = divmod(int(time), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _about_witnesses(collation: Collation) -> Iterable[Decision]:
    """Say which witnesses vote as one, and which do not belong to the rest."""
    voices = collation.voices
    base = voices[collation.base]
    for index, original in sorted(collation.copies.items()):
        yield _witness_decision(
            voices[original],
            voices[index],
            f"{voices[index].siglum} copies {voices[original].siglum} in other packaging; "
            f"they vote once, with {decimal(voices[original].weight)}",
        )
    for index in sorted(collation.apart):
        yield _witness_decision(
            base,
            voices[index],
            f"{_apart(voices[index], base, collation.shared[index])}; it is kept, but has no vote",
        )


def _apart(voice: Voice, base: Voice, shared: float) -> str:
    """Say why a witness is set apart: its language, where both are known and differ, or its words."""
    languages = [each.witness.weighted.source.language for each in (voice, base)]
    own, common = (printable(language or "") for language in languages)
    if own and common and own.partition("-")[0].lower() != common.partition("-")[0].lower():
        return f"{voice.siglum} is in another language ({own}) than {base.siglum} ({common})"
    return (
        f"{voice.siglum} does not belong together with {base.siglum}: they share "
        f"{shared:.0%} of their words in order"
    )


def _witness_decision(accepted: Voice, other: Voice, reason: str) -> Decision:
    readings = [
        Reading(printable(voice.witness.weighted.source.uri), (voice.siglum,), voice.weight)
        for voice in (accepted, other)
    ]
    return Decision("transcript", f"witness {other.siglum}", Variation(readings[0], (readings[1],)), reason)
