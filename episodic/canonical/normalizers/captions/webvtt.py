"""WebVTT, as https://www.w3.org/TR/webvtt1/ has it parsed (section 6), lenient where words would be lost."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.cues import CueReader
from episodic.canonical.normalizers.captions.markup import webvtt_markup
from episodic.canonical.normalizers.captions.structure import caption_structure, reading
from episodic.canonical.normalizers.chapters import chapter
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.sources import Utterance
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import ARROW

_SIGNATURE: Final = pattern(r"WEBVTT(?=[ \t\n]|$)", re.IGNORECASE)
# The first cue of a file without it: an identifier or none, times without hours, and settings or none.
_HOURLESS: Final = pattern(
    r"(?:[^\n]*\n)?[0-5]\d:[0-5]\d\.\d{3}[ \t]*-->[ \t]*[0-5]\d:[0-5]\d\.\d{3}(?:[ \t]+\w+:\S+)*[ \t]*$",
    re.MULTILINE | re.ASCII,
)
# What no one says: the header and its metadata, comments, style sheets and regions.
_SILENT: Final = pattern(
    r"(?i:WEBVTT)(?=[ \t\n]|$)|NOTE(?=[ \t\n]|$)|(?:STYLE|REGION)[ \t]*(?:\n|$)|X-TIMESTAMP-MAP="
)
# Tracks that are no speech, by the kinds of HTML
# (https://html.spec.whatwg.org/multipage/media.html#attr-track-kind).
_KIND: Final = pattern(r"^Kind:[ \t]*(chapters|metadata)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_CHAPTERS: Final = pattern(r"(?:^|[^a-z])chapters\.\w+$", re.IGNORECASE)  # "show.chapters.vtt"
_HEADER_LANGUAGE: Final = pattern(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)[ \t]*$", re.MULTILINE
)
_COMMA: Final = pattern(rf",\d+[ \t]*(?:{ARROW.pattern})", re.ASCII)
_SAMPLE: Final = 20  # cues
_PICTURE: Final = pattern(r"\S+\.(?:jpe?g|png|webp|avif|gif)(?:[?#]\S*)?", re.IGNORECASE)
_DATA: Final = pattern(r"\{\s*\"[^\"]{1,80}\"\s*:.*\}", re.DOTALL)
# What Webex writes before a cue: number, name, and an identifier of who it is.
_NAMED: Final = pattern(r'\d+ "(?P<name>[^"]+)" \(\d+\)')


class WebVTT(Format):
    """WebVTT captions: voices, classes, timestamps, notes, styles, regions, header."""

    name = "webvtt"
    title = "WebVTT"
    suffixes = (".vtt", ".webvtt")

    def recognizes(self, head: Head) -> bool:
        """By the signature, or by a first cue whose times have a point and no hours."""
        text = head.text.lstrip()
        return _SIGNATURE.match(text) is not None or _HOURLESS.match(text) is not None

    def read(self, document: Document) -> Structure:
        """Read cues, whatever their times look like; a chapter's cues are claims."""
        decoded = document.decode()
        text = decoded.text.replace("\ufeff", "")
        signed = _SIGNATURE.match(text) is not None
        header = text[: text.find("\n\n")] if "\n\n" in text else text
        header = header.partition("-->")[0]
        reader = CueReader(_SILENT)
        cues = reader.read(text)
        if kind := _KIND.search(header):
            return _untold(decoded, kind[1].lower(), cues)
        if document.source_type is None and _CHAPTERS.search(document.name):
            return _untold(decoded, "chapters", cues)
        _refuse_pictures(cues)
        language = _HEADER_LANGUAGE.search(header)
        signals = reading(reader, cues)
        notes = [] if signed else ["does not begin with its signature, WEBVTT"]
        if commas := len(_COMMA.findall(text)):
            notes.append(f"cues with a comma in their times: {commas}")
        return caption_structure(
            decoded,
            list(_identified(cues, reader.labels)) if " " in "".join(reader.labels) else cues,
            markup=webvtt_markup,
            language=language[1] if language else None,
            signals=replace(
                signals, notes=tuple(notes), well_formed=signals.well_formed and signed and not commas
            ),
        )


def _refuse_pictures(cues: Sequence[Utterance]) -> None:
    """Refuse what a player takes pictures from, or a program its data, though its header does not say so."""
    shown = [shown for cue in cues[:_SAMPLE] if (shown := cue.text.strip())]
    if shown and all(map(_PICTURE.fullmatch, shown)):
        raise UnreadableError("is a list of pictures for players (WebVTT); give the captions")
    if shown and all(map(_DATA.fullmatch, shown)):
        raise UnreadableError("is WebVTT for programs, with data in its cues; give the captions")


def _untold(decoded: Decoded, kind: str, cues: Sequence[Utterance]) -> Structure:
    """The chapters of a track that says that its cues are none that anybody speaks."""
    if kind == "metadata":
        raise UnreadableError("is WebVTT for programs (Kind: metadata); give the captions")
    titled = [
        (cue.start, "".join(text for _, text in webvtt_markup(cue.text)), cue.where)
        for cue in cues
        if cue.start is not None
    ]
    claims = tuple(chapter(start, title, where) for start, title, where in titled if title.strip())
    return Structure(claims=claims, signals=decoded.signals)


def _identified(cues: Sequence[Utterance], labels: Sequence[str]) -> Iterator[Utterance]:
    """The cues with what their identifiers say: a name is who speaks.

    Words above one or another timing line are the end of the cue before, whose blank line went astray; where
    most cues have an identifier, they are that.
    """
    habit = sum(map(bool, labels)) * 2 > len(labels)
    for at, cue in enumerate(cues):
        following = labels[at + 1] if at + 1 < len(labels) else ""
        text = cue.text
        if not habit and " " in following:
            text = f"{text}\n{following}"
        if (name := _NAMED.fullmatch(labels[at])) and "<v" not in text:
            text = f"<v {name['name']}>{text}"
        yield cue._replace(text=text)
