"""Transcript or notes, decided with the other sources in view.

A text without times and names looks like notes, and may still be what was said: the ``.txt`` that an engine
writes beside its captions, or a transcript pasted into a page. What shares most of its words, in order, with
a transcript is one. The words are compared by runs of three: two engines' texts of one episode share about
half of these, two texts about one topic a twentieth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from episodic.canonical.sources import (
    Doubt,
    NormalizedSource,
    PassageKind,
    SourceType,
    Utterance,
    public_name,
)
from episodic.canonical.text.tokens import tokenize

type _Runs = set[tuple[tuple[str, str], tuple[str, str]]]

_LEAST_WORDS: Final = 20
_LEAST_SHARE: Final = 0.3


def classify(sources: Sequence[NormalizedSource], guessed: Sequence[bool]) -> tuple[NormalizedSource, ...]:
    """Make transcripts of the notes that are some; the others stay as they are.

    Parameters
    ----------
    guessed
        Of which sources nobody said the type: only these may change it.

    Returns
    -------
    The sources in their order; one that changed has its passages as utterances and a note that says why.
    """
    transcripts = [source for source in sources if source.utterances]
    notes = [
        guess and source.source_type is SourceType.RESEARCH_NOTES and bool(source.passages)
        for source, guess in zip(sources, guessed, strict=True)
    ]
    spoken: dict[str, _Runs] = {}
    if any(notes):
        spoken = {source.uri: _runs(said.text for said in source.utterances) for source in transcripts}
    classified = (
        _as_transcript(source, spoken) if spoken and note else source
        for source, note in zip(sources, notes, strict=True)
    )
    return tuple(
        _doubted(source) if guess else source for source, guess in zip(classified, guessed, strict=True)
    )


def _doubted(source: NormalizedSource) -> NormalizedSource:
    """Say of prose that looks like speech how to have it read as that."""
    signals = source.signals
    if source.utterances or signals.like_speech is None:
        return source
    note = (
        f"taken for {source.source_type}, though {signals.like_speech};"
        f" --source transcript={source.uri} reads it as a transcript"
    )
    return replace(source, signals=signals.with_doubts(Doubt.guessed(note)))


def _as_transcript(source: NormalizedSource, spoken: dict[str, _Runs]) -> NormalizedSource:
    own = _runs(passage.text for passage in source.passages)
    if len(own) < _LEAST_WORDS:
        return source
    shares = {uri: len(own & runs) / len(own) for uri, runs in spoken.items()}
    nearest = max(shares, key=lambda uri: (shares[uri], uri))
    if shares[nearest] < _LEAST_SHARE:
        return source
    said = tuple(
        Utterance(passage.text, passage.where)
        for passage in source.passages
        if passage.kind is not PassageKind.HEADING
    )
    note = (
        f"read as a transcript, for {shares[nearest]:.0%} of its words stand in the same order in "
        f"{public_name(nearest)}; --source research_notes={source.uri} keeps it notes"
    )
    signals = replace(source.signals, speaker_coverage=0.0, timing_coverage=0.0)
    signals = signals.with_doubts(Doubt.guessed(note))
    return replace(source, source_type=SourceType.TRANSCRIPT, utterances=said, passages=(), signals=signals)


def _runs(texts: Iterable[str]) -> _Runs:
    """The runs of three words, each as two pairs."""
    return set(pairwise(pairwise(key for key in tokenize(texts).keys if key)))
