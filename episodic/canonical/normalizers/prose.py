"""From the passages of a document to what it claims, or to speech where it is a transcript."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from episodic.canonical.normalizers.captions.timed_text import find_turns, spoken
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.dialogue import Labels, covered
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.statements import heading_claims, labelled_claims, rows_claim
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, Signals, SourceType, Utterance

# "SKARHOLM, 2 March 2026." or "London, May 3, 2024 -" at the start of a press release.
_DATELINE: Final = re.compile(
    r"[A-Z\u00c0-\u00de][\w.,'\u2019 \u2013\u2014()/-]{1,80}?\d{4}\b(?=\s*[.:)\u2013\u2014-])"
)


def prose_structure(
    document: Document,
    passages: Sequence[Passage],
    *,
    claims: Iterable[Claim] = (),
    language: str | None = None,
    dated: datetime | None = None,
    signals: Signals,
    asides: Collection[str] = (),
) -> Structure:
    """Make a structure of passages.

    Parameters
    ----------
    claims
        What the format itself found: metadata, links.
    dated
        The date of the document, where the format gives one; a dateline or a labelled date comes before it.
    asides
        Places of notes, which are no speech in a transcript.
    """
    transcript = document.source_type is SourceType.TRANSCRIPT
    if transcript or document.source_type is None:
        said = [passage for passage in passages if passage.where not in asides]
        if utterances := tuple(_utterances(said, transcript)):
            headings = (passage for passage in said if passage.kind is PassageKind.HEADING)
            named = (claim for heading in headings for claim in heading_claims(heading.text, heading.where))
            return Structure(
                language=language,
                dated=dated,
                claims=(*claims, *named),
                utterances=utterances,
                signals=covered(signals, utterances),
            )
    found = (*claims, *prose_claims(document, passages))
    labelled = next((parse_date(claim.value) for claim in found if claim.field is ClaimField.PUBLISHED), None)
    return Structure(
        language=language,
        dated=dateline(document, passages) or labelled or dated,
        claims=found,
        passages=tuple(passages),
        signals=signals,
    )


def prose_claims(document: Document, passages: Sequence[Passage]) -> Iterator[Claim]:
    """The title of a brief's episode, and what headings and labelled lines say."""
    yield from brief_title(document, passages)
    rows = rows_claim(passage.text for passage in passages)
    for passage in passages:
        if passage.kind is PassageKind.HEADING:
            yield from heading_claims(passage.text, passage.where)
        else:
            yield from labelled_claims((passage.text,), passage.where, rows=rows)


def brief_title(document: Document, passages: Sequence[Passage]) -> Iterator[Claim]:
    """A brief's own heading is the title of its episode, unless it says something else."""
    first = next((passage for passage in passages if passage.kind is PassageKind.HEADING), None)
    if document.source_type is not SourceType.BRIEF or first is None or first.level != 1:
        return
    if not any(heading_claims(first.text, first.where)):
        yield Claim(ClaimField.TITLE, first.text, first.where)


def dateline(document: Document, passages: Sequence[Passage]) -> datetime | None:
    """The date with which a press release begins."""
    if document.source_type is not SourceType.PRESS_RELEASE:
        return None
    paragraphs = [passage.text for passage in passages if passage.kind is PassageKind.PARAGRAPH][:4]
    found = (match[0] for text in paragraphs if (match := _DATELINE.match(text)))
    return next((date for line in found if (date := parse_date(line))), None)


def _utterances(passages: Sequence[Passage], transcript: bool) -> Iterator[Utterance]:
    """What is said, where paragraphs begin with times or names, or where it is known to be a transcript."""
    lines = [(each.where, each.text) for each in passages if each.kind is not PassageKind.HEADING]
    paragraphs = [(each.where, each.text) for each in passages if each.kind is PassageKind.PARAGRAPH]
    # In a list, times are those of chapters.
    if find_turns(paragraphs, transcript=transcript) and (turns := find_turns(lines, transcript=transcript)):
        yield from spoken(turns)
        return
    texts = [text for _, text in paragraphs]
    labels = Labels.among(texts, len(texts), texts[0] if texts else "", speech=transcript)
    labelled = sum(1 for text in texts if labels.split(text)[0] is not None)
    if not transcript and (labelled < 2 or labelled * 4 < len(passages)):
        return
    speaker: str | None = None
    for where, text in lines:
        name, said = labels.split(text)
        speaker = name or speaker
        # In a row, the name has a cell of its own.
        if said := said.removeprefix("| "):
            yield Utterance(said, where, speaker)
