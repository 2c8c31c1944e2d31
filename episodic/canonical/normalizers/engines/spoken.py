"""From what engines report to utterances: segments with their words, or words alone.

1. An engine that reports segments has an utterance for each of them (`segments`).
2. One that reports words alone, with or without a speaker, has them put together until the speaker changes,
   falls silent, or has said a sentence after a while (`conversation`).
3. The words of an utterance spell its text. Where an engine's words are bare and its text has capitals and
   punctuation, the text's words have their times (`fitted`); words that fit nothing are left out.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.speech.channels import in_order, named
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.sources import Doubt, Signals, Utterance, Word
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import clock_seconds
from episodic.canonical.text.tokens import fold, spaced

_GREATEST: Final = 1e9  # thirty years of seconds
# A silence after which words begin an utterance of their own, and a time after which a sentence's end does.
_PAUSE_SECONDS: Final = 2.0
_LONG_SECONDS: Final = 15.0
_DURATION: Final = pattern(r"(-?(?:\d+(?:\.\d+)?|\.\d+))s?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Transcription:
    """What an engine's document says.

    Parameters
    ----------
    utterances
        In order.
    language
        A tag or a name, as the engine gives it.
    judged
        The engine's own judgement of the whole.
    doubts, notes
        As in `Signals`.
    chapters
        Seconds at which they begin, and titles.
    """

    utterances: Iterable[Utterance]
    language: str | None = None
    judged: Signals = field(default_factory=Signals)
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()
    chapters: tuple[tuple[float | None, str], ...] = ()


class Reported(NamedTuple):
    """A word, or a segment, which an engine reports as said in one go.

    Parameters
    ----------
    speaker
        As the engine calls whom it hears: `named` is for those who read it.
    confidence, otherwise
        The stated one; and what it is where neither this nor the words' is known.
    attached
        Whether it is punctuation, which belongs to the word before it.
    turn
        As in `Utterance`.
    goes_on
        Whether it is a part of the segment before, under whose number it goes.
    channel
        In which it was said, of several.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | int | None = None
    confidence: float | None = None
    words: Iterable[Word] = ()
    otherwise: float | None = None
    attached: bool = False
    turn: bool = False
    goes_on: bool = False
    channel: int | None = None


class Timed(msgspec.Struct, kw_only=True):
    """What most engines say of a word or a segment beside its text: when, by whom, and how sure they are.

    Methods take how many of its parts make a second, where times are given in milliseconds.
    """

    start: float | None = None
    end: float | None = None
    speaker: str | int | None = None
    confidence: float | None = None

    def timed(self, text: str, per_second: float = 1.0) -> Word:
        """The word, spelled as `text`."""
        start, end = seconds(self.start, per_second), seconds(self.end, per_second)
        return Word(text, start, end, self.confidence)

    def reported(self, text: str, words: Iterable[Word] = (), per_second: float = 1.0) -> Reported:
        """What it says, by whom."""
        start, end = seconds(self.start, per_second), seconds(self.end, per_second)
        return Reported(text, start, end, self.speaker, self.confidence, words)


def segments(said: Iterable[Reported]) -> Sequence[Utterance]:
    """The utterance of each segment that has a text, in the order of what was said."""
    return in_order(_utterances(said))


def _utterances(said: Iterable[Reported]) -> Iterator[tuple[int | None, Utterance]]:
    number = 0
    for each in said:
        number += not each.goes_on
        if not (text := fold(each.text)):
            continue
        words = tuple(fitted([*each.words], text))
        sure = (share(each.confidence), _mean(words), share(each.otherwise))
        start, end = moment(each.start), moment(each.end)
        if start is None and words:
            start, end = words[0].start, words[-1].end
        confidence = next((known for known in sure if known is not None), None)
        speaker = named(each.speaker)
        where = f"segment {number}"
        yield each.channel, Utterance(text, where, speaker, start, end, confidence, words, each.turn)


def conversation(words: Iterable[Reported], noun: str = "word") -> Iterator[Utterance]:
    """Words put together to utterances; `noun` is what the engine's document has a list of."""
    said: list[Reported] = []
    first = 0
    for number, each in enumerate(words, 1):
        if not (text := fold(each.text)):
            continue
        if said and each.attached:
            last = said[-1]
            said[-1] = last._replace(text=last.text + text, end=last.end if each.end is None else each.end)
            continue
        word = each._replace(text=text, speaker=named(each.speaker))
        if said and _ends(said, word):
            yield _together(said, f"{noun} {first}")
            said = []
        if not said:
            first = number
        said.append(word)
    if said:
        yield _together(said, f"{noun} {first}")


def listed(said: Iterable[Reported], noun: str) -> Iterable[Utterance]:
    """Utterances of what an engine has a list of: sentences as they are, single words put together."""
    every = list(said)
    texts = [text for each in every if (text := each.text.strip())]
    if len(texts) > 1 and 2 * sum(len(text.split()) == 1 for text in texts) > len(texts):
        return conversation(every, noun)
    return segments(every)


def joined(tokens: Iterable[Word]) -> Iterator[Word]:
    """Words of tokens that are parts of them; a space begins a word."""
    word: list[Word] = []
    for token in tokens:
        if word and token.text[:1].isspace():
            yield _joined(word)
            word = []
        word.append(token)
    if word:
        yield _joined(word)


def _joined(tokens: Sequence[Word]) -> Word:
    starts = [token.start for token in tokens if token.start is not None]
    ends = [token.end for token in tokens if token.end is not None]
    text = "".join(token.text for token in tokens)
    return Word(text, starts[0] if starts else None, ends[-1] if ends else None, _mean(tokens))


def in_succession(answers: Sequence[Transcription]) -> Transcription:
    """Answers of an engine one after another as one, or the first where the times of others begin anew."""
    first, *others = answers
    said = [tuple(each.utterances) for each in answers]
    starts = [times for each in said if (times := [u.start for u in each if u.start is not None])]
    if any(after[0] <= before[-1] for before, after in itertools.pairwise(starts)):
        doubt = Doubt.left_out(f"transcripts left out, whose times begin anew: {len(others)}")
        return replace(first, utterances=said[0], doubts=(*first.doubts, doubt))
    return replace(
        first,
        utterances=tuple(
            each._replace(where=f"answer {number}, {each.where}")
            for number, some in enumerate(said, 1)
            for each in some
        ),
        language=next(filter(None, (each.language for each in answers)), None),
        doubts=tuple(itertools.chain.from_iterable(each.doubts for each in answers)),
        notes=tuple(itertools.chain.from_iterable(each.notes for each in answers)),
        chapters=tuple(itertools.chain.from_iterable(each.chapters for each in answers)),
    )


def _ends(said: Sequence[Reported], word: Reported) -> bool:
    """Whether an utterance ends before a word."""
    first, last = said[0], said[-1]
    if word.speaker != last.speaker:
        return True
    if word.start is None or last.end is None or first.start is None:
        return False
    long = last.end - first.start > _LONG_SECONDS and SENTENCE_END.search(last.text) is not None
    return long or word.start - last.end > _PAUSE_SECONDS


def _together(said: Sequence[Reported], where: str) -> Utterance:
    text = spaced(each.text for each in said)
    words = tuple(_checked(each.text, each) for each in said)
    timed = words if any(word.start is not None for word in words) else ()
    whole = _joined(words)
    speaker = named(said[0].speaker)
    return Utterance(text, where, speaker, whole.start, whole.end, whole.confidence, timed)


def _mean(words: Sequence[Word]) -> float | None:
    known = [word.confidence for word in words if word.confidence is not None]
    return math.fsum(known) / len(known) if known else None


def fitted(words: Sequence[Word], text: str) -> Iterator[Word]:
    """The words of a text with their times; none where the engine left words out."""
    spelled = [word for word in words if word.text]
    if "".join(fold(word.text) for word in spelled).replace(" ", "") == text.replace(" ", ""):
        for word in spelled:
            if letters := fold(word.text):
                yield _checked(letters, word)
        return
    tokens = text.split(" ")
    if len(tokens) == len(spelled) and all(
        spelling(token) == spelling(word.text) for token, word in zip(tokens, spelled, strict=True)
    ):
        yield from map(_checked, tokens, spelled, strict=True)


def _checked(text: str, said: Word | Reported) -> Word:
    """A word as it is spelled, with those of the times and the confidence that can be."""
    return Word(text, moment(said.start), moment(said.end), share(said.confidence))


def spelling(text: str) -> str:
    """The letters and digits of a text, alike with marks and capitals or without."""
    return "".join(character for character in text if character.isalnum()).casefold()


def seconds(value: float | str | None, per_second: float = 1.0) -> float | None:
    """A moment in seconds: a number of them, or of parts of one; ``"1.5s"``; or what a clock shows.

    Raises
    ------
    UnreadableError
        When a text is something else.
    """
    if isinstance(value, str):
        if not (text := value.strip()):
            return None
        if (match := _DURATION.fullmatch(text)) is None:
            if (shown := clock_seconds(text)) is None:
                raise UnreadableError(f"has a time that cannot be read: {text[:40]!r}")
            return shown
        value = float(match[1])
    number = finite(value)
    return number / per_second if number is not None else None


def summed(start: float | None, duration: float | None) -> float | None:
    """The end of what begins at `start`."""
    if start is None or (lasting := finite(duration)) is None:
        return None
    return round(start + lasting, 6)


def finite(number: float | None) -> float | None:
    """The number, if it is one that a clock or an engine shows; sums of greater ones are none."""
    return number if number is not None and abs(number) < _GREATEST else None


def moment(time: float | None) -> float | None:
    """A time of the recording, before which nothing is said."""
    return None if (known := finite(time)) is None else max(0.0, known)


def share(value: float | None) -> float | None:
    """A confidence in 0..1."""
    number = finite(value)
    return None if number is None else min(1.0, max(0.0, number))


def probability(logarithm: float | None) -> float | None:
    """The probability of a logarithm."""
    number = finite(logarithm)
    return None if number is None else math.exp(min(0.0, number))
