"""Names and terms of an episode's papers and its series: what else says how they are written.

They speak for a witness that has such a word where another heard something else (`features`); no word comes
in that no witness has.

1. Of the **own papers** every word of titles, keywords, chapters, people and named speakers counts; of
   briefs and notes those that are written as names: with a capital inside a sentence, or in capitals. Of the
   series it is what its settings have: whom labels mean, and what stands instead of other words.
2. **For other episodes** (`terms`) less counts, since among hundreds of them some title has nearly every
   word: of titles, chapters and headings only what has a capital, and nothing that the episode itself writes
   small, as a transcript does with "learning" where a title has "Deep Learning". Words in capitals (COBOL)
   are names however engines write them. Where nouns have capitals, as in German, prose and titles have no
   other names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.sources import ClaimField, NormalizedSource, Passage, PassageKind, SourceType
from episodic.canonical.tokens import key, tokenize

_NAMED: Final = frozenset((ClaimField.PERSON, ClaimField.KEYWORD, ClaimField.SERIES, ClaimField.PUBLISHER))
_TITLES: Final = frozenset((ClaimField.TITLE, ClaimField.SUBTITLE, ClaimField.CHAPTER))
_SUMMARIES: Final = frozenset((ClaimField.SUMMARY,))
_STOPS: Final = (".", "!", "?", ":", "…")
_SHORTEST: Final = 3
_LONGEST: Final = 50
# No episode has more for others, so that papers of whatever size do not fill the database.
_MOST: Final = 500
_NOUNS_HAVE_CAPITALS: Final = ("de", "lb")


def vocabulary(witnesses: Sequence[Witness], policy: SeriesPolicy) -> frozenset[str]:
    """Give the keys of the names and terms that the papers have, and the settings of the series."""
    words = set(tokenize((*policy.speakers.values(), *policy.replacements.values())).keys)
    for witness in witnesses:
        source = witness.weighted.source
        words.update(tokenize((*_named(source), *_claimed(source, _TITLES))).keys)
        words.update(map(key, _names((*_headings(source), *_prose(source)))))
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def terms(
    witnesses: Sequence[Witness], spoken: Iterable[str], language: str | None
) -> dict[str, tuple[str, ...]]:
    """Give what each witness has for other episodes, by siglum, sorted; what several have, the first has.

    Parameters
    ----------
    spoken
        The words of the canonical transcript, as they are written.
    language
        Of the episode, as a BCP 47 tag.
    """
    sources = {witness.siglum: witness.weighted.source for witness in witnesses}
    written = {*spoken}
    least = 2 if (language or "").partition("-")[0].lower() in _NOUNS_HAVE_CAPITALS else 1
    # Where no transcript tells names from other words, a word of a title may be either.
    least_of_titles = least if any(map(_capitals, written)) else 2
    written.update(form for source in sources.values() for form in tokenize(_prose(source)).forms)
    texts: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for siglum, source in sources.items():
        named, titles = " ".join(_named(source)), [*_claimed(source, _TITLES), *_headings(source)]
        texts[siglum] = [named, *titles, *_prose(source)]
        forms = [
            *tokenize([named]).forms,
            *(form for form in tokenize(titles).forms if _capitals(form) >= least_of_titles),
            *_names(_prose(source), least),
        ]
        words[siglum] = list(filter(_is_term, map(key, forms)))
    wanted = {word for own in words.values() for word in own}
    small = {own for form in written if form.islower() and (own := key(form)) in wanted}
    left = _MOST
    made: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for siglum, own in words.items():
        no_terms = (small - set(_in_capitals(texts[siglum]))) | seen
        found = Counter(word for word in own if word not in no_terms)
        most = sorted(found, key=lambda word: (-found[word], word))[:left]
        made[siglum] = tuple(sorted(most))
        seen.update(most)
        left -= len(most)
    return made


def _is_term(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and any(map(str.isalpha, word))


def _named(source: NormalizedSource) -> Iterator[str]:
    """Yield names of people, series and publishers, and keywords."""
    yield from _claimed(source, _NAMED)
    speakers = sorted({u.speaker for u in source.utterances if u.speaker})
    yield from (name for name in speakers if not any(map(str.isdigit, name)))


def _claimed(source: NormalizedSource, fields: frozenset[ClaimField]) -> Iterator[str]:
    return (claim.value for claim in source.claims if claim.field in fields)


def _headings(source: NormalizedSource) -> Iterator[str]:
    return (p.text for p in _passages(source) if p.kind is PassageKind.HEADING)


def _prose(source: NormalizedSource) -> Iterator[str]:
    yield from _claimed(source, _SUMMARIES)
    yield from (p.text for p in _passages(source) if p.kind is not PassageKind.HEADING)


def _passages(source: NormalizedSource) -> Sequence[Passage]:
    return () if source.source_type is SourceType.TRANSCRIPT else source.passages


def _names(texts: Iterable[str], least: int = 1) -> Iterator[str]:
    """Yield the words that are written as names: with so many capitals inside a sentence, or in capitals."""
    for text in texts:
        begins = True
        for form in tokenize([text]).forms:
            capitals = _capitals(form)
            if capitals > 1 or (capitals >= least and not begins):
                yield form
            begins = form.rstrip().endswith(_STOPS)


def _in_capitals(texts: Iterable[str]) -> Iterator[str]:
    """Yield the keys of words in capitals, but for those of a text that is nothing else."""
    for form in tokenize(text for text in texts if not text.isupper()).forms:
        if _capitals(form) > 1:
            yield key(form)


def _capitals(form: str) -> int:
    return sum(map(str.isupper, form))
