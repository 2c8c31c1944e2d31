"""Timed text: a clock and words, ``00:01:02 Words``, or a clock and a name above the words of a turn."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from episodic.canonical.clock import CLOCK, clock_seconds
from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.dialogue import (
    NAME,
    Labels,
    covered,
    fold,
    has_colon,
    recur,
    split_changes,
)
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.sources import SourceType, Utterance

# "00:01:02 words", "[01:02] words", "(1:02:03) words", or "[00:01.000 --> 00:02.500]  words", as Whisper
# prints them; the words may stand on the next line.
_LINE: Final = re.compile(
    rf"[ \t]*(?P<open>[\[(])?(?P<time>{CLOCK})(?(open)(?:[ \t]*-->[ \t]*(?P<end>{CLOCK}))?[\])])"
    r"(?:[ \t]*[-\u2013\u2014:](?=[ \t]))?(?:[ \t]+|$)(?P<words>.*)",
    re.ASCII,
)
# "Name  0:05" and "Name (00:05):" above the words, as services for transcription write them.
_HEADER: Final = re.compile(
    rf"{NAME}(?:[ \t,]++|(?=[\[(]))(?P<open>[\[(])?(?P<time>{CLOCK})(?(open)[\])])"
    r"[ \t]*+(?::[ \t]++(?P<words>.+)|:?)"
)
_NAME: Final = re.compile(NAME)
_CUE: Final = re.compile(r"^[^\[\n]*-->", re.MULTILINE)

# A line, or a paragraph of a document, and its place.
type Line = tuple[str, str]


class Turn(NamedTuple):
    """Lines from one time to the next, and the name beside the time."""

    where: str
    start: float | None
    lines: list[Line]
    speaker: str | None = None
    end: float | None = None


class TimedText:
    """Lines that begin with a time, or turns below a name and a time."""

    name = "timed-text"
    title = "timed text (HH:MM:SS words)"
    suffixes = ()

    def recognizes(self, head: Head) -> bool:
        """By its first line and most of the others, or by names that come again with times.

        Briefs and notes have times as well, so that what is said to be one is none of this.
        """
        if _CUE.search(head.text, 0, 4000) or head.source_type not in {None, SourceType.TRANSCRIPT}:
            return False
        lines = _lines(head.text)
        # Bold text after a time is Markdown.
        bold = any(match["words"].startswith("**") for _, line in lines[:40] if (match := _LINE.match(line)))
        return not bold and bool(find_turns(lines, transcript=head.source_type is not None))

    def read(self, document: Document) -> Structure:
        """Read turns; a line without a time goes on with the one before."""
        decoded = document.decode()
        lines = _lines(decoded.text)
        utterances = tuple(spoken(_headed(lines) or _timed(lines)))
        if not utterances:
            raise SourceError(document.uri, "has times but no words")
        signals = covered(decoded.signals, utterances)
        if (backwards := _backwards(utterances)) is not None:
            notes = (*signals.notes, f"times go backwards at {backwards}")
            signals = replace(signals, well_formed=False, notes=notes)
        return Structure(utterances=utterances, signals=signals)


def find_turns(lines: Sequence[Line], *, transcript: bool) -> list[Turn]:
    """The turns of lines most of which begin with a time, or some with a name and a time; else none.

    Unless it is known to be a transcript, they have to look like talk as well.
    """
    timed = sum(1 for _, line in lines[:40] if _LINE.match(line))
    if timed < min(2, len(lines)) or timed * 3 < len(lines[:40]):
        turns = _headed(lines)
    else:
        turns = _timed(lines) if any(_LINE.match(line) for _, line in lines[:3]) else []
    return turns if transcript or _is_talk(turns) else []


def _lines(text: str) -> list[Line]:
    """The lines that are not blank, and their places."""
    return [(f"line {number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _headed(lines: Sequence[Line]) -> list[Turn]:
    """The turns below a name and a time; none where no name comes again, or where such lines are few."""
    turns: list[Turn] = []
    for where, line in lines:
        if match := _HEADER.fullmatch(line.strip()):
            said = [(where, match["words"])] if match["words"] else []
            turns.append(Turn(where, clock_seconds(match["time"]), said, match["name"]))
        elif turns:
            turns[-1].lines.append((where, line))
        else:
            turns.append(Turn(where, None, [(where, line)]))
    names = Counter(turn.speaker for turn in turns if turn.speaker is not None and turn.lines)
    return turns if len(names) < names.total() and len(turns) * 20 >= len(lines) else []


def _timed(lines: Sequence[Line]) -> list[Turn]:
    """The turns that begin with a time; where only names stand beside the times, they speak what is below."""
    turns: list[Turn] = []
    for where, line in lines:
        match = _LINE.match(line)
        if match and (start := clock_seconds(match["time"])) is not None:
            end = clock_seconds(match["end"]) if match["end"] else None
            turns.append(Turn(where, start, [(where, match["words"].strip())], end=end))
        elif turns:
            turns[-1].lines.append((where, line))
        else:
            turns.append(Turn(where, None, [(where, line)]))
    timed = [turn for turn in turns if turn.start is not None]
    names = {turn.lines[0][1] for turn in timed}
    if len(names) < len(timed) and all(
        len(turn.lines) > 1 and _NAME.fullmatch(turn.lines[0][1]) for turn in timed
    ):
        return [
            turn if turn.start is None else turn._replace(lines=turn.lines[1:], speaker=turn.lines[0][1])
            for turn in turns
        ]
    return turns


def _is_talk(turns: Sequence[Turn]) -> bool:
    """Whether names come again, and most turns say a character a second or more.

    Chapters and stages of an agenda say less; the times of verses and results, below their names, go back.
    """
    names = Counter(turn.speaker for turn in turns if turn.speaker is not None)
    timed = [
        (turn.start, sum(len(line) for _, line in turn.lines)) for turn in turns if turn.start is not None
    ]
    lasting = [(end - start, characters) for (start, characters), (end, _) in itertools.pairwise(timed)]
    odd = sum(seconds > characters or (seconds < 0 and bool(names)) for seconds, characters in lasting)
    return odd * 2 <= len(lasting) and (not names or recur(names))


def spoken(turns: Sequence[Turn]) -> Iterator[Utterance]:
    """An utterance a turn, more where a label or a mark stands inside; a name holds until the next."""
    labels = Labels(frozenset())
    if all(turn.speaker is None for turn in turns):
        lines = [line for turn in turns for _, line in turn.lines if line.strip()]
        labelled = (fold(line) for line in lines if has_colon(line))
        labels = Labels.among(labelled, len(lines), fold(lines[0]) if lines else "", speech=True)
    speaker: str | None = None
    marked = False
    for turn in turns:
        if turn.speaker is not None:
            speaker, marked = turn.speaker, False
        for where, start, end, text in _parts(turn, labels):
            for changed, part in split_changes(text):
                name, said = labels.split(part)
                if name is not None or changed:
                    speaker, marked = name, name is None
                if said := said.rstrip():
                    yield Utterance(said, where, speaker, start, end, turn=marked)
                    marked = False


def _parts(turn: Turn, labels: Labels) -> Iterator[tuple[str, float | None, float | None, str]]:
    """A turn in parts; each but the first begins with the label of a line without a time."""
    where, start = turn.where, turn.start
    said: list[str] = []
    for at, line in turn.lines:
        if text := fold(line):
            if said and labels.split(text)[0] is not None:
                yield where, start, None, " ".join(said)
                where, start, said = at, None, []
            said.append(text)
    if said:
        yield where, start, turn.end, " ".join(said)


def _backwards(utterances: Sequence[Utterance]) -> str | None:
    latest = 0.0
    for utterance in utterances:
        if utterance.start is not None:
            if utterance.start < latest:
                return utterance.where
            latest = utterance.start
    return None
