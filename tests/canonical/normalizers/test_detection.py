"""What is not read is refused by its name, by its first bytes, whatever it is called."""

import pytest

from episodic.canonical.errors import UnsupportedFormatError
from episodic.canonical.normalizers.captions.line_formats import SubStation
from episodic.canonical.normalizers.captions.speech_table import SpeechTable
from episodic.canonical.normalizers.captions.timed_text import TimedText
from episodic.canonical.normalizers.format import Document, Head
from episodic.canonical.normalizers.registry import find_format

_ZIP = b"PK\x03\x04" + bytes(26)
BINARY = {
    "an old Office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "RTF": b"{\\rtf1\\ansi Good evening.}",
    "a gzip archive": b"\x1f\x8b\x08",
    "a Zstandard archive": b"\x28\xb5\x2f\xfd",
    "a bzip2 archive": b"BZh9",
    "an xz archive": b"\xfd7zXZ\x00",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c",
    "a RAR archive": b"Rar!\x1a\x07",
    "a tar archive": bytes(257) + b"ustar\x0000",
    "a ZIP archive": _ZIP + b"talk.wav",
    "a spreadsheet": _ZIP + b"xl/workbook.xml",
    "a presentation": _ZIP + b"ppt/presentation.xml",
    "an OpenDocument file": _ZIP + b"mimetypeapplication/vnd.oasis.opendocument.text",
    "an e-book": _ZIP + b"mimetypeapplication/epub+zip",
    "a document of Pages": _ZIP + b"Index/Document.iwa",
    "MP3 audio": b"ID3\x04",
    "AAC audio": b"\xff\xf1\x50\x80",
    "Ogg audio": b"OggS\x00",
    "FLAC audio": b"fLaC\x00",
    r"audio or video \(RIFF\)": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "AIFF audio": b"FORM\x00\x00\x00\x24AIFF",
    "CAF audio": b"caff\x00\x01",
    "AMR audio": b"#!AMR\n",
    r"audio or video \(MP4\)": b"\x00\x00\x00\x20ftypM4A ",
    "Windows Media": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "video .Matroska": b"\x1aE\xdf\xa3",
    "video .MPEG": b"\x00\x00\x01\xba",
    "a WebP image": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "a HEIC or AVIF image": b"\x00\x00\x00\x20ftypheic",
    "a PNG image": b"\x89PNG\r\n\x1a\n",
    "a JPEG image": b"\xff\xd8\xff\xe0",
    "a GIF image": b"GIF89a",
    "a TIFF image": b"II*\x00",
    "a Photoshop image": b"8BPS\x00\x01",
    "EBU STL": b"437STL25.01",
    "an SQLite database": b"SQLite format 3\x00",
    "a program": b"\x7fELF\x02",
}


@pytest.mark.parametrize(("kind", "data"), BINARY.items(), ids=BINARY)
@pytest.mark.parametrize("name", ["talk", "talk.vtt", "transcript.txt"])
def test_a_binary_file_is_refused_by_its_name_and_with_what_to_do(kind: str, data: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=rf"is {kind}.*; \w.*; Episodic reads "):
        find_format(Document(name, data + bytes(400)))


def test_a_first_line_that_no_header_is_as_long_as_is_none() -> None:
    """Whoever writes a page on one line, with commas, has not named its columns."""
    header = f"start,end,text{' ' * 1000}\n0,2,Good evening.\n"
    assert SpeechTable().recognizes(Head(b"", header.replace(" ", "")))
    assert not SpeechTable().recognizes(Head(b"", header))


def test_a_table_is_no_subviewer_where_looking_ends_behind_two_times() -> None:
    row = "00:00:00.500,00:00:04.000"
    table = f"start,end,text\n{row},{'a' * (1999 - len('start,end,text') - 2 * len(row) - 2)}\n{row},b\n"
    assert table[:2000].endswith(f"\n{row}")
    assert isinstance(find_format(Document("talk.csv", table.encode())), SpeechTable)


def test_a_text_is_no_substation_where_looking_ends_behind_brackets() -> None:
    text = f"Maya: {'so it is ' * 442}\n[Events] come later.\nTom: Yes.\n"
    cut = text.index("]") + 1
    text = "a" * (4000 - cut) + text
    assert text[:4000].endswith("\n[Events]")
    assert not SubStation().recognizes(Head(b"", text))


def test_times_below_a_first_line_as_long_as_a_page_are_seen() -> None:
    text = f"{'A lamp that burns all night. ' * 600}\n00:05 Good evening.\n00:09 How far is it?\n00:12 Far.\n"
    assert isinstance(find_format(Document("talk.txt", text.encode())), TimedText)
