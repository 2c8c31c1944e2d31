"""A call as a person wrote it down: the human reference with names, without times, with errors of its own.

The errors are made on purpose, so that the reference can measure what is made of it: of a hundred words one
is left out, one has changed places with its neighbour, and one is another word of the call.
"""

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Final

from episodic.canonical import weighting
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.alignment import Interner, align
from episodic.canonical.sources import NormalizedSource, Utterance
from episodic.canonical.tei.reader import TeiDocument, read
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import key
from episodic.publishing.word_times import timed_words
from tests.benchmarks import fit, measures
from tests.benchmarks.report import Section
from tests.canonical.making import edition

_WRONG: Final = 0.03
_NAMES: Final = (
    "Ada Lindqvist",
    "Bruno Okafor",
    "Chiara Moreau",
    "Dmitri Novak",
    "Esther Mbeki",
    "Farid Haddad",
    "Greta Sandoval",
    "Hiro Tanaka",
    "Ines Carvalho",
    "Jonas Weber",
    "Kavita Rao",
    "Liam Gallagher",
    "Marta Kowalska",
    "Nils Andersen",
    "Olga Petrova",
    "Pedro Alvarez",
)


@cache
def human(call: str) -> NormalizedSource:
    """Write a call down as a person might."""
    reference = fit.source(call, "reference")
    labels = list(dict.fromkeys(u.speaker for u in reference.utterances))
    names = dict(zip(labels, _NAMES, strict=False))
    chance = random.Random(call)
    every = [word for u in reference.utterances for word in u.text.split()]
    utterances = [
        u._replace(text=_with_errors(u, every, chance), speaker=names[u.speaker])
        for u in reference.utterances
    ]
    return replace(reference, utterances=tuple(utterances))


def _with_errors(utterance: Utterance, every: list[str], chance: random.Random) -> str:
    made: list[str] = []
    for word in utterance.text.split():
        dice = chance.random()
        if dice >= _WRONG:
            made.append(word)
        elif dice >= 2 * _WRONG / 3:
            made.append(chance.choice(every))
        elif dice >= _WRONG / 3:
            made.insert(max(0, len(made) - 1), word)
    return " ".join(made) or utterance.text


_WITNESSES: Final[Sequence[tuple[fit.Engines, str]]] = (
    # A witness of times, and who measures it: an engine that times words and is none of the witnesses.
    (("revkaldi",), "kaldilibri"),
    (("google",), "revkaldi"),
    (("amazon", "google", "speechmatics"), "revkaldi"),
)

_LABELLED: Final[Sequence[fit.Engines]] = (
    ("amazon",),
    ("amazon", "google", "speechmatics"),
    ("amazon", "espnet", "google", "microsoft", "revkaldi", "speechmatics"),
)

_CUED: Final = ("google", "amazon", "speechmatics")


def sections() -> list[Section]:
    rows: list[list[str]] = []
    for engines, truth in _WITNESSES:
        for call in fit.calls():
            errors = list(_times(call, engines, truth))
            words, starts = [off for off, _ in errors], [off for off, is_first in errors if is_first]
            rows.append([", ".join(engines), call, *_shares(starts), *_shares(words)])
    return [
        Section(
            "Times for a person's transcript",
            "The human reference of Earnings-21 with errors made on purpose and without times, and engines: "
            "how far the start of each utterance (a turn) and of each word of the canonical text is "
            "from where an engine has it that times words and is no witness itself. revkaldi times words; "
            "google, amazon and speechmatics time cues of three to ten seconds, between whose ends time "
            "follows letters.",
            [
                "times from",
                "call",
                "utterances",
                "median error",
                "95th percentile",
                "words",
                "median error",
                "95th percentile",
            ],
            rows,
        ),
        Section(
            "Where cues begin",
            "How far the start of a cue is from where revkaldi has its first word. Here cues are nearly "
            "right; what is off above are words inside, of whose pace a cue says nothing, and engines cut "
            "at the same pauses, so that three of them tell little more than one.",
            ["engine", "call", "cues", "median, with its sign", "median error", "95th percentile"],
            [
                _cue_row(engine, call)
                for engine in ("google", "amazon", "speechmatics")
                for call in fit.calls()
            ],
        ),
        _names_section(),
        _trust_section(),
    ]


def _trust_section() -> Section:
    rows: list[list[str]] = []
    for engines in (("google", "revkaldi"), *_LABELLED[1:]):
        for call in fit.calls():
            wanted = measures.words(" ".join(u.text for u in fit.source(call, "reference").utterances))
            own = measures.words(" ".join(u.text for u in human(call).utterances))
            texts = [resolved(call, engines, trusted=trusted).text() for trusted in (False, True)]
            rates = [measures.errors(said, wanted) for said in (own, *map(measures.words, texts))]
            rows.append([", ".join(engines), call, *(f"{rate:.2%}" for rate in rates)])
    return Section(
        "A person's transcript and engines",
        "The same: word error rates by the reference of the person's text, of the canonical text when all "
        "are put to the vote, and when the person's is trusted.",
        ["beside", "call", "the person's", "canonical by vote", "canonical with trust"],
        rows,
    )


def _names_section() -> Section:
    rows = [
        [", ".join(engines), call, f"{_named(call, engines):.1%}", _listed(call, engines)]
        for engines in _LABELLED
        for call in fit.calls()
    ]
    return Section(
        "Names for words",
        "The same, with engines of which one calls speakers by numbers (amazon): the share of the canonical "
        "words that have the name of who says them by the reference, and how many people the document lists.",
        ["beside", "call", "words with the right name", "people listed, and there"],
        rows,
    )


def _listed(call: str, engines: fit.Engines) -> str:
    return (
        f"{len(resolved(call, engines).canonical.people)}, {len({u.speaker for u in human(call).utterances})}"
    )


def _named(call: str, engines: fit.Engines) -> float:
    """Give the share of the canonical words with the right name, of those that the reference has."""
    made = [(word, s.speaker) for s in resolved(call, engines).utterances() for word in s.text.split()]
    told = [(word, u.speaker) for u in human(call).utterances for word in u.text.split()]
    interner = Interner()
    ours, theirs = (interner.intern([key(word) for word, _ in words]) for words in (made, told))
    right = shared = 0
    for block in align(ours, theirs):
        if block.equal:
            for at in range(block.start, block.end):
                shared += 1
                right += made[at][1] == told[block.other_start + at - block.start][1]
    return right / shared


@cache
def resolved(call: str, engines: fit.Engines, *, trusted: bool = False) -> TeiDocument:
    """Make a document of a person's transcript and engines, and read it back."""
    own = human(call)
    own = replace(own, signals=replace(own.signals, trusted=trusted))
    sources = [own, *(fit.source(call, name) for name in engines)]
    policy = SeriesPolicy()
    return read(write(resolve(weighting.weigh(sources, policy), policy), edition()))


def _cue_row(engine: str, call: str) -> list[str]:
    cues = [u for u in fit.source(call, engine).utterances if u.text]
    told = [word for u in fit.source(call, "revkaldi").utterances for word in u.words]
    firsts = list(accumulate((len(cue.text.split()) for cue in cues), initial=0))
    interner = Interner()
    ours = interner.intern([key(word) for cue in cues for word in cue.text.split()])
    theirs = interner.intern([key(word.text) for word in told])
    there = {
        at: told[block.other_start + at - block.start].start
        for block in align(ours, theirs)
        if block.equal
        for at in range(block.start, block.end)
    }
    off = [
        cue.start - start
        for first, cue in zip(firsts, cues, strict=False)
        if cue.start is not None and (start := there.get(first)) is not None
    ]
    number, *shares = _shares(list(map(abs, off)))
    return [engine, call, number, f"{statistics.median(off):+.2f} s", *shares]


def _shares(errors: list[float]) -> list[str]:
    """Give the number of errors, their median and their 95th percentile."""
    ordered = sorted(errors)
    return [str(len(ordered)), *(f"{ordered[len(ordered) * share // 100]:.2f} s" for share in (50, 95))]


def _times(call: str, engines: fit.Engines, truth: str) -> Iterator[tuple[float, bool]]:
    """Yield how far words are from where they should be, in seconds, and whether one begins an utterance."""
    spoken = [list(timed_words(utterance)) for utterance in resolved(call, engines).utterances()]
    made = [word for words in spoken for word in words]
    firsts = set(accumulate(map(len, spoken), initial=0))
    told = [word for u in fit.source(call, truth).utterances for word in u.words]
    interner = Interner()
    ours, theirs = (interner.intern([key(word.text) for word in words]) for words in (made, told))
    for block in align(ours, theirs):
        for at in range(block.start, block.end if block.equal else block.start):
            start = told[block.other_start + at - block.start].start
            if start is not None:
                yield abs(made[at].start - start), at in firsts
