"""Resolution: how much better than its best source the transcript is, and what it costs."""

import asyncio
import json
import math
import random
import statistics
import string
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import cast

from rapidfuzz.distance import Levenshtein

from episodic.canonical import weighting
from episodic.canonical.document import Difference, PassageVariation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import SourceLimitError
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.alignment import Interner
from episodic.canonical.resolution.transcripts.collation import collate
from episodic.canonical.resolution.transcripts.columns import columns
from episodic.canonical.sources import NormalizedSource, RawSource, SourceType, Utterance, WeightedSource
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import Tokens, tokenize
from episodic.cli import collect_rarely
from tests.benchmarks.normalizers import memory_bytes
from tests.benchmarks.report import Section
from tests.canonical.making import edition, read, shared, transcript
from tests.canonical.resolution.noise import keys, noisy, word_error_rate
from tests.canonical.tei.entries import entries
from tests.conftest import CORPUS

POLICY = SeriesPolicy()
FOLDER = CORPUS / "talk-python"
CONVERSATION = ("395-readme-tools.vtt", "395-readme-tools.txt", "395-readme-tools.youtube.vtt")
RATES = (0.05, 0.10, 0.15)
WEIGHTS = (600, 580, 550)


def sections() -> list[Section]:
    if not Path(FOLDER).is_dir():
        print(f"no real inputs: {FOLDER} is missing; resolution is not measured", file=sys.stderr)
        return []
    sources = read(*(FOLDER / name for name in CONVERSATION))
    return [
        _noise(sources[1]),
        _conversation(sources),
        _speed(sources),
        _sizes(),
        _memory(),
        _collatex(sources),
    ]


def _noise(source: NormalizedSource) -> Section:
    """Three noisy copies, every assignment of weights, five seeds each."""
    original = keys([u.text for u in source.utterances])
    rows: list[list[str]] = []
    for order in permutations(range(3)):
        best: list[float] = []
        made: list[float] = []
        for seed in range(0, 15, 3):
            copies = [noisy(source.utterances, rate, seed + n) for n, rate in enumerate(RATES)]
            best.append(min(word_error_rate(keys([u.text for u in copy]), original) for copy in copies))
            made.append(_error_rate([copies[i] for i in order], WEIGHTS, original))
        rows.append(
            [
                ", ".join(f"{w / 1000:.2f}: {RATES[i]:.0%}" for i, w in zip(order, WEIGHTS, strict=True)),
                f"{statistics.mean(best):.2%}",
                f"{statistics.mean(made):.2%}",
                f"{max(m / b for m, b in zip(made, best, strict=True)):.2f}",
            ]
        )
    copies = [noisy(source.utterances, rate, n) for n, rate in enumerate(reversed(RATES))]
    heavy = word_error_rate(keys([u.text for u in copies[0]]), original)
    followed = _error_rate(copies, (900, 300, 300), original)
    rows.append(["0.90: 15%, 0.30: 10%, 0.30: 5%", f"{heavy:.2%} (the heavy one)", f"{followed:.2%}", "-"])
    return Section(
        "Word error rate of three noisy copies",
        f"A real transcript of {len(original)} words; every word of a copy has an error (another word, one "
        "more, none) with the given probability, independently; five sets of seeds, means. The "
        "base is always the heaviest. The last column is the worst ratio of the five; at most 0.5 was asked "
        "for. Last row: a witness that outweighs the others together is followed, errors and all.",
        ["weight: errors", "best single witness", "canonical transcript", "worst ratio"],
        rows,
    )


def _error_rate(
    copies: Sequence[Sequence[Utterance]], weights: Sequence[int], original: Sequence[str]
) -> float:
    sources = [
        transcript(weight, *copy, uri=f"{n}")
        for n, (copy, weight) in enumerate(zip(copies, weights, strict=True))
    ]
    return word_error_rate(keys([reader.read(write(resolve(sources, POLICY), edition())).text()]), original)


def _conversation(sources: Sequence[NormalizedSource]) -> Section:
    """What becomes of an edited show in two packagings and its live cut."""
    resolution = resolve(weighting.weigh(sources, POLICY), POLICY)
    document = write(resolution, edition())
    episode = reader.read(document)
    collation = collate(resolution.witnesses, POLICY)
    assert collation is not None
    lossless = all(
        episode.text(w.siglum) == tokenize(u.text for u in w.weighted.source.utterances).text
        for w in resolution.witnesses
    )
    differences = [entry.difference for entry in entries(episode)]
    said = sum(len(u.text.encode()) for source in sources for u in source.utterances)
    passages = sum(isinstance(part, PassageVariation) for part in resolution.document.transcript)
    rows = [
        ["words of each witness", ", ".join(str(len(voice.tokens.forms)) for voice in collation.voices)],
        [
            "share of its words beside an equal word of the base",
            ", ".join(f"{s:.1%}" for s in shared(collation)),
        ],
        ["witnesses that vote once together", str(len(collation.copies) + 1)],
        ["entries: substantive", str(differences.count(Difference.SUBSTANTIVE))],
        ["entries: orthographic", str(differences.count(Difference.ORTHOGRAPHIC))],
        ["of these, whole passages", str(passages)],
        ["every witness reads back word by word", "yes" if lossless else "no"],
        ["size of the TEI", f"{len(document) / 1e6:.2f} MB"],
        ["of it, a byte of the witnesses' text", f"{len(document) / said:.1f} bytes"],
    ]
    text = (
        "Talk Python 395: the edited show as WebVTT and as timed text, "
        "and the live cut as captioned by YouTube."
    )
    return Section("Three witnesses of one conversation", text, ["what", "result"], rows)


def _speed(sources: Sequence[NormalizedSource]) -> Section:
    """From normalized sources to serialized, checked TEI."""
    spoken = [source.utterances for source in sources]
    cases = {
        "395": (spoken, 5),
        "395, three times": ([_repeated(u, 3) for u in spoken], 3),
        "395, seven times": ([_repeated(u, 7) for u in spoken], 3),
        "noisy copies (5, 10, 15 %)": ([noisy(spoken[1], r, n) for n, r in enumerate(RATES)], 5),
        "noisy copies, seven times": ([noisy(_repeated(spoken[1], 7), r, n) for n, r in enumerate(RATES)], 3),
        "three unrelated texts": ([_shuffled(spoken[0], seed) for seed in range(3)], 3),
    }
    rows: list[list[str]] = []
    for name, (witnesses, rounds) in cases.items():
        made = [
            transcript(w, *u, uri=f"{n}") for n, (u, w) in enumerate(zip(witnesses, WEIGHTS, strict=True))
        ]
        times = [_stages(made) for _ in range(rounds)]
        tokens, floor, together, everything = (min(column) for column in zip(*times, strict=True))
        words = ", ".join(f"{len(tokenize(u.text for u in w).forms):,}" for w in witnesses)
        apart = sum("does not belong together" in d.reason for d in resolve(made, POLICY).decisions)
        rows.append(
            [
                name,
                words,
                f"{tokens:.2f} s",
                f"{together:.2f} s",
                f"{everything:.2f} s",
                f"{together / floor:.1f}",
                str(apart),
            ]
        )
    return Section(
        "Speed",
        "Processor time of one core, the best of several rounds. *All* is from normalized sources to TEI "
        "that was serialized and checked against the profile and for dangling pointers. The floor is "
        "rapidfuzz aligning the heaviest with each of the others, without any decision. Asked for: 395 "
        "within 1 s, of it 0.3 s for alignment and vote; 100,000 words within 8 s.",
        ["witnesses", "words", "tokens", "alignment, vote, apparatus", "all", "times the floor", "set apart"],
        rows,
    )


def _stages(made: Sequence[WeightedSource]) -> tuple[float, float, float, float]:
    """Seconds for segmentation, for rapidfuzz alone, for all of resolution, and with TEI and checks."""
    begun = time.process_time()
    streams = [tokenize(u.text for u in source.source.utterances) for source in made]
    segmented = time.process_time()
    interner = Interner()
    base, *others = [interner.intern(tokens.keys) for tokens in streams]
    interned = time.process_time()
    for other in others:
        Levenshtein.opcodes(base, other)
    aligned = time.process_time()
    resolution = resolve(made, POLICY)
    resolved = time.process_time()
    write(resolution, edition())
    written = time.process_time()
    return segmented - begun, aligned - interned, resolved - aligned, written - aligned


def _repeated(utterances: Sequence[Utterance], times: int) -> list[Utterance]:
    length = max(u.end or u.start or 0.0 for u in utterances) + 1
    return [
        Utterance(
            u.text,
            u.where,
            u.speaker,
            None if u.start is None else u.start + length * number,
            None if u.end is None else u.end + length * number,
        )
        for number in range(times)
        for u in utterances
    ]


def _shuffled(utterances: Sequence[Utterance], seed: int) -> list[Utterance]:
    """Replace every word by another of the transcript: 100 % noise that never leaves out or adds."""
    chance = random.Random(seed)
    vocabulary = sorted({word for u in utterances for word in u.text.split()})
    return [
        Utterance(" ".join(chance.choice(vocabulary) for _ in u.text.split()), u.where, None, u.start, u.end)
        for u in utterances
    ]


# How witnesses come about, the words of each, and how many there are.
_SIZES = (
    ("noisy", 30_000, 2),
    ("noisy", 30_000, 6),
    ("noisy", 105_000, 3),
    ("noisy", 305_000, 3),
    ("unrelated", 800_000, 2),
    ("unrelated", 300, 1_100),
)
_FLOOR = 30_000


def _sizes() -> Section:
    """How time and memory grow, each size in a process of its own."""
    taken: dict[tuple[str, int, int], float] = {}
    rows: list[list[str]] = []
    for size in _SIZES:
        kind, words, count = size
        code = f"from tests.benchmarks.resolution import take_size; take_size{size}"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        seconds, floor, grown, apart = map(float, done.stdout.split())
        taken[size] = seconds
        set_apart = f"{apart:,.0f}" if apart else ""
        row = [f"{seconds:.1f} s", f"{seconds / floor:.0f}", f"{grown / 1e6:.0f} MB", set_apart]
        rows.append([f"{count:,} {kind}, {words:,} words each", *row])
    few, several, hour, day, *_ = (taken[size] for size in _SIZES)
    in_words = math.log(day / hour) / math.log(305 / 105)
    in_witnesses = math.log(several / few) / math.log(6 / 2)
    rows.append(["exponent in words, from 105,000 to 305,000", f"{in_words:.2f}", "", "", ""])
    rows.append(["exponent in witnesses, from 2 to 6", f"{in_witnesses:.2f}", "", "", ""])
    return Section(
        "Sizes",
        "Processor time and growth of memory of resolving alone. Words are drawn anew all along, so that "
        f"nothing comes again; noisy copies have 5, 10 and 15 % of noise in turn. The floor is rapidfuzz "
        f"aligning {_FLOOR:,} words of the first two. Asked for: three of 305,000 words within 8 s and "
        "500 MB, an exponent of 1.2 in words and 1.5 in witnesses, two unrelated texts of 800,000 words "
        "within seconds.",
        ["witnesses", "time", "times the floor", "memory", "set apart"],
        rows,
    )


def take_size(kind: str, words: int, count: int) -> None:
    """Print the seconds of resolving, those of the floor, the bytes of growth, and how many are set apart."""
    (show,) = read(FOLDER / CONVERSATION[0])
    drawn = _drawn(show.utterances, words, count if kind == "unrelated" else 1)
    witnesses = drawn if kind == "unrelated" else [noisy(drawn[0], RATES[n % 3], n) for n in range(count)]
    made = [transcript(2000 - n, *u, uri=f"{n}") for n, u in enumerate(witnesses)]
    interner = Interner()
    streams = [tokenize(u.text for u in own).keys for own in witnesses[:2]]
    one, other = (interner.intern((keys * (_FLOOR // len(keys) + 1))[:_FLOOR]) for keys in streams)
    begun = time.process_time()
    Levenshtein.opcodes(one, other)
    floor = time.process_time() - begun
    collect_rarely()  # as the program does
    before = memory_bytes("VmRSS")
    begun = time.process_time()
    resolution = resolve(made, POLICY)
    seconds = time.process_time() - begun
    apart = sum("does not belong together" in d.reason for d in resolution.decisions)
    print(seconds, floor, memory_bytes("VmHWM") - before, apart)


def _drawn(utterances: Sequence[Utterance], words: int, count: int) -> list[list[Utterance]]:
    """Make texts of so many words, all drawn anew."""
    made: list[list[Utterance]] = []
    seed = 0
    for _ in range(count):
        own: list[Utterance] = []
        missing = words
        while missing > 0:
            for utterance in _shuffled(utterances[: missing + 1], seed):
                own.append(utterance._replace(start=None, end=None))
                missing -= len(utterance.text.split())
                if missing <= 0:
                    break
            seed += 1
        made.append(own)
    return made


_LINES = 50_000
_WORDS = [f"{'w' * (n % 7 + 1)}{n % 5000}" for n in range(_LINES)]
_LETTERS = [string.ascii_lowercase[n % 26] for n in range(_LINES)]


def _cues(said: Sequence[str]) -> str:
    cues = (
        f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\n{w}\n\n" for n, w in enumerate(said)
    )
    return "WEBVTT\n\n" + "".join(cues)


# What has most to keep for its size: the worst that was found of each kind.
_SHAPES = {
    "one word a line": ("text.txt", "".join(f"{'AB'[n % 2]}: {w}\n" for n, w in enumerate(_WORDS))),
    "one letter a line": ("text.txt", "".join(f"{'AB'[n % 2]}: {x}\n" for n, x in enumerate(_LETTERS))),
    "one letter a paragraph": ("letters.txt", "".join(f"{x}\n\n" for x in _LETTERS)),
    "a new speaker each line": ("text.txt", "".join(f"S{n}: {w}\n" for n, w in enumerate(_WORDS))),
    "fifty words a line": (
        "text.txt",
        "".join(
            f"{'AB'[line % 2]}: {' '.join(f'word{n * line % 5000}' for n in range(50))}\n"
            for line in range(2_000)
        ),
    ),
    "fifty letters a line": (
        "text.txt",
        "".join(f"{'AB'[n % 2]}: {' '.join(_LETTERS[n % 26 : n % 26 + 50])}\n" for n in range(10_000)),
    ),
    "Markdown, a list of one word an item": ("notes.md", "".join(f"- {word}\n" for word in _WORDS)),
    "Markdown, a list of one letter an item": ("notes.md", "".join(f"- {letter}\n" for letter in _LETTERS)),
    "HTML, two words a paragraph": ("page.html", "".join(f"<p>{word} two</p>" for word in _WORDS)),
    "captions, one word a cue": ("captions.vtt", _cues([f"{word}." for word in _WORDS])),
    "captions, a new speaker each": ("captions.vtt", _cues([f"<v s{n}>{w}" for n, w in enumerate(_WORDS)])),
    "a brief with 10,000 guests": (
        "brief.md",
        f"# Brief\n\nGuests: {', '.join(f'Ann B{n}' for n in range(10_000))}\n",
    ),
    "a brief with 40,000 guests": (
        "brief.md",
        f"# Brief\n\nGuests: {', '.join(f'Ann B{n}' for n in range(40_000))}\n",
    ),
}


def _memory() -> Section:
    """Peak memory of an episode of one text, each in a process of its own."""
    rows: list[list[str]] = []
    for shape, (name, text) in _SHAPES.items():
        code = "from tests.benchmarks.resolution import peak_of_text; peak_of_text()"
        done = subprocess.run(
            [sys.executable, "-c", code, name], input=text, check=True, capture_output=True, text=True
        )
        size = len(text.encode())
        row = [shape, f"{size / 1e6:.1f} MB"]
        if done.stdout.startswith("refused"):
            rows.append([*row, "refused in one line", "", ""])
            continue
        grown, parser = map(int, done.stdout.split())
        rows.append(
            [
                *row,
                f"{grown / 1e6:.0f} MB",
                f"{grown / size:.0f}",
                f"{parser / size:.0f}" if parser else "",
            ]
        )
    return Section(
        "Peak memory of an episode",
        "Of a process that normalizes, resolves and writes one text, beyond what the smallest takes, and of "
        "the parser's where the format has one. Goal: 100 times the text, or 32 MiB where that is more.",
        ("text", "size", "peak", "times the text", "the parser's"),
        rows,
    )


def peak_of_text() -> None:
    """Make an episode of what comes in, and print by how many bytes memory grew, here and in a parser."""
    name, data = sys.argv[1], sys.stdin.buffer.read()
    normalizer = SourceNormalizer()

    def make(text: bytes) -> None:
        raw = RawSource(name, lambda: _loaded(text), SourceType.TRANSCRIPT if name == "text.txt" else None)
        source = asyncio.run(normalizer.normalize(raw))
        write(resolve([WeightedSource(source, 500, ())], POLICY, ()), edition())

    make(b"WEBVTT\n\n00:00.000 --> 00:01.000\nLoaded.\n" if name.endswith("vtt") else b"# Loaded\n\nOne.\n")
    children = " ".join(path.read_text() for path in Path("/proc/self/task").glob("*/children")).split()
    loaded = max((memory_bytes("VmRSS", pid) for pid in children), default=0)
    before = memory_bytes("VmRSS")
    try:
        make(data)
    except SourceLimitError:
        print("refused")
        return
    grown = memory_bytes("VmHWM") - before
    parser = max((memory_bytes("VmHWM", pid) for pid in children), default=0)
    print(grown, parser - loaded)


async def _loaded(data: bytes) -> bytes:
    return data


def _collatex(sources: Sequence[NormalizedSource]) -> Section:
    """CollateX on stretches of the edited show and the live cut, doubled until that would take minutes."""
    warnings.simplefilter("ignore")  # collatex has invalid escapes
    # collatex imports python-Levenshtein without declaring it, for near matching, which is not used here.
    sys.modules.setdefault("Levenshtein", Levenshtein)
    show, live = (tokenize(u.text for u in sources[n].utterances) for n in (0, 2))
    rows: list[list[str]] = []
    size, taken = 200, 0.0
    while taken < 15:
        one, other = _part(show, 300, size), _part(live, 60, size)
        begun = time.process_time()
        theirs = _collatex_pairs(one, other)
        taken = time.process_time() - begun
        begun = time.process_time()
        ours = _our_pairs(one, other)
        own = time.process_time() - begun
        rows.append(
            [
                f"2 x {size}",
                f"{taken:.2f} s",
                f"{own * 1000:.1f} ms",
                f"{taken / own:,.0f}",
                f"{len(theirs)}, {len(ours)}",
                f"{len(theirs & ours) / len(theirs):.1%}",
            ]
        )
        size *= 2
    return Section(
        "Against CollateX",
        "CollateX 2 collates and decides nothing; so only the alignment is compared, on the same keys "
        "of two witnesses from the same place. It is given twice the words until it takes 15 s or more; "
        "twice as many would take minutes. Agreement is the share of the pairs of equal words that CollateX "
        "aligns which Episodic aligns too.",
        ["words", "CollateX", "Episodic", "ratio", "pairs of equal words: theirs, ours", "agreement"],
        rows,
    )


def _part(tokens: Tokens, start: int, size: int) -> list[str]:
    return [key or "-" for key in tokens.keys[start : start + size]]


def _collatex_pairs(one: Sequence[str], other: Sequence[str]) -> set[tuple[int, int]]:
    import collatex

    compare = cast("Callable[..., str]", vars(collatex)["collate"])  # it ships no types
    witnesses = [
        {"id": name, "tokens": [{"t": word, "n": word, "i": i} for i, word in enumerate(words)]}
        for name, words in (("A", one), ("B", other))
    ]
    made = json.loads(compare({"witnesses": witnesses}, output="json", segmentation=False))
    return {
        (a[0]["i"], b[0]["i"])
        for a, b in zip(*made["table"], strict=True)
        if a and b and a[0]["n"] == b[0]["n"]
    }


def _our_pairs(one: Sequence[str], other: Sequence[str]) -> set[tuple[int, int]]:
    interner = Interner()
    streams = [interner.intern(one), interner.intern(other)]
    rows = columns(streams)
    return {(a, b) for a, b in zip(*rows, strict=True) if a >= 0 and b >= 0 and one[a] == other[b]}
