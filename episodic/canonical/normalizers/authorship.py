"""Whether a transcript says that a person corrected it, or that a program wrote it.

Only short lines at its ends are asked, and what was left out of the speech: notes, heads and feet. A program
may write what a person corrects, so that the latter counts; "not corrected by a person" is a program's.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from episodic.canonical.normalizers.decoding import byte_order_mark
from episodic.canonical.text.patterns import pattern

_END_BYTES: Final = 2**10
_LONGEST_LINE: Final = 200
_PROGRAMS: Final = (
    r"https?://|ai\b|whisper|macwhisper|openai|otter\b|descript\b|sonix|trint\b|happy ?scribe|zoom\b|teams\b"
    r"|microsoft|google|youtube|riverside|fireflies|fathom|assembly ?ai|deepgram|speechmatics|amazon|aws\b"
    r"|gladia|turboscribe|notta\b|tactiq|podcastle|buzzsprout|rev\.ai|vosk|parakeet|software"
)
# The lines that they search are without capitals.
_PROGRAM: Final = pattern(
    r"\b(?:automatically|auto|machine|computer|ai)[- ](?:generated|transcribed|created)\b"
    r"|\b(?:transcript(?:ion)?|captions|subtitles) (?:was |were |is )?(?:automatically )?generated\b"
    r"|\b(?:transcribed|transcript(?:ion)?|captions|subtitles|created|provided|generated|generator|engine)"
    rf"(?: by| with| using|:)+ *(?:{_PROGRAMS})|\b(?:started|stopped) transcription$"
    r"|\b(?:automatisch|maschinell) (?:erstellt|erzeugt|generiert|transkribiert)"
    r"|\b(?:générée?|transcrite?|créée?)s? automatiquement|\btranscription automatique"
    r"|\b(?:generad|transcrit|cread)[oa]s? (?:automáticamente|de forma automática)"
    r"|\btranscripción automática"
)
_PERSON: Final = pattern(
    r"(?:corrected|proofread|revised)\b.{0,30} by\b|(?:korrigiert|lektoriert|überarbeitet)\b.{0,30} von\b"
    r"|(?:corrigé|relu|révisé)e?s? (?:par|à la main)\b|(?:corregid|revisad)[oa]s? (?:por|a mano)\b"
    r"|(?:edited|reviewed|checked|transcribed|typed) by (?:hand|humans?|a (?:human|person))\b"
)
# What may stand before it on its line: marks, tags, WebVTT's word for a note.
_BEFORE: Final = pattern(
    r"(?:[\W_]|<[^<>]*>)*(?:note\b\W*)?(?:(?:this|the) )?(?:transcript(?:ion)? (?:was |is |has been )?)?"
)
# Every line that says it has one of these: they are found a hundred times faster than the patterns.
_STEMS: Final = (
    "generat", "transcri", "creat", "caption", "subtitle", "provided", "engine", "automati", "automáti",
    "maschinell", "corr", "proofread", "revis", "révis", "korrigiert", "lektoriert", "überarbeitet", "relu",
    "ed by ",
)  # fmt: skip
_DENIED: Final = pattern(r"\b(?:not|never|nicht|pas|no|sin)\b|\bwithout\b")


def corrected_by_hand(data: bytes, left_out: Iterable[str]) -> bool | None:
    """Tell what a transcript says of who made it.

    Parameters
    ----------
    data
        The document, in whatever encoding.
    left_out
        What else stands in it and nobody says.

    Returns
    -------
    Whether a person corrected it, ``False`` where only a program is named, ``None`` where it says nothing.
    """
    says = None
    for line in _telling("\n".join(chain(_ends(data), left_out)).casefold()):
        is_program = _PROGRAM.search(line) is not None
        before = _BEFORE.match(line)
        found = _PERSON.search(line) if is_program else _PERSON.match(line, before.end() if before else 0)
        if found and not _DENIED.search(line):
            return True
        if is_program:
            says = False
    return says


def _telling(text: str) -> Iterator[str]:
    """Yield the short lines that have one of the stems."""
    stems = [stem for stem in _STEMS if stem in text]
    lines = [line for line in text.splitlines() if len(line) <= _LONGEST_LINE] if stems else ()
    for stem in stems:
        yield from (line.strip() for line in lines if stem in line)


def _ends(data: bytes) -> Iterator[str]:
    """The beginning and the end."""
    ends = (data,) if len(data) <= 2 * _END_BYTES else (data[:_END_BYTES], data[-_END_BYTES:])
    encoding = byte_order_mark(data)[1] or "utf-8"
    return (end.decode(encoding, errors="ignore").removeprefix("\ufeff") for end in ends)
