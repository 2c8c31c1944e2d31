"""Conversations in many scripts, written in the formats that Episodic reads, whole or damaged.

What goes in is known, so that it can be asked what comes out: every word, in order, and no speaker that
was not written as one. ``make speech COUNT=10000 SEED=1`` tries so many and shows those that go wrong.
"""

import random
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.front_matter import read_with_front_matter
from episodic.canonical.normalizers.registry import find_format
from episodic.canonical.sources import SourceType
from tests.canonical.normalizers.talks import LANGUAGES, Language, Talk, Turn, talk_in
from tests.canonical.normalizers.writers import CAPTIONS, NAMELESS, WRITERS


@dataclass(frozen=True, slots=True)
class Made:
    """A file, what it is taken for, and what must come out of it."""

    name: str
    data: bytes
    talk: Talk
    language: Language
    source_type: SourceType | None = SourceType.TRANSCRIPT
    how: str = ""


# The code pages that languages are still written in.
CODE_PAGES: Final = {
    "de": "cp1252", "fr": "cp1252", "es": "cp1252", "tr": "cp1254", "uk": "cp1251", "ru": "cp1251",
    "el": "cp1253", "he": "cp1255", "ar": "cp1256", "th": "cp874", "zh": "gb18030", "ja": "cp932",
    "ko": "cp949",
}  # fmt: skip

# --- damage


def _break_times(chance: random.Random, text: str) -> str:
    """Spoil the times of one cue in five, in ways that were seen."""

    def spoil(found: re.Match[str]) -> str:
        if chance.random() > 0.2:
            return found[0]
        return chance.choice(
            (
                found[0].replace(":", ".", 1).replace(":", ";", 1),
                found[0].replace("-->", "->"),
                found[0].replace("-->", "\u2192"),
                found[0].replace("-->", "--&gt;"),
                re.sub(r"[.,]\d{3}", "", found[0]),
                re.sub(r"([.,]\d{3})", r"\g<1>000", found[0]),
                re.sub(r"([.,]\d)\d\d", r"\1", found[0]),
                re.sub(r"\b00:(\d\d:)", r"\1", found[0]),
                re.sub(r"^\d\d", "xx", found[0]),
                f"  {found[0]}  ",
            )
        )

    return re.sub(r"^.*-->.*$", spoil, text, flags=re.MULTILINE)


def _lose_blank_lines(chance: random.Random, text: str) -> str:
    return re.sub(r"\n\n(?=\d)", lambda found: "\n" if chance.random() < 0.2 else found[0], text)


def _double_blank_lines(chance: random.Random, text: str) -> str:
    return re.sub(r"\n\n", lambda found: chance.choice(("\n\n", "\n\n\n", "\n \n")), text)


def _blank_lines_inside(chance: random.Random, text: str) -> str:
    return re.sub(r"(-->.*\n[^\n]+)\n(?=[^\n])", lambda found: found[1] + chance.choice(("\n", "\n\n")), text)


DAMAGE: Final = (_break_times, _lose_blank_lines, _double_blank_lines, _blank_lines_inside)


def make(seed: int, *, kind: str | None = None, tongue: str | None = None) -> Made:
    """Make a file of a seed, in a format and a language of its own choice or a given one."""
    chance = random.Random(seed)
    tongue = tongue or chance.choice(sorted(LANGUAGES))
    kind = kind or chance.choice(sorted(WRITERS))
    named = chance.random() < 0.6 and kind not in NAMELESS
    language = LANGUAGES[tongue]
    talk = talk_in(chance, language, named=named)
    if kind == "pdf" and _is_turned(talk):
        kind = "word_document"
    writer, ending = WRITERS[kind]
    written = writer(chance, talk, language)
    how = [f"seed {seed}", tongue, kind, "named" if named else "nobody named"]
    if isinstance(written, str):
        if kind in CAPTIONS and chance.random() < 0.4:
            damage = chance.choice(DAMAGE)
            written = damage(chance, written)
            how.append(damage.__name__)
        if chance.random() < 0.2:
            written = written.replace("\n", "\r\n")
            how.append("CRLF")
        encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))
        if tongue in CODE_PAGES and ending in {"srt", "txt"} and chance.random() < 0.2:
            encoding = CODE_PAGES[tongue]
        if ending in {"json", "srv1", "srv3"}:
            encoding = "utf-8"
        try:
            written = written.encode(encoding)
        except UnicodeEncodeError:  # somebody has a name from elsewhere
            encoding = "utf-8"
            written = written.encode(encoding)
        how.append(encoding)
    name = (
        f"talk.{ending}"
        if kind in CAPTIONS or ending not in {"txt", "md", "html", "docx", "pdf", "eml", "mhtml"}
        else f"transcript.{ending}"
    )
    hinted = SourceType.TRANSCRIPT if name.startswith("transcript") else None
    return Made(name, written, talk, language, hinted, ", ".join(how))


def _is_turned(talk: Talk) -> bool:
    """Whether there are letters, if only of a translator's credit, that are read from right to left.

    A page shows them so, where this writer sets every letter to the right of the one before: whoever reads
    what the page shows, as PDFium does, reads such words backwards.
    """
    letters = "".join(f"{turn.speaker or ''}{turn.text}" for turn in talk)
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in letters)


def squeezed(text: str) -> str:
    """A text without what formats may change: white space, directions, and how marks are composed."""
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]", "", unicodedata.normalize("NFC", text))


def spoken_in(talk: Sequence[Turn]) -> list[tuple[str | None, str]]:
    """Who says what: what one says in a row is one."""
    return [
        (speaker, squeezed("".join(turn.text for turn in turns)))
        for speaker, turns in groupby(talk, key=lambda turn: turn.speaker and squeezed(turn.speaker))
    ]


def heard(made: Made) -> list[tuple[str | None, str]] | str:
    """Who says what as Episodic reads it, or why it does not."""
    document = Document(made.name, made.data, made.source_type, {})
    try:
        structure = read_with_front_matter(find_format(document), document)
    except SourceError as error:
        return str(error)
    if not structure.utterances:
        return "no speech"
    return spoken_in([Turn(said.speaker, said.text) for said in structure.utterances])


def main() -> int:
    """Try so many conversations from a seed, and show those that do not come out as they went in."""
    count, seed = (int(argument) for argument in sys.argv[1:3])
    wrong = 0
    for number in range(seed, seed + count):
        made = make(number)
        expected, found = spoken_in(made.talk), heard(made)
        if found != expected:
            wrong += 1
            print(f"{made.how}:")
            if isinstance(found, str):
                print(f"  {found}")
                continue
            at = next((n for n, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), -1)
            print(f"  in  {expected[at] if expected else None}")
            print(f"  out {found[at] if found else None}")
    print(f"{wrong} of {count} wrong")
    return min(1, wrong)


if __name__ == "__main__":
    sys.exit(main())
