"""From the passages of a document to what it claims, or to speech where it is a transcript."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from episodic.canonical.normalizers.captions.cues import CueReader
from episodic.canonical.normalizers.captions.markup import subrip_markup
from episodic.canonical.normalizers.captions.structure import caption_structure, reading
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.documents.people import listed_people
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.speech.dialogue import QUESTION_END
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.margins import read_speech
from episodic.canonical.normalizers.statements import (
    claimed_date,
    heading_claims,
    labelled_claims,
    rows_claim,
)
from episodic.canonical.sources import Claim, ClaimField, Doubt, Passage, PassageKind, Signals, SourceType
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import timing
from episodic.canonical.text.tokens import fold

# "SKARHOLM, 2 March 2026." or "London, May 3, 2024 -" at the start of a press release.
_DATELINE: Final = pattern(
    r"[A-Z\u00c0-\u00de][\w.,'\u2019 \u2013\u2014()/-]{1,80}?\d{4}\b(?=\s*[.:)\u2013\u2014-])"
)


_FEWEST_CUES: Final = 2
_SETS_OFF: Final = frozenset("\t:\uff1a,;.?!()[]|<>/\u2013\u2014-0123456789")
_NOTHING: Final[Mapping[Passage, str]] = MappingProxyType({})


def prose_structure(
    document: Document,
    found: Structure,
    *,
    asides: Collection[str] = (),
    stressed: Mapping[Passage, str] = _NOTHING,
    lines: Iterable[Line] | None = None,
) -> Structure:
    """Make of what a format found in a document what people say, where it is that, or else prose.

    Parameters
    ----------
    found
        Its passages, whose lines keep their ends, its metadata and links; a dateline, or a date with a
        label, comes before its date.
    asides
        Places of notes, which are no speech in a transcript.
    stressed
        What is in bold or in italics at the beginning of passages.
    lines
        Those of the passages but the asides, where a format knows more of them.
    """
    transcript = document.source_type is SourceType.TRANSCRIPT
    if transcript or document.source_type is None:
        body = [passage for passage in found.passages if passage.where not in asides]
        notes = [passage.text for passage in found.passages if passage.where in asides]
        heard = _without_notes(found.signals, notes)
        spoken = _pasted_captions(body, heard)
        if spoken is None:
            said = list(_lines(body, stressed) if lines is None else lines)
            speech = read_speech(said, transcript=transcript)
            spoken = speech and speech.structure(heard)
        if spoken:
            return replace(
                spoken,
                language=found.language,
                dated=spoken.dated or found.dated,
                claims=(*found.claims, *spoken.claims),
            )
    return written(document, found)


def written(document: Document, found: Structure) -> Structure:
    """Make prose of what a format found in a document."""
    passages = tuple(replace(passage, text=fold(passage.text)) for passage in found.passages)
    claims = (*found.claims, *_prose_claims(document, found.passages))
    dated = _dateline(document, passages) or claimed_date(claims) or found.dated
    return replace(found, dated=dated, claims=claims, passages=passages)


def _without_notes(signals: Signals, notes: Sequence[str]) -> Signals:
    """Signals of a transcript that is read without its notes."""
    if not notes:
        return signals
    words = sum(len(note.split()) for note in notes)
    return signals.with_doubts(Doubt.left_out(f"{words:,} words left out: footnotes and endnotes"))


def without_comments(signals: Signals, number: int) -> Signals:
    """Signals of a document that is read without what colleagues remarked on it."""
    return signals.with_doubts(Doubt.left_out(f"comments left out: {number:,}")) if number else signals


def _lines(passages: Iterable[Passage], stressed: Mapping[Passage, str]) -> Iterator[Line]:
    """The lines of passages, as `read_speech` wants them."""
    for passage in passages:
        begins = stressed.get(passage, "")
        whole = begins == fold(passage.text)
        for at, text in enumerate(passage.text.split("\n")):
            yield Line(
                passage.where,
                text,
                _bold(text, text if whole else begins if at == 0 else ""),
                level=passage.level if passage.kind is PassageKind.HEADING else 0,
                begins=at == 0,
                item=passage.kind is PassageKind.LIST_ITEM,
            )


def _bold(text: str, begins: str) -> str:
    """What stands out at the beginning of a line and tells by that: a question, or a name with no mark."""
    if not begins or begins == text:
        return text if begins and QUESTION_END.search(text) else ""
    behind = text.removeprefix(begins).lstrip(" \u00a0") if text.startswith(begins) else ""
    return begins if behind and behind[0] not in _SETS_OFF and begins[-1] not in _SETS_OFF else ""


def _pasted_captions(passages: Sequence[Passage], signals: Signals) -> Structure | None:
    """Read captions that somebody pasted into a document: lines of times and nothing else, and numbers."""
    text = "\n".join(passage.text for passage in passages)
    lines = text.split("\n")
    timings = sum(1 for line in lines if (times := timing(line)) is not None and not times.rest.strip())
    numbers = sum(1 for line in lines if line.isdecimal())
    if timings < _FEWEST_CUES or timings * 6 < len(lines) or numbers * 2 < timings:
        return None
    reader = CueReader()
    cues = reader.read(text)
    decoded = Decoded(text, "utf-8", signals.damage, signals.doubts)
    judged = replace(reading(reader, cues), notes=signals.notes)
    return caption_structure(decoded, cues, markup=subrip_markup, signals=judged)


def _prose_claims(document: Document, passages: Sequence[Passage]) -> Iterator[Claim]:
    """What headings and labelled lines say, and the title of a brief's episode."""
    rows = rows_claim(line for passage in passages for line in passage.text.split("\n"))
    for passage in passages:
        if passage.kind is PassageKind.HEADING:
            yield from heading_claims(fold(passage.text), passage.where)
        else:
            yield from labelled_claims(passage.text.split("\n"), passage.where, rows=rows)
    yield from listed_people(passages)
    yield from _brief_title(document, passages)


def _brief_title(document: Document, passages: Sequence[Passage]) -> Iterator[Claim]:
    """A brief's own heading is the title of its episode, unless it says something else."""
    first = next((passage for passage in passages if passage.kind is PassageKind.HEADING), None)
    if document.source_type is not SourceType.BRIEF or first is None or first.level != 1:
        return
    if not any(heading_claims(title := fold(first.text), first.where)):
        yield Claim(ClaimField.TITLE, title, first.where)


def _dateline(document: Document, passages: Sequence[Passage]) -> datetime | None:
    """The date with which a press release begins."""
    if document.source_type is not SourceType.PRESS_RELEASE:
        return None
    paragraphs = [passage.text for passage in passages if passage.kind is PassageKind.PARAGRAPH][:4]
    found = (match[0] for text in paragraphs if (match := _DATELINE.match(text)))
    return next((date for line in found if (date := parse_date(line))), None)
