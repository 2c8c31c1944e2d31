"""From places that a user names to sources."""

import os.path
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from episodic.canonical.domain import check_slug
from episodic.canonical.errors import SourceError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.files import GivenBytes, path_source
from episodic.canonical.sources import RawSource, SourceType
from episodic.cli.exits import UsageError
from episodic.cli.folder import look_into
from episodic.cli.output import complain

STDIN: Final = "/dev/stdin"  # what "-" stands for


def raw_sources(
    places: Sequence[str],
    typed: Sequence[str] = (),
    *,
    episode: str,
    title: str | None = None,
    item: str | None = None,
    name: str | None = None,
    trusted: Sequence[str] = (),
    limits: Limits | None = None,
) -> Iterator[RawSource]:
    """Sources for files, for every file of folders, and for ``TYPE=PATH``, in that order.

    A file that is named twice is one source; ``TYPE=PATH`` gives one that is named already its type.
    ``-`` is standard input, under the given name. What is trusted is a source, also where it is not named.
    """
    given = {"episode": episode, "title": title, "item": item}
    hints = {name: hint for name, hint in given.items() if hint}
    named = {_whole(path): path for place in places for path in _files(place)}
    types: dict[str, SourceType] = {}
    for text in typed:
        kind, equals, place = text.partition("=")
        if not equals or kind not in set(SourceType):
            raise UsageError(f"--source {text} is not TYPE=PATH with a TYPE of {', '.join(SourceType)}")
        known = SourceType(kind)
        for path in _files(place):
            file = _whole(path)
            if types.setdefault(file, known) is not known:
                raise UsageError(f"--source {text}: {path} is said to be {types[file]} as well; say one")
            named.setdefault(file, path)
    trust: set[str] = set()
    for place in trusted:
        for path in _files(place):
            trust.add(_whole(path))
            named.setdefault(_whole(path), path)
    if name is not None and _whole(STDIN) not in named:
        raise UsageError("--name names what comes from standard input; give - as a source as well")
    for file, path in named.items():
        own = {**hints, "trusted": "yes"} if file in trust else hints
        if path == STDIN:
            yield _standard_input(name, types.get(file), own, limits or Limits())
        else:
            yield path_source(path, types.get(file), own, limits=limits)


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
        found = _folders(place)
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


def _whole(path: str) -> str:
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


def _folders(place: str) -> list[Path]:
    """The folders in a folder, by name, without those that are hidden."""
    try:
        found = sorted(Path(place).iterdir())
    except OSError as error:
        raise SourceError(place, f"cannot be opened: {error.strerror}; check its permissions") from error
    return [path for path in found if path.is_dir() and not path.name.startswith(".")]
