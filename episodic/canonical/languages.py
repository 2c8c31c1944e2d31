"""The language of witnesses that name none, where somebody has to know it.

Sources name their language seldom. It is detected where none of them does, so that the episode has one, and
for a transcript that shares hardly a word with the others, so that it can be set apart by name. Where a feed
says it and the transcripts are alike, nothing is detected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from episodic.canonical.ports import DetectLanguage
from episodic.canonical.sources import NormalizedSource

_SAMPLE_WORDS: Final = 3000
# Two transcripts of one conversation share most of their words, those of two languages names and little else.
_STRANGE_SHARE: Final = 0.15


def tell_languages(
    sources: Sequence[NormalizedSource], detect: DetectLanguage
) -> tuple[NormalizedSource, ...]:
    """Give the sources whose language matters and that name none the one that they are in, with a note."""
    wanted = set(map(id, _untold(sources)))
    return tuple(_told(source, detect) if id(source) in wanted else source for source in sources)


def _untold(sources: Sequence[NormalizedSource]) -> Sequence[NormalizedSource]:
    transcripts = [source for source in sources if source.utterances]
    if not any(source.language for source in sources):
        return transcripts or [source for source in sources if source.passages]
    if len(transcripts) < 2:
        return ()
    words = {id(source): _words(source) for source in transcripts}
    return [
        source
        for source in transcripts
        if not source.language
        and all(
            _shared(words[id(source)], words[id(other)]) < _STRANGE_SHARE
            for other in transcripts
            if other is not source
        )
    ]


def _words(source: NormalizedSource) -> set[str]:
    words: list[str] = []
    for utterance in source.utterances:
        words += utterance.text.casefold().split()
        if len(words) > _SAMPLE_WORDS:
            break
    return set(words)


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _told(source: NormalizedSource, detect: DetectLanguage) -> NormalizedSource:
    detected = detect(" ".join(_texts(source)))
    if detected is None:
        return source
    note = f"language detected: {detected.language}, in {detected.agreeing} of {detected.samples} samples"
    signals = replace(source.signals, notes=(*source.signals.notes, note))
    return replace(source, language=detected.language, signals=signals)


def _texts(source: NormalizedSource) -> Iterator[str]:
    for utterance in source.utterances:
        yield utterance.text
    for passage in source.passages:
        yield passage.text
