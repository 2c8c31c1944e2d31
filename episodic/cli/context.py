"""The sentence around a point of conflict, as it stands in the accepted text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Final

from episodic.canonical.document import CanonicalDocument, CanonicalUtterance, Reading, Text, Variation
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import ends_sentence, is_unspaced, spelled, tokenize

# At the most, on each side; of a script without spaces two characters are as long as a word.
_WORDS: Final = 16
# What stands between spaces, with the space after it.
_SPACED: Final = pattern(r"\s*\S+\s*")


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a place, and who says it."""

    before: str
    after: str
    speaker: str | None = None

    def around(self, readings: Iterable[Reading]) -> str:
        """Write who says it, and the sentence with the readings in it: ``we climb [196|a hundred] steps``."""
        said = list(dict.fromkeys(r.text.strip() or "-" for r in readings if r.cause is None))
        before = spelled(self.before)
        after = spelled(said[0])[len(said[0]) :] if said != ["-"] else before[len(self.before) :]
        who = f"{self.speaker}: " if self.speaker else ""
        return f"{who}{before}[{'|'.join(said)}]{after}{self.after}".rstrip()


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the accepted text, with the space after it, and the address of its entry, if it is in one."""

    text: str
    address: str | None = None


def contexts(document: CanonicalDocument) -> Mapping[str, Context]:
    """Give the contexts of the conflicts in the texts of a document, by address."""
    names = document.names
    spoken = (part for part in document.transcript if isinstance(part, CanonicalUtterance))
    found: dict[str, Context] = {}
    for speaker, group in groupby(spoken, key=lambda utterance: utterance.speaker):
        words = [word for utterance in group for word in _words(utterance.text)]
        found.update(_around(words, names.get(speaker or "")))
    for division in document.divisions:
        for passage in division.passages:
            found.update(_around(list(_words(passage.text)), None))
    return found


def _words(text: Text) -> Iterator[_Word]:
    for part in text:
        if isinstance(part, Variation):
            # An entry without words has its place all the same.
            yield from (_Word(word, part.address) for word in _split(part.lemma.text) or [""])
        else:
            yield from map(_Word, _split(part))


def _split(text: str) -> Sequence[str]:
    return tokenize([text]).forms if any(map(is_unspaced, text)) else _SPACED.findall(text)


def _around(words: Sequence[_Word], speaker: str | None) -> Iterator[tuple[str, Context]]:
    start = 0
    for address, group in groupby(words, key=lambda word: word.address):
        end = start + len(list(group))
        if address:
            before = _before(words[at].text for at in range(start - 1, -1, -1))
            ended = ends_sentence(words[end - 1].text)
            after = "" if ended else _after(words[at].text for at in range(end, len(words)))
            yield address, Context(before, after, speaker)
        start = end


def _before(words: Iterable[str]) -> str:
    """Go back, word by word, to the last end of a sentence."""
    taken = list(takewhile(lambda word: not ends_sentence(word), _near(words)))
    return "".join(reversed(taken)).strip()


def _after(words: Iterable[str]) -> str:
    """Go on to the first end of a sentence."""
    taken: list[str] = []
    for word in _near(words):
        taken.append(word)
        if ends_sentence(word):
            break
    return "".join(taken).strip()


def _near(words: Iterable[str]) -> Iterator[str]:
    """Take words as long as there are not enough."""
    left = 2 * _WORDS
    for word in words:
        if word:
            left -= 1 if is_unspaced(word[0]) else 2
        if left < 0:
            return
        yield word
