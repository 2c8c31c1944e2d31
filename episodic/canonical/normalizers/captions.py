"""From timed cues to utterances: what WebVTT and SubRip have in common."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.ingestion import Utterance
from episodic.canonical.normalizers.dialogue import Labels, fold, split_changes

_SAMPLE: Final = 200
_DASHES: Final = frozenset("-\u2013\u2014>")


class Cue(NamedTuple):
    """A cue as it stands in the file: its number from 1, times in seconds, and its lines with markup."""

    number: int
    start: float
    end: float
    payload: str


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
        self._marked = "<" in text or "&" in text or "{" in text
        self._labels = Labels(frozenset())
        self._speaker: str | None = None
        self.changes = 0
        self.rolling = False

    def utterances(self, cues: Iterable[Cue]) -> Iterator[Utterance]:
        """Turn cues into utterances: one a cue, more where several people speak in it."""
        cues = iter(cues)
        sample = list(itertools.islice(cues, _SAMPLE))
        if not sample:
            return
        self._labels = Labels.among(
            _labelled_lines(self._text), self._text.count("-->"), sample[0].payload.lstrip()
        )
        cues = itertools.chain(sample, cues)
        if "<v" not in self._text and _is_rolling([self._plain(cue.payload) for cue in sample]):
            self.rolling = True
            cues = self._unrolled(cues)
        marked, labels = self._marked, bool(self._labels.names)
        for number, start, end, payload in cues:
            if marked and ("<" in payload or "&" in payload or "{" in payload):
                parts = self._markup(payload)
            elif labels or payload[:1] in _DASHES or "\n-" in payload or "\n>" in payload:
                parts = ((None, payload),)
            else:
                if text := " ".join(payload.split()):
                    yield Utterance(text, f"cue {number}", self._speaker, start, end)
                continue
            for voice, part in parts:
                for speaker, said in self._speeches(voice, part):
                    if text := fold(said):
                        yield Utterance(text, f"cue {number}", speaker, start, end)

    def notes(self) -> Iterator[str]:
        """What a person should know, once the utterances are made."""
        if self.rolling:
            yield "rolling captions: repeated lines were collapsed"
        if self.changes:
            yield f"changes of speaker marked without a name: {self.changes}"

    def _speeches(self, voice: str | None, part: str) -> Iterator[tuple[str | None, str]]:
        if voice is not None:
            yield voice, part
            return
        for changed, speech in split_changes(part.strip("\n")):
            if changed:
                self.changes += 1
                self._speaker = None
            for name, said in self._labelled(speech):
                if name is not None:
                    if changed:
                        self.changes -= 1
                        changed = False  # noqa: PLW2901 - a named change is not an unnamed one
                    self._speaker = name
                yield self._speaker, said

    def _labelled(self, speech: str) -> Iterator[tuple[str | None, str]]:
        """Split a speech at the lines that begin with a label."""
        if not self._labels.names:
            yield None, speech
            return
        name: str | None = None
        lines: list[str] = []
        for line in speech.split("\n"):
            label, rest = self._labels.split(line.lstrip())
            if label is not None:
                if lines:
                    yield name, " ".join(lines)
                name, lines = label, [rest]
            else:
                lines.append(line)
        yield name, " ".join(lines)

    def _plain(self, payload: str) -> tuple[str, ...]:
        """The lines of a payload without markup."""
        if self._marked:
            payload = "".join(text for _, text in self._markup(payload))
        return tuple(folded for line in payload.split("\n") if (folded := fold(line)))

    def _unrolled(self, cues: Iterable[Cue]) -> Iterator[Cue]:
        """Drop the lines with which a cue repeats the end of the one before."""
        shown: tuple[str, ...] = ()
        for cue in cues:
            lines = self._plain(cue.payload)
            fresh = lines[_overlap(shown, lines) :]
            shown = lines
            if fresh:
                yield cue._replace(payload="\n".join(fresh))


def _overlap(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """How many lines at the end of one cue begin the next."""
    for count in range(min(len(before), len(after)), 0, -1):
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
    """The lines of a text in which a colon and a space follow something."""
    position = text.find(": ")
    while position >= 0:
        start = text.rfind("\n", 0, position) + 1
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[start:end].lstrip(" \t->\u2013\u2014")
        if "-->" not in line:
            yield line
        position = text.find(": ", end)
