"""The formats in which an episode is given away: the one table of them."""

import enum
from typing import Final, Self


class ExportFormat(enum.StrEnum):
    """A format, as it is asked for.

    Parameters
    ----------
    ending
        Of its files' names; empty: it is for the terminal.
    media
        The media type, as feeds and pages say it.
    """

    ending: str
    media: str

    SUMMARY = "summary", "", "text/plain"
    TEXT = "text", ".txt", "text/plain"
    MARKDOWN = "markdown", ".md", "text/markdown"
    VTT = "vtt", ".vtt", "text/vtt"
    SRT = "srt", ".srt", "application/x-subrip"
    PODCAST_JSON = "podcast-json", ".podcast.json", "application/json"
    PODCAST_HTML = "podcast-html", ".podcast.html", "text/html"
    CHAPTERS = "chapters", ".chapters.json", "application/json+chapters"
    HTML = "html", ".html", "text/html"
    TEI = "tei", ".xml", "application/tei+xml"
    JSON = "json", ".json", "application/json"

    def __new__(cls, value: str, ending: str, media: str) -> Self:
        """Make a member of a row."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.ending = ending
        member.media = media
        return member

    @property
    def has_cues(self) -> bool:
        """Whether it is made of cues, and needs times."""
        return self in {ExportFormat.VTT, ExportFormat.SRT, ExportFormat.PODCAST_JSON}


FILES: Final = tuple(each for each in ExportFormat if each.ending)


def format_of(file: str) -> ExportFormat | None:
    """Find the format that the ending of a file's name asks for; the longest ending counts."""
    fitting = [each for each in FILES if file.lower().endswith(each.ending)]
    return max(fitting, key=lambda each: len(each.ending), default=None)
