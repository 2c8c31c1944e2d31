"""`episodic publish`: everything that players, platforms and archives take, in one folder."""

from collections.abc import Collection, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.text.labels import is_label
from episodic.cli.exits import UsageError
from episodic.cli.exports import Selection, exported
from episodic.cli.options import Audio, EpisodeName, OlderRevision
from episodic.cli.output import OutputError, complain, say
from episodic.cli.recorded import record
from episodic.cli.store import read_revision
from episodic.cli.targets import refuse_source, refuse_target
from episodic.publishing.formats import FILES, ExportFormat
from episodic.whole_file import replacing

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import TeiDocument

# What a feed calls the files that it names (https://github.com/Podcastindex-org/podcast-namespace).
_TRANSCRIPTS: Final = (*(each for each in FILES if each.has_cues), ExportFormat.PODCAST_HTML)
_CAPTIONS: Final = frozenset({ExportFormat.VTT, ExportFormat.SRT})
_ROLES: Final = frozenset({"host", "guest", "co-host", "producer", "editor", "narrator", "author"})


def publish(
    episode: EpisodeName,
    folder: Path,
    /,
    *,
    url: str = "",
    revision: OlderRevision = None,
    audio: Audio = None,
) -> None:
    """Write page, TEI, captions, transcripts, JSON and chapters into a folder, and print what a feed says.

    Parameters
    ----------
    folder
        Where; it is made where it is missing. Files of the same names are replaced.
    url
        Where the folder will be on the web: https://example.org/first-light. The lines for the feed have it.
    """
    found, kept, job = read_revision(episode, revision)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name one")
    files = dict(_write(folder, found, kept, job, audio))
    record(found, kept, [(format.value, *written) for format, written in files.items()])
    from episodic.canonical.tei.reader import read

    for line in _feed_lines(found, read(kept.tei), files, url):
        say(line)


def _write(
    folder: Path, found: Episode, kept: Revision, job: IngestionJob | None, audio: Path | None
) -> Iterator[tuple[ExportFormat, tuple[Path, bytes]]]:
    """Write the files; yield for each format place and content. What cannot be made is said."""
    from episodic.publishing.cues import NoTimesError

    options = settings.load()
    files = {format: folder / f"{found.slug}{format.ending}" for format in FILES}
    for file in files.values():
        refuse_target("the file", file)
        refuse_source("the file", file, kept.sources)
    for format, file in files.items():
        choice = Selection(recording=audio if format is ExportFormat.HTML else None, output=file)
        try:
            content = exported(format, found, kept, job, options, choice)
        except NoTimesError as error:
            complain(f"no {file.name}: {error}")
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(file) as draft:
                draft.write_bytes(content)
        except OSError as error:
            raise OutputError(f"{file}: {error.strerror}; name a folder that can be written to") from error
        yield format, (file, content)


def _feed_lines(
    found: Episode, document: TeiDocument, written: Collection[ExportFormat], url: str
) -> Iterator[str]:
    """Yield what an item of the feed says of the files, and of who takes part."""
    base = f"{url.rstrip('/')}/" if url else ""
    language = document.canonical.language
    tagged = f' language="{escape(language)}"' if language else ""

    def named(format: ExportFormat) -> str:
        return f'url="{escape(f"{base}{quote(found.slug)}{format.ending}")}" type="{format.media}"'

    for format in filter(written.__contains__, _TRANSCRIPTS):
        captions = ' rel="captions"' if format in _CAPTIONS else ""
        yield f"<podcast:transcript {named(format)}{tagged}{captions}/>"
    if ExportFormat.CHAPTERS in written:
        yield f"<podcast:chapters {named(ExportFormat.CHAPTERS)}/>"
    for person in document.canonical.people:
        if is_label(person.name):
            complain(
                f"{person.name} names nobody, and is not for a feed; say who: "
                f'episodic decide {found.name} "speaker {person.name}" --text NAME'
            )
            continue
        role = next((role for role in person.roles if role in _ROLES), None)
        attribute = f' role="{role}"' if role else ""
        yield f"<podcast:person{attribute}>{escape(person.name, quote=False)}</podcast:person>"
