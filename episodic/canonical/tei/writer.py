"""Writes the canonical document as TEI P5, checked before anyone sees it.

All but transcript, prose and people is a tree, which is small. These are made as markup, and checked in
pieces, so that the memory that they take is that of their bytes: no tree of the whole stands at any time.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from episodic.canonical.document import CanonicalDocument, Division
from episodic.canonical.errors import DocumentError
from episodic.canonical.ports import Edition
from episodic.canonical.resolved import Resolution
from episodic.canonical.tei import prose
from episodic.canonical.tei.body import EMPTY, write_body, write_stand_off
from episodic.canonical.tei.elements import NAMESPACE, etree, parse, pointers, root, serialize
from episodic.canonical.tei.header import person_markup, write_header
from episodic.canonical.tei.pointers import all_hold, dangling
from episodic.canonical.tei.profile import faults
from episodic.canonical.tei.timeline import Clock
from episodic.canonical.tei.transcript import TranscriptWriter, heard

# Characters of markup that are checked at once: few enough for their tree to be small, enough to be fast.
_PIECE: Final = 1 << 16


def write(resolution: Resolution, edition: Edition) -> bytes:
    """Write a TEI P5 document.

    Parameters
    ----------
    resolution
        Witnesses and document.
    edition
        What the document says of itself; its `title` stands above what the sources claim.

    Returns
    -------
    The document in UTF-8. A function of the arguments alone: the same give the same bytes.

    Raises
    ------
    DocumentError
        When it breaks the profile (``profile.rng``) or a pointer dangles.
    """
    frame = root("TEI")
    write_header(frame, resolution, edition)
    write_body(frame, resolution.document)
    write_stand_off(frame, resolution.document)
    check = _Check()
    check.faults += faults(frame)
    before, _, after = serialize(frame).partition(EMPTY)
    head, end, rest = before.partition(b"</listPerson>")
    people = _people(resolution.document, check)
    body = _body(resolution, check)
    inner = (b"<body>", *body, b"</body>") if body else (EMPTY,)
    markup = b"".join((head, *people, end, rest, *inner, after))
    wrong = check.faults
    if not (wrong or all_hold(markup)):
        wrong = [f"{pointer} points to nothing" for pointer in dangling(parse(markup))]
    if wrong:
        raise DocumentError(f"{edition.episode.name}: {'; '.join(wrong[:3])}; this is a fault of Episodic's")
    return markup


def _people(document: CanonicalDocument, check: _Check) -> list[bytes]:
    """Give all people but the first, who stands in the tree."""
    persons = map(person_markup, document.people[1:])
    return [check.piece("<listPerson>", "</listPerson>", piece) for piece in _pieces(persons)]


def _body(resolution: Resolution, check: _Check) -> list[bytes]:
    """Give the transcript's division, and those of the prose."""
    document = resolution.document
    made = _transcript(resolution, check) if document.transcript else []
    for division in document.divisions:
        made += _prose(division, check)
    return made


def _prose(division: Division, check: _Check) -> Iterator[bytes]:
    yield prose.outermost(division).encode()
    for before, markup, after in prose.pieces(division, _PIECE):
        yield check.piece(before, after, markup)
    yield b"</div>"


def _transcript(resolution: Resolution, check: _Check) -> list[bytes]:
    """Give the transcript's division: the timelines, then the text."""
    witnesses = [witness.siglum for witness in heard(resolution)]
    listed = pointers(dict.fromkeys([resolution.document.base or witnesses[0], *witnesses]))
    division = f'<div type="transcript" source="{listed}" xml:space="preserve">'
    writer = TranscriptWriter(resolution)
    text = list(_pieces(writer.parts()))
    made = [division.encode()]
    for clock in writer.clocks:
        made += (clock.opening.encode(), check.timeline(clock), b"</timeline>")
    return [*made, *(check.piece(division, "</div>", piece) for piece in text), b"</div>"]


def _pieces(parts: Iterable[str]) -> Iterator[bytes]:
    """Join parts to pieces that are large enough."""
    piece: list[str] = []
    size = 0
    for part in parts:
        piece.append(part)
        size += len(part)
        if size > _PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    if piece:
        yield "".join(piece).encode()


class _Check:
    """The check of a document that is read in pieces, each once."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def piece(self, opening: str, closing: str, piece: bytes) -> bytes:
        """Check a piece of what an element holds, and give it back."""
        outer = opening.replace(">", f' xmlns="{NAMESPACE}">', 1)
        self.faults += faults(etree.fromstring(b"".join((outer.encode(), piece, closing.encode()))))
        return piece

    def timeline(self, clock: Clock) -> bytes:
        """Give the points of a clock: whole numbers in one pattern, so that the first stand for all."""
        points = list(clock.points())
        self.piece(clock.opening, "</timeline>", "".join(points[:2]).encode())
        return "".join(points).encode()
