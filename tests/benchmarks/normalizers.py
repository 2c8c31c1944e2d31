"""Normalizers beside the libraries that one would use instead, on real files; memory; a wide fan-out."""

import asyncio
import io
import logging
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from episodic.canonical.ingestion_service import FanOut
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.front_matter import read_with_front_matter
from episodic.canonical.normalizers.normalizer import SourceNormalizer, read_here
from episodic.canonical.normalizers.registry import find_format
from episodic.canonical.sources import RawSource, SourceType
from tests.benchmarks.report import Section, ratios, seconds
from tests.canonical.normalizers.talks import LANGUAGES, Talk, long_talk
from tests.canonical.normalizers.writers import WRITERS, Writer

CORPUS: Final = Path(__file__).parents[3] / "shared" / "corpus"
MEASURED_BYTES: Final = 100_000  # a smaller file is read several times in a row: one read measures the caches
LARGE_BYTES: Final = 50_000_000
_LARGE: Final = Limits(utterances=10**7, tokens=10**8)  # the bench is of memory, not of limits
SOURCES: Final = 2_000
_TURNS: Final = (400, 4_000)
_STEEPEST: Final = 6  # which are shown
CONCURRENCY: Final = 8
_TICK_SECONDS: Final = 0.001


def sections() -> list[Section]:
    """Captions, feeds, documents, memory and responsiveness."""
    loop = asyncio.new_event_loop()
    normalizer = SourceNormalizer()
    try:
        return [
            _compared(
                "Captions",
                "episodic: from bytes to a normalized source (identified, decoded, parsed, hashed, "
                "compressed). Its reading alone is from bytes to speech with who says it, as webvtt-py and "
                "pysubs2 read cues. A small file is read several times in a row. Goal: 3 times webvtt-py.",
                loop,
                normalizer,
                [
                    ("talk-python/395-readme-tools.vtt", {"webvtt-py": _webvtt, "pysubs2": _pysubs2}),
                    ("talk-python/395-readme-tools.youtube.vtt", {"webvtt-py": _webvtt, "pysubs2": _pysubs2}),
                    (
                        "podcast-namespace/transcript-example.srt",
                        {"webvtt-py": _webvtt_srt, "pysubs2": _pysubs2},
                    ),
                ],
            ),
            _compared(
                "Feeds",
                "One item of a feed as a normalized source, against feedparser. Goal: 3 times.",
                loop,
                normalizer,
                [("documents/test_rss.xml", {"feedparser": _feedparser})],
            ),
            _compared(
                "Documents",
                "In a warm worker process, with the way there and back, against markitdown. Goal: no slower.",
                loop,
                normalizer,
                [
                    ("documents/test.docx", {"markitdown": _markitdown(".docx")}),
                    ("documents/test_blog.html", {"markitdown": _markitdown(".html")}),
                ],
            ),
            _growth(),
            _memory(),
            _fan_out(loop),
        ]
    finally:
        normalizer.close()
        loop.close()


def _growth() -> Section:
    """What ten times the turns cost in every format that conversations are written in."""
    times: dict[str, float] = {}
    for kind, (write, ending) in WRITERS.items():
        small, large = (
            min(  # another talk each time: what was read of lines is kept
                _reading(_written(write, ending, long_talk(turns + more, LANGUAGES["en"])))
                for more in range(3)
            )
            for turns in _TURNS
        )
        times[kind] = large / small
    steepest = sorted(times, key=lambda kind: -times[kind])
    others = times[steepest[_STEEPEST]]
    return Section(
        "Growth",
        f"Reading a conversation of {_TURNS[1]:,} turns beside one of {_TURNS[0]:,}, in processor time, in "
        f"{len(times)} shapes of file. Goal: at most 12 times in each.",
        ("shape", "times as long"),
        [
            *((kind, f"{times[kind]:.1f}") for kind in steepest[:_STEEPEST]),
            (f"each of the other {len(times) - _STEEPEST}", f"at most {others:.1f}"),
        ],
    )


def _written(write: Writer, ending: str, talk: Talk) -> Document:
    written = write(random.Random(1), talk, LANGUAGES["en"])
    data = written.encode() if isinstance(written, str) else written
    return Document(f"transcript.{ending}", data, SourceType.TRANSCRIPT, limits=_LARGE)


def _reading(document: Document) -> float:
    began = time.thread_time()
    read_with_front_matter(find_format(document), document)
    return time.thread_time() - began


def _source(data: bytes, name: str) -> RawSource:
    async def load() -> bytes:
        return data

    return RawSource(name, load, metadata={"date": "2024-11-19"})


def _compared(
    title: str,
    text: str,
    loop: asyncio.AbstractEventLoop,
    normalizer: SourceNormalizer,
    files: Sequence[tuple[str, dict[str, Callable[[bytes], object]]]],
) -> Section:
    rows: list[list[str]] = []
    for name, peers in files:
        data = (CORPUS / name).read_bytes()
        document = Document(name, data, metadata={"date": "2024-11-19"})
        isolated = read_here(document) is None

        def ours(document: Document = document, isolated: bool = isolated) -> object:
            if isolated:
                return loop.run_until_complete(normalizer.normalize(_source(document.data, document.uri)))
            return read_here(document)

        def peer(parse: Callable[[bytes], object], data: bytes = data) -> Callable[[], object]:
            return lambda: parse(data)

        def reading(document: Document = document) -> object:
            return read_with_front_matter(find_format(document), document)

        cases: dict[str, Callable[[], object]] = {"episodic": ours}
        if title == "Captions":
            cases["episodic, its reading alone"] = reading
        cases |= {other: peer(parse) for other, parse in peers.items()}
        often = -(-MEASURED_BYTES // len(data))
        times = seconds({case: _repeated(read, often) for case, read in cases.items()})
        speeds = {
            case: often * len(data) / 1e6 / sorted(taken)[len(taken) // 2] for case, taken in times.items()
        }
        slower = ratios(times, "episodic")
        rows.extend(
            [f"`{name}`", case, f"{speeds[case]:.1f}", "1" if case == "episodic" else f"{slower[case]:.1f}"]
            for case in times
        )
    return Section(title, text, ("file", "reader", "MB/s", "its time in ours"), rows)


def _repeated(read: Callable[[], object], times: int) -> Callable[[], object]:
    def several() -> None:
        for _ in range(times):
            read()

    return several


def _webvtt(data: bytes) -> object:
    import webvtt

    return cast("Any", webvtt).from_buffer(io.BytesIO(data))


def _webvtt_srt(data: bytes) -> object:
    import webvtt

    return cast("Any", webvtt).from_buffer(io.BytesIO(data), format="srt")


def _pysubs2(data: bytes) -> object:
    import pysubs2

    return pysubs2.SSAFile.from_string(data.decode())


def _feedparser(data: bytes) -> object:
    import feedparser

    return cast("Any", feedparser).parse(io.BytesIO(data))


def _markitdown(suffix: str) -> Callable[[bytes], object]:
    logging.disable(logging.WARNING)
    from markitdown import MarkItDown

    converter = MarkItDown()
    return lambda data: converter.convert_stream(io.BytesIO(data), file_extension=suffix)


def large_captions(wanted: int = LARGE_BYTES) -> bytes:
    """A caption file of so many bytes: cues like those of a real one, some with letters beyond Latin-1."""
    cues: list[str] = ["WEBVTT\n\n"]
    size, number = 0, 0
    while size < wanted:
        begin, end = (
            f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"
            for second in (number * 3, number * 3 + 3)
        )
        word = "λόγος" if number % 7 else "naïve"
        cues.append(
            f"{begin} --> {end}\nand that is cue {number}, with about as many words as usual—{word}\n\n"
        )
        size += len(cues[-1].encode())
        number += 1
    return "".join(cues).encode()


def peak_of_captions() -> None:
    """Normalize what comes in; print its size, its utterances, and by how much memory grew at its peak."""
    data = sys.stdin.buffer.read()
    before = memory_bytes("VmRSS")
    source = asyncio.run(SourceNormalizer(_LARGE).normalize(_source(data, "large.vtt")))
    print(len(data), len(source.utterances), memory_bytes("VmHWM") - before)


def memory_bytes(name: str, pid: str = "self") -> int:
    # Not getrusage: its peak begins with that of the process that started this one.
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def _memory() -> Section:
    code = "from tests.benchmarks.normalizers import peak_of_captions; peak_of_captions()"
    done = subprocess.run(
        [sys.executable, "-c", code], input=large_captions(), check=True, capture_output=True
    )
    size, utterances, grown = map(int, done.stdout.split())
    return Section(
        "Peak memory",
        "Of a process that normalizes one caption file, the file itself included. Goal: 12 times.",
        ("file", "utterances", "peak", "times the file"),
        [
            [
                f"{size / 1e6:.0f} MB",
                str(utterances),
                f"{(size + grown) / 1e6:.0f} MB",
                f"{1 + grown / size:.1f}",
            ]
        ],
    )


@dataclass(frozen=True)
class FannedOut:
    """What a fan-out took; `in_flight` is how many sources were loaded and not yet normalized, at most."""

    stall: float
    seconds: float
    in_flight: int
    kept: int


async def fan_out(data: bytes, sources: int, concurrency: int) -> FannedOut:
    """Normalize sources with the fan-out of the service, beside a task that ticks.

    Seconds of the longest stall and of all, and the bytes of content that the results keep together.
    """
    normalizer = SourceNormalizer(_LARGE)
    longest, running, now, most = 0.0, True, 0, 0

    async def tick() -> None:
        nonlocal longest
        while running:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_SECONDS)
            longest = max(longest, time.perf_counter() - began - _TICK_SECONDS)

    async def load() -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        return bytes(bytearray(data))  # a copy of its own, as from a file

    async def normalize(raw: RawSource) -> int:
        nonlocal now
        source = await normalizer.normalize(raw)
        now -= 1
        return len(source.content.compressed)

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    kept = await FanOut(concurrency=concurrency).normalize_each(
        [RawSource(f"{number}.vtt", load) for number in range(sources)], normalize, uuid.uuid7()
    )
    taken = time.perf_counter() - began
    running = False
    await ticking
    normalizer.close()
    return FannedOut(longest, taken, most, sum(kept))


def _fan_out(loop: asyncio.AbstractEventLoop) -> Section:
    data = (CORPUS / "talk-python" / "395-readme-tools.vtt").read_bytes()
    done = loop.run_until_complete(fan_out(data, SOURCES, CONCURRENCY))
    return Section(
        "Fan-out",
        f"{SOURCES} sources of 117 kB through the service's fan-out, {CONCURRENCY} at a time, beside a task "
        "that runs every millisecond. Goal: no stall of 100 ms.",
        ("sources", "seconds", "longest stall", "in flight at most"),
        [[str(SOURCES), f"{done.seconds:.1f}", f"{done.stall * 1000:.0f} ms", str(done.in_flight)]],
    )
