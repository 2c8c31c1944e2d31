"""Cues as they stand in a caption file, and what is said in them: what caption formats have in common.

1.  A line with two times and an arrow between them begins a cue wherever it stands (`times.timing`). What
    follows up to the next is said in it, whether or not blank lines stand between; a number or an identifier
    right before a timing line is that one's.
2.  Where the times of such a line cannot be read, the words of the cue are kept without times, and counted.
3.  What is shown in several cues is said once (`repetition`); who says it is for `dialogue` to find out.

For example::

    1                                   the number of cue 1
    00:00:01,000 → 00:00:03,240000      which begins at 1 and ends at 3.24
    Maya: Good evening
                                        no end of the cue
    from the tower.                     "Good evening from the tower.", by Maya if she comes again
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from episodic.canonical.normalizers.captions.markup import Markup
from episodic.canonical.normalizers.captions.repetition import once, width
from episodic.canonical.normalizers.speech.dialogue import AttributedSpeech, attribute
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.sources import Doubt, Utterance, Word
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import ARROW, seconds, timing
from episodic.canonical.text.tokens import are_unspaced

# So that a large file is never there twice, and no other thread waits long.
_CHUNK: Final = 2**20
_BEGINNING: Final = 2**14  # characters in which the first cue stands
# Nearly every cue begins with a number or none, and two times and an arrow, a line each, below a blank line.
_USUAL: Final = pattern(
    r"\n\n(?:(\d{1,9})\n)?((?:\d\d:)?\d\d):(\d\d)[.,](\d{3}) --> ((?:\d\d:)?\d\d):(\d\d)[.,](\d{3})"
    r"(?: [^\n\d][^\n]*)?(?:\n(?!\n)|(?=\n)|$)",
    re.ASCII,
)
_GROUPS: Final = 8  # with what is said
_USUAL_TIME: Final = len("HH:MM:SS.mmm")
_ARROW_LINE: Final = pattern(rf"^[^\n\w]*\d[^\n]*?(?:{ARROW.pattern})", re.MULTILINE)
_LETTERS: Final = pattern(r"[^\W\d_]{2,}")
_FEW_WORDS: Final = 4  # on a line that would be one of times
_WORD: Final = pattern(r"\w")
_DIGIT: Final = pattern(r"\d")
# A number or none, and the beginning of a line of times.
_BROKEN_OFF: Final = pattern(
    r"(?:\d{1,9}\n)?\d{1,3}:\d\d[:.,]\d[\d:.,]*[ \t]*(?:-+>?[ \t]*[\d:.,]*)?", re.ASCII
)
_BROKEN_WITHIN: Final = pattern(r"(?:\d{1,9}\n\d|\d{1,3}:)[\d:.,]*", re.ASCII)  # its first time
# What begins a tag or a time among words, at the end of a file.
_BROKEN_TAG: Final = pattern(
    r"<(?:/?(?:[cv]|rt|ruby|lang|font)\b[^<>\n]*|\d\d[\d:.]*|/[biu]?)\Z", re.IGNORECASE
)
_LONGEST_TAG: Final = 200  # characters
# A time among the words of a cue, at which the next one begins.
STAMP: Final = pattern(r"<((?:\d{1,4}:)?\d{1,4}:\d\d(?:[.:,]\d{1,3})?)>", re.ASCII)
_NEXT: Final = "\0"  # stands for one while markup is taken out; no decoded text has it
_HIGHLIGHT: Final = pattern(r"([^<]*)<(u|b|i|c|font)\b[^<>]*>([^<]*)</\2>([^<]*)", re.DOTALL)


class CueReader:
    """Reads the cues of a text.

    Parameters
    ----------
    silent
        What begins a block that is no speech.

    Attributes
    ----------
    labels
        The number or the identifier before each cue.
    before
        The blocks before the first cue, without those that are silent.
    crowded
        How many cues begin without a blank line before them.
    broken_off
        Whether the text ends where another cue would begin.
    timecodes
        How their times count frames, if they do.
    """

    def __init__(self, silent: re.Pattern[str] | None = None) -> None:
        self._silent = silent
        self._cues: list[Utterance] = []
        # What follows a blank line in the last cue; joined once, it may be a million.
        self._more: list[str] = []
        self.labels: list[str] = []
        self.before: list[str] = []
        self.crowded = 0
        self.broken_off = False
        self.timecodes: Timecodes | None = None

    def read(self, text: str) -> list[Utterance]:
        """Read a whole file; the cues in their order, also those without text, which keep their markup."""
        labels, cues = self.labels, self._cues
        if tag := _BROKEN_TAG.search(text, max(0, len(text) - _LONGEST_TAG)):
            text = text[: tag.start()]
        if _USUAL.search(f"\n\n{text[:_BEGINNING]}") is None and (found := Timecodes.found_in(text)):
            self.timecodes = found
            lines = text.split("\n")
            text = "\n".join(found.in_front(line) if ARROW.search(line) else line for line in lines)
        for chunk in _chunks(text):
            before, *found = _USUAL.split(f"\n\n{chunk}")
            self._blocks(before.strip("\n"))
            for label, m, s, ms, mm, ss, mss, said in itertools.batched(found, _GROUPS, strict=True):
                start = (_minute(m) + int(s + ms)) / 1000
                end = (_minute(mm) + int(ss + mss)) / 1000
                if "\n\n" in said or _begins_another(said):
                    self._begin(label, start, end)
                    self._blocks(said, within=True)
                elif self._more or not cues:
                    self._begin(label, start, end, said)
                else:
                    labels.append(label or "")
                    cues.append(Utterance(said, f"cue {len(labels)}", None, start, end))
        self.broken_off = self._breaks_off(inside=not text.endswith("\n")) or tag is not None
        self._close()
        return self._cues

    def _blocks(self, text: str, *, within: bool = False) -> None:
        """Read what may be anything: lines of a cue, which it may begin `within`; several cues; notes."""
        for block in text.split("\n\n") if text else ():
            self._block(block, within=within)
            within = False

    def _block(self, block: str, *, within: bool) -> None:
        lines = block.split("\n")
        starts = [at for at in range(len(lines)) if _is_timing(lines, at)]
        if not starts:
            self._continue(block)
            return
        first = 2 if self._silent is not None and self._silent.match(block) else 1
        said = 0
        for at in starts:
            before = [line for line in lines[said:at] if line.strip()]
            identified = (at == first and not within) or self._is_identifier(before)
            # All that a cue has is said, where the one before it has no number.
            alone = (within or said > 0) and len(before) == 1 and self.labels[-1:] == [""]
            numbered = bool(before) and before[-1].strip().isdecimal() and not alone
            label = before.pop() if before and (numbered or identified) else ""
            if before:
                self._continue("\n".join(before))
            self.crowded += within or said > 0
            times = timing(lines[at])
            self._begin(label.strip(), times and times.start, times and times.end)
            said = at + 1
        self._more.append("\n".join(lines[said:]))

    def _continue(self, block: str) -> None:
        """Take a block for what goes on in the last cue, unless it is silent."""
        if self._silent is None or not self._silent.match(block):
            (self._more if self._cues else self.before).append(block)

    def _number_above(self) -> str:
        """The number of the cue that begins now, where a blank line stands after it."""
        above = self._more if self._cues else self.before
        if above and above[-1].strip() == f"{len(self._cues) + 1}":
            return above.pop().strip()
        return ""

    def _is_identifier(self, lines: Sequence[str]) -> bool:
        """Whether the last line before a timing line, below no blank one, is its identifier, and not said.

        It has a number, stands below what is said, and the cue before has an identifier, too.
        """
        above = self.labels[-1] if self.labels else ""
        return (
            len(lines) > 1 and above != "" and not above.isdecimal() and _DIGIT.search(lines[-1]) is not None
        )

    def _breaks_off(self, *, inside: bool) -> bool:
        """Whether the last block is the beginning of a cue, which is taken away.

        Parameters
        ----------
        inside
            Whether the text ends within a line.
        """
        if len(self._cues) > 1:
            last = self._cues[-1]
            cut = inside or last.start is None or last.end is None or last.end < last.start
            if cut and not (last.text or any(map(str.strip, self._more))):
                self._more.clear()
                self._cues.pop()
                self.labels.pop()
                return True
        more = self._more[-1].strip() if self._cues and self._more else ""
        if _BROKEN_OFF.fullmatch(more) or (inside and _BROKEN_WITHIN.fullmatch(more)):
            self._more.pop()
            return True
        return bool(self._cues and self._number_above())

    def _begin(self, label: str | None, start: float | None, end: float | None, payload: str = "") -> None:
        if self._more or not self._cues:
            label = label or self._number_above()
            self._close()
        self.labels.append(label or "")
        self._cues.append(Utterance(payload, f"cue {len(self.labels)}", None, start, end))

    def _close(self) -> None:
        """Give the last cue what follows its blank lines."""
        if self._more:
            last = self._cues[-1]
            self._cues[-1] = last._replace(text="\n".join([last.text, *self._more]))
            self._more.clear()


def told(cues: Sequence[Utterance], markup: Markup | None) -> AttributedSpeech:
    """What is said in the cues, each thing once, and by whom."""
    shown = _shown(cues, markup) if markup else _Shown([*cues], [None] * len(cues))
    said, note = once(shown.pieces, shown.marked)
    told = attribute(said)
    stray = f"times of words outside of their cues left out: {len(shown.stray):,}, the first in "
    return AttributedSpeech(
        told.utterances,
        (note, *told.notes) if note else told.notes,
        (Doubt.damaged(stray + shown.stray[0]), *told.doubts) if shown.stray else told.doubts,
    )


@lru_cache(2)
def _minute(text: str) -> int:
    """Milliseconds to the minute that many cues are in, ``HH:MM`` or ``MM``."""
    return (int(text[:-3] or 0) * 60 + int(text[-2:])) * 60_000


def _moment(text: str) -> float | None:
    """Seconds of a time among words, nearly every one of which is ``HH:MM:SS.mmm``."""
    if len(text) == _USUAL_TIME and text[2] == text[5] == ":":
        return (_minute(text[:5]) + int(text[6:8] + text[9:])) / 1000
    return seconds(text)


def _chunks(text: str) -> Iterator[str]:
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


def _begins_another(payload: str) -> bool:
    """Whether there is another timing line in a cue that no blank line ends."""
    if payload.isascii() and ">" not in payload and "&gt;" not in payload:
        return False
    return _ARROW_LINE.search(payload) is not None


def _is_timing(lines: Sequence[str], at: int) -> bool:
    """Whether a line has times and an arrow, or stands where one would, with an arrow and no speech."""
    line = lines[at]
    if not ARROW.search(line):
        return False
    if timing(line) is not None:
        return True
    first = at == 0 or (at == 1 and " " not in lines[0].strip()) or line.strip()[:1].isdigit()
    return "-->" in line and first and len(_LETTERS.findall(line)) <= _FEW_WORDS


class _Shown(NamedTuple):
    """What cues show without markup, a piece for each voice.

    Parameters
    ----------
    marked
        Which characters of each piece stand out.
    stray
        Where times of words are that are not in their cue, or go back.
    """

    pieces: list[Utterance]
    marked: list[range | None]
    stray: list[str] = []  # noqa: RUF012 - of a tuple


def _shown(cues: Sequence[Utterance], markup: Markup) -> _Shown:
    pieces: list[Utterance] = []
    marked: list[range | None] = []
    stray: list[str] = []
    for cue in cues:
        payload = cue.text
        if "<" not in payload and "&" not in payload and "{" not in payload:
            if payload:
                pieces.append(cue)
                marked.append(None)
            continue
        unstamped, *stamps = STAMP.split(payload)
        if not stamps:
            standing_out = _highlighted(payload, markup)
            for voice, text in markup(payload):
                pieces.append(cue._replace(text=text, speaker=voice or cue.speaker))
                marked.append(standing_out)
            continue
        moments = [cue.start, *map(_moment, stamps[::2]), cue.end]
        times = [moment for moment in moments if moment is not None]
        if len(times) < len(moments) or times != sorted(times):
            moments, count = _inside(moments)
            stray += [cue.where] * count
        for number, (voice, text) in enumerate(markup(_NEXT.join([unstamped, *stamps[1::2]]))):
            words, moments = _stamped(text, moments)
            # Another voice begins with its words.
            start = words[0].start if number and words and words[0].start is not None else cue.start
            said = text.replace(_NEXT, "")
            pieces.append(Utterance(said, cue.where, voice or cue.speaker, start, cue.end, None, words))
            marked.append(None)
    return _Shown(pieces, marked, stray)


def _inside(moments: Sequence[float | None]) -> tuple[list[float | None], int]:
    """The times of a cue and its words but those that go back or beyond its end, and how many these are."""
    first, *within, last = moments
    end = math.inf if last is None or (first is not None and last <= first) else last
    kept = [first]
    latest = first or 0.0
    for moment in within:
        fits = moment is not None and latest <= moment <= end
        latest = moment if moment is not None and fits else latest
        kept.append(moment if fits else None)
    return [*kept, last], kept.count(None) - (first is None)


def _stamped(text: str, moments: list[float | None]) -> tuple[tuple[Word, ...], list[float | None]]:
    """The words of a text with the times that stand among them, and what is left of these.

    Where several words stand between two times, the first begins with the one and the last ends with the
    other, and a word that goes on behind a time ends where its last part does; lines above the first time
    are those of the cue before, as they roll.
    """
    first, *others = text.split(_NEXT)
    above, _, line = first.rpartition("\n")
    words = [*map(_untimed, above.split())]
    before = " "
    for part, begin, end in zip((line, *others), moments, moments[1:], strict=False):
        if begin is not None and end is not None and end < begin:
            end = None  # noqa: PLW2901 - nobody knows when a line ends that ends where it begins
        here, tokens = len(words), part.split()
        if len(tokens) == 1:
            words.append(Word(tokens[0], begin, end))
        elif tokens:
            words += (Word(tokens[0], begin), *map(_untimed, tokens[1:-1]), Word(tokens[-1], None, end))
        if (
            tokens
            and part[0] != " "
            and not (part[0].isspace() or before.isspace() or are_unspaced(before, part[0]))
        ):
            words[here - 1 : here + 1] = [_one(*words[here - 1 : here + 1])]
        before = part[-1:] or before
    return tuple(words), moments[len(others) :]


@lru_cache(2**10)
def _untimed(text: str) -> Word:
    """A word without times; what rolls is there twice and more."""
    return Word(text)


def _one(first: Word, more: Word) -> Word:
    return Word(first.text + more.text, first.start, more.end)


def _highlighted(payload: str, markup: Markup) -> range | None:
    """Where what markup sets apart from the rest of a cue stands, in characters without white space."""
    if (match := _HIGHLIGHT.fullmatch(payload)) is None:
        return None
    before, _, inside, after = match.groups()
    if not inside.strip() or not (_WORD.search(before) or _WORD.search(after)):
        return None
    first, count = (sum(width(text) for _, text in markup(part)) for part in (before, inside))
    return range(first, first + count)
