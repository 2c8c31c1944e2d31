"""Real engines: calls of an hour, each as several engines wrote it, against a human reference."""

import statistics
import sys
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final

from rapidfuzz.distance import Levenshtein

from episodic.canonical.resolution.transcripts import apparatus
from tests.benchmarks import conflicts, fit, measures, names, pace, person
from tests.benchmarks.report import Section

SETS: Final[Mapping[str, fit.Engines]] = {
    "all seven": tuple(fit.ENGINES),
    "six, without kaldilibri": tuple(name for name in fit.ENGINES if name != "kaldilibri"),
    "amazon, google, speechmatics": ("amazon", "google", "speechmatics"),
    "revkaldi, amazon, speechmatics": ("revkaldi", "amazon", "speechmatics"),
    "google, revkaldi": ("google", "revkaldi"),
}


def sections() -> list[Section]:
    if not fit.FOLDER.is_dir():
        print(f"no real inputs: {fit.FOLDER} is missing; engines are not measured", file=sys.stderr)
        return []
    rows: list[list[str]] = []
    numbers: list[list[str]] = []
    means: dict[str, list[list[float]]] = {name: [] for name in SETS}
    for call in fit.calls():
        two, several = fit.tables([other for other in fit.calls() if other != call])
        for name, engines in SETS.items():
            measured, found = _measure(call, engines, two if len(engines) == 2 else several)
            numbers += [[name, call, *each] for each in found]
            means[name].append(measured)
            rows.append([name, call, *_row(measured)])
    for name, measured in means.items():
        rows.append(
            [name, "mean", *_row([statistics.mean(column) for column in zip(*measured, strict=True)])]
        )
    return [
        Section(
            "Word error rate of real engines",
            "Earnings-21 (Rev, CC BY-SA 4.0), words normalized by Whisper's normalizer. The constants of "
            "the score are fitted on the other three calls; the least of *usual* is set by hand. The best "
            "source is chosen with the reference, which no product can. ROVER is plain (Fiscus 1997): "
            "witnesses in the order in which they are named, each word one vote. The oracle takes the best "
            "whole reading of every region. Marks and capitals are F1 over the words that text and "
            "reference share: the more are right, the more it is measured on, and those that only an engine"
            " without marks and capitals heard have none; so the third is of the canonical text's words "
            "that the best of the witnesses has as well.",
            [
                "witnesses",
                "call",
                "best source",
                "ROVER",
                "canonical",
                "of the best source",
                "oracle",
                "numbers of no source",
                "marks: best, canonical, of the same words",
                "capitals: best, canonical, of the same words",
            ],
            rows,
        ),
        Section(
            "Numbers of no source",
            "Each of those that are counted above, and what is said there, as Whisper's normalizer writes "
            "it. Every region is the reading of some witness; where two of them meet, and the normalizer "
            "reads on from one into the other, it may make a number that none has.",
            ["witnesses", "call", "canonical", "sources"],
            numbers or [["all", "all", "none", "none"]],
        ),
        *person.sections(),
        *pace.sections(),
        *conflicts.sections(),
        *names.sections(SETS),
    ]


def _row(measured: Sequence[float]) -> list[str]:
    best, rover, canonical, oracle, numbers, *spelled = measured
    return [
        f"{best:.2%}",
        f"{rover:.2%}",
        f"{canonical:.2%}",
        f"{canonical / best:.2f}",
        f"{oracle:.2%}",
        f"{numbers:g}",
        ", ".join(f"{f1:.2f}" for f1 in spelled[:3]),
        ", ".join(f"{f1:.2f}" for f1 in spelled[3:]),
    ]


def _measure(
    call: str, engines: fit.Engines, constants: Mapping[str, float]
) -> tuple[list[float], list[list[str]]]:
    """Measure a set of engines on a call, and tell the numbers that none of them has."""
    reference = _text(call, "reference")
    wanted = measures.words(reference)
    texts = [_text(call, name) for name in engines]
    sources = [measures.words(text) for text in texts]
    collation = fit.collated(call, engines)
    made = "".join(apparatus.compare(collation, constants=constants).lemma)
    words = measures.words(made)
    examples = fit.examples(call, engines, constants)
    oracle = measures.errors(words, wanted) - fit.avoidable(examples, constants) / len(wanted)
    spelled = [measures.spelling(text, reference) for text in texts]
    own = measures.spelling(made, reference)
    pointed, cased = (
        texts[max(range(len(texts)), key=lambda at: kind(spelled[at]))]
        for kind in (attrgetter("marks"), attrgetter("capitals"))
    )
    numbers = measures.numbers_of_no_source(words, sources)
    measured = [
        min(measures.errors(source, wanted) for source in sources),
        measures.errors(rover(sources), wanted),
        measures.errors(words, wanted),
        oracle,
        len(numbers),
        max(each.marks for each in spelled),
        own.marks,
        measures.spelling(made, reference, pointed).marks,
        max(each.capitals for each in spelled),
        own.capitals,
        measures.spelling(made, reference, cased).capitals,
    ]
    return measured, [
        [
            measures.around(words, words, at),
            "; ".join(dict.fromkeys(measures.around(words, source, at) for source in sources)),
        ]
        for at in numbers
    ]


def _text(call: str, name: str) -> str:
    return " ".join(utterance.text for utterance in fit.source(call, name).utterances)


def rover(sources: Sequence[Sequence[str]]) -> list[str]:
    """Let witnesses vote word by word (Fiscus 1997); of equals a word wins before silence, then the first."""
    slots: list[list[str]] = [[word] for word in sources[0]]
    for number, source in enumerate(sources[1:], 1):
        most = [max(slot, key=slot.count) for slot in slots]
        joined: list[list[str]] = []
        for op in Levenshtein.opcodes(most, source):
            ours, theirs = slots[op.src_start : op.src_end], source[op.dest_start : op.dest_end]
            joined += [
                [
                    *(ours[at] if at < len(ours) else [""] * number),
                    theirs[at] if at < len(theirs) else "",
                ]
                for at in range(max(len(ours), len(theirs)))
            ]
        slots = joined
    return [word for slot in slots if (word := max(slot, key=lambda own: (slot.count(own), own != "")))]
