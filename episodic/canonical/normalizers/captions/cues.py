"""From timed cues to utterances: what WebVTT and SubRip have in common."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from episodic.canonical.normalizers.dialogue import (
    LATER_DASH,
    WIDE_COLON,
    Labels,
    fold,
    has_colon,
    split_changes,
)
from episodic.canonical.sources import Utterance

_SAMPLE: Final = 24
_SCROLLED: Final = 8  # lines that captions have on the screen; a cue of a hundred thousand would take minutes
_ASCII_CHANGES: Final = ("\n-", ">>", "&gt;&gt;")
_CHANGES: Final = (*_ASCII_CHANGES, "\n\u2013", "\n\u2014")
_DASHES: Final = frozenset("-\u2013\u2014>")
_COLON: Final = re.compile(": ")
_ANY_COLON: Final = re.compile(f": |{WIDE_COLON}")
# White space that is no space and no line end.
_ASCII_SPACES: Final = ("\t", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f")
_SPACES: Final = (
    *_ASCII_SPACES,
    *"\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009",
    *"\u200a\u2028\u2029\u202f\u205f\u3000",
)
# So that a large file is never there twice, and no other thread waits long.
_CHUNK: Final = 2**20
# What the parts of "HH:MM:SS.mmm" are worth, in milliseconds; a look-up takes half the time of a conversion.
# SubRip writes a comma for the point.
MINUTES: Final = {
    f"{hour:02}:{minute:02}:": (hour * 60 + minute) * 60000 for hour in range(24) for minute in range(60)
}
SECONDS: Final = {f"{number:02}": number * 1000 for number in range(60)}
POINTED: Final = {f".{number:03}": number for number in range(1000)}
COMMAED: Final = {f",{number:03}": number for number in range(1000)}

# What makes an utterance of all of its fields, in a third of the time that the class itself takes.
_UTTERANCE: Final = partial(tuple.__new__, Utterance)  # pyright: ignore[reportUnknownMemberType] - typeshed

# A cue as it stands in the file: where, start and end in seconds, and its lines with markup.
# A bare tuple: a large file has a million of them.
type Cue = tuple[str, float, float, str]

# Text without markup, in the parts that voice spans make of it; `None` where no voice is named.
type Markup = Callable[[str], Sequence[tuple[str | None, str]]]


class Captions:
    """The utterances of a caption file.

    Parameters
    ----------
    text
        The whole file, in which speaker labels are looked for.
    markup
        Takes a format's markup out of a payload; called for payloads with ``<``, ``&`` or ``{`` only.

    Attributes
    ----------
    changes
        How many changes of speaker were marked without a name.
    rolling
        Whether the file repeats the lines that it scrolls up.
    """

    def __init__(self, text: str, markup: Markup) -> None:
        self._markup = markup
        self._text = text
        # What nowhere occurs in the file need not be looked for in each cue.
        self._marked = "<" in text or "&" in text or "{" in text
        self._changing = any(mark in text for mark in (_ASCII_CHANGES if text.isascii() else _CHANGES))
        self._spaced = any(space in text for space in (_ASCII_SPACES if text.isascii() else _SPACES))
        self._labels = Labels(frozenset())
        self._speaker: str | None = None
        self._turn = False  # whether another speaker has begun, of whom nothing is said yet
        self.changes = 0
        self.rolling = False

    def utterances(self, cues: Iterable[Cue]) -> tuple[Utterance, ...]:
        """Turn cues into utterances: one a cue, more where several people speak in it."""
        cues = iter(cues)
        sample = list(itertools.islice(cues, _SAMPLE))
        if not sample:
            return ()
        self._labels = Labels.among(
            _labelled_lines(self._text),
            self._text.count("-->"),
            sample[0][3].replace("&gt;", ">"),
            speech=True,
        )
        cues = itertools.chain(sample, cues)
        if self._may_roll(sample) and _is_rolling([self._plain(payload) for *_, payload in sample]):
            self.rolling = self._changing = True
            cues = self._unrolled(cues)
        return tuple(self._spoken(cues))

    def coverage(self, utterances: Sequence[Utterance]) -> tuple[float, float]:
        """Share of the words that have a speaker, and share that have times: in captions all have."""
        named = [utterance for utterance in utterances if utterance.speaker is not None]
        if len(named) in {0, len(utterances)}:
            return 1.0 if named else 0.0, 1.0
        spoken = sum([utterance.text.count(" ") for utterance in named]) + len(named)
        words = sum([utterance.text.count(" ") for utterance in utterances]) + len(utterances)
        return spoken / words, 1.0

    def _spoken(self, cues: Iterable[Cue]) -> list[Utterance]:
        """What is said in the cues; a list, which is quicker than a generator for a million of them."""
        marked = self._marked and not self.rolling  # which takes the markup out itself
        changing, labelled, spaced = self._changing, bool(self._labels.names), self._spaced
        wide = labelled and WIDE_COLON in self._text
        made: list[Utterance] = []
        for where, start, end, payload in cues:
            if marked and ("<" in payload or "&" in payload or "{" in payload):
                parts = self._markup(payload)
            elif (
                (labelled and ":" in payload)
                or (wide and WIDE_COLON in payload)
                or (
                    changing
                    and (
                        payload[:1] in _DASHES
                        or ">>" in payload
                        or ("\n" in payload and LATER_DASH.search(payload))
                        or self._turn
                    )
                )
            ):
                parts = ((None, payload),)
            else:
                text = payload.replace("\n", " ").strip()
                if spaced or "  " in text:
                    text = fold(text)
                if text:
                    made.append(_UTTERANCE((text, where, self._speaker, start, end, None, (), False)))
                continue
            for voice, part in parts:
                for speaker, said in self._speeches(voice, part):
                    if text := fold(said):
                        made.append(_UTTERANCE((text, where, speaker, start, end, None, (), self._turn)))
                        self._turn = False
            changing = changing or self._turn
        return made

    def notes(self) -> Iterator[str]:
        """What a person should know, once the utterances are made."""
        if self.rolling:
            yield "rolling captions: repeated lines were collapsed"
        if self.changes:
            yield f"changes of speaker marked without a name: {self.changes}"

    def _speeches(self, voice: str | None, part: str) -> Iterator[tuple[str | None, str]]:
        if voice is not None:
            self._turn = False
            yield voice, part
            return
        for changed, speech in split_changes(part.strip("\n")):
            if changed:
                self.changes += 1
                self._turn, self._speaker = True, None
            if not self._labels.names or not has_colon(speech):
                yield self._speaker, speech
                continue
            for name, said in self._labels.split_lines(speech):
                if name is not None:
                    if changed:
                        self.changes -= 1
                        changed = False  # noqa: PLW2901 - a named change is not an unnamed one
                    self._turn, self._speaker = False, name
                yield self._speaker, said

    def _may_roll(self, sample: Sequence[Cue]) -> bool:
        """Whether lines are there twice at all, in a file that names no voices."""
        lines = "\n".join([payload for *_, payload in sample]).split("\n")
        return len(set(lines)) < len(lines) and "<v" not in self._text

    def _plain(self, payload: str) -> tuple[str, ...]:
        """The lines of a payload without markup."""
        if self._marked:
            payload = "".join(text for _, text in self._markup(payload))
        return tuple(folded for line in payload.split("\n") if (folded := fold(line)))

    def _unrolled(self, cues: Iterable[Cue]) -> Iterator[Cue]:
        """Drop the lines with which a cue repeats the end of the one before."""
        shown: tuple[str, ...] = ()
        for where, start, end, payload in cues:
            lines = self._plain(payload)
            fresh = lines[_overlap(shown, lines) :]
            shown = lines
            if fresh:
                yield where, start, end, "\n".join(fresh)


def chunks(text: str) -> Iterator[str]:
    """Pieces of a text, a megabyte or so each, cut at blank lines and without more than one in a row."""
    start, length = 0, len(text)
    while start < length:
        end = text.find("\n\n", start + _CHUNK)
        end = length if end < 0 else end
        chunk = text[start:end].strip("\n")
        while "\n\n\n" in chunk:
            chunk = chunk.replace("\n\n\n", "\n\n")
        yield chunk
        start = end + 2


def _overlap(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """How many lines at the end of one cue begin the next."""
    for count in range(min(len(before), len(after), _SCROLLED), 0, -1):
        if before[-count:] == after[:count]:
            return count
    return 0


def _is_rolling(sample: Sequence[tuple[str, ...]]) -> bool:
    """Whether cues show the line above again with a new one under it.

    People who say the same twice do not do so all the time, and not on two lines.
    """
    scrolled = repeated = 0
    for before, after in itertools.pairwise(sample):
        if overlap := _overlap(before, after):
            repeated += 1
            scrolled += overlap < len(after)
    return scrolled >= 2 and repeated * 2 >= len(sample) - 1


def _labelled_lines(text: str) -> Iterator[str]:
    """The lines of a text in which there can be a label."""
    end = 0
    for colon in (_ANY_COLON if WIDE_COLON in text else _COLON).finditer(text):
        if colon.start() < end:
            continue  # in the same line
        start = text.rfind("\n", end, colon.start()) + 1
        end = text.find("\n", colon.start())
        end = len(text) if end < 0 else end
        line = text[start:end].replace("&gt;", ">")
        if "-->" not in line:
            yield line
