"""SAMI (https://learn.microsoft.com/previous-versions/windows/desktop/dnacc/understanding-sami-1.0).

pysubs2 makes up where its captions end and mixes its languages; here each lasts to the next of its language.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

from episodic.canonical.normalizers.captions.structure import caption_structure
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.statements import field_claims
from episodic.canonical.sources import Doubt, Signals, Utterance
from episodic.canonical.text.patterns import pattern

_ROOT: Final = pattern(r"\s*+(?:<!--.*?-->\s*+)*+<SAMI[\s>]", re.DOTALL | re.IGNORECASE)
_SYNC: Final = pattern(r"<SYNC\s[^<>]*?Start\s*=\s*[\"']?(\d{1,10})[^<>]*>", re.IGNORECASE | re.ASCII)
_PARAGRAPH: Final = pattern(r"<P(?:\s[^<>]*)?>", re.IGNORECASE)
_PARAGRAPH_CLASS: Final = pattern(r"\sClass\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_TITLE: Final = pattern(r"<TITLE>([^<]*)</TITLE>", re.IGNORECASE)
_BREAK: Final = pattern(r"<br\s*/?>", re.IGNORECASE)
_TAG: Final = pattern(r"</?[A-Za-z][^<>]*>|<!--(?:[^-]|-(?!->))*+(?:-->)?")
_CLASS: Final = pattern(r"\.([\w-]+)\s*\{([^{}]*)\}")
_LANGUAGE: Final = pattern(r"\blang\s*:\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)", re.IGNORECASE)

# From when on something is shown, and what; nothing takes away what was shown before.
type Shown = list[tuple[float, str]]


class Sami(Format):
    """SAMI: what is shown from a time on, in one language or several."""

    name = "sami"
    title = "SAMI"
    suffixes = (".smi", ".sami")

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return _ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read the language that most is said in; others are named."""
        decoded = document.decode()
        begin = _SYNC.search(decoded.text)
        styles = {
            name.lower(): rules
            for name, rules in _CLASS.findall(decoded.text[: begin.start() if begin else 0])
        }
        languages = _languages(decoded.text)
        said = {name: sum(len(text) for _, text in shown) for name, shown in languages.items()}
        chosen = max(said, key=lambda name: said[name], default="")
        others = [name for name in said if name != chosen and said[name]]
        doubts = (Doubt.left_out(f"languages left out: {', '.join(others)}"),) if others else ()
        language = _LANGUAGE.search(styles.get(chosen, ""))
        title = _TITLE.search(decoded.text[: begin.start() if begin else 0])
        return caption_structure(
            decoded,
            list(_cues(languages.get(chosen, []))),
            language=language[1] if language else None,
            claims=tuple(field_claims("title", _plain(title[1]), "<title>")) if title else (),
            signals=Signals(doubts=doubts),
        )


def _languages(text: str) -> dict[str, Shown]:
    """What is shown, by the class of its paragraphs."""
    languages: dict[str, Shown] = {}
    _, *parts = _SYNC.split(text)
    for start, block in zip(parts[::2], parts[1::2], strict=True):
        paragraphs = list(_PARAGRAPH.finditer(block))
        ends = [paragraph.start() for paragraph in paragraphs[1:]]
        for paragraph, end in zip(paragraphs, [*ends, len(block)], strict=False):
            named = _PARAGRAPH_CLASS.search(paragraph[0])
            shown = languages.setdefault(named[1].lower() if named else "", [])
            shown.append((int(start) / 1000, _plain(block[paragraph.end() : end])))
    return languages


def _plain(markup: str) -> str:
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", markup))).replace("\xa0", " ").strip()


def _cues(shown: Shown) -> Iterator[Utterance]:
    for number, (start, text) in enumerate(shown, 1):
        if text:
            end = shown[number][0] if number < len(shown) else start
            yield Utterance(text, f"cue {number}", None, start, end)
