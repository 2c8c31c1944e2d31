"""Who speaks: speaker labels in front of speech, and marks for a change of speaker."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.sources import Signals, Utterance

WIDE_COLON: Final = "\uff1a"  # of Chinese and Japanese
# Up to five words that begin like names do, or a number as in "Speaker 1".
NAME: Final = (
    r"(?P<name>[^\W\d_a-z][\w.'\u2019$&-]*"
    r"(?:[ ,]{1,2}(?:[^\W_a-z]|de|van|von|der|da|the|\()[\w.'\u2019$)-]*){0,4}"
    r"|\$\w+|[A-Z]+_\d+)"
)
# Up to four words that do not, as people call themselves in video calls.
_NICKNAME: Final = r"(?P<nickname>[^\W\d_][\w.'\u2019-]*(?: [\w.'\u2019()-]+){0,3})"
# "Name:" in front of speech, or "[SPEAKER_00]:" as WhisperX has it; the wide colon needs no space after it.
_LABEL: Final = re.compile(
    rf"(?P<open>\[)?(?:{NAME}|{_NICKNAME})(?(open)\])[ \t]*(?::(?:\s+|$)|{WIDE_COLON}\s*)"
)
# A dash or chevrons begin the words of another speaker in captions; chevrons also within a line. Many write
# a hyphen without a space, but a longer dash then goes on with what was said, and a digit makes it a minus.
_CHANGE: Final = re.compile(
    r"(^(?:>>+|[-\u2013\u2014](?=[^\S\n])|-(?=[^\W\d_]|[\"'\u2018\u201c\u2026\u00bf\u00a1(\[\u266a]))"
    r"|(?<=\s)>>(?=\s))[^\S\n]*",
    re.MULTILINE,
)
# Where a line after the first may begin so; found several times as fast.
LATER_DASH: Final = re.compile("\n[-\u2013\u2014]")
# What may stand before a label: blanks, and marks of a change of speaker.
_BEFORE_LABEL: Final = " \t->\u2013\u2014"
# What stands before a colon without speaking.
NO_NAMES: Final = frozenset(
    """
    note notes warning tip example todo summary title date time topic topics episode season update edit http
    https from to cc sent subject first second third also and but so or the this that it
    """.split()  # noqa: SIM905 - a list of words, read as such
)
# What speaks where labels alternate, and elsewhere says who that is.
ROLES: Final = frozenset({"host", "hosts", "guest", "guests", "question", "answer"})


@dataclass(frozen=True, slots=True)
class Labels:
    """The speaker labels of one transcript, decided on the whole of it.

    A single "Warning: …" is no speaker: a label counts when it recurs, or where all is labelled.
    """

    names: frozenset[str]

    @classmethod
    def among(cls, lines: Iterable[str], total: int, first: str, *, speech: bool = False) -> Labels:
        """Find the labels in front of `lines`.

        Parameters
        ----------
        lines
            Every line that could begin with a label; those without a colon may be left out.
        total
            How many lines, or cues, the text has.
        first
            The first of them.
        speech
            Whether the text is a transcript beyond doubt: where nearly every line has a label, one that does
            not look like a name is one, too.
        """
        found: Counter[str] = Counter()
        nicknames: Counter[str] = Counter()
        called: set[str] = set()  # after chevrons, where nothing else can stand
        last: str | None = None
        alternate = False  # whether a label comes again after another
        for line in lines:
            if (match := _label(line)) is None:
                continue
            if (name := match["name"]) is None:
                nicknames[match["nickname"]] += 1
                continue
            alternate = alternate or (name != last and name in found)
            found[name] += 1
            last = name
            if line.lstrip().startswith(">>"):
                called.add(name)
        if not alternate:
            for role in [name for name in found if name.lower() in ROLES and name not in called]:
                del found[role]
        names: set[str] = set()
        if speech and (found.total() + nicknames.total()) * 5 >= total * 4:
            names = {name for name, times in nicknames.items() if times > 2}
        opening = name if (name := candidate(first)) in found else None
        if found and (opening is not None or called or names or found.most_common(1)[0][1] > 1):
            throughout = bool(names) or found.total() * 2 >= total
            names.update(
                name
                for name, times in found.items()
                if times > 1 or throughout or name == opening or name in called or " " in name
            )
        return cls(frozenset(names))

    def split(self, text: str) -> tuple[str | None, str]:
        """The speaker whose label `text` begins with, and the rest."""
        if self.names and (match := _LABEL.match(text)):
            name = match["name"] or match["nickname"]
            if name in self.names:
                return name, text[match.end() :]
        return None, text

    def split_lines(self, text: str) -> list[tuple[str | None, str]]:
        """Split `text` at the lines that begin with a label; what stands before the first has no name."""
        parts: list[tuple[str | None, str]] = []
        name: str | None = None
        lines: list[str] = []
        for line in text.split("\n"):
            if has_colon(line):
                label, rest = self.split(line.lstrip())
                if label is not None:
                    if lines:
                        parts.append((name, " ".join(lines)))
                    name, lines = label, [rest]
                    continue
            lines.append(line)
        parts.append((name, " ".join(lines)))
        return parts


def recur(names: Counter[str]) -> bool:
    """Whether names come again as those of people in a conversation do; of headings, one or another may."""
    return names.total() > 1 and len(names) * 2 <= names.total() + 1


def has_colon(text: str) -> bool:
    """Whether there can be a label in a text."""
    return ":" in text or WIDE_COLON in text


def candidate(text: str) -> str | None:
    """What stands before a colon at the start of `text`, if it can be a name."""
    match = _label(text)
    return match and (match["name"] or match["nickname"])


def _label(text: str) -> re.Match[str] | None:
    match = _LABEL.match(text.lstrip(_BEFORE_LABEL))
    if match is None or (match["name"] or match["nickname"]).lower() in NO_NAMES:
        return None
    return match


def split_changes(text: str) -> list[tuple[str, str]]:
    """Split a text where another speaker begins; each part after its mark, which is empty without one."""
    if ">>" not in text and ("\n" not in text or not LATER_DASH.search(text)):  # as most often; half the time
        mark = _CHANGE.match(text)
        return [("", text) if mark is None else (mark[1], text[mark.end() :])]
    before, *others = _CHANGE.split(text)
    parts = list(itertools.batched(others, 2, strict=True))
    return [("", before), *parts] if before or not parts else parts


def fold(text: str) -> str:
    """Fold white space to single spaces."""
    return " ".join(text.split())


def covered(signals: Signals, utterances: Sequence[Utterance]) -> Signals:
    """Signals with the shares of the words that have a speaker, and that have times."""
    words = spoken = timed = 0
    for utterance in utterances:
        count = utterance.text.count(" ") + 1
        words += count
        spoken += count if utterance.speaker is not None else 0
        timed += count if utterance.start is not None else 0
    if not words:
        return signals
    return replace(signals, speaker_coverage=spoken / words, timing_coverage=timed / words)
