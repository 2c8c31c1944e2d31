"""Timed text: a clock and words, ``00:01:02 Words``, or a clock and a name above the words of a turn."""

from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.margins import is_timed_speech, read_speech
from episodic.canonical.sources import SourceType
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import stamp
from episodic.canonical.text.tokens import with_line_ends

_SAMPLE: Final = 40
_ENOUGH: Final = 2**14  # characters that tell times and turns from chapters and notes
_HEADING: Final = pattern(r"#{1,6}[ \t]+\S")


class TimedText(Format):
    """Lines that begin with a time, or turns below a name and a time."""

    name = "timed-text"
    title = "timed text (HH:MM:SS words)"

    def recognizes(self, head: Head) -> bool:
        """By its first line and most of the others, or by names that come again with times.

        Briefs and notes have times as well, so that what is said to be one is none of this.
        """
        if head.source_type not in {None, SourceType.TRANSCRIPT}:
            return False
        lines = _lines(head.lines(_ENOUGH))
        if not lines or _is_markdown(lines):
            return False
        return is_timed_speech(lines, transcript=head.source_type is not None)

    def read(self, document: Document) -> Structure:
        """Read turns; a line without a time goes on with the one before."""
        decoded = document.decode()
        speech = read_speech(_lines(decoded.text), transcript=True)
        spoken = speech.structure(decoded.signals) if speech is not None else None
        if spoken is None or not spoken.utterances:
            raise UnreadableError("has times but no words")
        return spoken


def _lines(text: str) -> list[Line]:
    """The lines that are not blank, and their places."""
    lines = with_line_ends(text).split("\n")
    return [Line(f"line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def _is_markdown(lines: list[Line]) -> bool:
    """Whether there are headings of Markdown, or bold text after a time."""
    first = [line.text for line in lines[:_SAMPLE]]
    times = [time for text in first if (time := stamp(text)) is not None]
    return any(time.rest.startswith("**") for time in times) or any(map(_HEADING.match, first))
