"""The formats in which a transcript is given away, each by its name and by the ending of a file."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from episodic.canonical.tei.reader import Spoken
from episodic.publishing import captions, transcripts
from episodic.publishing.cues import Cue, NoTimesError, caption_cues, hasty, spoken_cues
from episodic.publishing.provenance import Provenance
from episodic.publishing.rules import Rules


class Published(enum.StrEnum):
    """A format that is made of the transcript and its chapters."""

    TEXT = "text"
    MARKDOWN = "markdown"
    WEBVTT = "vtt"
    SUBRIP = "srt"
    PODCAST_JSON = "podcast-json"
    PODCAST_HTML = "podcast-html"
    CHAPTERS = "chapters"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file; how many of its cues are faster than anybody reads, how many utterances have no time in it."""

    content: bytes
    hasty: int = 0
    left_out: int = 0


def render(
    format: Published,
    utterances: Sequence[Spoken],
    chapter_list: Sequence[tuple[float, str]],
    provenance: Provenance,
    rules: Rules | None,
) -> Rendered:
    """Render in a format.

    Parameters
    ----------
    rules
        What a cue may be; ``None``: each utterance is one.

    Raises
    ------
    NoTimesError
        When the format needs times and there are none, or no chapters.
    """
    match format:
        case Published.TEXT:
            return Rendered(transcripts.text(utterances).encode())
        case Published.MARKDOWN:
            return Rendered(transcripts.markdown(utterances, chapter_list, provenance).encode())
        case Published.PODCAST_HTML:
            return Rendered(transcripts.podcast_html(utterances, provenance).encode())
        case Published.CHAPTERS:
            if not chapter_list:
                raise NoTimesError("no source names chapters; add a list of times and titles to one")
            return Rendered(transcripts.chapters_json(chapter_list, provenance))
        case Published.WEBVTT | Published.SUBRIP | Published.PODCAST_JSON:
            named = format is Published.SUBRIP  # whose cues have no other place for who speaks
            early = _before_the_clock(utterances, rules or Rules())
            said = utterances[early:]
            cues = caption_cues(said, rules, named=named) if rules else spoken_cues(said, named=named)
            return Rendered(_timed(format, cues, provenance), hasty(cues, rules) if rules else 0, early)


def _before_the_clock(utterances: Sequence[Spoken], rules: Rules) -> int:
    """Count the utterances without times at the beginning for which the clock leaves none to read them."""
    first = next((at for at, each in enumerate(utterances) if each.start is not None), 0)
    length = sum(len(each.text) for each in utterances[:first])
    return first if length > rules.speed * (utterances[first].start or 0.0 if first else 0.0) else 0


def _timed(format: Published, cues: Sequence[Cue], provenance: Provenance) -> bytes:
    match format:
        case Published.SUBRIP:
            return captions.subrip(cues).encode()
        case Published.PODCAST_JSON:
            return transcripts.podcast_json(cues, provenance)
        case _:
            return captions.webvtt(cues, provenance).encode()
