"""The transcript as markup: the canonical text, its apparatus, and in it the cues of every witness.

1. An utterance is a `u`. One that is split is linked by `next` and `prev`; an entry of the apparatus never
   crosses its bounds, so one that reaches over them holds `u`s.
2. A cue is an utterance as its witness has it: words, times, speaker, and its place in the source (`n`). It
   begins where its first word stands. Most cues of the base are a `u` of the text with just these times and
   this speaker: that `u` has the cue's `n`, and needs no more. Any other begins at an `anchor` with its `n`,
   its start as `synch`, and its speaker as `corresp`. Whose it is says the timeline of its start, or
   `source` where it has none, or is on that of the text.
3. A cue ends where the witness's next begins, and at that time; where its end is another, an `anchor`
   without `n` on the witness's timeline says so, and one of `type="open"` says that nobody knows.

    <u start="#t0" end="#t3340" n="cue 1">Do you <anchor n="cue 7" synch="#s2.t60000"/>know </u>

Nothing of the document is held but what is written: each part is markup at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final

from episodic.canonical.document import (
    CanonicalDocument,
    CanonicalUtterance,
    PassageReading,
    PassageVariation,
    Text,
    Witness,
)
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import SourceType, Utterance
from episodic.canonical.tei.apparatus import apparatus, entry
from episodic.canonical.tei.elements import OPEN, TURN, escaped, quoted
from episodic.canonical.tei.timeline import CANONICAL, Clock, milliseconds
from episodic.canonical.text.tokens import printable, spelled

# A piece of markup, and before which character of a text it stands.
type Cut = tuple[int, str]

_TURN: Final = f' rend="{TURN}"'


def heard(resolution: Resolution) -> list[Witness]:
    """List the transcript witnesses that have words."""
    return [witness for witness in resolution.witnesses if _has_words(witness)]


def _has_words(witness: Witness) -> bool:
    source = witness.weighted.source
    return source.source_type is SourceType.TRANSCRIPT and any(printable(u.text) for u in source.utterances)


class TranscriptWriter:
    """Writes the transcript, part by part.

    Parameters
    ----------
    resolution
        Of which the document has a transcript.
    """

    def __init__(self, resolution: Resolution) -> None:
        document = resolution.document
        people = {pair: person.key for person in document.people for pair in person.names}
        self._document = document
        self._links = _links(document)
        self._written = 0  # utterances
        self._clock = Clock(CANONICAL, document.clock)
        self._witnesses = {w.siglum: _Witness(w, people, self._clock) for w in heard(resolution)}
        self._all = tuple(self._witnesses.values())

    @property
    def clocks(self) -> Iterator[Clock]:
        """Yield the clocks that the parts written so far point to."""
        yield self._clock
        clocks = (witness.clock for witness in self._all)
        yield from (clock for clock in clocks if clock.is_used and clock is not self._clock)

    def parts(self) -> Iterator[str]:
        """Yield the parts of the transcript as markup, in order."""
        for part in self._document.transcript:
            if isinstance(part, PassageVariation):
                yield apparatus(part, [self._reading(r, canonical=r is part.lemma) for r in part.readings])
            else:
                yield self._utterance(part, self._all, self._clock)
        yield "".join(witness.rest() for witness in self._all)

    def _reading(self, reading: PassageReading, *, canonical: bool) -> str:
        readers = self._readers(reading.sigla)
        return "".join(
            self._utterance(u, readers, self._clock if canonical else self._witnesses[u.siglum].clock)
            for u in reading.utterances
        )

    def _readers(self, sigla: Sequence[str]) -> Sequence[_Witness]:
        return [self._witnesses[siglum] for siglum in sigla if siglum in self._witnesses]

    def _utterance(self, utterance: CanonicalUtterance, readers: Sequence[_Witness], clock: Clock) -> str:
        siglum = utterance.siglum
        own = self._witnesses.get(siglum)
        where = own.begin_with(utterance) if own and own in readers else None
        who = f' who="#{utterance.speaker}"' if utterance.speaker else ""
        times = clock.pointer("start", utterance.start) + clock.pointer("end", utterance.end)
        source = f' source="#{siglum}"' if siglum != self._document.base else ""
        turn = _TURN if utterance.turn else ""
        cue = "" if where is None else f" n={quoted(where)}"
        attributes = f"{self._link()}{who}{times}{source}{turn}{cue}"
        moments = [(at, f"<anchor{clock.pointer('synch', time)}/>") for at, time in utterance.moments]
        return f"<u{attributes}>{self._text(utterance.text, readers, moments)}</u>"

    def _link(self) -> str:
        """Name an utterance that is split, and point to its other parts."""
        number, self._written = self._written, self._written + 1
        before, after = self._links.get(number, (None, None))
        if before is None and after is None:
            return ""
        following = "" if after is None else f' next="#u{after}"'
        return f' xml:id="u{number}"{following}' + ("" if before is None else f' prev="#u{before}"')

    def _text(self, text: Text, readers: Sequence[_Witness], moments: Sequence[Cut]) -> str:
        """Give the text of an utterance as markup; the places of `moments` are outside of entries."""
        made: list[str] = []
        at, left = 0, list(reversed(moments))
        for part in text:
            if isinstance(part, str):
                cuts: list[Cut] = []
                while left and left[-1][0] < at + len(part):
                    place, anchor = left.pop()
                    cuts.append((place - at, anchor))
                made.append(_said(part, readers, cuts))
                at += len(part)
            else:
                if left and left[-1][0] == at:
                    made.append(left.pop()[1])
                made.append(entry(part, lambda said, sigla: _said(said, self._readers(sigla))))
                at += len(part.lemma.text)
        return "".join(made)


def _said(text: str, readers: Sequence[_Witness], beside: Sequence[Cut] = ()) -> str:
    """Give words that some witnesses have, with the bounds of their cues."""
    cuts = list(beside)
    for witness in readers:
        cuts += witness.go_on(len(text))
    if not cuts:
        return escaped(text)
    if len(cuts) > 1:
        cuts.sort(key=itemgetter(0))
    made, done = "", 0
    for place, markup in cuts:
        made += f"{escaped(text[done:place])}{markup}" if place > done else markup
        done = place
    return made + escaped(text[done:])


def _links(document: CanonicalDocument) -> dict[int, tuple[int | None, int | None]]:
    """Find by the number of each part of a split utterance those before and after it."""
    links: dict[int, tuple[int | None, int | None]] = {}
    last: dict[str, int] = {}  # of each witness, which the next may continue
    for number, utterance in enumerate(_utterances(document)):
        before = last.get(utterance.siglum) if utterance.continues else None
        if before is not None:
            links[number] = (before, None)
            links[before] = (links.get(before, (None, None))[0], number)
        last[utterance.siglum] = number
    return links


def _utterances(document: CanonicalDocument) -> Iterator[CanonicalUtterance]:
    for part in document.transcript:
        if isinstance(part, PassageVariation):
            for reading in part.readings:
                yield from reading.utterances
        else:
            yield part


class _Witness:
    """A witness whose cues are set into the text as its words are written."""

    def __init__(self, witness: Witness, people: Mapping[tuple[str, str], str], ours: Clock) -> None:
        self.siglum = siglum = witness.siglum
        self._has_own_clock = siglum != ours.siglum
        self.clock = Clock(f"{siglum}.{CANONICAL}", siglum) if self._has_own_clock else ours
        self._people = people
        self._cues = iter(witness.weighted.source.utterances)
        self._next = next(self._cues, None)
        self._at = 0  # characters that were written
        self._due = 0  # where the next cue begins, or the last one ends
        self._open: Utterance | None = None  # the cue that no `u` begins, and that has not ended

    def begin_with(self, utterance: CanonicalUtterance) -> str | None:
        """Begin the next cue with a `u`, if that says all about it; give its place in its source."""
        cue = self._next
        if cue is None or self._due != self._at or utterance.continues:
            return None
        if not (_are_one(utterance.start, cue.start) and _are_one(utterance.end, cue.end)):
            return None
        if utterance.speaker != self._speaker(cue) or utterance.turn != cue.turn:
            return None
        self._advance(cue)
        self._open = None
        return cue.where

    def go_on(self, length: int) -> Sequence[Cut]:
        """Write so many characters; give the bounds of cues among them and after them."""
        end = self._at + length
        if self._due > end:
            self._at = end
            return ()
        cuts: list[Cut] = []
        while self._next and self._due < end:
            cuts.append((self._due - self._at, self._begin(self._next)))
        if self._open and self._due <= end:
            cuts.append((self._due - self._at, self._end()))
        self._at = end
        return cuts

    def rest(self) -> str:
        """Give the bounds of the cues that are left after the last word, which have none."""
        made: list[str] = []
        while self._next:
            made.append(self._begin(self._next))
        return "".join((*made, self._end()))

    def _begin(self, cue: Utterance) -> str:
        ended = self._end()
        self._advance(cue)
        time = self.clock.pointer("synch", cue.start)
        speaker = self._speaker(cue)
        who = f' corresp="#{speaker}"' if speaker else ""
        turn = _TURN if cue.turn else ""
        is_open = cue.end is None and self._next and self._next.start is not None
        kind = f' type="{OPEN}"' if is_open else ""
        return f"{ended}<anchor{self._source(time)} n={quoted(cue.where)}{time}{who}{turn}{kind}/>"

    def _end(self) -> str:
        """End the cue that is open, where that does not go without saying."""
        cue, self._open = self._open, None
        if cue is None or cue.end is None or _are_one(cue.end, self._next and self._next.start):
            return ""
        time = self.clock.pointer("synch", cue.end)
        return f"<anchor{self._source(time)}{time}/>"

    def _source(self, time: str) -> str:
        """Say whose an anchor is, where the timeline of its time does not."""
        return "" if time and self._has_own_clock else f' source="#{self.siglum}"'

    def _advance(self, cue: Utterance) -> None:
        self._due += len(spelled(cue.text))
        self._open = cue
        self._next = next(self._cues, None)

    def _speaker(self, cue: Utterance) -> str | None:
        return self._people.get((self.siglum, printable(cue.speaker or ""))) if cue.speaker else None


def _are_one(time: float | None, other: float | None) -> bool:
    """Whether two times are one point of a timeline, or both unknown."""
    if time is None or other is None or time == other:
        return time == other
    return milliseconds(time) == milliseconds(other)
