"""When the words of a voice are said, on its own clock."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from episodic.canonical.resolution.transcripts.collation import Voice
from episodic.canonical.sources import Utterance, Word
from episodic.canonical.text.tokens import printable

# A pause after a word begins where it ends; the gap to the next word is one from so many seconds on.
_PAUSE = 0.3

type _Times = Sequence[float | None]


class VoiceTiming:
    """When the words of a voice are said, in seconds on its own clock.

    Where its engine times words, these are taken. Between the start and the end of an utterance whose words
    have no times, a word's is interpolated by the letters before it.
    """

    def __init__(self, voice: Voice) -> None:
        self._voice, self._utterances = voice, voice.utterances
        self._firsts = array("I", accumulate(voice.tokens.lengths, initial=0))
        self._worded: dict[int, tuple[_Times, _Times] | None] = {}

    @property
    def is_timed(self) -> bool:
        """Whether any utterance has a start."""
        return any(utterance.start is not None for utterance in self._utterances)

    def begins_utterance(self, token: int) -> bool:
        """Whether a token is the first of its utterance."""
        return self._firsts[self._voice.utterance_of[token]] == token

    def ends_utterance(self, token: int) -> bool:
        """Whether a token is the last of its utterance."""
        return self._firsts[self._voice.utterance_of[token] + 1] == token + 1

    def given(self, tokens: range) -> tuple[float | None, float | None]:
        """When the utterances start and end that begin and end with these tokens."""
        utterance_of = self._voice.utterance_of
        first, last = utterance_of[tokens.start], utterance_of[tokens.stop - 1]
        start = self._utterances[first].start if self._firsts[first] == tokens.start else None
        end = self._utterances[last].end if self._firsts[last + 1] == tokens.stop else None
        return start, end

    def between(self, tokens: range) -> tuple[float | None, float | None]:
        """When tokens start and end."""
        return self.start(tokens[0]), self.end(tokens[-1])

    def start(self, token: int) -> float | None:
        """When a token starts."""
        number = self._voice.utterance_of[token]
        if token > self._firsts[number] and (worded := self._words(number)):
            return worded[0][token - self._firsts[number]]
        return self._between(number, token)

    def end(self, token: int) -> float | None:
        """When a token ends."""
        number = self._voice.utterance_of[token]
        if token + 1 < self._firsts[number + 1] and (worded := self._words(number)):
            return worded[1][token - self._firsts[number]]
        return self._between(number, token + 1)

    def measured(self) -> Iterator[tuple[int, float, bool]]:
        """Yield the times that the source gives, not those between: token, seconds, whether it ends then."""
        bounds = pairwise(self._firsts)
        for number, (utterance, (first, after)) in enumerate(zip(self._utterances, bounds, strict=True)):
            if first == after:
                continue
            if utterance.start is not None:
                yield first, utterance.start, False
            if utterance.words and (worded := self._words(number)):
                yield from _measured(first, *worded)
            if utterance.end is not None:
                yield after - 1, utterance.end, True

    def has_words(self, token: int) -> bool:
        """Whether the source times the words of a token's utterance."""
        return self._words(self._voice.utterance_of[token]) is not None

    def _words(self, number: int) -> tuple[_Times, _Times] | None:
        """Give the starts and the ends of an utterance's tokens, where their words are timed."""
        utterance = self._utterances[number]
        if not utterance.words:
            return None
        if number not in self._worded:
            forms = self._voice.tokens.forms[self._firsts[number] : self._firsts[number + 1]]
            self._worded[number] = _by_words(utterance, forms)
        return self._worded[number]

    def _between(self, number: int, token: int) -> float | None:
        utterance = self._utterances[number]
        first, after = self._firsts[number], self._firsts[number + 1]
        if token == first:
            return utterance.start
        if token == after:
            return utterance.end
        if utterance.start is None or utterance.end is None:
            return None
        forms = self._voice.tokens.forms
        before = sum(map(len, forms[first:token]))
        share = before / (before + sum(map(len, forms[token:after])))
        return round(utterance.start + (utterance.end - utterance.start) * share, 3)


def _by_words(utterance: Utterance, forms: Sequence[str]) -> tuple[_Times, _Times] | None:
    """Find the word of each form by its letters; ``None`` where the words do not spell the text."""
    words = spelling(utterance, forms)
    if words is None or not any(each and each[0].start is not None for each in words):
        return None
    return [each and each[0].start for each in words], [each and each[1].end for each in words]


def spelling(utterance: Utterance, forms: Sequence[str]) -> Sequence[tuple[Word, Word] | None] | None:
    """Give the first and the last of the words that spell each form; ``None`` where they do not."""
    words = [word for word in utterance.words for _ in printable(word.text).replace(" ", "")]
    lengths = [len(form.replace(" ", "")) for form in forms]
    if len(words) != sum(lengths):
        return None
    ends = zip(accumulate(lengths), lengths, strict=True)
    return [(words[end - length], words[end - 1]) if length else None for end, length in ends]


def _measured(first: int, starts: _Times, ends: _Times) -> Iterator[tuple[int, float, bool]]:
    """Yield the words inside of an utterance, and where one ends before a pause."""
    for at in range(1, len(starts)):
        start, end = starts[at], ends[at - 1]
        if start is None or start == starts[at - 1]:
            continue
        if end is not None and start - end >= _PAUSE:
            yield first + at - 1, end, True
        yield first + at, start, False
