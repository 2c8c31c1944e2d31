"""From places that a user names to sources, and what is asked for beside them."""

import os.path
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.domain import check_slug
from episodic.canonical.errors import SourceError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.files import GivenBytes, path_source
from episodic.canonical.sources import RawSource, SourceType
from episodic.cli.exits import UsageError
from episodic.cli.ingesting.folder import listed, look_into
from episodic.cli.options import STDIN
from episodic.cli.output import complain

_TYPED: Final = (
    f"TYPE=PATH: a source whose type is given: {', '.join(SourceType)}. With --each-subfolder it is one of "
    "every episode, such as the feed of the season."
)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `ingest` and `submit` are asked for beside places; these are options of both.

    Parameters
    ----------
    series
        The series' slug; a new series is made on the fly.
    episode
        The episode's slug.
    each_subfolder
        Instead of --episode: each folder in the given folders is an episode, its name the slug.
    title
        The episode's title, above what the sources say.
    item
        Which item of a feed it is, where slug and title do not tell: by GUID, number, date or title.
    trust
        A source that is right wherever it speaks, unless an editor decides otherwise: a file, or the name of
        one in the folders, or a pattern of names (final*).
    name
        What the source from standard input is called: show.vtt.
    paths
        Let the document tell the paths of its sources; without, it has the files' names alone.
    keep_going
        Skip sources that cannot be used instead of failing.
    strict
        Fail, and store nothing, where anything of a source was left out, guessed, damaged or set apart.
    """

    series: str
    episode: str | None = None
    each_subfolder: bool = False
    title: str | None = None
    item: str | None = None
    source: Annotated[tuple[str, ...], Parameter(help=_TYPED)] = ()
    trust: tuple[str, ...] = ()
    name: str | None = None
    paths: bool = False
    keep_going: bool = False
    strict: bool = False

    def check(self, places: Sequence[str], **beyond: bool) -> None:
        """Raise `UsageError` for what does not go together; `beyond` are more options for one episode."""
        if not all(places) or not (places or self.source or self.trust):
            raise UsageError("name at least one source: a file or a folder")
        if not self.each_subfolder:
            if self.episode is None:
                raise UsageError(
                    "name the episode with --episode, or give a folder of folders with --each-subfolder"
                )
            return
        named = {"episode": self.episode, "title": self.title, "item": self.item, "name": self.name}
        told = [name for name, value in named.items() if value is not None]
        told += [name for name, given in beyond.items() if given]
        if told:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in told)
            raise UsageError(
                f"--each-subfolder takes names from folders, and all of their files; leave out {options}"
            )
        if not places:
            raise UsageError("--each-subfolder needs a folder of folders")

    def folders(self, places: Sequence[str]) -> dict[str, Path]:
        """Give the folders of the episodes; raises `UsageError` where no name in them is to be trusted."""
        found = episode_folders(places)
        names = {path.name for folder in found.values() for path in folder.iterdir()} if self.trust else ()
        for pattern in self.trust:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise UsageError(
                    f"--trust {pattern}: no file in these folders has this name; with --each-subfolder, give "
                    "a name without its folder, or a pattern such as 'final*'"
                )
        return found

    def request(self, episode: str, places: Sequence[str], limits: Limits) -> IngestionRequest:
        """Make the request for an episode; raises what `sources` does."""
        return IngestionRequest(
            series=self.series,
            episode=episode,
            title=self.title,
            sources=list(self.sources(episode, places, limits)),
            on_source_error="skip" if self.keep_going else "fail",
            strict=self.strict,
        )

    def sources(self, episode: str, places: Sequence[str], limits: Limits) -> Iterator[RawSource]:
        """Sources for files, for every file of folders, and for ``TYPE=PATH``, in that order.

        A file that is named twice is one source; ``TYPE=PATH`` gives one that is named already its type.
        ``-`` is standard input, under the given name. What is trusted is a source, named or not.

        Raises
        ------
        UsageError
            For what does not go together.
        SourceError
            For a place at which there is nothing to read.
        """
        paths = "yes" if self.paths else None
        given = {"episode": episode, "title": self.title, "item": self.item, "paths": paths}
        hints = {name: hint for name, hint in given.items() if hint}
        named = {absolute(path): path for place in places for path in _files(place)}
        types: dict[str, SourceType] = {}
        for text in self.source:
            kind, equals, place = text.partition("=")
            if not equals or kind not in set(SourceType):
                raise UsageError(f"--source {text} is not TYPE=PATH with a TYPE of {', '.join(SourceType)}")
            known = SourceType(kind)
            for path in _files(place):
                file = absolute(path)
                if types.setdefault(file, known) is not known:
                    raise UsageError(f"--source {text}: {path} is said to be {types[file]} as well; say one")
                named.setdefault(file, path)
        trust: set[str] = set()
        for place in self._trusted(places):
            own = {} if os.path.lexists(place) else named
            alike = [file for file, path in own.items() if fnmatchcase(Path(path).name, place)]
            trust.update(alike)
            for path in () if alike else _files(place):
                trust.add(absolute(path))
                named.setdefault(absolute(path), path)
        if self.name is not None and absolute(STDIN) not in named:
            raise UsageError("--name names what comes from standard input; give - as a source as well")
        for file, path in named.items():
            own = {**hints, "trusted": "yes"} if file in trust else hints
            if path == STDIN:
                yield _standard_input(self.name, types.get(file), own, limits)
            else:
                yield path_source(path, types.get(file), own, limits=limits)

    def _trusted(self, places: Sequence[str]) -> Sequence[str]:
        if not self.each_subfolder:
            return self.trust
        inside = [path for place in places for path in sorted(Path(place).iterdir())]
        return [str(path) for path in inside if any(fnmatchcase(path.name, each) for each in self.trust)]


def _standard_input(
    name: str | None, source_type: SourceType | None, hints: Mapping[str, str], limits: Limits
) -> RawSource:
    if not name:
        raise UsageError("say with --name what the source from standard input (-) is called: show.vtt")
    data = sys.stdin.buffer.read(limits.source_bytes + 1)
    return RawSource(name, GivenBytes(data), source_type, hints)


def episode_folders(places: Sequence[str]) -> dict[str, Path]:
    """The folders in folders by their names, the slugs; raises `SlugError` for a name that cannot be one."""
    folders: dict[str, Path] = {}
    for place in places:
        if not Path(place).is_dir():
            raise SourceError(place, "is not a folder; with --each-subfolder, name a folder of folders")
        found = [path for path in listed(place) if path.is_dir() and not path.name.startswith(".")]
        if not found:
            raise SourceError(place, "no folders in this folder; each episode needs one of its own")
        for folder in found:
            # Some systems write the marks of a name after its letters, which looks the same.
            slug = check_slug("episode", unicodedata.normalize("NFC", folder.name))
            if twin := folders.get(slug):
                raise SourceError(
                    str(folder), f"is the same episode as {twin}; ingest them one after the other"
                )
            folders[slug] = folder
    return folders


def absolute(path: str) -> str:
    """Give the whole path of a place, which may be a file's name or none."""
    return os.path.abspath(path)  # noqa: PTH100 # resolve() asks the disk, and some places are no paths


def _files(place: str) -> list[str]:
    """The place itself, or the sources in the folder that it is; what is passed over in it is said."""
    if not place:
        raise SourceError("''", "is not a source; name a file, or '.' for this folder")
    if place == "-":
        return [STDIN]
    if not Path(place).is_dir():
        return [place]
    folder = look_into(place)
    for note in folder.notes():
        complain(note)
    return list(folder.sources)
