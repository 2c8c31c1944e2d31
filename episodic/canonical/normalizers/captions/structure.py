"""From the cues of any caption format to a source's structure."""

import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.captions.cues import Cue, CueReader, told
from episodic.canonical.normalizers.captions.markup import Markup, webvtt_markup
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.dialogue import covered
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.sources import Claim, Doubt, Signals

_UNJUDGED: Final = Signals()


def caption_structure(
    document: Document,
    decoded: Decoded,
    cues: Sequence[Cue],
    *,
    markup: Markup = webvtt_markup,
    language: str | None = None,
    claims: tuple[Claim, ...] = (),
    signals: Signals = _UNJUDGED,
) -> Structure:
    """The structure of a file with these cues.

    Parameters
    ----------
    markup
        What is markup in their payloads.
    signals
        What there is to say beside what decoding found.

    Raises
    ------
    SourceError
        When no cue has words.
    """
    utterances, made = told(cues, markup)
    if not utterances:
        raise SourceError(document.uri, "has no cue with text; is it the right file?")
    backwards = [
        where for where, start, end, _ in cues if start is not None and end is not None and end < start
    ]
    doubts = (*decoded.doubts, *signals.doubts)
    if backwards:
        wrong = f"cues that end before they start: {len(backwards)}, the first is {backwards[0]}"
        doubts = (*doubts, Doubt.damaged(wrong))
    signals = replace(
        signals,
        damage=min(1.0, decoded.damage + signals.damage),
        well_formed=signals.well_formed and not backwards,
        notes=(*signals.notes, *made),
        doubts=doubts,
    )
    return Structure(
        language=language, claims=claims, utterances=utterances, signals=covered(signals, utterances)
    )


def left_out(before: str, cues: Sequence[Cue]) -> Signals:
    """What there is to say of text before the first cue, which is no speech of any time."""
    if not (words := len(before.split())):
        return Signals()
    total = words + sum(len(payload.split()) for *_, payload in cues)
    doubt = Doubt.left_out(f"{words:,} of {total:,} words left out: they stand before the first cue")
    return Signals(lost=words / total, doubts=(doubt,))


def without_times(unread: Sequence[Cue], cues: Sequence[Cue]) -> Signals:
    """What there is to say of cues whose times cannot be read; their words stay."""
    if not unread:
        return Signals()
    words, said = (sum(len(payload.split()) for *_, payload in some) for some in (unread, cues))
    noun = "cue" if len(unread) == 1 else "cues"
    why = f"{len(unread):,} {noun} whose times cannot be read, the first is {unread[0][0]}"
    doubt = Doubt.left_out(f"{words:,} of {said:,} words without times: {why}")
    return Signals(damage=len(unread) / len(cues), well_formed=False, doubts=(doubt,))


def reading(reader: CueReader, cues: Sequence[Cue]) -> Signals:
    """What there is to say of how cues were read: times that cannot be, and text before the first of them."""
    places = set(reader.unread)
    untimed = without_times([cue for cue in cues if cue[0] in places], cues)
    before = left_out(" ".join(reader.before), cues)
    return replace(untimed, lost=before.lost, doubts=(*untimed.doubts, *before.doubts))


def voiced(speaker: str | None, words: str) -> str:
    """Words as a payload of WebVTT, in the voice of a speaker where there is one."""
    words = html.escape(words, quote=False)
    if not speaker:
        return words
    name = " ".join(html.escape(speaker, quote=False).split())
    return f"<v {name}>{words}</v>"
