"""From the cues of any caption format to a source's structure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.cues import CueReader, told
from episodic.canonical.normalizers.captions.markup import Markup
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.format import Structure
from episodic.canonical.normalizers.speech.dialogue import covered
from episodic.canonical.sources import Claim, Doubt, Signals, Utterance

_UNJUDGED: Final = Signals()


def caption_structure(
    decoded: Decoded,
    cues: Sequence[Utterance],
    *,
    markup: Markup | None = None,
    language: str | None = None,
    claims: tuple[Claim, ...] = (),
    signals: Signals = _UNJUDGED,
) -> Structure:
    """The structure of a file with these cues.

    Parameters
    ----------
    markup
        What is markup in their texts; ``None`` where it was taken out.
    signals
        What there is to say beside what decoding found.

    Raises
    ------
    UnreadableError
        When no cue has words.
    """
    utterances, made, guessed = told(cues, markup)
    if not utterances:
        raise UnreadableError("has no cue with text; is it the right file?")
    backwards = [
        cue.where for cue in cues if cue.start is not None and cue.end is not None and cue.end < cue.start
    ]
    wrong = f"cues that end before they start: {len(backwards)}, the first is {', '.join(backwards[:1])}"
    signals = replace(
        signals,
        damage=min(1.0, decoded.damage + signals.damage),
        well_formed=signals.well_formed and not backwards,
        notes=(*signals.notes, *made),
        doubts=(*decoded.doubts, *signals.doubts, *guessed),
    ).with_doubts(*([Doubt.damaged(wrong)] if backwards else ()))
    return Structure(
        language=language, claims=claims, utterances=utterances, signals=covered(signals, utterances)
    )


def left_out(before: str, cues: Sequence[Utterance]) -> Signals:
    """What there is to say of text before the first cue, which is no speech of any time."""
    if not (words := len(before.split())):
        return Signals()
    total = words + _words(cues)
    doubt = Doubt.left_out(f"{words:,} of {total:,} words left out: they stand before the first cue")
    return Signals(lost=words / total, doubts=(doubt,))


def without_times(unread: Sequence[Utterance], cues: Sequence[Utterance]) -> Signals:
    """What there is to say of cues whose times cannot be read; their words stay."""
    if not unread:
        return Signals()
    words, said = _words(unread), _words(cues)
    noun = "cue" if len(unread) == 1 else "cues"
    why = f"{len(unread):,} {noun} whose times cannot be read, the first is {unread[0].where}"
    doubt = Doubt.left_out(f"{words:,} of {said:,} words without times: {why}")
    return Signals(damage=len(unread) / len(cues), well_formed=False, doubts=(doubt,))


def reading(reader: CueReader, cues: Sequence[Utterance]) -> Signals:
    """What there is to say of how cues were read: times that cannot be, and text before the first of them."""
    untimed = without_times([cue for cue in cues if cue.start is None], cues)
    before = left_out(" ".join(reader.before), cues)
    assumed = reader.timecodes.doubts if reader.timecodes else ()
    signals = replace(untimed, lost=before.lost).with_doubts(*before.doubts, *assumed)
    if not (reader.broken_off and cues):
        return signals
    broken = f"breaks off where a cue begins, after {cues[-1].where}; is it the whole file?"
    return replace(signals.with_doubts(Doubt.damaged(broken)), well_formed=False)


def _words(cues: Sequence[Utterance]) -> int:
    return sum(len(cue.text.split()) for cue in cues)
