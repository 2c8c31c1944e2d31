"""An episode in every form in which it is given away, as bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from episodic import settings
from episodic.canonical.domain import Episode, IngestionJob, Revision
from episodic.cli.output import complain, json_text, plural

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import TeiDocument

type ShownFormat = Literal[
    "summary",
    "text",
    "markdown",
    "vtt",
    "srt",
    "podcast-json",
    "podcast-html",
    "chapters",
    "html",
    "tei",
    "json",
]
# What the ending of a file asks for; the longest counts.
ENDINGS: Final[dict[str, ShownFormat]] = {
    ".txt": "text",
    ".md": "markdown",
    ".vtt": "vtt",
    ".srt": "srt",
    ".podcast.json": "podcast-json",
    ".podcast.html": "podcast-html",
    ".chapters.json": "chapters",
    ".html": "html",
    ".xml": "tei",
    ".json": "json",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What of an episode is wanted, and how.

    Parameters
    ----------
    witness
        Siglum of a source whose readings are wanted instead of the accepted ones.
    as_spoken
        Whether each utterance is a cue, whatever its length.
    recording
        What a page plays, instead of what the sources name.
    output
        The file that is written.
    """

    witness: str | None = None
    as_spoken: bool = False
    recording: Path | None = None
    output: Path | None = None


def exported(
    wanted: ShownFormat,
    found: Episode,
    kept: Revision,
    job: IngestionJob | None,
    options: settings.Settings,
    choice: Choice,
) -> bytes:
    """Give a revision in a format; raises `NoTimesError` where that needs times and there are none."""
    from episodic.canonical.tei.reader import read

    if wanted == "tei":
        return kept.tei
    document = read(kept.tei)
    match wanted:
        case "json":
            from episodic.publishing.everything import everything

            return json_text(everything(found, kept, document, choice.witness))
        case "html":
            return _page(found, kept, document, job, choice.recording, choice.output)
        case _:
            return _published(wanted, found, kept, document, options, choice)


def _published(
    wanted: str,
    found: Episode,
    kept: Revision,
    document: TeiDocument,
    options: settings.Settings,
    choice: Choice,
) -> bytes:
    from episodic.publishing.formats import Published, render
    from episodic.publishing.provenance import Provenance

    width = options.subrip_width if wanted == Published.SUBRIP else options.webvtt_width
    rendered = render(
        Published(wanted),
        document.utterances(choice.witness),
        document.chapters,
        Provenance(found.name, kept.number, kept.title, document.canonical.language),
        options.cue_rules(width) if not choice.as_spoken else None,
    )
    if rendered.hasty:
        rate = f"{options.cue_speed:g} characters a second"
        complain(f"{plural(rendered.hasty, 'cue')} of {found.name} faster than {rate}: people speak so fast")
    return rendered.content


def _page(
    found: Episode,
    kept: Revision,
    document: TeiDocument,
    job: IngestionJob | None,
    recording: Path | None,
    output: Path | None,
) -> bytes:
    from episodic.cli.page import Audio, page

    audio = Audio.file(recording, output) if recording else Audio.claimed(document.canonical.statements)
    return page(found, kept, document.canonical, job=job, audio=audio)
