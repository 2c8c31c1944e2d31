"""What a folder has for an ingest: sources, and what teams have beside them, passed over with a note."""

import os.path
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.detection import Aside, aside
from episodic.canonical.normalizers.format import HEAD_BYTES

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was looked into.

    Parameters
    ----------
    sources
        The files that are read, by name.
    passed
        Names of what is not, by what it is.
    outside
        Sources that are links to files outside of the folder.
    """

    place: str
    sources: Sequence[str]
    passed: Mapping[Aside, Sequence[str]]
    outside: Sequence[str] = ()

    def notes(self) -> Iterator[str]:
        """What a person should know of it: what was passed over, and what is from elsewhere."""
        if self.passed:
            kinds = (f"{kind.value}: {_named(names)}" for kind, names in self.passed.items())
            yield f"{self.place}: passed over {'; '.join(kinds)}"
        if self.outside:
            yield f"{self.place}: links lead out of it: {_named(self.outside)}"
        if recordings := self.passed.get(Aside.RECORDING):
            first = os.path.join(self.place, recordings[0])  # noqa: PTH118 - as the user wrote it
            yield f"the page plays a recording: episodic show EPISODE --format html --audio {first}"


def look_into(place: str) -> Folder:
    """Look into a folder; raises `SourceError` where it cannot be, or has nothing to read."""
    root = Path(place)
    sources: list[str] = []
    outside: list[str] = []
    passed: dict[Aside, list[str]] = {}
    for path in listed(place):
        kind = aside(path.name, _head(path))
        if path.is_dir():
            kind = kind or Aside.FOLDER
        if kind:
            passed.setdefault(kind, []).append(path.name)
            continue
        sources.append(str(path))
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            outside.append(f"{path.name} -> {path.resolve()}")
    folder = Folder(place, sources, passed, outside)
    if not sources:
        only = f" but {'; '.join(f'{kind.value}: {_named(names)}' for kind, names in passed.items())}"
        raise SourceError(
            place,
            f"no sources in this folder{only if passed else ''}; name a folder with files in it, or files",
        )
    return folder


def listed(place: str) -> list[Path]:
    """List what is in a folder, by name; raises `SourceError` where it cannot be opened."""
    try:
        return sorted(Path(place).iterdir())
    except OSError as error:
        raise SourceError(place, f"cannot be opened: {error.strerror}; check its permissions") from error


def _head(path: Path) -> bytes:
    """The beginning of a file; nothing of one that cannot be read, which is said when it is."""
    if not path.is_file():  # what comes out of a pipe may never come
        return b""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
