"""Rendering the transcript and its chapters in the formats that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.canonical.tei.reader import Spoken
from episodic.publishing import captions, transcripts
from episodic.publishing.cues import Cue, NoTimesError, caption_cues, hasty, spoken_cues
from episodic.publishing.formats import ExportFormat
from episodic.publishing.provenance import Provenance
from episodic.publishing.rules import Rules


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file; how many of its cues are faster than anybody reads, how many utterances have no time in it."""

    content: bytes
    hasty: int = 0
    left_out: int = 0


def render(
    format: ExportFormat,
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
        case ExportFormat.TEXT:
            return Rendered(transcripts.text(utterances).encode())
        case ExportFormat.MARKDOWN:
            return Rendered(transcripts.markdown(utterances, chapter_list, provenance).encode())
        case ExportFormat.PODCAST_HTML:
            return Rendered(transcripts.podcast_html(utterances, provenance).encode())
        case ExportFormat.CHAPTERS if not chapter_list:
            raise NoTimesError("no source names chapters; add a list of times and titles to one")
        case ExportFormat.CHAPTERS:
            return Rendered(transcripts.chapters_json(chapter_list, provenance))
        case _ if not format.has_cues:
            raise ValueError(f"{format} is not made of the transcript alone")
        case _:
            named = format is ExportFormat.SRT  # whose cues have no other place for who speaks
            early = _before_the_clock(utterances, rules or Rules())
            said = utterances[early:]
            cues = caption_cues(said, rules, named=named) if rules else spoken_cues(said, named=named)
            return Rendered(_of_cues(format, cues, provenance), hasty(cues, rules) if rules else 0, early)


def _before_the_clock(utterances: Sequence[Spoken], rules: Rules) -> int:
    """Count the utterances without times at the beginning for which the clock leaves none to read them."""
    first = next((at for at, each in enumerate(utterances) if each.start is not None), 0)
    length = sum(len(each.text) for each in utterances[:first])
    return first if length > rules.speed * (utterances[first].start or 0.0 if first else 0.0) else 0


def _of_cues(format: ExportFormat, cues: Sequence[Cue], provenance: Provenance) -> bytes:
    match format:
        case ExportFormat.SRT:
            return captions.subrip(cues).encode()
        case ExportFormat.PODCAST_JSON:
            return transcripts.podcast_json(cues, provenance)
        case _:
            return captions.webvtt(cues, provenance).encode()
