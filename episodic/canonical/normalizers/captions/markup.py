"""What is markup in a cue, and what is text: each format's own, and nothing else.

WebVTT has the tags of its specification (https://www.w3.org/TR/webvtt1/, section 6.4): ``c i b u v lang ruby
rt`` and times. SubRip has what players agree on: ``b i u s font``, and overrides in braces. All else was
said, or meant to be read: "a < b and c > d", ``List<String>``, ``<div>``. A parser of WebVTT drops such tags
by the letter of the specification; captions of talk about code would lose what is talked about.
"""

import html
import re
from collections.abc import Callable, Sequence
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

# Text without markup, in the parts that voice spans make of it; `None` where no voice is named.
type Markup = Callable[[str], Sequence[tuple[str | None, str]]]

# No "<" inside a tag: one that nothing closes must not be read to the end of the file from every "<".
_VTT_TAG: Final = pattern(
    r"<(?P<end>/?)(?:(?P<name>v|lang)(?:\.[^\s<>.&]+)*(?:[ \t\n](?P<annotation>[^<>]*))?"
    r"|(?:c|i|b|u|ruby|rt)(?:\.[^\s<>.&]+)*)>|</?(?:font\b[^<>]*)?>|<\d+:[\d:.]*>",
    re.IGNORECASE,
)
# How a character is read, above it: the word a second time.
_READING: Final = pattern(r"<rt(?:\.[^\s<>.&]+)*>[^<]*(?:</rt>|(?=</ruby>))", re.IGNORECASE)
_SRT_TAG: Final = pattern(r"</?(?:b|i|u|s|font(?:\s[^<>\n]*)?)>|\{\\[^{}\n]*\}", re.IGNORECASE)
_VOICE: Final = pattern(r"<v(?:\.[^\s<>.&]+)*[ \t][^<>\n]+>")  # in SubRip that a program made of WebVTT
_REFERENCE: Final = pattern(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# With what Episodic parts signs that were said, and are no markup.
_APART: Final = pattern("(?<=[<{&])\N{WORD JOINER}|(?<=--)\N{WORD JOINER}(?=>)")
_ENDLESS: Final = pattern(r"&#\d{8,};?")


def webvtt_markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags out of a payload and character references back in; a part for each voice."""
    if "<" not in payload:
        return ((None, _unescaped(payload)),)
    payload = payload.replace("<c>", "").replace("</c>", "")  # of each word that rolls
    lowered = payload.lower()
    if "<rt" in lowered:
        payload = _READING.sub("", payload)
    if "<v" not in lowered:
        text = _unescaped(_VTT_TAG.sub("", payload))
        return ((None, text),) if text else ()
    parts: list[tuple[str | None, list[str]]] = []
    voices: list[str | None] = [None]  # the innermost last: a voice that nothing closed lasts to the next
    position = 0

    def close(end: int) -> None:
        text = _unescaped(payload[position:end])
        if parts and parts[-1][0] == voices[-1]:
            parts[-1][1].append(text)
        elif text:
            parts.append((voices[-1], [text]))

    for tag in _VTT_TAG.finditer(payload):
        close(tag.start())
        position = tag.end()
        if (tag["name"] or "").lower() == "v":
            if not tag["end"]:
                voices.append(fold(_unescaped(tag["annotation"] or "")) or None)
            elif len(voices) > 1:
                voices.pop()
    close(len(payload))
    return [(voice, "".join(texts)) for voice, texts in parts]


def subrip_markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags and overrides out of a payload, and the character references that web tools leave in it."""
    if _VOICE.search(payload):
        return webvtt_markup(payload)
    text = _SRT_TAG.sub("", payload)
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return ((None, _APART.sub("", text)),)


def word_stamp(seconds: float) -> str:
    """A time before a word, as WebVTT writes it."""
    return f"<{int(seconds // 60):02}:{seconds % 60:06.3f}>"


def _unescaped(text: str) -> str:
    """Text with its character references resolved; a number that is no character's is U+FFFD."""
    try:
        return html.unescape(text)
    except ValueError:  # it has more digits than Python converts
        return html.unescape(_ENDLESS.sub("\ufffd", text))
