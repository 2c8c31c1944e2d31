"""From the cues of any caption format to a source's structure, in the way of WebVTT."""

import html
from collections.abc import Sequence

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.captions.cues import Captions, Cue
from episodic.canonical.normalizers.captions.webvtt import markup
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.sources import Claim, Signals


def caption_structure(
    document: Document,
    decoded: Decoded,
    cues: Sequence[Cue],
    *,
    language: str | None = None,
    claims: tuple[Claim, ...] = (),
    notes: tuple[str, ...] = (),
    well_formed: bool = True,
) -> Structure:
    """The structure of a file with these cues, whose payloads have the markup of WebVTT.

    Raises
    ------
    SourceError
        When no cue has words.
    """
    # What is looked for in the whole of a file is looked for in the form that WebVTT has.
    captions = Captions("\n\n".join([f"-->\n{payload}" for *_, payload in cues]), markup)
    utterances = captions.utterances(cues)
    if not utterances:
        raise SourceError(document.uri, "has no cue with text; is it the right file?")
    speakers, times = captions.coverage(utterances)
    return Structure(
        language=language,
        claims=claims,
        utterances=utterances,
        signals=Signals(
            speaker_coverage=speakers,
            timing_coverage=times,
            damage=decoded.damage,
            well_formed=well_formed,
            notes=(*decoded.notes, *notes, *captions.notes()),
        ),
    )


def voiced(speaker: str | None, words: str) -> str:
    """Words as a payload of WebVTT, in the voice of a speaker where there is one."""
    words = html.escape(words, quote=False)
    if not speaker:
        return words
    name = " ".join(html.escape(speaker, quote=False).split())
    return f"<v {name}>{words}</v>"
