"""The utterances of the canonical transcript: what a voice says, who says it, and when."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, islice

from episodic.canonical.document import CanonicalUtterance, PassageReading, Text, Variation
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.transcripts.apparatus import Override
from episodic.canonical.resolution.transcripts.bounds import Owner
from episodic.canonical.resolution.transcripts.clocks import Clocks
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.moments import Moment, moments
from episodic.canonical.text.tokens import tokenize


class Speech:
    """Makes utterances of what voices say, in the order in which they come to stand in the transcript.

    Parameters
    ----------
    speakers
        For each voice, the `Person.key` of each utterance's speaker.
    decided
        The same for utterances of the canonical text about which an editor decided.
    named
        With the keys of those whom editors name.
    turns
        With which another speaker begins, as another voice says.
    """

    def __init__(
        self,
        collation: Collation,
        speakers: Sequence[Sequence[str | None]],
        decided: Mapping[Owner, str],
        clocks: Clocks,
        named: Speakers,
        turns: AbstractSet[Owner],
    ) -> None:
        self._collation = collation
        self._voices = collation.voices
        self._speakers = speakers
        self._decided = decided
        self._clocks = clocks
        self._named = named
        self._turns = turns
        # For each witness, the utterance of which a part was made last, and which an editor began in it.
        self._last: dict[int, tuple[int, int]] = {}

    def canonical(self, owner: Owner, text: Text, edges: Sequence[int]) -> CanonicalUtterance:
        """Make an utterance, or a part of one, of the canonical text.

        Parameters
        ----------
        edges
            The columns where each piece of the text begins, and the one after the last.
        """
        start, end = edges[0], edges[-1]
        tokens = self._collation.tokens_in(owner.voice, start, end)
        first, last = self._clocks.bounds(owner.voice, tokens) if tokens else self._clocks.within(start, end)
        inside = moments(text, edges, self._clocks, first, last)
        return self._made(owner, _joined(text), first, last, self._decided.get(owner), inside)

    def those_in(self, voice: int, start: int, end: int, *, canonical: bool) -> Iterator[CanonicalUtterance]:
        """Yield the utterances of a voice in a range of columns.

        Parameters
        ----------
        canonical
            On our clock. On its own a voice has only the times that it gives.
        """
        tokens = self._collation.tokens_in(voice, start, end)
        utterance_of, forms = self._voices[voice].utterance_of, self._voices[voice].tokens.forms
        timing = self._clocks.timings[voice]
        while tokens:
            number = utterance_of[tokens[0]]
            size = next((i for i, token in enumerate(tokens) if utterance_of[token] != number), len(tokens))
            own, tokens = tokens[:size], tokens[size:]
            if canonical:
                first, last = self._clocks.bounds(voice, own)
            else:
                first, last = timing.given(own)
            owner, text = Owner(voice, number), ("".join(forms[own.start : own.stop]),)
            decided, inside = None, ()
            if canonical:
                edges = self._clocks.columns(voice, own)
                decided, inside = self._decided.get(owner), moments(text, edges, self._clocks, first, last)
            yield self._made(owner, text, first, last, decided, inside)

    def added(self, edit: Override) -> Iterator[CanonicalUtterance]:
        """Yield the turns that an editor puts in; they share the time that is there by their letters."""
        said = tokenize(turn.text for turn in edit.turns)
        forms = iter(said.forms)
        texts = ["".join(islice(forms, length)) for length in said.lengths]
        begins = list(accumulate(map(len, texts), initial=0))
        first, last = self._clocks.within(edit.start, edit.end)
        if first is None or last is None or first >= last:
            times: Sequence[float | None] = [first, *(None for _ in texts)]
        else:
            times = [round(first + (last - first) * place / begins[-1], 3) for place in begins]
        for turn, text, start, end in zip(edit.turns, texts, times, times[1:], strict=False):
            speaker = self._named["", turn.speaker] if turn.speaker else None
            yield CanonicalUtterance((text,), edit.verdict.editor, speaker, start, end, turn=speaker is None)

    def whole(self, voice: int) -> PassageReading:
        """Make a reading of everything that a voice says."""
        own = self._voices[voice]
        utterances: list[CanonicalUtterance] = []
        at = 0
        for number, (utterance, length) in enumerate(zip(own.utterances, own.tokens.lengths, strict=True)):
            if length:
                text = "".join(own.tokens.forms[at : at + length])
                speaker = self._speakers[voice][number]
                utterances.append(
                    CanonicalUtterance(
                        text=(text,),
                        siglum=own.siglum,
                        speaker=speaker,
                        start=utterance.start,
                        end=utterance.end,
                        turn=utterance.turn and speaker is None,
                    )
                )
            at += length
        return PassageReading(tuple(utterances), (own.siglum,), 0)

    def _made(
        self,
        owner: Owner,
        text: Text,
        start: float | None,
        end: float | None,
        decided: str | None,
        inside: tuple[Moment, ...],
    ) -> CanonicalUtterance:
        voice, number = owner.voice, owner.number
        thread = self._voices[voice].thread
        witness, own = thread.owner[number], thread.number[number]
        continues = self._last.get(witness) == (own, owner.part)
        self._last[witness] = own, owner.part
        speaker = decided or self._speakers[voice][number]
        marked = owner in self._turns or (self._voices[voice].utterances[number].turn and not owner.part)
        turn = marked and speaker is None and not continues
        siglum = self._voices[witness].siglum
        return CanonicalUtterance(text, siglum, speaker, start, end, continues, turn, inside)


def _joined(text: Text) -> Text:
    """Join neighbouring pieces of agreed text."""
    if len(text) == 1:
        return text
    joined: list[str | Variation] = []
    for piece in text:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)
