"""An engine's JSON: the shapes in which it comes, and how a document in one of them is read."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Final, NamedTuple

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.chapters import chapter
from episodic.canonical.normalizers.engines.beside import told_apart
from episodic.canonical.normalizers.engines.records import role_of, turns_beside
from episodic.canonical.normalizers.engines.spoken import Transcription, in_succession
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.json_text import (
    ALONE,
    Outline,
    described,
    humped,
    inside,
    outline,
    read_shape,
    strict_json,
)
from episodic.canonical.normalizers.speech.dialogue import attribute, covered
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.normalizers.units import in_seconds
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import seconds

# What interfaces and tools wrap an answer in.
_CLOCK: Final = pattern(r'("(?:start|end)"\s*:\s*)"(\d{1,3}:\d\d(?:[:;]\d\d)?(?:[.,]\d{1,9}|[:;]\d\d)?)"')
_WRAPPERS: Final = (
    "",
    "response",
    "result",
    "results",
    "data",
    "data.transcript",
    "transcript",
    "speech",
    "output",
    "timestamp",
    "[]",
    "[].timestamp",
)


class Shape(NamedTuple):
    """A shape that a document may have.

    Parameters
    ----------
    keys
        Paths that all must be there for a document to be in this shape; ``a|b``: one of both. A path that
        begins with ``[]`` is of a list; an object alone is taken for a list of one.
    type
        A msgspec type that has what is read of it.
    read
        From an object of that type to what it says; its own method where no other is given.
    at
        Where what is read stands in the document, a path; empty: it is the whole.
    others
        Of a shape that many documents have, the outermost keys that it may have beside; ``None``: any.
    underscored
        Whether keys that the type has as ``startTime`` may also be written ``start_time``, as clients of
        protocol buffers do, or ``StartTime``.
    without
        Paths none of which is there: of who speaks, where it has nothing for them.
    """

    keys: tuple[str, ...]
    type: type[object]
    read: Callable[..., Transcription] = methodcaller("read")
    at: str = ""
    others: frozenset[str] | None = None
    underscored: bool = False
    without: tuple[str, ...] = ()


class _Found(NamedTuple):
    shape: Shape
    wrapper: str
    alone: bool

    def answers(self, whole: msgspec.Raw) -> Sequence[msgspec.Raw]:
        """What the wrapper has: an answer, or a list of them."""
        return (
            msgspec.json.decode(whole, type=list[msgspec.Raw]) if self.wrapper.startswith("[]") else [whole]
        )

    def read(self, text: str, answer: msgspec.Raw) -> Transcription:
        """Read what an answer says; raises `UnreadableError`."""
        path = ".".join(filter(None, (self.wrapper.removeprefix("[]").lstrip("."), self.shape.at)))
        value = inside(answer, path)
        if self.alone:
            value = msgspec.Raw(b"[" + bytes(value) + b"]")
        if self.shape.underscored:
            value = humped(value)
        try:
            return self.shape.read(read_shape(value, self.shape.type, path))
        except UnreadableError:
            timecodes = Timecodes.found_in(text)
            if (plain := _with_seconds(value, timecodes)) is None:
                raise
        said = self.shape.read(read_shape(plain, self.shape.type, path))
        return replace(said, doubts=(*(timecodes.doubts if timecodes else ()), *said.doubts))


@dataclass(frozen=True, slots=True)
class Engine(Format):
    """An engine, or a family of engines that write the same.

    Parameters
    ----------
    name, title
        As in `Format`.
    published
        Where its shape was read: a page of its documentation, or public code.
    shapes
        In the order in which they are tried.
    """

    name: str
    title: str
    published: tuple[str, ...]
    shapes: tuple[Shape, ...]

    def recognizes(self, head: Head) -> bool:
        """By the keys of the document; with objects for speakers, it is none that an engine wrote."""
        keys = head.outline
        if keys is None or any(".speaker." in key for key in keys):
            return False
        return self._find(keys) is not None

    def read(self, document: Document) -> Structure:
        """Read what it says, with the engine's own judgement of it."""
        decoded = document.decode()
        whole = strict_json(decoded.text)
        keys = outline(whole)
        found = self._find(keys)
        if found is None:
            raise UnreadableError(f"has JSON of an unexpected shape for {self.title}, {described(keys)}")
        answers = [found.read(decoded.text, answer) for answer in found.answers(whole)]
        transcription = answers[0] if len(answers) == 1 else in_succession(answers)
        utterances, changes, guessed = attribute(tuple(transcription.utterances))
        if not utterances:
            raise UnreadableError("has no segment with text; is it the right file?")
        said, unit = in_seconds(told_apart(utterances, turns_beside(whole, keys)))
        utterances = tuple(said)
        signals = covered(decoded.signals, utterances)
        judged = transcription.judged
        chapters = enumerate(transcription.chapters, 1)
        return Structure(
            language=transcription.language,
            claims=tuple(
                chapter(start, title, f"chapter {number}")
                for number, (start, title) in chapters
                if start is not None and start >= 0 and title.strip()
            ),
            utterances=utterances,
            signals=replace(
                signals,
                avg_logprob=judged.avg_logprob,
                no_speech_prob=judged.no_speech_prob,
                compression_ratio=judged.compression_ratio,
                doubts=(*signals.doubts, *unit.doubts, *transcription.doubts, *guessed),
                notes=(*transcription.notes, *changes),
            ),
        )

    def _find(self, keys: Outline) -> _Found | None:
        return next(self._candidates(keys), None)

    def _candidates(self, keys: Outline) -> Iterator[_Found]:
        several = ALONE not in keys
        for shape, wrapper in itertools.product(self.shapes, _WRAPPERS):
            if wrapper and wrapper not in keys:
                continue
            if several and wrapper.startswith("[]") and _are_segments(keys):
                continue
            if shape.others is not None and (wrapper or not _is_all(keys, shape)):
                continue
            if any(_has(keys, wrapper, key) for key in shape.without):
                continue
            if all(_has(keys, wrapper, key) for key in shape.keys):
                yield _Found(shape, wrapper, alone=False)
            elif all(
                key.startswith("[].") and _has(keys, wrapper, key.replace("[].", "", 1)) for key in shape.keys
            ):
                yield _Found(shape, wrapper, alone=True)


def _are_segments(keys: Outline) -> bool:
    """Whether what is listed is what somebody says from when on, and no answers of an engine."""
    return any(
        role_of(key.removeprefix("[].")) in {"start", "speaker"} for key in keys if key.startswith("[].")
    )


def _with_seconds(value: msgspec.Raw, timecodes: Timecodes | None) -> msgspec.Raw | None:
    """JSON with seconds for clocks, ``"start": "00:00:02.480"``, as scripts write; ``None`` without."""

    def plain(found: re.Match[str]) -> str:
        shown = timecodes.in_front(found[2]) if timecodes else found[2]
        return f"{found[1]}{float(seconds(shown) or 0.0)}"

    text = bytes(value).decode()
    made = _CLOCK.sub(plain, text)
    return None if made == text else msgspec.Raw(made.encode())


def _has(keys: Outline, wrapper: str, key: str) -> bool:
    """Whether a path is there, under the wrapper; of ``a.b|c``, ``a.b`` or ``a.c``."""
    first, *others = key.split("|")
    parent = first.rpartition(".")[0]
    paths = [first, *(f"{parent}.{other}" if parent else other for other in others)]
    return any(_under(wrapper, path) in keys for path in paths)


def _is_all(keys: Outline, shape: Shape) -> bool:
    """Whether no other outermost key is there than those of the shape."""
    allowed = {*shape.keys, *(shape.others or ())}
    return all(key.partition(".")[0].rstrip("[]") in allowed for key in keys)


def _under(wrapper: str, path: str) -> str:
    if not wrapper:
        return path
    return wrapper + path if path.startswith("[]") else f"{wrapper}.{path}"
