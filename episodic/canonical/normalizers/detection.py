"""What is not read: files that people have beside their sources, by their content and by their names.

Each has what it is called and what to do about it. Content comes first; a name decides only where the content
says nothing.
"""

import enum
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from episodic.canonical.patterns import pattern
from episodic.canonical.sources import SourceType

_TRANSCRIBE: Final = "transcribe it"
_UNPACK: Final = "unpack it"
_DOCUMENT: Final = "save it as .docx or text"
_CAPTIONS: Final = "export it as WebVTT or SRT"
_TRANSCRIPT: Final = "no transcript is in it; export one as WebVTT or SRT"
_PICTURE: Final = "Episodic reads no pictures; write down what is in it"
_SHEET: Final = "save its sheet as CSV, with columns for start, end, speaker and text"
_CUT: Final = "nothing that was said is in it; give a transcript"


class Foreign(NamedTuple):
    """What a file is, and what to do; whether it is a recording or a picture, and no text at all."""

    title: str
    advice: str
    media: bool = False

    def __str__(self) -> str:
        return f"{self.title}; {self.advice}"


def _audio(title: str) -> Foreign:
    return Foreign(title, _TRANSCRIBE, media=True)


def _picture(title: str) -> Foreign:
    return Foreign(title, _PICTURE, media=True)


_MP3: Final = _audio("MP3 audio")
_MP4: Final = _audio("audio or video (MP4)")
_RIFF: Final = _audio("audio or video (RIFF)")
_MATROSKA: Final = _audio("video (Matroska, WebM)")
_MPEG: Final = _audio("video (MPEG)")
_OGG: Final = _audio("Ogg audio")
_ASF: Final = _audio("Windows Media")
_JPEG: Final = _picture("a JPEG image")
_TIFF: Final = _picture("a TIFF image")
_RTF: Final = Foreign("RTF", _DOCUMENT)
_OLE: Final = Foreign("an old Office document (.doc, .xls, .ppt), or one with a password", _DOCUMENT)
_OPEN_DOCUMENT: Final = Foreign("an OpenDocument file", _DOCUMENT)
_EPUB: Final = Foreign("an e-book (EPUB)", "save it as HTML or text")
_XLSX: Final = Foreign("a spreadsheet (XLSX)", _SHEET)
_PPTX: Final = Foreign("a presentation (PPTX)", "save its text as DOCX or text")
_APPLE: Final = Foreign("a document of Pages, Numbers or Keynote", _DOCUMENT)
_ZIP: Final = Foreign("a ZIP archive", _UNPACK)
_EBU: Final = Foreign("EBU STL", _CAPTIONS)
_SPRUCE: Final = Foreign("Spruce STL", _CAPTIONS)
_SCC: Final = Foreign("SCC (Scenarist closed captions)", _CAPTIONS)
_CTM: Final = Foreign("CTM (words of a recognizer)", _CAPTIONS)
_RTTM: Final = Foreign("RTTM (who speaks when)", _TRANSCRIPT)
_TEXT_GRID: Final = Foreign("a TextGrid of Praat", _CAPTIONS)
_LABELS: Final = Foreign("a label track of Audacity", _CAPTIONS)
_EDL: Final = Foreign("EDL (edit decision list)", _CUT)
_FCPXML: Final = Foreign("FCPXML (Final Cut Pro)", _CUT)
_XMEML: Final = Foreign("XML of an editing program (xmeml)", _CUT)

# First bytes.
_SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"{\\rtf", _RTF),
    (b"\x1f\x8b", Foreign("a gzip archive", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Foreign("a Zstandard archive", _UNPACK)),
    (b"BZh", Foreign("a bzip2 archive", _UNPACK)),
    (b"\xfd7zXZ", Foreign("an xz archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Foreign("a 7z archive", _UNPACK)),
    (b"Rar!", Foreign("a RAR archive", _UNPACK)),
    ((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), _MP3),
    ((b"\xff\xf1", b"\xff\xf9"), _audio("AAC audio")),
    (b"OggS", _OGG),
    (b"fLaC", _audio("FLAC audio")),
    ((b"RIFF", b"RF64"), _RIFF),
    (b"FORM", _audio("AIFF audio")),
    (b"caff", _audio("CAF audio")),
    (b"#!AMR", _audio("AMR audio")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _ASF),
    (b"\x1aE\xdf\xa3", _MATROSKA),
    ((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"), _MPEG),
    (b"\x89PNG", _picture("a PNG image")),
    (b"\xff\xd8\xff", _JPEG),
    (b"GIF8", _picture("a GIF image")),
    ((b"II*\x00", b"MM\x00*"), _TIFF),
    (b"8BPS", _picture("a Photoshop image")),
    (b"SQLite format 3\0", Foreign("an SQLite database", "export what is in it as text")),
    ((b"\x7fELF", b"MZ"), Foreign("a program", "give the file that you mean")),
)
_ZIPS: Final = (
    (b"xl/", _XLSX),
    (b"ppt/", _PPTX),
    (b"mimetypeapplication/vnd.oasis.opendocument", _OPEN_DOCUMENT),
    (b"mimetypeapplication/epub", _EPUB),
    (b"Index/Document.iwa", _APPLE),
    (b"index.apxl", _APPLE),
)
_ANY_PROLOG: Final = r"\s*+(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>]*+>)\s*+)*+"
_ELEMENT: Final = pattern(_ANY_PROLOG + r"<(?:[\w.-]++:)?([A-Za-z][\w.-]*+)[\s/>]", re.DOTALL)
_XML: Final = pattern(r"\s*+(?:<!--.*?-->\s*+)*+<(?:\?xml|!DOCTYPE\s)", re.DOTALL | re.IGNORECASE)
_ROOTS: Final = {
    "fcpxml": _FCPXML,
    "xmeml": _XMEML,
    "RDF": Foreign("RSS 1.0 (RDF)", "give its RSS 2.0 or Atom form"),
    "opml": Foreign("OPML (a list of feeds)", "give the feed of the show itself"),
    "svg": _picture("an SVG image"),
    "plist": Foreign("a property list", "give the file that you mean"),
    "ANNOTATION_DOCUMENT": Foreign("a transcription of ELAN", _CAPTIONS),
    "Trans": Foreign("a transcription of Transcriber", _CAPTIONS),
    "TEI": Foreign("TEI", "Episodic writes it, and reads none but its own"),
}
# Compiled when they are first asked, which is seldom.
_TEXTS: Final = (
    (r"\s*Scenarist_SCC\b", _SCC),
    (r"\s*File type = \"ooTextFile", _TEXT_GRID),
    (r"\s*(?:TITLE:.*\n(?:\s*FCM:|\s*\n|\s*\d{3,6}\s)|FCM:)", _EDL),
    (r"\s*\d{3,6} +\S+ +[AVB][AV\d/]* +[CDW]\S* (?: *\d\d[:;]\d\d[:;]\d\d[:;]\d\d){4}", _EDL),
    (r"\s*+(?:(?://|\$\w).*\n\s*+)*+\d\d:\d\d:\d\d:\d\d *, *\d\d:\d\d:\d\d:\d\d *, *\S", _SPRUCE),
    (r"\s*(?:;;.*\n)*SPEAKER \S+ \S+ +\d+(?:\.\d+)? +\d+(?:\.\d+)? ", _RTTM),
    (r"(?:\s*;;.*\n)*(?:\S+ \S{1,4} \d+\.\d+ \d+\.\d+ \S+(?: \S+)?[ \t]*(?:\n|\Z)){1,}\s*\Z", _CTM),
    (
        r"(?:\s*;;.*\n)*(?:\S+ \S{1,4} \S+ \d+\.\d+ \d+\.\d+ \S.*(?:\n+|\Z)){2}",
        Foreign("STM (segments of a recognizer's test)", _CAPTIONS),
    ),
    (r"\s*app=InqScribe\b", Foreign("a document of InqScribe", _CAPTIONS)),
    (r"(?:\d+[.,]\d+\t\d+[.,]\d+(?:\t[^\n]*)?(?:\n|\Z)){1,}", _LABELS),
    (r"\s*(?:\[\d+\]\[\d*\][^\n]*(?:\n|\Z)){2,}", Foreign("MPL2 subtitles", _CAPTIONS)),
    (
        r"\s*\d\d:\d\d:\d\d(?:\s+From\s+[^\n]{1,120}?\s+to\s+[^\n]{1,120}?:|\t[^\n\t]{1,80}:\t)",
        Foreign("the chat of a call", "nobody said it; give a transcript"),
    ),
    (
        r"\s*(?:\[\d\d:\d\d(?::\d\d)?\] ?<[ @+]?[^\s<>]{1,30}> [^\n]*(?:\n|\Z)){2}",
        Foreign("the log of a chat (IRC)", "nobody said it; give a transcript"),
    ),
    (r"\s*\{QTtext\}", Foreign("QuickTime text", _CAPTIONS)),
    (r"\s*(?:\d{1,2}:\d\d:\d\d:[^\d\s][^\n]*(?:\n+|\Z)){2,}", Foreign("TMPlayer subtitles", _CAPTIONS)),
    (r"\s*#EXTM3U\b", Foreign("a playlist", "give the file that you mean")),
    (r"\s*BEGIN:VCALENDAR\b", Foreign("a calendar", "write down what it says of the episode")),
    (r"\s*BEGIN:VCARD\b", Foreign("an address card", "write down what it says of the episode")),
    (r"\s*From \S+@\S+ .*\d{4}\n[\w-]+: ", Foreign("a mailbox of several mails", "save each mail as .eml")),
    (r"\s*@UTF8\s+@Begin\b", Foreign("a CHAT transcription", _CAPTIONS)),
    (r"\s*\\documentclass\b", Foreign("LaTeX", "save it as DOCX, Markdown or text")),
    (
        r"\s*(?:REM .*\n|PERFORMER .*\n|TITLE .*\n)*FILE \".*\" (?:MP3|WAVE|AIFF|BINARY)\b",
        Foreign("a CUE sheet", _CUT),
    ),
)

# JSON by its keys.
FOREIGN_KEYS: Final = (
    (
        frozenset(("media-time", "text")),
        Foreign("a document of oTranscribe", "export it as Markdown or text"),
    ),
    (
        frozenset(("version", "title", "items[].id")),
        Foreign("a JSON feed", "give the show's RSS or Atom feed"),
    ),
    (
        frozenset(("status", "text", "words")),
        Foreign("a transcription that failed, or is not done yet", "give the one that is"),
    ),
)
_PROJECT: Final = Foreign("a project of an audio or video editor", _TRANSCRIPT)
_TABLE: Final = Foreign("a table without columns of speech", "call its columns start, end, speaker and text")
_ENDINGS: Final = (
    (_SPRUCE, ".stl"),
    (_SCC, ".scc"),
    (_CTM, ".ctm"),
    (_RTTM, ".rttm"),
    (_TEXT_GRID, ".textgrid"),
    (_EDL, ".edl"),
    (_FCPXML, ".fcpxml"),
    (_ROOTS["ANNOTATION_DOCUMENT"], ".eaf"),
    (_ROOTS["Trans"], ".trs"),
    (Foreign("subtitles that are pictures", _CAPTIONS), ".idx .sup"),
    (_PROJECT, ".aup .aup3 .prproj .rpp .sesx .als .logicx .ptx .drp"),
    (_TABLE, ".csv .tsv"),
    (_RTF, ".rtf"),
    (_OLE, ".doc .xls .ppt"),
    (_OPEN_DOCUMENT, ".odt .ods .odp"),
    (_XLSX, ".xlsx"),
    (_PPTX, ".pptx"),
    (_APPLE, ".pages .numbers .key"),
    (_EPUB, ".epub"),
    (_ZIP, ".zip"),
    (_MP3, ".mp3"),
    (_MP4, ".mp4 .m4a .m4b .m4v .mov"),
    (_RIFF, ".wav .avi"),
    (_OGG, ".ogg .oga .opus"),
    (_audio("FLAC audio"), ".flac"),
    (_audio("AAC audio"), ".aac"),
    (_audio("AIFF audio"), ".aif .aiff"),
    (_ASF, ".wma .wmv"),
    (_MATROSKA, ".mkv .webm"),
    (_MPEG, ".mpg .mpeg"),
    (_picture("an image"), ".png .gif .webp .heic .avif .bmp .svg .psd .ico"),
    (_JPEG, ".jpg .jpeg"),
    (_TIFF, ".tif .tiff"),
)
# What files are by their endings, where their content says nothing.
FOREIGN_NAMES: Final = {ending: kind for kind, endings in _ENDINGS for ending in endings.split()}


# What locks a file, or stands beside it while a program works on it.
_PROGRAMS: Final = pattern(
    r"~\$.*|.*~|.*\.(?:lock|lck|tmp|temp|part|crdownload|download|swp)|thumbs\.db|desktop\.ini|icon\r",
    re.IGNORECASE,
)
# The marks of what Episodic writes: see `publishing.provenance`, `cli.page` and `tei.header`.
_OWN: Final = pattern(
    rb"\A\s*(?:WEBVTT\r?\n\r?\nNOTE (?:Made by )?Episodic|---\r?\ngenerator: Episodic"
    rb"|\{\s*\"generator\"\s*:\s*\"Episodic"
    rb"|<!doctype html>[^\0]{0,2000}?<meta name=\"generator\" content=\"Episodic"
    rb"|(?:<\?[^>]*>\s*)+<TEI\b[^\0]*?<respStmt xml:id=\"episodic\">)"
)


class Aside(enum.StrEnum):
    """What teams have in a folder beside its sources, in the words of the note that says so."""

    RECORDING = "recordings"
    PICTURE = "pictures"
    LOCK = "lock files and other files of programs"
    HIDDEN = "hidden files"
    OWN = "what Episodic wrote itself"


def aside(name: str, head: bytes) -> Aside | None:
    """What a file in a folder is that is no source; ``None`` for one that is read, or refused by its name."""
    if name.startswith("."):
        return Aside.HIDDEN
    if _PROGRAMS.fullmatch(name):
        return Aside.LOCK
    if is_own(head):
        return Aside.OWN
    kind = _by_signature(head) or FOREIGN_NAMES.get(PurePosixPath(name).suffix.lower())
    if kind is None or not kind.media:
        return None
    return Aside.RECORDING if kind.advice == _TRANSCRIBE else Aside.PICTURE


def is_own(head: bytes) -> bool:
    """Whether a file begins as those do that Episodic writes: a page, captions, JSON or TEI.

    As a source it would count as one more witness of itself, and the heaviest.
    """
    return _OWN.search(head) is not None


def foreign_content(data: bytes, text: str) -> Foreign | None:
    """What a file is that is recognized by its first bytes or its first lines, and not read."""
    tests: tuple[Callable[[], Foreign | None], ...] = (
        lambda: _by_signature(data),
        lambda: next((kind for pattern, kind in _TEXTS if re.match(pattern, text)), None),
        lambda: _by_root(text),
    )
    return next((kind for test in tests if (kind := test()) is not None), None)


def _by_signature(data: bytes) -> Foreign | None:
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _picture("a WebP image")
    if kind := next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None):
        return kind
    if data[4:8] == b"ftyp":
        pictures = (b"heic", b"heix", b"mif1", b"avif")
        return _picture("a HEIC or AVIF image") if data[8:12] in pictures else _MP4
    if data[3:6] == b"STL" and data[6:8].isdigit():
        return _EBU
    if data[257:262] == b"ustar":
        return Foreign("a tar archive", _UNPACK)
    if data.startswith(b"\x47") and data[188:189] == b"\x47" and data[376:377] == b"\x47":
        return _MPEG
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((kind for mark, kind in _ZIPS if mark in data), _ZIP)
    return None


def _by_root(text: str) -> Foreign | None:
    """What XML is by its root element."""
    root = _ELEMENT.match(text)
    if root and (kind := _ROOTS.get(root[1])):
        return kind
    if _XML.match(text):
        named = f" (<{root[1]}>)" if root else ""
        return Foreign(f"XML in no known format{named}", "export it as WebVTT, HTML or text")
    return None


def type_hint(uri: str) -> SourceType | None:
    """The source type that a file's name speaks of: ``press-release.md``, ``ep12_brief.txt``."""
    words = set(re.findall(r"[a-z]+", PurePosixPath(uri).name.rpartition(".")[0].lower()))
    return next((known for known in SourceType if words & known.names), None)
