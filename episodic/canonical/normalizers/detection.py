"""What a source is: signatures of formats that are not read, and hints in file names."""

import re
from pathlib import PurePosixPath
from typing import Final

from episodic.canonical.sources import SourceType

# First bytes of files that people have lying beside their sources.
_SIGNATURES: Final = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office document (.doc), or one with a password; save it as .docx",
    ),
    (b"{\\rtf", "RTF; save it as .docx or text"),
    (b"\x1f\x8b", "a gzip archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it"),
    (b"BZh", "a bzip2 archive; unpack it"),
    (b"\xfd7zXZ", "an xz archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"),
    (b"Rar!", "a RAR archive; unpack it"),
    (b"ID3", "MP3 audio; transcribe it"),
    (b"\xff\xfb", "MP3 audio; transcribe it"),
    (b"\xff\xf3", "MP3 audio; transcribe it"),
    (b"OggS", "Ogg audio; transcribe it"),
    (b"fLaC", "FLAC audio; transcribe it"),
    (b"RIFF", "audio or video (RIFF); transcribe it"),
    (b"\x1aE\xdf\xa3", "video (Matroska, WebM); transcribe it"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_ZIPS: Final = (
    (b"xl/", "a spreadsheet (XLSX); save it as text"),
    (b"ppt/", "a presentation (PPTX); save it as text"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file; save it as .docx"),
    (b"mimetypeapplication/epub", "an e-book (EPUB); save it as text"),
)
_TEXTS: Final = (
    (re.compile(r"\s*\[Script Info\]", re.IGNORECASE), "SubStation Alpha (ASS); save it as SRT"),
    (re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<tt[\s>:]", re.IGNORECASE), "TTML; save it as WebVTT"),
    (
        re.compile(r"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+<(?:rdf:)?RDF[\s>]", re.DOTALL),
        "RSS 1.0 (RDF); give its RSS 2.0 or Atom form",
    ),
    (re.compile(r"\s*(?:<\?xml|<!DOCTYPE\s)", re.IGNORECASE), "XML in no known format"),
    (re.compile(r"\s*[{\[]\s*[\"{\[\]}]"), "JSON in no known format"),
)

_TYPES: Final = (
    (frozenset({"brief", "briefing"}), SourceType.BRIEF),
    (frozenset({"press", "release", "pressrelease"}), SourceType.PRESS_RELEASE),
    (frozenset({"notes", "research", "shownotes"}), SourceType.RESEARCH_NOTES),
    (frozenset({"transcript", "transcription", "captions", "subtitles"}), SourceType.TRANSCRIPT),
)


def foreign_format(data: bytes, text: str) -> str | None:
    """The name of a format that is recognized but not read, with what to do about it where that is known."""
    for signature, title in _SIGNATURES:
        if data.startswith(signature):
            return title
    if data[4:8] == b"ftyp":
        return "audio or video (MP4); transcribe it"
    if data.startswith(b"PK\x03\x04"):
        return next((title for mark, title in _ZIPS if mark in data), "a ZIP archive; unpack it")
    return next((title for pattern, title in _TEXTS if pattern.match(text)), None)


def type_hint(uri: str) -> SourceType | None:
    """The source type that a file's name speaks of: ``press-release.md``, ``ep12_brief.txt``."""
    words = set(re.findall(r"[a-z]+", PurePosixPath(uri).name.rpartition(".")[0].lower()))
    return next((source_type for names, source_type in _TYPES if words & names), None)
