"""Timed text: lines of a clock and words, ``00:01:02 Words``, with or without brackets and speakers."""

import re
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Signals, Utterance
from episodic.canonical.normalizers.clock import clock_seconds
from episodic.canonical.normalizers.dialogue import Labels, coverage, fold, split_changes
from episodic.canonical.normalizers.format import Document, Head, Structure

_CLOCK: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
# "00:01:02 words", "[01:02] words", "(1:02:03) words"; the words may stand on the next line.
_LINE: Final = re.compile(
    rf"[ \t]*(?P<open>[\[(])?(?P<time>{_CLOCK})(?(open)[\])])"
    r"(?:[ \t]*[-\u2013\u2014:](?=[ \t]))?(?:[ \t]+|$)(?P<words>.*)",
    re.ASCII,
)


class TimedText:
    """Lines that begin with a time."""

    name = "timed-text"
    title = "timed text (HH:MM:SS words)"
    suffixes = ()

    def recognizes(self, head: Head) -> bool:
        """By its first line and most of the others."""
        lines = [line for line in head.text.split("\n") if line.strip()][:40]
        if not lines or "-->" in head.text[:4000]:
            return False
        timed = sum(1 for line in lines if _LINE.match(line))
        return timed >= min(2, len(lines)) and timed * 3 >= len(lines) and any(map(_LINE.match, lines[:3]))

    def read(self, document: Document) -> Structure:
        """Read lines; one without a time goes on with the utterance before."""
        decoded = document.decode()
        spoken: list[tuple[int, float | None, list[str]]] = []
        for number, line in enumerate(decoded.text.split("\n"), 1):
            if not line.strip():
                continue
            match = _LINE.match(line)
            if match and (start := clock_seconds(match["time"])) is not None:
                spoken.append((number, start, [match["words"]]))
            elif spoken:
                spoken[-1][2].append(line)
            else:
                spoken.append((number, None, [line]))
        texts = [(number, start, fold(" ".join(words))) for number, start, words in spoken]
        texts = [entry for entry in texts if entry[2]]
        if not texts:
            raise SourceError(document.uri, "has times but no words")
        labels = Labels.among((text for _, _, text in texts if ":" in text), len(texts), texts[0][2])
        speaker: str | None = None
        utterances: list[Utterance] = []
        turn = False
        for number, start, text in texts:
            for changed, part in split_changes(text):
                name, said = labels.split(part)
                if name is not None or changed:
                    speaker, turn = name, name is None
                if said := said.rstrip():
                    utterances.append(Utterance(said, f"line {number}", speaker, start, turn=turn))
                    turn = False
        speakers, times = coverage(utterances)
        backwards = _backwards(utterances)
        return Structure(
            utterances=tuple(utterances),
            signals=Signals(
                speaker_coverage=speakers,
                timing_coverage=times,
                damage=decoded.damage,
                well_formed=backwards is None,
                notes=decoded.notes
                if backwards is None
                else (*decoded.notes, f"times go backwards at {backwards}"),
            ),
        )


def _backwards(utterances: list[Utterance]) -> str | None:
    latest = 0.0
    for utterance in utterances:
        if utterance.start is not None:
            if utterance.start < latest:
                return utterance.where
            latest = utterance.start
    return None
