"""From bytes to text: byte order mark, declaration, UTF-8, or a guess, and what got damaged on the way."""

import codecs
import contextlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.sources import Doubt, Signals
from episodic.canonical.text.patterns import pattern

_MARKS: Final = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What is meant by the names of narrower encodings, as browsers have it (the WHATWG's Encoding Standard).
_WIDER: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "euc_kr": "cp949",
    "shift_jis": "cp932", "shift_jis_2004": "cp932",
}  # fmt: skip
# What texts without a mark are in, outside of museums: chardet knows 85 encodings, and in a short text those
# of DOS, the Macintosh and mainframes are as likely as the right one.
_LATIN: Final = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "iso8859-1", "iso8859-2", "iso8859-9")
_OTHERS: Final = (
    "cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp1253", "iso8859-7", "cp1255", "cp1256", "cp874", "gb18030",
    "big5hkscs", "cp932", "shift_jis_2004", "euc_jis_2004", "cp949",
)  # fmt: skip
_GUESS_BYTES: Final = 256 * 2**10
# UTF-8 that someone before us read as windows-1252: the lead byte as a letter, continuation bytes as signs.
_MOJIBAKE: Final = pattern(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u2018-\u2122]|\u00e2\u20ac."
)
# In windows-1252 signs, in other code pages letters: where they touch small letters, they are letters.
_SIGN_IN_WORD: Final = pattern("[a-z][\u00a1-\u00b6\u00b8-\u00bf]|[\u00a1-\u00b6\u00b8-\u00bf][a-z]")
# The two Greek ones differ in an accented capital.
_ISO_GREEK: Final = pattern(b"\xb6[\xc1-\xfe]")
# What no text begins with: to guess what it may be in takes three times as long as to read a Word document.
_BINARY: Final = (b"PK\x03\x04", b"%PDF-")
_NO_TEXT: Final = "is binary data in no known format; give a text, or the file it was made from"
_CONTROLS: Final = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1b"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how it came out of the bytes.

    Parameters
    ----------
    text
        Without byte order mark; line ends are LF and NUL is U+FFFD.
    damage
        Share of its characters that are not what the author wrote.
    doubts
        What was guessed or lost, as in `Signals`.
    """

    text: str = field(repr=False)
    encoding: str
    damage: float = 0.0
    doubts: tuple[Doubt, ...] = ()

    @property
    def signals(self) -> Signals:
        """What this says of the source's quality."""
        return Signals(damage=self.damage, doubts=self.doubts)


def decode(data: bytes, declared: str | None = None, whole: bytes = b"") -> Decoded:
    """Decode bytes: by their mark, by `declared`, as UTF-8, or by what the text most likely is.

    Parameters
    ----------
    declared
        The encoding that they say they have.
    whole
        What they are the beginning of, by all of which is guessed.

    Raises
    ------
    UnreadableError
        When the bytes are no text in any encoding.
    """
    if data.startswith(_BINARY):
        raise UnreadableError(_NO_TEXT)
    doubts: list[Doubt] = []
    mark, encoding = byte_order_mark(data)
    if mark:
        text = data[len(mark) :].decode(encoding, errors="replace")
    else:
        text, encoding = _without_mark(data, declared, whole or data, doubts)
    return _examined(text, encoding, doubts)


def byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """Give the mark that bytes begin with and the encoding that it stands for; both empty without one."""
    return next((each for each in _MARKS if data.startswith(each[0])), (b"", ""))


def _examined(text: str, encoding: str, doubts: list[Doubt]) -> Decoded:
    """Text with its line ends made one, and what is wrong with it; raises `UnreadableError`."""
    if "\r" in text:
        # CRLF written as a text under Windows got another CR. A line end each, or all lines stand apart.
        if (doubled := text.count("\r\r\n")) and doubled * 2 > text.count("\n"):
            text = text.replace("\r\r\n", "\n")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    damaged = 0
    if not text.isascii() or "\0" in text:
        text = text.replace("\0", "\ufffd")
        if lost := text.count("\ufffd"):
            damaged += lost
            doubts.append(Doubt.damaged(f"characters that could not be decoded: {lost}"))
        if any(sign in text for sign in ("\u00c2", "\u00c3", "\u00e2\u20ac")) and (
            garbled := _MOJIBAKE.findall(text)
        ):
            damaged += sum(map(len, garbled))
            garbage = f"characters garbled by a wrong encoding before: {len(garbled)}, as {garbled[0]!r}"
            doubts.append(Doubt.damaged(garbage))
        else:
            text = text.replace("\u00ad", "")  # where a word may be broken
    if _is_binary(text):
        raise UnreadableError(_NO_TEXT)
    return Decoded(text, encoding, damaged / max(1, len(text)), tuple(doubts))


def decode_head(whole: bytes, most: int) -> str:
    """Decode the first bytes of a source, of which the last character may be cut off."""
    data = whole[:most]
    if byte_order_mark(data)[1] in {"", "utf-8"}:
        try:
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(data)
        except UnicodeDecodeError:
            pass
        else:
            if "\0" not in text:
                return _examined(text, "utf-8", []).text
    return decode(data, whole=whole).text


def _without_mark(data: bytes, declared: str | None, whole: bytes, doubts: list[Doubt]) -> tuple[str, str]:
    if declared is not None:
        with contextlib.suppress(LookupError, ValueError):
            encoding = codecs.lookup(declared).name
            encoding = _WIDER.get(encoding, encoding)
            # The declaration was found in ASCII, which UTF-16 is not. Programs declare that, or the encoding
            # of the machine that they run on, and write UTF-8, which no other text is by chance.
            is_ours = encoding == "utf-8" or data.isascii() or not _is_utf8(data)
            if is_ours and b"<?".decode(encoding) == "<?":
                return data.decode(encoding), encoding
        doubts.append(Doubt.damaged(f"is not in the encoding {declared!r} that it declares"))
    if sixteen := _utf16_without_mark(data):
        return data.decode(sixteen, errors="replace"), sixteen
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        pass
    text = data.decode(errors="replace")
    encoding = "utf-8" if _is_damaged_utf8(text) else _guess(whole[:_GUESS_BYTES])
    if encoding != "utf-8":
        doubts.append(Doubt.guessed(f"decoded as {encoding}, a guess"))
        text = data.decode(encoding, errors="replace")
    return text, encoding


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(text: str) -> bool:
    """Whether `text`, decoded as UTF-8, had to be that: sequences of several bytes seldom arise by chance."""
    sample = text[:_GUESS_BYTES]
    errors = sample.count("\ufffd")
    return sum(1 for character in sample if character > "\u007f") >= 2 * errors


def _utf16_without_mark(data: bytes) -> str | None:
    """Text in UTF-16 has NUL in one half of its bytes: of spaces, digits and line ends in any script.

    So have numbers of 16 bits, of which many are no characters.
    """
    sample = data[:4096]
    big, little = sample[::2].count(0), sample[1::2].count(0)
    encoding, zeros = ("utf-16-le", little) if little > big else ("utf-16-be", big)
    if zeros * 20 < len(sample) or min(big, little) * 20 > len(sample):
        return None
    text = sample.decode(encoding, errors="replace")
    shown = sum(character.isprintable() or character.isspace() for character in text)
    return encoding if shown * 10 >= len(text) * 9 and len(sample) >= 4 else None


@lru_cache(2)  # the head of a source is decoded first, and then all of it
def _guess(sample: bytes) -> str:
    """What chardet takes the bytes for, among the encodings that its letters can be in.

    In a text whose letters are ASCII but for a few, those few are accented Latin. Where there are only signs
    (a degree, a half, quotation marks), and where it is as likely, it is windows-1252, the most common.
    """
    import chardet

    western = sample.decode("cp1252", errors="replace")
    foreign = [character for character in western if character > "\u007f"]
    if "\ufffd" not in foreign and not any(map(str.isalpha, foreign)) and not _SIGN_IN_WORD.search(western):
        return "cp1252"
    latin = len(foreign) * 4 < sum(map(str.isalpha, western))
    found = chardet.detect_all(
        sample,
        ignore_threshold=True,
        include_encodings=_LATIN if latin else (*_LATIN, *_OTHERS),
        compat_names=False,
    )
    likely = {one["encoding"]: one["confidence"] for one in reversed(found)}
    best = found[0]["encoding"] or "cp1252"
    if best == "iso8859-7" and _ISO_GREEK.search(sample) is None:
        best = "cp1253"
    as_likely = likely.get("cp1252", 0.0) >= 0.95 * found[0]["confidence"]
    return "cp1252" if as_likely else _WIDER.get(best, best)


def _is_binary(text: str) -> bool:
    sample = text[:8192]
    data = sample.encode(errors="replace")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls + sample.count("\ufffd") > len(sample) * 0.1
