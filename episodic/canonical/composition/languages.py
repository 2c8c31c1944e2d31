"""The language of witnesses that name none, where somebody has to know it.

Sources name their language seldom. Where none of them does, it is that of the series, or is detected, so that
the episode has one; that of one that shares hardly a word with the others is detected, by which it is
set apart by name. Where a feed says it and the transcripts are alike, nothing is detected.
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
    sources: Sequence[NormalizedSource], usual: str | None, detect: DetectLanguage
) -> tuple[NormalizedSource, ...]:
    """Give the sources whose language matters and that name none the one that they are in, with a note.

    Parameters
    ----------
    usual
        The language of the series, which is that of what is not strange to the other transcripts.
    """
    transcripts = [source for source in sources if source.utterances]
    told_by_some = any(source.language for source in sources)
    # Words are compared only where it matters, which takes a quarter of what detecting does.
    strange = set(map(id, _strange(transcripts))) if told_by_some or usual else set[int]()
    if told_by_some:
        wanted = strange
    else:
        wanted = set(map(id, transcripts or [source for source in sources if source.passages]))

    def told(source: NormalizedSource) -> NormalizedSource:
        if source.language or id(source) not in wanted:
            return source
        if usual and id(source) not in strange:
            return _noted(source, usual, f"of the series: {usual}")
        return _told(source, detect)

    return tuple(map(told, sources))


def _strange(transcripts: Sequence[NormalizedSource]) -> Sequence[NormalizedSource]:
    """Take those that share hardly a word with any other."""
    if len(transcripts) < 2:
        return ()
    words = {id(source): _words(source) for source in transcripts}
    return [
        source
        for source in transcripts
        if all(
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
    samples = f"detected: {detected.language}, in {detected.agreeing} of {detected.samples} samples"
    return _noted(source, detected.language, samples)


def _noted(source: NormalizedSource, language: str, why: str) -> NormalizedSource:
    signals = replace(source.signals, notes=(*source.signals.notes, f"language {why}"))
    return replace(source, language=language, signals=signals)


def _texts(source: NormalizedSource) -> Iterator[str]:
    for utterance in source.utterances:
        yield utterance.text
    for passage in source.passages:
        yield passage.text
