"""Names of other episodes: what they win in an episode of the same show, and cost in one of another."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from episodic.canonical.document import Witness
from episodic.canonical.resolution.transcripts import apparatus
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.spelling import names_among
from episodic.canonical.resolution.vocabulary import terms
from episodic.canonical.sources import Passage, PassageKind, SourceType
from episodic.canonical.text.tokens import tokenize
from tests.benchmarks import fit, measures
from tests.benchmarks.report import Section
from tests.canonical.making import source, weighted


def sections(sets: Mapping[str, fit.Engines]) -> list[Section]:
    """Measure the second halves of the calls, with what the first halves and the other calls have."""
    return [
        Section(
            "Names of other episodes",
            "Word error rate of the second halves of the four calls, in the mean. The reference of each "
            "first half is taken for the notes of an earlier episode, and the references of the other three "
            "calls for those of episodes in which people speak of something else. In the last column every "
            "word of these three counts as a name.",
            ["witnesses", "alone", "with an earlier one", "with three others", "with every word of theirs"],
            [[name, *_row(engines)] for name, engines in sets.items()],
        )
    ]


def _row(engines: fit.Engines) -> list[str]:
    measured: list[list[float]] = []
    for call in fit.calls():
        own, rest = _halves(call)
        others = [_text(other) for other in fit.calls() if other != call]
        lists = [
            frozenset[str](),
            _terms(call, own, engines),
            frozenset[str]().union(
                *(_terms(other, _text(other), engines) for other in fit.calls() if other != call)
            ),
            frozenset(tokenize(others).keys),
        ]
        collation = fit.collated(call, engines)
        texts = [
            "".join(apparatus.compare(collation, learned=here(names, collation)).lemma) for names in lists
        ]
        wanted = measures.words(_text(call))
        measured.append([_errors(measures.words(text), wanted, len(measures.words(rest))) for text in texts])
    return [f"{statistics.mean(column):.2%}" for column in zip(*measured, strict=True)]


def here(terms: Iterable[str], collation: Collation) -> frozenset[str]:
    """Give the keys of those terms that are names in what was collated as well."""
    by_key = {term.lower(): term for term in terms}
    return frozenset(names_among(by_key, [voice.tokens for voice in collation.voices]))


def _errors(words: Sequence[str], wanted: Sequence[str], last: int) -> float:
    """Give the share of wrong words among the last ones of a reference."""
    edits = Levenshtein.editops(words, wanted)
    return sum(edit.dest_pos >= len(wanted) - last for edit in edits) / last


def _terms(call: str, notes: str, engines: fit.Engines) -> frozenset[str]:
    """Give what an episode has for others, whose notes these are and which some engines heard."""
    made = source(
        source_type=SourceType.RESEARCH_NOTES, passages=[Passage(PassageKind.PARAGRAPH, notes, "1")]
    )
    heard = apparatus.compare(fit.collated(call, engines)).lemma
    return frozenset(terms([Witness("s1", weighted(500, made))], heard, "en")["s1"])


def _halves(call: str) -> tuple[str, str]:
    words = _text(call).split()
    half = len(words) // 2
    return " ".join(words[:half]), " ".join(words[half:])


def _text(call: str) -> str:
    return " ".join(utterance.text for utterance in fit.source(call, "reference").utterances)
