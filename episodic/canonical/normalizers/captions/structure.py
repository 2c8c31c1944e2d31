"""From the cues of any caption format to a source's structure."""

import html
from collections.abc import Sequence

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.captions.cues import Cue, CueReader, told
from episodic.canonical.normalizers.captions.markup import Markup, webvtt_markup
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.dialogue import covered, fold
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.sources import Claim, Signals


def caption_structure(
    document: Document,
    decoded: Decoded,
    cues: Sequence[Cue],
    *,
    markup: Markup = webvtt_markup,
    language: str | None = None,
    claims: tuple[Claim, ...] = (),
    notes: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
    damage: float = 0.0,
    well_formed: bool = True,
) -> Structure:
    """The structure of a file with these cues.

    Parameters
    ----------
    markup
        What is markup in their payloads.
    notes, doubts, damage, well_formed
        As in `Signals`, beside what decoding found.

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
    if backwards:
        doubts = (*doubts, f"cues that end before they start: {len(backwards)}, the first is {backwards[0]}")
    signals = Signals(
        damage=min(1.0, decoded.damage + damage),
        well_formed=well_formed and not backwards,
        notes=(*notes, *made),
        doubts=(*decoded.doubts, *doubts),
    )
    return Structure(
        language=language, claims=claims, utterances=utterances, signals=covered(signals, utterances)
    )


def unread_times(reader: CueReader, cues: Sequence[Cue]) -> tuple[str, ...]:
    """What there is to say of cues whose times cannot be read; their words stay."""
    if not (unread := reader.unread):
        return ()
    places = set(unread)
    words = {cue[0]: len(fold(cue[3]).split()) for cue in cues}
    lost = sum(words[place] for place in places)
    share = f"{lost:,} of {sum(words.values()):,} words without times"
    return (f"{share}: {len(unread):,} cues whose times cannot be read, the first is {unread[0]}",)


def unread_share(reader: CueReader, cues: Sequence[Cue]) -> float:
    """The share of the cues whose times cannot be read."""
    return len(reader.unread) / max(1, len(cues))


def words_before(reader: CueReader) -> tuple[str, ...]:
    """What there is to say of text before the first cue, which is no speech of any time."""
    words = fold(" ".join(reader.before))
    if not words:
        return ()
    return (f"{len(words.split()):,} words left out: they stand before the first cue",)


def voiced(speaker: str | None, words: str) -> str:
    """Words as a payload of WebVTT, in the voice of a speaker where there is one."""
    words = html.escape(words, quote=False)
    if not speaker:
        return words
    name = " ".join(html.escape(speaker, quote=False).split())
    return f"<v {name}>{words}</v>"
