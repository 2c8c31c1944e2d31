"""`episodic show`: an episode in the form that one needs."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing.addresses import clock
from episodic.canonical.text.labels import is_label
from episodic.canonical.text.tokens import extent
from episodic.cli.exits import UsageError
from episodic.cli.exports import Selection, exported
from episodic.cli.options import Audio, EpisodeName, OlderRevision
from episodic.cli.output import day_and_time, plural, print_bytes, printed_to, say
from episodic.cli.recorded import record
from episodic.cli.store import read_revision
from episodic.cli.targets import refuse_source, refuse_target
from episodic.publishing.formats import FILES, ExportFormat, format_of

if TYPE_CHECKING:  # lxml loads when a document is read
    from episodic.canonical.tei.reader import TeiDocument


def show(
    episode: EpisodeName,
    /,
    *,
    format: ExportFormat | None = None,  # the option's name
    witness: str | None = None,
    cues: Literal["to-read", "as-spoken"] = "to-read",
    revision: OlderRevision = None,
    audio: Audio = None,
    output: Path | None = None,
) -> None:
    """Show an episode.

    Parameters
    ----------
    format
        What to print; without it, what the ending of --output asks for (.vtt, .srt, .txt, .md, .html, .xml,
        .json, .podcast.json, .podcast.html, .chapters.json), or a summary. html is a page for a browser.
    witness
        The siglum of a source: its readings instead of the accepted ones.
    cues
        With captions: of a size to read (to-read), or one for each utterance (as-spoken).
    output
        A file to write to, instead of printing.
    """
    if output is not None:
        refuse_target("--output", output, [] if audio is None else [str(audio)])
    wanted = format or _by_ending(output)
    if audio is not None and wanted is not ExportFormat.HTML:
        raise UsageError("--audio is played by a page; add --format html")
    options = settings.load()
    from episodic.canonical.tei.reader import read

    found, kept, job = read_revision(episode, revision)
    if output is not None:
        refuse_source("--output", output, kept.sources)
    content = b""
    with printed_to(output):
        if wanted is ExportFormat.SUMMARY:
            _summarize(found, kept, read(kept.tei))
        else:
            choice = Selection(witness, as_spoken=cues == "as-spoken", recording=audio, output=output)
            content = exported(wanted, found, kept, job, options, choice)
            print_bytes(content)
    if output is not None:
        record(found, kept, [(wanted.value, output, content)])


def _by_ending(output: Path | None) -> ExportFormat:
    """The format that a file's name asks for."""
    if output is None:
        return ExportFormat.SUMMARY
    if (found := format_of(output.name)) is None:
        endings = ", ".join(each.ending for each in FILES)
        raise UsageError(f"what is to be in {output}? Say it with --format, or end it in {endings}")
    return found


def _summarize(found: Episode, kept: Revision, document: TeiDocument) -> None:
    spoken = document.utterances()
    ends = [said.end for said in spoken if said.end is not None]
    length = plural(*extent(said.text for said in spoken))
    reach = f", to {clock(max(ends))}" if ends else ""
    say(f"{found.name}: {kept.title}")
    say(f"revision     {kept.number}, made {day_and_time(kept.created_at)}")
    say(f"people       {', '.join(document.canonical.names.values()) or '-'}")
    if labels := sorted({said.speaker for said in spoken if said.speaker and is_label(said.speaker)}):
        series = found.series_slug
        command = f"episodic series set {series} --speaker {shlex.quote(f'{labels[0]}=NAME')}"
        say(f"labels       {', '.join(labels)}; to say whom they mean: {command}")
    say(f"transcript   {plural(len(spoken), 'utterance')}, {length}{reach}")
    for number, (start, title) in enumerate(document.canonical.chapters):
        say(f"{'' if number else 'chapters':<12} {clock(start)} {title}")
    say(f"sources      {', '.join(f'{w.siglum} {w.source_type}' for w in document.witnesses)}")
    if kept.learned.said:
        say(f"names        of other episodes: {kept.learned.summary}")
    say(f"conflicts    {len(kept.decisions)} decided; see: episodic decisions {found.name}")
