"""An episode in every form in which it is given away, as bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.jobs import IngestionJob
from episodic.cli.output import complain, json_text, plural
from episodic.publishing.formats import ExportFormat, format_of

if TYPE_CHECKING:  # lxml loads when a document is read
    from collections.abc import Iterator

    from episodic.canonical.tei.reader import TeiDocument
    from episodic.cli.page import Download
    from episodic.publishing.rendering import Rendered

# What no corrected text was made of, or, like TEI, needs not to be compared with.
_NO_TEXTS: Final = frozenset(map(ExportFormat, ("chapters", "html", "tei", "json")))
# What a page has in it to be saved, and what it calls that.
_IN_PAGES: Final = {
    ExportFormat.TEXT: "text",
    ExportFormat.MARKDOWN: "Markdown",
    ExportFormat.VTT: "WebVTT",
    ExportFormat.SRT: "SubRip",
}


@dataclass(frozen=True, slots=True)
class Selection:
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
    wanted: ExportFormat,
    found: Episode,
    kept: Revision,
    job: IngestionJob | None,
    options: settings.Settings,
    choice: Selection,
) -> bytes:
    """Give a revision in a format; raises `NoTimesError` where that needs times and there are none."""
    from episodic.canonical.tei.reader import read

    if wanted is ExportFormat.TEI:
        return kept.tei
    export = _Export(found, kept, read(kept.tei), options)
    match wanted:
        case ExportFormat.JSON:
            from episodic.publishing.everything import everything

            return json_text(everything(found, kept, export.document, choice.witness))
        case ExportFormat.HTML:
            return export.page(job, choice)
        case _:
            rendered = export.rendered(wanted, choice)
            if rendered.left_out:
                count = plural(rendered.left_out, "utterance")
                complain(f"{count} of {found.name} left out: said before its clock begins, and has no time")
            if rendered.hasty:
                rate = f"{options.cue_speed:g} characters a second"
                fast = f"{plural(rendered.hasty, 'cue')} of {found.name} faster than {rate}"
                complain(f"{fast}: the times of their words leave no more")
            return rendered.content


def unchanged(file: str, found: Episode, kept: Revision, options: settings.Settings) -> Iterator[bytes]:
    """Yield what a file with its name held before somebody corrected it, with cues of either kind.

    A DOCX held text.
    """
    from episodic.canonical.tei.reader import read
    from episodic.publishing.transcripts import word_document

    if (format := format_of(file) or ExportFormat.TEXT) not in _NO_TEXTS:
        export = _Export(found, kept, read(kept.tei), options)
        choices = (Selection(), Selection(as_spoken=True)) if format.has_cues else (Selection(),)
        for choice in choices:
            content = export.rendered(format, choice).content
            yield word_document(content.decode()) if file.lower().endswith(".docx") else content


@dataclass(frozen=True, slots=True)
class _Export:
    """A revision whose document is read."""

    found: Episode
    kept: Revision
    document: TeiDocument
    options: settings.Settings

    def page(self, job: IngestionJob | None, choice: Selection) -> bytes:
        from episodic.cli.page import Audio, page

        canonical = self.document.canonical
        recording = choice.recording
        audio = Audio.file(recording, choice.output) if recording else Audio.claimed(canonical)
        return page(self.found, self.kept, canonical, job=job, audio=audio, downloads=list(self._downloads()))

    def rendered(self, wanted: ExportFormat, choice: Selection) -> Rendered:
        from episodic.publishing.provenance import Provenance
        from episodic.publishing.rendering import render

        options, document = self.options, self.document
        width = options.subrip_width if wanted is ExportFormat.SRT else options.webvtt_width
        return render(
            wanted,
            document.utterances(choice.witness),
            document.canonical.chapters,
            Provenance(self.found.name, self.kept.number, self.kept.title, document.canonical.language),
            options.cue_rules(width) if not choice.as_spoken else None,
        )

    def _downloads(self) -> Iterator[Download]:
        """Yield what a page has in it to be saved; captions, where there are times."""
        from episodic.cli.page import Download
        from episodic.publishing.cues import NoTimesError

        for format, label in _IN_PAGES.items() if self.document.transcripts else ():
            try:
                content = self.rendered(format, Selection()).content
            except NoTimesError:
                continue
            encoding = ";charset=utf-8" if format.media.startswith("text/") else ""
            yield Download(label, f"{self.found.slug}{format.ending}", f"{format.media}{encoding}", content)
