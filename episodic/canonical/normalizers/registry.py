"""The formats that Episodic reads, and which one a document is in."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from episodic.canonical.errors import SourceError, SourceLimitError, UnreadableError, UnsupportedFormatError
from episodic.canonical.normalizers.authorship import corrected_by_hand
from episodic.canonical.normalizers.captions.line_formats import Lyrics, MicroDVD, SubStation, SubViewer
from episodic.canonical.normalizers.captions.rows import CTM, LABELS, STM
from episodic.canonical.normalizers.captions.sami import Sami
from episodic.canonical.normalizers.captions.speech_table import SpeechTable
from episodic.canonical.normalizers.captions.subrip import SubRip
from episodic.canonical.normalizers.captions.timed_text import TimedText
from episodic.canonical.normalizers.captions.ttml import Ttml, YouTubeXml
from episodic.canonical.normalizers.captions.webvtt import WebVTT
from episodic.canonical.normalizers.chapters import ChapterLists, ChaptersJson, noted_chapters
from episodic.canonical.normalizers.decoding import decode, decode_head
from episodic.canonical.normalizers.detection import FOREIGN_NAMES, by_keys, foreign_content, is_own
from episodic.canonical.normalizers.documents.docx import Docx
from episodic.canonical.normalizers.documents.html import Html
from episodic.canonical.normalizers.documents.mail import Mail
from episodic.canonical.normalizers.documents.markdown import Markdown
from episodic.canonical.normalizers.documents.pdf import Pdf
from episodic.canonical.normalizers.documents.plain_text import PlainText
from episodic.canonical.normalizers.documents.podcast_html import PodcastHtml
from episodic.canonical.normalizers.feeds.syndication import ATOM, RSS
from episodic.canonical.normalizers.format import HEAD_BYTES, Document, Format, Head, Identified, Structure
from episodic.canonical.normalizers.front_matter import read_with_front_matter, split
from episodic.canonical.normalizers.json_text import (
    Outline,
    described,
    looks_like_json,
    outline,
    strict_json,
)
from episodic.canonical.normalizers.languages import language_tag
from episodic.canonical.normalizers.speech.dialogue import meanwhile
from episodic.canonical.normalizers.speech.stereo import heard_once
from episodic.canonical.normalizers.speech.talk import like_speech
from episodic.canonical.normalizers.units import from_the_beginning
from episodic.canonical.normalizers.xml import refuse_declarations
from episodic.canonical.sources import ClaimField, Doubt, SourceType
from episodic.canonical.text.tokens import count

_PLAIN: Final = PlainText()
# Where there is no "<", these are not asked.
_MARKUP: Final[Sequence[Format]] = (RSS, ATOM, Ttml(), YouTubeXml(), Sami(), PodcastHtml(), Html())
# What tells itself apart beyond doubt, and then what is likely; in the order in which they are asked. Between
# the two, what is none of ours is refused by its name; plain text is what is left.
CERTAIN: Final[Sequence[Format]] = (
    Pdf(),
    Docx(),
    WebVTT(),
    SubRip(),
    SubStation(),
    SubViewer(),
    MicroDVD(),
    Lyrics(),
    SpeechTable(),
    LABELS,
    CTM,
    STM,
    ChapterLists(),
    Mail(),
    *_MARKUP,
)
_LIKELY: Final[Sequence[Format]] = (TimedText(), Markdown())
FORMATS: Final[Sequence[Format]] = (*CERTAIN, *_LIKELY, _PLAIN)
# What a refusal says; the guide has all of it.
_READ: Final = (
    "Episodic reads WebVTT, SRT and other captions, tables of speech, engines' JSON, feeds, DOCX, PDF, HTML, "
    "Markdown, mail and plain text"
)
_SHOWN: Final = 40  # characters of what is quoted
# Bytes of memory that each takes until it is written, at a letter each; and what any source may take.
_UTTERANCE: Final = 700
_PASSAGE: Final = 600
_CLAIM: Final = 2500
_ALWAYS: Final = 32 * 2**20


@cache
def json_formats() -> Sequence[Format]:
    """Give the formats that are JSON, told by its keys and not by a name, in the order of asking."""
    # Most sources are none, and to load their shapes takes a tenth of what all else here does.
    from episodic.canonical.normalizers.engines.records import Records
    from episodic.canonical.normalizers.engines.table import ENGINES

    return (*ENGINES, ChaptersJson(), Records())


@cache
def by_name() -> dict[str, Format]:
    """Give all formats that are read, by their names."""
    return {known.name: known for known in (*FORMATS, *json_formats())}


def find_format(document: Document) -> Format:
    """The format that a document is in: as its metadata says, by its content, or by its name.

    Raises
    ------
    SourceError
        When it is in none that is read.
    """
    with document.named_in_errors():
        return _find_format(document)


def _find_format(document: Document) -> Format:
    if wanted := document.metadata.get("format"):
        if (known := by_name().get(wanted)) is None:
            raise UnsupportedFormatError(
                document.uri, f"is to be read as '{wanted}'; Episodic reads {', '.join(by_name())}"
            )
        return known
    if is_own(document.data[:HEAD_BYTES]):
        raise UnsupportedFormatError(
            document.uri,
            "was written by Episodic itself; give the sources that it was made from, or "
            "'episodic apply' one that was corrected",
        )
    head, binary = _head(document)
    if head.outline is not None:
        return _find_json(document, head)
    for known in CERTAIN if "<" in head.text else CERTAIN[: -len(_MARKUP)]:
        if known.recognizes(head):
            return known
    refuse_declarations(head.text)
    if foreign := foreign_content(head.data, head.text):
        raise UnsupportedFormatError(document.uri, f"is {foreign}; {_READ}")
    suffix = document.suffix
    if foreign := FOREIGN_NAMES.get(suffix):
        raise UnsupportedFormatError(document.uri, f"is by its name {foreign}; {_READ}")
    if binary is not None:
        raise binary
    # Of what is likely, a name that says so comes first: lines with times may be Markdown's.
    for known in sorted(_LIKELY, key=lambda known: suffix not in known.suffixes):
        if suffix in known.suffixes or known.recognizes(head):
            return known
    return next((known for known in FORMATS if suffix in known.suffixes), _PLAIN)


def _head(document: Document) -> tuple[Head, UnreadableError | None]:
    """The beginning of a document, and why it is no text where it is none; JSON is outlined as a whole."""
    _, below = split(document.data)
    data = below[:HEAD_BYTES]
    try:
        text = decode_head(below, HEAD_BYTES)
    except UnreadableError as error:
        return Head(data, "", document.source_type), error
    keys: Outline | None = None
    if looks_like_json(text):
        if len(below) > HEAD_BYTES:
            text = decode(below).text
        keys = outline(strict_json(text))
    return Head(data, text, document.source_type, keys), None


def _find_json(document: Document, head: Head) -> Format:
    for known in json_formats():
        if known.recognizes(head):
            return known
    keys = head.outline or frozenset[str]()
    if kind := by_keys(keys):
        raise UnsupportedFormatError(document.uri, f"is {kind}")
    titles = ", ".join(known.title for known in json_formats())
    raise UnsupportedFormatError(
        document.uri, f"is JSON in no known format, {described(keys)}; Episodic reads the JSON of {titles}"
    )


def is_isolated(known: Format, document: Document) -> bool:
    """Whether a document is to be read in a worker process, and not in a thread."""
    has_yaml = bool(split(document.data)[0])  # which a library reads, too
    return len(document.data) > known.isolated_above or has_yaml


def read(known: Format, document: Document, given: SourceType | None = None) -> Identified:
    """All of the work on a document in its format, in the calling thread.

    Parameters
    ----------
    given
        The source type that the user gave.

    Raises
    ------
    SourceError
        When it cannot be read, or says too much.
    """
    structure = read_with_front_matter(known, document)
    if not any(claim.field is ClaimField.CHAPTER for claim in structure.claims):
        structure = replace(structure, claims=(*structure.claims, *noted_chapters(structure.passages)))
    structure = from_the_beginning(replace(structure, utterances=tuple(meanwhile(structure.utterances))))
    structure = heard_once(structure)
    if not (structure.utterances or structure.passages or structure.claims):
        raise SourceError(document.uri, f"has nothing to read in it as {known.title}; is it the right file?")
    _refuse_excess(document, structure)
    source_type = given or _source_type(known, document, structure)
    said = document.metadata.get("language") or structure.language or ""
    language = language_tag(said)
    signals = structure.signals
    if said and language is None:
        note = f"unknown language: {said[:_SHOWN]!r}"
        signals = replace(signals, doubts=(*signals.doubts, Doubt.left_out(note)))
    if not structure.utterances and source_type is not SourceType.RSS:
        signals = replace(signals, like_speech=like_speech([each.text for each in structure.passages]))
    if document.metadata.get("trusted"):
        signals = replace(signals, trusted=True)
    if structure.utterances:
        left_out = (doubt.text.partition(": ")[2] for doubt in signals.doubts)
        signals = replace(signals, by_hand=corrected_by_hand(document.data, left_out))
    return Identified(known.name, source_type, replace(structure, language=language, signals=signals))


def _source_type(known: Format, document: Document, structure: Structure) -> SourceType:
    if known in {RSS, ATOM}:
        return SourceType.RSS
    if structure.utterances:
        return SourceType.TRANSCRIPT
    return document.source_type or SourceType.RESEARCH_NOTES


def _refuse_excess(document: Document, structure: Structure) -> None:
    """Refuse what would take too much memory to resolve: that follows these numbers, not the bytes."""
    limits = document.limits
    claims = len(structure.claims) + len({each.speaker for each in structure.utterances if each.speaker})
    texts = [each.text for each in (*structure.utterances, *structure.passages)]
    for name, number, limit in (
        ("utterances", len(structure.utterances), limits.utterances),
        ("passages", len(structure.passages), limits.passages),
        ("tokens", count(texts, limits.tokens), limits.tokens),
        ("claims", claims, limits.claims),
    ):
        if number > limit:
            raise SourceLimitError(
                document.uri,
                f"has more than {limit:,} {name}, the limit; raise EPISODIC_{name.upper()} or leave it out",
            )
    size = len(document.data)
    taken = len(structure.utterances) * _UTTERANCE + len(structure.passages) * _PASSAGE + claims * _CLAIM
    if taken > max(_ALWAYS, limits.source_growth * size):
        raise SourceLimitError(
            document.uri,
            f"would take {taken // size} times its size in memory, being {len(texts) + claims:,} pieces of "
            f"a few letters; the limit is {limits.source_growth} times; raise EPISODIC_SOURCE_GROWTH or "
            "leave it out",
        )
