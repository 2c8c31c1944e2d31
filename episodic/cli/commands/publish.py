"""`episodic publish`: everything that players, platforms and archives take, in one folder."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from episodic import settings
from episodic.canonical.domain import Episode, IngestionJob, Revision
from episodic.canonical.labels import is_label
from episodic.canonical.whole_file import replacing
from episodic.cli.exits import UsageError
from episodic.cli.exports import ENDINGS, Selection, exported
from episodic.cli.options import Audio, EpisodeName, OlderRevision
from episodic.cli.output import OutputError, complain, say
from episodic.cli.recorded import record
from episodic.cli.store import read_revision
from episodic.cli.targets import refuse_source, refuse_target

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import TeiDocument

# What a feed calls the files that it names (https://github.com/Podcastindex-org/podcast-namespace).
_TRANSCRIPTS: Final = {
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".podcast.json": "application/json",
    ".podcast.html": "text/html",
}
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
    record(found, kept, list(files.values()))
    from episodic.canonical.tei.reader import read

    for line in _feed_lines(found, read(kept.tei), list(files), url):
        say(line)


def _write(
    folder: Path, found: Episode, kept: Revision, job: IngestionJob | None, audio: Path | None
) -> Iterator[tuple[str, tuple[str, Path, bytes]]]:
    """Write the files; yield for each ending format, place and content. What cannot be made is said."""
    from episodic.publishing.cues import NoTimesError

    options = settings.load()
    files = {ending: folder / f"{found.slug}{ending}" for ending in ENDINGS}
    for file in files.values():
        refuse_target("the file", file)
        refuse_source("the file", file, kept.sources)
    for ending, format in ENDINGS.items():
        file = files[ending]
        choice = Selection(recording=audio if format == "html" else None, output=file)
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
        yield ending, (format, file, content)


def _feed_lines(found: Episode, document: TeiDocument, written: list[str], url: str) -> Iterator[str]:
    """Yield what an item of the feed says of the files, and of who takes part."""
    base = f"{url.rstrip('/')}/" if url else ""
    language = document.canonical.language
    tagged = f' language="{escape(language)}"' if language else ""

    def address(ending: str) -> str:
        return escape(f"{base}{quote(found.slug)}{ending}")

    for ending, kind in _TRANSCRIPTS.items():
        if ending in written:
            captions = ' rel="captions"' if ending in {".vtt", ".srt"} else ""
            yield f'<podcast:transcript url="{address(ending)}" type="{kind}"{tagged}{captions}/>'
    if ".chapters.json" in written:
        yield f'<podcast:chapters url="{address(".chapters.json")}" type="application/json+chapters"/>'
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
