"""Names and terms of an episode's papers and its series: what else says how they are written.

They speak for a witness that has such a word where another heard something else (`features`); no word comes
in that no witness has.

1. Of the **own papers** every word of titles, keywords, chapters, people and named speakers counts; of
   briefs and notes those that are written as names: with a capital inside a sentence, or in capitals. Of the
   series it is what its settings have: whom labels mean, and what stands instead of other words.
2. **For other episodes** (`terms`) less counts, since among hundreds of them some title has nearly every
   word: of titles, chapters and headings only what has a capital, and nothing that the episode itself writes
   small, as a transcript does with "learning" where a title has "Deep Learning". Words in capitals (COBOL)
   are names however engines write them, and stand so in the list. Where nouns have capitals, as in German,
   prose and titles have no other names.
3. What others have is **no name here** where the transcripts write it small (`spelling.names_among`): a guest
   called Will May says nothing of "will" and "may".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.sources import ClaimField, NormalizedSource, Passage, PassageKind, SourceType
from episodic.canonical.text.tokens import key, tokenize

_NAMED: Final = frozenset((ClaimField.KEYWORD, ClaimField.SERIES, ClaimField.PUBLISHER))
_PEOPLE: Final = frozenset((ClaimField.PERSON,))
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
        words.update(_read((*_headings(source), *_prose(source)), _is_name).counts)
    return frozenset(word for word in words if len(word) >= _SHORTEST)


def terms(
    witnesses: Sequence[Witness], spoken: Sequence[str], language: str | None
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
    least = 2 if (language or "").partition("-")[0].lower() in _NOUNS_HAVE_CAPITALS else 1
    # Where no transcript tells names from other words, a word of a title may be either.
    least_of_titles = least if any(map(_capitals, spoken)) else 2
    read: dict[str, Sequence[_Read]] = {}
    for siglum, source in sources.items():
        titles = [*_claimed(source, _TITLES), *_headings(source)]
        prose = _read(_prose(source), lambda capitals, begins: _is_name(capitals, begins, least))
        read[siglum] = (
            _read([" ".join(_named(source))], lambda _, __: True),
            _read(titles, lambda capitals, _: capitals >= least_of_titles),
            prose,
        )
    every = [each for parts in read.values() for each in parts]
    wanted = {word for each in every for word in each.counts}
    forms = {*spoken} if wanted else set[str]()
    small = {word for form in forms if form.islower() and (word := key(form)) in wanted}
    small.update(word for *_, prose in read.values() for word in prose.small if word in wanted)
    left = _MOST
    made: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for siglum, parts in read.items():
        capitals = set[str]().union(*(each.in_capitals for each in parts))
        no_terms = (small - capitals) | seen
        counts = sum((each.counts for each in parts), Counter[str]())
        found = (word for word in counts if _is_term(word) and word not in no_terms)
        most = sorted(found, key=lambda word: (-counts[word], word))[:left]
        made[siglum] = tuple(sorted(_in_capitals(word) if word in capitals else word for word in most))
        seen.update(most)
        left -= len(most)
    return made


def _is_term(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and any(map(str.isalpha, word))


def _in_capitals(word: str) -> str:
    return capitals if (capitals := word.upper()).lower() == word else word


def _named(source: NormalizedSource) -> Iterator[str]:
    """Yield names of series and publishers, keywords, and people; whom a label shouts is no acronym."""
    yield from _claimed(source, _NAMED)
    speakers = sorted({u.speaker for u in source.utterances if u.speaker})
    people = [*_claimed(source, _PEOPLE), *(name for name in speakers if not any(map(str.isdigit, name)))]
    yield from (name.lower() if name.isupper() else name for name in people)


def _claimed(source: NormalizedSource, fields: frozenset[ClaimField]) -> Iterator[str]:
    return (claim.value for claim in source.claims if claim.field in fields)


def _headings(source: NormalizedSource) -> Iterator[str]:
    return (p.text for p in _passages(source) if p.kind is PassageKind.HEADING)


def _prose(source: NormalizedSource) -> Iterator[str]:
    yield from _claimed(source, _SUMMARIES)
    yield from (p.text for p in _passages(source) if p.kind is not PassageKind.HEADING)


def _passages(source: NormalizedSource) -> Sequence[Passage]:
    return () if source.source_type is SourceType.TRANSCRIPT else source.passages


class _Read(NamedTuple):
    """What was read of some texts, by key.

    Parameters
    ----------
    counts
        How often each name was there.
    in_capitals
        Words with several capitals, but for those of a text that has no small letter.
    small
        Words without a capital.
    """

    counts: Counter[str]
    in_capitals: set[str]
    small: set[str]


def _read(texts: Iterable[str], is_name: Callable[[int, bool], bool]) -> _Read:
    """Read texts; whether a word is a name is asked with its capitals and whether it begins a sentence."""
    read = _Read(Counter(), set(), set())
    for text in texts:
        shouts = text.isupper()
        for form, word, begins in _words(text):
            if form.islower():
                read.small.add(word)
            capitals = _capitals(form)
            if is_name(capitals, begins):
                read.counts[word] += 1
            if capitals > 1 and not shouts:
                read.in_capitals.add(word)
    return read


def _words(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield forms and keys, and whether a sentence begins with them."""
    tokens = tokenize([text])
    begins = True
    for form, word in zip(tokens.forms, tokens.keys, strict=True):
        yield form, word, begins
        begins = form.rstrip().endswith(_STOPS)


def _is_name(capitals: int, begins: bool, least: int = 1) -> bool:
    """Whether a word of prose is written as a name: with a capital inside a sentence, or in capitals."""
    return capitals > 1 or (capitals >= least and not begins)


def _capitals(form: str) -> int:
    return 0 if form.islower() else sum(map(str.isupper, form))
