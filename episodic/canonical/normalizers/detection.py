"""What is not read: files that people have beside their sources, by their content and by their names.

Each has what it is called and what to do about it. Content comes first; a name decides only where the content
says nothing.
"""

import enum
import re
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from episodic.canonical.sources import SourceType
from episodic.canonical.text.patterns import pattern

_TRANSCRIBE: Final = "transcribe it"
_UNPACK: Final = "unpack it"
_DOCUMENT: Final = "save it as .docx or text"
_CAPTIONS: Final = "export it as WebVTT or SRT"
_TRANSCRIPT: Final = "no transcript is in it; export one as WebVTT or SRT"
_PICTURE: Final = "Episodic reads no pictures; write down what is in it"
_SHEET: Final = "save its sheet as CSV, with columns for start, end, speaker and text"
_CUT: Final = "nothing that was said is in it; give a transcript"
_CHAT: Final = "nobody said it; give a transcript"
_NAME: Final = "give the file that you mean"
_WRITE_DOWN: Final = "write down what it says of the episode"


class Foreign(NamedTuple):
    """What a file is that is not read, and what to do about it.

    Parameters
    ----------
    endings
        Of its name.
    signatures
        With which its bytes begin.
    parts
        What a ZIP archive has near its beginning that is one.
    text
        A regular expression with which it begins, compiled when it is first asked, which is seldom.
    root
        The name of its root element.
    keys
        Of its JSON, as an `Outline` has them.
    """

    title: str
    advice: str
    endings: str = ""
    signatures: tuple[bytes, ...] = ()
    parts: tuple[bytes, ...] = ()
    text: str = ""
    root: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.title}; {self.advice}"


_MP4: Final = Foreign("audio or video (MP4)", _TRANSCRIBE, ".mp4 .m4a .m4b .m4v .mov")
_MPEG: Final = Foreign("video (MPEG)", _TRANSCRIBE, ".mpg .mpeg", (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"))
_ZIP: Final = Foreign("a ZIP archive", _UNPACK, ".zip")

# Of two texts that would fit, the first counts.
_KINDS: Final = (
    _MP4,
    _MPEG,
    _ZIP,
    Foreign("MP3 audio", _TRANSCRIBE, ".mp3", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    Foreign("AAC audio", _TRANSCRIBE, ".aac", (b"\xff\xf1", b"\xff\xf9")),
    Foreign("Ogg audio", _TRANSCRIBE, ".ogg .oga .opus", (b"OggS",)),
    Foreign("FLAC audio", _TRANSCRIBE, ".flac", (b"fLaC",)),
    Foreign("AIFF audio", _TRANSCRIBE, ".aif .aiff", (b"FORM",)),
    Foreign("CAF audio", _TRANSCRIBE, "", (b"caff",)),
    Foreign("AMR audio", _TRANSCRIBE, "", (b"#!AMR",)),
    Foreign("Windows Media", _TRANSCRIBE, ".wma .wmv", (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",)),
    Foreign("audio or video (RIFF)", _TRANSCRIBE, ".wav .avi", (b"RIFF", b"RF64")),
    Foreign("video (Matroska, WebM)", _TRANSCRIBE, ".mkv .webm", (b"\x1aE\xdf\xa3",)),
    Foreign("a PNG image", _PICTURE, ".png", (b"\x89PNG",)),
    Foreign("a JPEG image", _PICTURE, ".jpg .jpeg", (b"\xff\xd8\xff",)),
    Foreign("a GIF image", _PICTURE, ".gif", (b"GIF8",)),
    Foreign("a TIFF image", _PICTURE, ".tif .tiff", (b"II*\x00", b"MM\x00*")),
    Foreign("a Photoshop image", _PICTURE, ".psd", (b"8BPS",)),
    Foreign("an SVG image", _PICTURE, ".svg", root="svg"),
    Foreign("an image", _PICTURE, ".webp .heic .avif .bmp .ico"),
    Foreign("a gzip archive", _UNPACK, "", (b"\x1f\x8b",)),
    Foreign("a Zstandard archive", _UNPACK, "", (b"\x28\xb5\x2f\xfd",)),
    Foreign("a bzip2 archive", _UNPACK, "", (b"BZh",)),
    Foreign("an xz archive", _UNPACK, "", (b"\xfd7zXZ",)),
    Foreign("a 7z archive", _UNPACK, "", (b"7z\xbc\xaf\x27\x1c",)),
    Foreign("a RAR archive", _UNPACK, "", (b"Rar!",)),
    Foreign("an SQLite database", "export what is in it as text", "", (b"SQLite format 3\0",)),
    Foreign("a program", _NAME, "", (b"\x7fELF", b"MZ")),
    Foreign("RTF", _DOCUMENT, ".rtf", (b"{\\rtf",)),
    Foreign(
        "an old Office document (.doc, .xls, .ppt), or one with a password",
        _DOCUMENT,
        ".doc .xls .ppt",
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    ),
    Foreign("a spreadsheet (XLSX)", _SHEET, ".xlsx", parts=(b"xl/",)),
    Foreign("a presentation (PPTX)", "save its text as DOCX or text", ".pptx", parts=(b"ppt/",)),
    Foreign(
        "an OpenDocument file",
        _DOCUMENT,
        ".odt .ods .odp",
        parts=(b"mimetypeapplication/vnd.oasis.opendocument",),
    ),
    Foreign("an e-book (EPUB)", "save it as HTML or text", ".epub", parts=(b"mimetypeapplication/epub",)),
    Foreign(
        "a document of Pages, Numbers or Keynote",
        _DOCUMENT,
        ".pages .numbers .key",
        parts=(b"Index/Document.iwa", b"index.apxl"),
    ),
    Foreign("SCC (Scenarist closed captions)", _CAPTIONS, ".scc", text=r"\s*Scenarist_SCC\b"),
    Foreign("a TextGrid of Praat", _CAPTIONS, ".textgrid", text=r"\s*File type = \"ooTextFile"),
    Foreign(
        "EDL (edit decision list)",
        _CUT,
        ".edl",
        text=r"\s*(?:TITLE:.*\n(?:\s*FCM:|\s*\n|\s*\d{3,6}\s)|FCM:)"
        r"|\s*\d{3,6} +\S+ +[AVB][AV\d/]* +[CDW]\S* (?: *\d\d[:;]\d\d[:;]\d\d[:;]\d\d){4}",
    ),
    Foreign(
        "Spruce STL",
        _CAPTIONS,
        ".stl",
        text=r"\s*+(?:(?://|\$\w).*\n\s*+)*+\d\d:\d\d:\d\d:\d\d *, *\d\d:\d\d:\d\d:\d\d *, *\S",
    ),
    Foreign(
        "RTTM (who speaks when)",
        _TRANSCRIPT,
        ".rttm",
        text=r"\s*(?:;;.*\n)*(?:SPEAKER|SPKR-INFO|LEXEME) \S+ \S+ +\S+ +\S+ ",
    ),
    Foreign("a document of InqScribe", _CAPTIONS, text=r"\s*app=InqScribe\b"),
    Foreign("MPL2 subtitles", _CAPTIONS, text=r"\s*(?:\[\d+\]\[\d*\][^\n]*(?:\n|\Z)){2,}"),
    Foreign(
        "the chat of a call",
        _CHAT,
        text=r"\s*\d\d:\d\d:\d\d(?:\s+From\s+[^\n]{1,120}?\s+to\s+[^\n]{1,120}?:|\t[^\n\t]{1,80}:\t)",
    ),
    Foreign(
        "the log of a chat (IRC)",
        _CHAT,
        text=r"\s*(?:\[\d\d:\d\d(?::\d\d)?\] ?<[ @+]?[^\s<>]{1,30}> [^\n]*(?:\n|\Z)){2}",
    ),
    Foreign("QuickTime text", _CAPTIONS, text=r"\s*\{QTtext\}"),
    Foreign("TMPlayer subtitles", _CAPTIONS, text=r"\s*(?:\d{1,2}:\d\d:\d\d:[^\d\s][^\n]*(?:\n+|\Z)){2,}"),
    Foreign("a playlist", _NAME, text=r"\s*#EXTM3U\b"),
    Foreign("a calendar", _WRITE_DOWN, text=r"\s*BEGIN:VCALENDAR\b"),
    Foreign("an address card", _WRITE_DOWN, text=r"\s*BEGIN:VCARD\b"),
    Foreign(
        "a mailbox of several mails", "save each mail as .eml", text=r"\s*From \S+@\S+ .*\d{4}\n[\w-]+: "
    ),
    Foreign("a CHAT transcription", _CAPTIONS, text=r"\s*@UTF8\s+@Begin\b"),
    Foreign("LaTeX", "save it as DOCX, Markdown or text", text=r"\s*\\documentclass\b"),
    Foreign(
        "a CUE sheet",
        _CUT,
        text=r"\s*(?:REM .*\n|PERFORMER .*\n|TITLE .*\n)*FILE \".*\" (?:MP3|WAVE|AIFF|BINARY)\b",
    ),
    Foreign("FCPXML (Final Cut Pro)", _CUT, ".fcpxml", root="fcpxml"),
    Foreign("XML of an editing program (xmeml)", _CUT, root="xmeml"),
    Foreign("RSS 1.0 (RDF)", "give its RSS 2.0 or Atom form", root="RDF"),
    Foreign("OPML (a list of feeds)", "give the feed of the show itself", root="opml"),
    Foreign("a property list", _NAME, root="plist"),
    Foreign("a transcription of ELAN", _CAPTIONS, ".eaf", root="ANNOTATION_DOCUMENT"),
    Foreign("a transcription of Transcriber", _CAPTIONS, ".trs", root="Trans"),
    Foreign("TEI", "Episodic writes it, and reads none but its own", root="TEI"),
    Foreign("a document of oTranscribe", "export it as Markdown or text", keys=("media-time", "text")),
    Foreign("a JSON feed", "give the show's RSS or Atom feed", keys=("version", "title", "items[].id")),
    Foreign(
        "a transcription that failed, or is not done yet",
        "give the one that is",
        keys=("status", "text", "words"),
    ),
    Foreign("subtitles that are pictures", _CAPTIONS, ".idx .sup"),
    Foreign(
        "a project of an audio or video editor",
        _TRANSCRIPT,
        ".aup .aup3 .prproj .rpp .sesx .als .logicx .ptx .drp",
    ),
    Foreign(
        "a table without columns of speech", "call its columns start, end, speaker and text", ".csv .tsv"
    ),
)
# What files are by their endings, where their content says nothing.
FOREIGN_NAMES: Final = {ending: kind for kind in _KINDS for ending in kind.endings.split()}
_ROOTS: Final = {kind.root: kind for kind in _KINDS if kind.root}
_ANY_PROLOG: Final = r"\s*+(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>]*+>)\s*+)*+"
_ELEMENT: Final = pattern(_ANY_PROLOG + r"<(?:[\w.-]++:)?([A-Za-z][\w.-]*+)[\s/>]", re.DOTALL)
_XML: Final = pattern(r"\s*+(?:<!--.*?-->\s*+)*+<(?:\?xml|!DOCTYPE\s)", re.DOTALL | re.IGNORECASE)

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
    FOLDER = "folders"


_ASIDES: Final = {_TRANSCRIBE: Aside.RECORDING, _PICTURE: Aside.PICTURE}


def aside(name: str, head: bytes) -> Aside | None:
    """What a file in a folder is that is no source; ``None`` for one that is read, or refused by its name."""
    if name.startswith("."):
        return Aside.HIDDEN
    if _PROGRAMS.fullmatch(name):
        return Aside.LOCK
    if is_own(head):
        return Aside.OWN
    kind = _by_signature(head) or FOREIGN_NAMES.get(PurePosixPath(name).suffix.lower())
    return _ASIDES.get(kind.advice) if kind else None


def is_own(head: bytes) -> bool:
    """Whether a file begins as those do that Episodic writes: a page, captions, JSON or TEI.

    As a source it would count as one more witness of itself, and the heaviest.
    """
    return _OWN.search(head) is not None


def foreign_content(data: bytes, text: str) -> Foreign | None:
    """What a file is that is recognized by its first bytes or its first lines, and not read."""
    return _by_signature(data) or _by_text(text) or _by_root(text)


def _by_signature(data: bytes) -> Foreign | None:
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Foreign("a WebP image", _PICTURE)
    if kind := next((kind for kind in _KINDS if data.startswith(kind.signatures)), None):
        return kind
    if data[4:8] == b"ftyp":
        pictures = (b"heic", b"heix", b"mif1", b"avif")
        return Foreign("a HEIC or AVIF image", _PICTURE) if data[8:12] in pictures else _MP4
    if data[3:6] == b"STL" and data[6:8].isdigit():
        return Foreign("EBU STL", _CAPTIONS)
    if data[257:262] == b"ustar":
        return Foreign("a tar archive", _UNPACK)
    if data.startswith(b"\x47") and data[188:189] == b"\x47" and data[376:377] == b"\x47":
        return _MPEG
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((kind for kind in _KINDS if any(part in data for part in kind.parts)), _ZIP)
    return None


def _by_text(text: str) -> Foreign | None:
    return next((kind for kind in _KINDS if kind.text and re.match(kind.text, text)), None)


def by_keys(keys: frozenset[str]) -> Foreign | None:
    """What JSON with these keys is, of what is not read."""
    return next((kind for kind in _KINDS if kind.keys and keys.issuperset(kind.keys)), None)


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
