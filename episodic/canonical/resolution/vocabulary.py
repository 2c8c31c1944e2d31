"""Names and terms of an episode's papers and its series: what else says how they are written.

From titles, keywords, chapters, people and named speakers every word counts; from briefs and notes those
that are written as names: with a capital inside a sentence, or in capitals. Of the series it is what its
settings have, learned from earlier episodes: whom labels mean, and what stands instead of other words. They
speak for a witness that has such a word where another heard something else (`features`); no word comes in
that no witness has.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.sources import ClaimField, NormalizedSource, SourceType
from episodic.canonical.tokens import tokenize

_SAID: Final = frozenset(
    (
        ClaimField.TITLE,
        ClaimField.SUBTITLE,
        ClaimField.PERSON,
        ClaimField.KEYWORD,
        ClaimField.SERIES,
        ClaimField.PUBLISHER,
        ClaimField.CHAPTER,
    )
)
_STOPS: Final = (".", "!", "?", ":", "…")
_SHORTEST: Final = 3


def vocabulary(witnesses: Sequence[Witness], policy: SeriesPolicy) -> frozenset[str]:
    """Give the keys of the names and terms that the papers have, and the settings of the series."""
    papers = (word for witness in witnesses for word in _words(witness.weighted.source))
    series = tokenize((*policy.speakers.values(), *policy.replacements.values())).keys
    return frozenset(word for word in (*papers, *series) if len(word) >= _SHORTEST)


def _words(source: NormalizedSource) -> Iterator[str]:
    for claim in source.claims:
        if claim.field in _SAID:
            yield from tokenize([claim.value]).keys
        elif claim.field is ClaimField.SUMMARY:
            yield from _names(claim.value)
    speakers = {u.speaker for u in source.utterances if u.speaker}
    yield from tokenize(name for name in speakers if not any(map(str.isdigit, name))).keys
    if source.source_type is not SourceType.TRANSCRIPT:
        for passage in source.passages:
            yield from _names(passage.text)


def _names(text: str) -> Iterator[str]:
    """Yield the words that are written as names."""
    tokens = tokenize([text])
    begins = True
    for form, key in zip(tokens.forms, tokens.keys, strict=True):
        letters = [char for char in form if char.isalpha()]
        capitals = sum(char.isupper() for char in letters)
        if capitals > 1 or (capitals and not begins):
            yield key
        begins = form.rstrip().endswith(_STOPS)
